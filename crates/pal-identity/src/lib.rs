//! Tokens: verifying them, whoever issued them, and the keys that sign them.
//!
//! The one question this crate answers is "which (tenant, object) is calling?". Rights, roles and
//! groups are never taken from a token (T12, T13).
//!
//! It must never read the clock, open a socket or touch a database: time comes from the caller, and
//! keys from the network through [`KeyFetch`].

mod caller;
mod claims;
mod error;
mod jwks;
mod jws;
mod keys;
mod strict_json;
mod trusted;
mod verify;

pub use caller::{Caller, CallerKind};
pub use error::{Concern, Shown, TokenError, Wrong};
pub use jwks::{KeyFetch, PublicKey, PublicKeys};
pub use jws::{Algorithm, PrivateKey, VerifyingKey};
pub use keys::{JwkSet, KeyError, SigningKey, SigningKeys};
pub use strict_json::object as strict_object;
pub use trusted::{KeySource, NeededScope, Tenants, TokenStyle, TrustedIssuer};
pub use verify::Verifier;

/// Lower-case hexadecimal.
fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |mut text, byte| {
        // Writing to a text does not fail.
        let _ = std::fmt::Write::write_fmt(&mut text, format_args!("{byte:02x}"));
        text
    })
}
