//! The same amount in every form that a file can have it in.

use ::parquet::basic::{LogicalType, Type as Physical};
use num_bigint::BigInt;
use proptest::prelude::*;

use super::columns::Value;
use super::*;

const HEADER: &str = "ChargePeriodStart,ChargePeriodEnd,EffectiveCost,BillingCurrency,\
                      ChargeCategory,ResourceId,SubAccountId\n";

fn csv(costs: &[&str]) -> String {
    let row = |cost: &&str| format!("2026-10-01,2026-10-02,{cost},EUR,Usage,,s\n");
    format!("{HEADER}{}", costs.iter().map(row).collect::<Vec<_>>().concat())
}

/// Costs and how many were rounded, or the error.
fn read_csv(costs: &[&str]) -> Result<(Vec<String>, u64), String> {
    let folder = tempfile::tempdir().unwrap();
    let part = part(folder.path(), "u.csv", Container::Csv, csv(costs).as_bytes());
    charges(&part).map(|(costs, _, remarks)| (costs, remarks.rounded))
}

fn read_parquet(costs: Column) -> Result<(Vec<String>, u64), String> {
    let folder = tempfile::tempdir().unwrap();
    let text = csv(&vec!["0"; costs.values.len()]);
    let bytes = packed(&text, false, &[("EffectiveCost", costs)]);
    let part = part(folder.path(), "u.parquet", Container::Parquet, &bytes);
    charges(&part).map(|(costs, _, remarks)| (costs, remarks.rounded))
}

#[test]
fn amounts_with_many_digits_are_rounded_once_and_counted() {
    // Three amounts as amortized exports have them: 26, 24 and 2 digits; zeros at the end.
    let texts = [
        "0.00000000812345678912345670",
        "0.000123456789012345678912",
        "7.25",
        "0000.2500000000000000000000000",
        "-0.0000000000000000025",
        "4.37e-21",
        "0.0000000000000000000",
    ];
    let costs = [
        "0.000000008123456789",
        "0.000123456789012346",
        "7.250000000000000000",
        "0.250000000000000000",
        "-0.000000000000000002",
        "0.000000000000000000",
        "0.000000000000000000",
    ];
    let expected = (costs.map(str::to_owned).to_vec(), 4);
    assert_eq!(read_csv(&texts), Ok(expected.clone()));
    assert_eq!(read_parquet(Column::text(texts.map(Some))), Ok(expected));
}

fn decimals(value: i128, precision: i32, scale: i32) -> Column {
    Column::decimal(precision, scale, [Some(value)])
}

/// A decimal of more digits than 128 bits hold, in so many bytes or in as many as it needs.
fn wide(value: &str, scale: i32, width: Option<u8>) -> Column {
    let mut bytes = value.parse::<BigInt>().unwrap().to_signed_bytes_be();
    let sign = if bytes[0] >= 0x80 { 0xff } else { 0 };
    if let Some(width) = width {
        bytes.splice(..0, vec![sign; usize::from(width) - bytes.len()]);
    }
    let physical = width.map_or(Physical::BYTE_ARRAY, |_| Physical::FIXED_LEN_BYTE_ARRAY);
    let precision = if width == Some(20) { 47 } else { 76 };
    let logical = Some(LogicalType::decimal(scale, precision));
    let column = Column::new(physical, logical, vec![Some(Value::Bytes(bytes))]);
    Column { digits: Some((precision, scale)), width: width.unwrap_or(0).into(), ..column }
}

/// A decimal of at most 38 digits in as many bytes as it needs, as some writers store it.
fn short(value: i128, scale: i32) -> Column {
    let bytes = BigInt::from(value).to_signed_bytes_be();
    let logical = Some(LogicalType::decimal(scale, 38));
    let column = Column::new(Physical::BYTE_ARRAY, logical, vec![Some(Value::Bytes(bytes))]);
    Column { digits: Some((38, scale)), ..column }
}

#[test]
fn numbers_of_every_type_are_read() {
    let whole = |bits, signed, value| Column::whole(bits, signed, [Some(value)]);
    let many = "12500000000000000000000000000000000000000000000015";
    let columns: Vec<(Column, &str, u64)> = vec![
        (decimals(1_250, 38, 3), "1.250000000000000000", 0),
        (decimals(1_250_000, 38, 6), "1.250000000000000000", 0),
        (decimals(-125, 38, 2), "-1.250000000000000000", 0),
        (decimals(12, 38, 0), "12.000000000000000000", 0),
        (decimals(1_250_000_000_000_000_000, 38, 18), "1.250000000000000000", 0),
        (decimals(12_500_000_000_000_000_000_000, 38, 22), "1.250000000000000000", 0),
        (decimals(12_500_000_000_000_000_005_000, 38, 22), "1.250000000000000000", 1),
        (decimals(12_500_000_000_000_000_015_000, 38, 22), "1.250000000000000002", 1),
        (decimals(25, 38, 37), "0.000000000000000000", 1),
        (wide("125", 2, Some(32)), "1.250000000000000000", 0),
        (wide(many, 49, Some(32)), "1.250000000000000000", 1),
        (wide(many, 49, None), "1.250000000000000000", 1),
        (wide("-125", 2, None), "-1.250000000000000000", 0),
        (wide("-1250000000000000000500000000000000001", 36, Some(20)), "-1.250000000000000001", 1),
        (short(-125, 2), "-1.250000000000000000", 0),
        (short(12_500_000_000_000_000_005_000, 22), "1.250000000000000000", 1),
        (decimals(125, 18, 2), "1.250000000000000000", 0),
        (decimals(125, 9, 2), "1.250000000000000000", 0),
        (decimals(-125, 22, 2), "-1.250000000000000000", 0),
        (whole(64, true, -7), "-7.000000000000000000", 0),
        (whole(32, true, -7), "-7.000000000000000000", 0),
        (whole(16, true, -7), "-7.000000000000000000", 0),
        (whole(8, true, -7), "-7.000000000000000000", 0),
        (whole(64, false, 7), "7.000000000000000000", 0),
        (whole(32, false, 7), "7.000000000000000000", 0),
        (whole(16, false, 7), "7.000000000000000000", 0),
        (whole(8, false, 7), "7.000000000000000000", 0),
        (whole(32, false, -1), "4294967295.000000000000000000", 0),
        (Column::double([Some(0.1)]), "0.100000000000000000", 0),
        (Column::double([Some(-0.0)]), "0.000000000000000000", 0),
        (Column::double([Some(1e-7 / 3.0)]), "0.000000033333333333", 1),
        (Column::single([Some(0.1)]), "0.100000000000000000", 0),
        (Column::single([Some(1234.567)]), "1234.567000000000000000", 0),
    ];
    for (column, cost, rounded) in columns {
        let form = format!("{column:?}");
        assert_eq!(read_parquet(column), Ok((vec![cost.to_owned()], rounded)), "{form}");
    }
}

#[test]
fn what_is_no_amount_is_refused_with_its_row() {
    let float = |value| Column::double([Some(1.0), Some(value)]);
    let text = |value| Column::text([Some("1"), Some(value)]);
    let whole = |signed, value| Column::whole(64, signed, [Some(1), Some(value)]);
    for (column, why) in [
        (float(f64::NAN), "not a decimal number"),
        (float(f64::INFINITY), "not a decimal number"),
        (float(f64::NEG_INFINITY), "not a decimal number"),
        (float(1e15), "10^15 or more"),
        (float(f64::MAX), "10^15 or more"),
        (whole(true, i64::MIN), "10^15 or more"),
        (whole(false, -1), "10^15 or more"),
        (Column::decimal(38, 18, [Some(1), Some(10i128.pow(35))]), "10^15 or more"),
        (text("1e15"), "10^15 or more"),
        (text("NaN"), "not a decimal number"),
        (text("1,50"), "has a comma"),
        (text("NULL"), "is empty"),
    ] {
        let error = read_parquet(column).unwrap_err();
        assert!(error.contains("u.parquet, row 2: ") && error.contains(why), "{error}");
    }
    for (cell, why) in [
        ("1e15", "10^15 or more"),
        ("999999999999999.9999999999999999999", "10^15 or more"),
        ("Infinity", "not a decimal number"),
        ("\"1,50\"", "has a comma"),
        ("\"1.234,50\"", "has a comma"),
        ("1,50", "are amounts written with a comma"),
    ] {
        let error = read_csv(&["1", cell]).unwrap_err();
        assert!(error.contains("u.csv:3: ") && error.contains(why), "{error}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    /// A DOUBLE is what a CSV written from it says, however that writes it.
    #[test]
    fn doubles_agree_with_their_text(values in prop::collection::vec(
        (any::<i32>(), any::<i32>(), -40i32..-3)
            .prop_map(|(a, b, power)| f64::from(a) * f64::from(b) * 10f64.powi(power)),
        1..40,
    )) {
        let short: Vec<String> = values.iter().map(|value| format!("{value:e}")).collect();
        let long: Vec<String> = values.iter().map(|value| format!("{value}")).collect();
        let texts = |list: &[String]| read_csv(&list.iter().map(String::as_str).collect::<Vec<_>>());
        let found = read_parquet(Column::double(values.iter().copied().map(Some)));
        prop_assert_eq!(texts(&short).ok(), found.clone().ok());
        prop_assert_eq!(texts(&long).ok(), found.ok());
    }

    #[test]
    fn decimals_agree_with_their_text(value in -(10i128.pow(33) - 1)..10i128.pow(33), scale in 0i32..38) {
        let text = format!("{value}e-{scale}");
        let found = read_parquet(decimals(value, 38, scale));
        prop_assert_eq!(read_csv(&[&text]).ok(), found.ok());
    }
}
