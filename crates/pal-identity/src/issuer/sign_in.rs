//! Names and passwords, client secrets: checked in a bounded pool, wrong ones slowed.

use std::net::IpAddr;

use pal_model::{Instant, fold};

use super::throttle::Keys;
use super::{Issuer, OAuthError};
use crate::IssuerLogin;
use crate::password::verify_password;

/// A person who has just given the right password.
pub struct SignedInPerson(pub(crate) IssuerLogin);

impl Issuer {
    /// Checks a name and a password. Whether the name or the password is wrong is not said, and
    /// costs the same.
    ///
    /// # Errors
    /// They do not fit, or there were too many tries.
    pub async fn sign_in(
        &self,
        upn: &str,
        password: &str,
        address: Option<IpAddr>,
        now: Instant,
    ) -> Result<SignedInPerson, OAuthError> {
        let keys = keys(&format!("user {}", fold(upn)), address);
        self.slow_down(&keys, now)?;
        let login = self.accounts.login(upn).await?;
        let hash = login.as_ref().map(|login| login.password_hash.clone());
        let right = self.check(password, hash).await?;
        match login.filter(|_| right) {
            Some(login) => {
                self.throttle.succeeded(&keys);
                Ok(SignedInPerson(login))
            }
            None => {
                self.throttle.failed(&keys, now);
                let text = "The user name or the password is wrong.";
                Err(OAuthError::grant(50126, text))
            }
        }
    }

    /// Checks a client's secret.
    pub(super) async fn check_secret(
        &self,
        client: &str,
        secret: &str,
        hash: Option<String>,
        address: Option<IpAddr>,
        now: Instant,
    ) -> Result<(), OAuthError> {
        let keys = keys(&format!("app {}", fold(client)), address);
        self.slow_down(&keys, now)?;
        if self.check(secret, hash).await? {
            self.throttle.succeeded(&keys);
            return Ok(());
        }
        self.throttle.failed(&keys, now);
        let text = format!(
            "Invalid client secret provided. Ensure the secret being sent in the request is the \
             client secret value, for app '{client}'."
        );
        Err(OAuthError::client(7_000_215, text))
    }

    fn slow_down(&self, keys: &Keys, now: Instant) -> Result<(), OAuthError> {
        self.throttle.wait(keys, now).map_or(Ok(()), |wait| Err(OAuthError::too_many(wait)))
    }

    /// Whether a secret is the one of a hash; with no hash the work is done all the same.
    async fn check(&self, secret: &str, hash: Option<String>) -> Result<bool, OAuthError> {
        if secret.len() > 1_024 {
            return Ok(false);
        }
        let place = self.hashing.clone().acquire_owned();
        let waiting = std::time::Duration::from_secs(5);
        let place = tokio::time::timeout(waiting, place).await;
        let Ok(Ok(place)) = place else { return Err(OAuthError::too_many(5)) };
        let (secret, known) = (secret.to_owned(), hash.is_some());
        let hash = hash.unwrap_or_else(|| self.nobody.clone());
        let checked = tokio::task::spawn_blocking(move || {
            let right = verify_password(&secret, &hash);
            drop(place);
            right
        });
        Ok(checked.await.unwrap_or(false) && known)
    }
}

fn keys(name: &str, address: Option<IpAddr>) -> Keys {
    let address = address.map_or_else(|| "address".to_owned(), |ip| format!("address {ip}"));
    Keys { name: name.to_owned(), address }
}
