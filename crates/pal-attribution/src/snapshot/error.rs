//! Why a snapshot is refused.

use pal_model::{FactError, Instant, TenantId};

/// Why a snapshot is refused. Nothing of it is kept then.
#[derive(Debug, thiserror::Error)]
pub enum SnapshotError {
    #[error("{path}: {source}")]
    Io { path: String, source: std::io::Error },
    #[error("{0}: there is no JSON file in this folder")]
    Empty(String),
    #[error("{file}: not JSON: {problem}")]
    Json { file: String, problem: String },
    #[error(
        "{file}: this is an error message of the service ({code}), not an export; fetch it again"
    )]
    Service { file: String, code: String },
    #[error("{file}: {what}; looked for {looked}", looked = super::form::LOOKED_FOR)]
    Unrecognised { file: String, what: String },
    #[error(
        "{file}: incomplete, its '{link}' says that more pages follow; fetch every page, put the items of all into one 'value' list and leave the link out (see docs/guide/export-from-azure.md)"
    )]
    Incomplete { file: String, link: String },
    #[error(
        "{file}: the answer of a delta query ('{mark}'): it lists what changed and leaves out what did not; fetch the whole list, without /delta"
    )]
    Delta { file: String, mark: String },
    #[error(
        "{file}: the service counted {counted}, the list has {held}; fetch every page again, and leave the file out if the two never agree"
    )]
    Count { file: String, counted: usize, held: usize },
    #[error("{first} and {second}: two collections in one folder; import one after the other")]
    Collections { first: String, second: String },
    #[error("--assume-since {since} is later than --taken-at {taken_at}; give the earlier instant")]
    AssumeSince { since: Instant, taken_at: Instant },
    #[error(transparent)]
    Ends(#[from] super::guard::TooManyEnds),
    #[error("{file}: item {item}: {problem}")]
    Item {
        file: String,
        /// Which item, from 1.
        item: usize,
        problem: String,
    },
    #[error(
        "nothing here says which tenant this is: name it with --tenant, or add the management groups or subscriptions"
    )]
    NoTenant,
    #[error(
        "two tenants in one snapshot: {first} ({first_from}) and {second} ({second_from}); export each into a folder of its own"
    )]
    Tenants { first: TenantId, first_from: String, second: TenantId, second_from: String },
    #[error(
        "{first} and {second} say different things about {what}: '{field}' differs; export both again"
    )]
    Conflict { first: String, second: String, what: String, field: String },
    #[error(
        "this snapshot was taken at {taken_at}, but the earlier facts of tenant {tenant} already know {previous}; import snapshots in the order they were taken"
    )]
    NotLater {
        tenant: TenantId,
        taken_at: Instant,
        /// The latest instant of the earlier facts.
        previous: Instant,
    },
    #[error(transparent)]
    Facts(#[from] FactError),
}
