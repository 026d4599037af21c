//! Accounts, partners and tenants at an instant, from the facts that have not ended.

use async_trait::async_trait;
use pal_model::{
    Instant, Partner, PartnerId, PartnerKind, Principal, PrincipalFact, Tenant, TenantId, fold,
};
use rusqlite::{Connection, OptionalExtension, params};
use serde::de::DeserializeOwned;

use super::SqliteStore;
use super::value::{blob, ticks};
use crate::{Account, DirectoryStore, StoreError, TenantInfo};

#[async_trait]
impl DirectoryStore for SqliteStore {
    async fn account(&self, who: Principal, now: Instant) -> Result<Option<Account>, StoreError> {
        self.read(move |c| account(c, who, now)).await
    }

    async fn tenant(&self, id: TenantId, now: Instant) -> Result<Option<TenantInfo>, StoreError> {
        self.read(move |c| tenant(c, id, now)).await
    }

    async fn tenant_by_domain(
        &self,
        domain: &str,
        now: Instant,
    ) -> Result<Option<TenantInfo>, StoreError> {
        let domain = domain.to_owned();
        self.read(move |c| tenant_by_domain(c, &domain, now)).await
    }
}

fn read<T: DeserializeOwned>(line: &str) -> Result<T, StoreError> {
    serde_json::from_str(line)
        .map_err(|error| StoreError::Unusable(format!("a stored fact cannot be read: {error}")))
}

fn one<T: DeserializeOwned>(
    c: &Connection,
    sql: &str,
    values: impl rusqlite::Params,
) -> Result<Option<T>, StoreError> {
    let mut statement = c.prepare_cached(sql)?;
    let line: Option<String> = statement.query_row(values, |r| r.get(0)).optional()?;
    line.as_deref().map(read).transpose()
}

/// The account that a `principal` fact states.
pub fn account_of(line: &str, who: Principal) -> Result<Account, StoreError> {
    let fact: PrincipalFact = read(line)?;
    Ok(Account {
        principal: who,
        kind: fact.kind,
        user_kind: fact.user_type,
        name: fact.name,
        enabled: fact.enabled,
    })
}

/// The name that a `partner` fact gives.
pub fn partner_name(line: &str) -> Result<Option<String>, StoreError> {
    Ok(read::<Partner>(line)?.name)
}

/// The account that holds at an instant.
pub fn account(c: &Connection, who: Principal, at: Instant) -> Result<Option<Account>, StoreError> {
    let mut statement = c.prepare_cached(
        "SELECT line FROM fact_now WHERE kind = 'principal'
         AND tenant = ?1 AND object = ?2 AND begins <= ?3 AND ends > ?3",
    )?;
    let values = params![blob(who.tenant), blob(who.object), ticks(at)];
    let line: Option<String> = statement.query_row(values, |r| r.get(0)).optional()?;
    line.as_deref().map(|line| account_of(line, who)).transpose()
}

/// What a partner ID stands for at an instant.
pub struct Registered {
    pub name: Option<String>,
    pub global: bool,
}

fn registered(fact: Partner) -> Registered {
    Registered { name: fact.name, global: fact.kind == PartnerKind::Global }
}

/// The partner that is active at an instant.
pub fn partner(
    c: &Connection,
    id: PartnerId,
    at: Instant,
) -> Result<Option<Registered>, StoreError> {
    let found: Option<Partner> = one(
        c,
        "SELECT line FROM fact_now WHERE kind = 'partner'
         AND partner = ?1 AND begins <= ?2 AND ends > ?2",
        params![id.number().cast_signed(), ticks(at)],
    )?;
    Ok(found.map(registered))
}

/// What the latest fact says of a partner, whenever it held.
pub fn any_partner(c: &Connection, id: PartnerId) -> Result<Option<Registered>, StoreError> {
    let found: Option<Partner> = one(
        c,
        "SELECT line FROM fact_now WHERE kind = 'partner'
         AND partner = ?1 ORDER BY begins DESC LIMIT 1",
        params![id.number().cast_signed()],
    )?;
    Ok(found.map(registered))
}

/// The active locations of a global account, by number.
pub fn locations(
    c: &Connection,
    global: PartnerId,
    at: Instant,
) -> Result<Vec<(PartnerId, Option<String>)>, StoreError> {
    let mut statement = c.prepare_cached(
        "SELECT line FROM fact_now WHERE kind = 'partner'
         AND begins <= ?1 AND ends > ?1 ORDER BY partner",
    )?;
    let lines = statement.query_map(params![ticks(at)], |r| r.get::<_, String>(0))?;
    let mut found = Vec::new();
    for line in lines {
        let fact: Partner = read(&line?)?;
        if fact.kind == PartnerKind::Location && fact.parent == Some(global) {
            found.push((fact.partner, fact.name));
        }
    }
    Ok(found)
}

fn info(fact: Tenant) -> TenantInfo {
    TenantInfo { tenant: fact.tenant, name: fact.name, domain: fact.domain }
}

pub fn tenant(c: &Connection, id: TenantId, at: Instant) -> Result<Option<TenantInfo>, StoreError> {
    let found: Option<Tenant> = one(
        c,
        "SELECT line FROM fact_now WHERE kind = 'tenant'
         AND tenant = ?1 AND begins <= ?2 AND ends > ?2",
        params![blob(id), ticks(at)],
    )?;
    Ok(found.map(info))
}

pub fn tenant_by_domain(
    c: &Connection,
    domain: &str,
    at: Instant,
) -> Result<Option<TenantInfo>, StoreError> {
    let found: Option<Tenant> = one(
        c,
        "SELECT line FROM fact_now WHERE kind = 'tenant'
         AND domain = ?1 AND begins <= ?2 AND ends > ?2 ORDER BY n LIMIT 1",
        params![fold(domain), ticks(at)],
    )?;
    Ok(found.map(info))
}
