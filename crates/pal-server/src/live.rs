//! Facts and usage as the store has them now, read once for each revision.

use std::sync::{Arc, Mutex, PoisonError};

use pal_attribution::fingerprint::Fingerprints;
use pal_attribution::ingest::Part;
use pal_attribution::roles::RoleData;
use pal_model::{FactError, Facts, Instant, Months};
use pal_store::{FactsAt, Store, StoreError};

use pal_usage::{Composer, Counted, Freshness, HomeError, Intake};

/// About how many bytes of results are kept.
const KEPT: u64 = 128 << 20;

/// Something, and the revision that it is of.
type Kept<T> = Mutex<Option<(i64, Arc<T>)>>;

/// The facts of the store, and the usage that counts.
pub struct Live {
    store: Arc<dyn Store>,
    /// The shipped role tables.
    pub roles: Arc<RoleData>,
    /// Where usage comes in and is kept.
    pub intake: Intake,
    /// Keeps what reports are made of.
    pub composer: Composer,
    facts: Kept<Known>,
    counted: Kept<Counted>,
}

/// Facts, and what tells whether others are the same.
pub struct Known {
    /// The instant at which they were known.
    pub at: Instant,
    pub facts: Arc<Facts>,
    /// Of the facts.
    pub fingerprints: Fingerprints,
}

/// Facts and usage of one moment.
#[derive(Clone)]
pub struct Snapshot {
    /// The facts.
    pub known: Arc<Known>,
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

fn kept<T>(of: &Kept<T>, revision: i64) -> Option<Arc<T>> {
    let kept = of.lock().unwrap_or_else(PoisonError::into_inner).clone();
    kept.filter(|(at, _)| *at == revision).map(|(_, kept)| kept)
}

/// Two readers may race: what is kept is right for the revision it is kept under.
fn keep<T>(of: &Kept<T>, revision: i64, value: Arc<T>) {
    *of.lock().unwrap_or_else(PoisonError::into_inner) = Some((revision, value));
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
        Self { store, roles, intake, composer, facts: Mutex::new(None), counted: Mutex::new(None) }
    }

    /// The facts now.
    ///
    /// # Errors
    /// See [`LiveError`].
    pub async fn facts(&self) -> Result<Arc<Facts>, LiveError> {
        Ok(self.known().await?.1.facts.clone())
    }

    async fn known(&self) -> Result<(i64, Arc<Known>), LiveError> {
        let revision = self.store.revision().await?;
        if let Some(known) = kept(&self.facts, revision) {
            return Ok((revision, known));
        }
        let (revision, known) = self.read(None).await?;
        let known = Arc::new(known);
        keep(&self.facts, revision, known.clone());
        Ok((revision, known))
    }

    /// The facts as known at an instant; `None` = now.
    ///
    /// # Errors
    /// See [`LiveError`].
    pub async fn facts_at(&self, known_at: Option<Instant>) -> Result<Arc<Facts>, LiveError> {
        match known_at {
            None => self.facts().await,
            Some(_) => Ok(self.read(known_at).await?.1.facts),
        }
    }

    /// The usage that counts now.
    async fn counted(&self) -> Result<Arc<Counted>, LiveError> {
        let revision = self.store.revision().await?;
        if let Some(counted) = kept(&self.counted, revision) {
            self.intake.at_hand(&counted).await?;
            return Ok(counted);
        }
        let counted = Arc::new(self.intake.counted(None).await?);
        keep(&self.counted, counted.revision, counted.clone());
        Ok(counted)
    }

    /// Facts and usage as known at an instant; `None` = now. Usage is read before and after the facts
    /// until it is the same: then it is the usage of the facts' revision, too.
    ///
    /// # Errors
    /// See [`LiveError`].
    pub async fn snapshot(&self, known_at: Option<Instant>) -> Result<Snapshot, LiveError> {
        if known_at.is_some() {
            let counted = Arc::new(self.intake.counted(known_at).await?);
            let (revision, known) = self.read(known_at).await?;
            return Ok(Snapshot { known_at: known.at, known: Arc::new(known), counted, revision });
        }
        let mut counted = self.counted().await?;
        loop {
            let (revision, known) = self.known().await?;
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

    async fn read(&self, known_at: Option<Instant>) -> Result<(i64, Known), LiveError> {
        let found = self.store.facts(FactsAt { known_at, tenant: None, links: true }).await?;
        let roles = self.roles.clone();
        let parsed = tokio::task::spawn_blocking(move || -> Result<_, FactError> {
            let facts = Arc::new(parse(&found.text, &roles)?);
            let fingerprints = Fingerprints::new(&facts);
            Ok((found.revision, Known { at: found.known_at, facts, fingerprints }))
        });
        let failed = |error| StoreError::Unavailable(format!("reading facts was ended: {error}"));
        Ok(parsed.await.map_err(failed)??)
    }
}

/// Facts out of the store's text.
///
/// # Errors
/// A line, or a rule between lines, is broken.
pub fn parse(text: &str, roles: &RoleData) -> Result<Facts, FactError> {
    let mut facts = Facts::default();
    facts.read("register", text, None)?;
    roles.resolve_names(&mut facts)?;
    facts.check()?;
    Ok(facts)
}
