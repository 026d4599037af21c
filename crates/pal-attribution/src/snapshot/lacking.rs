//! What is missing before there can be credit, and from when reports can be relied on.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use pal_model::{Fact, Instant, ObjectId, TenantId, fold};

use super::ledger::Line;
use super::start::class;

/// Something without which nobody can be credited, or one cannot.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Lacking {
    Subscriptions,
    /// No role assignment and no delegation.
    Access,
    Links,
    /// No account with this object, which is linked.
    Account(String),
}

impl fmt::Display for Lacking {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Subscriptions => f.write_str(
                "no subscription is known, so every charge is 'unknown-subscription'; export the subscriptions",
            ),
            Self::Access => f.write_str(
                "no role assignment and no delegation is known; export them for each subscription",
            ),
            Self::Links => f.write_str(
                "nobody is linked to a partner; export partner links, or write a 'link' fact for each",
            ),
            Self::Account(object) => write!(
                f,
                "the linked account {object} is in no list; export the users and service principals"
            ),
        }
    }
}

/// What is missing for a directory, as customer or as managing one.
pub fn lacking<'l>(
    lines: &(impl Iterator<Item = &'l Line> + Clone),
    tenant: TenantId,
) -> Vec<Lacking> {
    let facts = lines.clone().map(|line| &line.fact);
    let any = |is: &dyn Fn(&Fact) -> bool| facts.clone().any(is);
    let manages = any(&|fact| matches!(fact, Fact::Delegation(d) if d.managing_tenant == tenant));
    let managing = facts.clone().filter_map(|fact| match fact {
        Fact::Delegation(d) if d.tenant == tenant => Some(d.managing_tenant),
        _ => None,
    });
    let managing: BTreeSet<TenantId> = managing.collect();
    let mut lacking = Vec::new();
    if !manages && !any(&|fact| matches!(fact, Fact::Subscription(s) if s.tenant == tenant)) {
        lacking.push(Lacking::Subscriptions);
    }
    let assigned = any(&|fact| matches!(fact, Fact::RoleAssignment(a) if a.tenant == tenant));
    if !assigned && !manages && managing.is_empty() {
        lacking.push(Lacking::Access);
    }
    let concerns = |link: TenantId| link == tenant || managing.contains(&link);
    if !any(&|fact| matches!(fact, Fact::Link(l) if concerns(l.tenant))) {
        lacking.push(Lacking::Links);
    }
    let (mut accounts, mut linked) = (BTreeSet::new(), BTreeSet::new());
    for fact in facts {
        match fact {
            Fact::Principal(fact) if fact.tenant == tenant => accounts.insert(fact.object),
            Fact::Link(fact) if fact.tenant == tenant => linked.insert(fact.object),
            _ => false,
        };
    }
    let account = |id: &ObjectId| Lacking::Account(fold(&id.to_string()));
    lacking.extend(linked.difference(&accounts).map(account));
    lacking
}

/// From when on nothing is assumed: the latest of the first looks at each kind.
pub fn dependable_from<'l>(own: impl Iterator<Item = &'l Line> + Clone) -> Option<Instant> {
    let mut first: BTreeMap<&'static str, Instant> = BTreeMap::new();
    for line in own.clone().filter(|line| line.mark.assumed) {
        let Some(recorded) = line.recorded_at else { continue };
        let look = first.entry(class(&line.fact)).or_insert(recorded);
        *look = recorded.min(*look);
    }
    first.into_values().max().or_else(|| own.filter_map(|line| line.recorded_at).min())
}
