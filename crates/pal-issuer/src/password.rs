//! Passwords and secrets, hashed with Argon2id.

use argon2::Argon2;
use argon2::password_hash::phc::PasswordHash;
use argon2::password_hash::{PasswordHasher, PasswordVerifier};

use crate::Random;

#[derive(Debug, thiserror::Error)]
#[error("the password cannot be hashed: {0}")]
pub struct PasswordError(String);

/// The PHC string of a secret.
///
/// # Errors
/// It is longer than the function takes.
pub fn hash_password(secret: &str, random: &dyn Random) -> Result<String, PasswordError> {
    let mut salt = [0; 16];
    random.fill(&mut salt);
    let hash = Argon2::default().hash_password_with_salt(secret.as_bytes(), &salt);
    hash.map(|hash| hash.to_string()).map_err(|error| PasswordError(error.to_string()))
}

pub(crate) fn verify_password(secret: &str, hash: &str) -> bool {
    PasswordHash::new(hash)
        .is_ok_and(|hash| Argon2::default().verify_password(secret.as_bytes(), &hash).is_ok())
}
