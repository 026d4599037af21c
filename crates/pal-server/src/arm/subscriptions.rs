//! `GET /subscriptions`: those the caller has a role on or in, delegated ones included.

use std::sync::Arc;

use axum::extract::{Path, State};
use axum::http::Uri;
use axum::response::Response;
use pal_attribution::access::{Visible, visible_subscriptions};
use serde_json::{Value, json};

use super::version::{self, Versions};
use crate::App;
use crate::http::{HttpError, SignedIn, account, json, reading};

/// All of them.
pub async fn list(State(app): State<Arc<App>>, signed: SignedIn, uri: Uri) -> Response {
    reading(&app, &signed, async {
        let shown = visible(&app, &signed, &uri).await?;
        let count = shown.len();
        let body = json!({ "value": shown, "count": { "type": "Total", "value": count } });
        Ok(json(body.to_string().into_bytes()))
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
        let own =
            |s: &Value| s["subscriptionId"].as_str().is_some_and(|s| s.eq_ignore_ascii_case(&id));
        match shown.iter().position(own) {
            Some(at) => Ok(json(shown.swap_remove(at).to_string().into_bytes())),
            None => Err(HttpError::new(
                axum::http::StatusCode::NOT_FOUND,
                "SubscriptionNotFound",
                "There is no subscription of this ID here that the account has a role on.",
            )),
        }
    })
    .await
}

async fn visible(app: &App, signed: &SignedIn, uri: &Uri) -> Result<Vec<Value>, HttpError> {
    version::check(uri, Versions::Any)?;
    let now = app.now();
    account(app, signed.caller.principal, now).await?;
    let facts = app.live.facts().await?;
    let found = visible_subscriptions(&facts, signed.caller.principal, now);
    Ok(found.iter().map(shown).collect())
}

fn shown(visible: &Visible) -> Value {
    let id = visible.subscription.subscription.to_string().to_ascii_lowercase();
    let name = visible.subscription.name.clone().unwrap_or_else(|| id.clone());
    let managed_by: Vec<Value> = (visible.managed_by.iter())
        .map(|tenant| json!({ "tenantId": tenant.to_string().to_ascii_lowercase() }))
        .collect();
    json!({
        "id": format!("/subscriptions/{id}"),
        "authorizationSource": "RoleBased",
        "managedByTenants": managed_by,
        "subscriptionId": id,
        "tenantId": visible.subscription.tenant.to_string().to_ascii_lowercase(),
        "displayName": name,
        "state": "Enabled",
        "subscriptionPolicies": {
            "locationPlacementId": "Public_2014-09-01",
            "quotaId": "PayAsYouGo_2014-09-01",
            "spendingLimit": "Off",
        },
    })
}
