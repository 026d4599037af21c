//! A folder whose exports are taken in by themselves, as they land.
//!
//! A run of an export is whole once its manifest is there and its files have the sizes that it names.
//! Files without manifest, and those of one without sizes, say nothing of whether they are whole: all
//! of one folder together are taken once nothing of them has changed between two looks. What was taken or refused is not
//! looked at again until it changes; what failed by our own fault is tried again.
//!
//! A file that cannot be used stops nothing else. If loose files of a folder are refused together, halves of them are
//! tried, each beside what is known to be good, until every file that is at fault is found: those are refused one by one,
//! and the others are taken together. Together, because files of one export add up, and one after the other they would
//! be other statements about the same days. Files `a b c d` with `c` damaged: `abcd` no, `ab` yes, `abcd` no, `abc` no,
//! `abd` yes.

use std::collections::HashSet;
use std::path::PathBuf;
use std::sync::atomic::AtomicU64;

use pal_model::Instant;
use pal_store::{Actor, StoreError};

use crate::counting::Answers;
use crate::{DiscoverError, Intake, IntakeError, Landed, LandedFile, Order, Paths, landed, reason};

/// A watched folder.
pub struct Watch {
    folder: PathBuf,
    /// Fingerprints of the look before.
    before: HashSet<String>,
    /// Fingerprints that were told of in the log.
    told: HashSet<String>,
    /// Of groups of files of which none can be taken: each is in the list of imports by itself.
    spent: HashSet<String>,
}

impl Watch {
    /// Of this folder, which need not be there yet.
    pub fn new(folder: PathBuf) -> Self {
        Self { folder, before: HashSet::new(), told: HashSet::new(), spent: HashSet::new() }
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
                let (told, spent) = (&mut self.told, &mut self.spent);
                Look { intake, at, id, told, spent }.take(entry).await?;
            }
        }
        self.told.retain(|fingerprint| now.contains(fingerprint));
        self.spent.retain(|fingerprint| now.contains(fingerprint));
        self.before = now;
        Ok(())
    }
}

/// What one look needs.
struct Look<'a> {
    intake: &'a Intake,
    at: Instant,
    id: &'a (dyn Fn() -> String + Sync),
    told: &'a mut HashSet<String>,
    spent: &'a mut HashSet<String>,
}

impl Look<'_> {
    async fn take(&mut self, entry: Landed) -> Result<(), StoreError> {
        if self.spent.contains(&entry.fingerprint) {
            return Ok(());
        }
        let Err(error) = self.import(&entry.files, &entry, false).await else { return Ok(()) };
        match &entry.files[..] {
            _ if !is_of_files(&error) => self.wait(&entry, &error),
            [_] => self.refuse(&entry.name, &entry.fingerprint, &error).await?,
            _ => {
                let Some(good) = self.good_of(&entry).await? else { return Ok(()) };
                if good.is_empty() {
                    self.spent.insert(entry.fingerprint);
                } else if let Err(error) = self.import(&good, &entry, false).await {
                    self.wait(&entry, &error);
                }
            }
        }
        Ok(())
    }

    /// The files that can be taken together; the others are refused. `None`: it is not known yet.
    async fn good_of(&mut self, entry: &Landed) -> Result<Option<Vec<LandedFile>>, StoreError> {
        let mut good: Vec<LandedFile> = Vec::new();
        let (first, second) = entry.files.split_at(entry.files.len() / 2);
        let mut groups = vec![second.to_vec(), first.to_vec()];
        while let Some(group) = groups.pop() {
            let together = [&good[..], &group[..]].concat();
            match (self.import(&together, entry, true).await, &group[..]) {
                (Ok(()), _) => good = together,
                (Err(error), _) if !is_of_files(&error) => {
                    self.wait(entry, &error);
                    return Ok(None);
                }
                (Err(error), [file]) => {
                    // It is in the list already if only something beside it has changed.
                    if !self.intake.store.usage_landed(&file.fingerprint).await? {
                        self.refuse(&file.name, &file.fingerprint, &error).await?;
                    }
                }
                (Err(_), group) => {
                    let (first, second) = group.split_at(group.len() / 2);
                    groups.extend([second.to_vec(), first.to_vec()]);
                }
            }
        }
        Ok(Some(good))
    }

    async fn import(
        &self,
        files: &[LandedFile],
        entry: &Landed,
        dry_run: bool,
    ) -> Result<(), IntakeError> {
        let whole = files.len() == entry.files.len();
        let names = || files.iter().map(|file| &*file.name).collect::<Vec<_>>().join(", ");
        let order = Order {
            paths: Paths::Given(files.iter().map(|file| file.path.clone()).collect()),
            schema: None,
            answers: Answers::default(),
            dry_run,
            at: self.at,
            actor: self.actor(),
            id: (self.id)(),
            name: if whole { entry.name.clone() } else { names() },
            landed: Some(entry.fingerprint.clone()),
        };
        let done = self.intake.import(order, &AtomicU64::new(0)).await?;
        if !dry_run {
            tracing::info!(import = done.number, rows = done.rows, "usage was taken in");
        }
        Ok(())
    }

    async fn refuse(
        &self,
        name: &str,
        fingerprint: &str,
        error: &IntakeError,
    ) -> Result<(), StoreError> {
        let reason = reason(error);
        tracing::warn!(reason, "usage was refused");
        let (name, landed) = (name.to_owned(), Some(fingerprint.to_owned()));
        self.intake.store.refuse_usage(self.at, self.actor(), name, landed, reason).await?;
        Ok(())
    }

    /// Nothing is decided: the next look tries again.
    fn wait(&mut self, entry: &Landed, error: &IntakeError) {
        if self.told.insert(entry.fingerprint.clone()) {
            tracing::warn!(name = entry.name, reason = reason(error), "usage waits");
        }
    }

    fn actor(&self) -> Actor {
        let client = Some("watch".to_owned());
        Actor { principal: None, client, token: None, request: (self.id)() }
    }
}

/// Whether what has landed is at fault, and will be until it changes.
fn is_of_files(error: &IntakeError) -> bool {
    // A run whose files have not all arrived is looked at again.
    error.is_refusal() && !is_incomplete(error)
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
