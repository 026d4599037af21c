//! When something begins that was not known before.
//!
//! Evidence goes first: a date in the list, an event. Where a first look has none, the structure is
//! taken to have been always so, since it credits nobody by itself; a deny too, since it takes away;
//! memberships, delegations and accounts begin when they are seen, or at an instant that the caller
//! assumes. What a later look sees for the first time began between the two looks, and the later one
//! is taken.

use std::collections::HashSet;

use pal_model::Instant;

use super::entry::Entry;
use super::ledger::Line;

/// A start, and whether it is an assumption.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Start {
    /// `None` = always.
    pub from: Option<Instant>,
    /// Whether there is no evidence of it.
    pub assumed: bool,
}

impl Start {
    /// A start that is known.
    pub const fn known(from: Instant) -> Self {
        Self { from: Some(from), assumed: false }
    }
}

/// What was looked at before this snapshot, and what the caller assumes.
pub struct Starts {
    at: Instant,
    since: Instant,
    seen: HashSet<&'static str>,
}

impl Starts {
    /// From the earlier facts of the directory.
    pub fn new<'l>(
        own: impl Iterator<Item = &'l Line>,
        at: Instant,
        since: Option<Instant>,
    ) -> Self {
        // What people write by hand is no look at the directory.
        const BY_HAND: [&str; 6] =
            ["partner", "link", "viewer", "linkAdministrator", "auditor", "privacy"];
        let own = own.filter(|line| !BY_HAND.contains(&line.kind));
        let seen = own.map(|line| class(line.kind, line.field("type"))).collect();
        Self { at, since: since.unwrap_or(at), seen }
    }

    /// When a thing begins that does not hold in the earlier facts; `ended` = the last end of an
    /// earlier time of it.
    pub fn of(&self, entry: &Entry, ended: Option<Instant>) -> Start {
        if let Some(from) = entry.from.filter(|&from| ended.is_none_or(|end| end <= from)) {
            return Start { from: Some(from), assumed: self.may_have_been_disabled(entry, from) };
        }
        let kind = entry.body.get("type").and_then(serde_json::Value::as_str).unwrap_or_default();
        if entry.kind == "tenant" {
            return Start { from: None, assumed: !self.seen.contains("tenant") };
        }
        // Role definitions belong to no directory: the first look at the directory is theirs.
        let before = match entry.kind {
            "roleDefinition" => !self.seen.is_empty(),
            _ => self.seen.contains(class(entry.kind, kind)),
        };
        if before || ended.is_some() {
            return Start::known(self.at);
        }
        let always = ["managementGroup", "subscription", "roleDefinition", "denyAssignment"];
        let from = (!always.contains(&entry.kind)).then_some(self.since);
        Start { from, assumed: true }
    }

    /// Whether an account was enabled before the first look at it is not known. Groups cannot be
    /// disabled.
    pub fn may_have_been_disabled(&self, entry: &Entry, from: Instant) -> bool {
        let is_group = entry.body.get("type").is_some_and(|kind| kind == "Group");
        entry.kind == "principal" && !is_group && from < self.at
    }
}

/// The kind of fact; of directory objects, the list that has them.
pub fn class(kind: &'static str, of: &str) -> &'static str {
    match kind {
        "principal" => super::entry::principals(of),
        other => other,
    }
}
