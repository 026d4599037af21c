//! Coverage: every path that could credit a charge on one chain, with the instants it holds at.

use std::collections::BTreeMap;

use pal_model::{
    Instant, Interval, IntervalSet, PartnerId, Principal, RoleClass, SubscriptionId, TenantId,
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

/// Paths that count alike, merged: what judging a charge looks at.
#[derive(Debug, Clone)]
pub(crate) struct Span {
    pub partner: PartnerId,
    pub class: RoleClass,
    pub pec_eligible: bool,
    /// Only told apart where a tie between locations could need it (R27).
    pub linked_from: Instant,
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
    pub reached: Vec<(Principal, IntervalSet, IntervalSet)>,
    /// When one of them is reached and linked at once.
    pub linked: IntervalSet,
    /// Paths that pass the policy.
    pub paths: Vec<Path>,
    /// The same, merged, in order of partners.
    pub(crate) spans: Vec<Span>,
    /// The grants on the chain, with the instants at which they are on it.
    pub(crate) on_chain: Vec<(u32, IntervalSet)>,
    /// The denies on the chain, likewise.
    pub(crate) denies: Vec<(u32, IntervalSet)>,
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
            linked: IntervalSet::EMPTY,
            paths: Vec::new(),
            spans: Vec::new(),
            on_chain: self.grants_over_time(subscription, grants),
            denies: self.denies_over_time(subscription, denies),
            borders: Vec::new(),
        };
        coverage.granted = coverage.on_chain.iter().flat_map(|(_, held)| held.iter()).copied().collect();
        for (grant, held) in coverage.on_chain.clone() {
            let principal = self.grant(grant).principal;
            for (identity, member) in self.reach.identities(principal) {
                let reached = held.intersect(member);
                if !reached.is_empty() {
                    self.add_paths(&mut coverage, grant, *identity, &reached);
                }
            }
        }
        coverage.reached = merge_reached(std::mem::take(&mut coverage.reached));
        let together = coverage.reached.iter().map(|(_, reached, linked)| reached.intersect(linked));
        coverage.linked = together.fold(IntervalSet::EMPTY, |all, set| all.union(&set));
        coverage.spans = self.spans(&coverage.paths);
        self.set_borders(&mut coverage);
        coverage
    }

    /// Merges paths that count alike.
    fn spans(&self, paths: &[Path]) -> Vec<Span> {
        let parents = |partner| self.partner(partner).iter().filter_map(|s| s.fact.parent);
        let has_sibling = |partner: PartnerId| {
            parents(partner).any(|parent| {
                paths.iter().any(|p| p.partner != partner && parents(p.partner).any(|q| q == parent))
            })
        };
        let mut siblings: BTreeMap<PartnerId, bool> = BTreeMap::new();
        let mut merged: BTreeMap<_, Vec<Interval>> = BTreeMap::new();
        for path in paths {
            let tie = *siblings.entry(path.partner).or_insert_with(|| has_sibling(path.partner));
            let linked_from = if tie { path.linked_from } else { Instant::MIN };
            let key = (path.partner, path.class, path.pec_eligible, linked_from);
            merged.entry(key).or_default().extend(path.when.iter());
        }
        let span = |((partner, class, pec_eligible, linked_from), when): (_, Vec<Interval>)| Span {
            partner,
            class,
            pec_eligible,
            linked_from,
            when: when.into_iter().collect(),
        };
        merged.into_iter().map(span).collect()
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
    ) {
        let links = self.links_of(identity);
        let linked = links.iter().map(|&l| self.facts.links[l].during).collect();
        coverage.reached.push((identity, reached.clone(), linked));
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
            for (deny, on_chain) in &coverage.denies {
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
        let reached = coverage.reached.iter().flat_map(|(_, a, b)| a.iter().chain(b.iter()));
        let spans = coverage.spans.iter().flat_map(|s| s.when.iter());
        for interval in coverage.granted.iter().chain(reached).chain(spans) {
            add(interval.from(), interval.to());
        }
        // What is shown changes here, and which tenant a charge belongs to.
        for span in &coverage.spans {
            self.partner(span.partner).iter().for_each(|s| add(s.during.from(), s.during.to()));
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

/// One entry an identity.
fn merge_reached(
    reached: Vec<(Principal, IntervalSet, IntervalSet)>,
) -> Vec<(Principal, IntervalSet, IntervalSet)> {
    let mut merged: BTreeMap<Principal, (Vec<Interval>, IntervalSet)> = BTreeMap::new();
    for (identity, when, linked) in reached {
        let entry = merged.entry(identity).or_insert_with(|| (Vec::new(), linked));
        entry.0.extend(when.iter());
    }
    let entries = merged.into_iter();
    entries.map(|(identity, (when, linked))| (identity, when.into_iter().collect(), linked)).collect()
}
