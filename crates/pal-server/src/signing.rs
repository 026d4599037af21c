//! The embedded issuer's signing keys as files: `keys/issuer-TIME.pem`.
//!
//! The newest signs, the others are still believed. A key signs for ninety days; then a new one is
//! made, and the old one goes a day later, when no token of it is left. The folder is looked at
//! every minute: to take a new key at once, add one (`pal credential signing-key`); to refuse one
//! at once, delete its file.

use std::fs;
use std::path::{Path, PathBuf};

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jiff::{Timestamp, ToSpan};
use pal_identity::{SigningKey, SigningKeys};
use pal_issuer::Random;
use pal_model::Instant;

use crate::http::time;
use crate::tls;

/// How long a key signs.
const DAYS: i64 = 90;

#[derive(Debug, thiserror::Error)]
#[error("cannot use the signing key {path}: {why}")]
pub struct SigningError {
    path: PathBuf,
    why: String,
}

fn told(path: &Path, why: impl std::fmt::Display) -> SigningError {
    SigningError { path: path.to_owned(), why: why.to_string() }
}

#[derive(Debug, Clone)]
pub struct KeyFolder(PathBuf);

impl KeyFolder {
    /// In a data folder.
    pub fn of(data_dir: &Path) -> Self {
        Self(data_dir.join("keys"))
    }

    /// The secret of pseudonyms; made if it is not there.
    ///
    /// # Errors
    /// It cannot be read, or is cut short: then every pseudonym would become another.
    pub fn pseudonyms(&self, random: &dyn Random) -> Result<Vec<u8>, SigningError> {
        let path = self.0.join("pseudonyms.key");
        if !path.exists() {
            let mut secret = [0; 32];
            random.fill(&mut secret);
            tls::write(&path, &URL_SAFE_NO_PAD.encode(secret), true)
                .map_err(|error| told(&path, error))?;
        }
        let text = fs::read_to_string(&path).map_err(|error| told(&path, error))?;
        let secret = URL_SAFE_NO_PAD.decode(text.trim()).ok().filter(|s| s.len() == 32);
        secret.ok_or_else(|| told(&path, "it is damaged; put it back from a copy"))
    }

    /// The names of the key files, newest first.
    ///
    /// # Errors
    /// The folder cannot be read.
    pub fn names(&self) -> Result<Vec<String>, SigningError> {
        let entries = fs::read_dir(&self.0).map_err(|error| told(&self.0, error))?;
        let mut names: Vec<String> = entries
            .filter_map(|entry| entry.ok()?.file_name().into_string().ok())
            .filter(|name| made(name).is_some())
            .collect();
        names.sort();
        names.reverse();
        Ok(names)
    }

    /// The keys, newest first; makes one if there is none.
    ///
    /// # Errors
    /// A file cannot be read, written, or is no key.
    pub fn read(&self, now: Instant) -> Result<Vec<SigningKey>, SigningError> {
        fs::create_dir_all(&self.0).map_err(|error| told(&self.0, error))?;
        if self.names()?.is_empty() {
            self.add(now)?;
        }
        let read = |name: String| {
            let path = self.0.join(name);
            let pem = fs::read_to_string(&path).map_err(|error| told(&path, error))?;
            SigningKey::from_pem(&pem).map_err(|error| told(&path, error))
        };
        self.names()?.into_iter().map(read).collect()
    }

    /// Adds a key, which signs from the next look at the folder on; its file's name.
    ///
    /// # Errors
    /// It cannot be made or written.
    pub fn add(&self, now: Instant) -> Result<PathBuf, SigningError> {
        let path = self.0.join(format!("issuer-{}.pem", time::compact(now)));
        fs::create_dir_all(&self.0).map_err(|error| told(&self.0, error))?;
        let key = SigningKey::generate().map_err(|error| told(&path, error))?;
        tls::write(&path, key.pem(), true).map_err(|error| told(&path, error))?;
        Ok(path)
    }

    /// Does what is due by age, and takes up what was added or deleted.
    ///
    /// # Errors
    /// As [`KeyFolder::read`]; the keys in use stay in use.
    pub fn keep_up(
        &self,
        keys: &SigningKeys,
        known: &mut Vec<String>,
        now: Instant,
    ) -> Result<(), SigningError> {
        let names = self.names()?;
        let newest = names.first().and_then(|name| made(name));
        let old = |made: Timestamp, days: i64| {
            let limit = made.checked_add((24 * days).hours()).unwrap_or(Timestamp::MAX);
            limit.as_nanosecond() < now.nanoseconds()
        };
        if newest.is_none_or(|made| old(made, DAYS)) {
            self.add(now)?;
        }
        for name in names.iter().skip(1) {
            if made(name).is_some_and(|made| old(made, DAYS + 1)) {
                let path = self.0.join(name);
                fs::remove_file(&path).map_err(|error| told(&path, error))?;
            }
        }
        let names = self.names()?;
        if names != *known {
            keys.replace(self.read(now)?).map_err(|error| told(&self.0, error))?;
            tracing::info!(keys = names.len(), "signing keys changed");
            *known = names;
        }
        Ok(())
    }
}

/// When the key of a file was made.
fn made(name: &str) -> Option<Timestamp> {
    let text = name.strip_prefix("issuer-")?.strip_suffix(".pem")?;
    jiff::fmt::strtime::parse("%Y%m%dT%H%M%SZ", text)
        .ok()?
        .to_datetime()
        .ok()
        .and_then(|at| at.to_zoned(jiff::tz::TimeZone::UTC).ok().map(|zoned| zoned.timestamp()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_are_made_once_rotated_by_age_and_taken_away_by_deleting() {
        let folder = tempfile::tempdir().unwrap();
        let keys = KeyFolder::of(folder.path());
        let at = |text: &str| text.parse::<Instant>().unwrap();
        let first = at("2026-05-01T00:00:00Z");
        let using = SigningKeys::new(keys.read(first).unwrap()).unwrap();
        let mut known = keys.names().unwrap();
        assert_eq!(known, ["issuer-20260501T000000Z.pem"]);
        let kids = |using: &SigningKeys| {
            let jwks = serde_json::to_value(using.jwks()).unwrap();
            let list = jwks["keys"].as_array().unwrap().clone();
            list.iter().map(|key| key["kid"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
        };
        let old = kids(&using);
        keys.keep_up(&using, &mut known, at("2026-07-01T00:00:00Z")).unwrap();
        assert_eq!(kids(&using), old);
        keys.keep_up(&using, &mut known, at("2026-07-30T00:00:01Z")).unwrap();
        assert_eq!((kids(&using).len(), &kids(&using)[1]), (2, &old[0]));
        keys.keep_up(&using, &mut known, at("2026-07-31T00:00:01Z")).unwrap();
        assert_eq!(kids(&using).len(), 1);
        assert_ne!(kids(&using), old);
        keys.add(at("2026-08-01T00:00:00Z")).unwrap();
        fs::remove_file(folder.path().join("keys").join(&known[0])).unwrap();
        let before = kids(&using);
        keys.keep_up(&using, &mut known, at("2026-08-01T00:00:00Z")).unwrap();
        assert_eq!(known, ["issuer-20260801T000000Z.pem"]);
        assert_ne!(kids(&using), before);
    }
}
