//! Keys of issuers: parsed once, fetched seldom, kept for a bounded time (T04, T05, T18).

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError, RwLock};

use async_trait::async_trait;
use pal_model::Instant;
use serde_json::Value;

use crate::jws::{Algorithm, VerifyingKey};
use crate::{TokenError, strict_json};

/// Reads a document from an address that is configured: https, no redirects, bounded.
#[async_trait]
pub trait KeyFetch: Send + Sync {
    /// The document.
    ///
    /// # Errors
    /// Why it cannot be had.
    async fn fetch(&self, url: &str) -> Result<Vec<u8>, String>;
}

/// A public key and what it may be used for.
#[derive(Clone)]
pub struct PublicKey {
    pub(crate) key: VerifyingKey,
    /// The algorithms that fit its type, or the one that it names.
    pub(crate) algorithms: Vec<Algorithm>,
    /// The issuer that it belongs to, where the document says (Entra): may be a template.
    pub(crate) issuer: Option<String>,
}

impl std::fmt::Debug for PublicKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "PublicKey({:?})", self.algorithms)
    }
}

type Keys = HashMap<String, PublicKey>;

/// A set of keys that can be replaced while it is used: the embedded issuer's.
#[derive(Debug, Clone, Default)]
pub struct PublicKeys(Arc<RwLock<Arc<Keys>>>);

impl PublicKeys {
    /// Replaces all keys by those of a JWKS document.
    ///
    /// # Errors
    /// The document has no usable key.
    pub fn replace(&self, jwks: &[u8]) -> Result<(), String> {
        let keys = Arc::new(parse(jwks)?);
        *self.0.write().unwrap_or_else(PoisonError::into_inner) = keys;
        Ok(())
    }

    pub(crate) fn find(&self, kid: &str) -> Option<PublicKey> {
        self.0.read().unwrap_or_else(PoisonError::into_inner).get(kid).cloned()
    }
}

/// The usable keys of a document; an error if there are none: an empty set never replaces a good one.
fn parse(bytes: &[u8]) -> Result<Keys, String> {
    let document = strict_json::object(bytes)?;
    let list = document.get("keys").and_then(Value::as_array).ok_or("it has no keys")?;
    let keys: Keys = list.iter().filter_map(usable).collect();
    if keys.is_empty() { Err("it has no key for signatures".to_owned()) } else { Ok(keys) }
}

/// A signing key with an id; anything else in a key set is not for us.
fn usable(jwk: &Value) -> Option<(String, PublicKey)> {
    let text = |name: &str| jwk.get(name).and_then(Value::as_str);
    if text("use").is_some_and(|usage| usage != "sig") {
        return None;
    }
    let (key, fitting) = match text("kty")? {
        "RSA" => {
            // Below 2048 bits a key can be broken; base64url of 256 bytes has 342 letters.
            let modulus = text("n").filter(|n| n.len() >= 342)?;
            let key = VerifyingKey::rsa(modulus, text("e")?)?;
            (key, vec![Algorithm::Rs256, Algorithm::Ps256, Algorithm::Rs384, Algorithm::Rs512])
        }
        "EC" => {
            let algorithm = match text("crv")? {
                "P-256" => Algorithm::Es256,
                "P-384" => Algorithm::Es384,
                _ => return None,
            };
            (VerifyingKey::ec(algorithm, text("x")?, text("y")?)?, vec![algorithm])
        }
        _ => return None,
    };
    let algorithms = match text("alg") {
        Some(named) => vec![Algorithm::named(named).filter(|named| fitting.contains(named))?],
        None => fitting,
    };
    let issuer = text("issuer").map(str::to_owned);
    Some((text("kid")?.to_owned(), PublicKey { key, algorithms, issuer }))
}

/// An unknown key is worth one question in so many seconds.
const ASK_AGAIN: i64 = 60;
/// A key that was taken away is refused after this.
const REFRESH: i64 = 15 * 60;
/// An issuer that is down is believed for so long.
const STALE: i64 = 24 * 3_600;

pub(crate) struct Remote {
    url: String,
    kept: Mutex<CachedKeys>,
    /// One fetch at a time; the others wait for it.
    fetching: tokio::sync::Mutex<()>,
}

#[derive(Default)]
struct CachedKeys {
    keys: Arc<Keys>,
    /// Seconds since 1970 of the last good answer, and of the last question.
    good: Option<i64>,
    asked: Option<i64>,
}

impl Remote {
    pub(crate) fn new(url: String) -> Self {
        Self { url, kept: Mutex::default(), fetching: tokio::sync::Mutex::default() }
    }

    fn kept(&self) -> std::sync::MutexGuard<'_, CachedKeys> {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The key of this id, as far as the issuer has one.
    pub(crate) async fn find(
        self: &Arc<Self>,
        kid: &str,
        fetch: &Arc<dyn KeyFetch>,
        now: Instant,
    ) -> Result<Option<PublicKey>, TokenError> {
        let now = now.unix_seconds();
        if self.wanting(kid, now) {
            // In a task of its own: a caller who hangs up must not take the others' keys away.
            let (own, fetch, kid) = (self.clone(), fetch.clone(), kid.to_owned());
            let refreshed =
                tokio::spawn(async move { own.refresh(&kid, fetch.as_ref(), now).await });
            if let Err(error) = refreshed.await {
                tracing::error!(%error, "fetching keys ended early");
            }
        } else if !self.kept().keys.contains_key(kid) {
            // Somebody may be asking just now: that answer is worth waiting for.
            drop(self.fetching.lock().await);
        }
        self.judge(kid, now)
    }

    async fn refresh(&self, kid: &str, fetch: &dyn KeyFetch, now: i64) {
        let _one = self.fetching.lock().await;
        if !self.wanting(kid, now) {
            return; // somebody else has asked meanwhile
        }
        self.kept().asked = Some(now);
        match fetch.fetch(&self.url).await.and_then(|bytes| parse(&bytes)) {
            Ok(keys) => {
                let mut kept = self.kept();
                kept.keys = Arc::new(keys);
                kept.good = Some(now);
            }
            Err(error) => {
                tracing::warn!(url = %self.url, error, "keys of an issuer were not fetched");
            }
        }
    }

    /// Whether to ask: the key is not known or the set is old, and the last question is long ago.
    fn wanting(&self, kid: &str, now: i64) -> bool {
        let kept = self.kept();
        let age = |then: Option<i64>| then.map(|then| now - then);
        // A clock that went back makes an age negative: ask again rather than wait for it.
        let old = age(kept.good).is_none_or(|age| !(0..REFRESH).contains(&age));
        let recently = age(kept.asked).is_some_and(|age| (0..ASK_AGAIN).contains(&age));
        (old || !kept.keys.contains_key(kid)) && !recently
    }

    fn judge(&self, kid: &str, now: i64) -> Result<Option<PublicKey>, TokenError> {
        let kept = self.kept();
        match kept.good {
            Some(good) if now - good < STALE => Ok(kept.keys.get(kid).cloned()),
            _ => Err(TokenError::KeysUnavailable("it does not answer".to_owned())),
        }
    }
}
