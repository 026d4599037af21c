//! What a token says of its owner. Only for showing and for keeping answers apart: whether a token
//! is good is for the service to say.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::Deserialize;

use super::Secret;

/// Some claims of a token.
#[derive(Debug, Default, Deserialize)]
pub struct Claims {
    pub iss: Option<String>,
    aud: Option<Audience>,
    pub nonce: Option<String>,
    pub tid: Option<String>,
    pub oid: Option<String>,
    pub preferred_username: Option<String>,
    pub upn: Option<String>,
    pub unique_name: Option<String>,
}

/// Whom a token is for: one, or several.
#[derive(Debug, Deserialize)]
#[serde(untagged)]
enum Audience {
    One(String),
    Several(Vec<String>),
}

impl Claims {
    /// Whether the token is for this client.
    pub fn is_for(&self, client: &str) -> bool {
        match &self.aud {
            Some(Audience::One(one)) => one == client,
            Some(Audience::Several(all)) => all.iter().any(|one| one == client),
            None => false,
        }
    }

    /// Reads them; none when it is no JWT.
    pub fn read(token: &Secret) -> Self {
        let payload = token.expose().split('.').nth(1).unwrap_or_default();
        let bytes = URL_SAFE_NO_PAD.decode(payload.trim_end_matches('=')).unwrap_or_default();
        serde_json::from_slice(&bytes).unwrap_or_default()
    }

    /// The name that people know the owner by.
    pub fn username(&self) -> Option<&str> {
        self.preferred_username.as_deref().or(self.upn.as_deref()).or(self.unique_name.as_deref())
    }
}
