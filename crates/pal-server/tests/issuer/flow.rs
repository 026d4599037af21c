//! A sign-in, step by step, as a browser and a program do it.

use aws_lc_rs::digest::{SHA256, digest};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::Value;

use crate::issuer::support::{ADA, AZ, BASE, PASSWORD, World};
use crate::issuer::wire::{Answer, Fields};

pub const AZURE: &str = "https://management.azure.com/";
/// A scope of somebody else.
pub const GRAPH: &str = "https://graph.example/.default";
pub const REDIRECT: &str = "http://localhost:8400";
pub const STATE: &str = "a state";
pub const NONCE: &str = "a nonce";
pub const VERIFIER: &str = "a-verifier.of~a_program-that-is-long-enough-0123456789";

pub fn challenge(verifier: &str) -> String {
    URL_SAFE_NO_PAD.encode(digest(&SHA256, verifier.as_bytes()))
}

/// What a program asks the sign-in page, all in order.
pub fn wish() -> Fields {
    Fields::of(&[
        ("client_id", AZ),
        ("response_type", "code"),
        ("redirect_uri", REDIRECT),
        ("scope", &format!("{BASE}//.default offline_access openid profile")),
        ("state", STATE),
        ("nonce", NONCE),
        ("code_challenge", &challenge(VERIFIER)),
        ("code_challenge_method", "S256"),
    ])
}

pub fn authorize(tenant: &str) -> String {
    format!("/{tenant}/oauth2/v2.0/authorize")
}

/// The sign-in page.
pub async fn page(world: &World, tenant: &str, wish: &Fields) -> Answer {
    let query = form_urlencoded::Serializer::new(String::new()).extend_pairs(&wish.0).finish();
    world.get(&format!("{}?{query}", authorize(tenant)), &[]).await
}

/// The form of a page, sent by the browser that was shown it.
pub async fn submit(
    world: &World,
    tenant: &str,
    page: &Answer,
    user: &str,
    password: &str,
) -> Answer {
    let fields = page.hidden().and("username", user).and("password", password);
    let cookie = page.cookie().unwrap();
    world.post(&authorize(tenant), &fields, &[("cookie", &cookie)]).await
}

/// A code for Ada.
pub async fn code(world: &World, tenant: &str, wish: &Fields) -> String {
    let shown = page(world, tenant, wish).await;
    assert_eq!(shown.status, 200, "{}", shown.body);
    let answer = submit(world, tenant, &shown, ADA, PASSWORD).await;
    answer.query().get("code").unwrap().to_owned()
}

/// What a program sends for tokens, all in order.
pub fn exchange(code: &str) -> Fields {
    Fields::of(&[
        ("client_id", AZ),
        ("grant_type", "authorization_code"),
        ("code", code),
        ("redirect_uri", REDIRECT),
        ("code_verifier", VERIFIER),
    ])
}

pub async fn token(world: &World, tenant: &str, fields: &Fields) -> Answer {
    world.post(&format!("/{tenant}/oauth2/v2.0/token"), fields, &[]).await
}

/// Tokens for Ada.
pub async fn tokens(world: &World, tenant: &str) -> Value {
    tokens_of(world, tenant, ADA).await
}

/// Tokens for anybody.
pub async fn tokens_of(world: &World, tenant: &str, user: &str) -> Value {
    let shown = page(world, tenant, &wish()).await;
    let answer = submit(world, tenant, &shown, user, PASSWORD).await;
    let code = answer.query().get("code").unwrap().to_owned();
    let answer = token(world, tenant, &exchange(&code)).await;
    assert_eq!(answer.status, 200, "{}", answer.body);
    answer.json()
}

/// What an answer gives to refresh with.
pub fn next(answer: &Value) -> Fields {
    refresh(answer["refresh_token"].as_str().unwrap())
}

pub fn refresh(token: &str) -> Fields {
    let grant = ("grant_type", "refresh_token");
    Fields::of(&[("client_id", AZ), grant, ("refresh_token", token)])
}

/// What a token says.
pub fn claims(token: &Value) -> Value {
    let middle = token.as_str().unwrap().split('.').nth(1).unwrap();
    serde_json::from_slice(&URL_SAFE_NO_PAD.decode(middle).unwrap()).unwrap()
}
