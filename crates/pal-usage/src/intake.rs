//! An import: files found, decoded, put beside what counts, and counted by one commit.

mod declared;

use std::collections::HashSet;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use pal_model::{Instant, MoneyError};
use pal_store::{Actor, Store, StoreError, UsageImportError, WithdrawError, Withdrawn};

use super::decoder::{Decoder, DecoderError, Task, TaskResult};
use super::told::{outcome, told};
use super::{Counted, Home, HomeError, Imported, Shelf};
use crate::charges::{Decoded, Sought};
use crate::counting::{Answers, Settings};
use crate::discover::{DiscoverError, Discovered, discover};
use crate::ledger::{Change, LedgerError};
use crate::refusal::Undecided;
use crate::statements::{self, Register, RegisterError};
use declared::{Placed, declare};

#[derive(Clone)]
pub struct Intake {
    pub store: Arc<dyn Store>,
    pub shelf: Shelf,
    /// Where files are decoded.
    pub decoder: Decoder,
    pub settings: Settings,
    pub failures: Arc<DecoderFailures>,
}

/// How often imports have failed in the decoder, since the start.
#[derive(Debug, Default)]
pub struct DecoderFailures {
    /// Files that cannot be used.
    pub refused: AtomicU64,
    /// Decoders that died, or reached a limit.
    pub ended: AtomicU64,
    /// Decoders that could not run, or could not write.
    pub broken: AtomicU64,
}

impl DecoderFailures {
    fn count(&self, error: &DecoderError) {
        let counter = match error {
            DecoderError::Refused(_) => &self.refused,
            DecoderError::Ended(_) => &self.ended,
            DecoderError::Io(_) | DecoderError::Unwritten(_) => &self.broken,
        };
        counter.fetch_add(1, Ordering::Relaxed);
    }
}

pub struct Order {
    /// Files, folders, manifests.
    pub paths: Paths,
    /// The family of their columns, by its name, if it is not to be detected.
    pub schema: Option<String>,
    /// What to do where statements differ.
    pub answers: Answers,
    /// Decide, and change nothing.
    pub dry_run: bool,
    pub at: Instant,
    pub actor: Actor,
    /// An id that was never used: a GUID.
    pub id: String,
    /// How the list calls the import.
    pub name: String,
    /// Fingerprint of an entry of the watched folder.
    pub landed: Option<String>,
}

pub enum Paths {
    Given(Vec<PathBuf>),
    /// What was found already.
    Discovered(Discovered),
}

/// Why nothing was imported. Nothing was changed.
#[derive(Debug, thiserror::Error)]
pub enum IntakeError {
    #[error(transparent)]
    Discover(#[from] DiscoverError),
    #[error(transparent)]
    Decoder(#[from] DecoderError),
    #[error(transparent)]
    Undecided(#[from] Undecided),
    #[error("{0}")]
    Malformed(String),
    #[error("the sum of a month: {0}")]
    Money(#[from] MoneyError),
    #[error(transparent)]
    Ledger(#[from] LedgerError),
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error("the folder of charge files cannot be used: {0}")]
    Io(#[from] io::Error),
    #[error(transparent)]
    Home(#[from] HomeError),
}

impl From<RegisterError> for IntakeError {
    fn from(error: RegisterError) -> Self {
        match error {
            RegisterError::Store(error) => Self::Store(error),
            RegisterError::Ledger(error) => Self::Ledger(error),
            RegisterError::Home(error) => Self::Home(error),
        }
    }
}

impl IntakeError {
    /// Whether the files are at fault, or what they say: the same call would fail again.
    pub const fn is_refusal(&self) -> bool {
        match self {
            Self::Discover(_) | Self::Undecided(_) | Self::Malformed(_) | Self::Money(_) => true,
            Self::Decoder(error) => {
                !matches!(error, DecoderError::Io(_) | DecoderError::Unwritten(_))
            }
            Self::Ledger(_) | Self::Store(_) | Self::Io(_) | Self::Home(_) => false,
        }
    }
}

/// Why an import was not withdrawn. Nothing was changed.
#[derive(Debug, thiserror::Error)]
pub enum UndoError {
    #[error(transparent)]
    Withdraw(#[from] WithdrawError),
    #[error(transparent)]
    Undecided(#[from] Undecided),
    #[error(transparent)]
    Register(#[from] RegisterError),
}

/// How often a decision is made again because somebody else changed the register meanwhile.
const TRIES: u32 = 100;

impl Intake {
    /// Into a data folder, whose store is `store`.
    pub fn new(store: Arc<dyn Store>, data: &Path, decoder: Decoder) -> Self {
        let (settings, failures) = (Settings::default(), Arc::default());
        Self { store, shelf: Shelf::of(data), decoder, settings, failures }
    }

    /// The same with another home of charge files than the data folder.
    #[must_use]
    pub fn at_home_in(self, home: Option<Arc<dyn Home>>) -> Self {
        Self { shelf: self.shelf.at_home_in(home), ..self }
    }

    /// The same with settings of the operator.
    #[must_use]
    pub fn with_settings(self, settings: Settings) -> Self {
        Self { settings, ..self }
    }

    /// Imports cost exports, whole or not at all; `rows` is told how many rows have been read.
    ///
    /// # Errors
    /// See [`IntakeError`].
    pub async fn import(&self, order: Order, rows: &AtomicU64) -> Result<Imported, IntakeError> {
        let found = self.find(&order.paths).await?;
        let parts = found.parts();
        let work = self.shelf.work_folder(&order.id).await?;
        let (schema, folder) = (order.schema.clone(), work.folder.clone());
        let task = Task::Decode { found: found.clone(), schema, folder };
        let done = self.decoder.run(task, rows).await.map_err(|error| {
            self.failures.count(&error);
            error.of(&parts)
        });
        let TaskResult::Decoded(decoded) = done? else {
            return Err(DecoderError::Ended("decoding said something else".to_owned()).into());
        };
        let files: Vec<String> = decoded.files.iter().map(|file| file.name.clone()).collect();
        if !order.dry_run {
            self.shelf.bring(self.store.as_ref(), &work, &files).await?;
        }
        let shelf = self.shelf.clone();
        let moving = tokio::task::spawn_blocking(move || shelf.moving());
        let moving = moving.await.map_err(io::Error::other)??;
        if !order.dry_run {
            self.shelf.put(&work, &files, &moving)?;
        }
        let place = |file: &str| match order.dry_run {
            true => work.folder.join(file),
            false => self.shelf.path(&Shelf::name(&work, file)),
        };
        let placed = Placed {
            files: files.iter().map(|file| place(file)).collect(),
            names: files.iter().map(|file| Shelf::name(&work, file)).collect(),
        };
        let done = self.count(&order, &decoded, &placed).await;
        let counted = self.store.charge_files().await?;
        let counted: HashSet<String> = counted.into_iter().map(|file| file.name).collect();
        let swept = self.shelf.sweep(&counted, &moving);
        drop(moving);
        // Who asked the store in vain does not know what it did.
        if !order.dry_run && !matches!(done, Err(IntakeError::Store(_))) {
            let names = placed.names.into_iter();
            self.shelf.forget(names.filter(|name| !counted.contains(name))).await;
        }
        swept?;
        let (number, change, mut notes) = done?;
        notes.splice(0..0, found.notes.iter().map(ToString::to_string));
        Ok(told(number, &decoded, &change, notes))
    }

    /// Asks the rule, and commits what it says; again if the register was changed meanwhile.
    async fn count(
        &self,
        order: &Order,
        decoded: &Decoded,
        placed: &Placed,
    ) -> Result<(Option<i64>, Change, Vec<String>), IntakeError> {
        for _ in 0..TRIES {
            let given = statements::given(decoded, i64::MAX, &order.answers);
            let (store, months) = (self.store.as_ref(), statements::months(decoded));
            let mut register = Register::read(store, &self.shelf, given, months, None).await?;
            let contents = register.add_pieces(decoded, &placed.files)?;
            let decision = self.decide(register, "Nothing was imported").await;
            let (register, change, notes) = match decision.map_err(RegisterError::from)? {
                Decision::Change { register, change, notes } => (register, change, notes),
                Decision::Undecided { register, undecided } => {
                    return Err(self.named(order, decoded, &register, undecided).await?.into());
                }
            };
            if order.dry_run {
                return Ok((None, change, notes));
            }
            let mut import = declare(order, decoded, placed, &register, contents)?;
            import.outcome = outcome(&change);
            import.counts = change.commit();
            match self.store.import_usage(import).await {
                Ok(done) => return Ok((Some(done.number), change, notes)),
                Err(UsageImportError::Moved) => {}
                Err(UsageImportError::Malformed(why)) => return Err(IntakeError::Malformed(why)),
                Err(UsageImportError::Store(error)) => return Err(error.into()),
            }
        }
        Err(IntakeError::Store(busy()))
    }

    /// Withdraws an import: what it stated is no longer given, and others count in its place.
    ///
    /// # Errors
    /// See [`UndoError`].
    pub async fn withdraw(
        &self,
        number: i64,
        at: Instant,
        actor: Actor,
    ) -> Result<Withdrawn, UndoError> {
        for _ in 0..TRIES {
            let store = self.store.as_ref();
            let none = (Vec::new(), std::collections::BTreeSet::new());
            let register = Register::read(store, &self.shelf, none.0, none.1, Some(number)).await?;
            let decision = self.decide(register, "Nothing was withdrawn").await;
            let (register, change) = match decision.map_err(RegisterError::from)? {
                Decision::Change { register, change, .. } => (register, change),
                Decision::Undecided { undecided, .. } => return Err(undecided.into()),
            };
            let (actor, version) = (actor.clone(), register.version);
            match self.store.withdraw_usage(number, at, actor, version, change.commit()).await {
                Err(WithdrawError::Moved) => {}
                done => return Ok(done?),
            }
        }
        Err(WithdrawError::Store(busy()).into())
    }

    /// A refusal with the rows of the import that differ from what counts.
    async fn named(
        &self,
        order: &Order,
        decoded: &Decoded,
        register: &Register,
        undecided: Undecided,
    ) -> Result<Undecided, IntakeError> {
        let first = register.ledger.statements.len() - decoded.statements.len();
        let Some((statement, cell)) = undecided.first() else { return Ok(undecided) };
        let Some(statement) = statement.checked_sub(first) else { return Ok(undecided) };
        let of: HashSet<&str> =
            decoded.statements[statement].read.iter().map(|file| file.name.as_str()).collect();
        let mut parts = self.find(&order.paths).await?.parts();
        parts.retain(|part| of.contains(part.name.as_str()));
        let Ok(known) = register.ledger.counting_in(&cell, &register.counted) else {
            return Ok(undecided);
        };
        let sought = Sought { subject: cell.subject, account: None, days: vec![cell.day], known };
        let task = Task::Locate { parts, schema: order.schema.clone(), sought };
        match self.decoder.run(task, &AtomicU64::new(0)).await {
            Ok(TaskResult::Located(found)) => Ok(undecided.with_rows(found)),
            // The rows help, and the refusal stands without them.
            _ => Ok(undecided),
        }
    }

    /// Asks the rule how what counts has to change; on a thread that may wait for files.
    async fn decide(
        &self,
        register: Register,
        nothing: &'static str,
    ) -> Result<Decision, LedgerError> {
        let settings = self.settings.clone();
        let decision = tokio::task::spawn_blocking(move || {
            let judged = register.ledger.judge(&settings)?;
            let statements = &register.ledger.statements;
            let conflicts = &judged.judgement.conflicts;
            if let Some(undecided) = Undecided::new(statements, conflicts, nothing) {
                drop(judged);
                return Ok(Decision::Undecided { register, undecided });
            }
            let (change, notes) = (judged.change(&register.counted)?, judged.notes());
            drop(judged);
            Ok(Decision::Change { register, change, notes })
        });
        match decision.await {
            Ok(decision) => decision,
            // It is never cancelled: it can only have panicked.
            Err(ended) => std::panic::resume_unwind(ended.into_panic()),
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
        let parts = self.find(paths).await?.without_overtaken().parts();
        let task = Task::Inspect { parts: parts.clone(), schema };
        let done = self.decoder.run(task, &AtomicU64::new(0)).await;
        match done.map_err(|error| error.of(&parts))? {
            TaskResult::Inspected(text, found) => Ok((text, found)),
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

    async fn find(&self, paths: &Paths) -> Result<Discovered, IntakeError> {
        match paths {
            Paths::Discovered(found) => Ok(found.clone()),
            Paths::Given(paths) => {
                let paths = paths.clone();
                let found = tokio::task::spawn_blocking(move || discover(&paths));
                Ok(found.await.map_err(io::Error::other)??)
            }
        }
    }
}

enum Decision {
    /// How what counts has to change, and what somebody should know of it.
    Change {
        register: Register,
        change: Change,
        notes: Vec<String>,
    },
    Undecided {
        register: Register,
        undecided: Undecided,
    },
}

fn busy() -> StoreError {
    StoreError::Unavailable("usage was imported or withdrawn again and again meanwhile".to_owned())
}
