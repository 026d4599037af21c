//! `GET /subscriptions`: those the caller has a role on or in, delegated ones included.

use std::sync::Arc;

use axum::extract::{Path, State};
use axum::http::Uri;
use axum::response::Response;
use pal_attribution::access::{Visible, visible_subscriptions};
use schemars::JsonSchema;
use serde::Serialize;

use super::version::{self, Versions};
use crate::App;
use crate::http::{Answer, HttpError, Json, SignedIn, account, reading};

pub async fn list(State(app): State<Arc<App>>, signed: SignedIn, uri: Uri) -> Response {
    reading(&app, &signed, async {
        let shown = visible(&app, &signed, &uri).await?;
        let count = shown.len();
        let body = Listed { value: shown, count: Count { r#type: "Total", value: count } };
        Ok(Json(body).respond())
    })
    .await
}

/// `GET /subscriptions/{id}`.
pub async fn show(
    State(app): State<Arc<App>>,
    signed: SignedIn,
    uri: Uri,
    Path(id): Path<String>,
) -> Response {
    reading(&app, &signed, async {
        let mut shown = visible(&app, &signed, &uri).await?;
        let own = |s: &SubscriptionEntry| s.subscription_id.eq_ignore_ascii_case(&id);
        match shown.iter().position(own) {
            Some(at) => Ok(Json(shown.swap_remove(at)).respond()),
            None => Err(HttpError::new(
                axum::http::StatusCode::NOT_FOUND,
                "SubscriptionNotFound",
                "There is no subscription of this ID here that the account has a role on.",
            )),
        }
    })
    .await
}

async fn visible(
    app: &App,
    signed: &SignedIn,
    uri: &Uri,
) -> Result<Vec<SubscriptionEntry>, HttpError> {
    version::check(uri, Versions::Any)?;
    let now = app.now();
    account(app, signed.caller.principal, now).await?;
    let facts = app.live.facts().await?;
    let found = visible_subscriptions(&facts, signed.caller.principal, now);
    Ok(found.iter().map(shown).collect())
}

#[derive(Serialize, JsonSchema)]
struct Listed {
    value: Vec<SubscriptionEntry>,
    count: Count,
}

#[derive(Serialize, JsonSchema)]
struct Count {
    r#type: &'static str,
    value: usize,
}

#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct SubscriptionEntry {
    id: String,
    authorization_source: &'static str,
    managed_by_tenants: Vec<Managing>,
    subscription_id: String,
    tenant_id: String,
    display_name: String,
    state: &'static str,
    subscription_policies: Policies,
}

#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct Managing {
    tenant_id: String,
}

#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct Policies {
    location_placement_id: &'static str,
    quota_id: &'static str,
    spending_limit: &'static str,
}

fn shown(visible: &Visible) -> SubscriptionEntry {
    let lower = |id: &dyn ToString| id.to_string().to_ascii_lowercase();
    let id = lower(&visible.subscription.subscription);
    SubscriptionEntry {
        id: format!("/subscriptions/{id}"),
        authorization_source: "RoleBased",
        managed_by_tenants: visible
            .managed_by
            .iter()
            .map(|tenant| Managing { tenant_id: lower(tenant) })
            .collect(),
        tenant_id: lower(&visible.subscription.tenant),
        display_name: visible.subscription.name.clone().unwrap_or_else(|| id.clone()),
        subscription_id: id,
        state: "Enabled",
        subscription_policies: Policies {
            location_placement_id: "Public_2014-09-01",
            quota_id: "PayAsYouGo_2014-09-01",
            spending_limit: "Off",
        },
    }
}
