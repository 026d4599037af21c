//! The embedded issuer over HTTP: addresses and forms as Entra ID has them, and the pages that
//! people see.

mod authorize;
mod browser;
mod device;
mod endpoints;

use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::extract::{ConnectInfo, Request};
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use pal_issuer::{Issuer, OAuthError};

use crate::App;
use crate::http::{HttpError, JSON, RequestId};

/// Largest form.
const LARGEST: usize = 64 << 10;

/// The routes, all without a token: they are how one comes by one.
pub const PATHS: &[(&str, &str)] = &[
    ("GET", "/{tenant}/v2.0/.well-known/openid-configuration"),
    ("GET", "/{tenant}/.well-known/openid-configuration"),
    ("GET", "/{tenant}/discovery/v2.0/keys"),
    ("GET", "/{tenant}/discovery/keys"),
    ("GET", "/common/discovery/instance"),
    ("POST", "/{tenant}/oauth2/v2.0/token"),
    ("POST", "/{tenant}/oauth2/token"),
    ("POST", "/{tenant}/oauth2/v2.0/devicecode"),
    ("POST", "/{tenant}/oauth2/devicecode"),
    ("GET", "/{tenant}/oauth2/v2.0/authorize"),
    ("POST", "/{tenant}/oauth2/v2.0/authorize"),
    ("GET", "/{tenant}/oauth2/authorize"),
    ("POST", "/{tenant}/oauth2/authorize"),
    ("GET", "/{tenant}/oauth2/v2.0/logout"),
    ("GET", "/{tenant}/oauth2/logout"),
    ("GET", "/device"),
    ("POST", "/device"),
    ("GET", "/common/oauth2/deviceauth"),
];

/// The handlers of [`PATHS`].
pub fn routes() -> Router<Arc<App>> {
    let authorize = get(authorize::show).post(authorize::submit);
    Router::new()
        .route("/{tenant}/v2.0/.well-known/openid-configuration", get(endpoints::discovery_v2))
        .route("/{tenant}/.well-known/openid-configuration", get(endpoints::discovery_v1))
        .route("/{tenant}/discovery/v2.0/keys", get(endpoints::keys))
        .route("/{tenant}/discovery/keys", get(endpoints::keys))
        .route("/common/discovery/instance", get(endpoints::instance))
        .route("/{tenant}/oauth2/v2.0/token", post(endpoints::token_v2))
        .route("/{tenant}/oauth2/token", post(endpoints::token_v1))
        .route("/{tenant}/oauth2/v2.0/devicecode", post(endpoints::device))
        .route("/{tenant}/oauth2/devicecode", post(endpoints::device))
        .route("/{tenant}/oauth2/v2.0/authorize", authorize.clone())
        .route("/{tenant}/oauth2/authorize", authorize)
        .route("/{tenant}/oauth2/v2.0/logout", get(authorize::logout))
        .route("/{tenant}/oauth2/logout", get(authorize::logout))
        .route("/device", get(device::show).post(device::submit))
        .route("/common/oauth2/deviceauth", get(device::show))
}

/// The issuer; the routes are there only with it.
fn issuer(app: &App) -> Result<&Issuer, HttpError> {
    app.issuer.as_deref().ok_or_else(HttpError::no_such_path)
}

/// Fields of a request, in their order.
type Fields = Vec<(String, String)>;

/// A form, or the fields of a query.
struct OAuthRequest {
    fields: Fields,
    address: Option<IpAddr>,
    id: String,
    cookie: Option<String>,
    languages: String,
}

impl OAuthRequest {
    fn field(&self, name: &str) -> &str {
        let found = self.fields.iter().find(|(known, _)| known == name);
        found.map_or("", |(_, value)| value.as_str())
    }
}

/// Reads what a request asks: the form of a POST, the query of anything else.
async fn read(request: Request) -> Result<OAuthRequest, HttpError> {
    let (parts, body) = request.into_parts();
    let fields = if parts.method == axum::http::Method::POST {
        let bytes = tokio::time::timeout(Duration::from_secs(30), to_bytes(body, LARGEST)).await;
        let late = |_| {
            let text = "The form did not arrive within 30 seconds.";
            HttpError::new(StatusCode::REQUEST_TIMEOUT, "RequestTimeout", text)
        };
        let bytes = bytes.map_err(late)?.map_err(|_| HttpError::too_large(LARGEST))?;
        form_urlencoded::parse(&bytes).into_owned().collect()
    } else {
        let query = parts.uri.query().unwrap_or_default();
        form_urlencoded::parse(query.as_bytes()).into_owned().collect()
    };
    let text = |name: header::HeaderName| {
        let value = parts.headers.get(name).and_then(|value| value.to_str().ok());
        value.map(str::to_owned)
    };
    // By HTTP/2 every cookie may come in a line of its own.
    let cookies =
        parts.headers.get_all(header::COOKIE).iter().filter_map(|line| line.to_str().ok());
    let cookie = cookies.flat_map(|line| line.split(';')).find_map(|pair| {
        let (name, value) = pair.trim().split_once('=')?;
        (name == browser::COOKIE).then(|| value.to_owned())
    });
    let asked_for = |fields: &Fields| {
        let found = fields.iter().find(|(name, _)| name == "ui_locales");
        found.map(|(_, value)| value.clone())
    };
    Ok(OAuthRequest {
        languages: asked_for(&fields).or_else(|| text(header::ACCEPT_LANGUAGE)).unwrap_or_default(),
        fields,
        address: parts.extensions.get::<ConnectInfo<SocketAddr>>().map(|from| from.0.ip()),
        id: parts.extensions.get::<RequestId>().map(|id| id.0.clone()).unwrap_or_default(),
        cookie,
    })
}

/// An error in OAuth's form.
fn refuse(app: &App, error: &OAuthError, request: &str) -> Response {
    let body = serde_json::to_vec(&error.body(request, request, app.now())).unwrap_or_default();
    let status = StatusCode::from_u16(error.status).unwrap_or(StatusCode::BAD_REQUEST);
    let mut response = (status, Body::from(body)).into_response();
    response.headers_mut().insert(header::CONTENT_TYPE, JSON);
    if let Some(seconds) = error.retry_after {
        response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from(seconds));
    }
    response
}
