//! Identities, groups and links.

use pal_model::{
    Guid, Instant, Link, Membership, ObjectId, PartnerId, PrincipalFact, PrincipalKind, Tenant,
    TenantId, UserKind, fold,
};
use serde_json::Value;

use super::SnapshotError;
use super::entry::Entry;
use super::form::OWN_TYPE;
use super::item::Item;
use super::members::Kind;

/// A user. Without the flag nobody can tell a working account from a blocked one, so it must be
/// there: plain `az ad user list` leaves it out.
pub fn user(item: &Item<'_>, tenant: TenantId) -> Result<Entry, SnapshotError> {
    let hint = "ask Graph for it with $select=id,displayName,userPrincipalName,accountEnabled,userType,createdDateTime";
    let mut fact = principal(item, tenant, PrincipalKind::User)?;
    fact.user_type = match item.text("userType").map(fold).as_deref() {
        Some("guest") => Some(UserKind::Guest),
        Some("member") => Some(UserKind::Member),
        _ => None,
    };
    fact.sign_in_name = item.text("userPrincipalName").map(sign_in_name);
    fact.name = fact.name.or_else(|| fact.sign_in_name.clone());
    fact.enabled = item.need_flag("accountEnabled", hint)?;
    entry(fact, item)
}

/// The name that somebody signs in with. A guest's account is called
/// `ada_contoso.example#EXT#@fabrikam.example`: its own name, in which the last underscore was an `@`,
/// since no domain has one.
fn sign_in_name(account: &str) -> String {
    let cut = account.to_ascii_lowercase().find("#ext#@");
    let guest = cut.and_then(|cut| account.get(..cut)?.rsplit_once('_'));
    match guest {
        Some((name, domain)) if !name.is_empty() && !domain.is_empty() => {
            format!("{name}@{domain}")
        }
        _ => account.to_owned(),
    }
}

pub fn service_principal(item: &Item<'_>, tenant: TenantId) -> Result<Entry, SnapshotError> {
    let hint = "ask Graph for it with $select=id,appId,displayName,accountEnabled,servicePrincipalType,createdDateTime";
    // An agent's identity says by its own type what it is.
    let own = item.text(OWN_TYPE).and_then(Kind::of_word).map(|_| "agent");
    let kind = item
        .text("servicePrincipalType")
        .or(own)
        .ok_or_else(|| item.error(format!("'servicePrincipalType' is missing; {hint}")))?;
    let kind = match fold(kind).as_str() {
        "managedidentity" => PrincipalKind::ManagedIdentity,
        _ => PrincipalKind::ServicePrincipal,
    };
    let mut fact = principal(item, tenant, kind)?;
    fact.enabled = item.need_flag("accountEnabled", hint)?;
    entry(fact, item)
}

pub fn group(item: &Item<'_>, tenant: TenantId) -> Result<Entry, SnapshotError> {
    entry(principal(item, tenant, PrincipalKind::Group)?, item)
}

fn principal(
    item: &Item<'_>,
    tenant: TenantId,
    kind: PrincipalKind,
) -> Result<PrincipalFact, SnapshotError> {
    let name = item.text("displayName").map(str::to_owned);
    Ok(object(tenant, item.guid("id")?, kind, name))
}

fn object(tenant: TenantId, id: Guid, kind: PrincipalKind, name: Option<String>) -> PrincipalFact {
    let object = ObjectId::from(id);
    PrincipalFact { tenant, object, kind, user_type: None, name, sign_in_name: None, enabled: true }
}

/// What a reader with few rights gets as null is not known, so it is as it was.
fn entry(fact: PrincipalFact, item: &Item<'_>) -> Result<Entry, SnapshotError> {
    let carry: &[&str] = match (&fact.name, &fact.sign_in_name, fact.kind) {
        (None, None, PrincipalKind::User) => &["name", "signInName"],
        (Some(_), None, PrincipalKind::User) => &["signInName"],
        (None, ..) => &["name"],
        _ => &[],
    };
    let mut entry = Entry::new(fact, item.file)
        .since(item.time("createdDateTime")?)
        .until(item.time("deletedDateTime")?);
    entry.carry = carry;
    Ok(entry)
}

/// The group of a file of members: it exists, or its members could not have been listed. A list of
/// groups knows its name better.
pub fn listed_group(
    item: &Item<'_>,
    tenant: TenantId,
    group: &str,
    wrapper: Option<&Value>,
) -> Result<Entry, SnapshotError> {
    let id: Guid = group.parse().map_err(|e| item.error(format!("the id of the group: {e}")))?;
    let name = wrapper.and_then(|w| w.get("displayName")).and_then(Value::as_str);
    let fact = object(tenant, id, PrincipalKind::Group, name.map(str::to_owned));
    let mut entry = Entry::new(fact, item.file);
    entry.carry = &["name"];
    Ok(entry)
}

pub fn member(item: &Item<'_>, tenant: TenantId, group: &str) -> Result<Membership, SnapshotError> {
    let group: Guid = group.parse().map_err(|e| item.error(format!("the id of the group: {e}")))?;
    Ok(Membership { tenant, group: group.into(), member: item.guid("id")?.into() })
}

pub fn organization(item: &Item<'_>, tenant: TenantId) -> Entry {
    let domains = item.get("verifiedDomains").and_then(Value::as_array).into_iter().flatten();
    let is_default =
        |domain: &&Value| domain.get("isDefault").and_then(Value::as_bool) == Some(true);
    let name_of = |domain: &Value| domain.get("name")?.as_str().map(str::to_owned);
    let default = domains.clone().find(is_default).and_then(name_of);
    let mut all: Vec<String> = domains.filter_map(name_of).collect();
    all.sort();
    // One is said by `domain` already.
    let all = if all.len() > 1 { all } else { Vec::new() };
    let name = item.text("displayName").map(str::to_owned);
    Entry::new(Tenant { tenant, name, domain: default, domains: all }, item.file)
}

/// A partner link. Each write raises its version and may have changed the partner, so the partner
/// it names is certain since the last write only.
pub fn link(item: &Item<'_>, tenant: TenantId, taken_at: Instant) -> Result<Entry, SnapshotError> {
    let partner = match item.get("partnerId") {
        Some(Value::Number(number)) => number.to_string(),
        _ => item.need("partnerId")?.to_owned(),
    };
    let partner: PartnerId =
        partner.parse().map_err(|e| item.error(format!("'partnerId': {e}")))?;
    // The time of its creation survives a change of partner; it tells nothing unless this is the
    // first version.
    let first = item.get("version").is_some_and(|v| v.as_u64() == Some(1) || v == "1");
    let written = match item.time("updatedTime")? {
        None if first => item.time("createdTime")?,
        written => written,
    };
    let object = item.guid("objectId")?.into();
    let mut entry = Entry::new(Link { tenant, object, partner }, item.file);
    entry.changed = written;
    entry.partner_name = item.text("partnerName").map(str::to_owned);
    match item.text("state").map(fold).as_deref() {
        None | Some("active") => Ok(entry.since(written)),
        Some("deleted") => Ok(entry.until(Some(written.unwrap_or(taken_at).min(taken_at)))),
        Some(other) => Err(item.error(format!("'state' is '{other}', neither Active nor Deleted"))),
    }
}
