//! What the claims of a signed token must say: those of access tokens, and those of ID tokens.

use std::borrow::Cow;

use aws_lc_rs::digest::{SHA256, digest};
use pal_model::{Guid, Instant, Principal, TenantId};
use serde_json::{Map, Value};

use crate::error::{Shown, Wrong};
use crate::trusted::{NeededScope, TokenStyle, TrustedIssuer};
use crate::{Caller, CallerKind, TokenError};

/// Clocks differ by so many seconds.
const LEEWAY: i64 = 60;

pub(crate) type Claims = Map<String, Value>;

fn text<'c>(claims: &'c Claims, name: &str) -> Option<&'c str> {
    claims.get(name).and_then(Value::as_str).filter(|text| !text.is_empty())
}

fn wrong(name: impl Into<Cow<'static, str>>, wrong: Wrong) -> TokenError {
    TokenError::Claim { name: name.into(), wrong }
}

/// A claim that is a GUID and names something; equal in any casing (T16).
pub(crate) fn guid(claims: &Claims, name: &str) -> Result<Guid, TokenError> {
    let value = claims.get(name).ok_or_else(|| wrong(name.to_owned(), Wrong::Missing))?;
    let guid = value.as_str().and_then(|text| text.to_ascii_lowercase().parse::<Guid>().ok());
    guid.filter(|guid| *guid != Guid::ZERO).ok_or_else(|| wrong(name.to_owned(), Wrong::NoGuid))
}

/// The caller of an access token.
pub(crate) fn access_caller(
    token: &str,
    claims: &Claims,
    issuer: &TrustedIssuer,
    tenant: TenantId,
    now: Instant,
) -> Result<Caller, TokenError> {
    let caller = caller(token, claims, issuer, tenant, now)?;
    check_access_kind(claims, issuer.style)?;
    let scopes = scopes(claims, "scp")?;
    if let Some(scopes) = &scopes
        && is_app(claims, issuer.style)
        && !has_roles(claims)
    {
        let named = Shown::of(Some(&Value::String(scopes.join(" "))));
        let why =
            format!("it is an application's, and its claim 'scp' has scopes of people ('{named}')");
        return Err(TokenError::WrongKind(why.into()));
    }
    check_scope(claims, scopes, &issuer.scope)?;
    let kind = if is_app(claims, issuer.style) { CallerKind::App } else { CallerKind::User };
    Ok(Caller { kind, ..caller })
}

/// The person of an ID token.
pub(crate) fn id_caller(
    token: &str,
    claims: &Claims,
    issuer: &TrustedIssuer,
    tenant: TenantId,
    nonce: &str,
    now: Instant,
) -> Result<Caller, TokenError> {
    check_id_kind(claims, issuer, nonce)?;
    caller(token, claims, issuer, tenant, now)
}

/// What both kinds have: times, audience, object.
fn caller(
    token: &str,
    claims: &Claims,
    issuer: &TrustedIssuer,
    tenant: TenantId,
    now: Instant,
) -> Result<Caller, TokenError> {
    let expires = check_times(claims, now.unix_seconds())?;
    check_audience(claims, issuer)?;
    let object = guid(claims, &issuer.object_claim)?;
    let client = ["appid", "azp", "client_id"].into_iter().find_map(|name| text(claims, name));
    let hash = digest(&SHA256, token.as_bytes());
    // Roles are for people as well: only `idtyp` makes an ID token an application's.
    let app = text(claims, "idtyp") == Some("app");
    Ok(Caller {
        principal: Principal::new(tenant, object.into()),
        kind: if app { CallerKind::App } else { CallerKind::User },
        client: client.map(|client| client.chars().take(64).collect()),
        token: crate::hex(hash.as_ref()),
        expires,
    })
}

fn has_roles(claims: &Claims) -> bool {
    claims.get("roles").and_then(Value::as_array).is_some_and(|roles| !roles.is_empty())
}

/// Whether an access token is an application's. Where Entra ID does not say it by `idtyp`, it is one that names the
/// same object twice, or has roles and no scope.
fn is_app(claims: &Claims, style: TokenStyle) -> bool {
    match (text(claims, "idtyp"), style) {
        (Some(kind), _) => kind == "app",
        (None, TokenStyle::Entra) => {
            let twice = text(claims, "oid").is_some_and(|oid| text(claims, "sub") == Some(oid));
            twice || (!claims.contains_key("scp") && has_roles(claims))
        }
        (None, TokenStyle::Oidc) => false,
    }
}

/// The scopes of a claim: texts in a list, or words in a text.
fn scopes<'c>(claims: &'c Claims, name: &'static str) -> Result<Option<Vec<&'c str>>, TokenError> {
    match claims.get(name) {
        None => Ok(None),
        Some(Value::String(text)) => Ok(Some(text.split_ascii_whitespace().collect())),
        Some(Value::Array(list)) => {
            let texts: Option<Vec<&str>> = list.iter().map(Value::as_str).collect();
            texts.map(Some).ok_or_else(|| wrong(name, Wrong::NoText))
        }
        Some(_) => Err(wrong(name, Wrong::NoText)),
    }
}

/// An application that acts for a person may do here what the person has let it: the scope says so.
fn check_scope(
    claims: &Claims,
    scp: Option<Vec<&str>>,
    needed: &NeededScope,
) -> Result<(), TokenError> {
    let (claim, found) = match scp {
        Some(found) => ("scp", found),
        None if needed.always => ("scope", scopes(claims, "scope")?.unwrap_or_default()),
        None => return Ok(()),
    };
    if found.contains(&needed.name.as_str()) {
        return Ok(());
    }
    Err(TokenError::Scope { claim, scope: needed.name.clone() })
}

/// `exp` and `iat` must be there, `nbf` may be; all whole numbers (T06).
fn check_times(claims: &Claims, now: i64) -> Result<Instant, TokenError> {
    let time = |name: &'static str| match claims.get(name) {
        None => Ok(None),
        Some(value) => value
            .as_i64()
            .filter(|seconds| (0..=253_402_300_799).contains(seconds))
            .map(Some)
            .ok_or_else(|| wrong(name, Wrong::NoTime)),
    };
    let expires = time("exp")?.ok_or_else(|| wrong("exp", Wrong::Missing))?;
    let issued = time("iat")?.ok_or_else(|| wrong("iat", Wrong::Missing))?;
    let begins = time("nbf")?.unwrap_or(issued);
    if now >= expires + LEEWAY {
        return Err(TokenError::Expired);
    }
    for (name, at) in [("nbf", begins), ("iat", issued)] {
        if now + LEEWAY < at {
            return Err(TokenError::NotYetValid(name));
        }
    }
    let end = Instant::from_nanoseconds(i128::from(expires) * 1_000_000_000);
    end.ok_or_else(|| wrong("exp", Wrong::NoTime))
}

fn check_audience(claims: &Claims, issuer: &TrustedIssuer) -> Result<(), TokenError> {
    let ours =
        |value: &Value| value.as_str().is_some_and(|a| issuer.audiences.iter().any(|o| o == a));
    let fits = match claims.get("aud") {
        Some(Value::Array(list)) => list.iter().all(Value::is_string) && list.iter().any(ours),
        Some(one) => ours(one),
        None => false,
    };
    if fits {
        return Ok(());
    }
    let quoted: Vec<String> = issuer.audiences.iter().map(|ours| format!("'{ours}'")).collect();
    Err(TokenError::WrongAudience {
        found: Shown::of(claims.get("aud")),
        wanted: quoted.join(" or "),
    })
}

/// ID tokens and others are signed by the same keys and must not open anything (T10).
fn check_access_kind(claims: &Claims, style: TokenStyle) -> Result<(), TokenError> {
    for name in ["nonce", "at_hash", "c_hash", "events", "cnf"] {
        if claims.contains_key(name) {
            let why = format!("it has the claim '{name}', which tokens of another kind have");
            return Err(TokenError::WrongKind(why.into()));
        }
    }
    let text = |name: &str| text(claims, name);
    let no_client = |names: &str| {
        let why = format!("no claim ({names}) says which application asked for it");
        Err(TokenError::WrongKind(why.into()))
    };
    match style {
        TokenStyle::Entra => {
            if text("appid").or_else(|| text("azp")).is_none() {
                return no_client("'appid' or 'azp'");
            }
            let marked = claims.contains_key("scp")
                || claims.get("roles").is_some_and(Value::is_array)
                || matches!(text("idtyp"), Some("app" | "user"))
                || text("oid").is_some_and(|oid| text("sub") == Some(oid));
            if marked {
                return Ok(());
            }
            let why = "it has neither of the claims 'scp', 'roles' and 'idtyp', and gives access to nothing";
            Err(TokenError::WrongKind(why.into()))
        }
        TokenStyle::Oidc => {
            if let Some(kind) = text("typ").filter(|kind| !kind.eq_ignore_ascii_case("bearer")) {
                let shown = Shown::of(Some(&kind.into()));
                let why = format!("its claim 'typ' is '{shown}'");
                return Err(TokenError::WrongKind(why.into()));
            }
            if text("azp").or_else(|| text("client_id")).is_none() {
                return no_client("'azp' or 'client_id'");
            }
            Ok(())
        }
    }
}

/// An answer to our own question: the nonce of it, for us and for nobody besides.
fn check_id_kind(claims: &Claims, issuer: &TrustedIssuer, nonce: &str) -> Result<(), TokenError> {
    let not_ours = |claim: &'static str, why: String| {
        Err(TokenError::NotOurs { claim: Some(claim), why: why.into() })
    };
    let text = |name: &str| claims.get(name).and_then(Value::as_str);
    if nonce.is_empty() || text("nonce") != Some(nonce) {
        return not_ours("nonce", "its claim 'nonce' is not that of this sign-in".to_owned());
    }
    if let Some(kind) = text("typ").filter(|kind| !kind.eq_ignore_ascii_case("id")) {
        let shown = Shown::of(Some(&kind.into()));
        return not_ours("typ", format!("its claim 'typ' is '{shown}'"));
    }
    let several = claims.get("aud").and_then(Value::as_array).is_some_and(|list| list.len() > 1);
    let ours = |party: &str| issuer.audiences.iter().any(|audience| audience == party);
    match claims.get("azp") {
        None if several => {
            return not_ours("azp", "it is for several, and its claim 'azp' is missing".to_owned());
        }
        Some(party) if !party.as_str().is_some_and(ours) => {
            return not_ours("azp", "its claim 'azp' names another application".to_owned());
        }
        _ => {}
    }
    for name in ["scp", "events", "cnf"] {
        if claims.contains_key(name) {
            return not_ours(name, format!("it has the claim '{name}', which ID tokens have not"));
        }
    }
    Ok(())
}
