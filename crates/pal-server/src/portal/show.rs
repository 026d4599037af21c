//! The session, as pages see it: who, where, what they may; and the way to another directory.

use std::sync::Arc;

use axum::Extension;
use axum::body::Body;
use axum::extract::State;
use axum::http::HeaderMap;
use axum::response::Response;
use pal_api::{Directory, DirectoryLink, Roles, Session, SessionAccount, SessionAnswer, SignedOut};
use pal_model::{Instant, Principal, PrincipalKind, TenantId, UserKind};
use pal_store::{Account, LinkState};
use serde_json::Value;

use super::Portal;
use super::cookies::{self, SESSION};
use super::directory::own;
use super::guard::signed_out;
use super::session::{Current, SessionState, current, end};
use crate::App;
use crate::http::{Answer, HttpError, Json, Sight, SignedIn, live, object, time};
use crate::limits::Bounds;

/// `GET /portal/session`: 200, whoever asks. It is no use of the session: a page may ask it often.
pub async fn session(
    State(app): State<Arc<App>>,
    Extension(portal): Extension<Arc<Portal>>,
    headers: HeaderMap,
) -> Result<Response, HttpError> {
    let over = match current(&app, &portal, &headers).await? {
        SessionState::Session(session) => return shown(&app, &portal, &session).await,
        SessionState::Nothing => cookies::find(&headers, SESSION).is_some(),
        SessionState::Ended(_) => true,
    };
    let mut response = Json(SessionAnswer::SignedOut(SignedOut { signed_in: false })).respond();
    if over {
        cookies::drop(&mut response, SESSION);
    }
    Ok(response)
}

/// `POST /portal/session/keep`: the idle time begins anew.
pub async fn keep(
    State(app): State<Arc<App>>,
    Extension(portal): Extension<Arc<Portal>>,
    Extension(mut session): Extension<Current>,
) -> Result<Response, HttpError> {
    session.used(&app, true).await?;
    shown(&app, &portal, &session).await
}

/// `POST /portal/session/directory` `{"tenantId":"…"}`: the same person in another directory.
pub async fn directory(
    State(app): State<Arc<App>>,
    Extension(portal): Extension<Arc<Portal>>,
    Extension(mut session): Extension<Current>,
    Extension(bounds): Extension<Bounds>,
    headers: HeaderMap,
    body: Body,
) -> Result<Response, HttpError> {
    let asked = object(&headers, body, bounds).await?;
    let tenant: Option<TenantId> =
        asked.get("tenantId").and_then(Value::as_str).and_then(|text| text.parse().ok());
    let tenant = tenant
        .ok_or_else(|| HttpError::bad_request("tenantId: name the directory by its ID, a GUID."))?;
    if tenant == session.kept.account.tenant {
        return shown(&app, &portal, &session).await;
    }
    let own = own(&app, &session, tenant).await?;
    session.account = live(app.store.account(own, app.now()).await?)?;
    // Decided once more where it is written: an account of this person, or nothing (P1).
    if !app.store.switch_portal_session(session.hash, own).await? {
        return Err(signed_out());
    }
    session.kept.account = own;
    shown(&app, &portal, &session).await
}

async fn shown(app: &App, portal: &Portal, session: &Current) -> Result<Response, HttpError> {
    let (own, now) = (session.kept.account, app.now());
    let tenant = app.store.tenant(own.tenant, now).await?;
    let signed =
        SignedIn { caller: session.caller(portal), request: String::new(), prefix: "/portal" };
    let sight = Sight::of(app, &signed).await?;
    let account = SessionAccount {
        tenant_id: own.tenant.into(),
        tenant_name: tenant.as_ref().and_then(|t| t.name.clone()),
        domain: tenant.and_then(|t| t.domain),
        object_id: own.object.into(),
        name: session.account.name.clone(),
        erased_time: app.store.erased(own).await?.map(|at| time::text(at).into()),
        user_type: user_type(&session.account).map(Into::into),
    };
    let session = Session {
        signed_in: true,
        version: env!("CARGO_PKG_VERSION").to_owned(),
        csrf: session.csrf(portal),
        expires_at: time::text(end(portal, &session.kept)).into(),
        demo: portal.options.demo,
        account,
        directories: directories(app, session, now).await?,
        roles: Roles {
            viewer: !sight.views.is_empty(),
            link_administrator: !sight.administers.is_empty(),
            auditor: sight.audits,
            operator: sight.operator,
        },
    };
    Ok(Json(SessionAnswer::SignedIn(Box::new(session))).respond())
}

fn user_type(account: &Account) -> Option<&'static str> {
    (account.kind == PrincipalKind::User).then_some(match account.user_kind {
        Some(UserKind::Guest) => "Guest",
        _ => "Member",
    })
}

/// The accounts of the person, as far as they are known: all at the embedded issuer, else this one.
///
/// # Errors
/// The store cannot be asked.
pub async fn accounts(app: &App, session: &Current) -> Result<Vec<Principal>, HttpError> {
    Ok(match &session.kept.login {
        Some(login) => app.store.login(login).await?.map(|l| l.accounts).unwrap_or_default(),
        None => vec![session.kept.account],
    })
}

pub fn how(account: &Account) -> &'static str {
    if account.user_kind == Some(UserKind::Guest) { "guest" } else { "member" }
}

async fn directories(
    app: &App,
    session: &Current,
    now: Instant,
) -> Result<Vec<Directory>, HttpError> {
    let mut all = Vec::new();
    for who in accounts(app, session).await? {
        all.extend(directory_of(app, who, now).await?);
    }
    Ok(all)
}

/// A directory where the person has an account that may do something.
async fn directory_of(
    app: &App,
    who: Principal,
    now: Instant,
) -> Result<Option<Directory>, HttpError> {
    let (account, link) = app.store.own_link(who, now).await?;
    let Ok(account) = live(account) else { return Ok(None) };
    let tenant = app.store.tenant(who.tenant, now).await?;
    let link = link.filter(|link| link.state == LinkState::Active).map(|link| DirectoryLink {
        partner_id: link.partner.into(),
        partner_name: link.partner_name,
    });
    Ok(Some(Directory {
        tenant_id: who.tenant.into(),
        tenant_name: tenant.as_ref().and_then(|t| t.name.clone()),
        domain: tenant.and_then(|t| t.domain),
        object_id: who.object.into(),
        how: how(&account).into(),
        link,
    }))
}
