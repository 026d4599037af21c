//! Every route. What is not here is a 404, what is here with another method a 405, both in the
//! error form that the clients read.

use std::sync::Arc;

use axum::Router;
use axum::extract::Request;
use axum::http::StatusCode;
use axum::middleware::{from_fn, from_fn_with_state};
use axum::routing::{MethodRouter, delete, get, post, put};
use tower_http::catch_panic::CatchPanicLayer;

use crate::App;
use crate::arm::{metadata, partners, subscriptions, tenants};
use crate::http::{HttpError, drain, envelope, panicked};
use crate::limits::Bounds;
use crate::portal::{self, Portal};
use crate::{api, oauth};

/// Who may call a route: checked by the matrix in `tests/service/matrix.rs`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Audience {
    /// Anybody, without a token.
    Anybody,
    /// Whoever has an enabled account in the token's tenant.
    Account,
    /// Operators.
    Operator,
    /// Viewers of a partner's reports, auditors of a customer, operators.
    Viewer,
    /// Who looks after the links of a partner, and operators.
    LinkAdministrator,
    /// Auditors of a customer.
    Auditor,
    /// Who looks after links, auditors, operators.
    Caretaker,
}

type Route = (&'static str, &'static str, Audience);

/// The routes of this service that are not the embedded issuer's: method, path, who may call it.
pub const ROUTES: &[Route] = &[
    ("GET", "/healthz", Audience::Anybody),
    ("GET", "/readyz", Audience::Anybody),
    ("GET", "/metadata/endpoints", Audience::Anybody),
    ("GET", "/providers/microsoft.managementpartner/operations", Audience::Anybody),
    ("GET", "/providers/microsoft.managementpartner/partners", Audience::Account),
    ("PUT", "/providers/microsoft.managementpartner/partners", Audience::Account),
    ("PATCH", "/providers/microsoft.managementpartner/partners", Audience::Account),
    ("DELETE", "/providers/microsoft.managementpartner/partners", Audience::Account),
    ("GET", "/providers/microsoft.managementpartner/partners/{id}", Audience::Account),
    ("PUT", "/providers/microsoft.managementpartner/partners/{id}", Audience::Account),
    ("PATCH", "/providers/microsoft.managementpartner/partners/{id}", Audience::Account),
    ("DELETE", "/providers/microsoft.managementpartner/partners/{id}", Audience::Account),
    ("GET", "/tenants", Audience::Account),
    ("GET", "/subscriptions", Audience::Account),
    ("GET", "/subscriptions/{id}", Audience::Account),
    ("GET", "/api/v1/openapi.json", Audience::Anybody),
    ("GET", "/api/v1/me", Audience::Account),
    ("GET", "/api/v1/me/access", Audience::Account),
    ("GET", "/api/v1/reports", Audience::Viewer),
    ("GET", "/api/v1/links", Audience::LinkAdministrator),
    ("GET", "/api/v1/links/gaps", Audience::LinkAdministrator),
    ("GET", "/api/v1/access", Audience::Auditor),
    ("PUT", "/api/v1/access/privacy", Audience::Auditor),
    ("GET", "/api/v1/alerts", Audience::Caretaker),
    ("GET", "/api/v1/partners", Audience::Operator),
    ("GET", "/api/v1/partners/{id}", Audience::Account),
    ("GET", "/api/v1/facts", Audience::Operator),
    ("POST", "/api/v1/facts", Audience::Operator),
    ("GET", "/api/v1/audit", Audience::Operator),
    ("GET", "/api/v1/audit/checkpoints", Audience::Operator),
    ("POST", "/api/v1/audit/verify", Audience::Operator),
    ("GET", "/api/v1/usage", Audience::Operator),
    ("GET", "/api/v1/usage/imports", Audience::Operator),
    ("POST", "/api/v1/usage/imports", Audience::Operator),
    ("DELETE", "/api/v1/usage/imports/{number}", Audience::Operator),
    ("GET", "/api/v1/explain", Audience::Viewer),
];

/// The handlers of [`ROUTES`]' paths.
fn handlers() -> Vec<(&'static str, MethodRouter<Arc<App>>)> {
    let partner = "/providers/microsoft.managementpartner/partners";
    vec![
        ("/healthz", get(api::healthz)),
        ("/readyz", get(api::readyz)),
        ("/metadata/endpoints", get(metadata::endpoints)),
        ("/providers/microsoft.managementpartner/operations", get(partners::operations)),
        (
            partner,
            get(partners::show)
                .put(partners::change_without_id)
                .patch(partners::change_without_id)
                .delete(partners::change_without_id),
        ),
        (
            "/providers/microsoft.managementpartner/partners/{id}",
            get(partners::show_id)
                .put(partners::create)
                .patch(partners::update)
                .delete(partners::delete),
        ),
        ("/tenants", get(tenants::list)),
        ("/subscriptions", get(subscriptions::list)),
        ("/subscriptions/{id}", get(subscriptions::show)),
        ("/api/v1/openapi.json", get(api::openapi)),
        ("/api/v1/me", get(api::me)),
        ("/api/v1/me/access", get(api::own_access)),
        ("/api/v1/reports", get(api::reports)),
        ("/api/v1/links", get(api::links)),
        ("/api/v1/links/gaps", get(api::gaps)),
        ("/api/v1/access", get(api::access)),
        ("/api/v1/alerts", get(api::alerts)),
        ("/api/v1/partners", get(api::partners)),
        ("/api/v1/partners/{id}", get(api::partner)),
        ("/api/v1/facts", get(api::export_facts)),
        ("/api/v1/audit", get(api::audit)),
        ("/api/v1/audit/checkpoints", get(api::audit_checkpoints)),
        ("/api/v1/audit/verify", post(api::audit_verify)),
        ("/api/v1/usage", get(api::usage_months)),
        ("/api/v1/usage/imports", get(api::usage_imports)),
        ("/api/v1/usage/imports/{number}", delete(api::usage_withdraw)),
        ("/api/v1/explain", get(api::explain)),
    ]
}

/// Those that have bounds of their own, and read their bodies.
fn large() -> Vec<(&'static str, MethodRouter<Arc<App>>)> {
    vec![
        ("/api/v1/facts", post(api::import_facts)),
        ("/api/v1/usage/imports", post(api::usage_import)),
        ("/api/v1/access/privacy", put(api::set_privacy)),
    ]
}

/// The whole service, with its portal where that is on. Wrap it in [`crate::http::normalise`] before serving: a router cannot
/// change the path that it routes by.
pub fn router(app: Arc<App>, portal: Option<Arc<Portal>>, bounds: Bounds) -> Router {
    let mut own = Router::new();
    for (path, handler) in handlers() {
        own = own.route(path, handler);
    }
    let mut all = own.layer(from_fn_with_state(bounds, drain));
    for (path, handler) in large() {
        all = all.route(path, handler);
    }
    if let Some(portal) = portal {
        all = all.merge(portal::routes(&app, portal, bounds, &handlers(), &large()));
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
