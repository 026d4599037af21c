//! Names and passwords, client secrets: checked in a bounded pool, wrong ones slowed.

use std::net::{IpAddr, Ipv6Addr};

use pal_model::{Instant, fold};
use pal_store::Login;

use crate::password::verify_password;
use crate::throttle::Keys;
use crate::{Issuer, OAuthError, sha256};

/// A person who has just given the right password.
pub struct SignedInPerson(pub(crate) Login);

impl SignedInPerson {
    pub(super) fn proof(&self) -> Proof {
        Proof { upn: self.0.upn.clone(), password: sha256(&self.0.password_hash) }
    }
}

/// Who signed in, and with which password: another one ends what was begun with it.
#[derive(Clone)]
pub(super) struct Proof {
    upn: String,
    password: [u8; 32],
}

impl Issuer {
    /// The person who signed in a while ago, if the password is still the same.
    pub(super) async fn still(&self, proof: &Proof) -> Result<Login, OAuthError> {
        let login = self.store.login(&proof.upn).await?;
        let same = login.filter(|login| sha256(&login.password_hash) == proof.password);
        same.ok_or_else(|| {
            let text = "The password was changed since the sign-in. Sign in again.";
            OAuthError::grant(50173, text)
        })
    }

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
        let login = self.store.login(upn).await?;
        let hash = login.iter().map(|login| login.password_hash.clone()).collect();
        let right = self.check(password, hash, keys, now).await?;
        login.filter(|_| right).map(SignedInPerson).ok_or_else(|| {
            let text = "The user name or the password is wrong.";
            OAuthError::grant(50126, text)
        })
    }

    /// Checks a client's secret against those that it may have.
    pub(super) async fn check_secret(
        &self,
        client: &str,
        secret: &str,
        hashes: Vec<String>,
        address: Option<IpAddr>,
        now: Instant,
    ) -> Result<(), OAuthError> {
        let keys = keys(&format!("app {}", fold(client)), address);
        self.slow_down(&keys, now)?;
        if self.check(secret, hashes, keys, now).await? {
            return Ok(());
        }
        let text = format!(
            "Invalid client secret provided. Ensure the secret being sent in the request is the \
             client secret value, for app '{client}'."
        );
        Err(OAuthError::client(7_000_215, text))
    }

    fn slow_down(&self, keys: &Keys, now: Instant) -> Result<(), OAuthError> {
        self.throttle.wait(keys, now).map_or(Ok(()), |wait| Err(OAuthError::too_many(wait)))
    }

    /// Whether a secret is that of one of the hashes; with none the work is done all the same.
    async fn check(
        &self,
        secret: &str,
        mut hashes: Vec<String>,
        keys: Keys,
        now: Instant,
    ) -> Result<bool, OAuthError> {
        if secret.len() > 1_024 {
            self.throttle.failed(&keys, now);
            return Ok(false);
        }
        let place = self.hashing.clone().acquire_owned();
        let waiting = std::time::Duration::from_secs(5);
        let place = tokio::time::timeout(waiting, place).await;
        let Ok(Ok(place)) = place else { return Err(OAuthError::too_many(5)) };
        // Others may have failed meanwhile: many tries at once are no way around the pause.
        self.slow_down(&keys, now)?;
        let (secret, known) = (secret.to_owned(), !hashes.is_empty());
        let throttle = self.throttle.clone();
        if !known {
            hashes.push(self.nobody.clone());
        }
        let checked = tokio::task::spawn_blocking(move || {
            // All of them: the time must not say which one it was.
            let verified = hashes.iter().filter(|hash| verify_password(&secret, hash)).count();
            let right = verified > 0 && known;
            // Counted before the next one's turn, also if nobody waits for the answer any more.
            if right {
                throttle.succeeded(&keys);
            } else {
                throttle.failed(&keys, now);
            }
            drop(place);
            right
        });
        Ok(checked.await.unwrap_or(false))
    }
}

fn keys(name: &str, address: Option<IpAddr>) -> Keys {
    let address = address.map_or_else(String::new, |address| network(address).to_string());
    Keys { name: sha256(name), address: sha256(&format!("address {address}")) }
}

/// What one customer of a network has: an IPv4 address, or 2^64 IPv6 addresses.
fn network(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V6(six) => IpAddr::V6(Ipv6Addr::from_bits(six.to_bits() >> 64 << 64)),
        four @ IpAddr::V4(_) => four,
    }
}
