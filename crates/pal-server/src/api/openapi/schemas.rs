//! The forms of answers.

use pal_attribution::alerts::{Code, Severity};
use serde_json::{Map, Value, json};

fn object(properties: &[(&str, Value)]) -> Value {
    let names: Vec<&str> = properties.iter().map(|(name, _)| *name).collect();
    let properties: Map<String, Value> =
        properties.iter().map(|(name, schema)| ((*name).to_owned(), schema.clone())).collect();
    json!({ "type": "object", "required": names, "properties": properties, "additionalProperties": false })
}

/// A page of a list, and what else is in it.
fn page(schema: &str, rest: &[(&str, Value)]) -> Value {
    let mut page = object(&[rest, &[("value", list(schema))]].concat());
    page["properties"]["nextLink"] = json!({ "type": "string", "format": "uri" });
    page
}

fn list(schema: &str) -> Value {
    json!({ "type": "array", "items": { "$ref": format!("#/components/schemas/{schema}") } })
}

/// By name.
pub fn schemas() -> Value {
    let guid = json!({ "type": "string", "format": "uuid" });
    let name = json!({ "type": ["string", "null"] });
    let flag = json!({ "type": "boolean" });
    let instant = json!({ "type": ["string", "null"], "format": "date-time" });
    let kind = json!({ "type": ["string", "null"], "enum": ["User", "ServicePrincipal", "ManagedIdentity", "Group", null] });
    let warnings = json!({ "type": "array", "items": { "enum": ["no-access", "disabled", "partner-inactive"] } });
    let account = [
        ("tenantId", guid.clone()),
        ("tenantName", name.clone()),
        ("objectId", guid.clone()),
        ("name", name.clone()),
        ("type", kind),
        ("enabled", flag.clone()),
        ("subscriptions", list("Subscription")),
    ];
    let partner = json!({ "type": "string", "pattern": "^[0-9]{1,10}$" });
    let link = [
        ("partnerId", partner.clone()),
        ("partnerName", name.clone()),
        ("since", instant.clone()),
        ("warnings", warnings.clone()),
    ];
    let own = object(&[
        ("partnerId", partner),
        ("partnerName", name.clone()),
        ("version", json!({ "type": "integer", "minimum": 1 })),
        ("updatedTime", instant.clone()),
        ("createdTime", instant.clone()),
    ]);
    json!({
        "Error": object(&[("error", json!({
            "type": "object",
            "required": ["code", "message"],
            "properties": { "code": { "type": "string" }, "message": { "type": "string" } },
        }))]),
        "Subscription": object(&[
            ("subscriptionId", guid.clone()),
            ("displayName", name.clone()),
            ("tenantId", guid.clone()),
        ]),
        "Me": object(&[
            ("tenantId", guid.clone()),
            ("objectId", guid.clone()),
            ("name", name.clone()),
            ("type", json!({ "type": "string" })),
            ("guest", flag.clone()),
            ("tenantName", name.clone()),
            ("tenantDomain", name),
            ("operator", flag),
            ("link", json!({ "oneOf": [own, { "type": "null" }] })),
            ("subscriptions", list("Subscription")),
            ("warnings", warnings),
        ]),
        "Account": object(&account),
        "Link": object(&[&account[..], &link].concat()),
        "Accounts": page("Account", &[]),
        "Links": page("Link", &[]),
        "Alert": object(&[
            ("code", json!({ "enum": Code::ALL.map(Code::name) })),
            ("severity", json!({ "enum": Severity::ALL.map(Severity::name) })),
            ("at", instant.clone()),
            ("partnerId", json!({ "type": ["string", "null"] })),
            ("tenantId", guid.clone()),
            ("principalTenantId", json!({ "type": ["string", "null"], "format": "uuid" })),
            ("principalId", json!({ "type": ["string", "null"], "format": "uuid" })),
            ("scope", json!({ "type": ["string", "null"] })),
            ("message", json!({ "type": "string" })),
        ]),
        "Alerts": page("Alert", &[
            ("notLookedAt", json!({ "type": "array", "items": object(&[
                ("code", json!({ "enum": Code::ALL.map(Code::name) })),
                ("why", json!({ "type": "string" })),
            ]) })),
        ]),
        "Access": page("Link", &[
            ("tenantId", guid),
            ("privacy", json!({ "enum": ["full", "subscription", "tenant-total", "masked"] })),
        ]),
    })
}
