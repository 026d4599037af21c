//! `GET /api/v1/alerts`: what will cost a partner credit, or already does, to those who can mend it.

use std::sync::atomic::AtomicU64;

use pal_api::{AlertsReach, List, NotLookedAt};
use pal_attribution::alerts::{Alert, Code, Limits, alerts as found, not_looked_at, two_months};
use pal_attribution::answer::Basis;
use pal_attribution::engine::Usage;
use pal_attribution::ingest::ReadOptions;
use pal_model::{PrivacyLevel, ViewerLevel};

use super::report::{record, unprocessable};
use crate::http::{
    Call, Caretaker, Form, HttpError, Json, POLICIES, Parameter, Role, SKIPTOKEN, Sight, TOP,
    joined, time,
};

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
pub async fn alerts(
    call: Call<Caretaker>,
) -> Result<Json<List<pal_api::Alert, AlertsReach>>, HttpError> {
    let page = call.page().await?;
    let Call { app, signed, reader: Caretaker(sight), query, uri, .. } = call;
    let policy = query.policy(&app.policies)?;
    let limits = Limits {
        within_days: query.parsed("within", |text| number(text, 1..=999))?.unwrap_or(30),
        drop_percent: query.parsed("drop", |text| number(text, 0..=100))?.unwrap_or(20),
    };
    let (facts, asked) = (page.facts(&app, &sight.facts).await?, page.clone());
    let roles = app.live.roles.clone();
    let place = app.work.reports.admit().await?;
    let snapshot = app.live.snapshot(None).await?;
    let fresh = snapshot.freshness(None);
    let parts = app.live.parts_of(&snapshot.counted, None)?;
    let made = place.run(move |stop| {
        let basis = Basis { facts: &facts, roles: &roles, policy: &policy };
        let rows = AtomicU64::new(0);
        let usage = Usage::Parts(&parts);
        let read = ReadOptions { stop: Some(stop), ..ReadOptions::default() };
        let credit = two_months(basis, usage, read, &rows, asked.at);
        let credit = credit.map_err(|error| unprocessable(&error))?;
        let seen: Vec<Alert> = found(basis, asked.at, &limits, Some(&credit))
            .into_iter()
            .filter(|alert| sees(&sight, alert))
            .collect();
        let part = asked.part(seen, |alert| format!("{:?}", described(alert)))?;
        let left_out = not_looked_at(basis.facts, asked.at, Some(&credit));
        Ok((part, left_out, sight.role(None).unwrap_or(Role::Partner)))
    });
    let (part, left_out, role) = joined(made.await)?;
    if part.values.iter().any(|alert| alert.code == Code::CreditDropped) {
        record(&app, &signed, role, &uri).await?;
    }
    let left_out = left_out
        .iter()
        .map(|(code, why)| NotLookedAt { code: code.name().into(), why: why.clone() });
    let reach = AlertsReach {
        not_looked_at: left_out.collect(),
        complete_until: fresh.complete_until.map(Into::into),
    };
    Ok(page.list(&app, reach, part.map(|alert| described(&alert))))
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

fn described(alert: &Alert) -> pal_api::Alert {
    pal_api::Alert {
        code: alert.code.name().into(),
        severity: alert.severity.name().into(),
        at: alert.at.map(|at| time::text(at).into()),
        partner_id: alert.partner.map(Into::into),
        tenant_id: alert.tenant.into(),
        principal_tenant_id: alert.principal.map(|who| who.tenant.into()),
        principal_id: alert.principal.map(|who| who.object.into()),
        scope: alert.scope.as_ref().map(ToString::to_string),
        message: alert.message.clone(),
        assumed: !alert.assumed.is_empty(),
    }
}
