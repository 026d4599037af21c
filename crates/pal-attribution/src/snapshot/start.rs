//! When something begins that was not known before.
//!
//! Evidence goes first: a date in the list, an event. Where a first look has none, the structure is
//! taken to have been always so, since it credits nobody by itself; a deny too, since it takes away;
//! memberships, delegations and accounts begin when they are seen, or at an instant that the caller
//! assumes. What a later look sees for the first time began between the two looks, and the later one
//! is taken.

use std::collections::HashSet;

use pal_model::{Fact, Instant, PrincipalKind};

use super::entry::Entry;
use super::ledger::{Line, Start};

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
        let seen = own.filter(|line| is_listed(&line.fact)).map(|line| class(&line.fact)).collect();
        Self { at, since: since.unwrap_or(at), seen }
    }

    /// When a thing begins that does not hold in the earlier facts; `ended` = the last end of an
    /// earlier time of it.
    pub fn of(&self, entry: &Entry, ended: Option<Instant>) -> Start {
        if let Some(from) = entry.from.filter(|&from| ended.is_none_or(|end| end <= from)) {
            return Start { from: Some(from), assumed: self.may_have_been_disabled(entry, from) };
        }
        let looked = match entry.fact {
            Fact::Tenant(_) => {
                return Start { from: None, assumed: !self.seen.contains(entry.fact.kind()) };
            }
            // Role definitions belong to no directory: the first look at the directory is theirs.
            Fact::RoleDefinition(_) => !self.seen.is_empty(),
            _ => self.seen.contains(class(&entry.fact)),
        };
        if looked || ended.is_some() {
            return Start::known(self.at);
        }
        let always = matches!(
            entry.fact,
            Fact::ManagementGroup(_)
                | Fact::Subscription(_)
                | Fact::RoleDefinition(_)
                | Fact::DenyAssignment(_)
        );
        Start { from: (!always).then_some(self.since), assumed: true }
    }

    /// Whether an account was enabled before the first look at it is not known. Groups cannot be
    /// disabled.
    pub fn may_have_been_disabled(&self, entry: &Entry, from: Instant) -> bool {
        let fact = &entry.fact;
        let account = matches!(fact, Fact::Principal(fact) if fact.kind != PrincipalKind::Group);
        account && from < self.at
    }
}

/// Whether Azure lists facts of this kind. What people write by hand is no look at the directory.
const fn is_listed(fact: &Fact) -> bool {
    matches!(
        fact,
        Fact::Tenant(_)
            | Fact::Principal(_)
            | Fact::Membership(_)
            | Fact::ManagementGroup(_)
            | Fact::Subscription(_)
            | Fact::RoleDefinition(_)
            | Fact::RoleAssignment(_)
            | Fact::DenyAssignment(_)
            | Fact::Delegation(_)
    )
}

/// The kind of fact; of directory objects, the list that has them.
pub const fn class(fact: &Fact) -> &'static str {
    match fact {
        Fact::Principal(fact) => super::entry::principals(fact.kind),
        other => other.kind(),
    }
}
