//! What identities hold at an instant, linked or not: their grants, the way to each, and the
//! subscriptions it reaches. What the same grants earn for a link is [`super::coverage`]'s.

use std::collections::HashMap;

use pal_model::{
    Facts, Instant, Interval, Membership, Principal, RoleClass, RoleId, ScopePath, Stated,
    Subscription, SubscriptionId, TenantId, chain_of,
};

use super::{Access, Effect, Grant, Origin, effect, grants, subscription_of};
use crate::policy::Policy;
use crate::roles::RoleData;

/// What some identities hold at an instant.
pub struct Holdings<'a> {
    access: Access<'a>,
    at: Instant,
    grants: Vec<Grant<'a>>,
    /// How many of them, from the first on, hold; the others must be activated first (R19).
    active: usize,
    by_holder: HashMap<Principal, Vec<usize>>,
    /// For each identity, itself and the groups that it is in.
    holders: HashMap<Principal, Vec<Principal>>,
    subscriptions: HashMap<SubscriptionId, &'a Subscription>,
    /// Subscriptions below a management group, by its folded scope.
    below: HashMap<String, Vec<&'a Subscription>>,
}

pub struct HeldGrant<'h, 'a> {
    /// Where, for whom, since when and until when.
    pub grant: &'h Grant<'a>,
    /// Whether it must be activated first: it earns nothing yet (R19).
    pub eligible: bool,
    /// Class of its role (R15).
    pub class: RoleClass,
    pub pec_eligible: bool,
    /// The subscriptions that it reaches.
    pub reaches: Vec<Reached<'a>>,
}

/// A subscription that a grant reaches, or reaches into.
#[derive(Debug, Clone, Copy)]
pub struct Reached<'a> {
    pub subscription: &'a Subscription,
    /// Whether a deny assignment takes all of it away (R20).
    pub denied: bool,
}

impl HeldGrant<'_, '_> {
    /// Whether deny assignments leave nothing of it.
    pub fn denied(&self) -> bool {
        !self.reaches.is_empty() && self.reaches.iter().all(|reached| reached.denied)
    }

    /// Whether it earns credit for a link: it need not be activated first, and is not denied.
    pub fn earns(&self) -> bool {
        !self.eligible && !self.denied()
    }
}

impl<'a> Holdings<'a> {
    /// Of these identities, by checked facts.
    pub fn new(
        facts: &'a Facts,
        roles: &'a RoleData,
        policy: &'a Policy,
        at: Instant,
        identities: &[Principal],
    ) -> Self {
        let access = Access::of(facts, roles, policy, identities.to_vec());
        let mut all = grants(facts, false);
        let active = all.len();
        all.extend(grants(facts, true));
        let mut by_holder: HashMap<Principal, Vec<usize>> = HashMap::new();
        for (index, grant) in all.iter().enumerate().filter(|(_, g)| g.during.contains(at)) {
            by_holder.entry(grant.principal).or_default().push(index);
        }
        let mut holders: HashMap<Principal, Vec<Principal>> = HashMap::new();
        for holder in by_holder.keys() {
            for (identity, when) in access.reach.identities(*holder).iter() {
                if when.contains(at) {
                    holders.entry(*identity).or_default().push(*holder);
                }
            }
        }
        let mut subscriptions = HashMap::new();
        let mut below: HashMap<String, Vec<&Subscription>> = HashMap::new();
        for stated in facts.subscriptions.iter().filter(|s| s.during.contains(at)) {
            let subscription = &stated.fact;
            subscriptions.insert(subscription.subscription, subscription);
            let placement = access.hierarchy.at(subscription.subscription, at);
            for scope in placement.into_iter().flat_map(|placement| &placement.above) {
                match below.get_mut(scope) {
                    Some(list) => list.push(subscription),
                    None => {
                        below.insert(scope.clone(), vec![subscription]);
                    }
                }
            }
        }
        Self { access, at, grants: all, active, by_holder, holders, subscriptions, below }
    }

    /// The grants of one of the identities that reach something there is. In no order.
    pub fn of(&self, who: Principal) -> impl Iterator<Item = HeldGrant<'_, 'a>> {
        let holders = self.holders.get(&who).into_iter().flatten();
        let indexes = holders.filter_map(|holder| self.by_holder.get(holder)).flatten();
        indexes.filter_map(move |&index| self.held(who, index))
    }

    fn held(&self, who: Principal, index: usize) -> Option<HeldGrant<'_, 'a>> {
        let grant = &self.grants[index];
        let subscriptions = self.below(grant)?;
        let variants = self.access.role_variants(grant.role);
        let variant = variants.iter().find(|variant| variant.during.contains(self.at))?;
        let actions = variant.definition.map(|definition| definition.actions.as_slice());
        let reaches = subscriptions.into_iter().map(|subscription| {
            let denied = self.denied(who, grant, subscription, actions);
            Reached { subscription, denied }
        });
        Some(HeldGrant {
            grant,
            eligible: index >= self.active,
            class: variant.class,
            pec_eligible: variant.pec_eligible,
            reaches: reaches.collect(),
        })
    }

    /// The subscriptions below a grant's scope, or the one that it is in, if they are its tenant's
    /// (R24); none for what is in no subscription. `None` = it reaches nothing that there is.
    fn below(&self, grant: &Grant) -> Option<Vec<&'a Subscription>> {
        let scope = grant.scope.folded();
        let own = |subscription: &&&Subscription| subscription.tenant == grant.customer;
        if let Some(id) = subscription_of(scope) {
            let found: Vec<_> =
                self.subscriptions.get(&id).filter(own).copied().into_iter().collect();
            return (!found.is_empty()).then_some(found);
        }
        let above =
            scope == "/" || scope.starts_with("/providers/microsoft.management/managementgroups/");
        if !above {
            return Some(Vec::new());
        }
        let found = self.below.get(scope).into_iter().flatten().filter(own).copied();
        let found: Vec<_> = found.collect();
        (!found.is_empty()).then_some(found)
    }

    /// Whether a deny on the way up takes a role away on all of a grant's scope in a subscription.
    fn denied(
        &self,
        who: Principal,
        grant: &Grant,
        subscription: &Subscription,
        actions: Option<&[String]>,
    ) -> bool {
        let denies = &self.access.denies;
        if denies.is_empty() {
            return false;
        }
        let id = subscription.subscription;
        let whole = format!("/subscriptions/{}", pal_model::fold(&id.to_string()));
        let within = grant.scope.subscription().is_some();
        let own = chain_of(if within { grant.scope.folded() } else { &whole });
        let placement = self.access.hierarchy.at(id, self.at);
        let above = placement.into_iter().flat_map(|placement| &placement.above);
        own.into_iter().chain(above.map(String::as_str)).any(|element| {
            denies.at(element, false).any(|deny| {
                let named = denies.names(deny, who, grant.customer, &self.access.reach);
                named.contains(self.at)
                    && effect(&denies.get(deny).fact, actions, self.access.policy.deny)
                        == Effect::Taken
            })
        })
    }

    /// The memberships by which an identity holds a grant, from the identity outwards.
    pub fn way(&self, who: Principal, grant: &Grant) -> Vec<&'a Stated<Membership>> {
        let mut way = self.access.reach.way(who, grant.principal, self.at);
        way.reverse();
        way
    }

    /// The time around the instant in which the identity holds the grant without a gap.
    pub fn during(&self, who: Principal, grant: &Grant) -> Interval {
        let reached = self.access.reach.when(who, grant.principal).clip(grant.during);
        let around = reached.iter().find(|interval| interval.contains(self.at));
        around.copied().unwrap_or(grant.during)
    }

    /// The name of a role, else its id.
    pub fn role_name(&self, role: RoleId) -> String {
        let variants = self.access.role_variants(Some(role));
        let now = variants.iter().find(|variant| variant.during.contains(self.at));
        let stated = now.and_then(|variant| variant.definition?.name.clone());
        let shipped = || self.access.roles.name(role).map(str::to_owned);
        stated.or_else(shipped).unwrap_or_else(|| role.to_string())
    }

    /// Whether a grant has a condition, which is not judged (R24).
    pub fn has_condition(&self, grant: &Grant) -> bool {
        match grant.origin {
            Origin::Assignment(index) => {
                self.access.facts.role_assignments[index].fact.condition.is_some()
            }
            Origin::Delegation(..) => false,
        }
    }

    /// The name of a grant's scope, where there is one.
    pub fn scope_name(&self, scope: &ScopePath, customer: TenantId) -> Option<String> {
        let folded = scope.folded();
        if let Some(id) = subscription_of(folded) {
            return match chain_of(folded).len() {
                1 => self.subscriptions.get(&id).and_then(|found| found.name.clone()),
                _ => scope.text().rsplit('/').next().map(str::to_owned),
            };
        }
        let groups = self.access.facts.management_groups.iter();
        let group = groups.filter(|s| s.during.contains(self.at)).map(|s| &s.fact).find(|group| {
            group.tenant == customer && ScopePath::management_group(&group.name) == *scope
        });
        group.and_then(|group| group.display_name.clone())
    }
}
