//! Who can sign in to the demo. The secrets are no secrets: the demo listens on loopback only.

use std::collections::BTreeMap;

use pal_model::{Guid, IdError, Principal};

use super::facts::Sort;
use super::{ids, newcomers, world};

/// Everybody's password.
pub const PASSWORD: &str = "demo";

/// Whom `pal dev` names.
pub const SHOWN: &str = "ada@contoso.example";

/// A person, with one account in each directory; the home account first.
pub struct Person {
    pub upn: &'static str,
    pub accounts: Vec<Principal>,
}

/// A service principal.
pub struct Application {
    pub client: Guid,
    pub secret: String,
    pub principal: Principal,
}

/// The operator of the demo: Ada, at home.
pub fn operator() -> Result<Principal, IdError> {
    pair(ids::CONTOSO, ids::ADA_HOME)
}

/// A directory of the demo.
pub struct Directory {
    pub tenant: &'static str,
    pub domain: &'static str,
}

/// All directories, customers first: a script that takes the first finds something to link.
pub fn directories() -> Vec<Directory> {
    let order =
        [ids::TAILWIND, ids::FABRIKAM, ids::NORTHWIND, ids::WINGTIP, ids::CONTOSO, ids::ADATUM];
    let known = |id| world::TENANTS.iter().find(move |tenant| tenant.id == id);
    let known = order.into_iter().filter_map(known);
    known
        .chain(newcomers::TENANTS)
        .map(|tenant| Directory { tenant: tenant.id, domain: tenant.domain })
        .collect()
}

/// Every person with an account, by sign-in name. Names are equal in all directories.
pub fn people() -> Result<Vec<Person>, IdError> {
    let mut people: BTreeMap<&str, Vec<(bool, Principal)>> = BTreeMap::new();
    for fact in world::PRINCIPALS.iter().chain(newcomers::PRINCIPALS) {
        let guest = match fact.sort {
            Sort::Member => false,
            Sort::Guest => true,
            Sort::Group | Sort::ServicePrincipal | Sort::ManagedIdentity => continue,
        };
        let accounts = people.entry(fact.name).or_default();
        let account = (guest, pair(fact.tenant, fact.object)?);
        if !accounts.contains(&account) {
            accounts.push(account);
        }
    }
    let mut found = Vec::new();
    for (upn, mut accounts) in people {
        accounts.sort_by_key(|(guest, _)| *guest);
        found.push(Person { upn, accounts: accounts.into_iter().map(|(_, who)| who).collect() });
    }
    Ok(found)
}

/// Every application with a secret.
pub fn applications() -> Result<Vec<Application>, IdError> {
    [
        (ids::CONTOSO_AUTOMATION_APP, "automation", ids::TAILWIND, ids::CONTOSO_AUTOMATION),
        (ids::CONTOSO_DEPLOY_APP, "deploy", ids::NORTHWIND, ids::CONTOSO_DEPLOY),
        (ids::REPORTING_PUBLISHER_APP, "reporting", ids::NORTHWIND, ids::REPORTING_PUBLISHER),
        (ids::ADATUM_PIPELINE_APP, "pipeline", ids::WINGTIP, ids::ADATUM_PIPELINE),
    ]
    .into_iter()
    .map(|(client, name, tenant, object)| {
        Ok(Application {
            client: client.parse()?,
            secret: format!("demo-{name}-secret"),
            principal: pair(tenant, object)?,
        })
    })
    .collect()
}

fn pair(tenant: &str, object: &str) -> Result<Principal, IdError> {
    Ok(Principal::new(tenant.parse()?, object.parse()?))
}
