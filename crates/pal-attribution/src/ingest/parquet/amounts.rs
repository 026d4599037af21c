//! Amounts from Arrow columns of every type that exports and their converters use.

use std::fmt::Write;

use arrow_array::cast::AsArray;
use arrow_array::types::{
    ArrowPrimitiveType, Decimal32Type, Decimal64Type, Decimal128Type, Decimal256Type, Float32Type,
    Float64Type, Int8Type, Int16Type, Int32Type, Int64Type, UInt8Type, UInt16Type, UInt32Type,
    UInt64Type,
};
use arrow_array::{Array, ArrayRef};
use arrow_schema::DataType;
use pal_model::{Money, MoneyError};

use super::super::values;
use super::columns::{ColumnError, Problem, whole};

/// 10^15 currency units, in 10⁻¹⁸.
const LIMIT: i128 = Money::LIMIT * Money::ONE;

/// A row's amount, and whether it was rounded.
type Amount = Result<(Money, bool), Problem>;

/// Appends costs in 10⁻¹⁸ units; how many of them were rounded.
pub(super) fn units(array: Option<&ArrayRef>, out: &mut Vec<i128>) -> Result<u64, ColumnError> {
    let Some(array) = array else { return Err(whole(Problem::Empty)) };
    if array.null_count() > 0 {
        let row = (0..array.len()).find(|&row| array.is_null(row)).unwrap_or_default();
        return Err(ColumnError { row, problem: Problem::Empty });
    }
    match array.data_type() {
        // What Azure writes: nothing to do but to look.
        DataType::Decimal128(_, scale) if i32::from(*scale) == Money::SCALE.cast_signed() => {
            let values = array.as_primitive::<Decimal128Type>().values();
            if let Some(row) = values.iter().position(|v| !(-LIMIT < *v && *v < LIMIT)) {
                let shown = Money::from_units(values[row]).to_string();
                return Err(ColumnError { row, problem: Problem::Money(MoneyError::Range(shown)) });
            }
            out.extend_from_slice(values);
            Ok(0)
        }
        DataType::Decimal128(_, scale) => scaled::<Decimal128Type>(array, *scale, out),
        DataType::Decimal64(_, scale) => scaled::<Decimal64Type>(array, *scale, out),
        DataType::Decimal32(_, scale) => scaled::<Decimal32Type>(array, *scale, out),
        DataType::Decimal256(_, scale) => {
            let values = array.as_primitive::<Decimal256Type>().values();
            let text =
                |value: &_, text: &mut String| write!(text, "{value}e{}", -i32::from(*scale));
            written(values.iter(), text, out)
        }
        DataType::Int64 => scaled::<Int64Type>(array, 0, out),
        DataType::Int32 => scaled::<Int32Type>(array, 0, out),
        DataType::Int16 => scaled::<Int16Type>(array, 0, out),
        DataType::Int8 => scaled::<Int8Type>(array, 0, out),
        DataType::UInt64 => scaled::<UInt64Type>(array, 0, out),
        DataType::UInt32 => scaled::<UInt32Type>(array, 0, out),
        DataType::UInt16 => scaled::<UInt16Type>(array, 0, out),
        DataType::UInt8 => scaled::<UInt8Type>(array, 0, out),
        // The shortest text that means the number is its value, as in a CSV of the same export.
        DataType::Float64 => {
            let values = array.as_primitive::<Float64Type>().values();
            written(values.iter(), |value, text| write!(text, "{value:e}"), out)
        }
        DataType::Float32 => {
            let values = array.as_primitive::<Float32Type>().values();
            written(values.iter(), |value, text| write!(text, "{value:e}"), out)
        }
        DataType::Utf8 => texts(array.as_string::<i32>().iter(), out),
        DataType::LargeUtf8 => texts(array.as_string::<i64>().iter(), out),
        DataType::Utf8View => texts(array.as_string_view().iter(), out),
        other => Err(whole(Problem::Type(other.clone()))),
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
fn scaled<T: ArrowPrimitiveType<Native: Into<i128>>>(
    array: &ArrayRef,
    scale: i8,
    out: &mut Vec<i128>,
) -> Result<u64, ColumnError> {
    let values = array.as_primitive::<T>().values();
    let amount =
        |value: &T::Native| Money::scaled((*value).into(), scale.into()).map_err(Problem::Money);
    append(values.iter().map(amount), out)
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

fn texts<'t>(
    values: impl Iterator<Item = Option<&'t str>>,
    out: &mut Vec<i128>,
) -> Result<u64, ColumnError> {
    let amount = |text: Option<&str>| match text.and_then(values::present) {
        Some(text) => Money::rounding(text).map_err(Problem::Money),
        None => Err(Problem::Empty),
    };
    append(values.map(amount), out)
}
