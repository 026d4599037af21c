//! Who is calling: what is left of a token once every check has passed.

use pal_model::{Instant, Principal};

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CallerKind {
    User,
    /// A service principal or managed identity (`idtyp` = `app`).
    App,
}

/// The caller of a request. Nothing else of a token may be used to decide anything.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Caller {
    /// The identity: `tid` and `oid`.
    pub principal: Principal,
    /// Person or program, as the token says.
    pub kind: CallerKind,
    /// The application used (`appid` or `azp`), for the audit log.
    pub client: Option<String>,
    /// SHA-256 of the token, hexadecimal, for the audit log.
    pub token: String,
    /// When the token ends.
    pub expires: Instant,
}
