//! Access over time: from facts to *coverage*, once for each group of resources that share it.
//!
//! # The idea
//!
//! A cost export has a row for each resource, meter and day, but who is covered depends on the
//! resource and the time alone, and neighbours in a resource group usually share everything. So a
//! resource's scope chain is reduced to the grants and denies that lie on it; resources with equal
//! lists share one [`Coverage`]. A coverage holds the paths (grant → identity → link → partner)
//! with the instants at which all of a path holds, and the borders between which nothing changes.
//! A charge that lies between two borders gets the outcome of that stretch; only a charge with a
//! border inside is weighed by time.
//!
//! # Worked example (E2)
//!
//! A is linked to 111111 from 10 Oct 12:00 and is Contributor on the group; B of the same partner
//! is Owner from 20 Oct. Borders: 10 Oct 12:00, 20 Oct. The daily charge of the 12th lies in the
//! second stretch: {111111 as Contributor, whole}. That of the 10th has a border inside: {111111
//! as Contributor, 12 h of 24 h}. From the 20th on: {111111 as Owner, whole}.

mod casing;
mod coverage;
mod denies;
pub mod fingerprint;
mod groups;
mod hierarchy;
mod holdings;
mod outcome;
mod visible;

use std::collections::{BTreeMap, HashMap};
use std::sync::{Arc, Mutex};

use pal_model::{
    Facts, Instant, Interval, IntervalSet, Partner, PartnerId, Principal, PrincipalKind, RoleClass,
    RoleDefinition, RoleId, RoleName, ScopePath, Stated, SubscriptionId, Tenant, TenantId,
    chain_of,
};

pub(crate) use casing::Casing;
use coverage::GrantPaths;
pub use coverage::{Coverage, Path};
use denies::Denies;
pub use denies::Unjudged;
pub(crate) use denies::{Effect, OpenDeny, effect};
use groups::Reach;
pub use hierarchy::{Hierarchy, Placement};
pub use holdings::{HeldGrant, Holdings, Reached};
pub use outcome::{Credit, Outcome};
pub use visible::{Visible, visible_subscriptions};

use crate::policy::Policy;
use crate::roles::RoleData;

/// A role on a scope for a principal: from a role assignment, or a line of a delegation.
/// In [`Access`] eligible-only ones are not: they never credit (R19).
#[derive(Debug, Clone)]
pub struct Grant<'a> {
    /// The tenant the subscription must belong to.
    pub customer: TenantId,
    /// Who holds it: in the customer's tenant, or for a delegation in the managing one (R18).
    pub principal: Principal,
    /// The role, if it could be named.
    pub role: Option<RoleId>,
    pub scope: &'a ScopePath,
    pub during: Interval,
    /// The fact: an index into the role assignments, or (delegation, line).
    pub origin: Origin,
}

/// The fact a grant comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Origin {
    /// Index of the role assignment.
    Assignment(usize),
    /// Index of the delegation, and of the authorization in it.
    Delegation(usize, usize),
}

/// A stretch of time in which a role means the same.
pub(crate) struct RoleVariant<'a> {
    pub during: Interval,
    pub class: RoleClass,
    pub pec_eligible: bool,
    pub definition: Option<&'a RoleDefinition>,
}

/// Facts, indexed for resolving.
pub struct Access<'a> {
    pub facts: &'a Facts,
    pub(crate) roles: &'a RoleData,
    pub(crate) policy: &'a Policy,
    /// Where subscriptions sit.
    pub hierarchy: Hierarchy<'a>,
    pub(crate) reach: Reach<'a>,
    pub(crate) denies: Denies<'a>,
    grants: Vec<Grant<'a>>,
    by_scope: HashMap<&'a str, Vec<u32>>,
    active: HashMap<Principal, IntervalSet>,
    links: HashMap<Principal, Vec<usize>>,
    partners: HashMap<PartnerId, Vec<&'a Stated<Partner>>>,
    tenants: HashMap<TenantId, Vec<&'a Stated<Tenant>>>,
    definitions: HashMap<RoleId, Vec<&'a Stated<RoleDefinition>>>,
    followed: Followed,
}

type Followed = Mutex<HashMap<(u32, SubscriptionId), Arc<GrantPaths>>>;

impl<'a> Access<'a> {
    /// Indexes checked facts, for those who are linked.
    pub fn new(facts: &'a Facts, roles: &'a RoleData, policy: &'a Policy) -> Self {
        Self::of(facts, roles, policy, facts.links.iter().map(|l| l.fact.principal()).collect())
    }

    /// Indexes checked facts; only these identities are followed through groups.
    pub(crate) fn of(
        facts: &'a Facts,
        roles: &'a RoleData,
        policy: &'a Policy,
        identities: Vec<Principal>,
    ) -> Self {
        let grants = grants(facts, false);
        let mut by_scope: HashMap<&str, Vec<u32>> = HashMap::new();
        for (index, grant) in grants.iter().enumerate() {
            by_scope.entry(grant.scope.folded()).or_default().push(index as u32);
        }
        let mut links: HashMap<Principal, Vec<usize>> = HashMap::new();
        for (index, stated) in facts.links.iter().enumerate() {
            links.entry(stated.fact.principal()).or_default().push(index);
        }
        Self {
            facts,
            roles,
            policy,
            hierarchy: Hierarchy::new(facts),
            reach: Reach::new(facts, identities),
            denies: Denies::new(facts),
            grants,
            by_scope,
            active: active(facts),
            links,
            partners: by_key(&facts.partners, |p| p.partner),
            tenants: by_key(&facts.tenants, |t| t.tenant),
            definitions: by_key(&facts.role_definitions, |r| r.role),
            followed: Followed::default(),
        }
    }

    /// The grants and denies on the fixed part of a chain: from the first element up to the
    /// subscription. `head` is folded.
    pub(crate) fn on_chain(&self, head: &str) -> (Vec<u32>, Vec<u32>) {
        let (mut grants, mut denies) = (Vec::new(), Vec::new());
        for (depth, element) in chain_of(head).into_iter().enumerate() {
            grants.extend(self.by_scope.get(element).into_iter().flatten());
            if !self.denies.is_empty() {
                denies.extend(self.denies.at(element, depth == 0));
            }
        }
        grants.sort_unstable();
        denies.sort_unstable();
        (grants, denies)
    }

    pub(crate) fn grant(&self, index: u32) -> &Grant<'a> {
        &self.grants[index as usize]
    }

    pub(crate) fn grants_at(&self, folded: &str) -> &[u32] {
        self.by_scope.get(folded).map_or(&[], Vec::as_slice)
    }

    pub(crate) fn links_of(&self, identity: Principal) -> &[usize] {
        self.links.get(&identity).map_or(&[], Vec::as_slice)
    }

    /// When an identity exists, is enabled and is no group (R9).
    pub(crate) fn active(&self, identity: Principal) -> IntervalSet {
        self.active.get(&identity).cloned().unwrap_or_default()
    }

    /// Facts of a partner, in order of time; it is active while one holds (R10).
    pub(crate) fn partner(&self, partner: PartnerId) -> &[&'a Stated<Partner>] {
        self.partners.get(&partner).map_or(&[], Vec::as_slice)
    }

    pub(crate) fn tenant(&self, tenant: TenantId) -> &[&'a Stated<Tenant>] {
        self.tenants.get(&tenant).map_or(&[], Vec::as_slice)
    }

    /// The name of a role, else its id.
    pub(crate) fn role_title(&self, role: Option<RoleId>) -> String {
        let Some(role) = role else { return "unknown".to_owned() };
        let mut stated = self.definitions.get(&role).into_iter().flatten();
        let named = stated.find_map(|s| s.fact.name.as_deref());
        self.roles.name(role).or(named).map_or_else(|| role.to_string(), str::to_owned)
    }

    /// What a role means, over time: its facts, and the shipped definition in the gaps.
    pub(crate) fn role_variants(&self, role: Option<RoleId>) -> Vec<RoleVariant<'_>> {
        let Some(role) = role else {
            let unknown = RoleVariant {
                during: Interval::ALL,
                class: RoleClass::Reader,
                pec_eligible: false,
                definition: None,
            };
            return vec![unknown];
        };
        let stated = self.definitions.get(&role).map_or(&[][..], Vec::as_slice);
        let taken: IntervalSet = stated.iter().map(|s| s.during).collect();
        let gaps = taken.complement();
        let facts = stated.iter().map(|s| (s.during, Some(&s.fact)));
        let shipped = gaps.iter().map(|gap| (*gap, self.roles.built_in(role)));
        facts
            .chain(shipped)
            .map(|(during, definition)| RoleVariant {
                during,
                class: self.roles.class(role, definition),
                pec_eligible: self.roles.pec_eligible(role) == Some(true),
                definition,
            })
            .collect()
    }
}

/// The fact that holds at an instant, else the first that begins later: what names and parents are
/// shown as.
pub(crate) fn at_or_next<'a, T>(stated: &[&'a Stated<T>], at: Instant) -> Option<&'a T> {
    stated.iter().find(|s| s.during.to() > at).map(|s| &s.fact)
}

/// The index of what [`at_or_next`] finds.
fn index_at_or_next<T>(stated: &[&Stated<T>], at: Instant) -> Option<u32> {
    stated.iter().position(|s| s.during.to() > at).map(|index| index as u32)
}

fn by_key<T, K: Eq + std::hash::Hash>(
    stated: &[Stated<T>],
    key: impl Fn(&T) -> K,
) -> HashMap<K, Vec<&Stated<T>>> {
    let mut map: HashMap<K, Vec<&Stated<T>>> = HashMap::new();
    for fact in stated {
        map.entry(key(&fact.fact)).or_default().push(fact);
    }
    for list in map.values_mut() {
        list.sort_by_key(|s| s.during.from());
    }
    map
}

/// Those that hold, or those that must be activated first.
fn grants(facts: &Facts, eligible: bool) -> Vec<Grant<'_>> {
    let id = |role: &RoleName| match role {
        RoleName::Id(id) => Some(*id),
        RoleName::Name(_) => None,
    };
    let assignments = facts.role_assignments.iter().enumerate();
    let wanted = assignments.filter(move |(_, s)| s.fact.eligible == eligible);
    let assignments = wanted.map(|(index, s)| Grant {
        customer: s.fact.tenant,
        principal: Principal::new(s.fact.tenant, s.fact.principal),
        role: id(&s.fact.role),
        scope: &s.fact.scope,
        during: s.during,
        origin: Origin::Assignment(index),
    });
    let delegations = facts.delegations.iter().enumerate().flat_map(|(index, s)| {
        let lines = s.fact.authorizations.iter().enumerate();
        lines.filter(move |(_, a)| a.eligible == eligible).map(move |(line, a)| Grant {
            customer: s.fact.tenant,
            principal: Principal::new(s.fact.managing_tenant, a.principal),
            role: id(&a.role),
            scope: &s.fact.scope,
            during: s.during,
            origin: Origin::Delegation(index, line),
        })
    });
    assignments.chain(delegations).collect()
}

fn active(facts: &Facts) -> HashMap<Principal, IntervalSet> {
    let mut lists: BTreeMap<Principal, Vec<Interval>> = BTreeMap::new();
    for stated in &facts.principals {
        if stated.fact.enabled && stated.fact.kind != PrincipalKind::Group {
            lists.entry(stated.fact.principal()).or_default().push(stated.during);
        }
    }
    lists.into_iter().map(|(p, list)| (p, list.into_iter().collect())).collect()
}

/// The subscription of a folded head, if it is a GUID.
pub(crate) fn subscription_of(head: &str) -> Option<SubscriptionId> {
    let rest = head.strip_prefix("/subscriptions/")?;
    rest.split('/').next()?.parse().ok()
}
