//! Azure's present state, read from the raw JSON that `az`, Resource Manager and Graph print, as
//! facts.
//!
//! None of those interfaces tells when something ended: they know the present only. So a snapshot
//! is read *as of* an instant, and a later one is [merged](merge) into the facts of the earlier:
//! what is gone ends, what is different ends and begins anew, what is the same stays as it was
//! written, byte for byte.
//!
//! Decisions; where a start is not known, on the side of claiming too little credit rather than too
//! much, and never without saying so:
//!
//! - What tells its own start (`createdOn` of a role assignment, `createdDateTime` of an identity, an
//!   event of a log) begins then. A role definition or a delegation that was edited begins at its last
//!   edit: what it allowed before is not known. A link begins at its last write for the same reason.
//!   What a first look has no evidence of is *assumed*, and its fact says so ([start]).
//! - Something seen again after it had ended begins anew when it is seen, unless its own start is
//!   later than that end: a restored account keeps its old date of creation.
//! - Absence ends something only if the snapshot holds a list in which it would have to be, that list
//!   is whole ([whole], [lists]), and it shows more than what the reader may see ([ends]). A list that
//!   is missing ends nothing, and the summary says what was left alone. A link or a role
//!   definition never ends by absence: each person exports only their own link, and a role that is
//!   still assigned cannot be deleted. Without a better source (log, recycle bin, schedule)
//!   the end is the instant of the snapshot: the last moment at which it can have held.
//! - Too much that is missing at once stops the import ([guard]).
//! - A fact that ends keeps its `recordedAt`: it was known to hold then, and a report of what was
//!   known then must still find it.
//! - A file that is not understood refuses the whole snapshot. Harmless, and only listed, are
//!   files that are not JSON, empty lists whose name does not say what they would list, kinds that give
//!   no fact, and events that tell no start and no end.

mod access;
mod collection;
mod directory;
mod ends;
mod entry;
mod error;
mod events;
mod files;
mod form;
mod gather;
mod guard;
mod hierarchy;
mod item;
mod lacking;
mod ledger;
mod lists;
mod members;
mod merge;
mod partners;
mod start;
mod summary;
mod tenant;
mod whole;

use std::collections::BTreeSet;
use std::path::Path;

use pal_model::{Instant, TenantId};

pub use error::SnapshotError;
pub use guard::{Limit, Missing, TooManyEnds};
pub use lacking::Lacking;
pub use merge::{Merged, Options, merge};
pub use summary::{Counts, Summary, Unconfirmed};

use entry::Entry;
use events::LogEvents;

/// What a folder of exports says, as of one instant.
#[derive(Debug)]
pub struct Snapshot {
    tenant: TenantId,
    taken_at: Instant,
    /// What holds, or held until a known end; sorted.
    entries: Vec<Entry>,
    told: LogEvents,
    /// The lists that are there: absence from one of them is the end of a thing.
    areas: BTreeSet<String>,
    /// Files and items that say nothing, each with the reason.
    ignored: Vec<String>,
    /// Lists that cannot be whole, each with the reason.
    doubts: Vec<String>,
    /// How many files were read.
    files: usize,
}

impl Snapshot {
    pub const fn tenant(&self) -> TenantId {
        self.tenant
    }
}

/// Reads a folder, folders inside it included. Files are known by what is in them; names matter
/// for lists that may be empty (`role-assignments.<subscription>.json`) and for members of a group
/// (`<group>.members.json`).
///
/// # Errors
/// The first file that cannot be read, is not understood or not complete, or statements that
/// contradict each other, about the directory for one; with the file.
pub fn read(
    dir: &Path,
    taken_at: Instant,
    tenant: Option<TenantId>,
) -> Result<Snapshot, SnapshotError> {
    let folder = files::load(dir)?;
    let tenant = tenant::tenant_of(&folder, tenant)?;
    gather::gather(folder, tenant, taken_at)
}

#[cfg(test)]
mod tests;
