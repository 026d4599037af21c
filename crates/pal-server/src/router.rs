//! Every route. What is not here is a 404, what is here with another method a 405, both in the
//! error form that the clients read.

use std::sync::{Arc, LazyLock};

use aws_lc_rs::digest::{SHA256, digest};
use axum::Router;
use axum::body::Bytes;
use axum::extract::Request;
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::middleware::{from_fn, from_fn_with_state};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::Value;
use tower_http::catch_panic::CatchPanicLayer;

use crate::App;
use crate::http::{self, Audience, HttpError, Route, envelope, json, panicked};
use crate::limits::Bounds;
use crate::portal::{self, Portal};
use crate::{api, arm, oauth};

/// The routes of this service that are neither the embedded issuer's nor the portal's own. Who gets
/// which answer: `tests/service/matrix.rs`.
pub fn routes() -> Vec<Route> {
    let mut all = arm::routes();
    all.push(Route::plain("GET", "/api/v1/openapi.json", Audience::Anybody, get(description)));
    all.extend(api::routes());
    all
}

/// Made once, with its entity tag: anybody may ask for it, as often as they like.
static DESCRIPTION: LazyLock<(Bytes, HeaderValue)> = LazyLock::new(|| {
    let text = openapi().to_string();
    let digest = digest(&SHA256, text.as_bytes());
    let tag = URL_SAFE_NO_PAD.encode(&digest.as_ref()[..16]);
    let tag = HeaderValue::try_from(format!("\"{tag}\"")).unwrap_or(HeaderValue::from_static("*"));
    (text.into(), tag)
});

async fn description(headers: HeaderMap) -> Response {
    let (text, tag) = &*DESCRIPTION;
    let known = headers.get_all(header::IF_NONE_MATCH).iter().any(|known| names(known, tag));
    let mut response = match known {
        true => StatusCode::NOT_MODIFIED.into_response(),
        false => json(text.clone()),
    };
    response.headers_mut().insert(header::ETAG, tag.clone());
    // Whoever keeps it asks each time whether it is still the same.
    response.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static("no-cache"));
    response
}

/// Whether a list of entity tags names this one; a weak tag is as good for a read (RFC 9110, 13.1.2).
fn names(list: &HeaderValue, tag: &HeaderValue) -> bool {
    let Ok(list) = list.to_str() else { return false };
    list.split(',')
        .map(|one| one.trim().trim_start_matches("W/"))
        .any(|one| one == "*" || one == tag)
}

/// What `/api/v1/openapi.json` says, of the portal's own routes, too. It says nothing about anybody, so it is for anybody.
pub fn openapi() -> Value {
    let described: Vec<Route> = routes().into_iter().chain(portal::own_routes()).collect();
    http::document(&described)
}

/// The whole service, with its portal where that is on. Wrap it in [`crate::http::normalise`] before
/// serving: a router cannot change the path that it routes by.
pub fn router(app: Arc<App>, portal: Option<Arc<Portal>>, bounds: Bounds) -> Router {
    let routes = routes();
    let mut all = http::served(&routes, bounds);
    if let Some(portal) = portal {
        all = all.merge(portal::routes(&app, portal, bounds, &routes));
    }
    if app.issuer.is_some() {
        all = all.merge(oauth::routes());
    }
    all.fallback(no_such_path)
        .method_not_allowed_fallback(wrong_method)
        .layer(CatchPanicLayer::custom(panicked))
        .layer(from_fn(portal::headers))
        .layer(from_fn_with_state(app.clone(), envelope))
        .with_state(app)
}

async fn no_such_path() -> HttpError {
    HttpError::no_such_path()
}

async fn wrong_method(request: Request) -> HttpError {
    let method: String = request.method().as_str().chars().take(20).collect();
    HttpError::new(
        StatusCode::METHOD_NOT_ALLOWED,
        "MethodNotAllowed",
        format!("{method} is not possible here. The Allow header says what is."),
    )
}
