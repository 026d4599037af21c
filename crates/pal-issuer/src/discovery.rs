//! What clients read before they sign anybody in.

use pal_identity::JwkSet;
use pal_model::Instant;

use crate::answers::Discovery;
use crate::{Issuer, OAuthError, RequestedTenant, Version};

impl Issuer {
    /// The discovery document of a tenant, `organizations` or `common`.
    ///
    /// # Errors
    /// There is no such tenant.
    pub async fn discovery(
        &self,
        tenant: &str,
        version: Version,
        now: Instant,
    ) -> Result<Discovery, OAuthError> {
        let base = &self.settings.base;
        let (place, named) = match self.wanted(tenant, now).await? {
            // Clients put the tenant of the token in place of the braces.
            RequestedTenant::Home => (tenant.to_ascii_lowercase(), "{tenantid}".to_owned()),
            RequestedTenant::One(id) => {
                let id = id.to_string().to_ascii_lowercase();
                (id.clone(), id)
            }
        };
        let (issuer, oauth, keys) = match version {
            Version::V2 => (
                format!("{base}/{named}/v2.0"),
                format!("{base}/{place}/oauth2/v2.0"),
                format!("{base}/{place}/discovery/v2.0/keys"),
            ),
            Version::V1 => (
                format!("{base}/{named}/"),
                format!("{base}/{place}/oauth2"),
                format!("{base}/{place}/discovery/keys"),
            ),
        };
        Ok(Discovery {
            issuer,
            authorization_endpoint: format!("{oauth}/authorize"),
            token_endpoint: format!("{oauth}/token"),
            device_authorization_endpoint: format!("{oauth}/devicecode"),
            end_session_endpoint: format!("{oauth}/logout"),
            jwks_uri: keys,
            response_modes_supported: ["query", "form_post"],
            response_types_supported: ["code"],
            grant_types_supported: [
                "authorization_code",
                "refresh_token",
                "client_credentials",
                "urn:ietf:params:oauth:grant-type:device_code",
            ],
            subject_types_supported: ["pairwise"],
            id_token_signing_alg_values_supported: ["RS256"],
            scopes_supported: ["openid", "profile", "email", "offline_access"],
            token_endpoint_auth_methods_supported: ["client_secret_post", "private_key_jwt"],
            code_challenge_methods_supported: ["S256"],
            authorization_response_iss_parameter_supported: true,
        })
    }

    pub fn jwks(&self) -> JwkSet {
        self.keys.jwks()
    }
}
