//! `GET /api/v1/me`: who the caller is here, what it is linked to, and whether that can earn.

use pal_api::Me;
use pal_model::{PrincipalKind, UserKind};
use pal_store::{Account, LinkState};

use super::subscriptions;
use crate::http::{Call, HttpError, Json, linked_to, time};

pub async fn me(call: Call<Account>) -> Result<Json<Me>, HttpError> {
    let Call { app, reader: account, .. } = call;
    let (now, own) = (app.now(), account.principal);
    let (_, link) = app.store.own_link(own, now).await?;
    let tenant = app.store.tenant(own.tenant, now).await?;
    let subscriptions = subscriptions(&*app.live.facts().await?, own, now);
    let link = link.filter(|link| link.state == LinkState::Active).map(linked_to);
    // Linking without access is allowed; saying nothing about it is not.
    let warning = (link.is_some() && subscriptions.is_empty()).then_some("no-access");
    Ok(Json(Me {
        tenant_id: own.tenant.into(),
        object_id: own.object.into(),
        name: account.name,
        erased_time: app.store.erased(own).await?.map(|at| time::text(at).into()),
        kind: account.kind.name().into(),
        guest: account.kind == PrincipalKind::User && account.user_kind == Some(UserKind::Guest),
        tenant_name: tenant.as_ref().and_then(|t| t.name.clone()),
        tenant_domain: tenant.and_then(|t| t.domain),
        operator: app.operators.contains(&own),
        link,
        subscriptions,
        warnings: warning.into_iter().map(Into::into).collect(),
    }))
}
