//! `/api/v1/facts`: all facts as JSON Lines, and more of them. For operators. No import changes a link
//! (P1): a `link` fact that is active in the register is passed over, any other refused.

use std::sync::Arc;

use axum::body::Body;
use axum::extract::State;
use axum::http::{HeaderMap, HeaderValue, StatusCode, Uri, header};
use axum::response::Response;
use pal_model::UnknownPartner;
use pal_store::{FactImport, FactImportError, FactsAt};
use serde_json::json;

use crate::App;
use crate::http::{
    Form, GUID, HttpError, Parameter, Query, Role, SignedIn, collect, json, reading, writing,
};
use crate::live::Snapshot;

/// JSON Lines.
pub const KIND: &str = "application/jsonl";
/// What the export reads.
pub const PARAMETERS: &[Parameter] = &[
    Parameter::new("known_at", Form::Instant, "As they were known then."),
    Parameter::new("tenant", GUID, "Only those of this directory, and partners."),
];
/// How errors call the body, before the number of a line.
const NAME: &str = "facts";

/// The facts, links from the register's history.
pub async fn export(State(app): State<Arc<App>>, signed: SignedIn, uri: Uri) -> Response {
    reading(&app, &signed, async {
        super::operator(&app, &signed).await?;
        let query = Query::read(&uri, PARAMETERS)?;
        let wanted =
            FactsAt { known_at: query.known_at()?, tenant: query.value("tenant")?, links: true };
        let facts = app.store.facts(wanted).await?;
        let mut response = Response::new(Body::from(facts.text));
        response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static(KIND));
        Ok(response)
    })
    .await
}

/// Takes facts in, whole or not at all. The body is read once it is known that an operator sends it.
pub async fn import(
    State(app): State<Arc<App>>,
    signed: SignedIn,
    uri: Uri,
    headers: HeaderMap,
    body: Body,
) -> Response {
    writing(&app, &signed, async {
        super::operator(&app, &signed).await?;
        Query::read(&uri, &[])?;
        let bytes = collect(&headers, body, app.facts_body).await?;
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
        let unknown = done.unknown_partners.iter().map(|partner| {
            json!({ "partnerId": partner.to_string(), "fact": UnknownPartner(*partner).fact() })
        });
        let body = json!({
            "added": done.added,
            "replaced": done.replaced,
            "ended": done.ended,
            "unchanged": done.unchanged,
            "revision": done.revision,
            "unknownPartners": unknown.collect::<Vec<_>>(),
        });
        Ok(json(body.to_string().into_bytes()))
    })
    .await
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
