//! The portal's server side: sign-in, sessions in a cookie, and the same handlers as programs use,
//! with the session instead of a token. No token ever reaches a browser.
//!
//! A session is the sign-in, for our own handlers: the account is looked up at every request, and
//! nothing but the pair of directory and object is taken from it (P1). The cookie is looked at below
//! `/portal` only, tokens everywhere but there (T19). Why it is so: `docs/decisions/0013-portal-sessions.md`.

mod assets;
mod cookies;
mod directory;
mod guard;
mod headers;
mod links;
mod pages;
mod pending_sign_in;
mod provider;
mod session;
mod show;
mod sign_in;

use std::sync::Arc;

use aws_lc_rs::hmac;
use axum::middleware::from_fn_with_state;
use axum::routing::{get, post};
use axum::{Extension, Router};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

use pal_api::{DirectoryChange, OwnDirectories, SessionAnswer, SignOut};
use serde_json::json;

use crate::App;
use crate::http::{Answer, Audience, Json, Route, served};
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

/// The portal's own routes, beside the mirrors of [`crate::routes`]. An account is that of a session.
/// Checked in `tests/portal/matrix.rs`.
#[rustfmt::skip]
pub fn own_routes() -> Vec<Route> {
    let page = |path, handler| Route::plain("GET", path, Audience::Anybody, handler);
    let signed_in = |method, path, handler| Route::plain(method, path, Audience::Account, handler);
    let session = Json::<SessionAnswer>::content;
    vec![
        page("/", get(pages::home)),
        page("/portal", get(pages::index)),
        page("/portal/{*rest}", get(pages::page)),
        page("/portal/auth/sign-in", get(sign_in::begin)),
        page("/portal/auth/callback", get(sign_in::callback)),
        page("/portal/session", get(show::session)).described(("session", "Who the browser is signed in as."), &[], session),
        signed_in("GET", "/portal/session/links", get(links::links)).described(("ownLinks", "The person's accounts in all directories, with their links."), &[], Json::<OwnDirectories>::content),
        signed_in("POST", "/portal/session/directory", post(show::directory)).described(("switchDirectory", "Goes to the person's account in another directory."), &[], session).with_body::<Json<DirectoryChange>>(),
        signed_in("POST", "/portal/session/keep", post(show::keep)).described(("keepSession", "The idle time begins anew."), &[], session),
        signed_in("POST", "/portal/auth/sign-out", post(sign_in::sign_out)).described(("signOut", "Ends the session, or all of the person."), &[], |_| json!({})).with_body::<Json<SignOut>>(),
    ]
}

/// Where the same handlers stand for programs, and the path before it here.
pub const PORTAL_MIRRORS: [(&str, &str); 2] =
    [("/api/v1/", "/portal"), ("/providers/microsoft.managementpartner/partners", "/portal/arm")];

/// A portal's routes; `programs` are those that it has below its own paths, too.
pub fn routes(
    app: &Arc<App>,
    portal: Arc<Portal>,
    bounds: Bounds,
    programs: &[Route],
) -> Router<Arc<App>> {
    let guarded = || from_fn_with_state(app.clone(), guard::guard);
    let small = Bounds { bytes: 4 << 10, ..bounds };
    let (own, open): (Vec<Route>, Vec<Route>) =
        own_routes().into_iter().partition(|route| route.audience == Audience::Account);
    let own = served(&own, bounds).layer(Extension(small)).layer(guarded());
    let mut all = served(&open, bounds).merge(own);
    for (below, before) in PORTAL_MIRRORS {
        let mirror = programs.iter().filter(|route| route.path.starts_with(below));
        // The guard first: it says whose directories there are.
        let named = from_fn_with_state(app.clone(), directory::named);
        all = all.nest(before, served(mirror, bounds).layer(named).layer(guarded()));
    }
    all.layer(Extension(portal))
}
