//! Tokens, and the documents that say by which keys they are signed.

use std::sync::{Arc, LazyLock};

use async_trait::async_trait;
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, KeyPair};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use pal_identity::{Caller, KeyFetch, PublicKeys, Verifier};
use pal_model::Instant;
use serde_json::{Value, json};
use tokio::runtime::{Builder, Runtime};

use crate::support::{BASE, trusted};

const TENANT: &str = "fab00000-0000-4000-8000-000000000000";
const OBJECT: &str = "fab00000-1000-4000-8000-000000000ada";
const NONCE: &str = "nonce-of-the-request";

struct Signed {
    key: EcdsaKeyPair,
    verifier: Verifier,
    runtime: Runtime,
    now: Instant,
}

struct NoFetch;

#[async_trait]
impl KeyFetch for NoFetch {
    async fn fetch(&self, _: &str) -> Result<Vec<u8>, String> {
        Err("there is no network here".to_owned())
    }
}

/// A key of an elliptic curve: signing by it takes little time.
static SIGNED: LazyLock<Signed> = LazyLock::new(|| {
    let key = EcdsaKeyPair::generate(&ECDSA_P256_SHA256_FIXED_SIGNING).unwrap();
    let point = key.public_key().as_ref();
    let part = |bytes: &[u8]| URL_SAFE_NO_PAD.encode(bytes);
    let (x, y) = (part(&point[1..33]), part(&point[33..]));
    let jwks = json!({"keys": [{"kty": "EC", "crv": "P-256", "kid": "k", "x": x, "y": y}]});
    let keys = PublicKeys::default();
    keys.replace(jwks.to_string().as_bytes()).unwrap();
    let verifier = Verifier::new(vec![trusted(keys, &[BASE])], Arc::new(NoFetch));
    let runtime = Builder::new_current_thread().build().unwrap();
    Signed { key, verifier, runtime, now: "2026-05-03T08:00:00Z".parse().unwrap() }
});

impl Signed {
    /// A token of this header and these claims, whatever they are. Its signature is good.
    fn token(&self, header: &[u8], claims: &[u8]) -> String {
        let signed =
            format!("{}.{}", URL_SAFE_NO_PAD.encode(header), URL_SAFE_NO_PAD.encode(claims));
        let signature = self.key.sign(&SystemRandom::new(), signed.as_bytes()).unwrap();
        format!("{signed}.{}", URL_SAFE_NO_PAD.encode(signature))
    }

    fn callers(&self, token: &str) -> impl Iterator<Item = Caller> {
        let (access, id) = self.runtime.block_on(async {
            let access = self.verifier.verify(token, self.now).await;
            (access, self.verifier.verify_id_token(token, NONCE, self.now).await)
        });
        [access, id].into_iter().filter_map(|read| match read {
            Ok(caller) => Some(caller),
            Err(error) => {
                let _ = (error.to_string(), error.concern());
                None
            }
        })
    }
}

/// A token as it is, or a header and claims on two lines that are signed here: without a good signature no reader
/// would get as far as the claims. A caller is the one that the claims name.
pub fn token(input: &[u8]) {
    let signed = &*SIGNED;
    if !input.starts_with(b"{") {
        let text = String::from_utf8_lossy(input);
        assert_eq!(signed.callers(&text).count(), 0, "a token was taken that nobody has signed");
        return;
    }
    let end = input.iter().position(|byte| *byte == b'\n').unwrap_or(input.len());
    let (header, claims) = (&input[..end], input.get(end + 1..).unwrap_or_default());
    for caller in signed.callers(&signed.token(header, claims)) {
        let claims: Value = serde_json::from_slice(claims).unwrap();
        let named = |name: &str, id: String| {
            claims[name].as_str().is_some_and(|claimed| claimed.eq_ignore_ascii_case(&id))
        };
        assert!(named("tid", caller.principal.tenant.to_string()));
        assert!(named("oid", caller.principal.object.to_string()));
    }
}

pub fn token_seeds() -> Vec<Vec<u8>> {
    let header = json!({"typ": "JWT", "alg": "ES256", "kid": "k"});
    let at = |text: &str| text.parse::<Instant>().unwrap().unix_seconds();
    let claims = json!({
        "aud": BASE, "iss": format!("{BASE}/{TENANT}/v2.0"),
        "iat": at("2026-05-01T00:00:00Z"), "nbf": at("2026-05-01T00:00:00Z"),
        "exp": at("2026-06-01T00:00:00Z"), "tid": TENANT, "oid": OBJECT, "sub": OBJECT,
        "appid": "04b07795-8ddb-461a-bbee-02f9e1bf7b46", "idtyp": "user", "ver": "2.0",
        "scp": "user_impersonation",
    });
    let mut of_id = claims.clone();
    of_id["nonce"] = NONCE.into();
    let mut of_app = claims.clone();
    of_app["idtyp"] = "app".into();
    of_app.as_object_mut().unwrap().remove("scp");
    let mut seeds: Vec<Vec<u8>> = [&claims, &of_id, &of_app]
        .map(|claims| format!("{header}\n{claims}").into_bytes())
        .to_vec();
    seeds.push(SIGNED.token(b"{\"alg\":\"RS256\",\"kid\":\"k\"}", b"{}").into_bytes());
    seeds
}

/// A document that is taken has a key, and one that is refused leaves the keys as they were.
pub fn key_set(input: &[u8]) {
    let keys = PublicKeys::default();
    if keys.replace(input).is_err() {
        return;
    }
    let document: Value = serde_json::from_slice(input).unwrap();
    assert!(!document["keys"].as_array().unwrap().is_empty());
    let verifier = Verifier::new(vec![trusted(keys, &[BASE])], Arc::new(NoFetch));
    for key in document["keys"].as_array().unwrap().iter().take(4) {
        // A signature of nobody: the key is used, and what uses it must not fall over.
        let header = json!({"alg": key["alg"].as_str().unwrap_or("RS256"), "kid": key["kid"]});
        let claims = json!({"iss": format!("{BASE}/{TENANT}/v2.0"), "tid": TENANT});
        let part = |value: &Value| URL_SAFE_NO_PAD.encode(value.to_string());
        let token = format!("{}.{}.{}", part(&header), part(&claims), "AAAA".repeat(64));
        assert!(SIGNED.runtime.block_on(verifier.verify(&token, SIGNED.now)).is_err());
    }
}

pub fn key_set_seeds() -> Vec<Vec<u8>> {
    let modulus = "4".repeat(342);
    let rsa = json!({"keys": [
        {"kty": "RSA", "use": "sig", "kid": "a", "n": modulus, "e": "AQAB", "alg": "RS256"},
        {"kty": "RSA", "use": "sig", "kid": "b", "n": modulus, "e": "AQAB", "x5t": "x", "x5c": ["x"],
         "issuer": "https://login.microsoftonline.com/{tenantid}/v2.0"},
        {"kty": "oct", "k": "AAAA", "kid": "c"},
    ]});
    let x = "A".repeat(43);
    let ec = json!({"keys": [
        {"kty": "EC", "crv": "P-256", "kid": "k", "x": x, "y": x},
        {"kty": "EC", "crv": "P-384", "kid": "l", "x": "A".repeat(64), "y": "A".repeat(64), "alg": "ES384"},
    ]});
    [rsa, ec].map(|document| document.to_string().into_bytes()).to_vec()
}
