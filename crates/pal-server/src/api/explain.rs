//! `GET /api/v1/explain`: why a resource's charges are credited, or why not.

use std::sync::Arc;

use axum::body::Body;
use axum::extract::State;
use axum::http::{HeaderValue, StatusCode, Uri, header};
use axum::response::Response;
use pal_attribution::answer::{Basis, ExplainError, When, explain as answer, month};
use pal_attribution::explain::NoAnswer;
use pal_attribution::ingest::ReadOptions;
use pal_model::{PartnerId, ScopePath};

use super::query::{FLAG, Form, MONTH, PARTNER, POLICIES, Parameter, Query};
use super::report::{joined, parts, unprocessable};
use crate::App;
use crate::arm::caller::SignedIn;
use crate::arm::error::ArmError;

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
    Parameter::new("policy", POLICIES, "By which rules."),
    Parameter::new("known_at", Form::Instant, "As it was known then."),
    Parameter::new("usage", FLAG, "With the sums of the charges."),
    Parameter::new("format", Form::Words(&["json", "text"]), "In which form."),
];

/// For operators.
pub async fn explain(State(app): State<Arc<App>>, signed: SignedIn, uri: Uri) -> Response {
    crate::arm::reading(&app, &signed, async {
        super::operator(&app, &signed).await?;
        let query = Query::read(&uri, PARAMETERS)?;
        let missing = || ArmError::bad_request("The query parameter resource is missing.");
        let resource: ScopePath = query.value("resource")?.ok_or_else(missing)?;
        let when = match (query.value("at")?, query.parsed("month", month)?) {
            (Some(at), None) => When::At(at),
            (None, Some(month)) => When::Month(month),
            _ => return Err(ArmError::bad_request("Give either at or month.")),
        };
        let partner: Option<PartnerId> = query.value("partner")?;
        let policy = query.policy()?;
        let with_usage = query.word("usage", &[("true", true), ("false", false)], false)?;
        let as_text = query.word("format", &[("text", true), ("json", false)], false)?;
        let facts = app.live.facts_at(query.known_at()?).await?;
        let (roles, usage) = (app.live.roles.clone(), app.live.usage.clone());
        let made = tokio::task::spawn_blocking(move || {
            let basis = Basis { facts: &facts, roles: &roles, policy: &policy };
            let parts = if with_usage { Some(parts(&usage)?) } else { None };
            let usage = parts.as_deref().map(|parts| (parts, ReadOptions::default()));
            let found = answer(basis, resource, when, partner, usage).map_err(refuse)?;
            if as_text {
                return Ok(found.to_string().into_bytes());
            }
            serde_json::to_vec(&found).map_err(|_| ArmError::internal())
        });
        let kind =
            if as_text { "text/plain; charset=utf-8" } else { "application/json; charset=utf-8" };
        let mut response = Response::new(Body::from(joined(made.await)?));
        response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static(kind));
        Ok(response)
    })
    .await
}

fn refuse(error: ExplainError) -> ArmError {
    match error {
        ExplainError::NoAnswer(NoAnswer::NoSubscription(_)) | ExplainError::When => {
            ArmError::new(StatusCode::BAD_REQUEST, "BadRequest", error.to_string())
        }
        ExplainError::NoAnswer(_) => ArmError::not_found(error.to_string()),
        ExplainError::Engine(error) => unprocessable(&error),
    }
}
