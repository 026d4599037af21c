//! `GET /api/v1/reports`: a report or the balance over the live data, as far as the caller may see
//! it. A balance is the operator's: it adds up over everybody.

mod pages;
mod question;

use std::sync::Arc;
use std::time::Instant as Monotonic;

use axum::http::{HeaderValue, StatusCode, Uri, header};
use axum::response::Response;
use pal_api::{List, Reach, ReportLine};
use pal_attribution::engine::{EngineError, UnjudgedDenies};
use pal_attribution::output::Format;
use pal_usage::Freshness;
use schemars::SchemaGenerator;
use serde_json::{Value, json};

use crate::App;
use crate::http::{
    Answer, CUSTOMER, Call, FLAG, Form, GUID, HttpError, MONTHS, PARTNER, POLICIES, Parameter,
    Role, SKIPTOKEN, SignedIn, TOP, Viewer, streamed,
};
use crate::live::Snapshot;
use crate::work::Place;
use pages::in_page;
use question::Question;

pub const PARAMETERS: &[Parameter] = &[
    Parameter::new(
        "month",
        MONTHS,
        "Only charges that start in this month (UTC), or in these, both included.",
    ),
    Parameter::new("policy", POLICIES, "By which rules."),
    Parameter::new("group_by", Form::Text, "Key columns, separated by commas."),
    Parameter::new("partner", PARTNER, "Only this partner ID."),
    Parameter::new("customer", CUSTOMER, "Only the customer that the report shows by this ID."),
    Parameter::new("subscription", GUID, "Only this subscription, if the report shows it."),
    Parameter::new("as", Form::Words(&["operator", "partner", "customer"]), "As whom."),
    Parameter::new("known_at", Form::Instant, "As it was known then."),
    Parameter::new(
        "format",
        Form::Words(&["page", "csv", "json", "parquet", "table"]),
        "In which form: rows in pages, if not said, or all of it.",
    ),
    Parameter::new("balance", FLAG, "The balance instead of the rows."),
    Parameter::new(
        "duplicates",
        Form::Words(&["by-grouping", "counted", "left-out"]),
        "Whether a charge counts once for each location of a global account, or once for the global \
         account. If not said, it depends on the grouping: without a column that tells locations \
         apart it counts once.",
    ),
    TOP,
    SKIPTOKEN,
];

/// For operators, viewers of partners and auditors of customers.
pub async fn reports(call: Call<Viewer>) -> Result<Reported, HttpError> {
    let mut page = call.page().await?;
    let Call { app, signed, reader: Viewer(sight), query, uri, .. } = call;
    let question = Question::read(&app, &sight, &query)?;
    let forms = Format::NAMES.map(|(name, format)| (name, Some(format)));
    let forms: Vec<_> = [("page", None)].into_iter().chain(forms).collect();
    let format = query.word("format", &forms, None)?;
    let form = match (&question.keys, format) {
        (None, _) => "balance",
        (Some(_), None) => "page",
        (Some(_), Some(_)) => "whole",
    };
    let begun = Monotonic::now();
    // Before the record: what is refused was not read.
    let place = app.work.reports.admit().await?;
    if !question.view.without_money {
        record(&app, &signed, question.role, &uri).await?;
    }
    let known_at = query.known_at()?;
    let pinned = if known_at.is_some() { known_at } else { page.known_at(&app).await? };
    let snapshot = app.live.snapshot(pinned).await?;
    // The next page is of what this one knew.
    page.known = snapshot.known_at;
    let fresh = snapshot.freshness(question.months);
    let unknown = super::facts::unknown_partners(question.role, &snapshot);
    let mut response = match format {
        Some(format) => download(app.clone(), place, question, snapshot, &fresh, format).await?,
        None => in_page(&app, place, question, snapshot, fresh, &page).await?,
    };
    app.metrics.report(form, begun.elapsed());
    if let Some(unknown) = unknown {
        response.headers_mut().insert("openpal-unknown-partners", unknown);
    }
    Ok(Reported(response))
}

/// Rows or the balance, in pages or whole.
pub struct Reported(Response);

impl Answer for Reported {
    fn content(generator: &mut SchemaGenerator) -> Value {
        let forms = [
            generator.subschema_for::<List<ReportLine, Reach>>(),
            generator.subschema_for::<Vec<ReportLine>>(),
        ];
        json!({
            "text/csv": { "schema": { "type": "string" } },
            "application/json": { "schema": { "anyOf": forms } },
            "text/plain": { "schema": { "type": "string" } },
            "application/vnd.apache.parquet": { "schema": { "type": "string", "format": "binary" } },
        })
    }

    fn respond(self) -> Response {
        self.0
    }
}

/// All of it, as it is made.
async fn download(
    app: Arc<App>,
    place: Place,
    question: Question,
    snapshot: Snapshot,
    fresh: &Freshness,
    format: Format,
) -> Result<Response, HttpError> {
    let without_duplicates = question.view.without_duplicates;
    let service = app.clone();
    let body = streamed(&service.work, place, move |out, stop| {
        let unjudged = UnjudgedDenies::default();
        question
            .write(&app, &snapshot, (format, stop), &unjudged, Box::new(out))
            .map_err(|error| unreadable(&error, question.role))
    });
    let mut response = Response::new(body.await?);
    let kind = match format {
        Format::Csv => "text/csv; charset=utf-8",
        Format::Json => "application/json; charset=utf-8",
        Format::Parquet => "application/vnd.apache.parquet",
        Format::Table => "text/plain; charset=utf-8",
    };
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(kind));
    let duplicates = HeaderValue::from_static(duplicates(without_duplicates));
    headers.insert("openpal-duplicates", duplicates);
    say_freshness(&mut response, fresh);
    Ok(response)
}

/// How far an answer reaches, in headers.
pub(super) fn say_freshness(response: &mut Response, fresh: &Freshness) {
    let revision = fresh.revision.to_string();
    for (name, value) in [
        ("openpal-complete-until", fresh.complete_until.as_deref()),
        ("openpal-known-at", Some(fresh.known_at.as_str())),
        ("openpal-revision", Some(revision.as_str())),
    ] {
        if let Some(value) = value.and_then(|value| HeaderValue::from_str(value).ok()) {
            response.headers_mut().insert(name, value);
        }
    }
}

const fn duplicates(without: bool) -> &'static str {
    if without { "left-out" } else { "counted" }
}

/// Every read of money is in the audit log, before it is answered.
pub(super) async fn record(
    app: &App,
    signed: &SignedIn,
    role: Role,
    uri: &Uri,
) -> Result<(), HttpError> {
    let detail = json!({ "as": role.name(), "query": uri.query().unwrap_or_default() });
    Ok(app.store.record_read(signed.actor(), app.now(), detail.to_string()).await?)
}

/// The data cannot be used as it is: not a fault of the request, nor of the program.
pub(super) fn unprocessable(error: &dyn std::fmt::Display) -> HttpError {
    HttpError::new(StatusCode::UNPROCESSABLE_ENTITY, "UsageNotReadable", error.to_string())
}

/// The same for a role: operators are told which file and what of it, nobody else.
pub(super) fn unreadable(error: &EngineError, role: Role) -> HttpError {
    if role == Role::Operator {
        return unprocessable(error);
    }
    tracing::error!(%error, "usage cannot be used");
    unprocessable(&"The usage cannot be used as it is. Tell the operator.")
}
