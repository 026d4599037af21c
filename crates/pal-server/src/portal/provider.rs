//! Who says who somebody is: the embedded issuer, in this process, or another one by `OpenID` Connect.
//!
//! Of another issuer one ID token is read, once, and dropped: our own handlers need none, and what is
//! not kept cannot be lost. So another directory there is another sign-in, silent if the issuer still
//! knows the browser.

use std::sync::Arc;

use async_trait::async_trait;
use pal_identity::{Caller, CallerKind, Concern, KeyFetch, TokenError, TrustedIssuer, Verifier};
use pal_issuer::{Issuer, OAuthError, PORTAL_CLIENT};
use pal_model::{Principal, TenantId};
use secrecy::{ExposeSecret, SecretString};
use serde_json::Value;
use tokio::sync::OnceCell;

use super::pending_sign_in::{PendingSignIn, SignInParameters};
use crate::App;

/// Reaches issuers: documents, and codes for tokens.
#[async_trait]
pub trait BackChannel: KeyFetch {
    /// Posts a form; the status and the body of the answer.
    ///
    /// # Errors
    /// There is no answer that could be read; in words for the log, without what was sent.
    async fn post(&self, url: &str, form: &[(&str, &str)]) -> Result<(u16, Vec<u8>), String>;
}

/// Where people sign in.
pub enum PortalIssuer {
    /// At the service's own issuer.
    Embedded(Arc<Issuer>),
    External(Box<External>),
}

pub enum ExternalKind {
    /// Entra ID: the address before the tenant, and the one tenant if there is only one.
    Entra {
        /// For example `https://login.microsoftonline.com`.
        authority: String,
        /// Where everybody signs in who has asked for no other tenant; `None` = at home.
        tenant: Option<TenantId>,
    },
    /// Any other: its discovery document says where.
    Oidc { issuer: String },
}

pub struct External {
    kind: ExternalKind,
    client: String,
    secret: Option<SecretString>,
    names: Vec<String>,
    verifier: Verifier,
    back: Arc<dyn BackChannel>,
    endpoints: OnceCell<Endpoints>,
}

#[derive(Clone)]
struct Endpoints {
    authorize: String,
    token: String,
}

#[derive(Debug)]
pub struct Person {
    pub account: Principal,
    /// At the embedded issuer: sign-in name, and the hash of the password that was given.
    pub login: Option<(String, String)>,
    pub issuer: String,
}

/// Why nobody is signed in, as far as the person is told.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Refused {
    /// Another sign-in's answer, a used one or one that came too late.
    Stale,
    /// No account in the directory.
    Elsewhere,
    Disabled,
    /// The person, or the issuer for its own reasons.
    Denied,
    /// The issuer's token is not one that signs anybody in; trying again does not help.
    Token(Concern),
    /// The issuer cannot be asked, or says what cannot be.
    Busy,
}

impl From<&TokenError> for Refused {
    fn from(error: &TokenError) -> Self {
        match error {
            TokenError::KeysUnavailable(_) => Self::Busy,
            error => Self::Token(error.concern()),
        }
    }
}

impl From<OAuthError> for Refused {
    fn from(error: OAuthError) -> Self {
        match error.number {
            50020 | 50034 => Self::Elsewhere,
            50057 => Self::Disabled,
            _ if error.status < 500 => Self::Stale,
            _ => Self::Busy,
        }
    }
}

pub struct Answer<'a> {
    pub code: &'a str,
    /// Who says that it has given it (T48).
    pub iss: Option<&'a str>,
}

impl PortalIssuer {
    /// The portal's client id there.
    pub fn client(&self) -> &str {
        match self {
            Self::Embedded(_) => PORTAL_CLIENT,
            Self::External(external) => &external.client,
        }
    }

    pub(super) async fn address(
        &self,
        app: &App,
        pending: &PendingSignIn,
        parameters: &SignInParameters,
        languages: Option<&str>,
    ) -> Result<String, Refused> {
        let tenant = pending.tenant.map(|tenant| tenant.to_string().to_ascii_lowercase());
        let endpoint = match self {
            Self::Embedded(_) => {
                let tenant = tenant.as_deref().unwrap_or("organizations");
                format!("{}/{tenant}/oauth2/v2.0/authorize", app.base)
            }
            Self::External(external) => external.endpoints(pending.tenant).await?.authorize,
        };
        let challenge = challenge(&parameters.verifier);
        let redirect = redirect(app);
        let mut query = form_urlencoded::Serializer::new(String::new());
        query.extend_pairs([
            ("client_id", self.client()),
            ("response_type", "code"),
            ("response_mode", "query"),
            ("redirect_uri", &redirect),
            ("scope", "openid profile"),
            ("state", &parameters.state),
            ("nonce", &parameters.nonce),
            ("code_challenge", &challenge),
            ("code_challenge_method", "S256"),
        ]);
        if let Some(languages) = languages {
            query.append_pair("ui_locales", languages);
        }
        let and = if endpoint.contains('?') { '&' } else { '?' };
        Ok(format!("{endpoint}{and}{}", query.finish()))
    }

    /// The person that a code stands for. It is used up, however this ends.
    pub(super) async fn redeem(
        &self,
        app: &App,
        pending: &PendingSignIn,
        parameters: &SignInParameters,
        answer: &Answer<'_>,
    ) -> Result<Person, Refused> {
        match self {
            Self::Embedded(issuer) => {
                let person =
                    issuer.redeem_for_portal(answer.code, &parameters.verifier, app.now()).await?;
                if answer.iss != Some(person.issuer.as_str())
                    || person.nonce.as_deref() != Some(parameters.nonce.as_str())
                    || pending.tenant.is_some_and(|tenant| tenant != person.account.tenant)
                {
                    return Err(Refused::Stale);
                }
                Ok(Person {
                    account: person.account,
                    login: Some((person.upn, person.password_hash)),
                    issuer: person.issuer,
                })
            }
            Self::External(external) => external.redeem(app, pending, parameters, answer).await,
        }
    }
}

/// Where the issuer sends the browser back to.
fn redirect(app: &App) -> String {
    format!("{}/portal/auth/callback", app.base)
}

/// S256 of a verifier.
fn challenge(verifier: &str) -> String {
    use base64::Engine;
    let hash = aws_lc_rs::digest::digest(&aws_lc_rs::digest::SHA256, verifier.as_bytes());
    base64::engine::general_purpose::URL_SAFE_NO_PAD.encode(hash.as_ref())
}

impl External {
    /// An issuer that is believed, with the portal's client there. `secret` is missing where the client
    /// is a public one.
    pub fn new(
        kind: ExternalKind,
        client: String,
        secret: Option<SecretString>,
        mut trusted: TrustedIssuer,
        back: Arc<dyn BackChannel>,
    ) -> Self {
        // An ID token is for the client, whatever access tokens are for.
        trusted.audiences = vec![client.clone()];
        let names = trusted.issuers.clone();
        let verifier = Verifier::new(vec![trusted], back.clone());
        Self { kind, client, secret, names, verifier, back, endpoints: OnceCell::new() }
    }

    async fn endpoints(&self, tenant: Option<TenantId>) -> Result<Endpoints, Refused> {
        match &self.kind {
            ExternalKind::Entra { authority, tenant: only } => {
                let named = tenant.or(*only).map(|id| id.to_string().to_ascii_lowercase());
                let name = named.as_deref().unwrap_or("organizations");
                let at = |what| format!("{authority}/{name}/oauth2/v2.0/{what}");
                Ok(Endpoints { authorize: at("authorize"), token: at("token") })
            }
            ExternalKind::Oidc { issuer } => {
                let found = self.endpoints.get_or_try_init(|| self.discover(issuer)).await;
                found.cloned().map_err(|why| {
                    tracing::warn!(issuer, why, "the issuer's discovery document cannot be used");
                    Refused::Busy
                })
            }
        }
    }

    async fn discover(&self, issuer: &str) -> Result<Endpoints, String> {
        let url = format!("{}/.well-known/openid-configuration", issuer.trim_end_matches('/'));
        let body = self.back.fetch(&url).await?;
        let document: Value = serde_json::from_slice(&body).map_err(|error| error.to_string())?;
        if document["issuer"].as_str() != Some(issuer) {
            return Err("it is of another issuer".to_owned());
        }
        let endpoint = |name: &str| {
            let text = document[name].as_str().filter(|text| is_safe(text));
            text.map(str::to_owned).ok_or_else(|| format!("{name} is no https:// address"))
        };
        Ok(Endpoints {
            authorize: endpoint("authorization_endpoint")?,
            token: endpoint("token_endpoint")?,
        })
    }

    async fn redeem(
        &self,
        app: &App,
        pending: &PendingSignIn,
        parameters: &SignInParameters,
        answer: &Answer<'_>,
    ) -> Result<Person, Refused> {
        let endpoints = self.endpoints(pending.tenant).await?;
        let redirect = redirect(app);
        let mut form = vec![
            ("grant_type", "authorization_code"),
            ("client_id", self.client.as_str()),
            ("code", answer.code),
            ("redirect_uri", redirect.as_str()),
            ("code_verifier", parameters.verifier.as_str()),
        ];
        if let Some(secret) = &self.secret {
            form.push(("client_secret", secret.expose_secret()));
        }
        let posted = self.back.post(&endpoints.token, &form).await;
        let (status, body) = posted.map_err(|why| logged(&why, Refused::Busy))?;
        let body: Value = serde_json::from_slice(&body).unwrap_or_default();
        if status != 200 {
            // A word of the protocol; the sentence beside it may hold names.
            let word = body["error"].as_str().unwrap_or("no error code").to_owned();
            let stale = word == "invalid_grant";
            return Err(logged(&word, if stale { Refused::Stale } else { Refused::Busy }));
        }
        let token = body["id_token"].as_str().unwrap_or_default();
        if token.is_empty() {
            return Err(logged("the answer has no id_token", Refused::Token(Concern::Other)));
        }
        let caller = self.verifier.verify_id_token(token, &parameters.nonce, app.now()).await;
        let caller = caller.map_err(|error| logged(&error.to_string(), Refused::from(&error)))?;
        self.person(&caller, pending, answer.iss)
    }

    /// The person of an ID token, if it answers the question that was asked, by the issuer that was asked.
    fn person(
        &self,
        caller: &Caller,
        pending: &PendingSignIn,
        iss: Option<&str>,
    ) -> Result<Person, Refused> {
        let claim = |name: &str| Refused::Token(Concern::Claim(name.to_owned().into()));
        let tenant = caller.principal.tenant.to_string().to_ascii_lowercase();
        let mut names = self.names.iter().map(|name| name.replace("{tenantid}", &tenant));
        let issuer = match iss {
            Some(iss) => names.find(|name| name == iss),
            None => names.next(),
        };
        let Some(issuer) = issuer else {
            return Err(logged("the answer's 'iss' is not that of the token", claim("iss")));
        };
        if pending.tenant.is_some_and(|asked| asked != caller.principal.tenant) {
            let why =
                format!("the answer is for the directory {tenant}, and another was asked for");
            return Err(logged(&why, Refused::Token(Concern::Tenant(caller.principal.tenant))));
        }
        if caller.kind != CallerKind::User {
            return Err(logged("the ID token is an application's", claim("idtyp")));
        }
        Ok(Person { account: caller.principal, login: None, issuer })
    }
}

/// Says in the log why a sign-in has ended.
fn logged(why: &str, refused: Refused) -> Refused {
    tracing::warn!(why, "a sign-in to the portal was not finished");
    refused
}

/// Whether an address is one that nobody between could answer for.
fn is_safe(text: &str) -> bool {
    url::Url::parse(text).is_ok_and(|url| {
        let here = matches!(url.host_str(), Some("localhost" | "127.0.0.1" | "[::1]"));
        let plain = url.username().is_empty() && url.fragment().is_none();
        plain && (url.scheme() == "https" || (here && url.scheme() == "http"))
    })
}
