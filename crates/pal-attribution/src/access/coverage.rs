//! Coverage: every path that could credit a charge on one chain, with the instants it holds at.

use pal_model::{
    Instant, IntervalSet, PartnerId, Principal, RoleClass, SubscriptionId, TenantId,
};

use super::{Access, takes_away};
use crate::policy::RoleFilter;

/// One way from a grant to a partner.
#[derive(Debug, Clone)]
pub struct Path {
    /// The partner.
    pub partner: PartnerId,
    /// The linked identity.
    pub identity: Principal,
    /// Index of the grant.
    pub grant: u32,
    /// Index of the link fact.
    pub link: usize,
    /// When that link began.
    pub linked_from: Instant,
    /// Class of the role.
    pub class: RoleClass,
    /// Whether the role is eligible in the PEC table.
    pub pec_eligible: bool,
    /// When all of the path holds: grant, memberships, identity, link, partner, no deny.
    pub when: IntervalSet,
}

/// What is known for all charges on chains with the same grants and denies.
pub struct Coverage {
    /// The subscription of the chain.
    pub subscription: SubscriptionId,
    /// The tenant the charges belong to.
    pub customer: TenantId,
    /// When any grant holds on the chain, whoever holds it, whatever the policy.
    pub granted: IntervalSet,
    /// Linked identities that a grant reaches: when it reaches them, and when they are linked.
    pub reached: Vec<(IntervalSet, IntervalSet)>,
    /// Paths that pass the policy.
    pub paths: Vec<Path>,
    /// Where anything changes, in order. Between two of them every charge has the same outcome.
    pub borders: Vec<Instant>,
}

impl Access<'_> {
    /// Resolves a chain: `grants` and `denies` are those on its fixed part, those of the
    /// management groups above are added here. `customer` is the tenant of the charge (the
    /// subscription's at the start of the charge period).
    pub(crate) fn cover(
        &self,
        subscription: SubscriptionId,
        customer: TenantId,
        grants: &[u32],
        denies: &[u32],
    ) -> Coverage {
        let mut coverage = Coverage {
            subscription,
            customer,
            granted: IntervalSet::EMPTY,
            reached: Vec::new(),
            paths: Vec::new(),
            borders: Vec::new(),
        };
        let denies = self.denies_over_time(subscription, denies);
        for (grant, held) in self.grants_over_time(subscription, grants) {
            coverage.granted = coverage.granted.union(&held);
            let principal = self.grant(grant).principal;
            for (identity, member) in self.reach.identities(principal) {
                let reached = held.intersect(member);
                if !reached.is_empty() {
                    self.add_paths(&mut coverage, grant, *identity, &reached, &denies);
                }
            }
        }
        self.set_borders(&mut coverage);
        coverage
    }

    /// Grants on the chain with the instants at which they are on it, in the tenant it is in.
    fn grants_over_time(
        &self,
        subscription: SubscriptionId,
        fixed: &[u32],
    ) -> Vec<(u32, IntervalSet)> {
        let mut out: Vec<(u32, IntervalSet)> = Vec::new();
        let placements = self.hierarchy.placements(subscription);
        for &grant in fixed {
            let in_tenant = placements.iter().filter(|p| p.tenant == self.grant(grant).customer);
            let held: IntervalSet = in_tenant.map(|p| p.during).collect();
            out.push((grant, held.clip(self.grant(grant).during)));
        }
        for placement in placements {
            for &grant in placement.above.iter().flat_map(|scope| self.grants_at(scope)) {
                let held = self.grant(grant).during.intersect(placement.during);
                if self.grant(grant).customer == placement.tenant {
                    out.extend(held.map(|held| (grant, held.into())));
                }
            }
        }
        out.retain(|(_, held)| !held.is_empty());
        out
    }

    /// Denies with the instants at which their scope is on the chain.
    fn denies_over_time(
        &self,
        subscription: SubscriptionId,
        fixed: &[u32],
    ) -> Vec<(u32, IntervalSet)> {
        let mut out: Vec<_> = fixed.iter().map(|&deny| (deny, IntervalSet::all())).collect();
        if self.denies.is_empty() {
            return out;
        }
        for placement in self.hierarchy.placements(subscription) {
            for scope in &placement.above {
                out.extend(self.denies.at(scope, false).map(|d| (d, placement.during.into())));
            }
        }
        out
    }

    fn add_paths(
        &self,
        coverage: &mut Coverage,
        grant: u32,
        identity: Principal,
        reached: &IntervalSet,
        denies: &[(u32, IntervalSet)],
    ) {
        let links = self.links_of(identity);
        let linked = links.iter().map(|&l| self.facts.links[l].during).collect();
        coverage.reached.push((reached.clone(), linked));
        let held = reached.intersect(&self.active(identity));
        for variant in self.role_variants(self.grant(grant).role) {
            let passes = match self.policy.roles {
                RoleFilter::All => true,
                RoleFilter::OwnerOrContributor => variant.class > RoleClass::Reader,
                RoleFilter::PecTable => variant.pec_eligible,
            };
            let mut when = held.clip(variant.during);
            if !passes || when.is_empty() {
                continue;
            }
            let actions = variant.definition.map(|d| d.actions.as_slice());
            for (deny, on_chain) in denies {
                if takes_away(&self.denies.get(*deny).fact, actions, self.policy.deny) {
                    let named = self.denies.names(*deny, identity, coverage.customer, &self.reach);
                    when = when.subtract(&named.intersect(on_chain));
                }
            }
            for &link in links {
                let stated = &self.facts.links[link];
                let partner = stated.fact.partner;
                let active: IntervalSet = self.partner(partner).iter().map(|s| s.during).collect();
                let when = when.clip(stated.during).intersect(&active);
                if !when.is_empty() {
                    coverage.paths.push(Path {
                        partner,
                        identity,
                        grant,
                        link,
                        linked_from: stated.during.from(),
                        class: variant.class,
                        pec_eligible: variant.pec_eligible,
                        when,
                    });
                }
            }
        }
    }

    fn set_borders(&self, coverage: &mut Coverage) {
        let mut borders = Vec::new();
        let mut add = |from: Instant, to: Instant| borders.extend([from, to]);
        let reached = coverage.reached.iter().flat_map(|(a, b)| a.iter().chain(b.iter()));
        let paths = coverage.paths.iter().flat_map(|p| p.when.iter());
        for interval in coverage.granted.iter().chain(reached).chain(paths) {
            add(interval.from(), interval.to());
        }
        // What is shown changes here, and which tenant a charge belongs to.
        for path in &coverage.paths {
            self.partner(path.partner).iter().for_each(|s| add(s.during.from(), s.during.to()));
        }
        for stated in self.tenant(coverage.customer) {
            add(stated.during.from(), stated.during.to());
        }
        for stated in self.hierarchy.facts(coverage.subscription) {
            add(stated.during.from(), stated.during.to());
        }
        borders.sort_unstable();
        borders.dedup();
        coverage.borders = borders;
    }
}
