//! Signatures of JSON Web Tokens (RFC 7515) by aws-lc-rs. Only signatures: what a header or a claim means is read by
//! the caller, after the signature or to find its key.

use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::rsa::KeyPair;
use aws_lc_rs::signature::{
    ECDSA_P256_SHA256_FIXED, ECDSA_P384_SHA384_FIXED, RSA_PKCS1_2048_8192_SHA256,
    RSA_PKCS1_2048_8192_SHA384, RSA_PKCS1_2048_8192_SHA512, RSA_PKCS1_SHA256,
    RSA_PSS_2048_8192_SHA256, RsaParameters, RsaPublicKeyComponents, UnparsedPublicKey,
};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use rustls_pki_types::pem::PemObject;
use rustls_pki_types::{PrivatePkcs1KeyDer, PrivatePkcs8KeyDer};
use serde_json::Value;

use crate::KeyError;

/// An algorithm that is taken. No symmetric one can be named here, so none can be used (T02).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Algorithm {
    /// RSA PKCS #1 v1.5 with SHA-256.
    Rs256,
    /// RSA PKCS #1 v1.5 with SHA-384.
    Rs384,
    /// RSA PKCS #1 v1.5 with SHA-512.
    Rs512,
    /// RSA-PSS with SHA-256.
    Ps256,
    /// ECDSA on P-256 with SHA-256.
    Es256,
    /// ECDSA on P-384 with SHA-384.
    Es384,
}

impl Algorithm {
    /// By its name in a header or a key set.
    pub fn named(name: &str) -> Option<Self> {
        Some(match name {
            "RS256" => Self::Rs256,
            "RS384" => Self::Rs384,
            "RS512" => Self::Rs512,
            "PS256" => Self::Ps256,
            "ES256" => Self::Es256,
            "ES384" => Self::Es384,
            _ => return None,
        })
    }

    fn rsa(self) -> Option<&'static RsaParameters> {
        Some(match self {
            Self::Rs256 => &RSA_PKCS1_2048_8192_SHA256,
            Self::Rs384 => &RSA_PKCS1_2048_8192_SHA384,
            Self::Rs512 => &RSA_PKCS1_2048_8192_SHA512,
            Self::Ps256 => &RSA_PSS_2048_8192_SHA256,
            Self::Es256 | Self::Es384 => return None,
        })
    }
}

/// A public key. An algorithm of another family verifies nothing with it.
#[derive(Clone)]
pub enum VerifyingKey {
    Rsa(RsaPublicKeyComponents<Vec<u8>>),
    /// The same as PKCS#1, as certificates have it.
    Pkcs1(Vec<u8>),
    /// A point, uncompressed, of the one curve of an algorithm.
    Ec(Algorithm, Vec<u8>),
}

impl VerifyingKey {
    pub fn rsa(modulus: &str, exponent: &str) -> Option<Self> {
        let decode = |text: &str| URL_SAFE_NO_PAD.decode(text).ok();
        Some(Self::Rsa(RsaPublicKeyComponents { n: decode(modulus)?, e: decode(exponent)? }))
    }

    /// Of a point as in a key set.
    pub fn ec(algorithm: Algorithm, x: &str, y: &str) -> Option<Self> {
        let length = if algorithm == Algorithm::Es384 { 48 } else { 32 };
        let mut point = vec![4];
        for part in [x, y] {
            let part = URL_SAFE_NO_PAD.decode(part).ok().filter(|part| part.len() == length)?;
            point.extend(part);
        }
        Some(Self::Ec(algorithm, point))
    }

    /// Whether a signature, base64url, is this key's for a message.
    pub fn verifies(&self, algorithm: Algorithm, message: &[u8], signature: &str) -> bool {
        let Ok(signature) = URL_SAFE_NO_PAD.decode(signature) else { return false };
        let done = match (self, algorithm.rsa()) {
            (Self::Rsa(key), Some(rsa)) => key.verify(rsa, message, &signature),
            (Self::Pkcs1(key), Some(rsa)) => {
                UnparsedPublicKey::new(rsa, key).verify(message, &signature)
            }
            (Self::Ec(own, point), None) if *own == algorithm => {
                let curve = match algorithm {
                    Algorithm::Es384 => &ECDSA_P384_SHA384_FIXED,
                    _ => &ECDSA_P256_SHA256_FIXED,
                };
                UnparsedPublicKey::new(curve, point).verify(message, &signature)
            }
            _ => return false,
        };
        done.is_ok()
    }
}

/// An RSA key that signs by RS256.
pub struct PrivateKey(KeyPair);

impl PrivateKey {
    /// From PEM: PKCS#8 or PKCS#1, without a password. Other blocks may stand around it.
    ///
    /// # Errors
    /// There is no such key.
    pub fn from_pem(pem: &str) -> Result<Self, KeyError> {
        let pem = pem.as_bytes();
        let pair = match PrivatePkcs8KeyDer::from_pem_slice(pem) {
            Ok(der) => KeyPair::from_pkcs8(der.secret_pkcs8_der()),
            Err(_) => {
                let der = PrivatePkcs1KeyDer::from_pem_slice(pem).map_err(|_| KeyError::Form)?;
                KeyPair::from_der(der.secret_pkcs1_der())
            }
        };
        pair.map(Self).map_err(|_| KeyError::Form)
    }

    /// A JWT; the header must say `RS256`.
    ///
    /// # Errors
    /// The library cannot sign.
    pub fn sign(&self, header: &Value, claims: &Value) -> Result<String, KeyError> {
        let part = |value: &Value| URL_SAFE_NO_PAD.encode(value.to_string());
        let signed = format!("{}.{}", part(header), part(claims));
        let mut signature = vec![0; self.0.public_modulus_len()];
        let random = SystemRandom::new();
        let done = self.0.sign(&RSA_PKCS1_SHA256, &random, signed.as_bytes(), &mut signature);
        done.map_err(|_| KeyError::Form)?;
        Ok(format!("{signed}.{}", URL_SAFE_NO_PAD.encode(signature)))
    }

    pub(crate) const fn pair(&self) -> &KeyPair {
        &self.0
    }
}
