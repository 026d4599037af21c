//! Who may do what: role assignments, schedules, deny assignments, role definitions, delegations.

use pal_model::{Instant, TenantId, fold};
use serde_json::{Value, json};

use super::SnapshotError;
use super::entry::Entry;
use super::item::{Item, last_segment, strings};

/// A role assignment, active or eligible.
pub fn assignment(
    item: &Item<'_>,
    tenant: TenantId,
    eligible: bool,
) -> Result<Entry, SnapshotError> {
    let entry = Entry::new("roleAssignment", item.file)
        .with("tenant", &tenant)
        .with("id", item.need("id")?)
        .with("principal", &item.guid("principalId")?)
        .with("role", &item.last_guid("roleDefinitionId")?)
        .with("scope", scope(item, "Microsoft.Authorization")?)
        .with_some("condition", item.text("condition"));
    let entry = if eligible { entry.with_value("eligible", true) } else { entry };
    let start = item.time("startDateTime")?;
    let from = if start.is_some() { start } else { item.time("createdOn")? };
    Ok(entry.since(from).until(item.time("endDateTime")?))
}

/// An instance of an active assignment and the ordinary role assignment behind it.
pub struct Active {
    /// The instance as a fact of its own.
    pub entry: Entry,
    /// The key of the ordinary assignment.
    pub origin: Option<String>,
}

/// See [`Active`].
pub fn active(item: &Item<'_>, tenant: TenantId) -> Result<Active, SnapshotError> {
    let entry = assignment(item, tenant, false)?;
    let origin = item.text("originRoleAssignmentId").map(|id| {
        Entry::new("roleAssignment", item.file).with("tenant", &tenant).with("id", id).key()
    });
    Ok(Active { entry, origin })
}

/// The scope of an assignment: said, or what its id begins with.
fn scope<'a>(item: &Item<'a>, provider: &str) -> Result<&'a str, SnapshotError> {
    if let Some(scope) = item.text("scope") {
        return if scope.starts_with('/') {
            Ok(scope)
        } else {
            Err(item.error(format!("'scope' is '{scope}', not a path")))
        };
    }
    let id = item.need("id")?;
    // What is looked for is ASCII, and ASCII case keeps every byte where it is.
    let wanted = format!("/providers/{provider}/").to_ascii_lowercase();
    let cut = id.to_ascii_lowercase().rfind(&wanted);
    match cut {
        Some(0) => Ok("/"),
        Some(end) => Ok(&id[..end]),
        None => Err(item.error("'scope' is missing, and 'id' does not tell it")),
    }
}

/// A deny assignment, and whether it denies: one that only audits takes nothing away. Several
/// permission blocks become one: their actions together.
pub fn deny(item: &Item<'_>, tenant: TenantId) -> Result<(Entry, bool), SnapshotError> {
    let enforced = match item.text("denyAssignmentEffect").map(fold).as_deref() {
        None | Some("enforced") => true,
        Some("audit") => false,
        Some(other) => {
            let problem =
                format!("'denyAssignmentEffect' is '{other}', neither 'enforced' nor 'audit'");
            return Err(item.error(problem));
        }
    };
    let ids = |field: &str| -> Result<Vec<String>, SnapshotError> {
        let list = item.get(field).and_then(Value::as_array).into_iter().flatten();
        list.map(|value| Ok(item.inner(value).guid("id")?.to_string())).collect()
    };
    let entry = Entry::new("denyAssignment", item.file)
        .with("tenant", &tenant)
        .with("id", item.need("id")?)
        .with_value("principals", ids("principals")?)
        .with_list("excludePrincipals", ids("excludePrincipals")?)
        .with_list("actions", permissions(item, "actions"))
        .with_list("notActions", permissions(item, "notActions"))
        .with("scope", scope(item, "Microsoft.Authorization")?);
    let only_here = item.get("doNotApplyToChildScopes").and_then(Value::as_bool) == Some(true);
    let entry = if only_here { entry.with_value("doNotApplyToChildScopes", true) } else { entry };
    Ok((entry.since(item.time("createdOn")?), enforced))
}

/// A role definition. What it allowed before its last edit is not known, so it begins there.
pub fn role_definition(item: &Item<'_>) -> Result<Entry, SnapshotError> {
    let role = if item.top("name").is_some() { "name" } else { "id" };
    let said = item.text("roleType").or_else(|| item.text("type"));
    let kind = match said.map(fold).as_deref() {
        Some("builtinrole") => "BuiltInRole",
        Some("customrole") => "CustomRole",
        _ => return Err(item.error("neither 'BuiltInRole' nor 'CustomRole'")),
    };
    let edited = item.time("updatedOn")?;
    let from = if edited.is_some() { edited } else { item.time("createdOn")? };
    Ok(Entry::new("roleDefinition", item.file)
        .with("role", &item.last_guid(role)?)
        .with_some("name", item.text("roleName"))
        .with("type", kind)
        .with_list("actions", permissions(item, "actions"))
        .with_list("notActions", permissions(item, "notActions"))
        .with_list("dataActions", permissions(item, "dataActions"))
        .with_list("notDataActions", permissions(item, "notDataActions"))
        .since(from))
}

/// One list of all permission blocks of a definition, each action once.
fn permissions(item: &Item<'_>, list: &str) -> Vec<String> {
    let mut all: Vec<String> = Vec::new();
    for block in item.get("permissions").and_then(Value::as_array).into_iter().flatten() {
        for action in strings(block.get(list)) {
            if !all.contains(&action) {
                all.push(action);
            }
        }
    }
    all
}

/// A Lighthouse delegation, and whether its deployment succeeded: if not, it grants nothing.
pub fn delegation(item: &Item<'_>, tenant: TenantId) -> Result<(Entry, bool), SnapshotError> {
    let definition = item.get("registrationDefinition").map(|value| item.inner(value));
    let definition =
        definition.filter(|d| d.text("managedByTenantId").is_some()).ok_or_else(|| {
            item.error("its definition is missing; ask with $expandRegistrationDefinition=true")
        })?;
    let works = item.text("provisioningState").is_none_or(|state| fold(state) == "succeeded");
    let managing: TenantId = definition.guid("managedByTenantId")?.into();
    let customer = match definition.text("manageeTenantId") {
        Some(_) => definition.guid("manageeTenantId")?.into(),
        None => tenant,
    };
    if customer != tenant && managing != tenant {
        return Err(SnapshotError::Tenants {
            first: tenant,
            first_from: "this snapshot".to_owned(),
            second: customer,
            second_from: format!("the customer of item {} in {}", item.index, item.file),
        });
    }
    let mut authorizations = authorizations(&definition, "authorizations", false)?;
    authorizations.extend(self::authorizations(&definition, "eligibleAuthorizations", true)?);
    // The order of the list means nothing and must not look like a change.
    authorizations.sort_by_key(|value| fold(&value.to_string()));
    let entry = Entry::new("delegation", item.file)
        .with("tenant", &customer)
        .with("id", item.need("id")?)
        .with("scope", scope(item, "Microsoft.ManagedServices")?)
        .with("managingTenant", &managing)
        .with_value("authorizations", authorizations);
    Ok((entry.since(delegated_since(item)?), works))
}

/// The delegation holds since it was made; what it grants is known since its definition was last
/// edited.
fn delegated_since(item: &Item<'_>) -> Result<Option<Instant>, SnapshotError> {
    let made = item.time_at("/systemData/createdAt")?;
    let definition = "/properties/registrationDefinition/systemData";
    let drafted = item.time_at(&format!("{definition}/createdAt"))?;
    let edited = item.time_at(&format!("{definition}/lastModifiedAt"))?;
    Ok([made, drafted, edited].into_iter().flatten().max())
}

fn authorizations(
    definition: &Item<'_>,
    list: &str,
    eligible: bool,
) -> Result<Vec<Value>, SnapshotError> {
    let values = definition.get(list).and_then(Value::as_array).into_iter().flatten();
    values
        .map(|value| {
            let line = definition.inner(value);
            let principal = line.guid("principalId")?.to_string();
            let role = line.need("roleDefinitionId").map(last_segment)?;
            let role: pal_model::Guid =
                role.parse().map_err(|e| line.error(format!("'roleDefinitionId': {e}")))?;
            let mut out = json!({ "principal": principal, "role": role.to_string() });
            if eligible {
                out["eligible"] = Value::Bool(true);
            }
            Ok(out)
        })
        .collect()
}
