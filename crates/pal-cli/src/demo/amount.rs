//! Money and quantities: whole numbers and the number of fraction digits, never floats.

use std::fmt;

use anyhow::Context;

/// `units` ÷ 10^`scale`. Printed with all its digits, as an export prints them.
#[derive(Clone, Copy)]
pub struct Amount {
    units: i128,
    scale: u32,
}

impl Amount {
    pub const ZERO: Self = Self { units: 0, scale: 0 };

    /// Reads `12.3400`.
    pub fn parse(text: &str) -> anyhow::Result<Self> {
        let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
        let units =
            format!("{whole}{fraction}").parse().with_context(|| format!("amount '{text}'"))?;
        Ok(Self { units, scale: u32::try_from(fraction.len())? })
    }

    /// Exact product: the fraction digits add up.
    pub fn times(self, other: Self) -> Self {
        Self { units: self.units * other.units, scale: self.scale + other.scale }
    }

    /// `self` × `thousandths` ÷ 1000, cut off after the digits it has.
    pub fn per_mille(self, thousandths: i128) -> Self {
        Self { units: self.units * thousandths / 1000, ..self }
    }
}

impl fmt::Display for Amount {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (unit, width) = (10_i128.pow(self.scale), self.scale as usize);
        write!(f, "{}", self.units / unit)?;
        if width > 0 { write!(f, ".{:0width$}", self.units % unit) } else { Ok(()) }
    }
}
