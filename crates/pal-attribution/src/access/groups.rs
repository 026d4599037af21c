//! Who is in which group, when: transitive, over time, safe against circles (R17).
//!
//! Only identities that carry a link are followed: nobody else can earn credit. From each of them
//! the search goes *upwards* through memberships, carrying the set of instants at which the whole
//! way holds, and goes on from a group only with instants it had not been reached at before. Sets
//! only grow and are made of finitely many borders, so circles end.
//!
//! Worked example: A ∈ G all October, G ∈ H from the 10th, H ∈ G always, G exists until the 20th.
//! A reaches G in [1, 20), H in [10, 20); through H again G in [10, 20), which is nothing new.

use std::collections::HashMap;

use pal_model::{Facts, Interval, IntervalSet, Principal, PrincipalKind};

/// For each principal: which linked identities hold what it holds, and when.
pub struct Reach {
    by_principal: HashMap<Principal, Vec<(Principal, IntervalSet)>>,
}

impl Reach {
    /// Follows every linked identity upwards.
    pub fn new(facts: &Facts) -> Self {
        let mut group_exists: HashMap<Principal, Vec<Interval>> = HashMap::new();
        for stated in &facts.principals {
            if stated.fact.kind == PrincipalKind::Group {
                group_exists.entry(stated.fact.principal()).or_default().push(stated.during);
            }
        }
        let group_exists: HashMap<Principal, IntervalSet> =
            group_exists.into_iter().map(|(p, list)| (p, list.into_iter().collect())).collect();
        let mut groups_of: HashMap<Principal, Vec<(Principal, IntervalSet)>> = HashMap::new();
        for stated in &facts.memberships {
            let tenant = stated.fact.tenant;
            let group = Principal::new(tenant, stated.fact.group);
            let member = Principal::new(tenant, stated.fact.member);
            let Some(exists) = group_exists.get(&group) else { continue };
            let when = exists.clip(stated.during);
            if !when.is_empty() {
                groups_of.entry(member).or_default().push((group, when));
            }
        }
        let mut linked: Vec<Principal> = facts.links.iter().map(|l| l.fact.principal()).collect();
        linked.sort_unstable();
        linked.dedup();
        let mut reach = Self { by_principal: HashMap::new() };
        for identity in linked {
            reach.follow(identity, &groups_of);
        }
        reach
    }

    fn follow(
        &mut self,
        identity: Principal,
        groups_of: &HashMap<Principal, Vec<(Principal, IntervalSet)>>,
    ) {
        let mut reached: HashMap<Principal, IntervalSet> = HashMap::new();
        let mut open = vec![(identity, IntervalSet::all())];
        while let Some((member, when)) = open.pop() {
            for (group, membership) in groups_of.get(&member).into_iter().flatten() {
                let now = when.intersect(membership);
                let known = reached.entry(*group).or_default();
                let fresh = now.subtract(known);
                if !fresh.is_empty() {
                    *known = known.union(&fresh);
                    open.push((*group, fresh));
                }
            }
        }
        for (group, when) in reached {
            self.by_principal.entry(group).or_default().push((identity, when));
        }
        self.by_principal.entry(identity).or_default().push((identity, IntervalSet::all()));
    }

    /// Linked identities that are `principal` or reach it through memberships, with the instants.
    pub fn identities(&self, principal: Principal) -> &[(Principal, IntervalSet)] {
        self.by_principal.get(&principal).map_or(&[], Vec::as_slice)
    }

    /// When `identity` is, or reaches, `principal`.
    pub fn when(&self, identity: Principal, principal: Principal) -> IntervalSet {
        let sets = self.identities(principal).iter().filter(|(i, _)| *i == identity);
        sets.fold(IntervalSet::EMPTY, |all, (_, when)| all.union(when))
    }
}
