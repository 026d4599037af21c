//! From a text to a [`Caller`]: every check, in one place.
//!
//! A claim that is missing fails. Order: form, issuer, key, signature, then claims, so that nothing a
//! stranger wrote is interpreted further than needed to find the key.

use std::sync::Arc;

use aws_lc_rs::digest::{SHA256, digest};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use pal_model::{Guid, Instant, Principal, TenantId};
use serde_json::{Map, Value};

use crate::jwks::{PublicKey, Remote};
use crate::jws::Algorithm;
use crate::trusted::{KeySource, Tenants, TokenStyle, TrustedIssuer};
use crate::{Caller, CallerKind, KeyFetch, TokenError, strict_json};

/// Longest token; Entra's are 2 – 4 KB.
const LONGEST: usize = 16 << 10;
/// Clocks differ by so many seconds.
const LEEWAY: i64 = 60;

type Claims = Map<String, Value>;

/// Believes configured issuers only (P4).
pub struct Verifier {
    issuers: Vec<(TrustedIssuer, Option<Arc<Remote>>)>,
    fetch: Arc<dyn KeyFetch>,
}

impl Verifier {
    /// For these issuers.
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
        let (issuer, tenant) = self.signer(&parts, now).await?;
        let caller = caller(token, &parts.claims, issuer, tenant, now)?;
        check_kind(&parts.claims, issuer.style)?;
        Ok(caller)
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
        let (issuer, tenant) = self.signer(&parts, now).await?;
        check_id_kind(&parts.claims, issuer, nonce)?;
        caller(token, &parts.claims, issuer, tenant, now)
    }

    /// The issuer that has signed a token, and the tenant that it speaks for in it.
    async fn signer(
        &self,
        parts: &Parts<'_>,
        now: Instant,
    ) -> Result<(&TrustedIssuer, TenantId), TokenError> {
        let mut failure = TokenError::UnknownIssuer;
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
    if second == TokenError::UnknownIssuer { first } else { second }
}

/// A token taken apart; nothing of it is believed yet.
struct Parts<'t> {
    signed: &'t str,
    signature: &'t str,
    algorithm: Algorithm,
    kid: String,
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
        Ok(Self { signed, signature, algorithm, kid, claims: decode(payload)? })
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
    match text("typ") {
        None => {}
        Some(kind) if kind.eq_ignore_ascii_case("jwt") || kind.eq_ignore_ascii_case("at+jwt") => {}
        Some(_) => return Err(TokenError::WrongKind("its header says so".into())),
    }
    if header.contains_key("typ") && text("typ").is_none() {
        return Err(wrong("its type is no text"));
    }
    let algorithm = text("alg").and_then(Algorithm::named);
    let algorithm = algorithm.ok_or(wrong("its algorithm is not one that is taken"))?;
    let kid = text("kid").filter(|kid| (1..=200).contains(&kid.len()));
    Ok((algorithm, kid.ok_or(wrong("it does not say which key signed it"))?.to_owned()))
}

impl TrustedIssuer {
    /// The tenant of a token that claims to be of this issuer.
    fn tenant_of(&self, claims: &Claims) -> Result<TenantId, TokenError> {
        let iss = claims.get("iss").and_then(Value::as_str).ok_or(TokenError::UnknownIssuer)?;
        let tenant = match &self.tenant_claim {
            Some(claim) => guid(claims.get(claim)).map(TenantId::from),
            None => match &self.tenants {
                Tenants::List(one) if one.len() == 1 => Some(one[0]),
                _ => None,
            },
        };
        let named = |template: &String, tenant: &str| template.replace("{tenantid}", tenant) == iss;
        let Some(tenant) = tenant else {
            let ours = self.issuers.iter().any(|template| {
                let (before, after) = template.split_once("{tenantid}").unwrap_or((template, ""));
                iss.starts_with(before) && iss.ends_with(after)
            });
            return Err(if ours { TokenError::WrongTenant } else { TokenError::UnknownIssuer });
        };
        let text = tenant.to_string().to_ascii_lowercase();
        if !self.issuers.iter().any(|template| named(template, &text)) {
            return Err(TokenError::UnknownIssuer);
        }
        match &self.tenants {
            Tenants::List(known) if !known.contains(&tenant) => Err(TokenError::WrongTenant),
            _ => Ok(tenant),
        }
    }
}

/// A GUID that names something; equal in any casing (T16).
fn guid(value: Option<&Value>) -> Option<Guid> {
    let guid: Guid = value?.as_str()?.to_ascii_lowercase().parse().ok()?;
    (guid != Guid::ZERO).then_some(guid)
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

fn caller(
    token: &str,
    claims: &Claims,
    issuer: &TrustedIssuer,
    tenant: TenantId,
    now: Instant,
) -> Result<Caller, TokenError> {
    let expires = check_times(claims, now.unix_seconds())?;
    check_audience(claims, issuer)?;
    let object = guid(claims.get(&issuer.object_claim)).ok_or(TokenError::NoIdentity)?;
    let text = |name: &str| claims.get(name).and_then(Value::as_str);
    let client = text("appid").or_else(|| text("azp")).or_else(|| text("client_id"));
    let app =
        text("idtyp") == Some("app") || (text("scp").is_none() && claims.contains_key("roles"));
    let hash = digest(&SHA256, token.as_bytes());
    Ok(Caller {
        principal: Principal::new(tenant, object.into()),
        kind: if app { CallerKind::App } else { CallerKind::User },
        client: client.map(|client| client.chars().take(64).collect()),
        token: crate::hex(hash.as_ref()),
        expires,
    })
}

/// `exp` and `iat` must be there, `nbf` may be; all whole numbers (T06).
fn check_times(claims: &Claims, now: i64) -> Result<Instant, TokenError> {
    let wrong = |why: &'static str| TokenError::Malformed(why.into());
    let time = |name: &str| match claims.get(name) {
        None => Ok(None),
        Some(value) => value
            .as_i64()
            .filter(|seconds| (0..=253_402_300_799).contains(seconds))
            .map(Some)
            .ok_or(wrong("a time in it is no time")),
    };
    let expires = time("exp")?.ok_or(wrong("it has no end"))?;
    let issued = time("iat")?.ok_or(wrong("it does not say when it was issued"))?;
    let begins = time("nbf")?.unwrap_or(issued);
    if now >= expires + LEEWAY {
        return Err(TokenError::Expired);
    }
    if now + LEEWAY < begins || now + LEEWAY < issued {
        return Err(TokenError::NotYetValid);
    }
    Instant::from_nanoseconds(i128::from(expires) * 1_000_000_000).ok_or(wrong("it has no end"))
}

fn check_audience(claims: &Claims, issuer: &TrustedIssuer) -> Result<(), TokenError> {
    let ours =
        |value: &Value| value.as_str().is_some_and(|a| issuer.audiences.iter().any(|o| o == a));
    let fits = match claims.get("aud") {
        Some(Value::Array(list)) => list.iter().all(Value::is_string) && list.iter().any(ours),
        Some(one) => ours(one),
        None => false,
    };
    if fits { Ok(()) } else { Err(TokenError::WrongAudience) }
}

/// ID tokens and others are signed by the same keys and must not open anything (T10).
fn check_kind(claims: &Claims, style: TokenStyle) -> Result<(), TokenError> {
    let wrong = |why: &'static str| Err(TokenError::WrongKind(why.into()));
    for name in ["nonce", "at_hash", "c_hash", "events", "cnf"] {
        if claims.contains_key(name) {
            return wrong("it has claims of another kind");
        }
    }
    let text = |name: &str| claims.get(name).and_then(Value::as_str).filter(|t| !t.is_empty());
    match style {
        TokenStyle::Entra => {
            if text("appid").or_else(|| text("azp")).is_none() {
                return wrong("it does not say which application asked for it");
            }
            let marked = text("scp").is_some()
                || claims.get("roles").is_some_and(Value::is_array)
                || matches!(text("idtyp"), Some("app" | "user"))
                || text("oid").is_some_and(|oid| text("sub") == Some(oid));
            if marked { Ok(()) } else { wrong("it gives access to nothing") }
        }
        TokenStyle::Oidc => {
            if text("typ").is_some_and(|kind| !kind.eq_ignore_ascii_case("bearer")) {
                return wrong("it says so itself");
            }
            if text("azp").or_else(|| text("client_id")).is_none() {
                return wrong("it does not say which application asked for it");
            }
            Ok(())
        }
    }
}

/// An answer to our own question: the nonce of it, for us and for nobody besides.
fn check_id_kind(claims: &Claims, issuer: &TrustedIssuer, nonce: &str) -> Result<(), TokenError> {
    let wrong = |why: &'static str| Err(TokenError::NotOurs(why.into()));
    let text = |name: &str| claims.get(name).and_then(Value::as_str);
    if nonce.is_empty() || text("nonce") != Some(nonce) {
        return wrong("it is not the answer to this sign-in");
    }
    if text("typ").is_some_and(|kind| !kind.eq_ignore_ascii_case("id")) {
        return wrong("it is no ID token");
    }
    let several = claims.get("aud").and_then(Value::as_array).is_some_and(|list| list.len() > 1);
    let party = text("azp");
    let ours = |party: &str| issuer.audiences.iter().any(|audience| audience == party);
    if party.map_or(several, |party| !ours(party)) {
        return wrong("it was issued to another application");
    }
    for name in ["scp", "events", "cnf"] {
        if claims.contains_key(name) {
            return wrong("it has claims of another kind");
        }
    }
    Ok(())
}
