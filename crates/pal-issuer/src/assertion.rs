//! A client that proves itself by a certificate: a JWT it has signed for this one request.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use pal_identity::{Algorithm, strict_object};
use pal_model::Instant;
use pal_store::App;
use serde_json::{Map, Value};

use crate::certificate::Certificate;
use crate::{Form, Issuer, OAuthError, sha256};

const KIND: &str = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";
/// Longest life of an assertion in seconds; the libraries make them for ten minutes.
const LONGEST: i64 = 3_600;

fn wrong(why: &str) -> OAuthError {
    let text =
        format!("Client assertion is not valid: {why}. Sign a new one with the certificate's key.");
    OAuthError::client(700_027, text)
}

struct Parts<'a> {
    signed: &'a str,
    signature: &'a str,
    header: Map<String, Value>,
    claims: Map<String, Value>,
}

fn split(assertion: &str) -> Result<Parts<'_>, OAuthError> {
    if assertion.len() > 16 << 10 {
        return Err(wrong("it is too long"));
    }
    let (signed, signature) = assertion.rsplit_once('.').ok_or_else(|| wrong("it is no JWT"))?;
    let (header, claims) = signed.split_once('.').ok_or_else(|| wrong("it is no JWT"))?;
    let decode = |text: &str| {
        let bytes = URL_SAFE_NO_PAD.decode(text).ok();
        bytes.and_then(|b| strict_object(&b).ok()).ok_or_else(|| wrong("it is no JWT"))
    };
    Ok(Parts { signed, signature, header: decode(header)?, claims: decode(claims)? })
}

/// The client that an assertion names, before anything of it is believed.
pub(super) fn subject(assertion: &str) -> Result<String, OAuthError> {
    let parts = split(assertion)?;
    let subject = parts.claims.get("sub").and_then(Value::as_str);
    subject.map(str::to_owned).ok_or_else(|| wrong("it names no client"))
}

impl Issuer {
    /// Checks an assertion against the certificates of an application.
    pub(super) fn check_assertion(
        &self,
        assertion: &str,
        form: &Form<'_>,
        app: &App,
        tenant: &str,
        now: Instant,
    ) -> Result<(), OAuthError> {
        if form.get("client_assertion_type")? != Some(KIND) {
            return Err(OAuthError::request(
                900_144,
                format!("client_assertion_type must be {KIND}."),
            ));
        }
        let parts = split(assertion)?;
        let algorithm = match parts.header.get("alg").and_then(Value::as_str) {
            Some("RS256") => Algorithm::Rs256,
            Some("PS256") => Algorithm::Ps256,
            _ => return Err(wrong("its algorithm is neither RS256 nor PS256")),
        };
        if parts.header.keys().any(|name| ["crit", "jwk", "jku", "b64"].contains(&name.as_str())) {
            return Err(wrong("its header asks for something that is not done here"));
        }
        let message = parts.signed.as_bytes();
        let certificates = app.certificates.iter().filter_map(|pem| Certificate::from_pem(pem));
        let signer = certificates
            .filter(|certificate| fits(&parts.header, certificate))
            .find(|certificate| certificate.key.verifies(algorithm, message, parts.signature));
        let Some(certificate) = signer else {
            return Err(wrong("it is not signed with a certificate of this application"));
        };
        if !certificate.valid.contains(&now.unix_seconds()) {
            let why = "its certificate is not valid at this time; set one that is";
            return Err(wrong(why));
        }
        self.check_claims(&parts.claims, app, tenant, assertion, now)
    }

    fn check_claims(
        &self,
        claims: &Map<String, Value>,
        app: &App,
        tenant: &str,
        assertion: &str,
        now: Instant,
    ) -> Result<(), OAuthError> {
        let text = |name: &str| claims.get(name).and_then(Value::as_str).unwrap_or_default();
        let client = app.client.to_string();
        if !text("iss").eq_ignore_ascii_case(&client) || !text("sub").eq_ignore_ascii_case(&client)
        {
            return Err(wrong("its iss and sub are not the client"));
        }
        let base = &self.settings.base;
        let ours = ["oauth2/v2.0/token", "oauth2/token", "v2.0", ""]
            .iter()
            .any(|end| format!("{base}/{tenant}/{end}").eq_ignore_ascii_case(text("aud")));
        if !ours {
            return Err(wrong("its audience is not this token endpoint"));
        }
        let at = now.unix_seconds();
        // MSAL for Python writes these with a fraction.
        let time = |name: &str| claims.get(name).and_then(Value::as_f64).map_or(0, |at| at as i64);
        let (expires, begins) = (time("exp"), time("nbf"));
        if at >= expires.saturating_add(60) || expires > at + LONGEST + 60 || begins > at + 300 {
            return Err(wrong("it is not valid at this time; check the clock of the client"));
        }
        let mut seen = self.assertions.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        // After a clock that went back, what was seen is not valid, and must not fill the list for years.
        seen.retain(|_, until| (at + 1..=at + LONGEST + 120).contains(until));
        if seen.len() < 100_000 && seen.insert(sha256(assertion), expires + 60).is_none() {
            return Ok(());
        }
        Err(wrong("it was used before"))
    }
}

/// Whether the thumbprint of the header, if it has one we know, is that of a certificate.
fn fits(header: &Map<String, Value>, certificate: &Certificate) -> bool {
    let wanted = header.get("x5t#S256").and_then(Value::as_str);
    let own = URL_SAFE_NO_PAD.encode(certificate.thumbprint);
    wanted.is_none_or(|wanted| own == wanted.trim_end_matches('='))
}
