//! `openapi.json`: what is on the wire, for programs. It is made from the routes, and from the types that
//! their handlers take and return; `docs/reference/openapi.json` is a copy.

use schemars::generate::SchemaSettings;
use schemars::transform::{RecursiveTransform, Transform};
use schemars::{Schema, SchemaGenerator};
use serde_json::{Map, Value, json};

use super::route::{Operation, Route};

const REFUSALS: [(&str, &str); 10] = [
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
];

pub fn document(routes: &[Route]) -> Value {
    let mut settings = SchemaSettings::draft2020_12().for_serialize();
    settings.definitions_path = "/components/schemas".into();
    settings.meta_schema = None;
    let mut generator = settings.into_generator();
    let mut paths = Map::new();
    for route in routes {
        if let Some(operation) = &route.operation {
            let path = paths.entry(route.path).or_insert_with(|| json!({}));
            path[route.method.to_ascii_lowercase()] =
                described(route.method, operation, &mut generator);
        }
    }
    json!({
        "openapi": "3.1.0",
        "info": { "title": "OpenPAL", "version": "1", "license": { "name": "Apache-2.0", "identifier": "Apache-2.0" } },
        "servers": [{ "url": "/" }],
        "security": [{ "token": [] }],
        "paths": paths,
        "components": {
            "securitySchemes": { "token": { "type": "http", "scheme": "bearer", "bearerFormat": "JWT" } },
            "schemas": generator.take_definitions(true).into_iter().map(|(name, schema)| (name, closed(schema))).collect::<Map<_, _>>(),
        },
    })
}

/// Fields that stand beside a choice of objects, as fields of each of them: then each can be closed.
fn spread(schema: &mut Schema) {
    let Some(object) = schema.as_object_mut().filter(|object| object.contains_key("oneOf")) else {
        return;
    };
    let Some(Value::Object(beside)) = object.remove("properties") else { return };
    let required = object.remove("required");
    for one in object["oneOf"].as_array_mut().into_iter().flatten() {
        if let Some(fields) = one["properties"].as_object_mut() {
            fields.extend(beside.clone());
        }
        if let (Some(names), Some(Value::Array(more))) = (one["required"].as_array_mut(), &required)
        {
            names.extend(more.clone());
        }
    }
}

/// A schema whose objects have no other fields than those that it names.
fn closed(schema: Value) -> Value {
    let Ok(mut schema) = Schema::try_from(schema) else { return Value::Null };
    let close = |schema: &mut Schema| {
        spread(schema);
        if schema.get("properties").is_some() && schema.get("additionalProperties").is_none() {
            schema.insert("additionalProperties".to_owned(), false.into());
        }
    };
    RecursiveTransform(close).transform(&mut schema);
    schema.into()
}

fn described(method: &str, operation: &Operation, generator: &mut SchemaGenerator) -> Value {
    let inside = operation.inside.iter().map(|parameter| parameter.described("path"));
    let query = operation.parameters.iter().map(|parameter| parameter.described("query"));
    let parameters: Vec<Value> = inside.chain(query).collect();
    let mut responses = Map::new();
    let mut content = (operation.content)(generator);
    for one in content.as_object_mut().into_iter().flat_map(Map::values_mut) {
        one["schema"] = closed(one["schema"].take());
    }
    let answer = json!({ "description": "As asked.", "content": content });
    responses.insert("200".to_owned(), answer);
    let refused = generator.subschema_for::<pal_api::Refused>();
    for (status, text) in REFUSALS {
        let wanted = match status {
            "408" | "413" => operation.kind.is_some(),
            "409" => method != "GET",
            _ => true,
        };
        if wanted {
            let content = json!({ "application/json": { "schema": refused } });
            let answer = json!({ "description": text, "content": content });
            responses.insert(status.to_owned(), answer);
        }
    }
    let mut value = json!({
        "operationId": operation.id,
        "summary": operation.summary,
        "parameters": parameters,
        "responses": responses,
    });
    if let Some(kind) = operation.kind {
        let schema = closed((operation.schema)(generator).into());
        value["requestBody"] =
            json!({ "required": true, "content": { (kind): { "schema": schema } } });
    }
    value
}
