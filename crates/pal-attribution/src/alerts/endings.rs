//! `access-ending`: a role assignment or a delegation that alone gives credit somewhere.

use std::collections::{BTreeMap, BTreeSet};

use pal_model::{Instant, Principal, SubscriptionId};

use super::moment::Moment;
use super::survey::{Pair, Survey};
use super::{Alert, Code, Severity};
use crate::access::Origin;

/// The fact behind a grant; a delegation is one, with all its lines.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Fact {
    Assignment(usize),
    Delegation(usize),
}

#[derive(Default)]
struct EndingAccess {
    grant: u32,
    holders: BTreeSet<Principal>,
    subscriptions: BTreeSet<SubscriptionId>,
}

pub(super) fn access_ending(moment: &Moment, survey: &Survey) -> Vec<Alert> {
    let mut lost: BTreeMap<(Pair, Instant, Fact), EndingAccess> = BTreeMap::new();
    for ((pair, end, grant), subscriptions) in &survey.grants {
        let fact = match moment.access.grant(*grant).origin {
            Origin::Assignment(index) => Fact::Assignment(index),
            Origin::Delegation(index, _) => Fact::Delegation(index),
        };
        let entry = lost.entry((*pair, *end, fact)).or_default();
        entry.grant = *grant;
        entry.holders.insert(moment.access.grant(*grant).principal);
        entry.subscriptions.extend(subscriptions);
    }
    lost.into_iter()
        .map(|((pair, end, fact), lost)| alert(moment, pair, end, fact, &lost))
        .collect()
}

fn alert(moment: &Moment, pair: Pair, end: Instant, fact: Fact, lost: &EndingAccess) -> Alert {
    let grant = moment.access.grant(lost.grant);
    let (facts, scope) = (moment.access.facts, grant.scope);
    let what = match fact {
        Fact::Assignment(index) => {
            let id = &facts.role_assignments[index].fact.id;
            let (role, who) = (moment.role(grant.role), moment.principal(grant.principal));
            format!("Role assignment {id} ({role} of {who} at {scope})")
        }
        Fact::Delegation(index) => {
            let delegation = &facts.delegations[index].fact;
            let managing = moment.tenant(delegation.managing_tenant);
            format!("Delegation {} (of {scope} to {managing})", delegation.id)
        }
    };
    let above = scope.subscription().is_none();
    let place =
        if above { format!(" ({})", some(moment, &lost.subscriptions)) } else { String::new() };
    Alert {
        code: Code::AccessEnding,
        severity: Severity::Warning,
        partner: Some(pair.partner),
        tenant: pair.customer,
        principal: lost.holders.first().copied().filter(|_| lost.holders.len() == 1),
        scope: Some(scope.clone()),
        at: Some(end),
        message: format!(
            "{what} ends at {end}; after that nothing earns credit for {} there{place}",
            moment.partner(pair.partner)
        ),
        facts: moment.places([moment.grant_source(lost.grant)]),
        assumed: Vec::new(),
    }
}

/// The first of them, and how many more.
fn some(moment: &Moment, subscriptions: &BTreeSet<SubscriptionId>) -> String {
    let first = subscriptions.first().map_or_else(String::new, |id| moment.subscription(*id));
    match subscriptions.len().saturating_sub(1) {
        0 => format!("subscription {first}"),
        more => format!("subscription {first} and {more} more"),
    }
}
