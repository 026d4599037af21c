//! The shape of a report and of its balance, shared by whoever computes one.

use std::fmt;
use std::str::FromStr;

use crate::{Exclusion, Money, Uncredited};

/// A key column of the long report.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum KeyColumn {
    /// Calendar month (UTC) of the charge period's start, `YYYY-MM`.
    Month,
    /// The partner credited.
    PartnerId,
    /// Its name.
    PartnerName,
    /// Its global account.
    PartnerGlobalId,
    /// Always `Partner Admin Link`.
    AssociationType,
    /// Highest class of a crediting path: `Owner`, `Contributor`, `Reader`.
    AdminType,
    /// Whether a crediting path has a role of the PEC table: `1` or `0`.
    PecEligible,
    /// Whether another location of the same global account counts instead: `1` or `0` (R27).
    DuplicateInGlobal,
    /// The tenant of the subscription the resource is in.
    CustomerTenantId,
    /// Its name.
    CustomerTenantName,
    /// The billed subscription, or the resource's where the row names none.
    SubscriptionId,
    /// Its name.
    SubscriptionName,
    /// The resource group.
    ResourceGroup,
    /// The resource.
    ResourceId,
    /// Service category.
    ServiceCategory,
    /// Service name.
    ServiceName,
    /// Billing currency.
    Currency,
}

/// A word that is no key column.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("'{0}' is not a key column; choose among {all}", all = KeyColumn::ALL.map(KeyColumn::name).join(", "))]
pub struct UnknownColumn(pub String);

impl KeyColumn {
    /// All, in the order of the report.
    pub const ALL: [Self; 17] = [
        Self::Month,
        Self::PartnerId,
        Self::PartnerName,
        Self::PartnerGlobalId,
        Self::AssociationType,
        Self::AdminType,
        Self::PecEligible,
        Self::DuplicateInGlobal,
        Self::CustomerTenantId,
        Self::CustomerTenantName,
        Self::SubscriptionId,
        Self::SubscriptionName,
        Self::ResourceGroup,
        Self::ResourceId,
        Self::ServiceCategory,
        Self::ServiceName,
        Self::Currency,
    ];

    /// The keys of a report when none are chosen.
    pub const DEFAULT: [Self; 7] = [
        Self::Month,
        Self::PartnerId,
        Self::AssociationType,
        Self::AdminType,
        Self::CustomerTenantId,
        Self::SubscriptionId,
        Self::Currency,
    ];

    /// The column name.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Month => "month",
            Self::PartnerId => "partner_id",
            Self::PartnerName => "partner_name",
            Self::PartnerGlobalId => "partner_global_id",
            Self::AssociationType => "association_type",
            Self::AdminType => "admin_type",
            Self::PecEligible => "pec_eligible",
            Self::DuplicateInGlobal => "duplicate_in_global",
            Self::CustomerTenantId => "customer_tenant_id",
            Self::CustomerTenantName => "customer_tenant_name",
            Self::SubscriptionId => "subscription_id",
            Self::SubscriptionName => "subscription_name",
            Self::ResourceGroup => "resource_group",
            Self::ResourceId => "resource_id",
            Self::ServiceCategory => "service_category",
            Self::ServiceName => "service_name",
            Self::Currency => "currency",
        }
    }

    /// Whether its values are the numbers 1 and 0.
    pub const fn is_flag(self) -> bool {
        matches!(self, Self::PecEligible | Self::DuplicateInGlobal)
    }
}

impl fmt::Display for KeyColumn {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

impl FromStr for KeyColumn {
    type Err = UnknownColumn;

    fn from_str(text: &str) -> Result<Self, UnknownColumn> {
        let named = |c: &Self| c.name() == text;
        Self::ALL.into_iter().find(named).ok_or_else(|| UnknownColumn(text.to_owned()))
    }
}

/// One row: the chosen keys in order, and the measures.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Row {
    /// One value a key column; `None` prints empty.
    pub keys: Vec<Option<String>>,
    /// How many charges are credited.
    pub charges: u64,
    /// Their effective cost, rounded, in 10⁻¹⁰ units.
    pub cost: i128,
    /// The credit, rounded, in 10⁻¹⁰ units.
    pub credited_cost: i128,
}

/// A line of the balance, in the order they are printed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum BalanceLine {
    /// Every row read.
    Total,
    /// Not consumed revenue, by reason.
    Excluded(Exclusion),
    /// Total less excluded.
    Consumed,
    /// Credited to at least one partner.
    Credited,
    /// Credited to nobody, by reason.
    Uncredited(Uncredited),
}

impl BalanceLine {
    /// The `line` column.
    pub const fn line(self) -> &'static str {
        match self {
            Self::Total => "total",
            Self::Excluded(_) => "excluded",
            Self::Consumed => "consumed",
            Self::Credited => "credited",
            Self::Uncredited(_) => "uncredited",
        }
    }

    /// The `reason` column, empty where the line has none.
    pub const fn reason(self) -> &'static str {
        match self {
            Self::Excluded(reason) => reason.code(),
            Self::Uncredited(reason) => reason.code(),
            Self::Total | Self::Consumed | Self::Credited => "",
        }
    }
}

/// Month, currency and line of one balance amount.
pub type BalanceKey = (String, String, BalanceLine);

/// A balance: charges and amount per month, currency and line; lines of no charge are absent.
pub type Balance = std::collections::BTreeMap<BalanceKey, (u64, Money)>;
