//! One row of a report while it is summed.

use std::collections::BTreeMap;

use num_bigint::BigInt;
use pal_model::{Exact, Money, MoneyError};

/// Numerators in 10⁻¹⁸ units by denominator: what is credited in part.
pub(super) type Parts = BTreeMap<i64, BigInt>;

/// One row of the report while it is summed.
#[derive(Debug, Clone)]
pub(super) struct Cell<const K: usize> {
    pub key: [u32; K],
    pub charges: u64,
    pub cost: i128,
    pub whole: i128,
    pub parts: Option<Box<Parts>>,
}

impl<const K: usize> Cell<K> {
    /// Adds another cell of the same key.
    pub fn absorb(&mut self, other: Self) -> Result<(), MoneyError> {
        self.charges += other.charges;
        self.cost = self.cost.checked_add(other.cost).ok_or(MoneyError::Overflow)?;
        self.whole = self.whole.checked_add(other.whole).ok_or(MoneyError::Overflow)?;
        for (length, numerator) in other.parts.into_iter().flat_map(|parts| *parts) {
            *self.parts.get_or_insert_default().entry(length).or_default() += numerator;
        }
        Ok(())
    }

    /// What the row sums up to, without its key.
    pub fn without_key(self) -> Cell<0> {
        let Self { key: _, charges, cost, whole, parts } = self;
        Cell { key: [], charges, cost, whole, parts }
    }

    /// Cost and credit, rounded once, in 10⁻¹⁰ units.
    pub fn rounded(&self) -> Result<(i128, i128), MoneyError> {
        let cost = Money::from_units(self.cost).rounded();
        let Some(parts) = &self.parts else {
            return Ok((cost, Money::from_units(self.whole).rounded()));
        };
        let mut credit = Exact::from(Money::from_units(self.whole));
        for (length, numerator) in parts.iter() {
            credit += &Exact::share(numerator.clone(), 1, i128::from(*length));
        }
        Ok((cost, credit.rounded()?))
    }
}
