//! Why a snapshot is refused.

use pal_model::{FactError, Instant, TenantId};

/// Why a snapshot is refused. Nothing of it is kept then.
#[derive(Debug, thiserror::Error)]
pub enum SnapshotError {
    /// The folder or a file in it cannot be read.
    #[error("{path}: {source}")]
    Io {
        /// What was to be read.
        path: String,
        /// What the system said.
        source: std::io::Error,
    },
    /// Nothing to read.
    #[error("{0}: there is no JSON file in this folder")]
    Empty(String),
    #[error("{file}: not JSON: {problem}")]
    Json {
        file: String,
        /// What is wrong, and where.
        problem: String,
    },
    /// The service answered with an error, and that was saved.
    #[error(
        "{file}: this is an error message of the service ({code}), not an export; fetch it again"
    )]
    Service { file: String, code: String },
    /// JSON of an unknown kind.
    #[error("{file}: {what}; looked for {looked}", looked = super::form::LOOKED_FOR)]
    Unrecognised {
        file: String,
        /// What it looks like.
        what: String,
    },
    /// One page of several.
    #[error(
        "{file}: incomplete, its '{link}' says that more pages follow; fetch every page, put the items of all into one 'value' list and leave the link out (see docs/guide/export-from-azure.md)"
    )]
    Incomplete {
        file: String,
        /// The field that says so.
        link: String,
    },
    /// Changes instead of the whole list.
    #[error(
        "{file}: the answer of a delta query ('{mark}'): it lists what changed and leaves out what did not; fetch the whole list, without /delta"
    )]
    Delta {
        file: String,
        /// The field that says so.
        mark: String,
    },
    /// A list that does not hold as many as the service counted.
    #[error(
        "{file}: the service counted {counted}, the list has {held}; fetch every page again, and leave the file out if the two never agree"
    )]
    Count { file: String, counted: usize, held: usize },
    /// Two collections in one folder.
    #[error("{first} and {second}: two collections in one folder; import one after the other")]
    Collections {
        first: String,
        /// The other.
        second: String,
    },
    /// An assumption later than what is seen.
    #[error("--assume-since {since} is later than --taken-at {taken_at}; give the earlier instant")]
    AssumeSince {
        /// What was given.
        since: Instant,
        /// The instant of the snapshot.
        taken_at: Instant,
    },
    /// More would end than is likely.
    #[error(transparent)]
    Ends(#[from] super::guard::TooManyEnds),
    /// An item lacks something or has something of the wrong form.
    #[error("{file}: item {item}: {problem}")]
    Item {
        file: String,
        /// Which item, from 1.
        item: usize,
        /// What is wrong with it.
        problem: String,
    },
    /// Nothing says which directory this is.
    #[error(
        "nothing here says which tenant this is: name it with --tenant, or add the management groups or subscriptions"
    )]
    NoTenant,
    /// Two directories in one snapshot.
    #[error(
        "two tenants in one snapshot: {first} ({first_from}) and {second} ({second_from}); export each into a folder of its own"
    )]
    Tenants {
        first: TenantId,
        /// Who names it.
        first_from: String,
        /// The other.
        second: TenantId,
        /// Who names that.
        second_from: String,
    },
    /// Two files say different things about the same.
    #[error(
        "{first} and {second} say different things about {what}: '{field}' differs; export both again"
    )]
    Conflict {
        /// One file.
        first: String,
        /// The other.
        second: String,
        /// About what.
        what: String,
        /// The field that differs.
        field: String,
    },
    /// The earlier facts already know later.
    #[error(
        "this snapshot was taken at {taken_at}, but the earlier facts of tenant {tenant} already know {previous}; import snapshots in the order they were taken"
    )]
    NotLater {
        /// The directory.
        tenant: TenantId,
        /// The instant of this snapshot.
        taken_at: Instant,
        /// The latest instant of the earlier facts.
        previous: Instant,
    },
    /// Facts break a rule.
    #[error(transparent)]
    Facts(#[from] FactError),
}
