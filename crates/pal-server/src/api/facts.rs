//! `/api/v1/facts`: all facts as JSON Lines, and more of them. For operators. No import changes a link
//! (P1): a `link` fact that is active in the register is passed over, any other refused.

use axum::body::Body;
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::Response;
use pal_api::FactsImported;
use pal_store::{FactImport, FactImportError, FactsAt};
use schemars::{Schema, SchemaGenerator, json_schema};
use serde_json::{Value, json};

use crate::App;
use crate::http::{
    Answer, Call, Content, Form, GUID, HttpError, Json, Operator, Parameter, Role, collect,
};
use crate::live::Snapshot;

const KIND: &str = "application/jsonl";
pub const PARAMETERS: &[Parameter] = &[
    Parameter::new("known_at", Form::Instant, "As they were known then."),
    Parameter::new("tenant", GUID, "Only those of this directory, and partners."),
];
/// How errors call the body, before the number of a line.
const NAME: &str = "facts";

/// Facts as they are sent, one a line.
pub struct Lines(Vec<u8>);

impl Content for Lines {
    const KIND: Option<&'static str> = Some(KIND);

    fn schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({ "type": "string" })
    }

    async fn read(app: &App, headers: &HeaderMap, body: Body) -> Result<Self, HttpError> {
        collect(headers, body, app.facts_body).await.map(Self)
    }
}

/// Facts as they are given out, one a line.
pub struct Exported(String);

impl Answer for Exported {
    fn content(_: &mut SchemaGenerator) -> Value {
        json!({ (KIND): { "schema": { "type": "string" } } })
    }

    fn respond(self) -> Response {
        let mut response = Response::new(Body::from(self.0));
        response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static(KIND));
        response
    }
}

/// The facts, links from the register's history.
pub async fn export(call: Call<Operator>) -> Result<Exported, HttpError> {
    let (known_at, tenant) = (call.query.known_at()?, call.query.value("tenant")?);
    let wanted = FactsAt { known_at, tenant, links: true };
    Ok(Exported(call.app.store.facts(wanted).await?.text))
}

/// Takes facts in, whole or not at all.
pub async fn import(call: Call<Operator, Lines>) -> Result<Json<FactsImported>, HttpError> {
    let Call { app, signed, body: Lines(bytes), .. } = call;
    let text = String::from_utf8(bytes).map_err(|error| {
        let valid = error.utf8_error().valid_up_to();
        let before = error.as_bytes().iter().take(valid);
        let line = before.filter(|byte| **byte == b'\n').count() + 1;
        refused(format!("{NAME}:{line}: not UTF-8 text"))
    })?;
    let roles = app.live.roles.clone();
    let import = FactImport {
        name: NAME,
        text: &text,
        at: app.now(),
        actor: signed.actor(),
        check: Box::new(move |facts| roles.resolve_names(facts)),
    };
    let done = app.store.import_facts(import).await.map_err(|error| match error {
        FactImportError::Store(error) => error.into(),
        FactImportError::Fact(error) => refused(error.to_string()),
        FactImportError::Refused(why) => refused(why),
    })?;
    let unknown = done.unknown_partners.iter().map(|partner| pal_api::UnknownPartner {
        partner_id: partner.into(),
        fact: pal_model::UnknownPartner(*partner).fact(),
    });
    Ok(Json(FactsImported {
        added: done.added,
        replaced: done.replaced,
        ended: done.ended,
        unchanged: done.unchanged,
        revision: done.revision,
        unknown_partners: unknown.collect(),
    }))
}

fn refused(why: String) -> HttpError {
    HttpError::new(StatusCode::BAD_REQUEST, "FactsRefused", why)
}

/// For operators: partners to whom somebody is linked and of which no fact is known.
pub(super) fn unknown_partners(role: Role, snapshot: &Snapshot) -> Option<HeaderValue> {
    let unknown = snapshot.known.facts.unknown_partners();
    if role != Role::Operator || unknown.is_empty() {
        return None;
    }
    let ids: Vec<String> = unknown.iter().map(|partner| partner.0.to_string()).collect();
    HeaderValue::from_str(&ids.join(",")).ok()
}
