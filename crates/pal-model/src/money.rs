//! Exact money: decimals of scale 18, never floating point.
//!
//! Costs are summed as [`Money`] (128 bit integers of 10⁻¹⁸ currency units, checked). Credit is a
//! cost times a covered share, an [`Exact`] fraction; only a finished report cell is rounded, once,
//! half to even, to ten digits.

use std::cmp::Ordering;
use std::fmt;
use std::str::FromStr;

use num_bigint::{BigInt, Sign};
use num_integer::Integer;
use num_traits::{Signed, ToPrimitive};

/// Why a text is not an amount.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum MoneyError {
    /// Not a decimal number.
    #[error("'{0}' is not a decimal number")]
    Syntax(String),
    /// A number as people of some languages write it, and no export does.
    #[error(
        "'{0}' has a comma in it; exports write amounts with a decimal point and nothing else, so \
         another program has saved this file anew: give the file as the export wrote it"
    )]
    Comma(String),
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

    /// Decimal text with an optional exponent, rounded once, half to even, to 18 fraction digits, and
    /// whether it had to be: zeros at the end never count.
    ///
    /// # Errors
    /// Text that is no decimal number, and 10^15 and above.
    pub fn rounding(text: &str) -> Result<(Self, bool), MoneyError> {
        let number = Decimal::split(text).ok_or_else(|| match has_decimal_comma(text) {
            true => MoneyError::Comma(shown(text)),
            false => MoneyError::Syntax(shown(text)),
        })?;
        let (units, rounded) = number.units().ok_or_else(|| MoneyError::Range(shown(text)))?;
        Ok((Self(if number.negative { -units } else { units }), rounded))
    }

    /// `value` · 10^-`scale`, as [`Money::rounding`] gives it.
    ///
    /// # Errors
    /// 10^15 and above.
    pub fn scaled(value: i128, scale: i32) -> Result<(Self, bool), MoneyError> {
        let range = || MoneyError::Range(format!("{value}e{}", -i64::from(scale)));
        let places = i64::from(scale) - i64::from(Self::SCALE);
        let factor = u32::try_from(places.unsigned_abs()).ok().and_then(|p| 10i128.checked_pow(p));
        let (units, rounded) = match factor {
            _ if value == 0 => (0, false),
            Some(factor) if places <= 0 => (value.checked_mul(factor).ok_or_else(range)?, false),
            Some(factor) => (half_even(value, factor), value % factor != 0),
            None if places < 0 => return Err(range()),
            // Less than half a unit: no value has as many digits.
            None => (0, true),
        };
        match units.unsigned_abs() < (Self::LIMIT * Self::ONE).unsigned_abs() {
            true => Ok((Self(units), rounded)),
            false => Err(range()),
        }
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
        half_even(self.0, 10i128.pow(8))
    }
}

/// `value` / `step` (even, positive), rounded half to even.
const fn half_even(value: i128, step: i128) -> i128 {
    let (quotient, rest) = (value.div_euclid(step), value.rem_euclid(step));
    let up = rest > step / 2 || (rest == step / 2 && quotient % 2 != 0);
    quotient + up as i128
}

/// Whether a text would be an amount, were commas points or not there, and thousands not set apart.
fn has_decimal_comma(text: &str) -> bool {
    let amount = |text: String| Decimal::split(&text).is_some();
    let close = |c: &char| !c.is_whitespace() && !['\'', '’'].contains(c);
    let text: String = text.chars().filter(close).collect();
    text.contains(',')
        && (amount(text.replace(',', "")) || amount(text.replace('.', "").replace(',', ".")))
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

    /// Decimal text with an optional exponent, straight to decimal. Nothing is rounded: see
    /// [`Money::rounding`].
    fn from_str(text: &str) -> Result<Self, MoneyError> {
        match Self::rounding(text)? {
            (money, false) => Ok(money),
            (_, true) => Err(MoneyError::Fraction(shown(text))),
        }
    }
}

/// A shortened text, for messages.
fn shown(text: &str) -> String {
    text.chars().take(80).collect()
}

/// A text as sign, digits and power of ten; `None` = it is no decimal number.
struct Decimal<'t> {
    negative: bool,
    whole: &'t str,
    fraction: &'t str,
    exponent: i64,
}

impl<'t> Decimal<'t> {
    fn split(text: &'t str) -> Option<Self> {
        let (mantissa, exponent) = match text.split_once(['e', 'E']) {
            Some((mantissa, exponent)) => (mantissa, Self::exponent(exponent)?),
            None => (text, 0),
        };
        let unsigned = mantissa.strip_prefix(['-', '+']).unwrap_or(mantissa);
        let (whole, fraction) = unsigned.split_once('.').unwrap_or((unsigned, ""));
        let number = Self { negative: mantissa.starts_with('-'), whole, fraction, exponent };
        let digits = whole.bytes().chain(fraction.bytes());
        let some = !whole.is_empty() || !fraction.is_empty();
        (some && { digits }.all(|b| b.is_ascii_digit())).then_some(number)
    }

    /// Exponents beyond all amounts are as good as one just beyond them.
    fn exponent(text: &str) -> Option<i64> {
        const FAR: i64 = 1 << 40;
        let digits = text.strip_prefix(['-', '+']).unwrap_or(text);
        if digits.is_empty() || !digits.bytes().all(|b| b.is_ascii_digit()) {
            return None;
        }
        let add = |sum: i64, b: u8| (sum * 10 + i64::from(b - b'0')).min(FAR);
        let size = digits.bytes().fold(0, add);
        Some(if text.starts_with('-') { -size } else { size })
    }

    fn digits(&self) -> impl DoubleEndedIterator<Item = u8> {
        self.whole.bytes().chain(self.fraction.bytes()).map(|b| b - b'0')
    }

    /// In 10⁻¹⁸ units without sign, rounded half to even, and whether it had to be; `None` = 10^15
    /// and above.
    fn units(&self) -> Option<(i128, bool)> {
        let length = |digits: usize| i64::try_from(digits).unwrap_or(i64::MAX);
        let all = self.whole.len() + self.fraction.len();
        let leading = self.digits().take_while(|digit| *digit == 0).count();
        if leading == all {
            return Some((0, false));
        }
        let trailing = self.digits().rev().take_while(|digit| *digit == 0).count();
        let count = all - leading - trailing;
        // The power of ten of the last digit that is not zero, counted in 10⁻¹⁸ units.
        let power = self.exponent - length(self.fraction.len())
            + length(trailing)
            + i64::from(Money::SCALE);
        let places = length(count).saturating_add(power);
        if places > i64::from(Money::SCALE) + 15 {
            return None;
        }
        let kept = usize::try_from(places).unwrap_or(0).min(count);
        let mut digits = self.digits().skip(leading);
        let units = (&mut digits).take(kept).fold(0, |sum, digit| sum * 10 + i128::from(digit));
        let units = match u32::try_from(power) {
            Ok(power) => (units * 10i128.pow(power), false),
            // All that is left counts less than half a unit.
            Err(_) if places < 0 => (0, true),
            Err(_) => {
                let first = digits.next().unwrap_or(0);
                let more = count - kept > 1;
                let up = first > 5 || (first == 5 && (more || units % 2 != 0));
                (units + i128::from(up), true)
            }
        };
        (units.0 < Money::LIMIT * Money::ONE).then_some(units)
    }
}

/// An exact fraction of money, in lowest terms; the denominator is positive.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Exact {
    numerator: BigInt,
    denominator: BigInt,
}

impl Exact {
    /// Nothing.
    pub fn zero() -> Self {
        Self { numerator: BigInt::ZERO, denominator: BigInt::from(1) }
    }

    /// `units` · 10⁻¹⁸ · `covered` / `length`; `length` must not be zero.
    pub fn share(units: impl Into<BigInt>, covered: i128, length: i128) -> Self {
        Self::reduced(units.into() * covered, BigInt::from(Money::ONE) * length)
    }

    fn reduced(numerator: BigInt, denominator: BigInt) -> Self {
        let common = match denominator.sign() {
            Sign::Minus => -numerator.gcd(&denominator),
            _ => numerator.gcd(&denominator),
        };
        Self { numerator: numerator / &common, denominator: denominator / common }
    }

    /// Rounded half to even to ten fraction digits, in 10⁻¹⁰ units.
    ///
    /// # Errors
    /// [`MoneyError::Overflow`] beyond 38 digits.
    pub fn rounded(&self) -> Result<i128, MoneyError> {
        let scaled = &self.numerator * 10i64.pow(10);
        let (floor, rest) = scaled.div_mod_floor(&self.denominator);
        let up = match (rest * 2u32).cmp(&self.denominator) {
            Ordering::Less => false,
            Ordering::Equal => floor.is_odd(),
            Ordering::Greater => true,
        };
        let rounded = floor + i32::from(up);
        let units = rounded.to_i128().ok_or(MoneyError::Overflow)?;
        if rounded.abs() < BigInt::from(10).pow(38) { Ok(units) } else { Err(MoneyError::Overflow) }
    }

    /// Prints 10⁻¹⁰ units: exactly ten fraction digits.
    pub fn print_rounded(units: i128) -> String {
        decimal(units, 10)
    }
}

impl Ord for Exact {
    fn cmp(&self, other: &Self) -> Ordering {
        (&self.numerator * &other.denominator).cmp(&(&other.numerator * &self.denominator))
    }
}

impl PartialOrd for Exact {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl From<Money> for Exact {
    fn from(money: Money) -> Self {
        Self::share(money.0, 1, 1)
    }
}

impl std::ops::AddAssign<&Exact> for Exact {
    fn add_assign(&mut self, other: &Self) {
        let own = &self.numerator * &other.denominator;
        let theirs = &other.numerator * &self.denominator;
        *self = Self::reduced(own + theirs, &self.denominator * &other.denominator);
    }
}

impl fmt::Display for Exact {
    /// As a fraction in lowest terms, a whole number without its denominator.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.denominator == BigInt::from(1) {
            true => write!(f, "{}", self.numerator),
            false => write!(f, "{}/{}", self.numerator, self.denominator),
        }
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
        for text in [
            "",
            ".",
            "-",
            "NaN",
            "inf",
            "-Infinity",
            "0x10",
            "1e",
            "1e+",
            "1e1.5",
            " 1",
            "٣",
            "--1",
            "1,2,x",
            "1_000",
            "1.2.3",
            "(1.50)",
            "€1",
            "1.5-",
        ] {
            assert!(matches!(money(text), Err(MoneyError::Syntax(_))), "{text}");
        }
        for text in [
            "1,000.00",
            "1,50",
            "-1.234,50",
            "1,5e-3",
            "1.234.567,89",
            "1 234,5",
            "1\u{a0}234,5",
            "1'234,5",
        ] {
            assert!(matches!(money(text), Err(MoneyError::Comma(_))), "{text}");
        }
        assert!(matches!(money("0.1234567890123456789"), Err(MoneyError::Fraction(_))));
        assert!(matches!(money("1.5e-18"), Err(MoneyError::Fraction(_))));
        for text in [
            "1000000000000000",
            "1e15",
            "-1e15",
            "1e400",
            "1e99999999999999999999",
            "0.000001e21",
            "999999999999999.9999999999999999995",
            &"9".repeat(60),
        ] {
            assert!(matches!(money(text), Err(MoneyError::Range(_))), "{text}");
            assert!(matches!(Money::rounding(text), Err(MoneyError::Range(_))), "{text}");
        }
    }

    #[test]
    fn more_digits_than_can_be_kept_are_rounded_once() {
        for (text, units, rounded) in [
            // Zeros never count, wherever they are.
            ("0.5000000000000000000000000", 500_000_000_000_000_000, false),
            ("0000000000000000000000000001.5", 1_500_000_000_000_000_000, false),
            ("-00.00e-40", 0, false),
            ("5000000000000000000000e-39", 5, false),
            ("0e-99999999999999999999", 0, false),
            // Half to even, and whatever is above half up.
            ("0.0000000000000000005", 0, true),
            ("0.0000000000000000015", 2, true),
            ("0.0000000000000000025", 2, true),
            ("0.00000000000000000250000000001", 3, true),
            ("0.00000000000000000249999999999", 2, true),
            ("-0.0000000000000000035", -4, true),
            ("9.929999999999998e-8", 99_300_000_000, true),
            ("9.9999999999999999999e-1", 1_000_000_000_000_000_000, true),
            ("1e-19", 0, true),
            ("9e-99999999999999999999", 0, true),
            ("5e-19", 0, true),
            ("6e-19", 1, true),
            ("4.7e-20", 0, true),
        ] {
            assert_eq!(
                Money::rounding(text).unwrap(),
                (Money::from_units(units), rounded),
                "{text}"
            );
        }
    }

    #[test]
    fn scaled_numbers_are_rounded_as_texts_are() {
        assert_eq!(Money::scaled(15, 19).unwrap(), (Money::from_units(2), true));
        assert_eq!(Money::scaled(-25, 19).unwrap(), (Money::from_units(-2), true));
        assert_eq!(Money::scaled(150, 20).unwrap(), (Money::from_units(2), true));
        assert_eq!(Money::scaled(100, 20).unwrap(), (Money::from_units(1), false));
        assert_eq!(Money::scaled(7, -2).unwrap().0, money("700").unwrap());
        assert_eq!(Money::scaled(0, -120).unwrap(), (Money::ZERO, false));
        assert_eq!(Money::scaled(i128::MAX, 120).unwrap(), (Money::ZERO, true));
        for (value, scale) in [(1, -15), (1, -120), (i128::MIN, 18), (i128::MAX, 0), (-1, -15)] {
            assert!(matches!(Money::scaled(value, scale), Err(MoneyError::Range(_))), "{value}");
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

    /// What a text is rounded half to even to, and whether it had to be, worked out with big numbers.
    fn judged(digits: &str, point: usize, exponent: i32) -> Option<(BigInt, bool)> {
        let whole: BigInt = digits.parse().unwrap();
        let power = exponent - i32::try_from(digits.len() - point).unwrap() + 18;
        let step = BigInt::from(10).pow(power.unsigned_abs());
        let (floor, rest) = match power {
            0.. => (whole * &step, BigInt::ZERO),
            _ => whole.div_mod_floor(&step),
        };
        let twice = &rest * 2u32;
        let up = power < 0 && (twice > step || (twice == step && floor.is_odd()));
        let rounded = floor + i32::from(up);
        (rounded < BigInt::from(10).pow(33)).then(|| (rounded, rest != BigInt::ZERO))
    }

    #[test]
    fn fractions_are_in_lowest_terms() {
        let half = |units: i128| Exact::share(units * Money::ONE, 1, 2);
        assert_eq!(half(-3).to_string(), "-3/2");
        assert_eq!(half(4).to_string(), "2");
        assert!(half(-3) < half(-1) && half(1) < Exact::share(Money::ONE, 2, 3));
        assert_eq!(Exact::share(Money::ONE, 1, -2), half(-1));
        let mut sum = half(3);
        sum += &half(-3);
        assert_eq!((sum.to_string().as_str(), &sum), ("0", &Exact::zero()));
    }

    proptest! {
        #[test]
        fn texts_of_any_length_are_what_fractions_say(
            digits in "[0-9]{1,60}",
            at in 0usize..61,
            exponent in -70i32..30,
            zeros in (0usize..30, 0usize..30),
            tail in "5?0{0,40}1?",
        ) {
            let digits = format!("{}{digits}{tail}{}", "0".repeat(zeros.0), "0".repeat(zeros.1));
            let point = at.min(digits.len());
            let (whole, fraction) = digits.split_at(point);
            for text in [
                format!("{whole}.{fraction}e{exponent}"),
                format!("+{whole}.{fraction}E{exponent:+}"),
            ] {
                let found = Money::rounding(&text).ok();
                let found = found.map(|(money, rounded)| (BigInt::from(money.units()), rounded));
                prop_assert_eq!(&found, &judged(&digits, point, exponent), "{}", text);
                let negative = format!("-{}", text.trim_start_matches('+'));
                let found = Money::rounding(&negative).ok().map(|(money, _)| -money.units());
                let judged = judged(&digits, point, exponent).map(|(units, _)| units);
                prop_assert_eq!(found.map(BigInt::from), judged);
            }
        }

        #[test]
        fn numbers_of_any_scale_are_what_their_text_says(value: i128, scale in -40i32..60) {
            let text = Money::rounding(&format!("{value}e{}", -scale));
            prop_assert_eq!(Money::scaled(value, scale).ok(), text.ok());
        }

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
