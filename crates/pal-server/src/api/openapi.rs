//! `GET /api/v1/openapi.json`: what is under `/api/v1`, for programs. Made from what the handlers
//! read, so that it cannot say anything else; `docs/reference/openapi.json` is a copy.

use axum::response::Response;
use pal_attribution::alerts::{Code, Severity};
use serde_json::{Map, Value, json};

use super::query::Parameter;
use super::{alerts, explain, inventory, report};

/// One operation.
struct Operation {
    path: &'static str,
    id: &'static str,
    summary: &'static str,
    parameters: &'static [Parameter],
    /// Content types, each with the name of a schema below or a schema of its own.
    answers: fn() -> Value,
}

fn of(schema: &str) -> Value {
    json!({ "application/json": { "schema": { "$ref": format!("#/components/schemas/{schema}") } } })
}

const OPERATIONS: [Operation; 7] = [
    Operation {
        path: "/api/v1/me",
        id: "me",
        summary: "Who the caller is here, its link, and the subscriptions it sees.",
        parameters: &[],
        answers: || of("Me"),
    },
    Operation {
        path: "/api/v1/reports",
        id: "reports",
        summary: "A report, as far as the caller may see it, or the balance.",
        parameters: report::PARAMETERS,
        answers: || {
            json!({
                "text/csv": { "schema": { "type": "string" } },
                "application/json": { "schema": { "type": "array", "items": { "type": "object" } } },
                "text/plain": { "schema": { "type": "string" } },
                "application/vnd.apache.parquet": { "schema": {} },
            })
        },
    },
    Operation {
        path: "/api/v1/explain",
        id: "explain",
        summary: "Why a resource's charges are credited, or why not. For operators.",
        parameters: explain::PARAMETERS,
        answers: || {
            json!({
                "application/json": { "schema": { "type": "object" } },
                "text/plain": { "schema": { "type": "string" } },
            })
        },
    },
    Operation {
        path: "/api/v1/links",
        id: "links",
        summary: "Who is linked to the partner IDs that the caller looks after.",
        parameters: inventory::PARAMETERS,
        answers: || of("Links"),
    },
    Operation {
        path: "/api/v1/links/gaps",
        id: "gaps",
        summary: "Who of the partner has access to a customer and is not linked.",
        parameters: inventory::PARAMETERS,
        answers: || of("Accounts"),
    },
    Operation {
        path: "/api/v1/access",
        id: "access",
        summary: "Who is linked in the caller's directory, with which access. For its auditors.",
        parameters: inventory::PARAMETERS,
        answers: || of("Access"),
    },
    Operation {
        path: "/api/v1/alerts",
        id: "alerts",
        summary: "What will cost a partner credit, or already does.",
        parameters: alerts::PARAMETERS,
        answers: || of("Alerts"),
    },
];

/// The document.
pub fn document() -> Value {
    let mut paths = Map::new();
    for operation in &OPERATIONS {
        let parameters: Vec<Value> =
            operation.parameters.iter().map(Parameter::described).collect();
        let mut responses = Map::new();
        let answer = json!({ "description": "As asked.", "content": (operation.answers)() });
        responses.insert("200".to_owned(), answer);
        for (status, text) in [
            ("400", "The request is wrong; the message says what to do."),
            ("401", "No access token, or one that is not taken."),
            ("403", "The caller has no account here, or a disabled one."),
            ("404", "There is no such thing, or none that the caller may see."),
            ("422", "The cost exports cannot be read as they are."),
            ("429", "Too many requests; Retry-After says when to go on."),
            ("503", "Not now; Retry-After says when to try again."),
        ] {
            let content = of("Error");
            responses.insert(status.to_owned(), json!({ "description": text, "content": content }));
        }
        let get = json!({
            "operationId": operation.id,
            "summary": operation.summary,
            "parameters": parameters,
            "responses": responses,
        });
        paths.insert(operation.path.to_owned(), json!({ "get": get }));
    }
    json!({
        "openapi": "3.1.0",
        "info": { "title": "OpenPAL", "version": "1", "license": { "name": "Apache-2.0", "identifier": "Apache-2.0" } },
        "servers": [{ "url": "/" }],
        "security": [{ "token": [] }],
        "paths": paths,
        "components": {
            "securitySchemes": { "token": { "type": "http", "scheme": "bearer", "bearerFormat": "JWT" } },
            "schemas": schemas(),
        },
    })
}

fn object(properties: &[(&str, Value)]) -> Value {
    let names: Vec<&str> = properties.iter().map(|(name, _)| *name).collect();
    let properties: Map<String, Value> =
        properties.iter().map(|(name, schema)| ((*name).to_owned(), schema.clone())).collect();
    json!({ "type": "object", "required": names, "properties": properties, "additionalProperties": false })
}

fn list(schema: &str) -> Value {
    json!({ "type": "array", "items": { "$ref": format!("#/components/schemas/{schema}") } })
}

fn schemas() -> Value {
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
        "Accounts": object(&[("value", list("Account"))]),
        "Links": object(&[("value", list("Link"))]),
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
        "Alerts": object(&[
            ("value", list("Alert")),
            ("notLookedAt", json!({ "type": "array", "items": object(&[
                ("code", json!({ "enum": Code::ALL.map(Code::name) })),
                ("why", json!({ "type": "string" })),
            ]) })),
        ]),
        "Access": object(&[
            ("tenantId", guid),
            ("privacy", json!({ "enum": ["full", "subscription", "tenant-total", "masked"] })),
            ("value", list("Link")),
        ]),
    })
}

/// For anybody: it says nothing about anybody.
pub async fn openapi() -> Response {
    crate::arm::json(document().to_string().into_bytes())
}
