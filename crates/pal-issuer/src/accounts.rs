//! What the embedded issuer must know about people and programs.

use async_trait::async_trait;
use pal_model::{Guid, Instant, Principal, TenantId};

/// The accounts cannot be asked now.
#[derive(Debug, thiserror::Error)]
#[error("accounts are not available: {0}")]
pub struct AccountsError(pub String);

/// A person: one password, one account in each directory.
#[derive(Debug, Clone)]
pub struct IssuerLogin {
    /// Sign-in name, as stored.
    pub upn: String,
    /// Argon2id, PHC string.
    pub password_hash: String,
    /// Accounts; the first is the home account.
    pub accounts: Vec<Principal>,
}

/// A program's service principal in one tenant.
#[derive(Debug, Clone)]
pub struct IssuerApp {
    /// Client id.
    pub client: Guid,
    /// The account it acts as.
    pub principal: Principal,
    /// Argon2id hash of its secret.
    pub secret_hash: Option<String>,
    /// Certificates, PEM.
    pub certificates: Vec<String>,
}

/// An account as the directory has it now.
#[derive(Debug, Clone)]
pub struct IssuerAccount {
    /// Display name.
    pub name: Option<String>,
    /// Whether it may sign in.
    pub enabled: bool,
}

/// What became of a refresh token.
#[derive(Debug, Clone)]
pub enum Rotation {
    /// Used up; the successor is kept.
    Rotated {
        /// The sign-in name.
        upn: String,
        /// The end of the family.
        expires: Instant,
    },
    /// Unknown, expired, revoked, or another application's.
    Invalid,
    /// Used before: its family is revoked now (T49).
    Reused,
}

/// Accounts and refresh tokens, kept by somebody else.
#[async_trait]
pub trait Accounts: Send + Sync {
    /// A tenant by GUID or domain; `None` = there is none.
    async fn tenant(&self, text: &str, now: Instant) -> Result<Option<TenantId>, AccountsError>;
    /// A person by sign-in name.
    async fn login(&self, upn: &str) -> Result<Option<IssuerLogin>, AccountsError>;
    /// A program's service principal; with `None` the one of any tenant.
    async fn app(
        &self,
        client: Guid,
        tenant: Option<TenantId>,
    ) -> Result<Option<IssuerApp>, AccountsError>;
    /// The account in the directory.
    async fn account(
        &self,
        who: Principal,
        now: Instant,
    ) -> Result<Option<IssuerAccount>, AccountsError>;
    /// Keeps the first refresh token of a sign-in (`hash` = SHA-256 of it).
    async fn keep_refresh_token(
        &self,
        hash: [u8; 32],
        family: [u8; 16],
        upn: &str,
        client: &str,
        expires: Instant,
    ) -> Result<(), AccountsError>;
    /// The sign-in name of a refresh token that has not been used, whoever asks.
    async fn refresh_token_owner(&self, hash: [u8; 32]) -> Result<Option<String>, AccountsError>;
    /// Uses up a refresh token and keeps its successor.
    async fn rotate_refresh_token(
        &self,
        hash: [u8; 32],
        client: &str,
        successor: [u8; 32],
        now: Instant,
    ) -> Result<Rotation, AccountsError>;
    /// Revokes all refresh tokens of a family.
    async fn revoke_family(&self, family: [u8; 16]) -> Result<(), AccountsError>;
}
