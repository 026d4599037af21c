//! The folder of charge files as a cache of their home: what goes there, and what is fetched.

use std::collections::BTreeSet;
use std::fs::File;
use std::io;
use std::path::Path;

use aws_lc_rs::digest::{Context, SHA256};
use pal_store::{ChargeFile, LivePiece, Store};
use tempfile::NamedTempFile;

use crate::home::MARK;
use crate::shelf::{FETCHED, WorkFolder};
use crate::{Home, HomeError, Shelf, reason};

impl Shelf {
    /// Puts a work folder's files into their home, all or none; without a home there is nothing to do.
    /// Nobody else waits meanwhile.
    ///
    /// # Errors
    /// One cannot be put there.
    pub(super) async fn bring(
        &self,
        store: &dyn Store,
        work: &WorkFolder,
        files: &[String],
    ) -> Result<(), HomeError> {
        let Some(home) = &self.home else { return Ok(()) };
        self.move_in(store, home.as_ref()).await?;
        for (at, file) in files.iter().enumerate() {
            let name = Self::name(work, file);
            if let Err(error) = home.put(&name, &work.folder.join(file)).await {
                let names = files.iter().take(at + 1).map(|file| Self::name(work, file));
                self.forget(names).await;
                return Err(unput(home.as_ref(), name, &error));
            }
        }
        Ok(())
    }

    /// Removes files that an import has put into the home and that count for nothing. What cannot
    /// be removed costs space, and nothing else: no row names it.
    pub(super) async fn forget(&self, names: impl Iterator<Item = String>) {
        let Some(home) = &self.home else { return };
        for name in names {
            if let Err(error) = home.remove(&name).await {
                let (place, why) = (home.place(), reason(error));
                tracing::warn!(name, place, why, "an object that counts for nothing stays");
            }
        }
    }

    /// The first time: files that counted before there was a home are put there, too. From then on
    /// the folder says where its files are.
    async fn move_in(&self, store: &dyn Store, home: &dyn Home) -> Result<(), HomeError> {
        let mark = self.folder.join(MARK);
        if mark.is_file() {
            return Ok(());
        }
        for file in store.charge_files().await? {
            let path = self.folder.join(&file.name);
            if !path.is_file() {
                continue;
            }
            let (known, read) = (file.clone(), path.clone());
            if !blocking(move || is(&read, &known)).await? {
                return Err(HomeError::Damaged { name: file.name, place: home.place().to_owned() });
            }
            home.put(&file.name, &path)
                .await
                .map_err(|error| unput(home, file.name.clone(), &error))?;
        }
        let (shelf, place) = (self.clone(), home.place().to_owned());
        blocking(move || {
            let temporary = shelf.temporary()?;
            std::fs::write(temporary.path(), place)?;
            shelf.keep(temporary, MARK)
        })
        .await?;
        Ok(())
    }

    /// Fetches the files behind pieces that the folder lacks, if it is a cache.
    ///
    /// # Errors
    /// One cannot be had, or is not what was put there.
    pub(super) async fn at_hand<'p>(
        &self,
        store: &dyn Store,
        pieces: impl IntoIterator<Item = &'p LivePiece>,
    ) -> Result<(), HomeError> {
        self.fetch_missing(store, pieces.into_iter().map(|piece| piece.file.clone()).collect())
            .await
    }

    /// Fetches those of some charge files that the folder lacks, if it is a cache.
    ///
    /// # Errors
    /// One cannot be had, or is not what was put there.
    pub(super) async fn fetch_missing(
        &self,
        store: &dyn Store,
        names: BTreeSet<String>,
    ) -> Result<(), HomeError> {
        let Some(home) = &self.home else { return Ok(()) };
        let names = self.missing(names).await?;
        if names.is_empty() {
            return Ok(());
        }
        let _turn = self.fetching.lock().await;
        let names = self.missing(names).await?;
        for file in store.charge_files().await? {
            if names.contains(&file.name) {
                self.fetch(home.as_ref(), file).await?;
            }
        }
        Ok(())
    }

    async fn missing(&self, mut names: BTreeSet<String>) -> io::Result<BTreeSet<String>> {
        let folder = self.folder.clone();
        blocking(move || {
            names.retain(|name| !folder.join(name).is_file());
            Ok(names)
        })
        .await
    }

    /// Fetches a file under another name, looks at it, and only then gives it its own.
    async fn fetch(&self, home: &dyn Home, file: ChargeFile) -> Result<(), HomeError> {
        let shelf = self.clone();
        let temporary = blocking(move || shelf.temporary()).await?;
        let (name, place) = (file.name.clone(), home.place().to_owned());
        match home.get(&name, temporary.path(), file.bytes).await {
            Ok(()) => {}
            Err(error) if error.kind() == io::ErrorKind::InvalidData => {
                return Err(HomeError::Differs { name, place });
            }
            Err(error) => return Err(HomeError::Get { name, place, why: reason(error) }),
        }
        let shelf = self.clone();
        let kept = blocking(move || {
            let same = is(temporary.path(), &file)?;
            if same {
                shelf.keep(temporary, &file.name)?;
            }
            Ok(same)
        });
        if kept.await? { Ok(()) } else { Err(HomeError::Differs { name, place }) }
    }

    /// A file that no sweep takes; gone with this value.
    fn temporary(&self) -> io::Result<NamedTempFile> {
        std::fs::create_dir_all(&self.folder)?;
        // A sweep between making and locking it would take it for a dead one.
        let _moving = self.moving()?;
        let file = tempfile::Builder::new().prefix(FETCHED).tempfile_in(&self.folder)?;
        file.as_file().lock()?;
        Ok(file)
    }

    /// Gives a file its name, durably.
    fn keep(&self, temporary: NamedTempFile, name: &str) -> io::Result<()> {
        temporary.as_file().sync_all()?;
        temporary.persist(self.folder.join(name)).map_err(|error| error.error)?;
        File::open(&self.folder)?.sync_all()
    }
}

fn unput(home: &dyn Home, name: String, error: &io::Error) -> HomeError {
    HomeError::Put { name, place: home.place().to_owned(), why: reason(error) }
}

/// Whether a file has the bytes that the registry says.
fn is(path: &Path, file: &ChargeFile) -> io::Result<bool> {
    let mut found = File::open(path)?;
    if found.metadata()?.len() != file.bytes {
        return Ok(false);
    }
    let mut hash = Hash(Context::new(&SHA256));
    io::copy(&mut found, &mut hash)?;
    Ok(hash.0.finish().as_ref() == file.sha256)
}

/// A SHA-256 to write into.
struct Hash(Context);

impl io::Write for Hash {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.update(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> io::Result<T> + Send + 'static,
) -> io::Result<T> {
    tokio::task::spawn_blocking(work).await.map_err(io::Error::other)?
}
