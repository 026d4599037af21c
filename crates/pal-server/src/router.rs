//! Every route. What is not here is a 404, what is here with another method a 405, both in the
//! error form that the clients read.

use std::sync::{Arc, LazyLock};

use axum::Router;
use axum::extract::Request;
use axum::http::StatusCode;
use axum::middleware::{from_fn, from_fn_with_state};
use axum::routing::get;
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
    let description = get(async || json(DESCRIPTION.clone().into_bytes()));
    let mut all = arm::routes();
    all.push(Route::plain("GET", "/api/v1/openapi.json", Audience::Anybody, description));
    all.extend(api::routes());
    all
}

/// Made once: anybody may ask for it, as often as they like.
static DESCRIPTION: LazyLock<String> = LazyLock::new(|| openapi().to_string());

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
