//! Exact money: decimals of scale 18, never floating point.
//!
//! Costs are summed as [`Money`] (128 bit integers of 10⁻¹⁸ currency units, checked). Credit is a
//! cost times a covered share, an [`Exact`] fraction; only a finished report cell is rounded, once,
//! half to even, to ten digits.

use std::fmt;
use std::str::FromStr;

use num_bigint::BigInt;
use num_rational::BigRational;
use num_traits::{Signed, ToPrimitive, Zero};

/// Why a text is not an amount.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum MoneyError {
    /// Not a decimal number.
    #[error("'{0}' is not a decimal number")]
    Syntax(String),
    /// More fraction digits than can be kept.
    #[error("'{0}' has more than 18 fraction digits")]
    Fraction(String),
    /// 10^15 and above.
    #[error("'{0}' is 10^15 or more")]
    Range(String),
    /// A sum that no longer fits.
    #[error("an amount grew beyond what 38 decimal digits hold")]
    Overflow,
}

/// An amount in 10⁻¹⁸ units of its currency.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Money(i128);

impl Money {
    /// Fraction digits kept.
    pub const SCALE: u32 = 18;
    /// One currency unit.
    pub const ONE: i128 = 10i128.pow(Self::SCALE);
    /// A single input value must stay below this many currency units.
    pub const LIMIT: i128 = 10i128.pow(15);
    /// Nothing.
    pub const ZERO: Self = Self(0);

    /// From 10⁻¹⁸ units.
    pub const fn from_units(units: i128) -> Self {
        Self(units)
    }

    /// In 10⁻¹⁸ units.
    pub const fn units(self) -> i128 {
        self.0
    }

    /// The sum.
    ///
    /// # Errors
    /// [`MoneyError::Overflow`]; a sum never wraps.
    pub fn plus(self, other: Self) -> Result<Self, MoneyError> {
        self.0.checked_add(other.0).map(Self).ok_or(MoneyError::Overflow)
    }

    /// Rounded half to even to ten fraction digits, in 10⁻¹⁰ units.
    pub const fn rounded(self) -> i128 {
        const STEP: i128 = 10i128.pow(8);
        let (quotient, rest) = (self.0.div_euclid(STEP), self.0.rem_euclid(STEP));
        let up = rest > STEP / 2 || (rest == STEP / 2 && quotient % 2 != 0);
        quotient + up as i128
    }
}

/// Prints `units` of 10^-`scale` with exactly `scale` fraction digits, zero without a sign.
fn decimal(units: i128, scale: u32) -> String {
    let one = 10u128.pow(scale);
    let size = units.unsigned_abs();
    let sign = if units < 0 { "-" } else { "" };
    format!("{sign}{}.{:0width$}", size / one, size % one, width = scale as usize)
}

impl fmt::Display for Money {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&decimal(self.0, Self::SCALE))
    }
}

impl FromStr for Money {
    type Err = MoneyError;

    /// Decimal text with an optional exponent, straight to decimal.
    fn from_str(text: &str) -> Result<Self, MoneyError> {
        let shown = || text.chars().take(80).collect::<String>();
        let syntax = || MoneyError::Syntax(shown());
        let (mantissa, exponent) = match text.split_once(['e', 'E']) {
            Some((mantissa, exponent)) => {
                (mantissa, exponent.parse::<i32>().map_err(|_| syntax())?)
            }
            None => (text, 0),
        };
        let unsigned = mantissa.strip_prefix(['-', '+']).unwrap_or(mantissa);
        let (whole, fraction) = unsigned.split_once('.').unwrap_or((unsigned, ""));
        let digits = || whole.bytes().chain(fraction.bytes());
        if digits().next().is_none() || !digits().all(|b| b.is_ascii_digit()) {
            return Err(syntax());
        }
        let places = i64::try_from(fraction.len()).unwrap_or(i64::MAX) - i64::from(exponent);
        if places > i64::from(Self::SCALE) {
            return Err(MoneyError::Fraction(shown()));
        }
        let range = || MoneyError::Range(shown());
        let mut units = 0i128;
        for digit in digits() {
            units = units
                .checked_mul(10)
                .and_then(|u| u.checked_add(i128::from(digit - b'0')))
                .ok_or_else(range)?;
        }
        if units != 0 {
            let shift = u32::try_from(i64::from(Self::SCALE) - places).map_err(|_| range())?;
            let factor = 10i128.checked_pow(shift).ok_or_else(range)?;
            units = units.checked_mul(factor).ok_or_else(range)?;
        }
        if units >= Self::LIMIT * Self::ONE {
            return Err(range());
        }
        Ok(Self(if mantissa.starts_with('-') { -units } else { units }))
    }
}

/// An exact fraction of money.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Exact(BigRational);

impl Exact {
    /// Nothing.
    pub fn zero() -> Self {
        Self(BigRational::zero())
    }

    /// `units` · 10⁻¹⁸ · `covered` / `length`; `length` must not be zero.
    pub fn share(units: impl Into<BigInt>, covered: i128, length: i128) -> Self {
        let whole = BigInt::from(Money::ONE) * length;
        Self(BigRational::new(units.into() * covered, whole))
    }

    /// Rounded half to even to ten fraction digits, in 10⁻¹⁰ units.
    ///
    /// # Errors
    /// [`MoneyError::Overflow`] beyond 38 digits.
    pub fn rounded(&self) -> Result<i128, MoneyError> {
        let scaled = &self.0 * BigInt::from(10i64.pow(10));
        let floor = scaled.floor();
        let (twice, one) =
            ((&scaled - &floor) * BigInt::from(2), BigRational::from(BigInt::from(1)));
        let floor = floor.to_integer();
        let up = twice > one || (twice == one && floor.bit(0));
        let rounded = floor + i32::from(up);
        let units = rounded.to_i128().ok_or(MoneyError::Overflow)?;
        if rounded.abs() < BigInt::from(10).pow(38) { Ok(units) } else { Err(MoneyError::Overflow) }
    }

    /// Prints 10⁻¹⁰ units: exactly ten fraction digits.
    pub fn print_rounded(units: i128) -> String {
        decimal(units, 10)
    }
}

impl From<Money> for Exact {
    fn from(money: Money) -> Self {
        Self::share(money.0, 1, 1)
    }
}

impl std::ops::AddAssign<&Exact> for Exact {
    fn add_assign(&mut self, other: &Self) {
        self.0 += &other.0;
    }
}

impl fmt::Display for Exact {
    /// As a fraction in lowest terms.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn money(text: &str) -> Result<Money, MoneyError> {
        text.parse()
    }

    #[test]
    fn text_goes_straight_to_decimal() {
        assert_eq!(money("5.64902E-05").unwrap().to_string(), "0.000056490200000000");
        assert_eq!(money("-0.00000000603").unwrap().units(), -6_030_000_000);
        assert_eq!(money("1e3").unwrap(), money("1000.000").unwrap());
        assert_eq!(
            money("999999999999999.999999999999999999").unwrap().units() + 1,
            10i128.pow(33)
        );
        assert_eq!(money(".5").unwrap(), money("0.5").unwrap());
        assert_eq!(money("0e999999").unwrap(), Money::ZERO);
    }

    #[test]
    fn what_is_no_amount_is_refused() {
        for text in ["", ".", "-", "NaN", "inf", "1,000.00", "0x10", "1e", " 1", "٣", "--1"] {
            assert!(matches!(money(text), Err(MoneyError::Syntax(_))), "{text}");
        }
        assert!(matches!(money("0.1234567890123456789"), Err(MoneyError::Fraction(_))));
        assert!(matches!(money("1.5e-18"), Err(MoneyError::Fraction(_))));
        for text in ["1000000000000000", "1e15", "-1e15", "1e400", &"9".repeat(60)] {
            assert!(matches!(money(text), Err(MoneyError::Range(_))), "{text}");
        }
    }

    #[test]
    fn cells_round_half_to_even() {
        for (text, cell) in [
            ("0.00000000005", "0.0000000000"),
            ("0.00000000015", "0.0000000002"),
            ("-0.00000000005", "0.0000000000"),
            ("-0.00000000015", "-0.0000000002"),
            ("0.000000000050000001", "0.0000000001"),
            ("666.5", "666.5000000000"),
        ] {
            let amount = money(text).unwrap();
            assert_eq!(Exact::print_rounded(amount.rounded()), cell, "{text}");
            assert_eq!(Exact::from(amount).rounded().unwrap(), amount.rounded(), "{text}");
        }
    }

    #[test]
    fn sums_never_wrap() {
        let most = Money::from_units(i128::MAX);
        assert_eq!(most.plus(Money::from_units(1)), Err(MoneyError::Overflow));
        assert!(Exact::share(i128::MAX, i128::MAX, 1).rounded().is_err());
    }

    proptest! {
        #[test]
        fn printing_and_parsing_agree(units in -(10i128.pow(33) - 1)..10i128.pow(33)) {
            let amount = Money::from_units(units);
            prop_assert_eq!(money(&amount.to_string()).unwrap(), amount);
            prop_assert_eq!(Exact::from(amount).rounded().unwrap(), amount.rounded());
        }

        #[test]
        fn thirds_add_up(units in -(10i128.pow(33) - 1)..10i128.pow(33)) {
            let mut sum = Exact::zero();
            for part in [1i128, 3, 7] {
                sum += &Exact::share(units, part, 11);
            }
            prop_assert_eq!(sum, Exact::from(Money::from_units(units)));
        }
    }
}
