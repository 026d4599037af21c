//! `GET /api/v1/explain`: why a resource's charges are credited, or why not, as far as the caller may
//! see it. "Not yours" reads as "not there".

use std::sync::Arc;

use axum::body::Body;
use axum::extract::State;
use axum::http::{HeaderValue, StatusCode, Uri, header};
use axum::response::Response;
use pal_attribution::answer::{Basis, ExplainError, When, explain_to, month};
use pal_attribution::explain::{Audience, Explanation, NoAnswer};
use pal_attribution::ingest::ReadOptions;
use pal_model::{Months, PartnerId, ScopePath};
use schemars::SchemaGenerator;
use serde_json::{Value, json};

use super::report::{record, say_freshness, unreadable};
use crate::App;
use crate::http::{
    FLAG, Form, HttpError, MONTH, PARTNER, POLICIES, Parameter, Query, Role, Sight, SignedIn,
    joined, reading,
};

/// What it reads.
pub const PARAMETERS: &[Parameter] = &[
    Parameter {
        name: "resource",
        text: "A resource, resource group or subscription.",
        required: true,
        form: Form::Text,
    },
    Parameter::new("at", Form::Instant, "At this instant: this or month is required."),
    Parameter::new("month", MONTH, "In this month (UTC)."),
    Parameter::new("partner", PARTNER, "Only this partner ID."),
    Parameter::new("as", Form::Words(&["operator", "partner", "customer"]), "As whom."),
    Parameter::new("policy", POLICIES, "By which rules."),
    Parameter::new("known_at", Form::Instant, "As it was known then."),
    Parameter::new("usage", FLAG, "With the sums of the charges."),
    Parameter::new("format", Form::Words(&["json", "text"]), "In which form."),
];

/// For operators, viewers of partners and auditors of customers.
pub async fn explain(State(app): State<Arc<App>>, signed: SignedIn, uri: Uri) -> Response {
    reading(&app, &signed, async {
        let sight = Sight::of(&app, &signed).await?;
        sight.role(None)?;
        let query = Query::read(&uri, PARAMETERS)?;
        let asked = query.word("as", &Role::NAMES.map(|(name, role)| (name, Some(role))), None)?;
        let role = sight.role(asked)?;
        let missing = || HttpError::bad_request("The query parameter resource is missing.");
        let resource: ScopePath = query.value("resource")?.ok_or_else(missing)?;
        let when = match (query.value("at")?, query.parsed("month", month)?) {
            (Some(at), None) => When::At(at),
            (None, Some(month)) => When::Month(month),
            _ => return Err(HttpError::bad_request("Give either at or month.")),
        };
        let partner: Option<PartnerId> = query.value("partner")?;
        let policy = query.policy(&app.policies)?;
        let with_usage = query.word("usage", &[("true", true), ("false", false)], false)?;
        let as_text = query.word("format", &[("text", true), ("json", false)], false)?;
        let audience = audience(&app, &sight, role, partner);
        if with_usage && audience.sees_money() {
            record(&app, &signed, role, &uri).await?;
        }
        let (known_at, roles) = (query.known_at()?, app.live.roles.clone());
        let snapshot = app.live.snapshot(known_at).await?;
        let parts = match with_usage {
            true => Some(app.live.parts_of(&snapshot.counted, Some(Months::one(when.month())))?),
            false => None,
        };
        let fresh = snapshot.freshness(Some(Months::one(when.month())));
        let made = tokio::task::spawn_blocking(move || {
            let basis = Basis { facts: &snapshot.known.facts, roles: &roles, policy: &policy };
            let usage = parts.as_deref().map(|parts| (parts, ReadOptions::default()));
            let found = explain_to(&audience, basis, resource, when, partner, usage);
            let found = found.map_err(|error| refuse(error, role))?;
            if as_text {
                return Ok(found.to_string().into_bytes());
            }
            serde_json::to_vec(&found).map_err(|_| HttpError::internal())
        });
        let kind =
            if as_text { "text/plain; charset=utf-8" } else { "application/json; charset=utf-8" };
        let mut response = Response::new(Body::from(joined(made.await)?));
        response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static(kind));
        say_freshness(&mut response, &fresh);
        Ok(response)
    })
    .await
}

/// The forms of an explanation.
pub fn content(generator: &mut SchemaGenerator) -> Value {
    json!({
        "application/json": { "schema": generator.subschema_for::<Explanation>() },
        "text/plain": { "schema": { "type": "string" } },
    })
}

/// What a caller may see. All of a partner's IDs make a customer its customer, also where one of
/// them is asked about.
fn audience(app: &App, sight: &Sight, role: Role, partner: Option<PartnerId>) -> Audience {
    match role {
        Role::Operator => Audience::Everything,
        Role::Customer => Audience::Customer(sight.who.tenant),
        Role::Partner => {
            let view = sight.view(app, role, partner);
            Audience::Partner {
                partners: sight.views.keys().copied().collect(),
                money: !view.without_money,
                privacy: view.privacy.map(|privacy| privacy.levels).unwrap_or_default(),
            }
        }
    }
}

fn refuse(error: ExplainError, role: Role) -> HttpError {
    match error {
        ExplainError::NoAnswer(NoAnswer::NoSubscription(_)) | ExplainError::When => {
            HttpError::new(StatusCode::BAD_REQUEST, "BadRequest", error.to_string())
        }
        // One text, whatever of it is so.
        ExplainError::NotThere => HttpError::not_found(
            "There is no such subscription or partner ID, or none that you may see. Check resource \
             and partner.",
        ),
        ExplainError::NoAnswer(_) => HttpError::not_found(error.to_string()),
        ExplainError::Engine(error) => unreadable(&error, role),
    }
}
