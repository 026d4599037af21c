//! Money and quantities: whole numbers and the number of fraction digits, never floats.

use anyhow::Context;
use std::fmt;

/// `units` ÷ 10^`scale`. Printed with all its digits, as an export prints them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Amount {
    units: i128,
    scale: u32,
}

impl Amount {
    pub const ZERO: Self = Self { units: 0, scale: 0 };

    /// Reads `-12.3400` as it stands in the tables of the demo.
    pub fn parse(text: &str) -> anyhow::Result<Self> {
        let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
        let digits = format!("{whole}{fraction}");
        let units = digits.parse().with_context(|| format!("amount '{text}'"))?;
        Ok(Self { units, scale: u32::try_from(fraction.len())? })
    }

    /// Exact product: the fraction digits add up.
    pub fn times(self, other: Self) -> Self {
        Self { units: self.units * other.units, scale: self.scale + other.scale }
    }

    pub fn plus(self, other: Self) -> Self {
        let scale = self.scale.max(other.scale);
        Self { units: self.at(scale) + other.at(scale), scale }
    }

    pub fn negated(self) -> Self {
        Self { units: -self.units, ..self }
    }

    /// `self` × `thousandths` ÷ 1000, cut off after the digits it has.
    pub fn per_mille(self, thousandths: i128) -> Self {
        Self { units: self.units * thousandths / 1000, ..self }
    }

    /// The same with at most `scale` fraction digits, the rest cut off.
    pub fn cut(self, scale: u32) -> Self {
        if self.scale <= scale {
            return self;
        }
        Self { units: self.units / 10_i128.pow(self.scale - scale), scale }
    }

    fn at(self, scale: u32) -> i128 {
        self.units * 10_i128.pow(scale - self.scale)
    }
}

impl fmt::Display for Amount {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let unit = 10_u128.pow(self.scale);
        let sign = if self.units < 0 { "-" } else { "" };
        let magnitude = self.units.unsigned_abs();
        write!(f, "{sign}{}", magnitude / unit)?;
        if self.scale > 0 {
            let width = self.scale as usize;
            write!(f, ".{:0width$}", magnitude % unit)?;
        }
        Ok(())
    }
}
