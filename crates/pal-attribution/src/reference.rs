//! The rules of attribution in their slowest and plainest form: the judge of the engine.
//!
//! A charge's window is cut wherever any fact at all begins or ends. Inside such a piece nothing
//! changes, so each piece is judged once, at its first instant, straight from the facts:
//!
//! ```text
//! charge → scope chain → grants on it → identities they reach → link → partner
//!                                        (role policy and denies may take a path away)
//! ```
//!
//! Nothing is indexed or remembered, and no rule is shared with the engine: names, role classes, reasons
//! of exclusion, windows and scope chains are judged here once more, from the specification. Shared are
//! the types of the model with their arithmetic (identifiers, intervals, money), the tables of roles and
//! policies, which are data, and what reading a cost file found a charge to be. Where the two differ one
//! of them is wrong; this one is short enough to be read in one sitting.
//!
//! Worked example: linked on 10 October 12:00, Contributor all month, a charge of 31.00 for that
//! day. The window has two pieces, before and after noon; only the second has a path, so the weight
//! is 12 h ÷ 24 h and the credit 15.50.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};

use pal_model::{
    Charge, DenyEffect, Exclusion, Facts, Guid, Instant, Interval, Link, ObjectId, PartnerId,
    Principal, PrincipalFact, PrincipalKind, RoleClass, RoleDefinition, RoleId, RoleName,
    ScopePath, Stated, Subscription, SubscriptionId, TenantId, Uncredited,
};

mod charge;
mod names;
mod report;
mod roles;

use crate::policy::{DenyMode, Granularity, Policy, RoleFilter};
use crate::roles::RoleData;
use charge::{ChainStart, excluded, place_of, window};
use names::{alike, plain};
use roles::{class_of, takes_everything};

/// Judges charges by the facts, one at a time.
pub struct Reference<'a> {
    facts: &'a Facts,
    roles: &'a RoleData,
    policy: &'a Policy,
    /// Every instant at which some fact begins or ends.
    borders: BTreeSet<Instant>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Judgement {
    /// The tenant of the chain's subscription at the start of the charge period.
    pub customer_tenant: Option<TenantId>,
    /// Excluded, credited, or not.
    pub outcome: Outcome,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// No consumed revenue.
    Excluded(Exclusion),
    Uncredited(Uncredited),
    /// Consumed, credited to these partners, lowest ID first.
    Credited(Vec<Credit>),
}

/// One partner's credit of one charge. The weight is `covered` ÷ `length`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Credit {
    pub partner: PartnerId,
    /// Covered time in nanoseconds; 1 where a policy knows only all or nothing.
    pub covered: i128,
    /// The time that counts as whole, in the same unit.
    pub length: i128,
    /// The highest class among the crediting paths.
    pub class: RoleClass,
    /// Whether a crediting path has a role of the PEC table.
    pub pec_eligible: bool,
    /// Whether another location of the same global account counts instead (R27).
    pub duplicate: bool,
}

/// What is recognised of one path at one instant, or of all paths of a partner over some time.
struct Cover {
    time: i128,
    class: RoleClass,
    pec_eligible: bool,
    link_start: Instant,
}

impl Cover {
    fn add(&mut self, other: &Self) {
        self.time += other.time;
        self.class = self.class.max(other.class);
        self.pec_eligible |= other.pec_eligible;
        self.link_start = self.link_start.min(other.link_start);
    }
}

type Covers = BTreeMap<PartnerId, Cover>;

impl<'a> Reference<'a> {
    /// A reference over facts whose role names are resolved.
    pub fn new(facts: &'a Facts, roles: &'a RoleData, policy: &'a Policy) -> Self {
        let mut borders = BTreeSet::new();
        macro_rules! cut_at {
            ($($list:ident)*) => {
                $(borders.extend(facts.$list.iter().flat_map(|s| [s.during.from(), s.during.to()]));)*
            };
        }
        cut_at!(partners tenants principals memberships management_groups subscriptions
            role_definitions role_assignments deny_assignments delegations links);
        Self { facts, roles, policy, borders }
    }

    pub fn judge(&self, charge: &Charge) -> Judgement {
        let place = place_of(charge);
        let customer = place.as_ref().and_then(|place| {
            Some(self.subscription_at(place.subscription, charge.period.from())?.tenant)
        });
        let outcome = match (excluded(charge, self.policy), &place, customer) {
            (Some(reason), ..) => Outcome::Excluded(reason),
            (None, Some(place), Some(customer)) => self.consumed(charge.period, place, customer),
            _ => Outcome::Uncredited(Uncredited::UnknownSubscription),
        };
        Judgement { customer_tenant: customer, outcome }
    }

    fn consumed(&self, period: Interval, place: &ChainStart, customer: TenantId) -> Outcome {
        let window = window(self.policy.granularity, period);
        let mut covers = Covers::new();
        for piece in self.pieces(window) {
            for (partner, cover) in self.covers_in(place, customer, piece) {
                covers.entry(partner).and_modify(|sum| sum.add(&cover)).or_insert(cover);
            }
        }
        if self.policy.granularity == Granularity::WholeDay {
            covers.retain(|_, cover| cover.time == window.length());
        }
        if covers.is_empty() {
            return Outcome::Uncredited(self.why_nobody(period, place));
        }
        let share = self.policy.granularity == Granularity::Proportional;
        let credit = |(&partner, cover): (&PartnerId, &Cover)| {
            let (covered, length) = if share { (cover.time, window.length()) } else { (1, 1) };
            let (class, pec_eligible) = (cover.class, cover.pec_eligible);
            let duplicate = self.is_duplicate(partner, &covers, period.from());
            Credit { partner, covered, length, class, pec_eligible, duplicate }
        };
        Outcome::Credited(covers.iter().map(credit).collect())
    }

    /// A window in pieces in which no fact begins or ends.
    fn pieces(&self, window: Interval) -> Vec<Interval> {
        let mut cuts = vec![window.from()];
        cuts.extend(self.borders.range(window.from()..window.to()));
        cuts.push(window.to());
        cuts.windows(2).filter_map(|pair| Interval::new(pair[0], pair[1]).ok()).collect()
    }

    fn why_nobody(&self, period: Interval, place: &ChainStart) -> Uncredited {
        let mut reached = Vec::new();
        let mut granted = false;
        for piece in self.pieces(period) {
            for (principal, _) in self.grants(place, piece.from()) {
                granted = true;
                reached.extend(self.reached_by(principal, piece.from()));
            }
        }
        let linked = |link: &Stated<Link>| {
            link.during.overlaps(period) && reached.contains(&link.fact.principal())
        };
        if !granted {
            Uncredited::NoAssignment
        } else if !self.facts.links.iter().any(linked) {
            Uncredited::NoLink
        } else {
            Uncredited::NotActive
        }
    }

    /// The partners covered in a piece: some path to them is recognised and no deny takes it away.
    fn covers_in(&self, place: &ChainStart, customer: TenantId, piece: Interval) -> Covers {
        let mut covers = Covers::new();
        let at = piece.from();
        for (principal, role) in self.grants(place, at) {
            let definition = role.and_then(|role| self.role_definition(role, at));
            let class =
                role.map_or(RoleClass::Reader, |role| class_of(self.roles, role, definition));
            let pec_eligible = role.and_then(|role| self.roles.pec_eligible(role)) == Some(true);
            let recognised = match self.policy.roles {
                RoleFilter::All => true,
                RoleFilter::OwnerOrContributor => class >= RoleClass::Contributor,
                RoleFilter::PecTable => pec_eligible,
            };
            if !recognised {
                continue;
            }
            for identity in self.reached_by(principal, at) {
                let mut links = holding(&self.facts.links, at);
                let Some(link) = links.find(|l| l.fact.principal() == identity) else { continue };
                let (partner, link_start) = (link.fact.partner, link.during.from());
                let active = holding(&self.facts.partners, at).any(|p| p.fact.partner == partner);
                let fact = self.principal_at(identity, at);
                let enabled = fact.is_some_and(|p| p.kind != PrincipalKind::Group && p.enabled);
                if active && enabled && !self.is_denied(place, customer, identity, definition, at) {
                    let path = Cover { time: 0, class, pec_eligible, link_start };
                    covers.entry(partner).and_modify(|sum| sum.add(&path)).or_insert(path);
                }
            }
        }
        for cover in covers.values_mut() {
            cover.time = piece.length();
        }
        covers
    }

    /// The principal and role of every assignment and authorization on the chain at `at`.
    fn grants(&self, place: &ChainStart, at: Instant) -> Vec<(Principal, Option<RoleId>)> {
        let subscription = self.subscription_at(place.subscription, at);
        let chain = self.chain(place, at);
        let here = |tenant: TenantId, scope: &ScopePath| {
            subscription.is_some_and(|subscription| subscription.tenant == tenant)
                && chain.contains(&plain(scope.text()))
        };
        let id_of = |role: &RoleName| if let RoleName::Id(id) = role { Some(*id) } else { None };
        let mut grants = Vec::new();
        for Stated { fact, .. } in holding(&self.facts.role_assignments, at) {
            if !fact.eligible && here(fact.tenant, &fact.scope) {
                grants.push((Principal::new(fact.tenant, fact.principal), id_of(&fact.role)));
            }
        }
        for Stated { fact, .. } in holding(&self.facts.delegations, at) {
            if here(fact.tenant, &fact.scope) {
                let active = fact.authorizations.iter().filter(|one| !one.eligible);
                let principal = |object| Principal::new(fact.managing_tenant, object);
                grants.extend(active.map(|one| (principal(one.principal), id_of(&one.role))));
            }
        }
        grants
    }

    /// The whole chain at `at`, up to the tenant root group and `/`.
    fn chain(&self, place: &ChainStart, at: Instant) -> Vec<String> {
        let mut chain = place.elements.clone();
        let Some(subscription) = self.subscription_at(place.subscription, at) else { return chain };
        let scope_of =
            |name: &str| plain(&format!("/providers/Microsoft.Management/managementGroups/{name}"));
        let root = subscription.tenant.to_string();
        let mut name = subscription.management_group.clone().unwrap_or_else(|| root.clone());
        while !alike(&name, &root) && !chain.contains(&scope_of(&name)) {
            chain.push(scope_of(&name));
            let mut groups = holding(&self.facts.management_groups, at).map(|stated| &stated.fact);
            let group = groups
                .find(|group| group.tenant == subscription.tenant && alike(&group.name, &name));
            name = group.and_then(|group| group.parent.clone()).unwrap_or_else(|| root.clone());
        }
        chain.extend([scope_of(&root), "/".to_owned()]);
        chain
    }

    /// The principal of a grant and, down through existing groups, everybody in it.
    fn reached_by(&self, principal: Principal, at: Instant) -> Vec<Principal> {
        let mut reached = vec![principal];
        let mut next = 0;
        while let Some(&group) = reached.get(next) {
            next += 1;
            if !self.is_group(group, at) {
                continue;
            }
            for Stated { fact, .. } in holding(&self.facts.memberships, at) {
                let member = Principal::new(fact.tenant, fact.member);
                if Principal::new(fact.tenant, fact.group) == group && !reached.contains(&member) {
                    reached.push(member);
                }
            }
        }
        reached
    }

    /// The identity itself and, up through existing groups, every group it is in.
    fn names_of(&self, identity: Principal, at: Instant) -> Vec<ObjectId> {
        let mut names = vec![identity.object];
        let mut next = 0;
        while let Some(&member) = names.get(next) {
            next += 1;
            for Stated { fact, .. } in holding(&self.facts.memberships, at) {
                if fact.tenant == identity.tenant
                    && fact.member == member
                    && self.is_group(Principal::new(fact.tenant, fact.group), at)
                    && !names.contains(&fact.group)
                {
                    names.push(fact.group);
                }
            }
        }
        names
    }

    /// Whether some deny takes the path of this identity with this role away.
    fn is_denied(
        &self,
        place: &ChainStart,
        customer: TenantId,
        identity: Principal,
        role: Option<&RoleDefinition>,
        at: Instant,
    ) -> bool {
        let (chain, names) = (self.chain(place, at), self.names_of(identity, at));
        holding(&self.facts.deny_assignments, at).map(|stated| &stated.fact).any(|deny| {
            let lists = |ids: &[ObjectId]| {
                deny.tenant == identity.tenant && ids.iter().any(|id| names.contains(id))
            };
            let everyone = deny.principals.iter().any(|id| id.guid() == Guid::ZERO);
            let reach = if deny.do_not_apply_to_child_scopes { &chain[..1] } else { &chain[..] };
            deny.tenant == customer
                && deny.effect != DenyEffect::Audit
                && reach.contains(&plain(deny.scope.text()))
                && (everyone || lists(&deny.principals))
                && !lists(&deny.exclude_principals)
                && (self.policy.deny == DenyMode::Any || takes_everything(deny, role))
        })
    }

    fn is_duplicate(&self, partner: PartnerId, covers: &Covers, at: Instant) -> bool {
        let parent = |id| first_since(&self.facts.partners, at, |p| p.partner == id)?.parent;
        let Some(account) = parent(partner) else { return false };
        let rank = |id: PartnerId, cover: &Cover| (Reverse(cover.class), cover.link_start, id);
        let locations = covers.iter().filter(|(id, _)| parent(**id) == Some(account));
        let first = locations.map(|(id, cover)| rank(*id, cover)).min();
        first.is_some_and(|(.., id)| id != partner)
    }

    fn subscription_at(&self, id: SubscriptionId, at: Instant) -> Option<&'a Subscription> {
        let stated = holding(&self.facts.subscriptions, at).find(|s| s.fact.subscription == id);
        stated.map(|stated| &stated.fact)
    }

    fn principal_at(&self, principal: Principal, at: Instant) -> Option<&'a PrincipalFact> {
        let mut stated = holding(&self.facts.principals, at);
        stated.find(|s| s.fact.principal() == principal).map(|stated| &stated.fact)
    }

    fn is_group(&self, principal: Principal, at: Instant) -> bool {
        self.principal_at(principal, at).is_some_and(|p| p.kind == PrincipalKind::Group)
    }

    fn role_definition(&self, role: RoleId, at: Instant) -> Option<&'a RoleDefinition> {
        let stated = holding(&self.facts.role_definitions, at).find(|s| s.fact.role == role);
        stated.map_or_else(|| self.roles.built_in(role), |stated| Some(&stated.fact))
    }
}

/// The facts that hold at an instant.
fn holding<T>(facts: &[Stated<T>], at: Instant) -> impl Iterator<Item = &Stated<T>> {
    facts.iter().filter(move |stated| stated.during.contains(at))
}

/// The fact that holds at an instant, else the first that begins later.
fn first_since<T>(facts: &[Stated<T>], at: Instant, is: impl Fn(&T) -> bool) -> Option<&T> {
    let not_over = facts.iter().filter(|stated| is(&stated.fact) && stated.during.to() > at);
    not_over.min_by_key(|stated| stated.during.from()).map(|stated| &stated.fact)
}
