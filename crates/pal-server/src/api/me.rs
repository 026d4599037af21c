//! `GET /api/v1/me`: who the caller is here, what it is linked to, and whether that can earn.

use std::sync::Arc;

use axum::extract::State;
use axum::response::Response;
use pal_attribution::access::visible_subscriptions;
use pal_model::{PrincipalKind, UserKind};
use pal_store::LinkState;
use serde_json::{Value, json};

use crate::App;
use crate::http::{SignedIn, account, json, reading, time};

/// For anybody with an account.
pub async fn me(State(app): State<Arc<App>>, signed: SignedIn) -> Response {
    reading(&app, &signed, async {
        let now = app.now();
        let own = signed.caller.principal;
        let account = account(&app, own, now).await?;
        let (_, link) = app.store.own_link(own, now).await?;
        let tenant = app.store.tenant(own.tenant, now).await?;
        let facts = app.live.facts().await?;
        let subscriptions: Vec<Value> = (visible_subscriptions(&facts, own, now).iter())
            .map(|visible| {
                json!({
                    "subscriptionId": visible.subscription.subscription.to_string(),
                    "tenantId": visible.subscription.tenant.to_string(),
                    "displayName": visible.subscription.name,
                })
            })
            .collect();
        let link = link.filter(|link| link.state == LinkState::Active).map(|link| {
            json!({
                "partnerId": link.partner.to_string(),
                "partnerName": link.partner_name,
                "version": link.version,
                "updatedTime": time::text(link.updated),
                "createdTime": time::text(link.created),
            })
        });
        // Linking without access is allowed; saying nothing about it is not.
        let warning = (link.is_some() && subscriptions.is_empty()).then_some("no-access");
        let body = json!({
            "tenantId": own.tenant.to_string(),
            "objectId": own.object.to_string(),
            "name": account.name,
            "type": account.kind.name(),
            "guest": account.kind == PrincipalKind::User
                && account.user_kind == Some(UserKind::Guest),
            "tenantName": tenant.as_ref().and_then(|t| t.name.clone()),
            "tenantDomain": tenant.as_ref().and_then(|t| t.domain.clone()),
            "operator": app.operators.contains(&own),
            "link": link,
            "subscriptions": subscriptions,
            "warnings": warning.into_iter().collect::<Vec<_>>(),
        });
        Ok(json(body.to_string().into_bytes()))
    })
    .await
}
