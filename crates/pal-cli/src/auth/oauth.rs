//! OAuth 2.0 as Microsoft's clients speak it: discovery, and the token endpoint.

use serde::Deserialize;
use url::Url;

use super::Secret;
use crate::clean::{cell, lines};
use crate::client::http::{Answer, Ask, Http};
use crate::cloud::{Cloud, base_url};
use crate::printer::Failure;

/// Where one directory signs in.
#[derive(Debug, Clone, Deserialize)]
pub struct Authority {
    pub issuer: Option<String>,
    pub authorization_endpoint: String,
    pub token_endpoint: String,
    pub device_authorization_endpoint: Option<String>,
}

/// What the token endpoint gives.
#[derive(Debug, Deserialize)]
pub struct Tokens {
    pub access_token: Secret,
    pub refresh_token: Option<Secret>,
    pub id_token: Option<Secret>,
    #[serde(default)]
    pub expires_in: Seconds,
}

/// A number, which some issuers write as a text.
#[derive(Debug, Deserialize)]
#[serde(untagged)]
pub enum Seconds {
    Number(i64),
    Text(String),
}

impl Default for Seconds {
    fn default() -> Self {
        Self::Number(0)
    }
}

impl Seconds {
    /// The number.
    pub fn get(&self) -> i64 {
        match self {
            Self::Number(number) => *number,
            Self::Text(text) => text.parse().unwrap_or(0),
        }
    }
}

/// What the token endpoint says against it.
#[derive(Debug, Default, Deserialize)]
pub struct Refusal {
    #[serde(default)]
    pub error: String,
    #[serde(default)]
    pub error_description: String,
}

impl Refusal {
    /// The text for people.
    pub fn text(&self, status: u16) -> String {
        match (&*self.error_description, &*self.error) {
            ("", "") => format!("the sign-in service answered with status {status}"),
            ("", error) => cell(error),
            (text, _) => lines(text).trim().to_owned(),
        }
    }
}

/// What a token is asked for: the fields of a request that say so.
#[derive(Debug)]
pub struct TokenScope {
    scope: String,
    /// The audience by RFC 8707, where the scope does not name it. It must be an address there.
    resource: Option<String>,
    /// Whether it is asked of an issuer that is not Azure's.
    pub open_id: bool,
}

impl TokenScope {
    /// A token for a cloud's resource manager.
    pub fn of(cloud: &Cloud, user: bool) -> Self {
        let more = if user { "openid profile offline_access" } else { "" };
        let (own, resource) = if cloud.sign_in.open_id {
            let address = Url::parse(&cloud.audience).is_ok().then(|| cloud.audience.clone());
            (cloud.sign_in.scope.clone().unwrap_or_default(), address)
        } else {
            (format!("{}/.default", cloud.audience), None)
        };
        let open_id = cloud.sign_in.open_id;
        Self { scope: format!("{own} {more}").trim().to_owned(), resource, open_id }
    }

    /// The fields.
    pub fn fields(&self) -> impl Iterator<Item = (&'static str, String)> {
        let scope = Some(self.scope.clone()).filter(|scope| !scope.is_empty());
        let resource = self.resource.clone().map(|resource| ("resource", resource));
        scope.map(|scope| ("scope", scope)).into_iter().chain(resource)
    }
}

impl Authority {
    /// Asks the sign-in service of a cloud for one directory.
    ///
    /// # Errors
    ///
    /// When there is no such directory, or its addresses are elsewhere than the service's own.
    pub fn discover(http: &Http, cloud: &Cloud, tenant: &str) -> Result<Self, Failure> {
        let known = |c: char| c.is_ascii_alphanumeric() || "-._".contains(c);
        if !tenant.chars().all(known) {
            return Err(Failure::Usage(format!(
                "'{}' is no directory; give its id or one of its domains",
                cell(tenant)
            )));
        }
        let base = &cloud.active_directory;
        let url = if cloud.has_one_sign_in() {
            format!("{base}/.well-known/openid-configuration")
        } else {
            format!("{base}/{tenant}/v2.0/.well-known/openid-configuration")
        };
        let answer = http.send(&Ask::get(&url))?;
        if answer.status != 200 {
            let refusal: Refusal = serde_json::from_slice(&answer.body).unwrap_or_default();
            return Err(Failure::failed(format!(
                "The directory '{tenant}' cannot be signed in to at {base}: {}",
                refusal.text(answer.status)
            )));
        }
        let found: Self = serde_json::from_slice(&answer.body).map_err(|_| {
            Failure::failed(format!("{base} does not answer like a sign-in service: {url}"))
        })?;
        let same = |issuer: &str| issuer.trim_end_matches('/') == base;
        if cloud.sign_in.open_id && !found.issuer.as_deref().is_some_and(same) {
            let other = cell(found.issuer.as_deref().unwrap_or("nobody"));
            return Err(Failure::failed(format!(
                "{url} is of another issuer than {base}, namely {other}; it is not used."
            )));
        }
        let elsewhere = |url: &str| {
            let there = base_url(url.split('?').next().unwrap_or_default());
            let origin = |url: &str| Url::parse(url).ok().map(|url| url.origin());
            there.is_err() || origin(url) != origin(base)
        };
        let device = found.device_authorization_endpoint.as_ref();
        let all = [Some(&found.authorization_endpoint), Some(&found.token_endpoint), device];
        // A sign-in that is sent elsewhere would hand the password's proof to a stranger.
        if let Some(url) = all.into_iter().flatten().find(|url| elsewhere(url)) {
            return Err(Failure::failed(format!(
                "{base} sends the sign-in to another place, {}; it is not followed.",
                cell(url)
            )));
        }
        Ok(found)
    }

    /// Asks for tokens; once, whatever the answer.
    ///
    /// # Errors
    ///
    /// When there is no answer.
    pub fn ask(
        &self,
        http: &Http,
        form: &[(&str, String)],
    ) -> Result<Result<Tokens, (Refusal, u16)>, Failure> {
        let answer: Answer = http.send(&Ask::post(&self.token_endpoint, form))?;
        if answer.status == 200 {
            return serde_json::from_slice(&answer.body).map(Ok).map_err(|_| {
                Failure::failed(format!("{} does not answer with a token.", self.token_endpoint))
            });
        }
        let refusal = serde_json::from_slice(&answer.body).unwrap_or_default();
        Ok(Err((refusal, answer.status)))
    }

    /// Asks for tokens; what the service says against it is a failure.
    ///
    /// # Errors
    ///
    /// When there is no token.
    pub fn tokens(&self, http: &Http, form: &[(&str, String)]) -> Result<Tokens, Failure> {
        self.ask(http, form)?.map_err(|(refusal, status)| {
            Failure::failed(format!("Sign-in failed: {}", refusal.text(status)))
        })
    }

    /// Whether `issuer` is the one that this directory's tokens and answers come from. Discovery
    /// for no directory in particular leaves its name open.
    pub fn is_issuer(&self, issuer: &str, tenant: Option<&str>) -> bool {
        self.issuer.as_deref().is_some_and(|own| {
            let filled = tenant.map(|tenant| own.replace("{tenantid}", tenant));
            own == issuer || filled.as_deref() == Some(issuer)
        })
    }
}
