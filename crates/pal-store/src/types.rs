//! What goes in and out of the store.

mod audit;
mod facts;
mod links;
mod sign_in;

use pal_model::Instant;

pub use audit::{Actor, AuditAction, AuditFilter, AuditRecord};
pub use facts::{
    Account, FactCheck, FactImport, FactsAt, FactsNews, FactsPosition, FactsRead, FactsText,
    ImportSummary, LinksByAccount, PrivacyChange, TenantInfo,
};
pub use links::{LinkAction, LinkChange, LinkRecord, LinkState, PartnerRules};
pub use sign_in::{
    Login, NewPortalSession, NewRefreshToken, PortalSession, RefreshError, RefreshToken,
};

/// How much there is of everything.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct StoreFigures {
    /// Facts that hold as far as is known, superseded ones left out.
    pub facts: u64,
    /// Links that are active.
    pub links: u64,
    /// Records of the audit log, and how many of them no checkpoint has signed.
    pub audit_records: u64,
    pub unsigned_records: u64,
    /// When the last checkpoint was signed.
    pub checkpoint: Option<Instant>,
    /// Imports of usage by their state, with those that were withdrawn.
    pub imports: Vec<ImportFigures>,
}

/// Imports of one state.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ImportFigures {
    pub state: crate::ImportState,
    pub number: u64,
    /// Rows that were read by them.
    pub rows: u64,
    pub last: Instant,
}
