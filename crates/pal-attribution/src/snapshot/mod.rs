//! Azure's present state, read from the raw JSON that `az`, Resource Manager and Graph print, as
//! facts.
//!
//! None of those interfaces tells when something ended: they know the present only. So a snapshot
//! is read *as of* an instant, and a later one is [merged](merge) into the facts of the earlier:
//! what is gone ends, what is different ends and begins anew, what is the same stays as it was
//! written, byte for byte.
//!
//! Decisions; where a start is not known, on the side of claiming too little credit rather than too
//! much:
//!
//! - What tells its own start (`createdOn` of a role assignment, `createdDateTime` of an identity)
//!   begins then; everything else begins at the instant of the snapshot. A role definition or a
//!   delegation that was edited begins at its last edit: what it allowed before is not known. A
//!   link begins at its last update for the same reason. A tenant's own fact has no start: it is a
//!   name and credits nobody.
//! - Something seen again after it had ended begins anew when it is seen, unless its own start is
//!   later than that end: a restored account keeps its old date of creation.
//! - Absence ends something only if the snapshot holds a list in which it would have to be. A list
//!   that is missing ends nothing, and the summary says what was left alone. A link or a role
//!   definition never ends by absence: each person exports only their own link, and a role that is
//!   still assigned cannot be deleted. Without a better source (activity log, recycle bin, schedule)
//!   the end is the instant of the snapshot: the last moment at which it can have held.
//! - A fact that ends keeps its `recordedAt`: it was known to hold then, and a report of what was
//!   known then must still find it.
//! - A file that is not understood refuses the whole snapshot. Harmless, and only listed, are
//!   files that are not JSON, empty lists whose name does not say what they would list, and
//!   activity log events other than deletes of role assignments.

mod access;
mod directory;
mod entry;
mod error;
mod events;
mod files;
mod form;
mod gather;
mod hierarchy;
mod item;
mod ledger;
mod merge;
mod summary;

use std::collections::BTreeSet;
use std::path::Path;

use pal_model::{Instant, TenantId};

pub use error::SnapshotError;
pub use merge::{Merged, merge};
pub use summary::{Counts, Summary};

use entry::Entry;
use events::Delete;

/// What a folder of exports says, as of one instant.
#[derive(Debug)]
pub struct Snapshot {
    /// The directory it is about.
    tenant: TenantId,
    /// The instant it describes.
    taken_at: Instant,
    /// What holds, or held until a known end; sorted.
    entries: Vec<Entry>,
    /// Deletes of role assignments, sorted.
    deletes: Vec<Delete>,
    /// The lists that are there: absence from one of them is the end of a thing.
    areas: BTreeSet<String>,
    /// Files and items that say nothing, each with the reason.
    ignored: Vec<String>,
    /// How many files were read.
    files: usize,
}

impl Snapshot {
    /// The directory that the snapshot is about.
    pub const fn tenant(&self) -> TenantId {
        self.tenant
    }

    /// The instant that it describes.
    pub const fn taken_at(&self) -> Instant {
        self.taken_at
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
    let tenant = gather::tenant_of(&folder.documents, tenant)?;
    gather::gather(folder, tenant, taken_at)
}

#[cfg(test)]
mod tests;
