//! The embedded issuer's signing keys: one signs, older ones are still believed until they go.

use std::sync::{Arc, PoisonError, RwLock};

use aws_lc_rs::encoding::AsDer;
use aws_lc_rs::rsa::{KeyPair, KeySize};
use aws_lc_rs::signature::KeyPair as _;
use base64::Engine;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use serde::Serialize;
use serde_json::{Value, json};

use crate::PublicKeys;
use crate::jws::PrivateKey;

/// Why a key cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum KeyError {
    #[error("it is no RSA key in PKCS#8 PEM")]
    Form,
    #[error("no key could be made")]
    Make,
    #[error("there is no signing key")]
    None,
}

/// An RSA key of 2048 bits.
pub struct SigningKey {
    kid: String,
    modulus: Vec<u8>,
    exponent: Vec<u8>,
    pem: String,
    private: PrivateKey,
}

impl SigningKey {
    /// A new one.
    ///
    /// # Errors
    /// The library cannot.
    pub fn generate() -> Result<Self, KeyError> {
        let pair = KeyPair::generate(KeySize::Rsa2048).map_err(|_| KeyError::Make)?;
        let der = pair.as_der().map_err(|_| KeyError::Make)?;
        let text = STANDARD.encode(der.as_ref());
        let mut pem = String::from("-----BEGIN PRIVATE KEY-----\n");
        for line in text.as_bytes().chunks(64) {
            pem.push_str(std::str::from_utf8(line).unwrap_or_default());
            pem.push('\n');
        }
        pem.push_str("-----END PRIVATE KEY-----\n");
        Self::from_pem(&pem)
    }

    /// From the text that [`SigningKey::pem`] gives.
    ///
    /// # Errors
    /// It is another.
    pub fn from_pem(pem: &str) -> Result<Self, KeyError> {
        let private = PrivateKey::from_pem(pem)?;
        let public = private.pair().public_key();
        let modulus = public.modulus().big_endian_without_leading_zero().to_vec();
        let exponent = public.exponent().big_endian_without_leading_zero().to_vec();
        let digest = aws_lc_rs::digest::digest(&aws_lc_rs::digest::SHA256, &modulus);
        let kid = URL_SAFE_NO_PAD.encode(&digest.as_ref()[..16]);
        Ok(Self { kid, modulus, exponent, pem: pem.to_owned(), private })
    }

    /// The private key: PKCS#8 PEM. Keep it where nobody else reads it.
    pub fn pem(&self) -> &str {
        &self.pem
    }

    fn jwk(&self) -> Jwk {
        Jwk {
            kty: "RSA",
            r#use: "sig",
            alg: "RS256",
            kid: self.kid.clone(),
            n: URL_SAFE_NO_PAD.encode(&self.modulus),
            e: URL_SAFE_NO_PAD.encode(&self.exponent),
        }
    }
}

/// The JWKS document (RFC 7517).
#[derive(Debug, Serialize)]
pub struct JwkSet {
    keys: Vec<Jwk>,
}

impl JwkSet {
    fn of(keys: &[SigningKey]) -> Self {
        Self { keys: keys.iter().map(SigningKey::jwk).collect() }
    }
}

#[derive(Debug, Serialize)]
struct Jwk {
    kty: &'static str,
    r#use: &'static str,
    alg: &'static str,
    kid: String,
    n: String,
    e: String,
}

/// The keys in use. The first signs.
pub struct SigningKeys {
    keys: RwLock<Arc<Vec<SigningKey>>>,
    public: PublicKeys,
}

impl SigningKeys {
    /// These keys; the first signs, the others are believed.
    ///
    /// # Errors
    /// There is none.
    pub fn new(keys: Vec<SigningKey>) -> Result<Self, KeyError> {
        let made = Self { keys: RwLock::default(), public: PublicKeys::default() };
        made.replace(keys)?;
        Ok(made)
    }

    /// Other keys from now on; what is left out is refused at once.
    ///
    /// # Errors
    /// There is none.
    pub fn replace(&self, keys: Vec<SigningKey>) -> Result<(), KeyError> {
        if keys.is_empty() {
            return Err(KeyError::None);
        }
        let keys = Arc::new(keys);
        let document = serde_json::to_vec(&JwkSet::of(&keys)).map_err(|_| KeyError::Form)?;
        self.public.replace(&document).map_err(|_| KeyError::Form)?;
        *self.keys.write().unwrap_or_else(PoisonError::into_inner) = keys;
        Ok(())
    }

    /// For a verifier in the same process: follows every replacement.
    pub fn public(&self) -> PublicKeys {
        self.public.clone()
    }

    pub fn jwks(&self) -> JwkSet {
        JwkSet::of(&self.all())
    }

    fn all(&self) -> Arc<Vec<SigningKey>> {
        self.keys.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// A JWT of these claims, signed with the first key.
    ///
    /// # Errors
    /// The library cannot sign.
    pub fn sign(&self, claims: &Value) -> Result<String, KeyError> {
        let keys = self.all();
        let key = keys.first().ok_or(KeyError::None)?;
        key.private.sign(&json!({"typ": "JWT", "alg": "RS256", "kid": key.kid}), claims)
    }
}
