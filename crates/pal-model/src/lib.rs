//! The nouns of the Partner Admin Link, and nothing else.
//!
//! Every type here is parsed, never validated afterwards: a [`PartnerId`], [`TenantId`] or
//! [`ScopePath`] that exists is well formed. An identity is always the pair [`Principal`]
//! (tenant, object), because equal GUIDs in two tenants are two identities.
//!
//! This crate must never read a file, a clock or a socket: it has no dependency that could.
//!
//! ```
//! use pal_model::{Instant, Interval, IntervalSet, Money, ScopePath};
//!
//! let october = Interval::new("2026-10-01T00:00:00Z".parse()?, "2026-11-01T00:00:00Z".parse()?)?;
//! let linked = Interval::new("2026-10-10T12:00:00Z".parse()?, Instant::MAX)?;
//! let covered = IntervalSet::from(october).intersect(&IntervalSet::from(linked));
//! assert_eq!(covered.length(), 21 * 86_400_000_000_000 + 43_200_000_000_000);
//!
//! let scope: ScopePath = "/subscriptions/S/resourceGroups/Rg".parse()?;
//! assert_eq!(scope.chain(), ["/subscriptions/s/resourcegroups/rg", "/subscriptions/s"]);
//!
//! let cost: Money = "5.64902E-05".parse()?;
//! assert_eq!(cost.to_string(), "0.000056490200000000");
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

#![warn(missing_docs)]

mod check;
mod fact;
mod facts;
mod fold;
mod id;
mod interval;
mod kinds;
mod money;
mod months;
mod reason;
mod report;
mod scope;
mod shared;
mod sight;
mod stated;
mod unknown_partner;
mod usage;

pub use check::{FactError, FactProblem};
pub use fact::*;
pub use facts::FactLine;
pub use fold::{fold, is_folded, is_same_name};
pub use id::{Guid, IdError, ObjectId, PartnerId, Principal, RoleId, SubscriptionId, TenantId};
pub use interval::{Instant, Interval, IntervalError, IntervalSet};
pub use kinds::subject_of;
pub use money::{Exact, Money, MoneyError};
pub use months::{Months, month};
pub use reason::{Exclusion, RoleClass, Uncredited};
pub use report::{Balance, BalanceKey, BalanceLine, KeyColumn, Row, UnknownColumn};
pub use scope::{ScopeError, ScopePath, chain_of};
pub use shared::Shared;
pub use sight::{Auditor, LinkAdministrator, Privacy, PrivacyLevel, Viewer, ViewerLevel};
pub use stated::{Mark, Source, Stated};
pub use unknown_partner::UnknownPartner;
pub use usage::{Charge, ChargeTraits};
