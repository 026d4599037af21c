//! What an import did, for people.

use std::collections::BTreeMap;
use std::fmt;

use pal_model::{Fact, Instant, TenantId};

/// What an import did.
#[derive(Debug, Clone)]
pub struct Summary {
    /// The directory.
    pub tenant: TenantId,
    /// The instant of the snapshot.
    pub taken_at: Instant,
    /// How many files were read.
    pub files: usize,
    /// What happened to the facts, by kind.
    pub kinds: BTreeMap<&'static str, Counts>,
    /// Facts that were left as they were because the list that would have to have them is missing,
    /// by the name of that list.
    pub left: BTreeMap<String, usize>,
    /// Files and items that say nothing, each with the reason.
    pub ignored: Vec<String>,
}

/// What happened to the facts of one kind.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Counts {
    /// New facts.
    pub added: usize,
    /// Facts with new values, or a new end.
    pub changed: usize,
    /// Facts that ended.
    pub ended: usize,
    /// Facts as before.
    pub unchanged: usize,
}

impl fmt::Display for Summary {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { tenant, taken_at, files, .. } = self;
        writeln!(f, "tenant {tenant} at {taken_at}, {files} files")?;
        for kind in Fact::KINDS {
            let Some(c) = self.kinds.get(kind) else { continue };
            let (added, changed, ended, unchanged) = (c.added, c.changed, c.ended, c.unchanged);
            writeln!(
                f,
                "  {kind}: {added} new, {changed} changed, {ended} ended, {unchanged} as before"
            )?;
        }
        for (list, count) in &self.left {
            writeln!(f, "  {count} left as before, no list of {list} in this snapshot")?;
        }
        for reason in &self.ignored {
            writeln!(f, "  ignored: {reason}")?;
        }
        Ok(())
    }
}
