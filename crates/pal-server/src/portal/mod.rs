//! The portal's server side: sign-in, sessions in a cookie, and the same handlers as programs use,
//! with the session instead of a token. No token ever reaches a browser.
//!
//! A session is the sign-in, for our own handlers: the account is looked up at every request, and
//! nothing but the pair of directory and object is taken from it (P1). The cookie is looked at below
//! `/portal` only, tokens everywhere but there (T19). Why it is so: `docs/decisions/0013-portal-sessions.md`.

mod assets;
mod begun;
mod cookies;
mod directory;
mod guard;
mod headers;
mod links;
mod pages;
mod provider;
mod session;
mod show;
mod sign_in;

use std::sync::Arc;

use aws_lc_rs::hmac;
use axum::middleware::from_fn_with_state;
use axum::routing::{MethodRouter, get, post};
use axum::{Extension, Router};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

use crate::App;
use crate::http::drain;
use crate::limits::Bounds;

pub use assets::PortalAssets;
pub use headers::headers;
pub use provider::{BackChannel, External, ExternalKind, PortalIssuer};

/// How long sessions last, and what is said of the service.
#[derive(Debug, Clone, Copy)]
pub struct PortalOptions {
    /// A session ends when it was not used for so many seconds.
    pub idle_seconds: i64,
    /// And so many seconds after it began, however much it is used.
    pub absolute_seconds: i64,
    /// Whether the data are a demo's.
    pub demo: bool,
}

/// The portal of a service.
pub struct Portal {
    issuer: PortalIssuer,
    options: PortalOptions,
    assets: PortalAssets,
    key: hmac::Key,
}

impl Portal {
    /// With a secret of this installation, which may serve for other things, too.
    pub fn new(
        issuer: PortalIssuer,
        options: PortalOptions,
        assets: PortalAssets,
        secret: &[u8],
    ) -> Self {
        let own = hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, secret), b"openpal portal");
        let key = hmac::Key::new(hmac::HMAC_SHA256, own.as_ref());
        Self { issuer, options, assets, key }
    }

    /// Whether the program has the portal's pages.
    pub fn has_pages(&self) -> bool {
        self.assets.index("").is_some()
    }

    /// A text that only this service can make of these: for one purpose, of any parts.
    fn tag(&self, purpose: &str, parts: &[&str]) -> String {
        let mut context = hmac::Context::with_key(&self.key);
        for part in [purpose].iter().chain(parts) {
            context.update(&(part.len() as u64).to_be_bytes());
            context.update(part.as_bytes());
        }
        URL_SAFE_NO_PAD.encode(context.sign().as_ref())
    }
}

/// Whether two texts are the same, in a time that does not say where they differ.
fn same(one: &str, other: &str) -> bool {
    aws_lc_rs::constant_time::verify_slices_are_equal(one.as_bytes(), other.as_bytes()).is_ok()
}

/// The portal's own routes, beside the mirrors of [`crate::ROUTES`]; method, path, whether they need a
/// session. Checked in `tests/portal/matrix.rs`.
pub const PORTAL_ROUTES: &[(&str, &str, bool)] = &[
    ("GET", "/", false),
    ("GET", "/portal", false),
    ("GET", "/portal/{*rest}", false),
    ("GET", "/portal/auth/sign-in", false),
    ("GET", "/portal/auth/callback", false),
    ("GET", "/portal/session", false),
    ("GET", "/portal/session/links", true),
    ("POST", "/portal/session/directory", true),
    ("POST", "/portal/session/keep", true),
    ("POST", "/portal/auth/sign-out", true),
];

/// Where the same handlers stand for programs, and the path before it here.
pub const PORTAL_MIRRORS: [(&str, &str); 2] =
    [("/api/v1/", "/portal"), ("/providers/microsoft.managementpartner/partners", "/portal/arm")];

/// A path and what answers there.
type Handler = (&'static str, MethodRouter<Arc<App>>);

/// A portal's routes; `handlers` are those for programs, and `large` those with bodies of their own.
pub fn routes(
    app: &Arc<App>,
    portal: Arc<Portal>,
    bounds: Bounds,
    handlers: &[Handler],
    large: &[Handler],
) -> Router<Arc<App>> {
    let signed_in = || from_fn_with_state(app.clone(), guard::guard);
    let small = Bounds { bytes: 4 << 10, ..bounds };
    let own = Router::new()
        .route("/portal/session/links", get(links::links))
        .route("/portal/session/directory", post(show::directory))
        .route("/portal/session/keep", post(show::keep))
        .route("/portal/auth/sign-out", post(sign_in::sign_out))
        .layer(Extension(small))
        .layer(signed_in());
    let mut all = Router::new()
        .route("/", get(pages::home))
        .route("/portal", get(pages::index))
        .route("/portal/{*rest}", get(pages::page))
        .route("/portal/auth/sign-in", get(sign_in::begin))
        .route("/portal/auth/callback", get(sign_in::callback))
        .route("/portal/session", get(show::session))
        .merge(own);
    for (below, before) in PORTAL_MIRRORS {
        let mut mirror = Router::new();
        for (path, handler) in handlers.iter().filter(|(path, _)| path.starts_with(below)) {
            mirror = mirror.route(path, handler.clone());
        }
        mirror = mirror.layer(from_fn_with_state(bounds, drain));
        for (path, handler) in large.iter().filter(|(path, _)| path.starts_with(below)) {
            mirror = mirror.route(path, handler.clone());
        }
        // The guard first: it says whose directories there are.
        let named = from_fn_with_state(app.clone(), directory::named);
        all = all.nest(before, mirror.layer(named).layer(signed_in()));
    }
    all.layer(Extension(portal))
}
