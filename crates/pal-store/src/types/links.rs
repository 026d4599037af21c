//! Links: the register's records, and changes of them.

use pal_model::{Instant, PartnerId, Principal};

use super::Actor;

/// Whether a link counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LinkState {
    /// It counts.
    Active,
    /// Removed by its owner; the version goes on counting.
    Deleted,
}

/// The link of one (tenant, object) as it is now. Times have a resolution of 100 ns.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LinkRecord {
    /// Whose link it is.
    pub owner: Principal,
    /// The partner linked.
    pub partner: PartnerId,
    /// The partner's name now, where a fact gives one.
    pub partner_name: Option<String>,
    /// Starts at 1, +1 for each write, deletions included, never used again.
    pub version: i64,
    /// The first link ever of this owner.
    pub created: Instant,
    /// The last write. Never goes back, whatever the clock does.
    pub updated: Instant,
    /// Whether it counts.
    pub state: LinkState,
}

/// What to do with the caller's own link.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LinkAction {
    /// PUT: set a first link, or one after a deletion.
    Create(PartnerId),
    /// PATCH: point an active link at this partner.
    Update(PartnerId),
    /// DELETE: end the active link, which must name this partner; `None` = whichever it is.
    Delete(Option<PartnerId>),
    /// Date the active link, to this partner, by the clock as it is now: the clock was ahead when it was
    /// last changed.
    Correct(PartnerId),
}

/// Which partner IDs may be linked.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct PartnerRules {
    /// A global account, too.
    pub allow_global: bool,
    /// Any well-formed ID that no fact mentions, too.
    pub open_registration: bool,
}

/// A change of the caller's own link.
#[derive(Debug, Clone)]
pub struct LinkChange {
    /// Whose link. Always the caller of the token: see promise P1.
    pub owner: Principal,
    /// What to do.
    pub action: LinkAction,
    /// The time of the request.
    pub at: Instant,
    /// The rules in force.
    pub rules: PartnerRules,
    /// For the audit log.
    pub actor: Actor,
}
