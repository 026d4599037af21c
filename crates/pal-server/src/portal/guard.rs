//! Before every handler that needs a session: is there one, and was the request made by our own pages?
//!
//! The cookie goes with whatever a browser sends here, also when another site has made it send that.
//! So a change needs three things: `Origin` (or `Sec-Fetch-Site`) says that our own page asks, a header
//! that no other site can set, and in it a token that no other site can read (T42).

use std::sync::Arc;

use axum::Extension;
use axum::extract::{Request, State};
use axum::http::{HeaderMap, HeaderName, Method, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};

use super::Portal;
use super::cookies::{self, SESSION, text};
use super::session::{Current, SessionState, current};
use crate::App;
use crate::http::{HttpError, SessionCaller};

const CSRF: HeaderName = HeaderName::from_static("x-openpal-csrf");
const SITE: HeaderName = HeaderName::from_static("sec-fetch-site");

/// Lets a request pass as the session's account, and as nobody else's: a bearer token is not looked at.
pub async fn guard(
    State(app): State<Arc<App>>,
    Extension(portal): Extension<Arc<Portal>>,
    mut request: Request,
    next: Next,
) -> Response {
    let session = match admit(&app, &portal, request.method(), request.headers()).await {
        Ok(session) => session,
        Err((error, over)) => {
            let mut response = error.into_response();
            if over {
                cookies::drop(&mut response, SESSION);
            }
            return response;
        }
    };
    let caller = session.caller(&portal);
    for name in [header::AUTHORIZATION, header::COOKIE] {
        request.headers_mut().remove(name);
    }
    request.extensions_mut().insert(SessionCaller(caller));
    request.extensions_mut().insert(session);
    next.run(request).await
}

/// The session of a request; else why not, and whether the cookie is of no more use.
async fn admit(
    app: &App,
    portal: &Portal,
    method: &Method,
    headers: &HeaderMap,
) -> Result<Current, (HttpError, bool)> {
    let reads = matches!(*method, Method::GET | Method::HEAD);
    let own = if reads { may_read(headers) } else { is_own(headers, &app.base) };
    if !own {
        return Err((foreign(), false));
    }
    let found = current(app, portal, headers).await.map_err(|error| (error, false))?;
    let mut session = match found {
        SessionState::Nothing => return Err((signed_out(), true)),
        SessionState::Ended(error) => return Err((error, true)),
        SessionState::Session(session) => *session,
    };
    let given = text(headers, CSRF).filter(|_| headers.get_all(CSRF).iter().count() == 1);
    if !reads && !given.is_some_and(|given| session.is_own(portal, given)) {
        return Err((another_page(), false));
    }
    session.used(app, false).await.map_err(|error| (error, false))?;
    Ok(session)
}

/// Whether a change was asked for by our own page. `null` is nobody's origin.
fn is_own(headers: &HeaderMap, base: &str) -> bool {
    // The configured address may be written with its port or in capitals; browsers write neither.
    let Ok(base) = url::Url::parse(base).map(|base| base.origin().ascii_serialization()) else {
        return false;
    };
    let mut origins = headers.get_all(header::ORIGIN).iter();
    let site = text(headers, SITE);
    match (origins.next(), origins.next()) {
        (Some(origin), None) => {
            origin.as_bytes() == base.as_bytes() && site.is_none_or(|site| site == "same-origin")
        }
        (None, _) => site == Some("same-origin"),
        _ => false,
    }
}

/// Whether a read was asked for by our own page, or by the person who typed its address. Other sites
/// could not read the answer; they are not to cause reads either, some of which are recorded.
fn may_read(headers: &HeaderMap) -> bool {
    text(headers, SITE).is_none_or(|site| matches!(site, "same-origin" | "none"))
}

fn foreign() -> HttpError {
    HttpError::forbidden(
        "The request was not made by a page of this portal. Nothing was changed. Open the portal and \
         do it there.",
    )
}

fn another_page() -> HttpError {
    HttpError::new(
        StatusCode::FORBIDDEN,
        "SessionChanged",
        "The page was made for another session or another directory. Nothing was changed. Reload the \
         page, see which directory it shows, and try again.",
    )
}

/// 401: there is no session, or none any more.
pub fn signed_out() -> HttpError {
    HttpError::new(
        StatusCode::UNAUTHORIZED,
        "AuthenticationFailed",
        "You are not signed in, or the session has ended. Sign in at /portal/auth/sign-in.",
    )
}
