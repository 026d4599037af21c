//! One charge: a row of a cost export, as attribution sees it.

use crate::{Exclusion, Interval, Money};

/// What kind of charge a row is, from the columns that decide whether it is consumed revenue (R38).
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
pub struct ChargeTraits(u16);

impl ChargeTraits {
    /// A correction of an earlier invoice period: counts, with its sign.
    pub const CORRECTION: Self = Self(1 << 15);

    /// Usage by the cloud provider itself, nothing special.
    pub const USAGE: Self = Self(0);

    /// The trait behind an exclusion: `Spot` = "this is spot capacity".
    pub const fn of(reason: Exclusion) -> Self {
        Self(1 << reason as u16)
    }

    /// Both.
    #[must_use]
    pub const fn with(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    /// Whether all traits of `other` are here.
    pub const fn has(self, other: Self) -> bool {
        self.0 & other.0 == other.0
    }

    /// The bits that decide about exclusions: below 2^10.
    pub const fn exclusion_bits(self) -> u16 {
        self.0 & ((1 << Exclusion::ALL.len()) - 1)
    }

    /// All bits: what [`from_bits`](Self::from_bits) takes back.
    pub const fn bits(self) -> u16 {
        self.0
    }

    /// The traits of [`bits`](Self::bits).
    pub const fn from_bits(bits: u16) -> Self {
        Self(bits)
    }

    /// The traits with these [`exclusion_bits`](Self::exclusion_bits).
    pub const fn from_exclusion_bits(bits: u16) -> Self {
        Self(bits & ((1 << Exclusion::ALL.len()) - 1))
    }

    /// The first reason of `excluded` (in the order of [`Exclusion::ALL`]) that applies.
    pub fn exclusion(self, excluded: &[Exclusion]) -> Option<Exclusion> {
        Exclusion::ALL.into_iter().find(|&r| self.has(Self::of(r)) && excluded.contains(&r))
    }
}

/// One input row.
///
/// Texts are as the file has them, except that what means "none" (an empty cell, `NULL`, a resource
/// group called `Others`, the all-zero subscription) is `None`. Billing period, meter, quantity and
/// unit are shown by no report yet, so the readers of reports leave them out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Charge {
    /// `[start, end)` of the charge.
    pub period: Interval,
    /// The billing period, if the file names one.
    pub billing_period: Option<Interval>,
    /// The resource.
    pub resource: Option<String>,
    /// The resource group as billed.
    pub resource_group: Option<String>,
    /// The subscription as billed: the bare id.
    pub subscription: Option<String>,
    /// Effective cost.
    pub cost: Money,
    /// Billing currency.
    pub currency: String,
    /// What kind of charge it is.
    pub traits: ChargeTraits,
    /// Service category.
    pub service_category: Option<String>,
    /// Service name.
    pub service_name: Option<String>,
    /// Meter.
    pub meter: Option<String>,
    /// Consumed quantity, as text: shown, never added.
    pub quantity: Option<String>,
    /// Unit of the quantity.
    pub unit: Option<String>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_reason_wins() {
        let traits =
            ChargeTraits::of(Exclusion::Marketplace).with(ChargeTraits::of(Exclusion::Tax));
        assert_eq!(traits.exclusion(&Exclusion::ALL), Some(Exclusion::Tax));
        assert_eq!(traits.exclusion(&[Exclusion::Marketplace]), Some(Exclusion::Marketplace));
        assert_eq!(ChargeTraits::CORRECTION.exclusion(&Exclusion::ALL), None);
    }
}
