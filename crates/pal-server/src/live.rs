//! Facts as the store has them now, parsed once for each revision.

use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};

use pal_attribution::roles::RoleData;
use pal_model::{FactError, Facts, Instant};
use pal_store::{FactsAt, Store, StoreError};

use crate::arm::error::ArmError;

/// The facts of the store, and the folder that usage is in.
pub struct Live {
    store: Arc<dyn Store>,
    /// The shipped role tables.
    pub roles: Arc<RoleData>,
    /// Cost exports: read when there are any.
    pub usage: PathBuf,
    latest: Mutex<Option<(i64, Arc<Facts>)>>,
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
}

impl From<LiveError> for ArmError {
    fn from(error: LiveError) -> Self {
        match error {
            LiveError::Store(error) => error.into(),
            LiveError::Fact(_) => {
                tracing::error!(%error, "facts cannot be read");
                Self::internal()
            }
        }
    }
}

impl Live {
    /// Over this store and folder.
    pub fn new(store: Arc<dyn Store>, roles: Arc<RoleData>, usage: PathBuf) -> Self {
        Self { store, roles, usage, latest: Mutex::new(None) }
    }

    /// The facts now.
    ///
    /// # Errors
    /// See [`LiveError`].
    pub async fn facts(&self) -> Result<Arc<Facts>, LiveError> {
        let revision = self.store.revision().await?;
        let kept = self.latest.lock().unwrap_or_else(PoisonError::into_inner).clone();
        if let Some((_, facts)) = kept.filter(|(at, _)| *at == revision) {
            return Ok(facts);
        }
        let (revision, facts) = self.read(None).await?;
        let facts = Arc::new(facts);
        // Two readers may race: what is kept is right for the revision it is kept under.
        *self.latest.lock().unwrap_or_else(PoisonError::into_inner) =
            Some((revision, facts.clone()));
        Ok(facts)
    }

    /// The facts as known at an instant; `None` = now.
    ///
    /// # Errors
    /// See [`LiveError`].
    pub async fn facts_at(&self, known_at: Option<Instant>) -> Result<Arc<Facts>, LiveError> {
        match known_at {
            None => self.facts().await,
            Some(_) => Ok(Arc::new(self.read(known_at).await?.1)),
        }
    }

    async fn read(&self, known_at: Option<Instant>) -> Result<(i64, Facts), LiveError> {
        let found = self.store.facts(FactsAt { known_at, tenant: None, links: true }).await?;
        let roles = self.roles.clone();
        let parsed = tokio::task::spawn_blocking(move || -> Result<_, FactError> {
            Ok((found.revision, parse(&found.text, &roles)?))
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
