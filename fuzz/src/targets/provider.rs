//! What an issuer elsewhere answers when people sign in to the portal.

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use axum::body::Body;
use axum::http::{HeaderMap, Request, header};
use pal_identity::{KeyFetch, TrustedIssuer};
use pal_server::{
    BackChannel, Bounds, External, ExternalKind, Portal, PortalAssets, PortalIssuer, PortalOptions,
    normalise, router,
};
use serde_json::json;
use tower::ServiceExt;

use super::requests::{TENANT, WORLD};
use crate::scratch;

const ISSUER: &str = "https://id.example/realms/contoso";

/// An issuer that answers by an input: its discovery document, its keys, and what it gives for a code.
struct Cloud(Vec<(String, Vec<u8>)>);

impl Cloud {
    fn said(&self, name: &str) -> Vec<u8> {
        let found = self.0.iter().find(|(known, _)| known == name);
        found.map(|(_, content)| content.clone()).unwrap_or_default()
    }
}

#[async_trait]
impl KeyFetch for Cloud {
    async fn fetch(&self, url: &str) -> Result<Vec<u8>, String> {
        let is_discovery = url.ends_with("/.well-known/openid-configuration");
        Ok(self.said(if is_discovery { "discovery" } else { "keys" }))
    }
}

#[async_trait]
impl BackChannel for Cloud {
    async fn post(&self, _: &str, _: &[(&str, &str)]) -> Result<(u16, Vec<u8>), String> {
        let refused = self.0.iter().any(|(name, _)| name == "refused");
        Ok((if refused { 400 } else { 200 }, self.said("answer")))
    }
}

fn portal(input: &[u8]) -> Portal {
    let keys = format!("{ISSUER}/keys");
    let tenants = vec![TENANT.parse().unwrap()];
    let trusted = TrustedIssuer::oidc(
        ISSUER.to_owned(),
        keys,
        vec!["openpal".to_owned()],
        tenants,
        None,
        None,
    );
    let kind = ExternalKind::Oidc { issuer: ISSUER.to_owned() };
    let back = Arc::new(Cloud(scratch::parts(input)));
    let external = External::new(kind, "openpal".to_owned(), None, trusted, back);
    let options = PortalOptions { idle_seconds: 1_800, absolute_seconds: 28_800, demo: false };
    let page = ("index.html".to_owned(), b"<!doctype html><title>page</title>".to_vec());
    let issuer = PortalIssuer::External(Box::new(external));
    Portal::new(issuer, options, PortalAssets::of(vec![page]), b"a secret")
}

/// A sign-in goes to a safe address or nowhere, and an issuer whose tokens nobody has signed signs nobody in.
pub fn provider(input: &[u8]) {
    let bounds = Bounds { bytes: 1 << 20, time: Duration::from_secs(5) };
    let router = router(WORLD.service.app.clone(), Some(Arc::new(portal(input))), bounds);
    let get = |path: String, cookie: &str| -> HeaderMap {
        let request = Request::builder().uri(path).header(header::COOKIE, cookie);
        let request = normalise(request.body(Body::empty()).unwrap());
        let response = WORLD.runtime.block_on(router.clone().oneshot(request)).unwrap();
        assert_ne!(response.status(), 500);
        response.headers().clone()
    };
    let text = |headers: &HeaderMap, name| -> Option<String> {
        headers.get(name).map(|value| value.to_str().unwrap().to_owned())
    };
    let begun = get("/portal/auth/sign-in".to_owned(), "");
    let address = text(&begun, header::LOCATION).unwrap_or_default();
    let Some((_, query)) = address.split_once('?').filter(|_| address.contains("code_challenge"))
    else {
        return;
    };
    let here = ["http://localhost", "http://127.0.0.1", "http://[::1]"];
    let is_safe = |start: &&str| address.to_ascii_lowercase().starts_with(start);
    assert!(["https:"].iter().chain(&here).any(is_safe), "{address}");
    let fields = form_urlencoded::parse(query.as_bytes());
    let state = fields.filter(|(name, _)| name == "state").last().unwrap().1.into_owned();
    let cookie = text(&begun, header::SET_COOKIE).unwrap_or_default();
    let cookie = cookie.split(';').next().unwrap_or_default();
    let called = get(format!("/portal/auth/callback?code=c&state={state}"), cookie);
    for cookie in called.get_all(header::SET_COOKIE) {
        let cookie = cookie.to_str().unwrap();
        let session = cookie.strip_prefix("__Host-openpal=").unwrap_or_default();
        assert!(session.split(';').next().unwrap_or_default().is_empty(), "somebody is signed in");
    }
}

pub fn provider_seeds() -> Vec<Vec<u8>> {
    let discovery = json!({
        "issuer": ISSUER,
        "authorization_endpoint": format!("{ISSUER}/protocol/auth"),
        "token_endpoint": "http://localhost:1/token",
        "jwks_uri": format!("{ISSUER}/keys"),
    });
    let keys = json!({"keys": [{"kty": "RSA", "kid": "a", "n": "4".repeat(342), "e": "AQAB"}]});
    let token = "eyJhbGciOiJSUzI1NiIsImtpZCI6ImEifQ.e30.AAAA";
    let answer = json!({"id_token": token, "token_type": "Bearer"});
    let part = |text: &serde_json::Value| text.to_string().into_bytes();
    let refused = json!({"error": "invalid_grant"});
    vec![
        scratch::joined([
            ("discovery", part(&discovery)),
            ("keys", part(&keys)),
            ("answer", part(&answer)),
        ]),
        scratch::joined([
            ("discovery", part(&discovery)),
            ("refused", Vec::new()),
            ("answer", part(&refused)),
        ]),
    ]
}
