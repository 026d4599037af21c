//! An import: files found, decoded, put beside what counts, and counted by one commit.

use std::collections::HashSet;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::AtomicU64;

use pal_attribution::ingest::Part;
use pal_model::{Instant, MoneyError};
use pal_store::{Actor, OnChange, Store, StoreError, UsageImportError};

use crate::declared::declared;
use crate::decoder::{Decoder, DecoderError, Done, Task};
use crate::told::told;
use crate::{Counted, DiscoverError, Home, HomeError, Imported, Shelf, discover};

/// Takes usage in.
#[derive(Clone)]
pub struct Intake {
    /// What counts is in here.
    pub store: Arc<dyn Store>,
    /// Where charge files are.
    pub shelf: Shelf,
    /// Where files are decoded.
    pub decoder: Decoder,
}

/// What is to be taken in.
pub struct Order {
    /// Files, folders, manifests.
    pub paths: Paths,
    /// The family of their columns, by its name, if it is not to be found out.
    pub schema: Option<String>,
    /// What to do with other rows of what is known.
    pub on_change: OnChange,
    /// Decide, and change nothing.
    pub dry_run: bool,
    /// The time.
    pub at: Instant,
    /// Who asks.
    pub actor: Actor,
    /// An id that was never used: a GUID.
    pub id: String,
    /// How the list calls the import.
    pub name: String,
    /// Fingerprint of an entry of the watched folder.
    pub landed: Option<String>,
}

/// What is read.
pub enum Paths {
    /// What a person names.
    Given(Vec<PathBuf>),
    /// What was found already.
    Found(Vec<Part>),
}

/// Why nothing was taken in. Nothing was changed.
#[derive(Debug, thiserror::Error)]
pub enum IntakeError {
    /// The paths.
    #[error(transparent)]
    Discover(#[from] DiscoverError),
    /// The files.
    #[error(transparent)]
    Decoder(#[from] DecoderError),
    /// What is known says otherwise: by what, and the first rows.
    #[error("{0}")]
    Changed(String),
    /// The import contradicts itself.
    #[error("{0}")]
    Malformed(String),
    /// A sum is too large.
    #[error("the sum of a month: {0}")]
    Money(#[from] MoneyError),
    /// The store.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The folder of charge files.
    #[error("the folder of charge files cannot be used: {0}")]
    Io(#[from] io::Error),
    /// The home of charge files.
    #[error(transparent)]
    Home(#[from] HomeError),
}

impl IntakeError {
    /// Whether the files are at fault, or what they say: the same call would fail again.
    pub const fn is_refusal(&self) -> bool {
        match self {
            Self::Discover(_) | Self::Changed(_) | Self::Malformed(_) | Self::Money(_) => true,
            Self::Decoder(error) => !matches!(error, DecoderError::Io(_)),
            Self::Store(_) | Self::Io(_) | Self::Home(_) => false,
        }
    }
}

impl Intake {
    /// Into a data folder, whose store is `store`.
    pub fn new(store: Arc<dyn Store>, data: &Path, decoder: Decoder) -> Self {
        Self { store, shelf: Shelf::of(data), decoder }
    }

    /// The same with another home of charge files than the data folder.
    #[must_use]
    pub fn at_home_in(self, home: Option<Arc<dyn Home>>) -> Self {
        Self { shelf: self.shelf.at_home_in(home), ..self }
    }

    /// Takes cost exports in, whole or not at all; `rows` is told how many rows have been read.
    ///
    /// # Errors
    /// See [`IntakeError`].
    pub async fn import(&self, order: Order, rows: &AtomicU64) -> Result<Imported, IntakeError> {
        let parts = self.find(&order.paths).await?;
        let desk = self.shelf.desk(&order.id).await?;
        let task = Task::Decode {
            parts: parts.clone(),
            schema: order.schema.clone(),
            folder: desk.folder.clone(),
        };
        let done = self.decoder.run(task, rows).await.map_err(|error| error.of(&parts));
        let Done::Decoded(decoded) = done? else {
            return Err(DecoderError::Ended("decoding said something else".to_owned()).into());
        };
        let name = |file: &str| Shelf::name(&desk, file);
        let import = declared(&order, &decoded, name)?;
        let files: Vec<String> = decoded.files.iter().map(|file| file.name.clone()).collect();
        if !order.dry_run {
            self.shelf.bring(self.store.as_ref(), &desk, &files).await?;
        }
        let shelf = self.shelf.clone();
        let moving = tokio::task::spawn_blocking(move || shelf.moving());
        let moving = moving.await.map_err(io::Error::other)??;
        if !order.dry_run {
            self.shelf.put(&desk, &files, &moving)?;
        }
        let done = self.store.import_usage(import).await;
        let counted = self.store.charge_files().await?;
        let counted: HashSet<String> = counted.into_iter().map(|file| file.name).collect();
        let swept = self.shelf.sweep(&counted, &moving);
        drop(moving);
        // Who asked the store in vain does not know what it did.
        if !order.dry_run && !matches!(done, Err(UsageImportError::Store(_))) {
            let names = files.iter().map(|file| Shelf::name(&desk, file));
            self.shelf.forget(names.filter(|name| !counted.contains(name))).await;
        }
        swept?;
        match done {
            Ok(done) => told(&decoded, &done),
            Err(UsageImportError::Changed(changed)) => {
                let why = self.explain(&order, &parts, &decoded, &changed).await?;
                Err(IntakeError::Changed(why))
            }
            Err(UsageImportError::Malformed(why)) => Err(IntakeError::Malformed(why)),
            Err(UsageImportError::Store(error)) => Err(error.into()),
        }
    }

    /// What is in cost exports: for people, and for programs.
    ///
    /// # Errors
    /// The files cannot be read at all.
    pub async fn inspect(
        &self,
        paths: &Paths,
        schema: Option<String>,
    ) -> Result<(String, serde_json::Value), IntakeError> {
        let parts = self.find(paths).await?;
        let task = Task::Inspect { parts: parts.clone(), schema };
        let done = self.decoder.run(task, &AtomicU64::new(0)).await;
        match done.map_err(|error| error.of(&parts))? {
            Done::Inspected(text, found) => Ok((text, found)),
            _ => Err(DecoderError::Ended("decoding said something else".to_owned()).into()),
        }
    }

    /// What counts, as known at an instant (`None` = now), with its files at hand.
    ///
    /// # Errors
    /// The store failed, or a charge file cannot be had from its home.
    pub async fn counted(&self, known_at: Option<Instant>) -> Result<Counted, HomeError> {
        let counted = self.listed(known_at).await?;
        self.at_hand(&counted).await?;
        Ok(counted)
    }

    /// The same for whoever reads no files.
    ///
    /// # Errors
    /// The store failed.
    pub async fn listed(&self, known_at: Option<Instant>) -> Result<Counted, StoreError> {
        Ok(Counted::new(self.store.usage(known_at).await?))
    }

    /// Fetches the files behind what counts, where the folder lacks them and they have another home.
    ///
    /// # Errors
    /// A charge file cannot be had from its home.
    pub async fn at_hand(&self, counted: &Counted) -> Result<(), HomeError> {
        self.shelf.at_hand(self.store.as_ref(), &counted.pieces).await
    }

    async fn find(&self, paths: &Paths) -> Result<Vec<Part>, IntakeError> {
        match paths {
            Paths::Found(parts) => Ok(parts.clone()),
            Paths::Given(paths) => {
                let paths = paths.clone();
                let found = tokio::task::spawn_blocking(move || discover(&paths));
                Ok(found.await.map_err(io::Error::other)??)
            }
        }
    }
}
