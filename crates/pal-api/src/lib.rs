//! Requests and responses of `/api/v1`: the server answers with these types, the command line reads them,
//! and `docs/reference/openapi.json`, from which the portal's client is made, is their schema.
//!
//! Field names are camelCase on the wire. Only the columns of reports keep the names that they have in
//! CSV and Parquet.

#![warn(missing_docs)]

mod accounts;
mod alerts;
mod list;
mod operators;
mod partners;
mod report;
mod session;
mod text;

pub use accounts::{
    Account, Gap, Grant, GrantStep, Link, LinkedTo, Me, Privacy, PrivacyChange, Subscription,
};
pub use alerts::{Alert, AlertsReach, NotLookedAt};
pub use list::{List, Nothing, Refusal, RefusalDetail, Refused};
pub use operators::{
    AuditCheckpoint, AuditDetail, AuditRecord, AuditReport, FactsImported, SigningKey,
    UnknownPartner, UsageRevision, Who,
};
pub use partners::{Location, Partner};
pub use report::{BalanceLine, Reach, ReportLine, ReportRow};
pub use session::{
    Directory, DirectoryChange, DirectoryLink, OwnAccess, OwnDirectories, OwnDirectory, Roles,
    Session, SessionAccount, SessionAnswer, SignOut, SignedOut,
};
pub use text::{
    AccountKind, AlertCode, AuditAction, BalanceKind, Duplicates, Guid, Hash, How, LinkWarning,
    Moment, PartnerNumber, PartnerStatus, PartnerType, PrivacyLevel, RoleClass, Severity,
    Signature, StepKind, UserType,
};
