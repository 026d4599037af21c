//! Stable codes: why a charge is no consumed revenue, why nobody is credited, how strong a role is.

use std::fmt;

/// Why a charge is not consumed revenue (R38), in the order the reasons are tried.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Exclusion {
    /// Made by a cost allocation rule: moves cost, does not touch the invoice.
    CostAllocation,
    /// Tax.
    Tax,
    /// A credit granted.
    Credit,
    /// Rounding.
    Adjustment,
    /// Prepayment: a reservation, a savings plan, a one-time purchase.
    Purchase,
    /// The part of a commitment nobody used.
    UnusedCommitment,
    /// A support plan.
    Support,
    /// Another publisher's product.
    Marketplace,
    /// Spot capacity (policy `pec`).
    Spot,
    /// Usage covered by a commitment discount (policy `pec`).
    Commitment,
}

impl Exclusion {
    /// All, in order.
    pub const ALL: [Self; 10] = [
        Self::CostAllocation,
        Self::Tax,
        Self::Credit,
        Self::Adjustment,
        Self::Purchase,
        Self::UnusedCommitment,
        Self::Support,
        Self::Marketplace,
        Self::Spot,
        Self::Commitment,
    ];

    /// The code in balances and policy files.
    pub const fn code(self) -> &'static str {
        match self {
            Self::CostAllocation => "cost-allocation",
            Self::Tax => "tax",
            Self::Credit => "credit",
            Self::Adjustment => "adjustment",
            Self::Purchase => "purchase",
            Self::UnusedCommitment => "unused-commitment",
            Self::Support => "support",
            Self::Marketplace => "marketplace",
            Self::Spot => "spot",
            Self::Commitment => "commitment",
        }
    }
}

/// Why a consumed charge is credited to nobody, in the order the reasons are tried.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Uncredited {
    /// Its subscription has no fact at the start of the charge period, or it has no subscription.
    UnknownSubscription,
    /// No grant on its chain in its period.
    NoAssignment,
    /// Grants, but no identity they reach is linked in the period.
    NoLink,
    /// Linked, but never everything at one instant, or taken away by a deny or the role policy.
    NotActive,
}

impl Uncredited {
    /// All, in order.
    pub const ALL: [Self; 4] =
        [Self::UnknownSubscription, Self::NoAssignment, Self::NoLink, Self::NotActive];

    /// The code in balances and explanations.
    pub const fn code(self) -> &'static str {
        match self {
            Self::UnknownSubscription => "unknown-subscription",
            Self::NoAssignment => "no-assignment",
            Self::NoLink => "no-link",
            Self::NotActive => "not-active",
        }
    }
}

/// How strong a role is in reports (R15). Ordered: `Owner` is highest.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum RoleClass {
    /// Every other role, unknown ones included.
    Reader,
    /// A role that the PEC table calls eligible, or, outside the table, one that can do more than read.
    Contributor,
    /// The built-in Owner.
    Owner,
}

impl RoleClass {
    /// The word in the `admin_type` column.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Reader => "Reader",
            Self::Contributor => "Contributor",
            Self::Owner => "Owner",
        }
    }
}

macro_rules! display_code {
    ($($name:ident)*) => {$(
        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.pad(self.code())
            }
        }
    )*};
}
display_code!(Exclusion Uncredited RoleClass);
