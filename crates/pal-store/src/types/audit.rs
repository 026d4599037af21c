//! The audit log: who did what.

use pal_model::{Instant, ObjectId, Principal, TenantId};

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
