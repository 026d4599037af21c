//! What tokens say.

use pal_model::{Instant, Principal, TenantId};
use serde_json::{Value, json};

use crate::answers::{FirstVersion, Seconds, Tokens};
use crate::{Issuer, OAuthError, sha256};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

/// Which endpoints a client uses; the tokens differ in their issuer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Version {
    /// `/oauth2/token`, with `resource`.
    V1,
    /// `/oauth2/v2.0/token`, with `scope`.
    V2,
}

#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Subject {
    App,
    User,
}

pub(super) struct TokenRequest<'a> {
    pub version: Version,
    pub who: Principal,
    pub client: &'a str,
    pub resource: &'a str,
}

impl Issuer {
    /// The resource that a scope (v2) or a resource (v1) names; with neither, this service.
    pub(super) fn resource(
        &self,
        scope: Option<&str>,
        resource: Option<&str>,
    ) -> Result<String, OAuthError> {
        let own = format!("{}/", self.settings.base);
        let named = resource.map(str::to_owned).or_else(|| {
            let is_resource = |word: &&str| word.contains("://") || word.contains("/.default");
            let word = scope.unwrap_or_default().split_whitespace().find(is_resource)?;
            let cut = word.strip_suffix("/.default");
            Some(match cut {
                Some(resource) => resource.to_owned(),
                None => word.rsplit_once('/').map_or(word, |(resource, _)| resource).to_owned(),
            })
        });
        let Some(named) = named else { return Ok(own) };
        let same = |known: &str| known.trim_end_matches('/') == named.trim_end_matches('/');
        if same(&own) || self.settings.audiences.iter().any(|known| same(known)) {
            return Ok(named);
        }
        let shown: String = named.chars().take(100).collect();
        Err(OAuthError::new(
            400,
            "invalid_resource",
            500_011,
            format!("The resource '{shown}' was not found. Ask for {own} instead."),
        ))
    }

    /// The issuer's name for a tenant, as its discovery document has it.
    pub(super) fn issuer_name(&self, version: Version, tenant: TenantId) -> String {
        let tenant = tenant.to_string().to_ascii_lowercase();
        match version {
            Version::V1 => format!("{}/{tenant}/", self.settings.base),
            Version::V2 => format!("{}/{tenant}/v2.0", self.settings.base),
        }
    }

    /// An access token, and for how many seconds.
    pub(super) fn access_token(
        &self,
        asked: &TokenRequest,
        subject: Subject,
        now: Instant,
    ) -> Result<(String, i64), OAuthError> {
        let at = now.unix_seconds();
        let life = self.settings.access_token_seconds;
        let object = asked.who.object.to_string().to_ascii_lowercase();
        let mut claims = json!({
            "aud": asked.resource,
            "iss": self.issuer_name(asked.version, asked.who.tenant),
            "iat": at,
            "nbf": at,
            "exp": at + life,
            "tid": asked.who.tenant.to_string().to_ascii_lowercase(),
            "oid": object,
            "sub": object,
            "appid": asked.client,
            "azp": asked.client,
            "uti": self.secret()[..22],
            "ver": if asked.version == Version::V1 { "1.0" } else { "2.0" },
        });
        match subject {
            Subject::App => claims["idtyp"] = "app".into(),
            Subject::User => {
                claims["idtyp"] = "user".into();
                claims["scp"] = "user_impersonation".into();
            }
        }
        Ok((self.signed(&claims)?, life))
    }

    /// An ID token: names, for the client's screen only.
    pub(super) fn id_token(
        &self,
        asked: &TokenRequest,
        upn: &str,
        name: Option<&str>,
        nonce: Option<&str>,
        now: Instant,
    ) -> Result<String, OAuthError> {
        let at = now.unix_seconds();
        let object = asked.who.object.to_string().to_ascii_lowercase();
        let pair = format!("{} {object} {}", asked.who.tenant, asked.client);
        let mut claims = json!({
            "aud": asked.client,
            "iss": self.issuer_name(asked.version, asked.who.tenant),
            "iat": at,
            "nbf": at,
            "exp": at + 3_600,
            "tid": asked.who.tenant.to_string().to_ascii_lowercase(),
            "oid": object,
            "sub": URL_SAFE_NO_PAD.encode(sha256(&pair)),
            "preferred_username": upn,
            "upn": upn,
            "name": name.unwrap_or(upn),
            "ver": "2.0",
        });
        if let Some(nonce) = nonce {
            claims["nonce"] = nonce.into();
        }
        self.signed(&claims)
    }

    fn signed(&self, claims: &Value) -> Result<String, OAuthError> {
        self.keys.sign(claims).map_err(|error| {
            tracing::error!(%error, "a token was not signed");
            OAuthError::unavailable()
        })
    }

    /// The part of the answer that all grants have.
    pub(super) fn answer(
        asked: &TokenRequest,
        access_token: String,
        life: i64,
        now: Instant,
    ) -> Tokens {
        let at = now.unix_seconds();
        let seconds = || match asked.version {
            Version::V1 => Seconds::Text(life.to_string()),
            Version::V2 => Seconds::Number(life),
        };
        Tokens {
            token_type: "Bearer",
            expires_in: seconds(),
            ext_expires_in: seconds(),
            first_version: (asked.version == Version::V1).then(|| FirstVersion {
                expires_on: (at + life).to_string(),
                not_before: at.to_string(),
                resource: asked.resource.to_owned(),
            }),
            access_token,
            of_person: None,
        }
    }
}
