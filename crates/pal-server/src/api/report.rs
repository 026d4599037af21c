//! `GET /api/v1/reports`: a report or the balance over the live data, as far as the caller may see
//! it. A balance is the operator's: it adds up over everybody.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64};
use std::time::Instant as Monotonic;

use axum::http::{HeaderValue, StatusCode, Uri, header};
use axum::response::Response;
use pal_api::{List, Reach, ReportLine, ReportRow};
use pal_attribution::answer::Basis;
use pal_attribution::engine::{EngineError, Only, Options, UnjudgedDenies, UnjudgedDeny, View};
use pal_attribution::output::{Format, Origin, Writer};
use pal_attribution::policy::Policy;
use pal_attribution::roles::RoleData;
use pal_model::{KeyColumn, Months, PartnerId, Row, SubscriptionId};
use pal_usage::{Freshness, ReportBasis};
use schemars::SchemaGenerator;
use serde_json::{Map, Value, json};

use crate::App;
use crate::http::{
    Answer, CUSTOMER, Call, FLAG, Form, GUID, HttpError, MONTHS, PARTNER, POLICIES, Page,
    Parameter, Part, Query, Role, SKIPTOKEN, Sight, SignedIn, TOP, Viewer, joined, streamed,
};
use crate::live::Snapshot;
use crate::work::Place;

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

/// Most rows of a report that is read in pages: each page is made of all of it.
const IN_PAGES: usize = 200_000;

struct Question {
    policy: Policy,
    /// `None` = the balance.
    keys: Option<Vec<KeyColumn>>,
    months: Option<Months>,
    customer: Option<String>,
    subscription: Option<String>,
    view: View,
    role: Role,
}

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

impl Question {
    fn read(app: &App, sight: &Sight, query: &Query) -> Result<Self, HttpError> {
        let asked = query.word("as", &Role::NAMES.map(|(name, role)| (name, Some(role))), None)?;
        let role = sight.role(asked)?;
        let partner: Option<PartnerId> = query.value("partner")?;
        let balance = query.word("balance", &[("true", true), ("false", false)], false)?;
        if balance && (role != Role::Operator || partner.is_some()) {
            return Err(HttpError::bad_request(
                "A balance adds up over all partners and customers: operators ask for it, without \
                 a partner.",
            ));
        }
        let customer = query.parsed("customer", crate::seals::customer)?;
        let subscription: Option<SubscriptionId> = query.value("subscription")?;
        if balance && (customer.is_some() || subscription.is_some()) {
            return Err(HttpError::bad_request(
                "A balance has no customers and subscriptions: leave out customer and subscription, \
                 or balance.",
            ));
        }
        let keys = query.parsed("group_by", columns)?;
        let mut question = Self {
            policy: query.policy(&app.policies)?,
            keys: (!balance).then(|| keys.unwrap_or_else(|| KeyColumn::DEFAULT.to_vec())),
            months: query.parsed("month", str::parse)?,
            customer,
            subscription: subscription.map(|id| id.to_string()),
            view: sight.view(app, role, partner),
            role,
        };
        let words = [("by-grouping", None), ("counted", Some(false)), ("left-out", Some(true))];
        question.view.without_duplicates =
            query.word("duplicates", &words, None)?.unwrap_or_else(|| {
                partner.is_none() && question.adds_up_locations() && sight.sees_globals_whole(role)
            });
        Ok(question)
    }

    /// Whether no column tells the locations of a global account apart.
    fn adds_up_locations(&self) -> bool {
        let apart = [KeyColumn::PartnerId, KeyColumn::PartnerName, KeyColumn::DuplicateInGlobal];
        self.keys.as_ref().is_some_and(|keys| !keys.iter().any(|key| apart.contains(key)))
    }

    fn origin(&self) -> Origin {
        Origin { policy: (self.policy.name.clone(), self.policy.revision.clone()) }
    }

    fn asked<'a>(&'a self, app: &'a App, roles: &'a RoleData, of: &'a Snapshot) -> ReportBasis<'a> {
        ReportBasis {
            basis: Basis { facts: &of.known.facts, roles, policy: &self.policy },
            fingerprints: of.known.fingerprints(),
            counted: &of.counted,
            shelf: &app.live.intake.shelf,
        }
    }

    fn options<'o>(&'o self, rows: &'o AtomicU64, stop: &'o AtomicBool) -> Options<'o> {
        let mut options = Options::new(rows);
        options.read.stop = Some(stop);
        options.months = self.months;
        options.view = self.view.clone();
        options.only =
            Only { customer: self.customer.as_deref(), subscription: self.subscription.as_deref() };
        options
    }

    fn write(
        &self,
        app: &App,
        snapshot: &Snapshot,
        (format, stop): (Format, &AtomicBool),
        unjudged: &UnjudgedDenies,
        out: Box<dyn std::io::Write + Send + '_>,
    ) -> Result<(), EngineError> {
        let rows = AtomicU64::new(0);
        let mut options = self.options(&rows, stop);
        options.unjudged = Some(unjudged);
        let asked = self.asked(app, &app.live.roles, snapshot);
        asked.write(&app.live.composer, self.keys.as_deref(), &options, format, out).map(|_| ())
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

async fn in_page(
    app: &Arc<App>,
    place: Place,
    question: Question,
    snapshot: Snapshot,
    fresh: Freshness,
    page: &Page,
) -> Result<Response, HttpError> {
    let (own, asked) = (app.clone(), page.clone());
    let without_duplicates = question.view.without_duplicates;
    let role = question.role;
    let unjudged = Arc::new(UnjudgedDenies::default());
    let told = unjudged.clone();
    let made = place.run(move |stop| part(&question, &own, &snapshot, (&told, stop), &asked)).await;
    let part = joined(made)?;
    let reach = Reach {
        complete_until: fresh.complete_until.map(Into::into),
        known_at: fresh.known_at.into(),
        revision: fresh.revision,
        duplicates: duplicates(without_duplicates).into(),
        warnings: warnings(&unjudged.take(), role),
    };
    Ok(page.list(app, reach, part).respond())
}

/// The part of the rows that a page has, each as it is written to a file.
fn part(
    question: &Question,
    app: &App,
    snapshot: &Snapshot,
    (unjudged, stop): (&UnjudgedDenies, &AtomicBool),
    page: &Page,
) -> Result<Part<ReportLine>, HttpError> {
    let mut out = Vec::new();
    let Some(keys) = &question.keys else {
        let written =
            question.write(app, snapshot, (Format::Json, stop), unjudged, Box::new(&mut out));
        written.map_err(|error| unreadable(&error, question.role))?;
        return page.part(values(&out)?, |line| format!("{line:?}"));
    };
    let rows = rows(question, app, snapshot, keys, (unjudged, stop))?;
    let part = page.part(rows, |row| format!("{row:?}"))?;
    let money = !question.view.without_money;
    let written = (|| {
        let out = Box::new(&mut out);
        let mut writer = Writer::report(Format::Json, keys, money, &question.origin(), out)?;
        for row in &part.values {
            let keys: Vec<Option<&str>> = row.keys.iter().map(Option::as_deref).collect();
            writer.row(&keys, row.charges, row.cost, row.credited_cost)?;
        }
        writer.finish()
    })();
    written.map_err(|error| unprocessable(&error))?;
    let mut shown = values(&out)?.into_iter();
    Ok(part.map(|_| shown.next().unwrap_or_else(|| ReportLine::Row(ReportRow(Map::new())))))
}

/// What could not be judged. Where a deny assignment is, and which, is the directory's own and the
/// operator's to know; a partner asks for an explanation, which tells what concerns it.
fn warnings(unjudged: &[UnjudgedDeny], role: Role) -> Vec<String> {
    match (unjudged.len(), role) {
        (0, _) => Vec::new(),
        (count, Role::Partner) => vec![format!(
            "deny assignments that cannot be judged: {count}; the roles that they are about count \
             as not denied"
        )],
        _ => unjudged.iter().map(ToString::to_string).collect(),
    }
}

fn rows(
    question: &Question,
    app: &App,
    snapshot: &Snapshot,
    keys: &[KeyColumn],
    (unjudged, stop): (&UnjudgedDenies, &AtomicBool),
) -> Result<Vec<Row>, HttpError> {
    let counter = AtomicU64::new(0);
    let mut options = question.options(&counter, stop);
    options.unjudged = Some(unjudged);
    let asked = question.asked(app, &app.live.roles, snapshot);
    let mut rows = Vec::new();
    let mut too_many = false;
    let made =
        app.live.composer.report(asked, keys, &options, &mut |keys, charges, cost, credit| {
            if rows.len() == IN_PAGES {
                too_many = true;
                return Err(EngineError::Io(std::io::ErrorKind::FileTooLarge.into()));
            }
            let keys = keys.iter().map(|key| key.map(str::to_owned)).collect();
            rows.push(Row { keys, charges, cost, credited_cost: credit });
            Ok(())
        });
    if too_many {
        return Err(HttpError::new(
            StatusCode::UNPROCESSABLE_ENTITY,
            "TooManyRows",
            format!(
                "The report has more than {IN_PAGES} rows, too many for pages. Group by fewer \
                 columns, ask for one month, or download it whole with format=csv or parquet."
            ),
        ));
    }
    made.map_err(|error| unreadable(&error, question.role))?;
    Ok(rows)
}

/// Rows as they were written.
fn values(json: &[u8]) -> Result<Vec<ReportLine>, HttpError> {
    serde_json::from_slice(json).map_err(|error| {
        tracing::error!(%error, "rows cannot be read");
        HttpError::internal()
    })
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

fn columns(text: &str) -> Result<Vec<KeyColumn>, String> {
    let mut keys: Vec<KeyColumn> = Vec::new();
    for name in text.split(',') {
        let key: KeyColumn = name.parse().map_err(|e: pal_model::UnknownColumn| e.to_string())?;
        if keys.contains(&key) {
            return Err(format!("it names {key} twice"));
        }
        keys.push(key);
    }
    Ok(keys)
}
