//! The directory that a folder is about.

use std::collections::BTreeSet;

use pal_model::TenantId;

use super::SnapshotError;
use super::files::Folder;
use super::form::{self, Form};
use super::gather::items;

/// The directory of a snapshot: what the caller says, what the files say. All must agree.
pub fn tenant_of(folder: &Folder, given: Option<TenantId>) -> Result<TenantId, SnapshotError> {
    let mut first = given.map(|tenant| (tenant, "--tenant".to_owned()));
    let collected = folder.collection.as_ref();
    if let Some((tenant, file)) = collected.and_then(|c| Some((c.tenant?, c.file.clone()))) {
        agree(&mut first, tenant, file)?;
    }
    let mut customers = BTreeSet::new();
    for document in &folder.documents {
        for item in items(document) {
            let claim = match form::recognise(item.value, document) {
                Some(Form::Subscription) if item.text("homeTenantId").is_some() => "homeTenantId",
                Some(
                    Form::Subscription
                    | Form::PlacedSubscription
                    | Form::ManagementGroup
                    | Form::Link,
                ) => "tenantId",
                Some(Form::Organization) => "id",
                Some(Form::Delegation) => {
                    let field = "/properties/registrationDefinition/properties/manageeTenantId";
                    let said = item.value.pointer(field).and_then(serde_json::Value::as_str);
                    customers.extend(said.and_then(|id| id.parse::<TenantId>().ok()));
                    continue;
                }
                _ => continue,
            };
            if item.text(claim).is_none() {
                continue;
            }
            let tenant: TenantId = item.guid(claim)?.into();
            agree(&mut first, tenant, format!("item {} of {}", item.index, item.file))?;
        }
    }
    // Delegations name two directories; they decide only where nothing else does.
    let only = || if customers.len() == 1 { customers.first().copied() } else { None };
    first.map(|(tenant, _)| tenant).or_else(only).ok_or(SnapshotError::NoTenant)
}

fn agree(
    first: &mut Option<(TenantId, String)>,
    tenant: TenantId,
    from: String,
) -> Result<(), SnapshotError> {
    match first {
        Some((known, by)) if *known != tenant => Err(SnapshotError::Tenants {
            first: *known,
            first_from: by.clone(),
            second: tenant,
            second_from: from,
        }),
        Some(_) => Ok(()),
        None => {
            *first = Some((tenant, from));
            Ok(())
        }
    }
}
