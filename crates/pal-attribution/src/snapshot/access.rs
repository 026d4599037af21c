//! Who may do what: role assignments, schedules, deny assignments, role definitions, delegations.

use pal_model::{
    Authorization, Delegation, DenyAssignment, DenyEffect, Instant, ObjectId, RoleAssignment,
    RoleDefinition, RoleKind, RoleName, ScopePath, TenantId, fold,
};
use serde_json::{Value, json};

use super::SnapshotError;
use super::entry::{Entry, key_of};
use super::item::{Item, strings};

pub fn assignment(
    item: &Item<'_>,
    tenant: TenantId,
    eligible: bool,
) -> Result<Entry, SnapshotError> {
    let fact = RoleAssignment {
        tenant,
        id: item.need("id")?.to_owned(),
        principal: item.guid("principalId")?.into(),
        role: RoleName::Id(item.last_guid("roleDefinitionId")?.into()),
        scope: scope(item, "Microsoft.Authorization")?,
        condition: item.text("condition").map(str::to_owned),
        eligible,
    };
    let start = item.time("startDateTime")?;
    let from = if start.is_some() { start } else { item.time("createdOn")? };
    Ok(Entry::new(fact, item.file).since(from).until(item.time("endDateTime")?))
}

pub fn assignment_key(tenant: TenantId, id: &str) -> String {
    key_of("roleAssignment", &[&tenant, &id])
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
    let origin = item.text("originRoleAssignmentId").map(|id| assignment_key(tenant, id));
    Ok(Active { entry, origin })
}

/// The scope of an assignment: said, or what its id begins with.
fn scope(item: &Item<'_>, provider: &str) -> Result<ScopePath, SnapshotError> {
    if let Some(scope) = item.text("scope") {
        return scope.parse().map_err(|_| item.error(format!("'scope' is '{scope}', not a path")));
    }
    let id = item.need("id")?;
    // What is looked for is ASCII, and ASCII case keeps every byte where it is.
    let wanted = format!("/providers/{provider}/").to_ascii_lowercase();
    let cut = id.to_ascii_lowercase().rfind(&wanted);
    let scope = match cut {
        Some(0) => "/",
        Some(end) => &id[..end],
        None => return Err(item.error("'scope' is missing, and 'id' does not tell it")),
    };
    scope.parse().map_err(|error: pal_model::ScopeError| item.error(error.to_string()))
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
    let ids = |field: &str| -> Result<Vec<ObjectId>, SnapshotError> {
        let list = item.get(field).and_then(Value::as_array).into_iter().flatten();
        list.map(|value| Ok(item.inner(value).guid("id")?.into())).collect()
    };
    let fact = DenyAssignment {
        tenant,
        id: item.need("id")?.to_owned(),
        principals: ids("principals")?,
        exclude_principals: ids("excludePrincipals")?,
        actions: permissions(item, "actions"),
        not_actions: permissions(item, "notActions"),
        scope: scope(item, "Microsoft.Authorization")?,
        do_not_apply_to_child_scopes: item.get("doNotApplyToChildScopes")
            == Some(&Value::Bool(true)),
        effect: DenyEffect::Enforced,
    };
    Ok((Entry::new(fact, item.file).since(item.time("createdOn")?), enforced))
}

/// A role definition. What it allowed before its last edit is not known, so it begins there.
pub fn role_definition(item: &Item<'_>) -> Result<Entry, SnapshotError> {
    let role = if item.top("name").is_some() { "name" } else { "id" };
    let said = item.text("roleType").or_else(|| item.text("type"));
    let kind = match said.map(fold).as_deref() {
        Some("builtinrole") => RoleKind::BuiltIn,
        Some("customrole") => RoleKind::Custom,
        _ => return Err(item.error("neither 'BuiltInRole' nor 'CustomRole'")),
    };
    let edited = item.time("updatedOn")?;
    let from = if edited.is_some() { edited } else { item.time("createdOn")? };
    let fact = RoleDefinition {
        role: item.last_guid(role)?.into(),
        name: item.text("roleName").map(str::to_owned),
        kind,
        actions: permissions(item, "actions"),
        not_actions: permissions(item, "notActions"),
        data_actions: permissions(item, "dataActions"),
        not_data_actions: permissions(item, "notDataActions"),
    };
    Ok(Entry::new(fact, item.file).since(from))
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
    authorizations.sort_by_cached_key(|one| fold(&json!(one).to_string()));
    let fact = Delegation {
        tenant: customer,
        id: item.need("id")?.to_owned(),
        scope: scope(item, "Microsoft.ManagedServices")?,
        managing_tenant: managing,
        authorizations,
    };
    Ok((Entry::new(fact, item.file).since(delegated_since(item)?), works))
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
) -> Result<Vec<Authorization>, SnapshotError> {
    let values = definition.get(list).and_then(Value::as_array).into_iter().flatten();
    values
        .map(|value| {
            let line = definition.inner(value);
            let principal = line.guid("principalId")?.into();
            let role = RoleName::Id(line.last_guid("roleDefinitionId")?.into());
            Ok(Authorization { principal, role, eligible })
        })
        .collect()
}
