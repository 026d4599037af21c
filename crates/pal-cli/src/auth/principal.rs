//! Signing in as a service principal: by secret, certificate, or another issuer's token.

use std::path::Path;

use aws_lc_rs::digest::{SHA256, digest};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use pal_identity::PrivateKey;
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;
use serde_json::json;

use super::cache::Credential;
use super::oauth::{Authority, TokenScope, Tokens};
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
    scope: &TokenScope,
    claims: Option<&str>,
) -> Result<Tokens, Failure> {
    let mut form = vec![
        ("grant_type", "client_credentials".to_owned()),
        ("client_id", client_id.to_owned()),
        ("client_info", "1".to_owned()),
    ];
    form.extend(scope.fields());
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
    let certificate =
        CertificateDer::from_pem_slice(pem.as_bytes()).map_err(|_| lacks("certificate"))?;
    let key = PrivateKey::from_pem(&pem).map_err(|_| lacks("RSA private key"))?;
    let thumbprint = URL_SAFE_NO_PAD.encode(digest(&SHA256, &certificate));
    let header = json!({"typ": "JWT", "alg": "RS256", "x5t#S256": thumbprint});
    let now = crate::clock::now();
    let claims = json!({
        "aud": audience, "iss": client_id, "sub": client_id,
        "jti": crate::random::guid()?, "nbf": now - 60, "iat": now, "exp": now + 600,
    });
    key.sign(&header, &claims)
        .map_err(|_| Failure::failed(format!("The key in {} cannot sign.", file.display())))
}
