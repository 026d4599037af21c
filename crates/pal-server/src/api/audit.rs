//! `/api/v1/audit`: what was done by whom, the signed checkpoints, and whether anybody changed the
//! past (P13). For operators.

use std::sync::Arc;

use axum::extract::State;
use axum::http::Uri;
use axum::response::Response;
use pal_model::{Principal, TenantId};
use pal_store::{AuditAction, AuditFilter, AuditRecord, hex};
use serde_json::{Map, Value, json};

use crate::App;
use crate::http::{
    Form, GUID, HttpError, PAGED, Page, Parameter, Part, Query, SKIPTOKEN, SignedIn, TOP, json,
    reading, time, writing,
};

/// What the list of records reads.
pub const PARAMETERS: &[Parameter] = &[
    Parameter::new("action", Form::Words(&ACTIONS), "Only what was done so."),
    Parameter::new(
        "tenant",
        GUID,
        "Only what somebody of this directory did, or what was done to its links.",
    ),
    Parameter::new("object", GUID, "Only this object of the directory; tenant is required."),
    Parameter::new("from", Form::Instant, "From this instant on."),
    Parameter::new("to", Form::Instant, "Before this instant."),
    TOP,
    SKIPTOKEN,
];

/// The words for actions.
pub const ACTIONS: [&str; AuditAction::ALL.len()] = [
    AuditAction::LinkCreate.name(),
    AuditAction::LinkUpdate.name(),
    AuditAction::LinkDelete.name(),
    AuditAction::FactsImport.name(),
    AuditAction::CredentialSet.name(),
    AuditAction::ReportRead.name(),
    AuditAction::UsageImport.name(),
    AuditAction::UsageWithdraw.name(),
    AuditAction::PrivacySet.name(),
    AuditAction::StoreState.name(),
    AuditAction::SessionChange.name(),
];

/// The records, newest first.
pub async fn records(State(app): State<Arc<App>>, signed: SignedIn, uri: Uri) -> Response {
    reading(&app, &signed, async {
        super::operator(&app, &signed).await?;
        let query = Query::read(&uri, PARAMETERS)?;
        let page = Page::read(&app, &signed, &uri, &query).await?;
        let actions = AuditAction::ALL.map(|action| (action.name(), Some(action)));
        let tenant: Option<TenantId> = query.value("tenant")?;
        let filter = AuditFilter {
            before: before(&page),
            action: query.word("action", &actions, None)?,
            tenant,
            object: query.value("object")?,
            from: query.value("from")?,
            to: query.value("to")?,
        };
        if filter.object.is_some() && tenant.is_none() {
            return Err(HttpError::bad_request(
                "An object is one of a directory: give tenant, too.",
            ));
        }
        let found = app.store.audit_records(filter, limit(&page)).await?;
        let part = part(&page, found, |record| record.number);
        Ok(page.answer(&app, Map::new(), part.map(|record| described(&record))))
    })
    .await
}

/// The signed checkpoints, newest first, and the key that they are signed with.
pub async fn checkpoints(State(app): State<Arc<App>>, signed: SignedIn, uri: Uri) -> Response {
    reading(&app, &signed, async {
        super::operator(&app, &signed).await?;
        let page = Page::read(&app, &signed, &uri, &Query::read(&uri, PAGED)?).await?;
        let (found, key) = app.store.audit_checkpoints(before(&page), limit(&page)).await?;
        let mut rest = Map::new();
        rest.insert("publicKey".to_owned(), key.into());
        let part = part(&page, found, |checkpoint| checkpoint.number);
        let shown = part.map(|checkpoint| {
            json!({
                "number": checkpoint.number,
                "hash": checkpoint.hash,
                "at": checkpoint.at,
                "signature": checkpoint.signature,
            })
        });
        Ok(page.answer(&app, rest, shown))
    })
    .await
}

/// Looks whether log, register and the checkpoints of the data folder fit together.
pub async fn verify(State(app): State<Arc<App>>, signed: SignedIn, uri: Uri) -> Response {
    writing(&app, &signed, async {
        super::operator(&app, &signed).await?;
        Query::read(&uri, &[])?;
        let report = app.store.audit_verify().await?;
        let body = json!({
            "whole": report.is_whole(),
            "records": report.records,
            "checkpoints": report.checkpoints,
            "links": report.links,
            "findings": report.findings,
        });
        Ok(json(body.to_string().into_bytes()))
    })
    .await
}

/// The number that a page's entries come before.
fn before(page: &Page) -> Option<i64> {
    page.position().and_then(|position| i64::try_from(position).ok())
}

/// One more than a page has tells whether there is another.
fn limit(page: &Page) -> u32 {
    u32::try_from(page.top + 1).unwrap_or(u32::MAX)
}

/// What is read by number, newest first, neither changes nor moves.
fn part<T>(page: &Page, mut found: Vec<T>, number: impl Fn(&T) -> i64) -> Part<T> {
    let more = found.len() > page.top;
    found.truncate(page.top);
    let last = found.last().map(number).and_then(|number| u64::try_from(number).ok());
    Part { values: found, next: last.filter(|_| more).map(|last| page.next(last)) }
}

fn described(record: &AuditRecord) -> Value {
    let who = |who: Option<Principal>| {
        who.map(
            |who| json!({ "tenantId": who.tenant.to_string(), "objectId": who.object.to_string() }),
        )
    };
    json!({
        "number": record.number,
        "at": time::text(record.at),
        "action": record.action.name(),
        "actor": who(record.actor.principal),
        "clientId": record.actor.client,
        "tokenHash": record.actor.token,
        "requestId": record.actor.request,
        "target": who(record.target),
        "detail": json_of(&record.detail),
        "versionBefore": record.versions.0,
        "versionAfter": record.versions.1,
        "hash": hex(&record.hash),
        "previous": hex(&record.previous),
        "evidence": record.evidence.as_deref().map(json_of),
    })
}

/// It is ours, and an object; what was changed by other means is shown as it is.
fn json_of(text: &str) -> Value {
    serde_json::from_str(text).unwrap_or_else(|_| text.into())
}
