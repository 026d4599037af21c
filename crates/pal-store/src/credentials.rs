//! What applications sign in with at the embedded issuer.

use pal_model::{Guid, Principal};

/// A service principal that can sign in at the embedded issuer.
#[derive(Debug, Clone)]
pub struct App {
    /// The application (client) id.
    pub client: Guid,
    /// The account it acts as.
    pub principal: Principal,
    /// Argon2id hashes of its secrets, the oldest first.
    pub secret_hashes: Vec<String>,
    /// Its certificates, PEM.
    pub certificates: Vec<String>,
}

/// Something that an application signs in with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Credential {
    /// What it is called when it is to be removed; it says nothing of it.
    pub id: String,
    pub kind: CredentialKind,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CredentialKind {
    Secret,
    Certificate,
}

/// A change of what an application signs in with, while it goes on to sign in.
#[derive(Debug, Clone)]
pub enum CredentialChange {
    /// Beside those that it has.
    Add { secret_hash: Option<String>, certificates: Vec<String> },
    /// The one of this id.
    Remove(String),
}
