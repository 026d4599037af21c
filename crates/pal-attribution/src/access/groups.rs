//! Who is in which group, when: transitive, over time, safe against circles (R17).
//!
//! Only identities that are asked about are followed: for credit those that carry a link. From each
//! the search goes *upwards* through memberships, carrying the set of instants at which the whole
//! way holds, and goes on from a group only with instants it had not been reached at before. Sets
//! only grow and are made of finitely many borders, so circles end.
//!
//! Worked example: A ∈ G all October, G ∈ H from the 10th, H ∈ G always, G exists until the 20th.
//! A reaches G in [1, 20), H in [10, 20); through H again G in [10, 20), which is nothing new.

use std::collections::{HashMap, VecDeque};

use pal_model::{
    Facts, Instant, Interval, IntervalSet, Membership, Principal, PrincipalKind, Stated,
};

/// For each principal: which of the identities hold what it holds, and when.
pub struct Reach {
    by_principal: HashMap<Principal, Vec<(Principal, IntervalSet)>>,
}

impl Reach {
    /// Follows these identities upwards.
    pub fn new(facts: &Facts, mut identities: Vec<Principal>) -> Self {
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
        identities.sort_unstable();
        identities.dedup();
        let mut reach = Self { by_principal: HashMap::new() };
        for identity in identities {
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

    /// The identities that are `principal` or reach it through memberships, with the instants.
    pub fn identities(&self, principal: Principal) -> &[(Principal, IntervalSet)] {
        self.by_principal.get(&principal).map_or(&[], Vec::as_slice)
    }

    /// When `identity` is, or reaches, `principal`.
    pub fn when(&self, identity: Principal, principal: Principal) -> IntervalSet {
        let sets = self.identities(principal).iter().filter(|(i, _)| *i == identity);
        sets.fold(IntervalSet::EMPTY, |all, (_, when)| all.union(when))
    }
}

/// What a search has found: a principal, and the membership that led there from an earlier find.
type Visited<'a> = (Principal, Option<(usize, &'a Stated<Membership>)>);

/// The shortest way of memberships from a principal down to an identity at an instant.
pub(crate) fn way_up(
    facts: &Facts,
    identity: Principal,
    principal: Principal,
    at: Instant,
) -> Vec<&Stated<Membership>> {
    let mut found: Vec<Visited> = vec![(identity, None)];
    let mut open = VecDeque::from([0]);
    while let Some(here) = open.pop_front() {
        let member = found[here].0;
        if member == principal {
            let mut way = Vec::new();
            let mut at = here;
            while let Some((below, stated)) = found[at].1 {
                way.push(stated);
                at = below;
            }
            return way;
        }
        for stated in facts.memberships.iter().filter(|s| s.during.contains(at)) {
            let pair = |object| Principal::new(stated.fact.tenant, object);
            let group = pair(stated.fact.group);
            if pair(stated.fact.member) == member
                && is_group(facts, group, at)
                && found.iter().all(|(known, _)| *known != group)
            {
                found.push((group, Some((here, stated))));
                open.push_back(found.len() - 1);
            }
        }
    }
    Vec::new()
}

fn is_group(facts: &Facts, group: Principal, at: Instant) -> bool {
    facts.principals.iter().any(|s| {
        s.fact.kind == PrincipalKind::Group && s.fact.principal() == group && s.during.contains(at)
    })
}
