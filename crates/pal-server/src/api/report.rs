//! `GET /api/v1/reports`: a report or the balance over the live data, as far as the caller may see
//! it. A balance is the operator's: it adds up over everybody.

use std::io::Write;
use std::sync::atomic::AtomicU64;
use std::sync::{Arc, Mutex, PoisonError};

use axum::body::Body;
use axum::extract::State;
use axum::http::{HeaderValue, StatusCode, Uri, header};
use axum::response::Response;
use pal_attribution::answer::{Basis, month, write_report};
use pal_attribution::engine::Options;
use pal_attribution::output::Format;
use pal_model::{KeyColumn, PartnerId};
use serde_json::json;

use super::query::{FLAG, Form, MONTH, PARTNER, POLICIES, Parameter, Query};
use super::sight::{Role, Sight};
use crate::App;
use crate::arm::caller::SignedIn;
use crate::arm::error::ArmError;

/// What it reads.
pub const PARAMETERS: &[Parameter] = &[
    Parameter::new("month", MONTH, "Only charges that start in this month (UTC)."),
    Parameter::new("policy", POLICIES, "By which rules."),
    Parameter::new("group_by", Form::Text, "Key columns, separated by commas."),
    Parameter::new("partner", PARTNER, "Only this partner ID."),
    Parameter::new("as", Form::Words(&["operator", "partner", "customer"]), "As whom."),
    Parameter::new("known_at", Form::Instant, "As it was known then."),
    Parameter::new("format", Form::Words(&["csv", "json", "parquet", "table"]), "In which form."),
    Parameter::new("balance", FLAG, "The balance instead of the rows."),
];

/// For operators, viewers of partners and auditors of customers.
pub async fn reports(State(app): State<Arc<App>>, signed: SignedIn, uri: Uri) -> Response {
    crate::arm::reading(&app, &signed, async {
        let sight = Sight::of(&app, &signed).await?;
        sight.role(None)?;
        let query = Query::read(&uri, PARAMETERS)?;
        let asked = query.word("as", &Role::NAMES.map(|(name, role)| (name, Some(role))), None)?;
        let role = sight.role(asked)?;
        let partner: Option<PartnerId> = query.value("partner")?;
        let month = query.parsed("month", month)?;
        let policy = query.policy()?;
        let keys = query.parsed("group_by", columns)?;
        let balance = query.word("balance", &[("true", true), ("false", false)], false)?;
        if balance && (role != Role::Operator || partner.is_some()) {
            return Err(ArmError::bad_request(
                "A balance adds up over all partners and customers: operators ask for it, without \
                 a partner.",
            ));
        }
        let format = query.word("format", &Format::NAMES, Format::Csv)?;
        let view = sight.view(&app, role, partner);
        if !view.without_money {
            record(&app, &signed, role, &uri).await?;
        }
        let snapshot = app.live.snapshot(query.known_at()?).await?;
        let (facts, roles) = (snapshot.facts, app.live.roles.clone());
        let parts = app.live.parts_of(&snapshot.counted, month)?;
        let made = tokio::task::spawn_blocking(move || {
            let rows = AtomicU64::new(0);
            let mut options = Options::new(&rows);
            options.month = month;
            options.view = view;
            let keys = keys.as_deref().unwrap_or(&KeyColumn::DEFAULT);
            let basis = Basis { facts: &facts, roles: &roles, policy: &policy };
            let body = Written::default();
            let out = Box::new(body.clone());
            write_report(basis, &parts, (!balance).then_some(keys), &options, format, out)
                .map_err(|error| unprocessable(&error))?;
            Ok(body.take())
        });
        Ok(answer(format, joined(made.await)?))
    })
    .await
}

/// Every read of money is in the audit log, before it is answered.
pub(super) async fn record(
    app: &App,
    signed: &SignedIn,
    role: Role,
    uri: &Uri,
) -> Result<(), ArmError> {
    let detail = json!({ "as": role.name(), "query": uri.query().unwrap_or_default() });
    Ok(app.store.record_read(signed.actor(), app.now(), detail.to_string()).await?)
}

/// The result of work on another thread, which ends only by its own end or by a fault.
pub(super) fn joined<T>(
    done: Result<Result<T, ArmError>, tokio::task::JoinError>,
) -> Result<T, ArmError> {
    done.unwrap_or_else(|error| {
        tracing::error!(%error, "work ended early");
        Err(ArmError::internal())
    })
}

/// The data cannot be used as it is: not a fault of the request, nor of the program.
pub(super) fn unprocessable(error: &dyn std::fmt::Display) -> ArmError {
    ArmError::new(StatusCode::UNPROCESSABLE_ENTITY, "UsageNotReadable", error.to_string())
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

fn answer(format: Format, body: Vec<u8>) -> Response {
    let kind = match format {
        Format::Csv => "text/csv; charset=utf-8",
        Format::Json => "application/json; charset=utf-8",
        Format::Parquet => "application/vnd.apache.parquet",
        Format::Table => "text/plain; charset=utf-8",
    };
    let mut response = Response::new(Body::from(body));
    response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static(kind));
    response
}

/// Bytes that a writer leaves behind.
#[derive(Clone, Default)]
struct Written(Arc<Mutex<Vec<u8>>>);

impl Written {
    fn take(&self) -> Vec<u8> {
        std::mem::take(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

impl Write for Written {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}
