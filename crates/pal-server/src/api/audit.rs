//! `/api/v1/audit`: what was done by whom, the signed checkpoints, and whether anybody changed the
//! past (P13). For operators.

use pal_api::{AuditCheckpoint, AuditDetail, AuditReport, List, Nothing, SigningKey, Who};
use pal_model::{Principal, TenantId};
use pal_store::{AuditAction, AuditFilter, AuditRecord, hex};

use crate::http::{
    Call, Form, GUID, HttpError, Json, Operator, Page, Parameter, Part, SKIPTOKEN, TOP, time,
};

/// What the list of records reads.
pub const PARAMETERS: &[Parameter] = &[
    Parameter::new("action", Form::Words(&ACTIONS), "Only what was done so."),
    Parameter::new(
        "tenant",
        GUID,
        "Only what somebody of this directory did, what was done to its links, or who of it was erased.",
    ),
    Parameter::new("object", GUID, "Only this object of the directory; tenant is required."),
    Parameter::new("from", Form::Instant, "From this instant on."),
    Parameter::new("to", Form::Instant, "Before this instant."),
    TOP,
    SKIPTOKEN,
];

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
    AuditAction::PersonErase.name(),
];

/// The records, newest first.
pub async fn records(call: Call<Operator>) -> Result<Json<List<pal_api::AuditRecord>>, HttpError> {
    let (app, query, page) = (&call.app, &call.query, call.page().await?);
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
        return Err(HttpError::bad_request("An object is one of a directory: give tenant, too."));
    }
    let found = app.store.audit_records(filter, limit(&page)).await?;
    let part = part(&page, found, |record| record.number);
    Ok(page.list(app, Nothing {}, part.map(described)))
}

/// The signed checkpoints, newest first, and the key that they are signed with.
pub async fn checkpoints(
    call: Call<Operator>,
) -> Result<Json<List<AuditCheckpoint, SigningKey>>, HttpError> {
    let (app, page) = (&call.app, call.page().await?);
    let (found, key) = app.store.audit_checkpoints(before(&page), limit(&page)).await?;
    let part = part(&page, found, |checkpoint| checkpoint.number);
    let shown = part.map(|checkpoint| AuditCheckpoint {
        number: checkpoint.number,
        hash: checkpoint.hash.into(),
        at: checkpoint.at.into(),
        signature: checkpoint.signature.into(),
    });
    Ok(page.list(app, SigningKey { public_key: key.into() }, shown))
}

/// Looks whether log, register and the checkpoints of the data folder fit together.
pub async fn verify(call: Call<Operator>) -> Result<Json<AuditReport>, HttpError> {
    let report = call.app.store.audit_verify().await?;
    Ok(Json(AuditReport {
        whole: report.is_whole(),
        records: report.records,
        checkpoints: report.checkpoints,
        links: report.links,
        findings: report.findings.iter().map(ToString::to_string).collect(),
        notes: report.notes.iter().map(ToString::to_string).collect(),
    }))
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

fn described(record: AuditRecord) -> pal_api::AuditRecord {
    let who = |who: Principal| Who { tenant_id: who.tenant.into(), object_id: who.object.into() };
    pal_api::AuditRecord {
        number: record.number,
        at: time::text(record.at).into(),
        action: record.action.name().into(),
        actor: record.actor.principal.map(who),
        client_id: record.actor.client,
        token_hash: record.actor.token,
        request_id: record.actor.request,
        target: record.target.map(who),
        detail: json_of(&record.detail),
        version_before: record.versions.0,
        version_after: record.versions.1,
        hash: hex(&record.hash).into(),
        previous: hex(&record.previous).into(),
        evidence: record.evidence.as_deref().map(json_of),
    }
}

/// It is ours, and an object; what was changed by other means is shown as it is.
fn json_of(text: &str) -> AuditDetail {
    let fields = serde_json::from_str(text).map(AuditDetail::Fields);
    fields.unwrap_or_else(|_| AuditDetail::Text(text.to_owned()))
}
