//! Where subscriptions sit: tenant and management groups, over time.

use std::collections::HashMap;

use pal_model::{
    Facts, Instant, Interval, ManagementGroup, ScopePath, Stated, Subscription, SubscriptionId,
    TenantId, fold,
};

/// A stretch of time in which a subscription's ancestors do not change.
#[derive(Debug, Clone)]
pub struct Placement {
    pub during: Interval,
    pub tenant: TenantId,
    /// Scopes above the subscription, nearest first, folded: management groups, root, `/`.
    pub above: Vec<String>,
}

/// All placements, in order of time.
pub struct Hierarchy<'a> {
    placements: HashMap<SubscriptionId, Vec<Placement>>,
    facts: HashMap<SubscriptionId, Vec<&'a Stated<Subscription>>>,
}

type Groups<'a> = HashMap<(TenantId, String), Vec<&'a Stated<ManagementGroup>>>;

impl<'a> Hierarchy<'a> {
    pub fn new(facts: &'a Facts) -> Self {
        let mut groups: Groups = HashMap::new();
        for stated in &facts.management_groups {
            let key = (stated.fact.tenant, fold(&stated.fact.name));
            groups.entry(key).or_default().push(stated);
        }
        for list in groups.values_mut() {
            list.sort_by_key(|s| s.during.from());
        }
        let mut hierarchy = Self { placements: HashMap::new(), facts: HashMap::new() };
        for stated in &facts.subscriptions {
            let id = stated.fact.subscription;
            hierarchy.placements.entry(id).or_default().extend(place(&groups, stated));
            hierarchy.facts.entry(id).or_default().push(stated);
        }
        for list in hierarchy.placements.values_mut() {
            list.sort_by_key(|p| p.during.from());
        }
        for list in hierarchy.facts.values_mut() {
            list.sort_by_key(|s| s.during.from());
        }
        hierarchy
    }

    /// Placements of a subscription in order of time; gaps = no fact.
    pub fn placements(&self, subscription: SubscriptionId) -> &[Placement] {
        self.placements.get(&subscription).map_or(&[], Vec::as_slice)
    }

    /// The facts of a subscription in order of time.
    pub fn facts(&self, subscription: SubscriptionId) -> &[&'a Stated<Subscription>] {
        self.facts.get(&subscription).map_or(&[], Vec::as_slice)
    }

    pub fn at(&self, subscription: SubscriptionId, at: Instant) -> Option<&Placement> {
        self.placements(subscription).iter().find(|p| p.during.contains(at))
    }
}

/// Splits a subscription's fact where a management group above it changes.
fn place(groups: &Groups, stated: &Stated<Subscription>) -> Vec<Placement> {
    let tenant = stated.fact.tenant;
    let root = fold(&tenant.to_string());
    let first = stated.fact.management_group.as_deref().map_or_else(|| root.clone(), fold);
    // (interval, scopes so far, next management group)
    let mut open = vec![(stated.during, Vec::new(), first)];
    let mut done = Vec::new();
    while let Some((during, mut above, name)) = open.pop() {
        let scope = ScopePath::management_group(&name).folded().to_owned();
        let seen = above.contains(&scope);
        if !seen {
            above.push(scope);
        }
        if name == root {
            above.push("/".to_owned());
            done.push(Placement { during, tenant, above });
            continue;
        }
        let mut from = during.from();
        let stated = groups.get(&(tenant, name)).map_or(&[][..], Vec::as_slice);
        for group in stated.iter().filter(|_| !seen) {
            let Some(shared) = group.during.intersect(during) else { continue };
            // Without a fact the name still stands, and the root is above it.
            if let Ok(gap) = Interval::new(from, shared.from()) {
                open.push((gap, above.clone(), root.clone()));
            }
            let parent = group.fact.parent.as_deref().map_or_else(|| root.clone(), fold);
            open.push((shared, above.clone(), parent));
            from = shared.to();
        }
        if let Ok(gap) = Interval::new(from, during.to()) {
            open.push((gap, above, root.clone()));
        }
    }
    done
}
