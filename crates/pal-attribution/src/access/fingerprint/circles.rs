//! Circles: accounts and groups that memberships connect, in whatever direction and whenever.

use std::collections::HashMap;

use pal_model::{Facts, Principal};

/// Which circle each account and group is in.
#[derive(Debug)]
pub(super) struct Circles {
    nodes: HashMap<Principal, usize>,
    /// Another node of the same circle; a node that points to itself stands for its circle.
    towards: Vec<usize>,
}

impl Circles {
    /// Those of everybody whom facts other than links name: whom none of them names reaches nothing.
    pub fn new(facts: &Facts) -> Self {
        let mut circles = Self { nodes: HashMap::new(), towards: Vec::new() };
        for stated in &facts.memberships {
            let (tenant, group, member) =
                (stated.fact.tenant, stated.fact.group, stated.fact.member);
            let group = circles.node(Principal::new(tenant, group));
            let member = circles.node(Principal::new(tenant, member));
            let (group, member) = (circles.find(group), circles.find(member));
            circles.towards[member] = group;
        }
        let accounts = facts.principals.iter().map(|s| s.fact.principal());
        let assigned = facts.role_assignments.iter().map(|s| &s.fact);
        let assigned = assigned.map(|fact| Principal::new(fact.tenant, fact.principal));
        let authorized = facts.delegations.iter().flat_map(|s| {
            let lines = s.fact.authorizations.iter();
            lines.map(|line| Principal::new(s.fact.managing_tenant, line.principal))
        });
        for principal in accounts.chain(assigned).chain(authorized) {
            circles.node(principal);
        }
        for node in 0..circles.towards.len() {
            circles.towards[node] = circles.find(node);
        }
        circles
    }

    /// The circle of somebody; `None` = no fact of a directory names it.
    pub fn of(&self, principal: Principal) -> Option<usize> {
        self.nodes.get(&principal).map(|node| self.towards[*node])
    }

    fn node(&mut self, principal: Principal) -> usize {
        let next = self.towards.len();
        let node = *self.nodes.entry(principal).or_insert(next);
        if node == next {
            self.towards.push(node);
        }
        node
    }

    /// The node that stands for the circle of another.
    fn find(&mut self, mut node: usize) -> usize {
        while self.towards[node] != node {
            // Halves the way for whoever asks next.
            self.towards[node] = self.towards[self.towards[node]];
            node = self.towards[node];
        }
        node
    }
}
