//! Who can sign in to the demo. The secrets are no secrets: the demo listens on loopback only.

use std::collections::BTreeMap;

use anyhow::Context;
use pal_model::{Facts, Guid, ObjectId, Principal, PrincipalKind, Tenant, TenantId, UserKind};
use serde::Deserialize;

pub const PASSWORD: &str = "demo";

/// Whom `pal dev` names.
pub const SHOWN: &str = "ada@contoso.example";

/// What facts do not say of signing in.
const SIGN_IN: &str = include_str!("../../demo/sign-in.json");

#[derive(Deserialize)]
struct SignIn {
    /// All directories, customers first: a script that takes the first finds something to link.
    directories: Vec<TenantId>,
    applications: Vec<Application>,
}

/// A service principal with a secret.
#[derive(Deserialize)]
pub struct Application {
    pub client: Guid,
    pub secret: String,
    tenant: TenantId,
    object: ObjectId,
}

impl Application {
    pub const fn principal(&self) -> Principal {
        Principal::new(self.tenant, self.object)
    }
}

/// A person, with one account in each directory; the home account first.
pub struct Person {
    pub upn: String,
    pub accounts: Vec<Principal>,
}

/// The operator of the demo: Ada, at home.
pub fn operator() -> anyhow::Result<Principal> {
    let ada = people()?.into_iter().find(|person| person.upn == SHOWN);
    ada.and_then(|ada| ada.accounts.first().copied()).context("nobody to show")
}

pub fn directories() -> anyhow::Result<Vec<Tenant>> {
    let facts = facts()?;
    let stated = |id: TenantId| facts.tenants.iter().find(move |stated| stated.fact.tenant == id);
    let found = sign_in()?.directories.into_iter().filter_map(stated);
    Ok(found.map(|stated| stated.fact.clone()).collect())
}

/// Every person with an account, by sign-in name. Names are equal in all directories.
pub fn people() -> anyhow::Result<Vec<Person>> {
    let mut people: BTreeMap<String, Vec<(bool, Principal)>> = BTreeMap::new();
    for fact in facts()?.principals.iter().map(|stated| stated.fact.clone()) {
        let account = (fact.user_type == Some(UserKind::Guest), fact.principal());
        if let (PrincipalKind::User, Some(upn)) = (fact.kind, fact.name) {
            let accounts = people.entry(upn).or_default();
            if !accounts.contains(&account) {
                accounts.push(account);
            }
        }
    }
    let person = |(upn, mut accounts): (String, Vec<(bool, Principal)>)| {
        accounts.sort_by_key(|(guest, _)| *guest);
        Person { upn, accounts: accounts.into_iter().map(|(_, who)| who).collect() }
    };
    Ok(people.into_iter().map(person).collect())
}

/// Every application with a secret.
pub fn applications() -> anyhow::Result<Vec<Application>> {
    Ok(sign_in()?.applications)
}

fn sign_in() -> anyhow::Result<SignIn> {
    Ok(serde_json::from_str(SIGN_IN)?)
}

fn facts() -> anyhow::Result<Facts> {
    let mut facts = Facts::default();
    facts.read("facts.jsonl", super::FACTS, None)?;
    Ok(facts)
}
