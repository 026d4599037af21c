//! Sign-in: sessions of the portal, and refresh tokens of the embedded issuer.

use pal_model::{Instant, Principal};

/// A person who can sign in at the embedded issuer: one password, one account in each directory.
#[derive(Debug, Clone)]
pub struct Login {
    /// The sign-in name, compared without regard to ASCII case.
    pub upn: String,
    /// Argon2id, PHC string.
    pub password_hash: String,
    /// The accounts; the first is the home account.
    pub accounts: Vec<Principal>,
}

/// A session of the portal to keep.
#[derive(Debug, Clone)]
pub struct NewPortalSession {
    /// SHA-256 of the cookie.
    pub hash: [u8; 32],
    /// The sign-in name at the embedded issuer and the hash of the password that was given; `None` =
    /// another issuer has said who it is.
    pub login: Option<(String, String)>,
    /// The account it stands for.
    pub account: Principal,
    /// Who has said so.
    pub issuer: String,
    /// Now.
    pub created: Instant,
    /// The end, however much it is used.
    pub ends: Instant,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PortalSession {
    /// The sign-in name at the embedded issuer.
    pub login: Option<String>,
    /// The account it stands for.
    pub account: Principal,
    /// Who has said so.
    pub issuer: String,
    /// When it began.
    pub created: Instant,
    /// When it was used last, as far as that is kept.
    pub used: Instant,
    /// The end, however much it is used.
    pub ends: Instant,
}

/// A refresh token to keep: only its hash.
#[derive(Debug, Clone)]
pub struct NewRefreshToken {
    /// SHA-256 of the token.
    pub hash: [u8; 32],
    /// All tokens that come from one sign-in.
    pub family: [u8; 16],
    /// The sign-in name.
    pub upn: String,
    /// The application.
    pub client: String,
    /// The end of the family, whatever is refreshed.
    pub expires: Instant,
}

/// A refresh token that was just used up.
#[derive(Debug, Clone)]
pub struct RefreshToken {
    /// All tokens that come from one sign-in.
    pub family: [u8; 16],
    /// The sign-in name.
    pub upn: String,
    /// The application it was given to.
    pub client: String,
    /// The end of the family.
    pub expires: Instant,
}

/// Why a refresh token is not taken.
#[derive(Debug, thiserror::Error)]
pub enum RefreshError {
    /// Unknown, expired, revoked, or of another application.
    #[error("the refresh token is not valid")]
    Invalid,
    /// Used before: the whole family is revoked now.
    #[error("the refresh token was used before")]
    Reused,
    /// The store failed.
    #[error(transparent)]
    Store(#[from] crate::StoreError),
}
