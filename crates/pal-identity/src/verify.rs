//! From a text to a [`Caller`]: every check, in one place.
//!
//! A claim that is missing fails. Order: form, issuer, key, signature, then claims, so that nothing a
//! stranger wrote is interpreted further than needed to find the key.

use std::sync::Arc;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use pal_model::{Instant, TenantId};
use serde_json::Value;

use crate::claims::{Claims, access_caller, guid, id_caller};
use crate::error::{Shown, Wrong};
use crate::jwks::{PublicKey, Remote};
use crate::jws::Algorithm;
use crate::trusted::{KeySource, Tenants, TrustedIssuer};
use crate::{Caller, KeyFetch, TokenError, strict_json};

/// Longest token; Entra's are 2 – 4 KB.
const LONGEST: usize = 16 << 10;

/// Believes configured issuers only (P4).
pub struct Verifier {
    issuers: Vec<(TrustedIssuer, Option<Arc<Remote>>)>,
    fetch: Arc<dyn KeyFetch>,
}

impl Verifier {
    pub fn new(issuers: Vec<TrustedIssuer>, fetch: Arc<dyn KeyFetch>) -> Self {
        let with_keys = |issuer: TrustedIssuer| {
            let remote = match &issuer.keys {
                KeySource::Url(url) => Some(Arc::new(Remote::new(url.clone()))),
                KeySource::Embedded(_) => None,
            };
            (issuer, remote)
        };
        Self { issuers: issuers.into_iter().map(with_keys).collect(), fetch }
    }

    /// The caller that a token stands for at `now`.
    ///
    /// # Errors
    /// Any check fails; see [`TokenError`].
    pub async fn verify(&self, token: &str, now: Instant) -> Result<Caller, TokenError> {
        let parts = Parts::split(token)?;
        if let Some(kind) =
            parts.kind.as_deref().filter(|kind| !is_one_of(kind, &["jwt", "at+jwt"]))
        {
            return Err(TokenError::WrongKind(format!("its header has the type '{kind}'").into()));
        }
        let (issuer, tenant) = self.signer(&parts, now).await?;
        access_caller(token, &parts.claims, issuer, tenant, now)
    }

    /// The person that an ID token stands for, which was asked for by this service itself: `nonce` is
    /// the one of the request, the issuer's audience is the client id. An access token opens nothing
    /// here, and an ID token nothing anywhere else.
    ///
    /// # Errors
    /// Any check fails; see [`TokenError`].
    pub async fn verify_id_token(
        &self,
        token: &str,
        nonce: &str,
        now: Instant,
    ) -> Result<Caller, TokenError> {
        let parts = Parts::split(token)?;
        if let Some(kind) = parts.kind.as_deref().filter(|kind| !is_one_of(kind, &["jwt"])) {
            let why = format!("its header has the type '{kind}'").into();
            return Err(TokenError::NotOurs { claim: None, why });
        }
        let (issuer, tenant) = self.signer(&parts, now).await?;
        id_caller(token, &parts.claims, issuer, tenant, nonce, now)
    }

    /// The issuer that has signed a token, and the tenant that it speaks for in it.
    async fn signer(
        &self,
        parts: &Parts<'_>,
        now: Instant,
    ) -> Result<(&TrustedIssuer, TenantId), TokenError> {
        let mut failure = TokenError::UnknownIssuer(Shown::of(parts.claims.get("iss")));
        // Several issuers may share a template; the first whose keys fit decides.
        for (issuer, remote) in &self.issuers {
            let tenant = match issuer.tenant_of(&parts.claims) {
                Ok(tenant) => tenant,
                Err(error) => {
                    failure = failure_of(failure, error);
                    continue;
                }
            };
            let found = match (&issuer.keys, remote) {
                (KeySource::Embedded(keys), _) => keys.find(&parts.kid),
                (_, Some(remote)) => remote.find(&parts.kid, &self.fetch, now).await?,
                _ => None,
            };
            let key = found.ok_or(TokenError::BadSignature)?;
            check_signature(parts, &key, issuer, tenant)?;
            return Ok((issuer, tenant));
        }
        Err(failure)
    }
}

/// The more telling of two failures.
fn failure_of(first: TokenError, second: TokenError) -> TokenError {
    if matches!(second, TokenError::UnknownIssuer(_)) { first } else { second }
}

/// A token taken apart; nothing of it is believed yet.
struct Parts<'t> {
    signed: &'t str,
    signature: &'t str,
    algorithm: Algorithm,
    kid: String,
    /// The type that its header names, shown.
    kind: Option<String>,
    claims: Claims,
}

impl<'t> Parts<'t> {
    fn split(token: &'t str) -> Result<Self, TokenError> {
        let wrong = |why: &'static str| TokenError::Malformed(why.into());
        if token.len() > LONGEST {
            return Err(wrong("it is too long"));
        }
        let (signed, signature) = token.rsplit_once('.').ok_or(wrong("it is no JWT"))?;
        let (header, payload) = signed.split_once('.').ok_or(wrong("it is no JWT"))?;
        if payload.contains('.') || signature.is_empty() {
            return Err(wrong("it is no signed JWT"));
        }
        let decode = |text: &str| {
            let bytes = URL_SAFE_NO_PAD.decode(text).map_err(|_| wrong("it is not base64url"))?;
            strict_json::object(&bytes).map_err(|_| wrong("it is not the JSON of a token"))
        };
        let header = decode(header)?;
        let (algorithm, kid) = read_header(&header)?;
        let kind = header.get("typ").map(|kind| Shown::of(Some(kind)).to_string());
        Ok(Self { signed, signature, algorithm, kid, kind, claims: decode(payload)? })
    }
}

/// `alg`, `kid`, `typ` and a thumbprint; a header that wants anything else wants too much (T01–T04).
fn read_header(header: &Claims) -> Result<(Algorithm, String), TokenError> {
    let wrong = |why: &'static str| TokenError::Malformed(why.into());
    for name in header.keys() {
        if !["alg", "kid", "typ", "x5t", "x5t#S256", "cty"].contains(&name.as_str()) {
            return Err(wrong("its header asks for something that is not done here"));
        }
    }
    if header.contains_key("cty") {
        return Err(wrong("it is nested"));
    }
    let text = |name: &str| header.get(name).and_then(Value::as_str);
    if header.contains_key("typ") && text("typ").is_none() {
        return Err(wrong("its type is no text"));
    }
    let algorithm = text("alg").and_then(Algorithm::named);
    let algorithm = algorithm.ok_or_else(|| TokenError::Algorithm(Shown::of(header.get("alg"))))?;
    let kid = text("kid").filter(|kid| (1..=200).contains(&kid.len()));
    Ok((algorithm, kid.ok_or(wrong("it does not say which key signed it"))?.to_owned()))
}

fn is_one_of(kind: &str, known: &[&str]) -> bool {
    known.iter().any(|known| kind.eq_ignore_ascii_case(known))
}

impl TrustedIssuer {
    fn tenant_of(&self, claims: &Claims) -> Result<TenantId, TokenError> {
        let unknown = || TokenError::UnknownIssuer(Shown::of(claims.get("iss")));
        let iss = claims.get("iss").and_then(Value::as_str).ok_or_else(unknown)?;
        let tenant = match (&self.tenant_claim, &self.tenants) {
            (Some(claim), _) => guid(claims, claim).map(TenantId::from),
            (None, Tenants::List(one)) if one.len() == 1 => Ok(one[0]),
            // The configuration has refused it.
            (None, _) => Err(TokenError::Claim { name: "tid".into(), wrong: Wrong::Missing }),
        };
        let named = |template: &String, tenant: &str| template.replace("{tenantid}", tenant) == iss;
        let tenant = tenant.map_err(|error| {
            let ours = self.issuers.iter().any(|template| {
                let (before, after) = template.split_once("{tenantid}").unwrap_or((template, ""));
                iss.starts_with(before) && iss.ends_with(after)
            });
            if ours { error } else { unknown() }
        })?;
        let text = tenant.to_string().to_ascii_lowercase();
        if !self.issuers.iter().any(|template| named(template, &text)) {
            return Err(unknown());
        }
        match &self.tenants {
            Tenants::List(known) if !known.contains(&tenant) => {
                Err(TokenError::WrongTenant(tenant))
            }
            _ => Ok(tenant),
        }
    }
}

fn check_signature(
    parts: &Parts,
    key: &PublicKey,
    issuer: &TrustedIssuer,
    tenant: TenantId,
) -> Result<(), TokenError> {
    if !key.algorithms.contains(&parts.algorithm) {
        return Err(TokenError::BadSignature);
    }
    // A key set for all tenants says which issuer each key is for (T05).
    if let Some(of) = &key.issuer {
        let tenant = tenant.to_string().to_ascii_lowercase();
        let of = of.replace("{tenantid}", &tenant);
        let ours = |template: &String| template.replace("{tenantid}", &tenant) == of;
        if !issuer.issuers.iter().any(ours) {
            return Err(TokenError::BadSignature);
        }
    }
    let message = parts.signed.as_bytes();
    match key.key.verifies(parts.algorithm, message, parts.signature) {
        true => Ok(()),
        false => Err(TokenError::BadSignature),
    }
}
