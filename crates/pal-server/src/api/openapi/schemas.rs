//! The forms of answers.

use pal_attribution::alerts::{Code, Severity};
use pal_model::PrivacyLevel;
use serde_json::{Map, Value, json};

use crate::api::privacy::LEVELS;

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

fn guid() -> Value {
    json!({ "type": "string", "format": "uuid" })
}

fn text() -> Value {
    json!({ "type": ["string", "null"] })
}

fn instant() -> Value {
    json!({ "type": ["string", "null"], "format": "date-time" })
}

fn count() -> Value {
    json!({ "type": "integer", "minimum": 0 })
}

fn hash() -> Value {
    json!({ "type": "string", "pattern": "^[0-9a-f]{64}$" })
}

fn partner_id() -> Value {
    json!({ "type": "string", "pattern": "^[0-9]{1,10}$" })
}

fn warnings() -> Value {
    json!({ "type": "array", "items": { "enum": ["no-access", "disabled", "partner-inactive"] } })
}

/// By name.
pub fn schemas() -> Value {
    let mut all = accounts();
    for more in [alerts(), operators()] {
        all.extend(more);
    }
    Value::Object(all)
}

fn named<const N: usize>(schemas: [(&str, Value); N]) -> Map<String, Value> {
    schemas.into_iter().map(|(name, schema)| (name.to_owned(), schema)).collect()
}

fn accounts() -> Map<String, Value> {
    let kind = json!({ "type": ["string", "null"], "enum": ["User", "ServicePrincipal", "ManagedIdentity", "Group", null] });
    let flag = json!({ "type": "boolean" });
    let account = [
        ("tenantId", guid()),
        ("tenantName", text()),
        ("objectId", guid()),
        ("name", text()),
        ("signInName", text()),
        ("type", kind),
        ("enabled", flag.clone()),
        ("assumed", flag.clone()),
        ("subscriptions", list("Subscription")),
    ];
    let link = [
        ("partnerId", partner_id()),
        ("partnerName", text()),
        ("since", instant()),
        ("sinceAssumed", flag),
        ("warnings", warnings()),
    ];
    let error = json!({
        "type": "object",
        "required": ["code", "message"],
        "properties": { "code": { "type": "string" }, "message": { "type": "string" } },
    });
    let subscription = [("subscriptionId", guid()), ("displayName", text()), ("tenantId", guid())];
    let privacy = level();
    let location = object(&[("partnerId", partner_id()), ("name", text())]);
    named([
        ("Error", object(&[("error", error)])),
        ("Subscription", object(&subscription)),
        ("Me", me()),
        ("Grant", grant()),
        ("OwnAccess", page("Grant", &[])),
        ("Account", object(&account)),
        ("Link", object(&[&account[..], &link].concat())),
        ("Accounts", page("Account", &[])),
        ("Links", page("Link", &[])),
        ("Access", page("Link", &[("tenantId", guid()), ("privacy", privacy.clone())])),
        ("Privacy", object(&[("tenantId", guid()), ("privacy", privacy)])),
        (
            "Partner",
            object(&[
                ("partnerId", partner_id()),
                ("name", text()),
                ("status", json!({ "enum": ["active", "inactive"] })),
                ("type", json!({ "enum": ["location", "global"] })),
                ("parentId", text()),
                ("locations", json!({ "type": "array", "items": location })),
            ]),
        ),
    ])
}

fn level() -> Value {
    json!({ "enum": LEVELS.map(PrivacyLevel::name) })
}

/// The body that sets a level.
pub fn privacy_level() -> Value {
    object(&[("level", level())])
}

fn me() -> Value {
    let flag = json!({ "type": "boolean" });
    let own = object(&[
        ("partnerId", partner_id()),
        ("partnerName", text()),
        ("version", json!({ "type": "integer", "minimum": 1 })),
        ("updatedTime", instant()),
        ("createdTime", instant()),
    ]);
    object(&[
        ("tenantId", guid()),
        ("objectId", guid()),
        ("name", text()),
        ("type", json!({ "type": "string" })),
        ("guest", flag.clone()),
        ("tenantName", text()),
        ("tenantDomain", text()),
        ("operator", flag),
        ("link", json!({ "oneOf": [own, { "type": "null" }] })),
        ("subscriptions", list("Subscription")),
        ("warnings", warnings()),
    ])
}

fn grant() -> Value {
    let flag = json!({ "type": "boolean" });
    let step = object(&[
        ("kind", json!({ "enum": ["group", "delegation"] })),
        ("id", json!({ "type": "string" })),
        ("name", text()),
    ]);
    object(&[
        ("scope", json!({ "type": "string" })),
        ("scopeName", text()),
        ("customerTenantId", guid()),
        ("customerTenantName", text()),
        ("role", json!({ "type": "string" })),
        ("roleClass", json!({ "enum": ["Owner", "Contributor", "Reader"] })),
        ("pecEligible", flag.clone()),
        ("via", json!({ "type": "array", "items": step })),
        ("from", instant()),
        ("to", instant()),
        ("eligibleOnly", flag.clone()),
        ("denied", flag.clone()),
        ("condition", flag.clone()),
        ("assumed", flag),
    ])
}

fn alerts() -> Map<String, Value> {
    let code = json!({ "enum": Code::ALL.map(Code::name) });
    let id = json!({ "type": ["string", "null"], "format": "uuid" });
    let alert = object(&[
        ("code", code.clone()),
        ("severity", json!({ "enum": Severity::ALL.map(Severity::name) })),
        ("at", instant()),
        ("partnerId", text()),
        ("tenantId", guid()),
        ("principalTenantId", id.clone()),
        ("principalId", id),
        ("scope", text()),
        ("message", json!({ "type": "string" })),
        ("assumed", json!({ "type": "boolean" })),
    ]);
    let left_out = object(&[("code", code), ("why", json!({ "type": "string" }))]);
    let left_out = json!({ "type": "array", "items": left_out });
    named([
        ("Alert", alert),
        ("Alerts", page("Alert", &[("notLookedAt", left_out), ("completeUntil", instant())])),
    ])
}

fn operators() -> Map<String, Value> {
    let mut imported: Vec<(&str, Value)> = ["added", "replaced", "ended", "unchanged", "revision"]
        .map(|name| (name, count()))
        .to_vec();
    let unknown = object(&[("partnerId", partner_id()), ("fact", json!({ "type": "string" }))]);
    imported.push(("unknownPartners", json!({ "type": "array", "items": unknown })));
    let checkpoint = object(&[
        ("number", count()),
        ("hash", hash()),
        ("at", json!({ "type": "string", "format": "date-time" })),
        ("signature", json!({ "type": "string", "pattern": "^[0-9a-f]{128}$" })),
    ]);
    let report = object(&[
        ("whole", json!({ "type": "boolean" })),
        ("records", count()),
        ("checkpoints", count()),
        ("links", count()),
        ("findings", json!({ "type": "array", "items": { "type": "string" } })),
    ]);
    named([
        ("Partners", page("Partner", &[])),
        ("FactsImported", object(&imported)),
        ("Who", object(&[("tenantId", guid()), ("objectId", guid())])),
        ("AuditRecord", record()),
        ("AuditRecords", page("AuditRecord", &[])),
        ("AuditCheckpoint", checkpoint),
        ("AuditCheckpoints", page("AuditCheckpoint", &[("publicKey", hash())])),
        ("AuditReport", report),
    ])
}

fn record() -> Value {
    let version = json!({ "type": ["integer", "null"], "minimum": 1 });
    let who = json!({ "oneOf": [{ "$ref": "#/components/schemas/Who" }, { "type": "null" }] });
    object(&[
        ("number", count()),
        ("at", json!({ "type": "string", "format": "date-time" })),
        ("action", json!({ "enum": super::audit::ACTIONS })),
        ("actor", who.clone()),
        ("clientId", text()),
        ("tokenHash", text()),
        ("requestId", json!({ "type": "string" })),
        ("target", who),
        ("detail", json!({})),
        ("versionBefore", version.clone()),
        ("versionAfter", version),
        ("hash", hash()),
        ("previous", hash()),
        ("evidence", json!({})),
    ])
}
