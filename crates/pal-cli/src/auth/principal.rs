//! Signing in as a service principal: by secret, certificate, or another issuer's token.

use std::path::Path;

use aws_lc_rs::digest::{SHA256, digest};
use base64::Engine;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use jsonwebtoken::{Algorithm, EncodingKey, Header};
use serde_json::json;

use super::cache::Credential;
use super::oauth::{Authority, Tokens};
use crate::client::http::Http;
use crate::printer::Failure;

const ASSERTION: &str = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";

/// Asks for a token with a service principal's credential.
///
/// # Errors
///
/// When the credential cannot be read, or is refused.
pub fn client_credentials(
    http: &Http,
    authority: &Authority,
    client_id: &str,
    credential: &Credential,
    scope: &str,
    claims: Option<&str>,
) -> Result<Tokens, Failure> {
    let mut form = vec![
        ("grant_type", "client_credentials".to_owned()),
        ("client_id", client_id.to_owned()),
        ("scope", scope.to_owned()),
        ("client_info", "1".to_owned()),
    ];
    match credential {
        Credential::Secret(secret) => form.push(("client_secret", secret.expose().to_owned())),
        Credential::Certificate(file) => {
            form.push(("client_assertion_type", ASSERTION.to_owned()));
            form.push(("client_assertion", assertion(file, client_id, &authority.token_endpoint)?));
        }
        Credential::Federated(file) => {
            form.push(("client_assertion_type", ASSERTION.to_owned()));
            form.push(("client_assertion", read(file)?.trim().to_owned()));
        }
        Credential::Refresh(_) | Credential::AzureCli => {
            return Err(Failure::failed("This sign-in is not a service principal's."));
        }
    }
    form.extend(claims.map(|claims| ("claims", claims.to_owned())));
    authority.tokens(http, &form)
}

fn read(file: &Path) -> Result<String, Failure> {
    std::fs::read_to_string(file)
        .map_err(|error| Failure::failed(format!("Cannot read {}: {error}", file.display())))
}

/// A statement signed with the certificate's key that this is the client; good for ten minutes.
fn assertion(file: &Path, client_id: &str, audience: &str) -> Result<String, Failure> {
    let pem = read(file)?;
    let lacks = |what: &str| {
        Failure::failed(format!(
            "{} holds no {what}. It needs the certificate and its RSA private key, both PEM, the key without a password.",
            file.display()
        ))
    };
    let certificate = block(&pem, "CERTIFICATE").ok_or_else(|| lacks("certificate"))?;
    let inner: String = certificate.lines().filter(|line| !line.starts_with('-')).collect();
    let der = STANDARD.decode(inner.trim()).map_err(|_| lacks("certificate"))?;
    let key = block(&pem, "PRIVATE KEY").or_else(|| block(&pem, "RSA PRIVATE KEY"));
    let key = key.ok_or_else(|| lacks("private key"))?;
    let key = EncodingKey::from_rsa_pem(key.as_bytes()).map_err(|_| lacks("RSA private key"))?;
    let mut header = Header::new(Algorithm::RS256);
    header.x5t_s256 = Some(URL_SAFE_NO_PAD.encode(digest(&SHA256, &der)));
    let now = crate::clock::now();
    let claims = json!({
        "aud": audience, "iss": client_id, "sub": client_id,
        "jti": crate::random::guid()?, "nbf": now - 60, "iat": now, "exp": now + 600,
    });
    jsonwebtoken::encode(&header, &claims, &key)
        .map_err(|_| Failure::failed(format!("The key in {} cannot sign.", file.display())))
}

/// The first block of a kind in a PEM file, its marks included.
fn block<'t>(pem: &'t str, kind: &str) -> Option<&'t str> {
    let start = pem.find(&format!("-----BEGIN {kind}-----"))?;
    let mark = format!("-----END {kind}-----");
    let end = start + pem[start..].find(&mark)? + mark.len();
    pem.get(start..end)
}
