//! Customers of the last days: Ada is their guest and has linked in neither. What she does there first
//! is what a reader of the documentation does first. In Proseware she has a role; in Woodgrove nobody
//! has given her one yet. Neither has any usage so far.

use super::facts::{
    Principal, RoleAssignment, Scope, Sort, Subscription, Tenant, since, write_all,
};
use super::ids;

const INVITED: &str = "2026-11-02T09:00:00Z";

pub const TENANTS: &[Tenant] = &[
    tenant(ids::PROSEWARE, "Proseware", "proseware.example"),
    tenant(ids::WOODGROVE, "Woodgrove", "woodgrove.example"),
];

const SUBSCRIPTIONS: &[Subscription] = &[
    subscription(ids::PROSEWARE, ids::PROSEWARE_APP, "proseware-app"),
    subscription(ids::WOODGROVE, ids::WOODGROVE_BANK, "woodgrove-bank"),
];

pub const PRINCIPALS: &[Principal] =
    &[ada(ids::PROSEWARE, ids::ADA_IN_PROSEWARE), ada(ids::WOODGROVE, ids::ADA_IN_WOODGROVE)];

const ROLE_ASSIGNMENTS: &[RoleAssignment] = &[RoleAssignment {
    tenant: ids::PROSEWARE,
    number: 1,
    principal: ids::ADA_IN_PROSEWARE,
    role: ids::CONTRIBUTOR,
    scope: Scope::Subscription(ids::PROSEWARE_APP),
    eligible: false,
    condition: None,
    span: since(INVITED),
}];

pub fn write(out: &mut String) {
    write_all(TENANTS, out);
    write_all(SUBSCRIPTIONS, out);
    write_all(PRINCIPALS, out);
    write_all(ROLE_ASSIGNMENTS, out);
}

const fn tenant(id: &'static str, name: &'static str, domain: &'static str) -> Tenant {
    Tenant { id, name, domain, span: since(INVITED) }
}

const fn subscription(tenant: &'static str, id: &'static str, name: &'static str) -> Subscription {
    Subscription { tenant, id, name, group: None, span: since(INVITED) }
}

const fn ada(tenant: &'static str, object: &'static str) -> Principal {
    let name = "ada@contoso.example";
    Principal { tenant, object, sort: Sort::Guest, name, enabled: true, span: since(INVITED) }
}
