//! To the issuer, and back with a code; out again.

use std::sync::Arc;

use axum::Extension;
use axum::body::Body;
use axum::extract::{Request, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode};
use axum::response::{IntoResponse, Redirect, Response};
use serde_json::Value;

use super::cookies::{self, BEGUN, SESSION};
use super::pages::failed;
use super::pending_sign_in::{LIFE, PendingSignIn};
use super::provider::{Answer, Person, Refused};
use super::session::{self, Current};
use super::{Portal, same};
use crate::App;
use crate::http::{HttpError, object};
use crate::limits::Bounds;

/// Longest value in a query that is looked at.
const LONGEST: usize = 4 << 10;

/// Fields of a query; one that is there twice is refused.
struct SignInQuery(Vec<(String, String)>);

impl SignInQuery {
    fn of(request: &Request) -> Option<Self> {
        let query = request.uri().query().unwrap_or_default();
        let fields: Vec<(String, String)> =
            form_urlencoded::parse(query.as_bytes()).into_owned().collect();
        let doubled = |(at, (name, _)): (usize, &(String, String))| {
            fields.iter().take(at).any(|(known, _)| known == name)
        };
        let good = !fields.iter().enumerate().any(doubled)
            && fields.iter().all(|(_, value)| value.len() <= LONGEST);
        good.then_some(Self(fields))
    }

    fn get(&self, name: &str) -> Option<&str> {
        let found = self.0.iter().find(|(known, value)| known == name && !value.is_empty());
        found.map(|(_, value)| value.as_str())
    }
}

/// `GET /portal/auth/sign-in?return=/portal/…[&tenant=ID]`: on to the issuer.
pub async fn begin(
    State(app): State<Arc<App>>,
    Extension(portal): Extension<Arc<Portal>>,
    request: Request,
) -> Result<Response, HttpError> {
    let twice = || HttpError::bad_request("A parameter is there twice, or is too long.");
    let asked = SignInQuery::of(&request).ok_or_else(twice)?;
    let tenant = asked.get("tenant").map(str::parse).transpose().map_err(|_| {
        HttpError::bad_request("tenant: this is no directory ID. Give a GUID, or leave it out.")
    })?;
    let pending = PendingSignIn::new(&app, tenant, asked.get("return"));
    let parameters = pending.parameters(&portal);
    let languages = asked.get("ui_locales").filter(|languages| {
        let letters = |byte: u8| byte.is_ascii_alphanumeric() || b"- ".contains(&byte);
        languages.len() <= 40 && languages.bytes().all(letters)
    });
    let mut response = match portal.issuer.address(&app, &pending, &parameters, languages).await {
        Ok(address) => onwards(&address),
        Err(refused) => return Ok(failed(&app, request.headers(), refused)),
    };
    cookies::set(&mut response, BEGUN, &pending.sealed(&portal), Some(LIFE));
    Ok(response)
}

/// 303, where the address is of letters that a header can hold.
fn onwards(address: &str) -> Response {
    if HeaderValue::from_str(address).is_ok() {
        Redirect::to(address).into_response()
    } else {
        HttpError::internal().into_response()
    }
}

/// `GET /portal/auth/callback`: the issuer's answer.
pub async fn callback(
    State(app): State<Arc<App>>,
    Extension(portal): Extension<Arc<Portal>>,
    request: Request,
) -> Result<Response, HttpError> {
    let headers = request.headers();
    let pending = cookies::find(headers, BEGUN)
        .and_then(|cookie| PendingSignIn::opened(&app, &portal, cookie));
    let (Some(pending), Some(asked)) = (pending, SignInQuery::of(&request)) else {
        return Ok(failed(&app, headers, Refused::Stale));
    };
    let parameters = pending.parameters(&portal);
    if !asked.get("state").is_some_and(|state| same(state, &parameters.state)) {
        return Ok(failed(&app, headers, Refused::Stale));
    }
    // From here on it is the answer to what this browser began, which has ended with it.
    let done = match asked.get("code") {
        Some(code) => {
            let answer = Answer { code, iss: asked.get("iss") };
            portal.issuer.redeem(&app, &pending, &parameters, &answer).await
        }
        None => Err(told(asked.get("error"), asked.get("error_description"))),
    };
    let mut response = match done {
        Ok(person) => match admit(&app, &portal, headers, person).await? {
            Ok(cookie) => {
                let mut response = onwards(&pending.back);
                cookies::set(&mut response, SESSION, &cookie, None);
                response
            }
            Err(refused) => failed(&app, headers, refused),
        },
        Err(refused) => failed(&app, headers, refused),
    };
    cookies::drop(&mut response, BEGUN);
    Ok(response)
}

/// What an issuer's refusal means; of its words only those of the protocol are looked at.
/// The sentence beside them may hold names; what Entra ID begins it with is a number for the operator.
fn told(error: Option<&str>, description: Option<&str>) -> Refused {
    let word: String = error.unwrap_or("no error code").chars().take(60).collect();
    let number = description.and_then(|text| text.strip_prefix("AADSTS"));
    let number: String =
        number.unwrap_or_default().chars().take_while(char::is_ascii_digit).take(12).collect();
    tracing::warn!(error = word, aadsts = number, "the issuer has refused a sign-in to the portal");
    match error {
        Some("server_error" | "temporarily_unavailable") => Refused::Busy,
        Some("access_denied" | "login_required" | "interaction_required" | "consent_required") => {
            Refused::Denied
        }
        _ => Refused::Stale,
    }
}

/// A new session, always with a new cookie; what the browser had before ends.
async fn admit(
    app: &App,
    portal: &Portal,
    headers: &HeaderMap,
    person: Person,
) -> Result<Result<String, Refused>, HttpError> {
    match app.store.account(person.account, app.now()).await? {
        Some(account) if account.may_link() => {}
        Some(account) if !account.enabled => return Ok(Err(Refused::Disabled)),
        _ => return Ok(Err(Refused::Elsewhere)),
    }
    let (cookie, hash) = session::cookie(app);
    if !app.store.keep_portal_session(session::new(app, portal, hash, person)).await? {
        return Ok(Err(Refused::Stale));
    }
    if let Some(before) = session::hash_of(headers) {
        app.store.end_portal_session(before).await?;
    }
    Ok(Ok(cookie))
}

/// `POST /portal/auth/sign-out` `{"everywhere":bool}`: 204.
pub async fn sign_out(
    State(app): State<Arc<App>>,
    Extension(session): Extension<Current>,
    Extension(bounds): Extension<Bounds>,
    headers: HeaderMap,
    body: Body,
) -> Result<Response, HttpError> {
    let asked = object(&headers, body, bounds).await?;
    let everywhere = match asked.get("everywhere") {
        None => false,
        Some(Value::Bool(everywhere)) => *everywhere,
        Some(_) => return Err(HttpError::bad_request("everywhere: say true or false.")),
    };
    if everywhere {
        app.store.end_portal_sessions(session.hash).await?;
    } else {
        app.store.end_portal_session(session.hash).await?;
    }
    let mut response = StatusCode::NO_CONTENT.into_response();
    cookies::drop(&mut response, SESSION);
    Ok(response)
}
