//! One walk over everything that can be credited: who is covered when, and what ends in the window.

use std::collections::{BTreeMap, BTreeSet, HashSet};

use pal_model::{
    Facts, Instant, IntervalSet, PartnerId, Principal, ScopePath, SubscriptionId, TenantId, fold,
};

use super::moment::Window;
use crate::access::{Access, Coverage};

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Pair {
    pub customer: TenantId,
    pub partner: PartnerId,
}

/// A path that ends: index of the grant and of the link fact.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct End {
    pub identity: Principal,
    pub grant: u32,
    pub link: usize,
}

#[derive(Default)]
pub(super) struct Survey {
    /// When anything at all in the customer is covered for the partner.
    pub covered: BTreeMap<Pair, IntervalSet>,
    /// Paths that end in the window, where nothing else covers their scope for the partner.
    pub ends: BTreeMap<(Pair, Instant), BTreeSet<End>>,
    /// Grants whose fact ends in the window, and with it the cover that holds now; with the
    /// subscriptions in which it does.
    pub grants: BTreeMap<(Pair, Instant, u32), BTreeSet<SubscriptionId>>,
    /// When identities that are linked now reach a grant anywhere, credited or not.
    pub access: BTreeMap<Principal, IntervalSet>,
}

impl Survey {
    pub fn new(access: &Access, window: Window) -> Self {
        let mut survey = Self::default();
        for stated in access.facts.links.iter().filter(|s| s.during.contains(window.now)) {
            survey.access.entry(stated.fact.principal()).or_default();
        }
        let mut followed = HashSet::new();
        walk(access, |coverage, belongs| {
            survey.paths(access, coverage, belongs, window);
            for (grant, paths) in &coverage.grants {
                if followed.insert((*grant, coverage.subscription)) {
                    survey.reached(access, *grant, &paths.held);
                }
            }
        });
        survey
    }

    fn paths(
        &mut self,
        access: &Access,
        coverage: &Coverage,
        belongs: &IntervalSet,
        window: Window,
    ) {
        let mut by_partner: BTreeMap<PartnerId, IntervalSet> = BTreeMap::new();
        for span in &coverage.spans {
            let set = by_partner.entry(span.partner).or_default();
            *set = set.union(&span.when.intersect(belongs));
        }
        let pair = |partner| Pair { customer: coverage.customer, partner };
        let mut ending: BTreeSet<(PartnerId, Instant)> = BTreeSet::new();
        for (partner, covered) in &by_partner {
            let set = self.covered.entry(pair(*partner)).or_default();
            *set = set.union(covered);
            let ends = covered.iter().map(|i| i.to()).filter(|end| window.has(*end));
            ending.extend(ends.map(|end| (*partner, end)));
        }
        if ending.is_empty() {
            return;
        }
        for path in coverage.paths() {
            for end in path.when.intersect(belongs).iter().map(|i| i.to()) {
                if !ending.contains(&(path.partner, end)) {
                    continue;
                }
                let (pair, grant) = (pair(path.partner), path.grant);
                let found = End { identity: path.identity, grant, link: path.link };
                self.ends.entry((pair, end)).or_default().insert(found);
                let now = by_partner[&path.partner].iter().find(|i| i.contains(window.now));
                let last = now.is_some_and(|now| now.to() == end);
                if last && access.grant(grant).during.to() == end {
                    let at = self.grants.entry((pair, end, grant)).or_default();
                    at.insert(coverage.subscription);
                }
            }
        }
    }

    fn reached(&mut self, access: &Access, grant: u32, held: &IntervalSet) {
        for (identity, member) in access.reach.identities(access.grant(grant).principal).iter() {
            if let Some(set) = self.access.get_mut(identity) {
                *set = set.union(&held.intersect(member));
            }
        }
    }
}

/// Visits a coverage of every subscription, and below it of every scope at which grants or denies
/// change it; each with the instants at which the subscription belongs to the customer.
pub(super) fn walk(access: &Access, mut visit: impl FnMut(&Coverage, &IntervalSet)) {
    for (subscription, heads) in heads(access.facts) {
        let facts = access.hierarchy.facts(subscription);
        let customers: BTreeSet<TenantId> = facts.iter().map(|s| s.fact.tenant).collect();
        let mut seen = HashSet::new();
        for head in heads {
            let (grants, denies) = access.on_chain(&head);
            if !seen.insert((grants.clone(), denies.clone())) {
                continue;
            }
            for customer in &customers {
                let belongs = facts.iter().filter(|s| s.fact.tenant == *customer);
                let belongs: IntervalSet = belongs.map(|s| s.during).collect();
                let coverage = access.cover(subscription, *customer, &grants, &denies);
                visit(&coverage, &belongs);
            }
        }
    }
}

/// The scopes to look at in each subscription that a fact places, folded.
fn heads(facts: &Facts) -> BTreeMap<SubscriptionId, BTreeSet<String>> {
    let mut heads: BTreeMap<SubscriptionId, BTreeSet<String>> = BTreeMap::new();
    for stated in &facts.subscriptions {
        let id = stated.fact.subscription;
        let own = format!("/subscriptions/{}", fold(&id.to_string()));
        heads.entry(id).or_default().insert(own);
    }
    let mut add = |scope: &ScopePath, below: bool| {
        let id = scope.subscription().and_then(|id| id.parse::<SubscriptionId>().ok());
        if let Some(heads) = id.and_then(|id| heads.get_mut(&id)) {
            heads.insert(scope.folded().to_owned());
            if below {
                // Stands for all that is below a scope that alone is denied.
                heads.insert(format!("{}/…", scope.folded()));
            }
        }
    };
    facts.role_assignments.iter().for_each(|s| add(&s.fact.scope, false));
    facts.delegations.iter().for_each(|s| add(&s.fact.scope, false));
    for stated in &facts.deny_assignments {
        add(&stated.fact.scope, stated.fact.do_not_apply_to_child_scopes);
    }
    heads
}
