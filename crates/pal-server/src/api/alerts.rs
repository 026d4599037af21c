//! `GET /api/v1/alerts`: what will cost a partner credit, or already does, to those who can mend it.

use std::sync::Arc;
use std::sync::atomic::AtomicU64;

use axum::extract::State;
use axum::http::Uri;
use axum::response::Response;
use pal_attribution::alerts::{Alert, Code, Limits, alerts as found, not_looked_at, two_months};
use pal_attribution::answer::Basis;
use pal_attribution::engine::Usage;
use pal_attribution::ingest::ReadOptions;
use pal_model::{PrivacyLevel, ViewerLevel};
use serde_json::{Map, Value, json};

use super::report::{record, unprocessable};
use crate::App;
use crate::http::{
    Form, HttpError, POLICIES, Page, Parameter, Query, Role, SKIPTOKEN, Sight, SignedIn, TOP,
    joined, reading, time,
};

/// What it reads.
pub const PARAMETERS: &[Parameter] = &[
    Parameter::new("policy", POLICIES, "By which rules there is credit."),
    Parameter::new(
        "within",
        Form::Pattern("^[1-9][0-9]{0,2}$"),
        "How many days to look ahead and back; 30 if not said.",
    ),
    Parameter::new(
        "drop",
        Form::Pattern("^([0-9]|[1-9][0-9]|100)$"),
        "How many percent of credit may be lost from one month to the next; 20 if not said.",
    ),
    TOP,
    SKIPTOKEN,
];

/// For operators, who sees all of them; for those who look after the links of a partner, its own; for
/// auditors, those of their directory.
pub async fn alerts(State(app): State<Arc<App>>, signed: SignedIn, uri: Uri) -> Response {
    reading(&app, &signed, async {
        let sight = Sight::of(&app, &signed).await?;
        if !sight.operator && !sight.audits && sight.administers.is_empty() {
            return Err(HttpError::no_such_path());
        }
        let query = Query::read(&uri, PARAMETERS)?;
        let policy = query.policy(&app.policies)?;
        let limits = Limits {
            within_days: query.parsed("within", |text| number(text, 1..=999))?.unwrap_or(30),
            drop_percent: query.parsed("drop", |text| number(text, 0..=100))?.unwrap_or(20),
        };
        let page = Page::read(&app, &signed, &uri, &query).await?;
        let (facts, asked) = (page.facts(&app, &sight.facts).await?, page.clone());
        let roles = app.live.roles.clone();
        let snapshot = app.live.snapshot(None).await?;
        let fresh = snapshot.freshness(None);
        let parts = app.live.parts_of(&snapshot.counted, None)?;
        let made = tokio::task::spawn_blocking(move || {
            let basis = Basis { facts: &facts, roles: &roles, policy: &policy };
            let rows = AtomicU64::new(0);
            let usage = Usage::Parts(&parts);
            let credit = two_months(basis, usage, ReadOptions::default(), &rows, asked.at);
            let credit = credit.map_err(|error| unprocessable(&error))?;
            let seen: Vec<Alert> = found(basis, asked.at, &limits, Some(&credit))
                .into_iter()
                .filter(|alert| sees(&sight, alert))
                .collect();
            let part = asked.part(seen, |alert| described(alert).to_string())?;
            let left_out = not_looked_at(basis.facts, asked.at, Some(&credit));
            Ok((part, left_out, sight.role(None).unwrap_or(Role::Partner)))
        });
        let (part, left_out, role) = joined(made.await)?;
        if part.values.iter().any(|alert| alert.code == Code::CreditDropped) {
            record(&app, &signed, role, &uri).await?;
        }
        let left_out: Vec<Value> =
            left_out.iter().map(|(code, why)| json!({ "code": code.name(), "why": why })).collect();
        let mut rest = Map::new();
        rest.insert("notLookedAt".to_owned(), left_out.into());
        rest.insert("completeUntil".to_owned(), json!(fresh.complete_until));
        Ok(page.answer(&app, rest, part.map(|alert| described(&alert))))
    })
    .await
}

fn number(text: &str, range: std::ops::RangeInclusive<u32>) -> Result<u32, String> {
    let found = text.parse().ok().filter(|number| range.contains(number));
    found.ok_or_else(|| {
        format!("it must be a whole number from {} to {}", range.start(), range.end())
    })
}

/// An alert that has money is for those who may read that money.
fn sees(sight: &Sight, alert: &Alert) -> bool {
    if sight.operator || (sight.audits && alert.tenant == sight.who.tenant) {
        return true;
    }
    let Some(partner) = alert.partner.filter(|id| sight.administers.contains(id)) else {
        return false;
    };
    alert.code != Code::CreditDropped
        || (sight.views.get(&partner) == Some(&ViewerLevel::Executive)
            && sight.privacy_of(alert.tenant) < PrivacyLevel::Masked)
}

fn described(alert: &Alert) -> Value {
    json!({
        "code": alert.code.name(),
        "severity": alert.severity.name(),
        "at": alert.at.map(time::text),
        "partnerId": alert.partner.map(|id| id.to_string()),
        "tenantId": alert.tenant.to_string(),
        "principalTenantId": alert.principal.map(|who| who.tenant.to_string()),
        "principalId": alert.principal.map(|who| who.object.to_string()),
        "scope": alert.scope.as_ref().map(ToString::to_string),
        "message": alert.message,
        "assumed": !alert.assumed.is_empty(),
    })
}
