//! What goes in and out of the store.

use std::collections::BTreeMap;

use pal_model::{
    FactError, Facts, Instant, Link, ObjectId, PartnerId, Principal, PrincipalKind, PrivacyLevel,
    Stated, TenantId, UserKind,
};

/// Whether a link counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LinkState {
    /// It counts.
    Active,
    /// Removed by its owner; the version goes on counting.
    Deleted,
}

/// The link of one (tenant, object) as it is now. Times have a resolution of 100 ns.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LinkRecord {
    /// Whose link it is.
    pub owner: Principal,
    /// The partner linked.
    pub partner: PartnerId,
    /// The partner's name now, where a fact gives one.
    pub partner_name: Option<String>,
    /// Starts at 1, +1 for each write, deletions included, never used again.
    pub version: i64,
    /// The first link ever of this owner.
    pub created: Instant,
    /// The last write. Never goes back, whatever the clock does.
    pub updated: Instant,
    /// Whether it counts.
    pub state: LinkState,
}

/// What to do with the caller's own link.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LinkAction {
    /// PUT: set a first link, or one after a deletion.
    Create(PartnerId),
    /// PATCH: point an active link at this partner.
    Update(PartnerId),
    /// DELETE: end the active link, which must name this partner; `None` = whichever it is.
    Delete(Option<PartnerId>),
    /// Date the active link, to this partner, by the clock as it is now: the clock was ahead when it was
    /// last changed.
    Correct(PartnerId),
}

/// Which partner IDs may be linked.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct PartnerRules {
    /// A global account, too.
    pub allow_global: bool,
    /// Any well-formed ID that no fact mentions, too.
    pub open_registration: bool,
}

/// Who did it, for the audit log: ids only, never names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Actor {
    /// The caller; `None` = the operator on the machine itself.
    pub principal: Option<Principal>,
    /// The application it used (`appid`), where the token says.
    pub client: Option<String>,
    /// SHA-256 of the token's unique id (or of the token), hexadecimal.
    pub token: Option<String>,
    /// Our request id.
    pub request: String,
}

/// A change of the caller's own link.
#[derive(Debug, Clone)]
pub struct LinkChange {
    /// Whose link. Always the caller of the token: see promise P1.
    pub owner: Principal,
    /// What to do.
    pub action: LinkAction,
    /// The time of the request.
    pub at: Instant,
    /// The rules in force.
    pub rules: PartnerRules,
    /// For the audit log.
    pub actor: Actor,
}

/// An account of a directory at an instant: the `principal` fact that holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Account {
    pub principal: Principal,
    pub kind: PrincipalKind,
    /// Member or guest.
    pub user_kind: Option<UserKind>,
    pub name: Option<String>,
    /// Whether it may sign in and link.
    pub enabled: bool,
}

impl Account {
    /// Whether it may own a link: enabled, and not a group (R1, R2).
    pub fn may_link(&self) -> bool {
        self.enabled && self.kind != PrincipalKind::Group
    }
}

/// A directory that facts mention.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TenantInfo {
    pub tenant: TenantId,
    pub name: Option<String>,
    pub domain: Option<String>,
}

/// Facts to take in: JSON Lines as in `docs/reference/facts.md`.
pub struct FactImport<'a> {
    /// The name of the file, for messages and the audit log.
    pub name: &'a str,
    /// Its content.
    pub text: &'a str,
    /// The time of the import: what is imported becomes known now. Only the first import into an
    /// empty store that does not serve takes `recordedAt` of the lines as it is, and what has none as
    /// always known. Until a store serves, `link` facts become links (migration, demo); afterwards one
    /// that is active already is passed over, and any other refused.
    pub at: Instant,
    /// For the audit log.
    pub actor: Actor,
    /// A rule that the store does not know (names of roles); given all facts as they would be.
    pub check: FactCheck,
}

/// What partners are to see of a directory.
pub struct PrivacyChange {
    /// The directory.
    pub tenant: TenantId,
    /// How much.
    pub level: PrivacyLevel,
    /// From now on.
    pub at: Instant,
    /// For the audit log.
    pub actor: Actor,
}

/// A rule over a whole set of facts.
pub type FactCheck = Box<dyn Fn(&mut Facts) -> Result<(), FactError> + Send + Sync>;

/// What an import did.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ImportSummary {
    /// Facts that are new.
    pub added: u64,
    /// Facts stated before with the same key and `from`, and otherwise now.
    pub replaced: u64,
    /// Facts that a later one with the same key ended.
    pub ended: u64,
    /// Facts that were there already, equal; links that are active in the register.
    pub unchanged: u64,
    /// Partners to whom somebody is linked and of which no fact is known, by number.
    pub unknown_partners: Vec<PartnerId>,
    /// The revision after it.
    pub revision: i64,
}

/// Which facts to read.
#[derive(Debug, Clone, Copy, Default)]
pub struct FactsAt {
    /// As known at this instant; `None` = now.
    pub known_at: Option<Instant>,
    /// Only these directories' facts and the partners; `None` = all.
    pub tenant: Option<TenantId>,
    /// With `link` facts from the register's history.
    pub links: bool,
}

/// Facts, one JSON object a line, in an order that depends on nothing but the facts.
#[derive(Debug, Clone)]
pub struct FactsText {
    /// The lines.
    pub text: String,
    /// The revision they were read at.
    pub revision: i64,
    /// The instant asked for; for now, the last one at which anything became known: whoever asks for
    /// it later gets the same.
    pub known_at: Instant,
}

/// How far somebody has read facts and links. A store makes it, and nobody else looks inside.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FactsPosition {
    /// The change of facts that was the last to be seen.
    pub(crate) change: i64,
    /// The last instant at which a link changed, as the store counts time.
    pub(crate) links: i64,
}

/// Links by account, each with the interval in which it held.
pub type LinksByAccount = BTreeMap<Principal, Vec<Stated<Link>>>;

/// Facts and links of one moment, or what is other in them than at an earlier one.
#[derive(Debug, Clone)]
pub struct FactsRead {
    /// The revision they were read at.
    pub revision: i64,
    /// As in [`FactsText`].
    pub known_at: Instant,
    /// How far this has read.
    pub position: FactsPosition,
    /// What was read.
    pub news: FactsNews,
}

/// What is other than at the position that was asked from.
#[derive(Debug, Clone)]
pub enum FactsNews {
    /// No fact is, but these accounts have these links instead of what they had; none where nothing is.
    Links(LinksByAccount),
    /// Facts are: all of them, one a line, and all links.
    All(String, LinksByAccount),
}

/// A person who can sign in at the embedded issuer: one password, one account in each directory.
#[derive(Debug, Clone)]
pub struct Login {
    /// The sign-in name, compared without regard to ASCII case.
    pub upn: String,
    /// Argon2id, PHC string.
    pub password_hash: String,
    /// The accounts; the first is the home account.
    pub accounts: Vec<Principal>,
}

/// A session of the portal to keep.
#[derive(Debug, Clone)]
pub struct NewPortalSession {
    /// SHA-256 of the cookie.
    pub hash: [u8; 32],
    /// The sign-in name at the embedded issuer and the hash of the password that was given; `None` =
    /// another issuer has said who it is.
    pub login: Option<(String, String)>,
    /// The account it stands for.
    pub account: Principal,
    /// Who has said so.
    pub issuer: String,
    /// Now.
    pub created: Instant,
    /// The end, however much it is used.
    pub ends: Instant,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PortalSession {
    /// The sign-in name at the embedded issuer.
    pub login: Option<String>,
    /// The account it stands for.
    pub account: Principal,
    /// Who has said so.
    pub issuer: String,
    /// When it began.
    pub created: Instant,
    /// When it was used last, as far as that is kept.
    pub used: Instant,
    /// The end, however much it is used.
    pub ends: Instant,
}

/// A refresh token to keep: only its hash.
#[derive(Debug, Clone)]
pub struct NewRefreshToken {
    /// SHA-256 of the token.
    pub hash: [u8; 32],
    /// All tokens that come from one sign-in.
    pub family: [u8; 16],
    /// The sign-in name.
    pub upn: String,
    /// The application.
    pub client: String,
    /// The end of the family, whatever is refreshed.
    pub expires: Instant,
}

/// A refresh token that was just used up.
#[derive(Debug, Clone)]
pub struct RefreshToken {
    /// All tokens that come from one sign-in.
    pub family: [u8; 16],
    /// The sign-in name.
    pub upn: String,
    /// The application it was given to.
    pub client: String,
    /// The end of the family.
    pub expires: Instant,
}

/// Why a refresh token is not taken.
#[derive(Debug, thiserror::Error)]
pub enum RefreshError {
    /// Unknown, expired, revoked, or of another application.
    #[error("the refresh token is not valid")]
    Invalid,
    /// Used before: the whole family is revoked now.
    #[error("the refresh token was used before")]
    Reused,
    /// The store failed.
    #[error(transparent)]
    Store(#[from] crate::StoreError),
}

/// What an audit record says was done.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AuditAction {
    /// A link was set.
    LinkCreate,
    /// A link was pointed at another partner.
    LinkUpdate,
    /// A link was ended.
    LinkDelete,
    /// Facts were imported.
    FactsImport,
    /// A sign-in name or application was set.
    CredentialSet,
    /// A report with money was read.
    ReportRead,
    /// Usage was imported or refused.
    UsageImport,
    /// An import of usage was withdrawn.
    UsageWithdraw,
    /// An auditor has set what partners see of a directory.
    PrivacySet,
    /// The store's own state: serving has begun, a checkpoint was signed, a report was asked for as
    /// known at an instant, a newer program has taken over.
    StoreState,
    /// A session of the portal or a refresh token came, changed or ended.
    SessionChange,
    /// A person was erased.
    PersonErase,
}

impl AuditAction {
    pub const ALL: [Self; 12] = [
        Self::LinkCreate,
        Self::LinkUpdate,
        Self::LinkDelete,
        Self::FactsImport,
        Self::CredentialSet,
        Self::ReportRead,
        Self::UsageImport,
        Self::UsageWithdraw,
        Self::PrivacySet,
        Self::StoreState,
        Self::SessionChange,
        Self::PersonErase,
    ];

    /// The word that stands for it in queries and answers.
    pub const fn name(self) -> &'static str {
        match self {
            Self::LinkCreate => "link-create",
            Self::LinkUpdate => "link-update",
            Self::LinkDelete => "link-delete",
            Self::FactsImport => "facts-import",
            Self::CredentialSet => "credential-set",
            Self::ReportRead => "report-read",
            Self::UsageImport => "usage-import",
            Self::UsageWithdraw => "usage-withdraw",
            Self::PrivacySet => "privacy-set",
            Self::StoreState => "store-state",
            Self::SessionChange => "session-change",
            Self::PersonErase => "person-erase",
        }
    }
}

/// Which records of the audit log are meant: those that fit all that is said.
#[derive(Debug, Clone, Copy, Default)]
pub struct AuditFilter {
    /// Only records before this number.
    pub before: Option<i64>,
    /// Only what was done so.
    pub action: Option<AuditAction>,
    /// Only what somebody of this directory did, or what was done to its links.
    pub tenant: Option<TenantId>,
    /// Only what this object of `tenant` did, or what was done to its link. Ignored without it.
    pub object: Option<ObjectId>,
    pub from: Option<Instant>,
    /// Before this instant.
    pub to: Option<Instant>,
}

/// One record of the audit log.
#[derive(Debug, Clone)]
pub struct AuditRecord {
    /// Its number, from 1 without gaps.
    pub number: i64,
    /// When.
    pub at: Instant,
    pub actor: Actor,
    pub action: AuditAction,
    /// Whose link, or who was erased; `None` for imports.
    pub target: Option<Principal>,
    /// What exactly, as JSON: partner before and after, counts of an import, …
    pub detail: String,
    /// Version of the link before and after.
    pub versions: (Option<i64>, Option<i64>),
    /// Digests of the state that the change left, as JSON; `None` in records of earlier versions.
    pub evidence: Option<String>,
    /// SHA-256 over the record and `previous`.
    pub hash: [u8; 32],
    /// The hash of the record before; zeros for the first.
    pub previous: [u8; 32],
}

/// How much there is of everything.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct StoreFigures {
    /// Facts that hold as far as is known, superseded ones left out.
    pub facts: u64,
    /// Links that are active.
    pub links: u64,
    /// Records of the audit log, and how many of them no checkpoint has signed.
    pub audit_records: u64,
    pub unsigned_records: u64,
    /// When the last checkpoint was signed.
    pub checkpoint: Option<Instant>,
    /// Imports of usage by their state, with those that were withdrawn.
    pub imports: Vec<ImportFigures>,
}

/// Imports of one state.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ImportFigures {
    pub state: crate::ImportState,
    pub number: u64,
    /// Rows that were read by them.
    pub rows: u64,
    pub last: Instant,
}
