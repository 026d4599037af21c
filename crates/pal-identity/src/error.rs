//! Why a token is not taken.

use std::borrow::Cow;

use pal_model::TenantId;

/// What is wrong, in words that can be shown: claims and algorithms by name, never the token itself.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TokenError {
    /// No `Authorization: Bearer` header.
    #[error("the request has no access token; sign in and send it as 'Authorization: Bearer'")]
    Missing,
    /// Not the form of a token, or a form that is not taken.
    #[error("the token cannot be read: {0}; sign in again")]
    Malformed(Cow<'static, str>),
    /// Signed by an algorithm that is not taken.
    #[error(
        "the token names the algorithm '{0}', and RS256, RS384, RS512, PS256, ES256 and ES384 are taken; the issuer must \
         sign by one of these"
    )]
    Algorithm(Shown),
    /// Past its end.
    #[error("the token has expired (claim 'exp'); sign in again")]
    Expired,
    /// Before its beginning.
    #[error(
        "the token is not valid yet (claim '{0}'); check the clock of the machine that issued it, and this one's"
    )]
    NotYetValid(&'static str),
    /// A claim that is needed is missing, or of another form.
    #[error("the token's claim '{name}' {wrong}")]
    Claim { name: Cow<'static, str>, wrong: Wrong },
    /// For somebody else.
    #[error(
        "the token is for another audience: its claim 'aud' is '{found}', and {wanted} is taken; ask for a token with \
         this service as resource"
    )]
    WrongAudience { found: Shown, wanted: String },
    /// From nobody who is believed.
    #[error("the token is of the issuer '{0}' (claim 'iss'), which is not configured here")]
    UnknownIssuer(Shown),
    /// From an issuer that may not speak for the tenant.
    #[error(
        "the issuer of the token may not speak for the tenant {0}; the operator allows tenants in identity.issuers"
    )]
    WrongTenant(TenantId),
    /// Without the scope that lets an application act here for its user.
    #[error(
        "the token's claim '{claim}' has not the scope '{scope}'; ask for that scope, or let an administrator consent to it"
    )]
    Scope { claim: &'static str, scope: String },
    /// An ID token, a refresh token, …
    #[error("the token is not an access token: {0}; ask for one with this service as resource")]
    WrongKind(Cow<'static, str>),
    /// No ID token, or one for somebody else's sign-in.
    #[error("the ID token cannot be used: {why}; sign in again")]
    NotOurs {
        /// The claim that says so.
        claim: Option<&'static str>,
        why: Cow<'static, str>,
    },
    /// Signed by no key of the issuer.
    #[error("the signature of the token is not one of its issuer")]
    BadSignature,
    /// The keys cannot be had: nothing is known about the token.
    #[error("the keys of the issuer cannot be fetched: {0}")]
    KeysUnavailable(String),
}

/// What a page can say about a token in any language.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Concern {
    /// A claim is missing, or not what is needed.
    Claim(Cow<'static, str>),
    /// The tenant is not allowed.
    Tenant(TenantId),
    /// The algorithm is not taken.
    Algorithm(Shown),
    Other,
}

impl TokenError {
    /// What it is about.
    pub fn concern(&self) -> Concern {
        match self {
            Self::Claim { name, .. } => Concern::Claim(name.clone()),
            Self::Expired => Concern::Claim("exp".into()),
            Self::NotYetValid(name)
            | Self::Scope { claim: name, .. }
            | Self::NotOurs { claim: Some(name), .. } => Concern::Claim((*name).into()),
            Self::WrongAudience { .. } => Concern::Claim("aud".into()),
            Self::UnknownIssuer(_) => Concern::Claim("iss".into()),
            Self::WrongTenant(tenant) => Concern::Tenant(*tenant),
            Self::Algorithm(name) => Concern::Algorithm(name.clone()),
            Self::Missing
            | Self::Malformed(_)
            | Self::WrongKind(_)
            | Self::NotOurs { claim: None, .. }
            | Self::BadSignature
            | Self::KeysUnavailable(_) => Concern::Other,
        }
    }
}

/// What is wrong with a claim.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Wrong {
    #[error("is missing")]
    Missing,
    #[error("is no GUID")]
    NoGuid,
    #[error("is no time, a whole number of seconds")]
    NoTime,
    #[error("is no text")]
    NoText,
}

/// A text of somebody else's that is short and visible enough for a message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Shown(String);

impl Shown {
    /// Longest text that is shown whole.
    const LONGEST: usize = 120;

    /// Of a value of a token; anything but a text, or a list of texts, is not shown.
    pub(crate) fn of(value: Option<&serde_json::Value>) -> Self {
        use serde_json::Value;
        match value {
            Some(Value::String(text)) => Self::text(text),
            Some(Value::Array(list)) => {
                let texts: Vec<&str> = list.iter().filter_map(Value::as_str).collect();
                Self::text(&texts.join(", "))
            }
            Some(_) => Self::text("no text"),
            None => Self::text("missing"),
        }
    }

    /// Names, addresses and scopes are shown. A text with anything else in it is no value that an issuer
    /// means, but one that somebody wrote for whoever reads the message or the log.
    fn text(text: &str) -> Self {
        let plain = |c: char| (' '..='~').contains(&c) && !"\"'\\{}<>".contains(c);
        if !text.chars().all(plain) {
            return Self("not shown: it has characters that do not belong there".to_owned());
        }
        let mut shown: String = text.chars().take(Self::LONGEST).collect();
        if text.chars().nth(Self::LONGEST).is_some() {
            shown.push_str("...");
        }
        Self(shown)
    }
}

impl std::fmt::Display for Shown {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}
