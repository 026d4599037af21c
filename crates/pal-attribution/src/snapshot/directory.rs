//! Identities, groups and links.

use pal_model::{Instant, PartnerId, TenantId, fold};
use serde_json::Value;

use super::SnapshotError;
use super::entry::Entry;
use super::item::Item;

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
    let name = item.text("displayName").or_else(|| item.text("userPrincipalName"));
    enabled(entry.with_some("name", name), item, hint)
}

/// A service principal, or a managed identity.
pub fn service_principal(item: &Item<'_>, tenant: TenantId) -> Result<Entry, SnapshotError> {
    let hint = "ask Graph for it with $select=id,appId,displayName,accountEnabled,servicePrincipalType,createdDateTime";
    let kind = item
        .text("servicePrincipalType")
        .ok_or_else(|| item.error(format!("'servicePrincipalType' is missing; {hint}")))?;
    let kind = if fold(kind) == "managedidentity" { "ManagedIdentity" } else { "ServicePrincipal" };
    let entry = principal(item, tenant, kind)?;
    enabled(entry.with_some("name", item.text("displayName")), item, hint)
}

/// A group.
pub fn group(item: &Item<'_>, tenant: TenantId) -> Result<Entry, SnapshotError> {
    Ok(principal(item, tenant, "Group")?.with_some("name", item.text("displayName")))
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
    let domain = domains
        .filter(|domain| domain.get("isDefault").and_then(Value::as_bool) == Some(true))
        .find_map(|domain| domain.get("name")?.as_str());
    Entry::new("tenant", item.file)
        .with("tenant", &tenant)
        .with_some("name", item.text("displayName"))
        .with_some("domain", domain)
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
    let written = item.time("updatedTime")?;
    let written = if written.is_some() { written } else { item.time("createdTime")? };
    let mut entry = Entry::new("link", item.file)
        .with("tenant", &tenant)
        .with("object", &item.guid("objectId")?)
        .with("partner", &partner);
    entry.changed = written;
    match item.text("state").map(fold).as_deref() {
        None | Some("active") => Ok(entry.since(written)),
        Some("deleted") => Ok(entry.until(Some(written.unwrap_or(taken_at).min(taken_at)))),
        Some(other) => Err(item.error(format!("'state' is '{other}', neither Active nor Deleted"))),
    }
}
