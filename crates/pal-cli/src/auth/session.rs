//! Tokens of sign-ins that exist: the kept one while it is good, a new one otherwise.
//!
//! A refresh token works once. If two commands used the same one, the service would take the second
//! for a thief and end the sign-in. So a new token is asked for only while the folder is locked, and
//! only after its files were read again: another command may have done it meanwhile.

use super::cache::{Cache, Credential, Target};
use super::oauth::{Authority, TokenScope, Tokens};
use super::{Claims, Secret, borrow, client_credentials};
use crate::client::http::Http;
use crate::cloud::Cloud;
use crate::config_dir::ConfigDir;
use crate::printer::Failure;

/// A token that ends sooner than this is not used any more, in seconds.
const MARGIN: i64 = 120;

/// The sign-ins of one cloud.
pub struct Sessions<'a> {
    pub dir: &'a ConfigDir,
    pub cloud: &'a Cloud,
}

impl Sessions<'_> {
    /// A token for a directory.
    ///
    /// # Errors
    ///
    /// When there is none any more: somebody must sign in again.
    pub fn token(&self, http: &Http, target: &Target) -> Result<Secret, Failure> {
        if let Some(token) = kept(&Cache::load(self.dir)?, target)? {
            return Ok(token);
        }
        let _lock = self.dir.lock()?;
        let mut cache = Cache::load(self.dir)?;
        if let Some(token) = kept(&cache, target)? {
            return Ok(token);
        }
        self.fetch(http, &mut cache, target, None)
    }

    /// Gets a new token although the kept one is not at its end.
    ///
    /// # Errors
    ///
    /// When there is none.
    pub fn renew(&self, http: &Http, target: &Target, claims: Option<&str>) -> Result<(), Failure> {
        let before = kept(&Cache::load(self.dir)?, target)?;
        let _lock = self.dir.lock()?;
        let mut cache = Cache::load(self.dir)?;
        let now = kept(&cache, target)?;
        if claims.is_none() && now.is_some() && now != before {
            return Ok(());
        }
        self.fetch(http, &mut cache, target, claims).map(drop)
    }

    /// Asks for a token and keeps it; the lock is held.
    fn fetch(
        &self,
        http: &Http,
        cache: &mut Cache,
        target: &Target,
        claims: Option<&str>,
    ) -> Result<Secret, Failure> {
        let session = cache.find(target)?.clone();
        if matches!(session.credential, Credential::AzureCli) {
            // az keeps its own tokens; none of them is written down here.
            return Ok(borrow(self.cloud, Some(&target.tenant))?.0.access_token);
        }
        let authority = Authority::discover(http, self.cloud, &target.tenant)?;
        let again = |failure: Failure| match failure {
            Failure::Failed(text) | Failure::Untrusted(text) => {
                Failure::Failed(format!("{text}\nTo sign in again: pal login"))
            }
            other => other,
        };
        let tokens = match &session.credential {
            Credential::Refresh(token) => {
                let mut form = vec![
                    ("grant_type", "refresh_token".to_owned()),
                    ("client_id", session.client_id.clone()),
                    ("refresh_token", token.expose().to_owned()),
                    ("client_info", "1".to_owned()),
                ];
                form.extend(TokenScope::of(self.cloud, true).fields());
                form.extend(claims.map(|claims| ("claims", claims.to_owned())));
                authority.tokens(http, &form).map_err(again)?
            }
            credential => {
                let scope = TokenScope::of(self.cloud, false);
                client_credentials(http, &authority, &session.client_id, credential, &scope, claims)
                    .map_err(again)?
            }
        };
        let token = tokens.access_token.clone();
        keep(cache, target, tokens)?;
        cache.save(self.dir)?;
        Ok(token)
    }
}

/// The token that is kept and still good.
fn kept(cache: &Cache, target: &Target) -> Result<Option<Secret>, Failure> {
    let session = cache.find(target)?;
    let account = session.accounts.iter().find(|account| account.tenant == target.tenant);
    let good = account.filter(|account| account.expires > crate::clock::now() + MARGIN);
    Ok(good.and_then(|account| account.token.clone()))
}

/// Writes new tokens into the cache.
fn keep(cache: &mut Cache, target: &Target, tokens: Tokens) -> Result<(), Failure> {
    let session = cache.find_mut(target)?;
    if let (Credential::Refresh(kept), Some(new)) = (&mut session.credential, tokens.refresh_token)
    {
        *kept = new;
    }
    let claims = Claims::read(&tokens.access_token);
    let account = session.account(&target.tenant);
    account.object = claims.oid.or_else(|| account.object.take());
    account.expires = crate::clock::now() + tokens.expires_in.get();
    account.token = Some(tokens.access_token);
    Ok(())
}
