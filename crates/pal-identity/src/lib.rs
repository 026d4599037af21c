//! Tokens: verifying them (whoever issued them) and issuing them (for one machine and for tests).
//!
//! The one question this crate answers is "which (tenant, object) is calling?". Rights, roles and
//! groups are never taken from a token (T12, T13).
//!
//! It must never read the clock, open a socket or touch a database: time, randomness, keys from
//! the network and accounts come through the traits here.

mod accounts;
mod caller;
mod random;

pub use accounts::{Accounts, AccountsError, IssuerAccount, IssuerApp, IssuerLogin, Rotation};
pub use caller::{Caller, CallerKind};
pub use random::Random;
