//! The embedded back end.

mod apps;
pub(crate) mod audit;
mod audit_log;
pub(crate) mod backup;
pub(crate) mod checkpoint;
pub(crate) mod connect;
pub(crate) mod digest;
mod directory;
mod erasure;
pub(crate) mod evidence;
mod fact_import;
mod fact_line;
pub(crate) mod fact_log;
mod facts;
mod facts_read;
mod figures;
mod imported_links;
pub(crate) mod known;
mod links;
mod portal;
mod privacy;
mod readers;
pub(crate) mod session_log;
mod sign_in;
mod usage;
mod usage_counts;
mod usage_list;
pub(crate) mod usage_log;
mod usage_read;
pub(crate) mod value;
mod writer;

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use pal_model::Instant;
use rusqlite::Connection;

use crate::{Store, StoreError, StoreFigures};
pub use connect::DATABASE;
use known::Clock;
use readers::Readers;
use writer::Writer;

/// How to open a store.
#[derive(Clone)]
pub struct SqliteOptions {
    /// Most changes in one commit.
    pub batch: usize,
    /// Tells the time of a commit. Without it, a change is known from the time of its request, and
    /// what is known at an instant yet to come can be asked for.
    pub clock: Option<Clock>,
}

impl std::fmt::Debug for SqliteOptions {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let clock = self.clock.is_some();
        f.debug_struct("SqliteOptions").field("batch", &self.batch).field("clock", &clock).finish()
    }
}

impl Default for SqliteOptions {
    fn default() -> Self {
        Self { batch: 256, clock: None }
    }
}

/// A data folder with `SQLite` in it.
pub struct SqliteStore {
    path: PathBuf,
    writer: Arc<Writer>,
    readers: Readers,
    signer: Mutex<checkpoint::Signer>,
    clock: Option<Clock>,
}

impl SqliteStore {
    /// Opens the store of a folder, and makes both if they are not there.
    ///
    /// # Errors
    /// The folder cannot be used, the database is damaged or newer than this program, or the
    /// library is too old.
    pub fn open(folder: &Path, options: SqliteOptions) -> Result<Self, StoreError> {
        connect::check_library()?;
        make_private(folder)
            .map_err(|error| StoreError::Unusable(format!("{}: {error}", folder.display())))?;
        let path = folder.join(DATABASE);
        checkpoint::require_database(folder, &path)?;
        let mut connection = connect::open(&path)?;
        checkpoint::require_key(folder, &connection)?;
        connect::migrate(&mut connection)?;
        let signer = Mutex::new(checkpoint::Signer::open(folder)?);
        let writer = Arc::new(Writer::start(connection, options.batch, options.clock.clone())?);
        let clock = options.clock;
        let readers = Readers::start(&path)?;
        Ok(Self { path, writer, readers, signer, clock })
    }

    /// The data folder.
    fn folder(&self) -> PathBuf {
        self.path.parent().unwrap_or(Path::new(".")).to_owned()
    }

    /// Runs a short read on one of the connections for reading.
    async fn read<T: Send + 'static>(
        &self,
        read: impl FnOnce(&Connection) -> Result<T, StoreError> + Send + 'static,
    ) -> Result<T, StoreError> {
        self.readers.read(read).await
    }

    /// As [`FactStore::pin`](crate::FactStore::pin); `None` = now, of which nothing is promised.
    async fn pinned(&self, known_at: Option<Instant>) -> Result<(), StoreError> {
        let Some(at) = known_at else { return Ok(()) };
        if value::ticks(at) <= self.read(known::last_known).await? {
            return Ok(());
        }
        if self.clock.as_ref().is_some_and(|clock| at > clock()) {
            return Err(StoreError::NotYet(at));
        }
        self.writer.write(move |c| known::pin(c, at)).await
    }
}

/// Runs a read that takes its time where nobody waits for it, on a connection of its own.
async fn aside<T: Send + 'static>(
    read: impl FnOnce() -> Result<T, StoreError> + Send + 'static,
) -> Result<T, StoreError> {
    let done = tokio::task::spawn_blocking(read).await;
    done.unwrap_or_else(|error| Err(StoreError::Unavailable(error.to_string())))
}

/// Rises with each change. Before the record of the change is appended: the record has it.
fn bump(c: &Connection) -> Result<i64, StoreError> {
    let mut statement = c.prepare_cached(
        "UPDATE counter SET revision = revision + 1 WHERE id = 1 RETURNING revision",
    )?;
    Ok(statement.query_row([], |r| r.get(0))?)
}

fn revision(c: &Connection) -> Result<i64, StoreError> {
    Ok(c.prepare_cached("SELECT revision FROM counter WHERE id = 1")?
        .query_row([], |r| r.get(0))?)
}

#[cfg(unix)]
fn make_private(folder: &Path) -> std::io::Result<()> {
    use std::os::unix::fs::DirBuilderExt;
    std::fs::DirBuilder::new().recursive(true).mode(0o700).create(folder)
}

#[cfg(not(unix))]
fn make_private(folder: &Path) -> std::io::Result<()> {
    std::fs::create_dir_all(folder)
}

#[async_trait]
impl Store for SqliteStore {
    async fn revision(&self) -> Result<i64, StoreError> {
        self.read(revision).await
    }

    async fn moment(&self) -> Result<(i64, Instant), StoreError> {
        let sql = "SELECT revision, known FROM counter WHERE id = 1";
        self.read(|c| Ok(c.query_row(sql, [], |r| Ok((r.get(0)?, value::instant(r.get(1)?))))?))
            .await
    }

    async fn begin_serving(&self, at: Instant) -> Result<(), StoreError> {
        self.writer.write(move |c| facts::begin_serving(c, at)).await
    }

    async fn figures(&self) -> Result<StoreFigures, StoreError> {
        self.read(figures::figures).await
    }

    fn waiting_changes(&self) -> usize {
        self.writer.waiting()
    }

    async fn ready(&self) -> Result<(), StoreError> {
        match self.writer.failure() {
            Some(why) => Err(StoreError::Unusable(format!("writing has stopped: {why}"))),
            None => self.read(|c| revision(c).map(|_| ())).await,
        }
    }
}
