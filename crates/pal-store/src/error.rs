//! What can go wrong, by room.

use pal_model::{FactError, Instant, PartnerId};

/// The store itself failed.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// Nothing was changed; the same call may succeed later.
    #[error("the store is busy or full: {0}")]
    Unavailable(String),
    /// The outcome of a write is not known (a commit failed half way): look before repeating.
    #[error("the outcome of the write is not known: {0}")]
    Unknown(String),
    /// The data folder cannot be used: too new, too old, damaged, a library below the required
    /// version.
    #[error("{0}")]
    Unusable(String),
    /// What is known at an instant that has not passed yet can still change.
    #[error(
        "{0} has not passed yet: what is known then can still change; ask for an instant that has \
         passed, or leave it out for now"
    )]
    NotYet(Instant),
}

/// Why a link was not changed. Nothing was written.
#[derive(Debug, thiserror::Error)]
pub enum LinkError {
    /// The pair (tenant, object) is no enabled user, guest, service principal or managed identity
    /// of that directory (R1, R2).
    #[error("the caller has no account in this tenant")]
    NoAccount,
    /// The account exists and is disabled.
    #[error("the caller's account is disabled")]
    Disabled,
    /// PUT although a link is active.
    #[error("already linked to {partner}")]
    AlreadyLinked {
        /// The partner linked now.
        partner: PartnerId,
        /// Its name, where known.
        name: Option<String>,
        /// RFC 3339 time of the last change.
        since: String,
    },
    /// PATCH or DELETE without an active link.
    #[error("not linked")]
    NotLinked,
    /// DELETE that names another partner than the one linked.
    #[error("linked to another partner")]
    OtherPartner,
    /// A date that is not ahead of the clock needs no correction.
    #[error("the link is dated {since}, which is not ahead of the clock")]
    NotAhead {
        /// RFC 3339 time of the last change.
        since: String,
    },
    /// No such partner (R7), and registration is not open.
    #[error("there is no partner {0}")]
    UnknownPartner(PartnerId),
    /// Known, but not active now (R10).
    #[error("partner {partner} is not active")]
    InactivePartner {
        /// The partner asked for.
        partner: PartnerId,
        /// Its name, where known.
        name: Option<String>,
    },
    /// A global account: links use a location (R7).
    #[error("{partner} is a global account")]
    GlobalPartner {
        /// The partner asked for.
        partner: PartnerId,
        /// Its name, where known.
        name: Option<String>,
        /// Active locations below it, by number: id and name.
        locations: Vec<(PartnerId, Option<String>)>,
    },
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Why facts were not imported. Nothing was written.
#[derive(Debug, thiserror::Error)]
pub enum FactImportError {
    /// A line, or a rule between lines, is broken; the text names file and line.
    #[error(transparent)]
    Fact(#[from] FactError),
    /// Anything else that is wrong with the content, with file and line.
    #[error("{0}")]
    Refused(String),
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Why what partners see of a directory was not set. Nothing was written.
#[derive(Debug, thiserror::Error)]
pub enum PrivacyError {
    /// A level that begins later is stated already.
    #[error("a level is stated from {0} on")]
    Later(Instant),
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Why what an application signs in with was not changed. Nothing was written.
#[derive(Debug, thiserror::Error)]
pub enum CredentialError {
    /// There is no such application for this account.
    #[error("there is no such application for this account")]
    NoApp,
    /// It would have more than it may.
    #[error("the application would have more secrets or certificates than it may")]
    TooMany,
    /// It has none of this id.
    #[error("the application has no credential {0}")]
    NoCredential(String),
    /// It could not sign in any more.
    #[error("{0} is all that the application signs in with")]
    Last(String),
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}
