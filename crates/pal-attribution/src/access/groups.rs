//! Who is in which group, when: transitive, over time, safe against circles (R17).
//!
//! Only identities that are asked about are followed: for credit those that carry a link. From a holder
//! of roles the search goes *downwards* through memberships, carrying the set of instants at which the
//! whole way holds, and goes on from a group only with instants it had not been reached at before. Sets
//! only grow and are made of finitely many borders, so circles end. Only what lies below a holder that is
//! asked for is searched, and only towards identities that are followed: whole chains of nested groups cost
//! what there is in them, not each group once for each member.
//!
//! Worked example: A ∈ G all October, G ∈ H from the 10th, H ∈ G always, G exists until the 20th.
//! H holds A in [10, 20) through G. G holds A in [1, 20), and H in [1, 20); through H again G in
//! [10, 20), which is nothing new.

use std::collections::{BTreeMap, HashMap, HashSet, VecDeque};
use std::sync::{Arc, Mutex, PoisonError};

use pal_model::{
    Facts, Instant, Interval, IntervalSet, Membership, Principal, PrincipalKind, Stated,
};

/// The identities that hold what a principal holds, and when.
pub type Members = BTreeMap<Principal, IntervalSet>;

/// The other end of a membership.
type Edge<'a> = (Principal, &'a Stated<Membership>);

/// For each principal: which of the identities hold what it holds, and when.
pub struct Reach<'a> {
    /// When groups exist.
    exist: HashMap<Principal, IntervalSet>,
    /// By group, its members.
    members: HashMap<Principal, Vec<Edge<'a>>>,
    /// By member, its groups.
    groups: HashMap<Principal, Vec<Edge<'a>>>,
    identities: HashSet<Principal>,
    /// The identities and every group above one of them.
    towards: HashSet<Principal>,
    found: Mutex<HashMap<Principal, Arc<Members>>>,
}

impl<'a> Reach<'a> {
    /// Follows these identities.
    pub fn new(facts: &'a Facts, identities: Vec<Principal>) -> Self {
        let mut exist: HashMap<Principal, Vec<Interval>> = HashMap::new();
        for stated in &facts.principals {
            if stated.fact.kind == PrincipalKind::Group {
                exist.entry(stated.fact.principal()).or_default().push(stated.during);
            }
        }
        let exist = exist.into_iter().map(|(p, list)| (p, list.into_iter().collect())).collect();
        let mut members: HashMap<Principal, Vec<Edge>> = HashMap::new();
        let mut groups: HashMap<Principal, Vec<Edge>> = HashMap::new();
        for stated in &facts.memberships {
            let tenant = stated.fact.tenant;
            let group = Principal::new(tenant, stated.fact.group);
            let member = Principal::new(tenant, stated.fact.member);
            members.entry(group).or_default().push((member, stated));
            groups.entry(member).or_default().push((group, stated));
        }
        let identities: HashSet<Principal> = identities.into_iter().collect();
        let mut towards = identities.clone();
        let mut open: Vec<Principal> = identities.iter().copied().collect();
        while let Some(member) = open.pop() {
            for (group, _) in groups.get(&member).into_iter().flatten() {
                if towards.insert(*group) {
                    open.push(*group);
                }
            }
        }
        Self { exist, members, groups, identities, towards, found: Mutex::default() }
    }

    /// The identities that are `principal` or reach it through memberships, with the instants.
    pub fn identities(&self, principal: Principal) -> Arc<Members> {
        let found = || self.found.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(members) = found().get(&principal) {
            return members.clone();
        }
        // Two threads may both search: they find the same.
        let members = Arc::new(self.search(principal));
        found().entry(principal).or_insert(members).clone()
    }

    fn search(&self, holder: Principal) -> Members {
        let mut reached = HashMap::from([(holder, IntervalSet::all())]);
        let mut open = vec![(holder, IntervalSet::all())];
        while let Some((group, when)) = open.pop() {
            let Some(exists) = self.exist.get(&group) else { continue };
            for (member, stated) in self.members.get(&group).into_iter().flatten() {
                if !self.towards.contains(member) {
                    continue;
                }
                let now = when.intersect(&exists.clip(stated.during));
                let known = reached.entry(*member).or_default();
                let fresh = now.subtract(known);
                if !fresh.is_empty() {
                    *known = known.union(&fresh);
                    open.push((*member, fresh));
                }
            }
        }
        let found = reached.into_iter();
        found.filter(|(who, when)| self.identities.contains(who) && !when.is_empty()).collect()
    }

    /// When `identity` is, or reaches, `principal`.
    pub fn when(&self, identity: Principal, principal: Principal) -> IntervalSet {
        self.identities(principal).get(&identity).cloned().unwrap_or_default()
    }

    /// The shortest way of memberships from a principal down to an identity at an instant.
    pub fn way(
        &self,
        identity: Principal,
        principal: Principal,
        at: Instant,
    ) -> Vec<&'a Stated<Membership>> {
        let mut found: Vec<Visited> = vec![(identity, None)];
        let mut seen = HashSet::from([identity]);
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
            for &(group, stated) in self.groups.get(&member).into_iter().flatten() {
                let exists = self.exist.get(&group).is_some_and(|exists| exists.contains(at));
                if stated.during.contains(at) && exists && seen.insert(group) {
                    found.push((group, Some((here, stated))));
                    open.push_back(found.len() - 1);
                }
            }
        }
        Vec::new()
    }
}

/// What a search has found: a principal, and the membership that led there from an earlier find.
type Visited<'a> = (Principal, Option<(usize, &'a Stated<Membership>)>);
