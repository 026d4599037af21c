//! Identities, groups and links.

use pal_model::{Instant, PartnerId, TenantId, fold};
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
    let entry = principal(item, tenant, "User")?;
    let entry = match item.text("userType").map(fold).as_deref() {
        Some("guest") => entry.with("userType", "Guest"),
        Some("member") => entry.with("userType", "Member"),
        _ => entry,
    };
    let sign_in = item.text("userPrincipalName").map(sign_in_name);
    let name = item.text("displayName").or(sign_in.as_deref());
    let entry = entry.with_some("name", name).with_some("signInName", sign_in.as_ref());
    enabled(unknown(entry, &["name", "signInName"]), item, hint)
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

/// What a reader with few rights gets as null is not known, so it is as it was.
fn unknown(mut entry: Entry, fields: &'static [&'static str]) -> Entry {
    let has = |entry: &Entry, field: &str| entry.body.contains_key(field);
    entry.carry = match fields {
        [first, second] if !has(&entry, first) && !has(&entry, second) => fields,
        [first, ..] if !has(&entry, first) => &fields[..1],
        [_, second] if !has(&entry, second) => &fields[1..],
        _ => &[],
    };
    entry
}

/// A service principal, or a managed identity.
pub fn service_principal(item: &Item<'_>, tenant: TenantId) -> Result<Entry, SnapshotError> {
    let hint = "ask Graph for it with $select=id,appId,displayName,accountEnabled,servicePrincipalType,createdDateTime";
    // An agent's identity says by its own type what it is.
    let own = item.text(OWN_TYPE).and_then(Kind::of_word).map(|_| "agent");
    let kind = item
        .text("servicePrincipalType")
        .or(own)
        .ok_or_else(|| item.error(format!("'servicePrincipalType' is missing; {hint}")))?;
    let kind = if fold(kind) == "managedidentity" { "ManagedIdentity" } else { "ServicePrincipal" };
    let entry = principal(item, tenant, kind)?;
    enabled(unknown(entry.with_some("name", item.text("displayName")), &["name"]), item, hint)
}

/// A group.
pub fn group(item: &Item<'_>, tenant: TenantId) -> Result<Entry, SnapshotError> {
    let entry = principal(item, tenant, "Group")?.with_some("name", item.text("displayName"));
    Ok(unknown(entry, &["name"]))
}

fn principal(item: &Item<'_>, tenant: TenantId, kind: &str) -> Result<Entry, SnapshotError> {
    Ok(Entry::new("principal", item.file)
        .with("tenant", &tenant)
        .with("object", &item.guid("id")?)
        .with("type", kind)
        .since(item.time("createdDateTime")?)
        .until(item.time("deletedDateTime")?))
}

fn enabled(entry: Entry, item: &Item<'_>, hint: &str) -> Result<Entry, SnapshotError> {
    let on = item.need_flag("accountEnabled", hint)?;
    Ok(if on { entry } else { entry.with_value("enabled", false) })
}

/// The group of a file of members: it exists, or its members could not have been listed. A list of
/// groups knows its name better.
pub fn listed_group(
    item: &Item<'_>,
    tenant: TenantId,
    group: &str,
    wrapper: Option<&Value>,
) -> Result<Entry, SnapshotError> {
    let id: pal_model::Guid =
        group.parse().map_err(|e| item.error(format!("the id of the group: {e}")))?;
    let name = wrapper.and_then(|w| w.get("displayName")).and_then(Value::as_str);
    let mut entry = Entry::new("principal", item.file)
        .with("tenant", &tenant)
        .with("object", &id)
        .with("type", "Group")
        .with_some("name", name);
    entry.carry = &["name"];
    Ok(entry)
}

/// A member of a group.
pub fn member(item: &Item<'_>, tenant: TenantId, group: &str) -> Result<Entry, SnapshotError> {
    Ok(Entry::new("membership", item.file)
        .with("tenant", &tenant)
        .with("group", group)
        .with("member", &item.guid("id")?))
}

/// The directory itself.
pub fn organization(item: &Item<'_>, tenant: TenantId) -> Entry {
    let domains = item.get("verifiedDomains").and_then(Value::as_array).into_iter().flatten();
    let is_default =
        |domain: &&Value| domain.get("isDefault").and_then(Value::as_bool) == Some(true);
    let name = |domain: &Value| domain.get("name")?.as_str().map(str::to_owned);
    let default = domains.clone().find(is_default).and_then(name);
    let mut all: Vec<String> = domains.filter_map(name).collect();
    all.sort();
    // One is said by `domain` already.
    let all = if all.len() > 1 { all } else { Vec::new() };
    Entry::new("tenant", item.file)
        .with("tenant", &tenant)
        .with_some("name", item.text("displayName"))
        .with_some("domain", default.as_ref())
        .with_list("domains", all)
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
    let mut entry = Entry::new("link", item.file)
        .with("tenant", &tenant)
        .with("object", &item.guid("objectId")?)
        .with("partner", &partner);
    entry.changed = written;
    entry.partner_name = item.text("partnerName").map(str::to_owned);
    match item.text("state").map(fold).as_deref() {
        None | Some("active") => Ok(entry.since(written)),
        Some("deleted") => Ok(entry.until(Some(written.unwrap_or(taken_at).min(taken_at)))),
        Some(other) => Err(item.error(format!("'state' is '{other}', neither Active nor Deleted"))),
    }
}
