//! Coverage: every path that could credit a charge on one chain, with the instants it holds at.

use std::collections::BTreeMap;
use std::sync::{Arc, PoisonError};

use pal_model::{
    Instant, Interval, IntervalSet, PartnerId, Principal, RoleClass, SubscriptionId, TenantId,
};

use super::denies::Unjudged;
use super::{Access, Effect, OpenDeny, Placement, RoleVariant, effect};
use crate::policy::RoleFilter;

/// One way from a grant to a partner.
#[derive(Debug, Clone)]
pub struct Path {
    pub partner: PartnerId,
    pub identity: Principal,
    /// Index of the grant.
    pub grant: u32,
    /// Index of the link fact.
    pub link: usize,
    pub linked_from: Instant,
    pub class: RoleClass,
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

/// All that comes of one grant in one subscription. Shared by the coverages it is part of.
#[derive(Debug, Default)]
pub(crate) struct GrantPaths {
    /// When it is on the chain, in the tenant it is in.
    pub held: IntervalSet,
    /// Linked identities it reaches: when it reaches them, and when they are linked.
    pub reached: Vec<(IntervalSet, IntervalSet)>,
    /// When one of them is reached and linked at once.
    pub linked: IntervalSet,
    pub paths: Vec<Path>,
    /// Denies that name the identity of such a path and could not be judged, while it holds.
    pub open: Vec<(OpenDeny, IntervalSet)>,
    /// Borders of what is reached but not linked all that time: between them, and only there, it
    /// does not matter which instant of a charge is looked at.
    loose: Vec<Instant>,
}

/// What is known for all charges on chains with the same grants and denies.
pub struct Coverage {
    pub subscription: SubscriptionId,
    pub customer: TenantId,
    /// When any grant holds on the chain, whoever holds it, whatever the policy.
    pub granted: IntervalSet,
    /// When any linked identity is reached and linked at once.
    pub linked: IntervalSet,
    /// Paths, merged, in order of partners.
    pub(crate) spans: Vec<Span>,
    pub(crate) grants: Vec<(u32, Arc<GrantPaths>)>,
    /// The denies on the chain, with the instants at which they are on it.
    pub(crate) denies: Vec<(u32, IntervalSet)>,
    /// Where anything changes, in order. Between two of them every charge has the same outcome.
    pub borders: Vec<Instant>,
}

impl Coverage {
    pub fn paths(&self) -> impl Iterator<Item = &Path> {
        self.grants.iter().flat_map(|(_, grant)| &grant.paths)
    }
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
        let denies = self.denies_over_time(subscription, denies);
        let on_chain = self.grants_over_time(subscription, grants).into_iter();
        let grants: Vec<(u32, Arc<GrantPaths>)> = on_chain
            .map(|(grant, held)| {
                let paths = match denies.is_empty() {
                    true => self.grant_paths(subscription, grant, held),
                    false => Arc::new(self.follow(grant, held, &denies, customer)),
                };
                (grant, paths)
            })
            .collect();
        let union = |set: fn(&GrantPaths) -> &IntervalSet| {
            grants.iter().flat_map(|(_, grant)| set(grant).iter()).copied().collect()
        };
        let (granted, linked) = (union(|g| &g.held), union(|g| &g.linked));
        let spans = self.spans(&grants);
        let borders = Vec::new();
        let mut coverage =
            Coverage { subscription, customer, granted, linked, spans, grants, denies, borders };
        self.set_borders(&mut coverage);
        coverage
    }

    /// Grants on the chain with the instants at which they are on it, in the tenant it is in.
    fn grants_over_time(
        &self,
        subscription: SubscriptionId,
        fixed: &[u32],
    ) -> BTreeMap<u32, IntervalSet> {
        let mut held: BTreeMap<u32, Vec<Interval>> = BTreeMap::new();
        let mut hold = |grant: u32, placement: &Placement| {
            if self.grant(grant).customer == placement.tenant {
                let during = self.grant(grant).during.intersect(placement.during);
                held.entry(grant).or_default().extend(during);
            }
        };
        for placement in self.hierarchy.placements(subscription) {
            let above = placement.above.iter().flat_map(|scope| self.grants_at(scope));
            fixed.iter().chain(above).for_each(|grant| hold(*grant, placement));
        }
        held.retain(|_, intervals| !intervals.is_empty());
        held.into_iter().map(|(grant, held)| (grant, held.into_iter().collect())).collect()
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

    /// What comes of a grant without denies: followed once for each subscription.
    fn grant_paths(
        &self,
        subscription: SubscriptionId,
        grant: u32,
        held: IntervalSet,
    ) -> Arc<GrantPaths> {
        let key = (grant, subscription);
        let cache = || self.followed.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(known) = cache().get(&key) {
            return known.clone();
        }
        let customer = self.grant(grant).customer;
        let paths = Arc::new(self.follow(grant, held, &[], customer));
        cache().entry(key).or_insert(paths).clone()
    }

    /// Follows a grant to the identities that hold it, their links and partners.
    fn follow(
        &self,
        grant: u32,
        held: IntervalSet,
        denies: &[(u32, IntervalSet)],
        customer: TenantId,
    ) -> GrantPaths {
        let mut out = GrantPaths { held, ..GrantPaths::default() };
        let variants = self.role_variants(self.grant(grant).role);
        for (identity, member) in self.reach.identities(self.grant(grant).principal).iter() {
            let reached = out.held.intersect(member);
            if reached.is_empty() {
                continue;
            }
            let links = self.links_of(*identity);
            let linked: IntervalSet = links.iter().map(|&l| self.facts.links[l].during).collect();
            let both = reached.intersect(&linked);
            if both != reached {
                let loose = reached.iter().chain(linked.iter());
                out.loose.extend(loose.flat_map(|i| [i.from(), i.to()]));
            }
            out.linked = out.linked.union(&both);
            let held = both.intersect(&self.active(*identity));
            out.reached.push((reached, linked));
            for variant in variants.iter().filter(|variant| self.passes(variant)) {
                let mut when = held.clip(variant.during);
                if when.is_empty() {
                    continue;
                }
                let open = self.deny(*identity, variant, denies, customer, &mut when);
                for &link in links {
                    let Some(path) = self.path(*identity, grant, link, variant, &when) else {
                        continue;
                    };
                    for (deny, why, named) in &open {
                        let (partner, role) = (path.partner, self.grant(grant).role);
                        let open = OpenDeny { partner, deny: *deny, role, why: *why };
                        out.open.push((open, path.when.intersect(named)));
                    }
                    out.paths.push(path);
                }
            }
        }
        out
    }

    /// Takes away from `when` what denies take of a role, and returns those that cannot be judged,
    /// with the instants at which they name the identity.
    fn deny(
        &self,
        identity: Principal,
        variant: &RoleVariant,
        denies: &[(u32, IntervalSet)],
        customer: TenantId,
        when: &mut IntervalSet,
    ) -> Vec<(u32, Unjudged, IntervalSet)> {
        let actions = variant.definition.map(|d| d.actions.as_slice());
        let mut open = Vec::new();
        for (deny, on_chain) in denies {
            let found = effect(&self.denies.get(*deny).fact, actions, self.policy.deny);
            if found == Effect::Left {
                continue;
            }
            let named = self.denies.names(*deny, identity, customer, &self.reach);
            let named = named.intersect(on_chain);
            match found {
                Effect::Unjudged(why) => open.push((*deny, why, named)),
                _ => *when = when.subtract(&named),
            }
        }
        open
    }

    fn passes(&self, variant: &RoleVariant) -> bool {
        match self.policy.roles {
            RoleFilter::All => true,
            RoleFilter::OwnerOrContributor => variant.class > RoleClass::Reader,
            RoleFilter::PecTable => variant.pec_eligible,
        }
    }

    fn path(
        &self,
        identity: Principal,
        grant: u32,
        link: usize,
        variant: &RoleVariant,
        when: &IntervalSet,
    ) -> Option<Path> {
        let stated = &self.facts.links[link];
        let partner = stated.fact.partner;
        let active: IntervalSet = self.partner(partner).iter().map(|s| s.during).collect();
        let when = when.clip(stated.during).intersect(&active);
        (!when.is_empty()).then(|| Path {
            partner,
            identity,
            grant,
            link,
            linked_from: stated.during.from(),
            class: variant.class,
            pec_eligible: variant.pec_eligible,
            when,
        })
    }

    /// Merges paths that count alike.
    fn spans(&self, grants: &[(u32, Arc<GrantPaths>)]) -> Vec<Span> {
        let paths = || grants.iter().flat_map(|(_, grant)| &grant.paths);
        let mut partners: Vec<PartnerId> = paths().map(|p| p.partner).collect();
        partners.sort_unstable();
        partners.dedup();
        let parents = |partner| self.partner(partner).iter().filter_map(|s| s.fact.parent);
        let tie = |partner: PartnerId| {
            let others = || partners.iter().filter(|other| **other != partner);
            parents(partner).any(|parent| others().any(|o| parents(*o).any(|p| p == parent)))
        };
        let ties: Vec<bool> = partners.iter().map(|partner| tie(*partner)).collect();
        let mut merged: BTreeMap<_, Vec<Interval>> = BTreeMap::new();
        for path in paths() {
            let tie = partners.binary_search(&path.partner).is_ok_and(|at| ties[at]);
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

    fn set_borders(&self, coverage: &mut Coverage) {
        let mut borders: Vec<Instant> = Vec::new();
        let mut add = |interval: Interval| borders.extend([interval.from(), interval.to()]);
        let spans = coverage.spans.iter().flat_map(|s| s.when.iter());
        coverage.granted.iter().chain(coverage.linked.iter()).chain(spans).for_each(|i| add(*i));
        let open = coverage.grants.iter().flat_map(|(_, grant)| &grant.open);
        open.flat_map(|(_, when)| when.iter()).for_each(|i| add(*i));
        // What is shown changes here, and which tenant a charge belongs to.
        for span in &coverage.spans {
            self.partner(span.partner).iter().for_each(|s| add(s.during));
        }
        self.tenant(coverage.customer).iter().for_each(|s| add(s.during));
        self.hierarchy.facts(coverage.subscription).iter().for_each(|s| add(s.during));
        borders.extend(coverage.grants.iter().flat_map(|(_, grant)| &grant.loose));
        borders.sort_unstable();
        borders.dedup();
        coverage.borders = borders;
    }
}
