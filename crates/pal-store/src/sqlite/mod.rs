//! The embedded back end.

pub(crate) mod audit;
mod audit_log;
pub(crate) mod checkpoint;
pub(crate) mod connect;
pub(crate) mod digest;
mod directory;
pub(crate) mod evidence;
pub(crate) mod fact_log;
mod facts;
mod imported_links;
pub(crate) mod known;
mod links;
mod portal;
mod privacy;
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
use std::sync::{Mutex, PoisonError};

use async_trait::async_trait;
use pal_model::{Guid, Instant, Principal, TenantId};
use rusqlite::Connection;

use crate::audit::AuditReport;
use crate::{
    Account, Actor, App, AuditFilter, AuditRecord, ChargeFile, Checkpoint, CountChange,
    CountedRecord, FactImport, FactImportError, FactsAt, FactsText, ImportSummary, LinkChange,
    LinkError, LinkRecord, Login, NewPortalSession, NewRefreshToken, PieceRecord, PortalSession,
    PrivacyChange, PrivacyError, RefreshError, RefreshToken, Store, StoreError, TenantInfo,
    UsageAt, UsageImport, UsageImportError, UsageImportRecord, UsageImported, UsageMonth,
    UsageStatements, UsageVersion, WithdrawError, Withdrawn,
};
pub use connect::DATABASE;
use known::Clock;
use sign_in::Rotated;
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
    writer: Writer,
    readers: Mutex<Vec<Connection>>,
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
        let mut connection = connect::open(&path)?;
        connect::migrate(&mut connection)?;
        let signer = Mutex::new(checkpoint::Signer::open(folder)?);
        let writer = Writer::start(connection, options.batch, options.clock.clone())?;
        let clock = options.clock;
        Ok(Self { path, writer, readers: Mutex::default(), signer, clock })
    }

    /// The data folder.
    fn folder(&self) -> PathBuf {
        self.path.parent().unwrap_or(Path::new(".")).to_owned()
    }

    /// Runs a read on one of the connections for reading.
    fn read<T>(
        &self,
        read: impl FnOnce(&Connection) -> Result<T, StoreError>,
    ) -> Result<T, StoreError> {
        let idle = self.readers.lock().unwrap_or_else(PoisonError::into_inner).pop();
        let connection = idle.map_or_else(|| connect::open(&self.path), Ok)?;
        let done = read(&connection);
        let mut readers = self.readers.lock().unwrap_or_else(PoisonError::into_inner);
        if readers.len() < 16 {
            readers.push(connection);
        }
        done
    }

    /// Lets nothing become known any more at an instant that is asked for: what is answered once
    /// is answered for ever (P10).
    async fn pin(&self, known_at: Option<Instant>) -> Result<(), StoreError> {
        let Some(at) = known_at else { return Ok(()) };
        if value::ticks(at) <= self.read(known::last_known)? {
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
    async fn own_link(
        &self,
        caller: Principal,
        now: Instant,
    ) -> Result<(Option<Account>, Option<LinkRecord>), StoreError> {
        self.read(|c| links::own(c, caller, now))
    }

    async fn change_link(&self, change: LinkChange) -> Result<LinkRecord, LinkError> {
        self.writer.write(move |c| links::change(c, &change)).await
    }

    async fn link_history(&self, owner: Principal) -> Result<Vec<LinkRecord>, StoreError> {
        self.read(|c| links::history(c, owner))
    }

    async fn account(&self, who: Principal, now: Instant) -> Result<Option<Account>, StoreError> {
        self.read(|c| directory::account(c, who, now))
    }

    async fn tenant(&self, id: TenantId, now: Instant) -> Result<Option<TenantInfo>, StoreError> {
        self.read(|c| directory::tenant(c, id, now))
    }

    async fn tenant_by_domain(
        &self,
        domain: &str,
        now: Instant,
    ) -> Result<Option<TenantInfo>, StoreError> {
        self.read(|c| directory::tenant_by_domain(c, domain, now))
    }

    async fn import_facts(&self, import: FactImport<'_>) -> Result<ImportSummary, FactImportError> {
        let FactImport { name, text, at, actor, check } = import;
        let (name, text) = (name.to_owned(), text.to_owned());
        self.writer.write(move |c| facts::import(c, &name, &text, at, &actor, &check)).await
    }

    async fn facts(&self, at: FactsAt) -> Result<FactsText, StoreError> {
        self.pin(at.known_at).await?;
        let path = self.path.clone();
        aside(move || facts::snapshot(&connect::open(&path)?, at)).await
    }

    async fn set_privacy(&self, change: PrivacyChange) -> Result<bool, PrivacyError> {
        self.writer.write(move |c| privacy::set(c, &change)).await
    }

    async fn revision(&self) -> Result<i64, StoreError> {
        self.read(revision)
    }

    async fn moment(&self) -> Result<(i64, Instant), StoreError> {
        let sql = "SELECT revision, known FROM counter WHERE id = 1";
        self.read(|c| Ok(c.query_row(sql, [], |r| Ok((r.get(0)?, value::instant(r.get(1)?))))?))
    }

    async fn begin_serving(&self, at: Instant) -> Result<(), StoreError> {
        self.writer.write(move |c| facts::begin_serving(c, at)).await
    }

    async fn login(&self, upn: &str) -> Result<Option<Login>, StoreError> {
        self.read(|c| sign_in::login(c, upn))
    }

    async fn login_of(&self, account: Principal) -> Result<Option<Login>, StoreError> {
        self.read(|c| sign_in::login_of(c, account))
    }

    async fn app(&self, client: Guid, tenant: Option<TenantId>) -> Result<Option<App>, StoreError> {
        self.read(|c| sign_in::app(c, client, tenant))
    }

    async fn put_login(&self, login: Login, at: Instant, actor: Actor) -> Result<(), StoreError> {
        self.writer.write(move |c| sign_in::put_login(c, &login, at, &actor)).await
    }

    async fn put_app(&self, app: App, at: Instant, actor: Actor) -> Result<(), StoreError> {
        self.writer.write(move |c| sign_in::put_app(c, &app, at, &actor)).await
    }

    async fn keep_refresh_token(&self, token: NewRefreshToken) -> Result<(), StoreError> {
        self.writer.write(move |c| sign_in::keep_first(c, &token)).await
    }

    async fn refresh_token_owner(&self, token: [u8; 32]) -> Result<Option<String>, StoreError> {
        self.read(|c| sign_in::owner(c, token))
    }

    async fn rotate_refresh_token(
        &self,
        token: [u8; 32],
        client: &str,
        successor: [u8; 32],
        now: Instant,
    ) -> Result<RefreshToken, RefreshError> {
        let client = client.to_owned();
        let rotate = move |c: &Connection| sign_in::rotate(c, token, &client, successor, now);
        match self.writer.write(rotate).await? {
            Rotated::Done(token) => Ok(token),
            Rotated::Invalid => Err(RefreshError::Invalid),
            Rotated::Reused => Err(RefreshError::Reused),
        }
    }

    async fn revoke_refresh_family(&self, family: [u8; 16]) -> Result<(), StoreError> {
        self.writer.write(move |c| sign_in::revoke(c, family)).await
    }

    async fn keep_portal_session(&self, session: NewPortalSession) -> Result<bool, StoreError> {
        self.writer.write(move |c| portal::keep(c, &session)).await
    }

    async fn portal_session(&self, hash: [u8; 32]) -> Result<Option<PortalSession>, StoreError> {
        self.read(|c| portal::find(c, hash))
    }

    async fn use_portal_session(&self, hash: [u8; 32], at: Instant) -> Result<(), StoreError> {
        self.writer.write(move |c| portal::touch(c, hash, at)).await
    }

    async fn switch_portal_session(
        &self,
        hash: [u8; 32],
        to: Principal,
    ) -> Result<bool, StoreError> {
        self.writer.write(move |c| portal::switch(c, hash, to)).await
    }

    async fn end_portal_session(&self, hash: [u8; 32]) -> Result<(), StoreError> {
        self.writer.write(move |c| portal::end(c, hash)).await
    }

    async fn end_portal_sessions(&self, hash: [u8; 32]) -> Result<(), StoreError> {
        self.writer.write(move |c| portal::end_all(c, hash)).await
    }

    async fn record_read(
        &self,
        actor: Actor,
        at: Instant,
        detail: String,
    ) -> Result<(), StoreError> {
        let at = value::ticks(at);
        self.writer.write(move |c| audit::append_read(c, &actor, at, &detail)).await
    }

    async fn audit_records(
        &self,
        filter: AuditFilter,
        limit: u32,
    ) -> Result<Vec<AuditRecord>, StoreError> {
        let path = self.path.clone();
        aside(move || audit_log::records(&connect::open(&path)?, &filter, limit)).await
    }

    async fn audit_checkpoints(
        &self,
        before: Option<i64>,
        limit: u32,
    ) -> Result<(Vec<Checkpoint>, String), StoreError> {
        let folder = self.folder();
        let read = move || {
            let found = audit_log::checkpoints(&folder, before, limit as usize)?;
            Ok((found, audit_log::public_key(&folder)?))
        };
        aside(read).await
    }

    async fn audit_verify(&self) -> Result<AuditReport, StoreError> {
        let folder = self.folder();
        aside(move || crate::audit::verify(&folder, None, None)).await
    }

    async fn usage_statements(&self) -> Result<UsageStatements, StoreError> {
        let path = self.path.clone();
        aside(move || usage_read::statements(&connect::open(&path)?)).await
    }

    async fn usage_pieces(
        &self,
        statements: &[i64],
        months: &[UsageMonth],
    ) -> Result<Vec<PieceRecord>, StoreError> {
        let (path, statements, months) =
            (self.path.clone(), statements.to_owned(), months.to_owned());
        aside(move || usage_read::pieces(&connect::open(&path)?, &statements, &months)).await
    }

    async fn usage_counted(&self, months: &[UsageMonth]) -> Result<Vec<CountedRecord>, StoreError> {
        let (path, months) = (self.path.clone(), months.to_owned());
        aside(move || usage_read::counted(&connect::open(&path)?, &months)).await
    }

    async fn import_usage(&self, import: UsageImport) -> Result<UsageImported, UsageImportError> {
        self.writer.write(move |c| usage::import(c, &import)).await
    }

    async fn refuse_usage(
        &self,
        at: Instant,
        actor: Actor,
        name: String,
        landed: Option<String>,
        reason: String,
    ) -> Result<i64, StoreError> {
        let record = move |c: &Connection| {
            usage_list::refuse(c, at, &actor, (&name, &reason), landed.as_deref())
        };
        self.writer.write(record).await
    }

    async fn usage(&self, known_at: Option<Instant>) -> Result<UsageAt, StoreError> {
        self.pin(known_at).await?;
        let path = self.path.clone();
        aside(move || usage_read::snapshot(&connect::open(&path)?, known_at)).await
    }

    async fn usage_imports(&self, limit: u32) -> Result<Vec<UsageImportRecord>, StoreError> {
        self.read(|c| usage_list::imports(c, limit))
    }

    async fn usage_landed(&self, fingerprint: &str) -> Result<bool, StoreError> {
        self.read(|c| usage_list::landed(c, fingerprint))
    }

    async fn withdraw_usage(
        &self,
        number: i64,
        at: Instant,
        actor: Actor,
        version: UsageVersion,
        counts: CountChange,
    ) -> Result<Withdrawn, WithdrawError> {
        let withdraw =
            move |c: &Connection| usage_list::withdraw(c, number, (at, &actor), version, &counts);
        self.writer.write(withdraw).await
    }

    async fn charge_files(&self) -> Result<Vec<ChargeFile>, StoreError> {
        self.read(usage_list::charge_files)
    }

    async fn ready(&self) -> Result<(), StoreError> {
        match self.writer.failure() {
            Some(why) => Err(StoreError::Unusable(format!("writing has stopped: {why}"))),
            None => self.read(|c| revision(c).map(|_| ())),
        }
    }
}
