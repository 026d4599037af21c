//! The authorization code with PKCE: what a browser starts and a program finishes (T46–T48).

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use pal_model::Instant;

use crate::sign_in::Proof;
use crate::{
    Form, Issuer, OAuthError, RequestedTenant, SignedInPerson, Version, is_portal, public_client,
    redirect, sha256, unknown_client,
};

/// How the code goes back.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ResponseMode {
    Query,
    FormPost,
}

/// A request that may be answered with a code: everything in it is checked.
#[derive(Debug, Clone)]
pub struct Authorization {
    pub(super) wanted: RequestedTenant,
    pub(super) client: String,
    /// The application's name, for the page.
    pub application: &'static str,
    /// Where the code goes.
    pub redirect_uri: String,
    /// The client's own mark, given back.
    pub state: Option<String>,
    pub(super) nonce: Option<String>,
    pub(super) challenge: String,
    /// How the code goes back.
    pub response_mode: ResponseMode,
    pub(super) scope: Option<String>,
    /// The sign-in name that the client expects.
    pub login_hint: Option<String>,
    /// The discovery document that the client has read.
    pub(super) version: Version,
}

/// A code that was given out.
pub(super) struct Code {
    pub request: Authorization,
    pub proof: Proof,
    pub expires: i64,
    /// Set at the first use: a second use ends what the first one began.
    pub family: Option<[u8; 16]>,
    /// Set at the second use.
    pub replayed: bool,
}

/// Life of a code in seconds.
pub(super) const LIFE: i64 = 60;
/// Most codes at a time.
const MOST: usize = 10_000;

impl Issuer {
    /// Checks a request for a code.
    ///
    /// # Errors
    /// It must not be answered; the error is shown and never sent to the redirect address.
    pub async fn authorize(
        &self,
        tenant: &str,
        version: Version,
        form: &Form<'_>,
        now: Instant,
    ) -> Result<Authorization, OAuthError> {
        let wanted = self.wanted(tenant, now).await?;
        let client = form.need("client_id")?;
        let (application, redirect_uri) = self.application(client, form)?;
        if form.need("response_type")? != "code" {
            let text = "The response_type is not supported. Use 'code'.";
            return Err(OAuthError::new(400, "unsupported_response_type", 700_054, text));
        }
        let response_mode = match form.get("response_mode")? {
            None | Some("query") => ResponseMode::Query,
            Some("form_post") => ResponseMode::FormPost,
            Some(_) => {
                let text = "The response_mode is not supported. Use 'query' or 'form_post'.";
                return Err(OAuthError::request(70003, text));
            }
        };
        let challenge = form.get("code_challenge")?.unwrap_or_default();
        let method = form.get("code_challenge_method")?;
        let letters = challenge.bytes().all(|b| b.is_ascii_alphanumeric() || b"-_".contains(&b));
        if method != Some("S256") || challenge.len() != 43 || !letters {
            let text = "Proof Key for Code Exchange is required: send code_challenge with \
                        code_challenge_method S256.";
            return Err(OAuthError::request(9_002_313, text));
        }
        let short = |name| Ok::<_, OAuthError>(form.short(name)?.map(str::to_owned));
        Ok(Authorization {
            wanted,
            client: client.to_ascii_lowercase(),
            application,
            redirect_uri: redirect_uri.to_owned(),
            state: short("state")?,
            nonce: short("nonce")?,
            challenge: challenge.to_owned(),
            response_mode,
            scope: short("scope")?,
            login_hint: short("login_hint")?,
            version,
        })
    }

    /// The name of an application, and where its code goes, which must be a place of its own.
    fn application<'f>(
        &self,
        client: &str,
        form: &'f Form<'_>,
    ) -> Result<(&'static str, &'f str), OAuthError> {
        let portal = is_portal(client).then_some("OpenPAL");
        let application = portal.or_else(|| public_client(client));
        let application = application.ok_or_else(|| unknown_client(client))?;
        let redirect_uri = form.need("redirect_uri")?;
        let (own, text) = if portal.is_some() {
            (redirect_uri == self.portal_redirect(), "the portal has one address of its own.")
        } else {
            (
                redirect::is_loopback(redirect_uri),
                "native applications use http://localhost with any port.",
            )
        };
        if own {
            return Ok((application, redirect_uri));
        }
        let text = format!("The redirect URI is not one that this application may use: {text}");
        Err(OAuthError::request(50011, text))
    }

    /// A code for a person who has signed in, and `iss` of the answer, as the discovery document
    /// has it (T48).
    ///
    /// # Errors
    /// The person has no enabled account in the tenant.
    pub async fn grant_code(
        &self,
        request: &Authorization,
        person: &SignedInPerson,
        now: Instant,
    ) -> Result<(String, String), OAuthError> {
        let account = self.account_of(&person.0, request.wanted, now).await?;
        let issuer = self.issuer_name(request.version, account.principal.tenant);
        let code = self.secret();
        let expires = now.unix_seconds() + LIFE;
        let (request, proof) = (request.clone(), person.proof());
        let kept = Code { request, proof, expires, family: None, replayed: false };
        let mut codes = self.codes();
        // A used code is remembered for ten times its life, to know a second use.
        let at = now.unix_seconds();
        codes.retain(|_, code| (at - 10 * LIFE + 1..=at + LIFE).contains(&code.expires));
        if codes.len() >= MOST {
            return Err(OAuthError::too_many(5));
        }
        codes.insert(sha256(&code), kept);
        Ok((code, issuer))
    }
}

/// Whether a verifier is the one of a challenge (S256).
pub(super) fn proves(verifier: &str, challenge: &str) -> bool {
    let long_enough = (43..=128).contains(&verifier.len());
    long_enough && URL_SAFE_NO_PAD.encode(sha256(verifier)) == challenge
}
