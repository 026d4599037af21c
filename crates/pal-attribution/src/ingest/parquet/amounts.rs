//! Amounts from columns of every type that exports and their converters use.

use std::fmt::Write;

use num_bigint::BigInt;
use pal_model::{Money, MoneyError};

use super::super::values;
use super::column::{Cells, Column, Form, NOTHING, Strings, decimal};
use super::columns::{ColumnError, Problem, refused, whole};

/// 10^15 currency units, in 10⁻¹⁸.
const LIMIT: i128 = Money::LIMIT * Money::ONE;

/// A row's amount, and whether it was rounded.
type Amount = Result<(Money, bool), Problem>;

/// Appends costs in 10⁻¹⁸ units; how many of them were rounded.
pub(super) fn units(column: Option<&Column>, out: &mut Vec<i128>) -> Result<u64, ColumnError> {
    let Some(column) = column else { return Err(whole(Problem::Empty)) };
    if let Some(row) = column.first_missing() {
        return Err(ColumnError { row, problem: Problem::Empty });
    }
    match (column.shape.form, &column.cells) {
        // What Azure writes: nothing to do but to look.
        (Form::Decimal { scale, .. }, Cells::Wide(cells))
            if scale == Money::SCALE.cast_signed() =>
        {
            let values = &cells.values;
            if let Some(row) = values.iter().position(|v| !(-LIMIT < *v && *v < LIMIT)) {
                let shown = Money::from_units(values[row]).to_string();
                return Err(ColumnError { row, problem: Problem::Money(MoneyError::Range(shown)) });
            }
            out.extend_from_slice(values);
            Ok(0)
        }
        (Form::Decimal { scale, .. }, Cells::Wide(cells)) => {
            scaled(cells.values.iter().copied(), scale, out)
        }
        (Form::Decimal { scale, .. }, Cells::Whole(cells)) => {
            scaled(cells.values.iter().map(|value| i128::from(*value)), scale, out)
        }
        (Form::Decimal { scale, large: false }, Cells::Strings(cells)) => short(cells, scale, out),
        (Form::Decimal { scale, large: true }, Cells::Strings(cells)) => long(cells, scale, out),
        (Form::Whole { bits, is_signed }, Cells::Whole(cells)) => {
            let values = cells.values.iter();
            scaled(values.map(|value| of_bits(*value, bits, is_signed)), 0, out)
        }
        // The shortest text that means the number is its value, as in a CSV of the same export.
        (Form::Float64, Cells::Whole(cells)) => {
            let values = cells.values.iter().map(|bits| f64::from_bits(bits.cast_unsigned()));
            written(values, |value, text| write!(text, "{value:e}"), out)
        }
        (Form::Float32, Cells::Whole(cells)) => {
            let values = cells.values.iter().map(|bits| f32::from_bits(*bits as u32));
            written(values, |value, text| write!(text, "{value:e}"), out)
        }
        (Form::Text, Cells::Strings(cells)) => texts(cells, out),
        _ => Err(refused(column)),
    }
}

/// The whole number that a column of so many bits means.
pub(super) const fn of_bits(value: i64, bits: u8, is_signed: bool) -> i128 {
    match (bits, is_signed) {
        (8, true) => value as i8 as i128,
        (8, false) => value as u8 as i128,
        (16, true) => value as i16 as i128,
        (16, false) => value as u16 as i128,
        (32, false) => value as u32 as i128,
        (64, false) => value.cast_unsigned() as i128,
        _ => value as i128,
    }
}

fn append(amounts: impl Iterator<Item = Amount>, out: &mut Vec<i128>) -> Result<u64, ColumnError> {
    let mut count = 0;
    for (row, amount) in amounts.enumerate() {
        let (money, rounded) = amount.map_err(|problem| ColumnError { row, problem })?;
        count += u64::from(rounded);
        out.push(money.units());
    }
    Ok(count)
}

/// Whole numbers of 10^-`scale`.
fn scaled(
    values: impl Iterator<Item = i128>,
    scale: i32,
    out: &mut Vec<i128>,
) -> Result<u64, ColumnError> {
    append(values.map(|value| Money::scaled(value, scale).map_err(Problem::Money)), out)
}

/// The same, stored in as many bytes as each of them needs.
fn short(cells: &Strings<'_>, scale: i32, out: &mut Vec<i128>) -> Result<u64, ColumnError> {
    let amount = |key: &u32| match cells.list.bytes(*key as usize) {
        value if value.len() <= size_of::<i128>() => {
            Money::scaled(decimal(value), scale).map_err(Problem::Money)
        }
        value => Err(too_long(value)),
    };
    append(cells.keys.iter().map(amount), out)
}

/// Numbers of up to 76 digits.
fn long(cells: &Strings<'_>, scale: i32, out: &mut Vec<i128>) -> Result<u64, ColumnError> {
    let amount = |key: &u32| match cells.list.bytes(*key as usize) {
        value if value.len() <= 32 => {
            let text = format!("{}e{}", BigInt::from_signed_bytes_be(value), -scale);
            Money::rounding(&text).map_err(Problem::Money)
        }
        value => Err(too_long(value)),
    };
    append(cells.keys.iter().map(amount), out)
}

fn too_long(value: &[u8]) -> Problem {
    Problem::Type(format!("a number of {} bytes", value.len()))
}

/// Numbers that are written down first.
fn written<T>(
    values: impl Iterator<Item = T>,
    write: impl Fn(T, &mut String) -> std::fmt::Result,
    out: &mut Vec<i128>,
) -> Result<u64, ColumnError> {
    let mut text = String::new();
    let amount = |value| {
        text.clear();
        // Writing to a text does not fail; an empty one would be refused.
        write(value, &mut text).ok();
        Money::rounding(&text).map_err(Problem::Money)
    };
    append(values.map(amount), out)
}

fn texts(cells: &Strings<'_>, out: &mut Vec<i128>) -> Result<u64, ColumnError> {
    let amount = |key: &u32| {
        let text = (*key != NOTHING).then(|| cells.list.text(*key as usize));
        match text.and_then(values::present) {
            Some(text) => Money::rounding(text).map_err(Problem::Money),
            None => Err(Problem::Empty),
        }
    };
    append(cells.keys.iter().map(amount), out)
}
