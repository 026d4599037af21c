//! The link as JSON: key order, casing and types are those of the recorded answers.

use pal_store::{LinkRecord, LinkState};
use schemars::JsonSchema;
use serde::Serialize;

use crate::http::time;

/// A link, as Azure's resource provider shows it.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "LinkResource")]
pub struct Partner<'a> {
    id: String,
    r#type: &'static str,
    name: &'a str,
    etag: i64,
    properties: Properties<'a>,
}

#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(inline)]
struct Properties<'a> {
    partner_id: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(with = "String")]
    partner_name: Option<&'a str>,
    tenant_id: String,
    object_id: String,
    version: i64,
    updated_time: String,
    created_time: String,
    #[schemars(extend("enum" = ["Active", "Deleted"]))]
    state: &'static str,
}

/// The body of a successful GET, PUT or PATCH.
pub fn body(link: &LinkRecord) -> Vec<u8> {
    let id = link.partner.to_string();
    let shown = Partner {
        id: format!("/providers/microsoft.managementpartner/partners/{id}"),
        r#type: "Microsoft.ManagementPartner/partners",
        name: &id,
        etag: link.version,
        properties: Properties {
            partner_id: &id,
            partner_name: link.partner_name.as_deref(),
            tenant_id: link.owner.tenant.to_string().to_ascii_lowercase(),
            object_id: link.owner.object.to_string().to_ascii_lowercase(),
            version: link.version,
            updated_time: time::text(link.updated),
            created_time: time::text(link.created),
            state: match link.state {
                LinkState::Active => "Active",
                LinkState::Deleted => "Deleted",
            },
        },
    };
    serde_json::to_vec(&shown).unwrap_or_default()
}
