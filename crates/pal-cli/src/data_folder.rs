//! The data folder of a service, opened by the program itself: no server needed, none disturbed.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use pal_attribution::ingest::Part;
use pal_attribution::roles::RoleData;
use pal_model::{Facts, Instant};
use pal_server::config;
use pal_server::{Clock, SystemClock, SystemRandomness, store_options};
use pal_store::{Actor, FactsAt, FactsText, SqliteStore, Store};
use pal_usage::{Counted, Intake, Shelf};
use tokio::runtime::Runtime;

use crate::printer::Failure;

/// A store and what its asynchronous operations run on.
pub struct DataFolder {
    pub store: Arc<dyn Store>,
    folder: PathBuf,
    runtime: Runtime,
}

impl DataFolder {
    /// Opens the store of a folder that has one.
    pub fn open(folder: &Path) -> Result<Self, Failure> {
        if !folder.join(pal_store::DATABASE).is_file() {
            return Err(Failure::Failed(format!(
                "{} is not a data folder of OpenPAL: it has no {}; 'pal dev' and 'pal serve' make \
                 one, 'pal import facts' too with --create",
                folder.display(),
                pal_store::DATABASE
            )));
        }
        Self::create(folder)
    }

    /// Opens the store of a folder, and makes it if there is none.
    pub fn create(folder: &Path) -> Result<Self, Failure> {
        let runtime = runtime()?;
        let store = SqliteStore::open(folder, store_options()).map_err(Failure::failed)?;
        Ok(Self { store: Arc::new(store), folder: folder.to_owned(), runtime })
    }

    /// Its usage: decoded in a process of this program, kept where its configuration says.
    pub fn intake(&self) -> Result<Intake, Failure> {
        let loaded = config::load_folder(&self.folder);
        let settings = loaded.map_err(|error| Failure::Usage(error.to_string()))?.settings;
        let decoder = settings.decoder().map_err(Failure::failed)?;
        let home = settings.home().map_err(Failure::failed)?;
        let intake = Intake::new(self.store.clone(), &self.folder, decoder).at_home_in(home);
        Ok(intake.with_settings(settings.counting()))
    }

    pub fn wait<T>(&self, operation: impl Future<Output = T>) -> T {
        self.runtime.block_on(operation)
    }
}

/// What asynchronous work runs on.
pub fn runtime() -> Result<Runtime, Failure> {
    tokio::runtime::Builder::new_multi_thread().enable_all().build().map_err(Failure::failed)
}

pub fn now() -> Instant {
    SystemClock.now()
}

/// The operator on the machine itself, for the audit log.
pub fn operator() -> Actor {
    let request = pal_server::guid(&SystemRandomness::new());
    Actor { principal: None, client: Some("pal".to_owned()), token: None, request }
}

/// The usage that counts in a data folder, as known at an instant (`None` = now), and where it is.
pub fn counted(folder: &Path, known_at: Option<Instant>) -> Result<(Counted, Shelf), Failure> {
    let data = DataFolder::open(folder)?;
    let intake = data.intake()?;
    let counted = data.wait(intake.counted(known_at)).map_err(Failure::failed)?;
    Ok((counted, intake.shelf))
}

/// The same as parts to read.
pub fn usage(folder: &Path, known_at: Option<Instant>) -> Result<Vec<Part>, Failure> {
    let (counted, shelf) = counted(folder, known_at)?;
    counted.parts(&shelf, None).map_err(Failure::failed)
}

/// The facts of a data folder as text, and their revision.
pub fn text(folder: &Path, known_at: Option<Instant>) -> Result<FactsText, Failure> {
    let data = DataFolder::open(folder)?;
    let wanted = FactsAt { known_at, tenant: None, links: true };
    data.wait(data.store.facts(wanted)).map_err(Failure::failed)
}

/// The facts of a data folder, links from the register's history.
pub fn facts(folder: &Path, known_at: Option<Instant>, roles: &RoleData) -> Result<Facts, Failure> {
    let data = DataFolder::open(folder)?;
    let read = data.wait(data.store.read_facts(None, known_at)).map_err(Failure::failed)?;
    let facts = pal_server::parse_facts(read.news, Facts::default(), roles);
    let facts = facts.map_err(Failure::failed)?;
    if facts.is_empty() {
        return Err(Failure::Failed(format!("there are no facts in {}", folder.display())));
    }
    Ok(facts)
}
