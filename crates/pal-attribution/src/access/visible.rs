//! What an identity can see: the subscriptions on which, above which or in which it has a role.

use std::collections::{BTreeMap, HashSet};

use pal_model::{
    Facts, Instant, Principal, PrincipalKind, ScopePath, Stated, Subscription, SubscriptionId,
    TenantId,
};

use super::Hierarchy;

/// A subscription that an identity can see.
#[derive(Debug)]
pub struct Visible<'a> {
    pub subscription: &'a Subscription,
    /// The tenants it is delegated to at that instant.
    pub managed_by: Vec<TenantId>,
}

/// The subscriptions that `who` sees at an instant, by id. An eligible role shows a subscription
/// as an active one does: one must see it to activate the role.
pub fn visible_subscriptions(facts: &Facts, who: Principal, at: Instant) -> Vec<Visible<'_>> {
    let held = holders(facts, who, at);
    let hierarchy = Hierarchy::new(facts);
    let mut scopes: HashSet<(TenantId, &ScopePath)> = HashSet::new();
    for assignment in now(&facts.role_assignments, at) {
        if held.contains(&Principal::new(assignment.tenant, assignment.principal)) {
            scopes.insert((assignment.tenant, &assignment.scope));
        }
    }
    let mut managed: BTreeMap<SubscriptionId, Vec<TenantId>> = BTreeMap::new();
    for delegation in now(&facts.delegations, at) {
        if let Some(subscription) = subscription_of(&delegation.scope) {
            managed.entry(subscription).or_default().push(delegation.managing_tenant);
        }
        let managing = |object| Principal::new(delegation.managing_tenant, object);
        if delegation.authorizations.iter().any(|line| held.contains(&managing(line.principal))) {
            scopes.insert((delegation.tenant, &delegation.scope));
        }
    }
    let mut found: Vec<Visible> = now(&facts.subscriptions, at)
        .filter(|subscription| {
            let above = hierarchy.at(subscription.subscription, at).map(|p| p.above.as_slice());
            scopes.iter().any(|(tenant, scope)| {
                *tenant == subscription.tenant
                    && (subscription_of(scope) == Some(subscription.subscription)
                        || above.is_some_and(|a| a.iter().any(|s| s == scope.folded())))
            })
        })
        .map(|subscription| {
            let mut managed_by = managed.remove(&subscription.subscription).unwrap_or_default();
            managed_by.sort_unstable();
            managed_by.dedup();
            Visible { subscription, managed_by }
        })
        .collect();
    found.sort_by_key(|v| v.subscription.subscription);
    found
}

fn subscription_of(scope: &ScopePath) -> Option<SubscriptionId> {
    scope.subscription()?.parse().ok()
}

fn now<T>(stated: &[Stated<T>], at: Instant) -> impl Iterator<Item = &T> {
    stated.iter().filter(move |s| s.during.contains(at)).map(|s| &s.fact)
}

/// The identity and every group it is in, through groups, at an instant (R17).
fn holders(facts: &Facts, who: Principal, at: Instant) -> HashSet<Principal> {
    let groups: HashSet<Principal> = now(&facts.principals, at)
        .filter(|p| p.kind == PrincipalKind::Group)
        .map(pal_model::PrincipalFact::principal)
        .collect();
    let mut held = HashSet::from([who]);
    let mut open = vec![who];
    while let Some(member) = open.pop() {
        for membership in now(&facts.memberships, at) {
            let group = Principal::new(membership.tenant, membership.group);
            let is_member = Principal::new(membership.tenant, membership.member) == member;
            if is_member && groups.contains(&group) && held.insert(group) {
                open.push(group);
            }
        }
    }
    held
}

#[cfg(test)]
mod tests {
    use super::*;

    const FACTS: &str = r#"
{"kind":"principal","tenant":"00000000-0000-4000-8000-00000000000a","object":"00000000-0000-4000-8000-0000000000a1","type":"User"}
{"kind":"principal","tenant":"00000000-0000-4000-8000-00000000000a","object":"00000000-0000-4000-8000-0000000000a2","type":"Group"}
{"kind":"principal","tenant":"00000000-0000-4000-8000-00000000000a","object":"00000000-0000-4000-8000-0000000000a3","type":"Group"}
{"kind":"membership","tenant":"00000000-0000-4000-8000-00000000000a","group":"00000000-0000-4000-8000-0000000000a2","member":"00000000-0000-4000-8000-0000000000a3"}
{"kind":"membership","tenant":"00000000-0000-4000-8000-00000000000a","group":"00000000-0000-4000-8000-0000000000a3","member":"00000000-0000-4000-8000-0000000000a1","to":"2026-06-01T00:00:00Z"}
{"kind":"managementGroup","tenant":"00000000-0000-4000-8000-00000000000a","name":"Landing"}
{"kind":"subscription","tenant":"00000000-0000-4000-8000-00000000000a","subscription":"00000000-0000-4000-8000-000000000001","managementGroup":"landing"}
{"kind":"subscription","tenant":"00000000-0000-4000-8000-00000000000a","subscription":"00000000-0000-4000-8000-000000000002"}
{"kind":"subscription","tenant":"00000000-0000-4000-8000-00000000000b","subscription":"00000000-0000-4000-8000-000000000003"}
{"kind":"subscription","tenant":"00000000-0000-4000-8000-00000000000b","subscription":"00000000-0000-4000-8000-000000000004"}
{"kind":"roleAssignment","tenant":"00000000-0000-4000-8000-00000000000a","id":"1","principal":"00000000-0000-4000-8000-0000000000a2","role":"Reader","scope":"/providers/Microsoft.Management/managementGroups/LANDING"}
{"kind":"roleAssignment","tenant":"00000000-0000-4000-8000-00000000000a","id":"2","principal":"00000000-0000-4000-8000-0000000000a1","role":"Reader","scope":"/subscriptions/00000000-0000-4000-8000-000000000002/resourceGroups/rg","eligible":true}
{"kind":"roleAssignment","tenant":"00000000-0000-4000-8000-00000000000b","id":"3","principal":"00000000-0000-4000-8000-0000000000a1","role":"Reader","scope":"/subscriptions/00000000-0000-4000-8000-000000000004"}
{"kind":"delegation","tenant":"00000000-0000-4000-8000-00000000000b","id":"4","scope":"/subscriptions/00000000-0000-4000-8000-000000000003","managingTenant":"00000000-0000-4000-8000-00000000000a","authorizations":[{"principal":"00000000-0000-4000-8000-0000000000a3","role":"Reader"}]}
"#;

    fn seen(at: &str) -> Vec<String> {
        let mut facts = Facts::default();
        facts.read("facts", FACTS, None).unwrap();
        facts.check().unwrap();
        let who = Principal::new(
            "00000000-0000-4000-8000-00000000000a".parse().unwrap(),
            "00000000-0000-4000-8000-0000000000a1".parse().unwrap(),
        );
        let found = visible_subscriptions(&facts, who, at.parse().unwrap());
        let name = |v: &Visible| {
            let id = v.subscription.subscription.to_string();
            format!("{}{}", &id[35..], "+".repeat(v.managed_by.len()))
        };
        found.iter().map(name).collect()
    }

    /// By group in a group at a management group, by an eligible role below, by a delegation; not
    /// by the same object id in another tenant (T33).
    #[test]
    fn what_is_seen_is_where_roles_are() {
        assert_eq!(seen("2026-05-01T00:00:00Z"), ["1", "2", "3+"]);
        assert_eq!(seen("2026-06-01T00:00:00Z"), ["2"]);
    }
}
