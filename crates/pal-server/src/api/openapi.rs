//! `GET /api/v1/openapi.json`: what is under `/api/v1`, for programs. Made from what the handlers
//! read, so that it cannot say anything else; `docs/reference/openapi.json` is a copy.

mod schemas;

use axum::response::Response;
use serde_json::{Map, Value, json};

use super::{alerts, audit, explain, facts, partners, report, usage};
use crate::http::{Form, PAGED, Parameter, json};

/// Makes the schema of a body.
type Schema = fn() -> Value;

/// One operation.
struct Operation {
    /// In lower case.
    method: &'static str,
    path: &'static str,
    /// What stands in the path in braces.
    inside: &'static [Parameter],
    id: &'static str,
    summary: &'static str,
    parameters: &'static [Parameter],
    /// Content type and schema of its body, where it has one.
    body: Option<(&'static str, Schema)>,
    /// Content types, each with the name of one of [`schemas`] or a schema of its own.
    answers: fn() -> Value,
}

impl Operation {
    /// What most of them are.
    const GET: Self = Self {
        method: "get",
        path: "",
        inside: &[],
        id: "",
        summary: "",
        parameters: &[],
        body: None,
        answers: || json!({}),
    };
}

fn of(schema: &str) -> Value {
    json!({ "application/json": { "schema": { "$ref": format!("#/components/schemas/{schema}") } } })
}

/// A body that is text, or bytes.
fn text() -> Value {
    json!({ "type": "string" })
}

const OPERATIONS: &[Operation] = &[
    Operation {
        path: "/api/v1/me",
        id: "me",
        summary: "Who the caller is here, its link, and the subscriptions it sees.",
        answers: || of("Me"),
        ..Operation::GET
    },
    Operation {
        path: "/api/v1/me/access",
        id: "ownAccess",
        summary: "The access that the caller's link earns credit by, grant by grant.",
        parameters: PAGED,
        answers: || of("OwnAccess"),
        ..Operation::GET
    },
    Operation {
        path: "/api/v1/reports",
        id: "reports",
        summary: "A report, as far as the caller may see it, or the balance.",
        parameters: report::PARAMETERS,
        answers: || {
            json!({
                "text/csv": { "schema": { "type": "string" } },
                "application/json": { "schema": report::page_schema() },
                "text/plain": { "schema": { "type": "string" } },
                "application/vnd.apache.parquet": { "schema": {} },
            })
        },
        ..Operation::GET
    },
    Operation {
        path: "/api/v1/partners",
        id: "partners",
        summary: "All partners. For operators.",
        parameters: PAGED,
        answers: || of("Partners"),
        ..Operation::GET
    },
    Operation {
        path: "/api/v1/partners/{id}",
        inside: partners::INSIDE,
        id: "partner",
        summary: "What a partner ID stands for.",
        answers: || of("Partner"),
        ..Operation::GET
    },
    Operation {
        path: "/api/v1/facts",
        id: "facts",
        summary: "All facts. For operators.",
        parameters: facts::PARAMETERS,
        answers: || json!({ (facts::KIND): { "schema": { "type": "string" } } }),
        ..Operation::GET
    },
    Operation {
        method: "post",
        path: "/api/v1/facts",
        id: "importFacts",
        summary: "Takes facts in, whole or not at all; no links. For operators.",
        body: Some((facts::KIND, text)),
        answers: || of("FactsImported"),
        ..Operation::GET
    },
    Operation {
        path: "/api/v1/audit",
        id: "audit",
        summary: "What was done by whom, newest first. For operators.",
        parameters: audit::PARAMETERS,
        answers: || of("AuditRecords"),
        ..Operation::GET
    },
    Operation {
        path: "/api/v1/audit/checkpoints",
        id: "auditCheckpoints",
        summary: "The signed checkpoints of the audit log, newest first. For operators.",
        parameters: PAGED,
        answers: || of("AuditCheckpoints"),
        ..Operation::GET
    },
    Operation {
        method: "post",
        path: "/api/v1/audit/verify",
        id: "verifyAudit",
        summary: "Whether anybody changed the past. For operators.",
        answers: || of("AuditReport"),
        ..Operation::GET
    },
    Operation {
        path: "/api/v1/usage",
        id: "usage",
        summary: "The usage that counts, month by month. For operators.",
        parameters: usage::MONTHS,
        answers: || json!({ "application/json": { "schema": usage::months_schema() } }),
        ..Operation::GET
    },
    Operation {
        path: "/api/v1/usage/imports",
        id: "usageImports",
        summary: "Imports of usage, newest first. For operators.",
        parameters: usage::IMPORTS,
        answers: || json!({ "application/json": { "schema": usage::imports_schema() } }),
        ..Operation::GET
    },
    Operation {
        method: "post",
        path: "/api/v1/usage/imports",
        id: "importUsage",
        summary: "Takes cost exports in, whole or not at all. For operators.",
        parameters: usage::IMPORT,
        body: Some(("application/x-tar", text)),
        answers: || json!({ "application/json": { "schema": usage::imported_schema() } }),
        ..Operation::GET
    },
    Operation {
        method: "delete",
        path: "/api/v1/usage/imports/{number}",
        inside: &[Parameter {
            name: "number",
            text: "Of the import.",
            required: true,
            form: Form::Pattern("^[0-9]{1,18}$"),
        }],
        id: "withdrawUsage",
        summary: "Takes an import back: nothing of it counts any more. For operators.",
        answers: || json!({ "application/json": { "schema": usage::withdrawn_schema() } }),
        ..Operation::GET
    },
    Operation {
        path: "/api/v1/explain",
        id: "explain",
        summary: "Why a resource's charges are credited, or why not, as far as the caller may see it.",
        parameters: explain::PARAMETERS,
        answers: || {
            json!({
                "application/json": { "schema": { "type": "object" } },
                "text/plain": { "schema": { "type": "string" } },
            })
        },
        ..Operation::GET
    },
    Operation {
        path: "/api/v1/links",
        id: "links",
        summary: "Who is linked to the partner IDs that the caller looks after.",
        parameters: PAGED,
        answers: || of("Links"),
        ..Operation::GET
    },
    Operation {
        path: "/api/v1/links/gaps",
        id: "gaps",
        summary: "Who of the partner has access to a customer and is not linked.",
        parameters: PAGED,
        answers: || of("Accounts"),
        ..Operation::GET
    },
    Operation {
        path: "/api/v1/access",
        id: "access",
        summary: "Who is linked in the caller's directory, with which access. For its auditors.",
        parameters: PAGED,
        answers: || of("Access"),
        ..Operation::GET
    },
    Operation {
        method: "put",
        path: "/api/v1/access/privacy",
        id: "setPrivacy",
        summary: "Says what partners see of the caller's directory from now on. For its auditors.",
        body: Some(("application/json", schemas::privacy_level)),
        answers: || of("Privacy"),
        ..Operation::GET
    },
    Operation {
        path: "/api/v1/alerts",
        id: "alerts",
        summary: "What will cost a partner credit, or already does.",
        parameters: alerts::PARAMETERS,
        answers: || of("Alerts"),
        ..Operation::GET
    },
];

/// The document.
pub fn document() -> Value {
    let mut paths = Map::new();
    for operation in OPERATIONS {
        let path = paths.entry(operation.path).or_insert_with(|| json!({}));
        path[operation.method] = described(operation);
    }
    json!({
        "openapi": "3.1.0",
        "info": { "title": "OpenPAL", "version": "1", "license": { "name": "Apache-2.0", "identifier": "Apache-2.0" } },
        "servers": [{ "url": "/" }],
        "security": [{ "token": [] }],
        "paths": paths,
        "components": {
            "securitySchemes": { "token": { "type": "http", "scheme": "bearer", "bearerFormat": "JWT" } },
            "schemas": schemas::schemas(),
        },
    })
}

fn described(operation: &Operation) -> Value {
    let inside = operation.inside.iter().map(|parameter| {
        let mut described = parameter.described();
        described["in"] = "path".into();
        described
    });
    let parameters: Vec<Value> =
        inside.chain(operation.parameters.iter().map(Parameter::described)).collect();
    let mut responses = Map::new();
    let answer = json!({ "description": "As asked.", "content": (operation.answers)() });
    responses.insert("200".to_owned(), answer);
    for (status, text) in [
        ("400", "The request is wrong; the message says what to do."),
        ("401", "No access token, or one that is not taken."),
        ("403", "The caller has no account here, or a disabled one."),
        ("404", "There is no such thing, or none that the caller may see."),
        ("408", "The body did not come."),
        ("409", "What is known says otherwise; the message says what, and what to do."),
        ("413", "The body is too large."),
        ("422", "The cost exports cannot be read as they are."),
        ("429", "Too many requests; Retry-After says when to go on."),
        ("503", "Not now; Retry-After says when to try again."),
    ] {
        let wanted = match status {
            "408" | "413" => operation.body.is_some(),
            "409" => operation.method != "get",
            _ => true,
        };
        if wanted {
            let answer = json!({ "description": text, "content": of("Error") });
            responses.insert(status.to_owned(), answer);
        }
    }
    let mut value = json!({
        "operationId": operation.id,
        "summary": operation.summary,
        "parameters": parameters,
        "responses": responses,
    });
    if let Some((kind, schema)) = operation.body {
        let content = json!({ (kind): { "schema": schema() } });
        value["requestBody"] = json!({ "required": true, "content": content });
    }
    value
}

/// For anybody: it says nothing about anybody.
pub async fn openapi() -> Response {
    json(document().to_string().into_bytes())
}
