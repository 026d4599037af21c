//! A fake issuer: keys of its own, tokens of any shape, and a count of what was asked of it.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, LazyLock, Mutex};

use async_trait::async_trait;
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::signature::{
    RSA_PKCS1_SHA256, RSA_PKCS1_SHA384, RSA_PKCS1_SHA512, RSA_PSS_SHA256, RsaEncoding, RsaKeyPair,
};
use base64::Engine;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use pal_identity::{KeyFetch, SigningKey, SigningKeys, TrustedIssuer, Verifier};
use pal_model::Instant;
use serde_json::{Value, json};

pub const TENANT: &str = "c0750000-0000-4000-8000-000000000000";
pub const OTHER_TENANT: &str = "fab00000-0000-4000-8000-000000000000";
pub const ADA: &str = "c0750000-1000-4000-8000-000000000ada";
pub const AUDIENCE: &str = "https://pal.example/";
pub const CLIENT: &str = "04b07795-8ddb-461a-bbee-02f9e1bf7b46";
pub const KEYS: &str = "https://login.microsoftonline.com/common/discovery/v2.0/keys";
/// When everything happens, in seconds since 1970.
pub const NOW: i64 = 1_795_000_000;

/// An RSA key: its PEM, how to sign with it, and its public half.
pub struct Key {
    pub pair: RsaKeyPair,
    pub pem: String,
    pub jwk: Value,
}

impl Key {
    fn new(kid: &str) -> Self {
        let key = SigningKey::generate().unwrap();
        let pem = key.pem().to_owned();
        let mut jwk =
            serde_json::to_value(SigningKeys::new(vec![key]).unwrap().jwks()).unwrap()["keys"][0]
                .take();
        jwk["kid"] = kid.into();
        jwk.as_object_mut().unwrap().remove("alg");
        let inner: String = pem.lines().filter(|line| !line.starts_with('-')).collect();
        let pair = RsaKeyPair::from_pkcs8(&STANDARD.decode(inner).unwrap()).unwrap();
        Self { pair, pem, jwk }
    }
}

/// The issuer's key, and one of somebody else. Made once: it takes time.
pub static GOOD: LazyLock<Key> = LazyLock::new(|| Key::new("good"));
pub static EVIL: LazyLock<Key> = LazyLock::new(|| Key::new("good"));

/// A key set on the network.
#[derive(Default)]
pub struct Network {
    pub documents: Mutex<BTreeMap<String, Result<Vec<u8>, String>>>,
    pub asked: AtomicUsize,
}

impl Network {
    pub fn publish(&self, keys: &[Value]) {
        let document = json!({ "keys": keys }).to_string().into_bytes();
        self.documents.lock().unwrap().insert(KEYS.to_owned(), Ok(document));
    }

    pub fn put(&self, answer: Result<Vec<u8>, String>) {
        self.documents.lock().unwrap().insert(KEYS.to_owned(), answer);
    }

    pub fn asked(&self) -> usize {
        self.asked.load(Ordering::SeqCst)
    }
}

#[async_trait]
impl KeyFetch for Network {
    async fn fetch(&self, url: &str) -> Result<Vec<u8>, String> {
        self.asked.fetch_add(1, Ordering::SeqCst);
        // Long enough for others to come meanwhile.
        tokio::time::sleep(std::time::Duration::from_millis(5)).await;
        let known = self.documents.lock().unwrap().get(url).cloned();
        known.unwrap_or_else(|| Err(format!("nothing at {url}")))
    }
}

/// Entra ID for one tenant, with the good key published.
pub fn entra() -> (Verifier, Arc<Network>) {
    let network = Arc::new(Network::default());
    let mut key = GOOD.jwk.clone();
    key["issuer"] = "https://login.microsoftonline.com/{tenantid}/v2.0".into();
    network.publish(&[key]);
    let issuer = TrustedIssuer::entra(vec![AUDIENCE.to_owned()], vec![TENANT.parse().unwrap()]);
    (Verifier::new(vec![issuer], network.clone()), network)
}

pub fn at(seconds: i64) -> Instant {
    Instant::from_nanoseconds(i128::from(seconds) * 1_000_000_000).unwrap()
}

/// The claims of a good token of a person.
pub fn claims() -> Value {
    json!({
        "aud": AUDIENCE,
        "iss": format!("https://login.microsoftonline.com/{TENANT}/v2.0"),
        "iat": NOW - 10, "nbf": NOW - 10, "exp": NOW + 900,
        "tid": TENANT, "oid": ADA, "sub": "pairwise-subject",
        "azp": CLIENT, "scp": "user_impersonation", "ver": "2.0", "uti": "u",
    })
}

pub fn header() -> Value {
    json!({"typ": "JWT", "alg": "RS256", "kid": "good"})
}

/// With these fields set; null = taken out.
pub fn with(mut value: Value, changes: &Value) -> Value {
    for (name, change) in changes.as_object().unwrap() {
        match change {
            Value::Null => {
                value.as_object_mut().unwrap().remove(name);
            }
            change => value[name] = change.clone(),
        }
    }
    value
}

pub fn part(text: impl AsRef<[u8]>) -> String {
    URL_SAFE_NO_PAD.encode(text)
}

/// An algorithm by its name.
pub type Rsa = (&'static str, &'static dyn RsaEncoding);
pub const RS256: Rsa = ("RS256", &RSA_PKCS1_SHA256);
pub const OTHERS: [Rsa; 3] =
    [("RS384", &RSA_PKCS1_SHA384), ("RS512", &RSA_PKCS1_SHA512), ("PS256", &RSA_PSS_SHA256)];

/// A token of these texts, signed with a key by an algorithm.
pub fn sign_text(header: &str, claims: &str, key: &RsaKeyPair, algorithm: Rsa) -> String {
    let signed = format!("{}.{}", part(header), part(claims));
    let mut signature = vec![0; key.public_modulus_len()];
    let random = SystemRandom::new();
    key.sign(algorithm.1, &random, signed.as_bytes(), &mut signature).unwrap();
    format!("{signed}.{}", part(signature))
}

/// A token signed with the good key.
pub fn token(header: &Value, claims: &Value) -> String {
    sign_text(&header.to_string(), &claims.to_string(), &GOOD.pair, RS256)
}
