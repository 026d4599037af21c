//! What an import did, for people.

use std::collections::BTreeMap;
use std::fmt;

use pal_model::{Fact, Instant, PartnerId, TenantId};

use super::lacking::Lacking;
use super::ledger::Line;

#[derive(Debug, Clone)]
pub struct Summary {
    pub tenant: TenantId,
    pub taken_at: Instant,
    /// How many files were read.
    pub files: usize,
    pub kinds: BTreeMap<&'static str, Counts>,
    /// Facts that were left as they were because the list that would have to have them is missing,
    /// by the name of that list.
    pub left: BTreeMap<String, usize>,
    /// Lists that cannot be whole, each with the reason; nothing that they lack has ended.
    pub doubts: Vec<String>,
    /// Facts that the lists lack without evidence that they ended.
    pub unconfirmed: Vec<Unconfirmed>,
    /// How many of the new facts have a start that is assumed.
    pub assumed: usize,
    /// From when on reports depend on nothing that is assumed.
    pub dependable_from: Instant,
    /// What is missing before there can be credit.
    pub lacking: Vec<Lacking>,
    /// Partners that links name, no fact describes, and a fact was proposed for.
    pub proposed: Vec<PartnerId>,
    /// Files and items that say nothing, each with the reason.
    pub ignored: Vec<String>,
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Counts {
    pub added: usize,
    /// Facts with new values, or a new end.
    pub changed: usize,
    pub ended: usize,
    /// Facts as before.
    pub unchanged: usize,
    /// Facts that the lists lack, and that may hold.
    pub unconfirmed: usize,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unconfirmed {
    pub subscription: String,
    pub name: String,
    /// When the first list lacked it.
    pub since: Instant,
}

impl Unconfirmed {
    pub(super) fn of(line: &Line) -> Option<Self> {
        Some(Self {
            since: line.mark.unconfirmed_since?,
            subscription: line.field("subscription").to_owned(),
            name: line.field("name").to_owned(),
        })
    }
}

impl fmt::Display for Summary {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { tenant, taken_at, files, .. } = self;
        writeln!(f, "tenant {tenant} at {taken_at}, {files} files")?;
        for kind in Fact::KINDS {
            let Some(c) = self.kinds.get(kind) else { continue };
            let (added, changed, ended, unchanged) = (c.added, c.changed, c.ended, c.unchanged);
            write!(
                f,
                "  {kind}: {added} new, {changed} changed, {ended} ended, {unchanged} as before"
            )?;
            match c.unconfirmed {
                0 => writeln!(f)?,
                count => writeln!(f, ", {count} unconfirmed")?,
            }
        }
        for (list, count) in &self.left {
            writeln!(f, "  {count} left as before, no list of {list} in this snapshot")?;
        }
        for doubt in &self.doubts {
            writeln!(f, "  {doubt}; nothing that it lacks was ended")?;
        }
        for Unconfirmed { subscription, name, since } in &self.unconfirmed {
            writeln!(
                f,
                "  subscription {subscription} ({name}) is unconfirmed since {since}: the list lacks it, and \
                 nothing proves that it ended"
            )?;
        }
        for reason in &self.ignored {
            writeln!(f, "  ignored: {reason}")?;
        }
        for partner in &self.proposed {
            writeln!(
                f,
                "  partner {partner} is named by a link and described by no fact: proposed as a location that \
                 was always active (assumed); a 'partner' fact of your own goes before it"
            )?;
        }
        for lacking in &self.lacking {
            writeln!(f, "  missing before there can be credit: {lacking}")?;
        }
        writeln!(
            f,
            "  assumed starts: {}; reports are dependable from {} on",
            self.assumed, self.dependable_from
        )
    }
}
