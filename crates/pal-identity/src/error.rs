//! Why a token is not taken.

use std::borrow::Cow;

/// What is wrong, in words that can be shown: never the token or a claim of it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TokenError {
    /// No `Authorization: Bearer` header.
    #[error("the request has no access token; sign in and send it as 'Authorization: Bearer'")]
    Missing,
    /// Not the form of a token, or a form that is not taken.
    #[error("the access token cannot be read: {0}; sign in again")]
    Malformed(Cow<'static, str>),
    /// Past its end.
    #[error("the access token has expired; sign in again")]
    Expired,
    /// Before its beginning.
    #[error("the access token is not valid yet; check the clock of the machine that issued it")]
    NotYetValid,
    /// For somebody else.
    #[error("the access token is for another audience; ask for one with this service as resource")]
    WrongAudience,
    /// From nobody who is believed.
    #[error("the access token is of an issuer that is not configured here")]
    UnknownIssuer,
    /// From an issuer that may not speak for the tenant, or without a tenant.
    #[error("the issuer of the access token may not speak for its tenant")]
    WrongTenant,
    /// Without a usable object id.
    #[error("the access token does not say who is calling")]
    NoIdentity,
    /// An ID token, a refresh token, …
    #[error("the token is not an access token: {0}; ask for one with this service as resource")]
    WrongKind(Cow<'static, str>),
    /// No ID token, or one for somebody else's sign-in.
    #[error("the ID token cannot be used: {0}; sign in again")]
    NotOurs(Cow<'static, str>),
    /// Signed by no key of the issuer.
    #[error("the signature of the access token is not one of its issuer")]
    BadSignature,
    /// The keys cannot be had: nothing is known about the token.
    #[error("the keys of the issuer cannot be fetched: {0}")]
    KeysUnavailable(String),
}
