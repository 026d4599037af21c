//! What `OpenPAL` keeps: the link register with its history, the audit log, and facts about
//! partners, directories and access. All SQL of the project is here.
//!
//! [`Store`] is cut at the level of operations ("change this link, with history and audit record"),
//! never of rows: there is no "read, then save" for a caller to get wrong, and each back end may
//! do an operation in its own best way. [`SqliteStore`] is the embedded one; one conformance suite
//! (`tests/conformance`) says what any back end must do.
//!
//! This crate must never read the clock or make random numbers: both come from the caller.

pub mod audit;
mod credentials;
mod erasure;
mod error;
mod seal;
mod sqlite;
mod store;
mod types;
mod usage;

pub use credentials::{App, Credential, CredentialChange, CredentialKind};
pub use erasure::{EraseError, Erased, Person, PersonErasure};
pub use error::{CredentialError, FactImportError, LinkError, PrivacyError, StoreError};
pub use seal::{Seal, hex, is_sealed};
pub use sqlite::backup::{DatabaseCopy, copy_database, record_restore};
pub use sqlite::checkpoint::Checkpoint;
pub use sqlite::known::Clock;
pub use sqlite::{DATABASE, SqliteOptions, SqliteStore};
pub use store::{
    AuditStore, DirectoryStore, ErasureStore, FactStore, LinkStore, PortalStore, SignInStore,
    Store, UsageStore,
};
pub use types::{
    Account, Actor, AuditAction, AuditFilter, AuditRecord, FactCheck, FactImport, FactsAt,
    FactsNews, FactsPosition, FactsRead, FactsText, ImportFigures, ImportSummary, LinkAction,
    LinkChange, LinkRecord, LinkState, LinksByAccount, Login, NewPortalSession, NewRefreshToken,
    PartnerRules, PortalSession, PrivacyChange, RefreshError, RefreshToken, StoreFigures,
    TenantInfo,
};
pub use usage::{
    ChargeFile, CountChange, CountedRecord, ImportState, LivePiece, NewContent, NewCounted,
    NewPiece, NewStatement, PieceContent, PieceRecord, PieceRef, ReadFile, StatementRecord,
    UsageAt, UsageImport, UsageImportError, UsageImportRecord, UsageImported, UsageMonth,
    UsageRows, UsageStatements, UsageVersion, WithdrawError, Withdrawn,
};
