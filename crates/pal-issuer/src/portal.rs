//! The portal of this service as a client: its code is used up in this process, for a person and not
//! for a token, so that there is no token to be kept or to be lost.

use pal_model::{Instant, Principal};

use crate::grants::GivenCode;
use crate::{Issuer, OAuthError, PORTAL_CLIENT, Version};

#[derive(Debug, Clone)]
pub struct PortalPerson {
    /// The sign-in name, as stored.
    pub upn: String,
    /// The hash of the password that was given: another one ends what was begun with it.
    pub password_hash: String,
    /// The account in the directory that was asked for; it is there and enabled.
    pub account: Principal,
    pub nonce: Option<String>,
    /// The issuer's name in that directory, as `iss` of the answer must have it (T48).
    pub issuer: String,
}

impl Issuer {
    /// Where the portal's codes go: nowhere else.
    pub fn portal_redirect(&self) -> String {
        format!("{}/portal/auth/callback", self.settings.base)
    }

    /// The person that a code of the portal was given out for. It is used up, however this ends.
    ///
    /// # Errors
    /// The code is unknown, too old, another client's or used before, the verifier is not the one it
    /// was asked for with, or the account is not there or not enabled any more.
    pub async fn redeem_for_portal(
        &self,
        code: &str,
        verifier: &str,
        now: Instant,
    ) -> Result<PortalPerson, OAuthError> {
        let redirect_uri = self.portal_redirect();
        let given =
            GivenCode { code, client: PORTAL_CLIENT, verifier, redirect_uri: &redirect_uri };
        let (request, login) = self.use_up(given, self.random_family(), now).await?;
        let account = self.account_of(&login, request.wanted, now).await?.principal;
        Ok(PortalPerson {
            issuer: self.issuer_name(Version::V2, account.tenant),
            upn: login.upn,
            password_hash: login.password_hash,
            account,
            nonce: request.nonce,
        })
    }
}
