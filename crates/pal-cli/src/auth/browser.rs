//! Signing in with a browser on this machine: authorization code with PKCE (RFC 7636, 8252, 9207).

use std::process::{Command, Stdio};

use aws_lc_rs::digest::{SHA256, digest};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use url::Url;

use super::Claims;
use super::listener::{Fields, Listener};
use super::oauth::{Authority, Refusal, TokenScope, Tokens};
use crate::client::http::Http;
use crate::printer::{Failure, Printer};

/// Who signs in, and for what.
pub struct SignInRequest<'a> {
    pub client_id: &'a str,
    pub scope: &'a TokenScope,
    pub username: Option<&'a str>,
}

/// Whether this machine can show a browser.
pub fn has_browser() -> bool {
    let set = |name| std::env::var_os(name).is_some_and(|value| !value.is_empty());
    cfg!(windows)
        || cfg!(target_os = "macos")
        || ["BROWSER", "DISPLAY", "WAYLAND_DISPLAY"].into_iter().any(set)
}

/// Sends the browser to the sign-in page and takes what it brings back.
///
/// # Errors
///
/// When the sign-in was refused, or what came back is not the answer to what was asked.
pub fn browser(
    http: &Http,
    authority: &Authority,
    request: &SignInRequest,
    printer: &Printer,
) -> Result<Tokens, Failure> {
    let listener = Listener::open()?;
    let (state, nonce, verifier) =
        (crate::random::secret()?, crate::random::secret()?, crate::random::secret()?);
    let redirect = listener.address();
    // Elsewhere access while the person is away, which a refresh token is, has to be agreed to.
    let prompt = if request.scope.open_id { "consent" } else { "select_account" };
    let mut url = Url::parse(&authority.authorization_endpoint)
        .map_err(|_| Failure::failed("The sign-in service's address is not understood."))?;
    url.query_pairs_mut()
        .append_pair("client_id", request.client_id)
        .append_pair("response_type", "code")
        .append_pair("redirect_uri", &redirect)
        .extend_pairs(request.scope.fields())
        .append_pair("state", &state)
        .append_pair("nonce", &nonce)
        .append_pair(
            "code_challenge",
            &URL_SAFE_NO_PAD.encode(digest(&SHA256, verifier.as_bytes())),
        )
        .append_pair("code_challenge_method", "S256")
        .append_pair("response_mode", "form_post")
        .append_pair("client_info", "1")
        .append_pair("prompt", prompt)
        .extend_pairs(request.username.map(|name| ("login_hint", name)));
    printer.instruction(format_args!(
        "A browser opens for the sign-in. If it does not, open this address:\n{url}"
    ));
    open(url.as_str(), printer);
    let fields = listener.wait(&state)?;
    let code = accepted(authority, &fields)?;
    let mut form = vec![
        ("grant_type", "authorization_code".to_owned()),
        ("client_id", request.client_id.to_owned()),
        ("code", code.to_owned()),
        ("code_verifier", verifier),
        ("redirect_uri", redirect),
        ("client_info", "1".to_owned()),
    ];
    form.extend(request.scope.fields());
    let tokens = authority.tokens(http, &form)?;
    check(authority, &tokens, request.client_id, &nonce)?;
    Ok(tokens)
}

/// The code, if the answer is one of the service that was asked.
fn accepted<'f>(authority: &Authority, fields: &'f Fields) -> Result<&'f str, Failure> {
    let field =
        |name: &str| fields.iter().find(|(n, _)| n == name).map(|(_, value)| value.as_str());
    if let Some(issuer) = field("iss")
        && authority.issuer.is_some()
        && !authority.is_issuer(issuer, tenant_of(issuer))
    {
        return Err(Failure::failed(
            "The answer came from another sign-in service than the one asked; it is not used.",
        ));
    }
    if let Some(error) = field("error") {
        let refusal = Refusal {
            error: error.to_owned(),
            error_description: field("error_description").unwrap_or_default().to_owned(),
        };
        return Err(Failure::failed(format!("Sign-in failed: {}", refusal.text(400))));
    }
    field("code").ok_or_else(|| Failure::failed("The sign-in service's answer has no code."))
}

/// The directory in an issuer's name, for services that leave it open beforehand.
fn tenant_of(issuer: &str) -> Option<&str> {
    issuer.trim_end_matches("/v2.0").trim_end_matches('/').rsplit('/').next()
}

/// Whether the identity token is the one that was asked for.
fn check(
    authority: &Authority,
    tokens: &Tokens,
    client_id: &str,
    nonce: &str,
) -> Result<(), Failure> {
    let Some(token) = &tokens.id_token else { return Ok(()) };
    let claims = Claims::read(token);
    let issuer = claims.iss.as_deref().unwrap_or_default();
    let right = claims.nonce.as_deref() == Some(nonce)
        && claims.is_for(client_id)
        && (authority.issuer.is_none() || authority.is_issuer(issuer, claims.tid.as_deref()));
    if right {
        return Ok(());
    }
    Err(Failure::failed("The identity token is not the answer to this sign-in; it is not used."))
}

fn open(url: &str, printer: &Printer) {
    let chosen = std::env::var("BROWSER").ok().filter(|program| !program.is_empty());
    let mut command = match chosen {
        Some(program) => Command::new(program),
        None if cfg!(target_os = "macos") => Command::new("open"),
        None if cfg!(windows) => {
            let mut command = Command::new("rundll32");
            command.arg("url.dll,FileProtocolHandler");
            command
        }
        None => Command::new("xdg-open"),
    };
    let started =
        command.arg(url).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).spawn();
    if let Err(error) = started {
        printer.verbose(format_args!("No browser could be opened: {error}"));
    }
}
