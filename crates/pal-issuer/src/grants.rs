//! The token endpoint.

use std::net::IpAddr;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use pal_model::Instant;
use pal_store::{Login, NewRefreshToken, RefreshError};

use crate::answers::{ClientInfo, OfPerson, Tokens};
use crate::authorize::{LIFE, proves};
use crate::tokens::{Subject, TokenRequest};
use crate::{
    Authorization, Form, Issuer, OAuthError, RequestedTenant, Version, client_guid, public_client,
    sha256, unknown_client,
};

/// A sign-in ends after so many days, whatever is refreshed (T49).
const REFRESH_DAYS: i64 = 30;
const DAY: i128 = 86_400_000_000_000;

/// A person's grant, as any of the ways leads to it.
struct Granted<'g> {
    login: Login,
    client: &'g str,
    wanted: RequestedTenant,
    scope: Option<&'g str>,
    resource: Option<&'g str>,
    nonce: Option<&'g str>,
    refresh_token: String,
}

#[derive(Clone, Copy)]
struct TokenEndpoint<'p> {
    tenant: &'p str,
    version: Version,
    now: Instant,
}

/// What comes with a code.
#[derive(Clone, Copy)]
pub(super) struct GivenCode<'g> {
    pub code: &'g str,
    pub client: &'g str,
    pub verifier: &'g str,
    pub redirect_uri: &'g str,
}

impl Issuer {
    /// Answers a request for a token.
    ///
    /// # Errors
    /// See [`OAuthError`].
    pub async fn token(
        &self,
        tenant: &str,
        version: Version,
        form: &Form<'_>,
        address: Option<IpAddr>,
        now: Instant,
    ) -> Result<Tokens, OAuthError> {
        let place = TokenEndpoint { tenant, version, now };
        // Before a code or a refresh token is used up for nothing.
        self.resource(form.get("scope")?, form.get("resource")?)?;
        match form.need("grant_type")? {
            "client_credentials" => self.client_credentials(place, form, address).await,
            "authorization_code" => self.authorization_code(place, form).await,
            "refresh_token" => self.refresh(place, form).await,
            "urn:ietf:params:oauth:grant-type:device_code" | "device_code" => {
                self.device_code(place, form).await
            }
            "password" => Err(OAuthError::new(
                400,
                "unsupported_grant_type",
                70003,
                "Passwords are typed into the sign-in page only. Use the device code or a browser.",
            )),
            _ => Err(OAuthError::new(
                400,
                "unsupported_grant_type",
                70003,
                "The grant type is not supported. Use client_credentials, authorization_code, \
                 refresh_token or the device code.",
            )),
        }
    }

    async fn client_credentials(
        &self,
        place: TokenEndpoint<'_>,
        form: &Form<'_>,
        address: Option<IpAddr>,
    ) -> Result<Tokens, OAuthError> {
        let TokenEndpoint { tenant, version, now } = place;
        let assertion = form.get("client_assertion")?;
        let client = match (form.get("client_id")?, assertion) {
            (Some(client), _) => client.to_owned(),
            (None, Some(assertion)) => crate::assertion::subject(assertion)?,
            (None, None) => form.need("client_id")?.to_owned(),
        };
        let RequestedTenant::One(id) = self.wanted(tenant, now).await? else {
            return Err(OAuthError::request(
                90002,
                "A service principal signs in to one tenant. Name it in the address.",
            ));
        };
        let app = self.store.app(client_guid(&client)?, Some(id)).await?;
        if let Some(assertion) = assertion {
            let app = app.as_ref().ok_or_else(|| unknown_client(&client))?;
            self.check_assertion(assertion, form, app, tenant, now)?;
        } else {
            let secret = form.get("client_secret")?.ok_or_else(|| {
                let text = "The request body must contain 'client_secret' or 'client_assertion'.";
                OAuthError::client(7_000_216, text)
            })?;
            let hashes = app.as_ref().map(|app| app.secret_hashes.clone()).unwrap_or_default();
            let checked = self.check_secret(&client, secret, hashes, address, now).await;
            // An application that is not there is told so: its id is no secret in a directory.
            if app.is_none() && !matches!(&checked, Err(error) if error.status == 429) {
                return Err(unknown_client(&client));
            }
            checked?;
        }
        let app = app.ok_or_else(|| unknown_client(&client))?;
        let account = self.store.account(app.principal, now).await?;
        if !account.is_some_and(|account| account.may_link()) {
            let text = format!("The service principal of '{client}' is disabled in this tenant.");
            return Err(OAuthError::new(400, "unauthorized_client", 7_000_112, text));
        }
        let resource = self.resource(form.get("scope")?, form.get("resource")?)?;
        let asked =
            TokenRequest { version, who: app.principal, client: &client, resource: &resource };
        let (token, life) = self.access_token(&asked, Subject::App, now)?;
        Ok(Self::answer(&asked, token, life, now))
    }

    async fn authorization_code(
        &self,
        place: TokenEndpoint<'_>,
        form: &Form<'_>,
    ) -> Result<Tokens, OAuthError> {
        let now = place.now;
        let client = form.need("client_id")?;
        // Its codes are used up in this process, by no one who comes over the network.
        if crate::is_portal(client) {
            return Err(unknown_client(client));
        }
        let code = form.need("code")?;
        let (verifier, redirect_uri) = (form.need("code_verifier")?, form.need("redirect_uri")?);
        let family = self.random_family();
        let given = GivenCode { code, client, verifier, redirect_uri };
        let (request, login) = self.use_up(given, family, now).await?;
        let scope = form.get("scope")?.or(request.scope.as_deref());
        let refresh_token = self.first_refresh_token(family, &login.upn, client, now).await?;
        // Somebody may have come with the same code before there was a token to revoke.
        if self.codes().get(&sha256(code)).is_some_and(|kept| kept.replayed) {
            return Err(self.used_before(family).await);
        }
        let granted = Granted {
            login,
            client,
            wanted: request.wanted,
            scope,
            resource: form.get("resource")?,
            nonce: request.nonce.as_deref(),
            refresh_token,
        };
        self.grant(place, granted).await
    }

    /// Uses a code up, once; the request that it was given out for, and the person.
    pub(super) async fn use_up(
        &self,
        given: GivenCode<'_>,
        family: [u8; 16],
        now: Instant,
    ) -> Result<(Authorization, Login), OAuthError> {
        let used = {
            let mut codes = self.codes();
            let wrong =
                || OAuthError::grant(70000, "The authorization code is not valid. Sign in again.");
            let kept = codes.get_mut(&sha256(given.code)).ok_or_else(wrong)?;
            if !kept.request.client.eq_ignore_ascii_case(given.client)
                || kept.request.redirect_uri != given.redirect_uri
            {
                return Err(wrong());
            }
            match kept.family {
                Some(family) => {
                    kept.replayed = true;
                    Err(family)
                }
                // Also not beyond its life when the clock has gone back.
                None if !(1..=LIFE).contains(&(kept.expires - now.unix_seconds())) => {
                    let text = "The authorization code has expired. Sign in again.";
                    return Err(OAuthError::grant(70008, text));
                }
                // A wrong verifier uses the code up, too: it is tried once.
                None => {
                    kept.family = Some(family);
                    Ok((kept.request.clone(), kept.proof.clone()))
                }
            }
        };
        let (request, proof) = match used {
            Ok(found) => found,
            Err(family) => return Err(self.used_before(family).await),
        };
        if !proves(given.verifier, &request.challenge) {
            let text = "The code_verifier does not match the code_challenge.";
            return Err(OAuthError::grant(501_481, text));
        }
        let login = self.still(&proof).await?;
        Ok((request, login))
    }

    async fn device_code(
        &self,
        place: TokenEndpoint<'_>,
        form: &Form<'_>,
    ) -> Result<Tokens, OAuthError> {
        let client = form.need("client_id")?;
        let code = match form.get("device_code")? {
            Some(code) => code,
            None => form.need("code")?,
        };
        let approved = self.poll_device(code, client, place.now)?;
        let login = self.still(&approved.proof).await?;
        let family = self.random_family();
        let refresh_token = self.first_refresh_token(family, &login.upn, client, place.now).await?;
        let granted = Granted {
            login,
            client,
            wanted: approved.wanted,
            scope: form.get("scope")?.or(approved.scope.as_deref()),
            resource: form.get("resource")?,
            nonce: None,
            refresh_token,
        };
        self.grant(place, granted).await
    }

    async fn refresh(
        &self,
        place: TokenEndpoint<'_>,
        form: &Form<'_>,
    ) -> Result<Tokens, OAuthError> {
        let now = place.now;
        let wanted = self.wanted(place.tenant, now).await?;
        let client = form.need("client_id")?;
        let token = form.need("refresh_token")?;
        public_client(client).ok_or_else(|| unknown_client(client))?;
        // A directory that refuses the person must not end the sign-in to the others.
        if let Some(upn) = self.store.refresh_token_owner(sha256(token)).await?
            && let Some(login) = self.store.login(&upn).await?
        {
            self.account_of(&login, wanted, now).await?;
        }
        let next = self.secret();
        let folded = client.to_ascii_lowercase();
        let rotated =
            self.store.rotate_refresh_token(sha256(token), &folded, sha256(&next), now).await;
        let upn = match rotated {
            Ok(token) => token.upn,
            Err(RefreshError::Store(error)) => return Err(error.into()),
            Err(RefreshError::Invalid) => {
                let text = "The refresh token is not valid or has expired. Sign in again.";
                return Err(OAuthError::grant(700_082, text));
            }
            Err(RefreshError::Reused) => {
                return Err(OAuthError::grant(
                    70000,
                    "The refresh token was used before. Every token of that sign-in has been \
                     revoked. Sign in again.",
                ));
            }
        };
        let missing = || OAuthError::grant(50034, "The user account does not exist any more.");
        let login = self.store.login(&upn).await?.ok_or_else(missing)?;
        let granted = Granted {
            login,
            client,
            wanted,
            scope: form.get("scope")?,
            resource: form.get("resource")?,
            nonce: None,
            refresh_token: next,
        };
        self.grant(place, granted).await
    }

    /// A code that comes again ends what it began.
    async fn used_before(&self, family: [u8; 16]) -> OAuthError {
        match self.store.revoke_refresh_family(family).await {
            Ok(()) => {
                let text = "The authorization code was used before. Sign in again.";
                OAuthError::grant(54005, text)
            }
            Err(error) => error.into(),
        }
    }

    pub(super) fn random_family(&self) -> [u8; 16] {
        let mut family = [0; 16];
        self.random.fill(&mut family);
        family
    }

    async fn first_refresh_token(
        &self,
        family: [u8; 16],
        upn: &str,
        client: &str,
        now: Instant,
    ) -> Result<String, OAuthError> {
        let token = self.secret();
        let end = now.nanoseconds() + i128::from(REFRESH_DAYS) * DAY;
        let expires = Instant::from_nanoseconds(end).unwrap_or(now);
        let (hash, upn, client) = (sha256(&token), upn.to_owned(), client.to_ascii_lowercase());
        let kept = NewRefreshToken { hash, family, upn, client, expires };
        self.store.keep_refresh_token(kept).await?;
        Ok(token)
    }

    /// Tokens for a person, whose account must be there and enabled now (T17).
    async fn grant(
        &self,
        place: TokenEndpoint<'_>,
        granted: Granted<'_>,
    ) -> Result<Tokens, OAuthError> {
        let now = place.now;
        let login = &granted.login;
        let account = self.account_of(login, granted.wanted, now).await?;
        let who = account.principal;
        let resource = self.resource(granted.scope, granted.resource)?;
        let asked = TokenRequest {
            version: place.version,
            who,
            client: granted.client,
            resource: &resource,
        };
        let (token, life) = self.access_token(&asked, Subject::User, now)?;
        let name = account.name.as_deref();
        let id = self.id_token(&asked, &login.upn, name, granted.nonce, now)?;
        let mut answer = Self::answer(&asked, token, life, now);
        // The home account names the person in every tenant.
        let home = login.accounts.first().copied().unwrap_or(who);
        let info = ClientInfo {
            uid: home.object.to_string().to_ascii_lowercase(),
            utid: home.tenant.to_string().to_ascii_lowercase(),
        };
        let info = serde_json::to_vec(&info).map_err(|_| OAuthError::unavailable())?;
        let named = granted.scope.filter(|scope| scope.contains("://"));
        answer.of_person = Some(OfPerson {
            refresh_token: granted.refresh_token,
            id_token: id,
            client_info: URL_SAFE_NO_PAD.encode(info),
            scope: named.map_or_else(|| format!("{resource}/.default"), str::to_owned),
        });
        Ok(answer)
    }
}
