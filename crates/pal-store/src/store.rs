//! The operations any back end offers.

use async_trait::async_trait;
use pal_model::{Guid, Instant, Principal, TenantId};

use crate::audit::AuditReport;
use crate::{
    Account, Actor, App, AuditFilter, AuditRecord, ChargeFile, Checkpoint, CountChange,
    CountedRecord, CredentialChange, CredentialError, EraseError, Erased, FactImport,
    FactImportError, FactsAt, FactsPosition, FactsRead, FactsText, ImportSummary, LinkChange,
    LinkError, LinkRecord, Login, NewPortalSession, NewRefreshToken, Person, PersonErasure,
    PieceRecord, PortalSession, PrivacyChange, PrivacyError, RefreshError, RefreshToken,
    StoreError, StoreFigures, TenantInfo, UsageAt, UsageImport, UsageImportError,
    UsageImportRecord, UsageImported, UsageMonth, UsageStatements, UsageVersion, WithdrawError,
    Withdrawn,
};

/// Links and their history. See [`Store`].
#[async_trait]
pub trait LinkStore: Send + Sync {
    /// The caller's account at `now`, and its link if there has ever been one.
    async fn own_link(
        &self,
        caller: Principal,
        now: Instant,
    ) -> Result<(Option<Account>, Option<LinkRecord>), StoreError>;

    /// Changes the caller's own link: account, partner and state are judged, and link, history and
    /// audit record written, in one transaction. Linearizable for each owner (P6).
    async fn change_link(&self, change: LinkChange) -> Result<LinkRecord, LinkError>;

    /// Every version of an owner's link, oldest first.
    async fn link_history(&self, owner: Principal) -> Result<Vec<LinkRecord>, StoreError>;
}

/// Accounts and directories, as facts state them. See [`Store`].
#[async_trait]
pub trait DirectoryStore: Send + Sync {
    /// The account at `now`, without the link.
    async fn account(&self, who: Principal, now: Instant) -> Result<Option<Account>, StoreError>;

    /// A directory by id, at `now`.
    async fn tenant(&self, id: TenantId, now: Instant) -> Result<Option<TenantInfo>, StoreError>;

    /// A directory by its domain (without regard to ASCII case), at `now`.
    async fn tenant_by_domain(
        &self,
        domain: &str,
        now: Instant,
    ) -> Result<Option<TenantInfo>, StoreError>;

    /// A directory by what clients write into an address: its id or its domain.
    async fn tenant_called(
        &self,
        text: &str,
        now: Instant,
    ) -> Result<Option<TenantInfo>, StoreError> {
        match text.parse() {
            Ok(id) => self.tenant(id, now).await,
            Err(_) => self.tenant_by_domain(text, now).await,
        }
    }
}

/// Erasing persons. See [`Store`].
#[async_trait]
pub trait ErasureStore: Send + Sync {
    /// What is kept of the person who has these accounts, beside identifiers.
    async fn person(&self, accounts: &[Principal]) -> Result<Person, EraseError>;

    /// Erases a person: the names go from all facts and files, with sign-ins and sessions; identifiers, links and
    /// times stay.
    async fn erase_person(&self, erasure: PersonErasure) -> Result<Erased, EraseError>;

    /// When the person of an account was erased last.
    async fn erased(&self, who: Principal) -> Result<Option<Instant>, StoreError>;
}

/// Facts, and what customers show of them. See [`Store`].
#[async_trait]
pub trait FactStore: Send + Sync {
    /// Takes facts in, whole or not at all. A long file is written in parts that nobody sees, and seen from one commit
    /// on; changes of links do not wait for it.
    async fn import_facts(&self, import: FactImport<'_>) -> Result<ImportSummary, FactImportError>;

    /// Facts and links for somebody who has read up to a position (`None` = nothing yet): only what
    /// changed after it, where no fact did. As known at an instant (`None` = now) is always everything.
    async fn read_facts(
        &self,
        after: Option<FactsPosition>,
        known_at: Option<Instant>,
    ) -> Result<FactsRead, StoreError>;

    /// Lets nothing become known any more at an instant or before it: what is read as known at it is
    /// the same for ever (P10). An instant that is yet to come is refused.
    async fn pin(&self, at: Instant) -> Result<(), StoreError>;

    /// The facts as text, with links from the register's history.
    async fn facts(&self, at: FactsAt) -> Result<FactsText, StoreError>;

    /// States what partners see of a directory, from now on; whether that is another than before. What
    /// is the same is not stated again.
    async fn set_privacy(&self, change: PrivacyChange) -> Result<bool, PrivacyError>;
}

/// Who can sign in at the embedded issuer. See [`Store`].
#[async_trait]
pub trait SignInStore: Send + Sync {
    /// A person by sign-in name.
    async fn login(&self, upn: &str) -> Result<Option<Login>, StoreError>;

    /// The person behind an account.
    async fn login_of(&self, account: Principal) -> Result<Option<Login>, StoreError>;

    /// An application by client id; with `tenant`, its service principal there.
    async fn app(&self, client: Guid, tenant: Option<TenantId>) -> Result<Option<App>, StoreError>;

    /// Sets a person, replacing one of the same sign-in name.
    async fn put_login(&self, login: Login, at: Instant, actor: Actor) -> Result<(), StoreError>;

    /// Sets an application's service principal, replacing the one of the same client and tenant.
    async fn put_app(&self, app: App, at: Instant, actor: Actor) -> Result<(), StoreError>;

    /// Changes what an application signs in with, and leaves the rest: one may take the place of
    /// another without a moment in which neither works.
    async fn change_credentials(
        &self,
        client: Guid,
        who: Principal,
        change: CredentialChange,
        at: Instant,
        actor: Actor,
    ) -> Result<App, CredentialError>;

    /// Keeps the first refresh token of a sign-in.
    async fn keep_refresh_token(&self, token: NewRefreshToken) -> Result<(), StoreError>;

    /// The sign-in name of a refresh token that has not been used.
    async fn refresh_token_owner(&self, token: [u8; 32]) -> Result<Option<String>, StoreError>;

    /// Uses up a refresh token and keeps its successor in the same family; a token used before
    /// revokes its family (T49).
    async fn rotate_refresh_token(
        &self,
        token: [u8; 32],
        client: &str,
        successor: [u8; 32],
        now: Instant,
    ) -> Result<RefreshToken, RefreshError>;

    /// Revokes every refresh token of a sign-in, given any of its tokens.
    async fn revoke_refresh_family(&self, family: [u8; 16]) -> Result<(), StoreError>;
}

/// Sessions of the portal. See [`Store`].
#[async_trait]
pub trait PortalStore: Send + Sync {
    /// Keeps a session of the portal; `false` = not, because the password is another by now, or the
    /// account not that person's.
    async fn keep_portal_session(&self, session: NewPortalSession) -> Result<bool, StoreError>;

    /// A session of the portal by the hash of its cookie; whether it is over is the caller's to judge.
    async fn portal_session(&self, hash: [u8; 32]) -> Result<Option<PortalSession>, StoreError>;

    /// Records that a session was used.
    async fn use_portal_session(&self, hash: [u8; 32], at: Instant) -> Result<(), StoreError>;

    /// Lets a session stand for another account of the same person at the embedded issuer; `false` =
    /// it is not that person's, or there is no such session, and nothing was changed.
    async fn switch_portal_session(
        &self,
        hash: [u8; 32],
        to: Principal,
    ) -> Result<bool, StoreError>;

    async fn end_portal_session(&self, hash: [u8; 32]) -> Result<(), StoreError>;

    /// Ends every session of the person of a session, and their refresh tokens. Of a person of another
    /// issuer only the account is known: every session of that account.
    async fn end_portal_sessions(&self, hash: [u8; 32]) -> Result<(), StoreError>;
}

/// The audit log. See [`Store`].
#[async_trait]
pub trait AuditStore: Send + Sync {
    /// Records that somebody read a report with money; `detail` is JSON.
    async fn record_read(
        &self,
        actor: Actor,
        at: Instant,
        detail: String,
    ) -> Result<(), StoreError>;

    /// Records of the audit log that fit, newest first, at most `limit`.
    async fn audit_records(
        &self,
        filter: AuditFilter,
        limit: u32,
    ) -> Result<Vec<AuditRecord>, StoreError>;

    /// Signed checkpoints of records before `before`, newest first, at most `limit`, and the public
    /// key that they are signed with, hexadecimal.
    async fn audit_checkpoints(
        &self,
        before: Option<i64>,
        limit: u32,
    ) -> Result<(Vec<Checkpoint>, String), StoreError>;

    /// Whether the log, the register and the checkpoints that are kept here fit together.
    async fn audit_verify(&self) -> Result<AuditReport, StoreError>;
}

/// Usage: statements, their pieces, and what counts of them. See [`Store`].
#[async_trait]
pub trait UsageStore: Send + Sync {
    /// The statements of usage that are not withdrawn, and the version that they are of.
    async fn usage_statements(&self) -> Result<UsageStatements, StoreError>;

    /// The pieces of some statements that are of some months, by number; the months of each
    /// statement are in [`UsageStatements`]. No statement or no month: no piece.
    async fn usage_pieces(
        &self,
        statements: &[i64],
        months: &[UsageMonth],
    ) -> Result<Vec<PieceRecord>, StoreError>;

    /// What is counted now of the pieces of some months, by number. No month: nothing.
    async fn usage_counted(&self, months: &[UsageMonth]) -> Result<Vec<CountedRecord>, StoreError>;

    /// Takes usage in, whole or not at all: its statements and pieces, and what counts from now on
    /// because of them. Which rows count is not judged here; that no row of a piece counts twice
    /// is. An import of statements that are known by another version than `import.version` is
    /// refused as [`Moved`](UsageImportError::Moved).
    async fn import_usage(&self, import: UsageImport) -> Result<UsageImported, UsageImportError>;

    /// Records usage that was refused before it could be imported; its number.
    async fn refuse_usage(
        &self,
        at: Instant,
        actor: Actor,
        name: String,
        landed: Option<String>,
        reason: String,
    ) -> Result<i64, StoreError>;

    /// What counts, as known at an instant; `None` = now.
    async fn usage(&self, known_at: Option<Instant>) -> Result<UsageAt, StoreError>;

    /// The last imports, newest first.
    async fn usage_imports(&self, limit: u32) -> Result<Vec<UsageImportRecord>, StoreError>;

    /// Whether an entry of a watched folder was imported or refused before. What an earlier version
    /// imported and no longer counts was not: it is imported again.
    async fn usage_landed(&self, fingerprint: &str) -> Result<bool, StoreError>;

    /// Withdraws an import: its statements are as if never imported, and what counts changes as
    /// `counts` says, whose `begin` names kept pieces only. Nothing of the import may count after it.
    async fn withdraw_usage(
        &self,
        number: i64,
        at: Instant,
        actor: Actor,
        version: UsageVersion,
        counts: CountChange,
    ) -> Result<Withdrawn, WithdrawError>;

    /// The charge files that hold a piece, by name: one that is withdrawn or counted no more is
    /// read by reports of what was known.
    async fn charge_files(&self) -> Result<Vec<ChargeFile>, StoreError>;
}

/// One data set. What a method changes is seen from one commit on. A write that was begun goes on to its end even
/// when the future is dropped; its success is reported only after it is durable (P5).
#[async_trait]
pub trait Store:
    LinkStore
    + DirectoryStore
    + ErasureStore
    + FactStore
    + SignInStore
    + PortalStore
    + AuditStore
    + UsageStore
{
    /// Rises with every change of facts or links.
    async fn revision(&self) -> Result<i64, StoreError>;

    /// The revision, and the last instant at which anything became known: of one moment.
    async fn moment(&self) -> Result<(i64, Instant), StoreError>;

    /// Marks the store as one that serves: `link` facts are refused from now on.
    async fn begin_serving(&self, at: Instant) -> Result<(), StoreError>;

    /// How much there is of everything, for whoever watches the service.
    async fn figures(&self) -> Result<StoreFigures, StoreError>;

    /// How many changes wait to be written.
    fn waiting_changes(&self) -> usize;

    /// Whether writes can be expected to succeed (for `/readyz`): an error says why not.
    async fn ready(&self) -> Result<(), StoreError>;
}
