//! The folder of charge files: what is being written, what counts, and what nobody needs.
//!
//! A file counts through its row in the database only (P9). It is written in a folder of its import,
//! moved beside the others under a name that is never used again, and then counted by one commit.
//! Whatever a process that died leaves behind is in no row, and is swept away by the next import.

use std::collections::{BTreeMap, HashSet};
use std::fs::{self, File, OpenOptions};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use pal_attribution::ingest::{Container, GroupRows, Part};
use pal_store::{LivePiece, UsageRows};

use crate::Home;

/// How names of files begin that are not whole yet. Their lock says that somebody is at work.
pub(super) const FETCHED: &str = ".fetch-";

/// A folder of charge files.
#[derive(Debug, Clone)]
pub struct Shelf {
    pub(super) folder: PathBuf,
    /// Where they are kept, if this folder is a cache.
    pub(super) home: Option<Arc<dyn Home>>,
    /// One fetches what is missing, and the others wait for it.
    pub(super) fetching: Arc<tokio::sync::Mutex<()>>,
}

/// An import's own folder, gone with this value. Its lock says that somebody is at work.
pub struct WorkFolder {
    pub folder: PathBuf,
    name: String,
    _lock: File,
}

impl Drop for WorkFolder {
    fn drop(&mut self) {
        if let Some(whole) = self.folder.parent() {
            let _ = fs::remove_dir_all(whole);
        }
    }
}

/// While this is held, nobody else moves or sweeps files.
pub struct Moving(#[expect(dead_code, reason = "its drop is what matters")] File);

const DESK: &str = ".import-";
const LOCK: &str = "lock";

impl Shelf {
    /// In a data folder.
    pub fn of(data: &Path) -> Self {
        Self { folder: data.join("charges"), home: None, fetching: Arc::default() }
    }

    /// The same as a cache of its files' home; `None` = it is their home.
    #[must_use]
    pub fn at_home_in(self, home: Option<Arc<dyn Home>>) -> Self {
        Self { home, ..self }
    }

    /// A folder for an import; `id` must be new. Waits for whoever moves files.
    ///
    /// # Errors
    /// It cannot be made.
    pub async fn work_folder(&self, id: &str) -> io::Result<WorkFolder> {
        let (shelf, id) = (self.clone(), id.to_owned());
        let made = tokio::task::spawn_blocking(move || shelf.new_work_folder(&id)).await;
        made.map_err(io::Error::other)?
    }

    /// Where that folder is.
    pub fn work_folder_path(&self, id: &str) -> PathBuf {
        self.folder.join(format!("{DESK}{id}"))
    }

    fn new_work_folder(&self, id: &str) -> io::Result<WorkFolder> {
        fs::create_dir_all(&self.folder)?;
        // A sweep between making the folder and locking it would take it for a dead one.
        let _moving = self.moving()?;
        let folder = self.work_folder_path(id);
        fs::create_dir(&folder)?;
        let lock = lock_file(&folder)?;
        lock.lock()?;
        let work = WorkFolder { folder: folder.join("out"), name: id.to_owned(), _lock: lock };
        fs::create_dir(&work.folder)?;
        Ok(work)
    }

    /// Waits until nobody else moves files.
    ///
    /// # Errors
    /// The lock cannot be taken.
    pub fn moving(&self) -> io::Result<Moving> {
        let lock = lock_file(&self.folder)?;
        lock.lock()?;
        Ok(Moving(lock))
    }

    /// The name that a file of a work folder has once it is moved.
    pub fn name(work: &WorkFolder, file: &str) -> String {
        format!("{}-{file}", work.name)
    }

    /// Moves a work folder's files to where they stay, durably.
    ///
    /// # Errors
    /// A file cannot be moved.
    pub fn put(&self, work: &WorkFolder, files: &[String], _: &Moving) -> io::Result<()> {
        for file in files {
            fs::rename(work.folder.join(file), self.folder.join(Self::name(work, file)))?;
        }
        File::open(&self.folder)?.sync_all()
    }

    /// Removes files that no row names, and work folders that nobody works at.
    ///
    /// # Errors
    /// The folder cannot be read. What cannot be removed is left to the next sweep.
    pub fn sweep(&self, counted: &HashSet<String>, _: &Moving) -> io::Result<()> {
        for entry in fs::read_dir(&self.folder)? {
            let entry = entry?;
            let name = entry.file_name().to_string_lossy().into_owned();
            let path = entry.path();
            if name.starts_with(DESK) {
                let idle = lock_file(&path).is_ok_and(|lock| lock.try_lock().is_ok());
                if idle {
                    let _ = fs::remove_dir_all(&path);
                }
            } else if name.starts_with(FETCHED) {
                let idle = File::open(&path).is_ok_and(|file| file.try_lock().is_ok());
                if idle {
                    let _ = fs::remove_file(&path);
                }
            } else if name.ends_with(".parquet") && !counted.contains(&name) {
                let _ = fs::remove_file(&path);
            }
        }
        Ok(())
    }

    pub fn path(&self, file: &str) -> PathBuf {
        self.folder.join(file)
    }

    /// The files behind pieces, with the rows that count.
    ///
    /// # Errors
    /// A file is missing.
    pub fn parts<'p>(
        &self,
        pieces: impl IntoIterator<Item = &'p LivePiece>,
    ) -> io::Result<Vec<Part>> {
        let mut files: BTreeMap<&str, Vec<GroupRows>> = BTreeMap::new();
        for piece in pieces {
            let groups = files.entry(&piece.file).or_default();
            match &piece.selection {
                None => {
                    let all = |group: &u32| GroupRows::all(*group as usize);
                    groups.extend(piece.row_groups.iter().map(all));
                }
                Some(rows) => groups.extend(group_rows(rows)),
            }
        }
        let part = |(file, mut groups): (&str, Vec<GroupRows>)| {
            let path = self.path(file);
            if !path.is_file() {
                return Err(io::Error::new(
                    io::ErrorKind::NotFound,
                    format!(
                        "the charge file {file} is missing from {}: restore it from a backup",
                        self.folder.display()
                    ),
                ));
            }
            groups.sort_by_key(|rows| rows.group);
            let (row_groups, name) = (Some(groups), file.to_owned());
            Ok(Part { row_groups, name, ..Part::new(path, Container::Parquet) })
        };
        files.into_iter().map(part).collect()
    }
}

/// Ranges of rows, in order, by row group.
pub(super) fn group_rows(ranges: &[UsageRows]) -> Vec<GroupRows> {
    let mut groups: Vec<GroupRows> = Vec::new();
    for (group, start, count) in ranges {
        let (group, range) = (*group as usize, (u64::from(*start), u64::from(*count)));
        match groups.last_mut().filter(|last| last.group == group) {
            Some(last) => last.rows.get_or_insert_default().push(range),
            None => groups.push(GroupRows { group, rows: Some(vec![range]) }),
        }
    }
    groups
}

fn lock_file(folder: &Path) -> io::Result<File> {
    OpenOptions::new().create(true).truncate(false).write(true).open(folder.join(LOCK))
}
