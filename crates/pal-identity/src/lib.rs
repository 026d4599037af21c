//! Tokens: verifying them (whoever issued them) and issuing them (for one machine and for tests).
//!
//! The one question this crate answers is "which (tenant, object) is calling?". Rights, roles and
//! groups are never taken from a token (T12, T13).
//!
//! It must never read the clock, open a socket or touch a database: time, randomness, keys from
//! the network and accounts come through the traits here.

mod accounts;
mod caller;
mod error;
mod issuer;
mod jwks;
mod jws;
mod keys;
mod password;
mod random;
mod strict_json;
mod trusted;
mod verify;

pub use accounts::{Accounts, AccountsError, IssuerAccount, IssuerApp, IssuerLogin, Rotation};
pub use caller::{Caller, CallerKind};
pub use error::TokenError;
pub use issuer::{
    Authorization, DeviceRequest, Form, Issuer, IssuerSettings, OAuthError, PAL_CLIENT,
    PORTAL_CLIENT, PUBLIC_CLIENTS, PortalPerson, ResponseMode, SignedInPerson, Version,
};
pub use jwks::{KeyFetch, PublicKey, PublicKeys};
pub use jws::PrivateKey;
pub use keys::{KeyError, SigningKey, SigningKeys};
pub use password::{PasswordError, hash_password};
pub use random::Random;
pub use trusted::{KeySource, Tenants, TokenStyle, TrustedIssuer};
pub use verify::Verifier;

/// Lower-case hexadecimal.
fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |mut text, byte| {
        // Writing to a text does not fail.
        let _ = std::fmt::Write::write_fmt(&mut text, format_args!("{byte:02x}"));
        text
    })
}
