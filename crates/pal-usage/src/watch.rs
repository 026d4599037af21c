//! A folder whose exports are taken in by themselves, as they land.
//!
//! A run of an export is whole once its manifest is there and its files have the sizes that it names.
//! Files without manifest, and those of one without sizes, say nothing of whether they are whole: all
//! of one folder together are taken once nothing of them has changed between two looks. What was taken or refused is not
//! looked at again until it changes; what failed by our own fault is tried again.

use std::collections::HashSet;
use std::path::PathBuf;
use std::sync::atomic::AtomicU64;

use pal_model::Instant;
use pal_store::{Actor, StoreError};

use crate::counting::Answers;
use crate::{DiscoverError, Intake, IntakeError, Landed, Order, Paths, landed, reason};

/// A watched folder.
pub struct Watch {
    folder: PathBuf,
    /// Fingerprints of the look before.
    before: HashSet<String>,
    /// Fingerprints that were told of in the log.
    told: HashSet<String>,
}

impl Watch {
    /// Of this folder, which need not be there yet.
    pub fn new(folder: PathBuf) -> Self {
        Self { folder, before: HashSet::new(), told: HashSet::new() }
    }

    /// Looks once, and takes in what is new; `id` makes ids that were never used.
    ///
    /// # Errors
    /// The store failed. Everything else is in the log and in the list of imports.
    pub async fn look(
        &mut self,
        intake: &Intake,
        at: Instant,
        id: &(dyn Fn() -> String + Sync),
    ) -> Result<(), StoreError> {
        let folder = self.folder.clone();
        let found = tokio::task::spawn_blocking(move || landed(&folder)).await;
        let found = match found {
            Ok(Ok(found)) => found,
            Ok(Err(error)) => {
                // Before anything lands there need not be a folder.
                let why = reason(&error);
                if self.folder.exists() && self.told.insert(why.clone()) {
                    tracing::warn!(why, "the watched folder cannot be read");
                }
                return Ok(());
            }
            Err(_) => return Ok(()),
        };
        let now: HashSet<String> = found.iter().map(|entry| entry.fingerprint.clone()).collect();
        for entry in found {
            let settled = entry.has_sizes || self.before.contains(&entry.fingerprint);
            if settled && !intake.store.usage_landed(&entry.fingerprint).await? {
                self.take(intake, entry, at, id).await?;
            }
        }
        self.told.retain(|fingerprint| now.contains(fingerprint));
        self.before = now;
        Ok(())
    }

    async fn take(
        &mut self,
        intake: &Intake,
        entry: Landed,
        at: Instant,
        id: &(dyn Fn() -> String + Sync),
    ) -> Result<(), StoreError> {
        let actor =
            Actor { principal: None, client: Some("watch".to_owned()), token: None, request: id() };
        let order = Order {
            paths: Paths::Given(entry.paths),
            schema: None,
            answers: Answers::default(),
            dry_run: false,
            at,
            actor: actor.clone(),
            id: id(),
            name: entry.name.clone(),
            landed: Some(entry.fingerprint.clone()),
        };
        let (name, landed) = (entry.name, Some(entry.fingerprint.clone()));
        match intake.import(order, &AtomicU64::new(0)).await {
            Ok(done) => {
                tracing::info!(import = done.number, rows = done.rows, "usage was taken in");
            }
            // A run whose files have not all arrived is looked at again.
            Err(error) if error.is_refusal() && !is_incomplete(&error) => {
                let reason = reason(&error);
                tracing::warn!(reason, "usage was refused");
                intake.store.refuse_usage(at, actor, name, landed, reason).await?;
            }
            Err(error) => {
                if self.told.insert(entry.fingerprint) {
                    tracing::warn!(reason = reason(&error), "usage waits");
                }
            }
        }
        Ok(())
    }
}

fn is_incomplete(error: &IntakeError) -> bool {
    matches!(
        error,
        IntakeError::Discover(
            DiscoverError::Incomplete { .. }
                | DiscoverError::IncompleteFolder { .. }
                | DiscoverError::Unreadable { .. },
        )
    )
}
