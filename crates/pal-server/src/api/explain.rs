//! `GET /api/v1/explain`: why a resource's charges are credited, or why not, as far as the caller may
//! see it. "Not yours" reads as "not there".

use std::sync::atomic::AtomicBool;

use axum::body::Body;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::Response;
use pal_attribution::answer::{Basis, ExplainError, When, explain_to, month};
use pal_attribution::explain::{Audience, Explanation, NoAnswer};
use pal_attribution::ingest::{Part, ReadOptions};
use pal_attribution::policy::Policy;
use pal_attribution::roles::RoleData;
use pal_model::{Months, PartnerId, ScopePath};
use schemars::SchemaGenerator;
use serde_json::{Value, json};

use super::report::{record, say_freshness, unreadable};
use crate::App;
use crate::http::{
    Answer, Call, FLAG, Form, HttpError, MONTH, PARTNER, POLICIES, Parameter, Query, Role, Sight,
    Viewer, joined,
};
use crate::live::Snapshot;

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

struct Question {
    resource: ScopePath,
    when: When,
    partner: Option<PartnerId>,
    policy: Policy,
    role: Role,
    audience: Audience,
    with_usage: bool,
    as_text: bool,
}

impl Question {
    fn read(app: &App, sight: &Sight, query: &Query) -> Result<Self, HttpError> {
        let asked = query.word("as", &Role::NAMES.map(|(name, role)| (name, Some(role))), None)?;
        let role = sight.role(asked)?;
        let missing = || HttpError::bad_request("The query parameter resource is missing.");
        let when = match (query.value("at")?, query.parsed("month", month)?) {
            (Some(at), None) => When::At(at),
            (None, Some(month)) => When::Month(month),
            _ => return Err(HttpError::bad_request("Give either at or month.")),
        };
        let partner = query.value("partner")?;
        Ok(Self {
            resource: query.value("resource")?.ok_or_else(missing)?,
            when,
            partner,
            policy: query.policy(&app.policies)?,
            role,
            audience: audience(app, sight, role, partner),
            with_usage: query.word("usage", &[("true", true), ("false", false)], false)?,
            as_text: query.word("format", &[("text", true), ("json", false)], false)?,
        })
    }

    fn answer(
        self,
        snapshot: &Snapshot,
        roles: &RoleData,
        parts: Option<&[Part]>,
        stop: &AtomicBool,
    ) -> Result<Vec<u8>, HttpError> {
        let basis = Basis { facts: &snapshot.known.facts, roles, policy: &self.policy };
        let read = ReadOptions { stop: Some(stop), ..ReadOptions::default() };
        let usage = parts.map(|parts| (parts, read));
        let found =
            explain_to(&self.audience, basis, self.resource, self.when, self.partner, usage)
                .map_err(|error| refuse(error, self.role))?;
        if self.as_text {
            return Ok(found.to_string().into_bytes());
        }
        serde_json::to_vec(&found).map_err(|_| HttpError::internal())
    }
}

/// For operators, viewers of partners and auditors of customers.
pub async fn explain(call: Call<Viewer>) -> Result<Explained, HttpError> {
    let Call { app, signed, reader: Viewer(sight), query, uri, .. } = call;
    let question = Question::read(&app, &sight, &query)?;
    let place = app.work.reports.admit().await?;
    if question.with_usage && question.audience.sees_money() {
        record(&app, &signed, question.role, &uri).await?;
    }
    let (known_at, roles) = (query.known_at()?, app.live.roles.clone());
    let snapshot = app.live.snapshot(known_at).await?;
    let month = Some(Months::one(question.when.month()));
    let parts = match question.with_usage {
        true => Some(app.live.parts_of(&snapshot.counted, month)?),
        false => None,
    };
    let fresh = snapshot.freshness(month);
    let kind = match question.as_text {
        true => "text/plain; charset=utf-8",
        false => "application/json; charset=utf-8",
    };
    let made =
        place.run(move |stop| question.answer(&snapshot, &roles, parts.as_deref(), stop)).await;
    let mut response = Response::new(Body::from(joined(made)?));
    response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static(kind));
    say_freshness(&mut response, &fresh);
    Ok(Explained(response))
}

pub struct Explained(Response);

impl Answer for Explained {
    fn content(generator: &mut SchemaGenerator) -> Value {
        json!({
            "application/json": { "schema": generator.subschema_for::<Explanation>() },
            "text/plain": { "schema": { "type": "string" } },
        })
    }

    fn respond(self) -> Response {
        self.0
    }
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
