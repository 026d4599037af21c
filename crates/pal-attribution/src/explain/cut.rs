//! The facts that a reader may see of a subscription. What is not kept has no part in an
//! explanation, in no sentence and in no number of one.

use std::collections::{BTreeSet, HashMap, HashSet};

use pal_model::{
    Delegation, Facts, Guid, Link, ObjectId, PartnerId, Principal, PrivacyLevel, ScopePath, Shared,
    Stated, Subscription, SubscriptionId, TenantId,
};

/// Facts about one subscription, as a partner may see them.
///
/// Directories that have to do with the partner are those in which one of its IDs is or was linked,
/// and those that delegate to its home directory or to a linked identity. Of them, those that show
/// as much as is asked for; if none had the subscription ever, it is not there.
pub(super) fn of_partner(
    facts: &Facts,
    partners: &BTreeSet<PartnerId>,
    level: &dyn Fn(TenantId) -> PrivacyLevel,
    resource: &ScopePath,
) -> Option<Facts> {
    let upwards = Upwards::new(facts);
    let is_own = |s: &&Stated<Link>| partners.contains(&s.fact.partner);
    let links: Vec<&Stated<Link>> = facts.links.iter().filter(is_own).collect();
    let own = upwards.from(links.iter().map(|s| s.fact.principal()));
    let described = facts.partners.iter().filter(|s| partners.contains(&s.fact.partner));
    let homes: HashSet<TenantId> = described.filter_map(|s| s.fact.home_tenant).collect();
    let concerns = |delegation: &Delegation| {
        homes.contains(&delegation.managing_tenant)
            || authorized(delegation).any(|holder| own.contains(&holder))
    };
    let related = |tenant: TenantId| {
        let mut delegations = facts.delegations.iter();
        links.iter().any(|s| s.fact.tenant == tenant)
            || delegations.any(|s| s.fact.tenant == tenant && concerns(&s.fact))
    };
    let shows = |tenant| level(tenant) <= most(resource);
    let subscriptions =
        of_subscription(facts, resource, |tenant| shows(tenant) && related(tenant))?;
    let customers: HashSet<TenantId> = subscriptions.iter().map(|s| s.fact.tenant).collect();
    let mut delegations = kept(&facts.delegations, |delegation| {
        customers.contains(&delegation.tenant) && concerns(delegation)
    });
    for delegation in delegations.iter_mut().map(|s| &mut s.fact) {
        let tenant = delegation.managing_tenant;
        delegation.authorizations.retain(|a| own.contains(&Principal::new(tenant, a.principal)));
    }
    // A masked customer is not named as the place of a link, either.
    let links = kept(&facts.links, |link| {
        partners.contains(&link.partner)
            && (level(link.tenant) < PrivacyLevel::Masked
                || homes.contains(&link.tenant)
                || delegations.iter().any(|s| s.fact.managing_tenant == link.tenant))
    });
    let own = upwards.from(links.iter().map(|s| s.fact.principal()));
    let everyone = |object: &ObjectId| object.guid() == Guid::ZERO;
    Some(Facts {
        partners: kept(&facts.partners, |partner| partners.contains(&partner.partner)),
        tenants: kept(&facts.tenants, |tenant| customers.contains(&tenant.tenant)),
        principals: kept(&facts.principals, |fact| own.contains(&fact.principal())),
        memberships: kept(&facts.memberships, |fact| {
            own.contains(&Principal::new(fact.tenant, fact.member))
        }),
        management_groups: kept(&facts.management_groups, |g| customers.contains(&g.tenant)),
        subscriptions,
        role_assignments: kept(&facts.role_assignments, |fact| {
            customers.contains(&fact.tenant)
                && own.contains(&Principal::new(fact.tenant, fact.principal))
        }),
        deny_assignments: kept(&facts.deny_assignments, |deny| {
            let named = |object| own.contains(&Principal::new(deny.tenant, object));
            customers.contains(&deny.tenant)
                && deny.principals.iter().any(|object| everyone(object) || named(*object))
        }),
        delegations,
        links,
        privacy: kept(&facts.privacy, |privacy| customers.contains(&privacy.tenant)),
        ..apart_from_access(facts)
    })
}

/// Facts about one subscription, as an auditor of a directory may see them: all of the directory,
/// and of others the linked identities that can work in it, with their ways.
pub(super) fn of_customer(facts: &Facts, tenant: TenantId, resource: &ScopePath) -> Option<Facts> {
    let subscriptions = of_subscription(facts, resource, |owner| owner == tenant)?;
    let upwards = Upwards::new(facts);
    let delegations = kept(&facts.delegations, |delegation| delegation.tenant == tenant);
    let holders: HashSet<Principal> =
        delegations.iter().flat_map(|s| authorized(&s.fact)).collect();
    let managing: HashSet<TenantId> = holders.iter().map(|holder| holder.tenant).collect();
    let works_here = |who: Principal| {
        managing.contains(&who.tenant)
            && upwards.from([who]).iter().any(|reached| holders.contains(reached))
    };
    let links = kept(&facts.links, |l| l.tenant == tenant || works_here(l.principal()));
    let linked = upwards.from(links.iter().map(|s| s.fact.principal()));
    let partners: BTreeSet<PartnerId> = links.iter().map(|s| s.fact.partner).collect();
    let seen = |who: Principal| who.tenant == tenant || linked.contains(&who);
    Some(Facts {
        partners: kept(&facts.partners, |partner| partners.contains(&partner.partner)),
        tenants: kept(&facts.tenants, |fact| fact.tenant == tenant),
        principals: kept(&facts.principals, |fact| seen(fact.principal())),
        memberships: kept(&facts.memberships, |fact| {
            seen(Principal::new(fact.tenant, fact.member))
        }),
        management_groups: kept(&facts.management_groups, |group| group.tenant == tenant),
        subscriptions,
        role_assignments: kept(&facts.role_assignments, |fact| fact.tenant == tenant),
        deny_assignments: kept(&facts.deny_assignments, |deny| deny.tenant == tenant),
        delegations,
        links,
        privacy: kept(&facts.privacy, |privacy| privacy.tenant == tenant),
        ..apart_from_access(facts)
    })
}

/// What is nobody's: what roles mean is shown only where a grant names them.
fn apart_from_access(facts: &Facts) -> Facts {
    Facts {
        files: facts.files.clone(),
        marks: facts.marks.clone(),
        role_definitions: facts.role_definitions.clone(),
        ..Facts::default()
    }
}

/// What is stated of the subscription of a scope while it belongs to some directories; `None` =
/// nothing.
fn of_subscription(
    facts: &Facts,
    resource: &ScopePath,
    belongs: impl Fn(TenantId) -> bool,
) -> Option<Shared<Stated<Subscription>>> {
    let id: SubscriptionId = resource.subscription()?.parse().ok()?;
    let found = kept(&facts.subscriptions, |s| s.subscription == id && belongs(s.tenant));
    (!found.is_empty()).then_some(found)
}

fn kept<T: Clone>(stated: &[Stated<T>], keep: impl Fn(&T) -> bool) -> Shared<Stated<T>> {
    stated.iter().filter(|s| keep(&s.fact)).cloned().collect()
}

/// The level that shows least of those that show a scope.
pub(super) fn most(scope: &ScopePath) -> PrivacyLevel {
    if is_subscription(scope) { PrivacyLevel::Subscription } else { PrivacyLevel::Full }
}

pub(super) fn is_subscription(scope: &ScopePath) -> bool {
    scope.subscription().is_some() && scope.chain().len() == 1
}

/// Whom a delegation authorises, in the managing directory.
fn authorized(delegation: &Delegation) -> impl Iterator<Item = Principal> + '_ {
    let tenant = delegation.managing_tenant;
    delegation.authorizations.iter().map(move |a| Principal::new(tenant, a.principal))
}

/// The groups of everybody, at whatever time.
struct Upwards(HashMap<Principal, Vec<Principal>>);

impl Upwards {
    fn new(facts: &Facts) -> Self {
        let mut groups: HashMap<Principal, Vec<Principal>> = HashMap::new();
        for fact in facts.memberships.iter().map(|s| &s.fact) {
            let member = Principal::new(fact.tenant, fact.member);
            groups.entry(member).or_default().push(Principal::new(fact.tenant, fact.group));
        }
        Self(groups)
    }

    /// Identities and every group that one of them was ever in, directly or not.
    fn from(&self, identities: impl IntoIterator<Item = Principal>) -> HashSet<Principal> {
        let mut open: Vec<Principal> = identities.into_iter().collect();
        let mut reached = HashSet::new();
        while let Some(who) = open.pop() {
            if reached.insert(who) {
                open.extend(self.0.get(&who).into_iter().flatten());
            }
        }
        reached
    }
}
