//! The person's account in another directory: for good (`POST /portal/session/directory`), or for one
//! request (`x-openpal-directory`), so that one page may link in many directories.
//!
//! Both take an account of the session's own login and nothing else (P1). A header that is not
//! understood is refused: a link made in the wrong directory would be worse than none.

use std::sync::Arc;

use axum::extract::{Request, State};
use axum::http::{HeaderMap, HeaderName, StatusCode};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use pal_model::{Principal, TenantId};

use super::cookies::text;
use super::guard::signed_out;
use super::session::Current;
use crate::App;
use crate::http::{HttpError, SessionCaller, live};

const DIRECTORY: HeaderName = HeaderName::from_static("x-openpal-directory");

/// Lets a request that names a directory pass as the session's person there. The session stays where
/// it is.
pub async fn named(State(app): State<Arc<App>>, mut request: Request, next: Next) -> Response {
    let tenant = match asked(request.headers()) {
        Ok(None) => return next.run(request).await,
        Ok(Some(tenant)) => tenant,
        Err(error) => return error.into_response(),
    };
    let Some(session) = request.extensions().get::<Current>().cloned() else {
        return signed_out().into_response();
    };
    let account = match own(&app, &session, tenant).await {
        Ok(account) => account,
        Err(error) => return error.into_response(),
    };
    request.headers_mut().remove(DIRECTORY);
    if let Some(SessionCaller(caller)) = request.extensions_mut().get_mut::<SessionCaller>() {
        caller.principal = account;
    }
    next.run(request).await
}

fn asked(headers: &HeaderMap) -> Result<Option<TenantId>, HttpError> {
    let tenant = match headers.get_all(DIRECTORY).iter().count() {
        0 => return Ok(None),
        1 => text(headers, DIRECTORY).and_then(|text| text.parse().ok()),
        _ => None,
    };
    tenant.map(Some).ok_or_else(|| {
        HttpError::bad_request(
            "x-openpal-directory: name one directory by its ID, a GUID, once. Nothing was changed.",
        )
    })
}

/// The account of a session's person in a directory, which must be there and enabled.
///
/// # Errors
/// There is none; the issuer is another one, which alone knows; the store cannot be asked.
pub async fn own(app: &App, session: &Current, tenant: TenantId) -> Result<Principal, HttpError> {
    // The guard has just looked at this one.
    if tenant == session.kept.account.tenant {
        return Ok(session.kept.account);
    }
    let Some(login) = &session.kept.login else { return Err(sign_in_there(tenant)) };
    let accounts = app.store.login(login).await?.map(|login| login.accounts).unwrap_or_default();
    let own = accounts.into_iter().find(|account| account.tenant == tenant);
    let own = own.ok_or_else(HttpError::no_account)?;
    live(app.store.account(own, app.now()).await?)?;
    Ok(own)
}

/// An issuer elsewhere must say who somebody is in another directory.
fn sign_in_there(tenant: TenantId) -> HttpError {
    HttpError::new(
        StatusCode::FORBIDDEN,
        "SignInRequired",
        format!(
            "Your accounts in other directories are not known here. Sign in to that one: \
             /portal/auth/sign-in?tenant={tenant}"
        ),
    )
}
