//! Facts and usage as the store has them now, read once for each revision.

mod known;

use std::sync::Arc;

use pal_attribution::ingest::Part;
use pal_attribution::roles::RoleData;
use pal_model::{FactError, Facts, Instant, Months};
use pal_store::{Store, StoreError};
use tokio::sync::Mutex;

use pal_usage::{Composer, Counted, Freshness, HomeError, Intake};

use known::FactsCache;
pub use known::{KnownFacts, parse};

/// About how many bytes of results are kept.
const KEPT: u64 = 128 << 20;

/// The facts of the store, and the usage that counts.
pub struct Live {
    store: Arc<dyn Store>,
    /// The shipped role tables.
    pub roles: Arc<RoleData>,
    /// Where usage comes in and is kept.
    pub intake: Intake,
    /// Keeps what reports are made of.
    pub composer: Composer,
    facts: FactsCache,
    counted: Mutex<Option<Arc<Counted>>>,
}

/// Facts and usage of one moment.
#[derive(Clone)]
pub struct Snapshot {
    /// The facts.
    pub known: Arc<KnownFacts>,
    /// The usage.
    pub counted: Arc<Counted>,
    /// The revision of both.
    pub revision: i64,
    /// What was known at this instant: the one asked for, or the last one at which anything became
    /// known.
    pub known_at: Instant,
}

impl Snapshot {
    /// How far a report of some months (`None` = of all) reaches, and since when that is known.
    pub fn freshness(&self, months: Option<Months>) -> Freshness {
        let until = self.counted.complete_until(months);
        Freshness {
            complete_until: until.map(|until| until.to_string()),
            known_at: self.known_at.to_string(),
            revision: self.revision,
        }
    }
}

/// Why facts cannot be had.
#[derive(Debug, thiserror::Error)]
pub enum LiveError {
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// What the store holds breaks a rule: it was changed by other means.
    #[error("the stored facts are not well formed: {0}")]
    Fact(#[from] FactError),
    /// The files of the usage that counts cannot be had.
    #[error(transparent)]
    Home(HomeError),
    /// A charge file is not there or cannot be read.
    #[error(transparent)]
    Usage(std::io::Error),
}

impl From<HomeError> for LiveError {
    fn from(error: HomeError) -> Self {
        match error {
            HomeError::Store(error) => Self::Store(error),
            error => Self::Home(error),
        }
    }
}

impl Live {
    /// Over this store.
    pub fn new(intake: Intake, roles: Arc<RoleData>) -> Self {
        let store = intake.store.clone();
        let composer = Composer::new(KEPT);
        let facts = FactsCache::new(store.clone(), roles.clone());
        Self { store, roles, intake, composer, facts, counted: Mutex::default() }
    }

    /// The facts now.
    ///
    /// # Errors
    /// See [`LiveError`].
    pub async fn facts(&self) -> Result<Arc<Facts>, LiveError> {
        Ok(self.facts.now().await?.1.facts.clone())
    }

    /// The facts as known at an instant; `None` = now.
    ///
    /// # Errors
    /// See [`LiveError`].
    pub async fn facts_at(&self, known_at: Option<Instant>) -> Result<Arc<Facts>, LiveError> {
        match known_at {
            None => self.facts().await,
            Some(at) => Ok(self.facts.as_known(at).await?.1.facts.clone()),
        }
    }

    /// The usage that counts now: read by one for all.
    async fn counted(&self) -> Result<Arc<Counted>, LiveError> {
        let revision = self.store.revision().await?;
        let mut kept = self.counted.lock().await;
        if let Some(counted) = kept.clone().filter(|counted| counted.revision >= revision) {
            drop(kept);
            self.intake.at_hand(&counted).await?;
            return Ok(counted);
        }
        let counted = Arc::new(self.intake.counted(None).await?);
        *kept = Some(counted.clone());
        Ok(counted)
    }

    /// Facts and usage as known at an instant; `None` = now. Usage is read before and after the facts
    /// until it is the same: then it is the usage of the facts' revision, too.
    ///
    /// # Errors
    /// See [`LiveError`].
    pub async fn snapshot(&self, known_at: Option<Instant>) -> Result<Snapshot, LiveError> {
        if let Some(at) = known_at {
            let counted = Arc::new(self.intake.counted(known_at).await?);
            let (revision, known) = self.facts.as_known(at).await?;
            return Ok(Snapshot { known_at: at, known, counted, revision });
        }
        let mut counted = self.counted().await?;
        loop {
            let (revision, known) = self.facts.now().await?;
            let after = self.counted().await?;
            let same = Arc::ptr_eq(&counted, &after) || counted.pieces == after.pieces;
            if same && after.revision >= revision {
                return Ok(Snapshot { known_at: known.at, known, counted, revision });
            }
            counted = after;
        }
    }

    /// What a report of some months (`None` = of all) reads.
    ///
    /// # Errors
    /// A charge file is missing.
    pub fn parts_of(
        &self,
        counted: &Counted,
        months: Option<Months>,
    ) -> Result<Vec<Part>, LiveError> {
        counted.parts(&self.intake.shelf, months).map_err(LiveError::Usage)
    }
}
