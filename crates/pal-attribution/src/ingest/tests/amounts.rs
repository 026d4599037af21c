//! The same amount in every form that a file can have it in.

use arrow_array::{
    Decimal32Array, Decimal64Array, Decimal128Array, Decimal256Array, Float32Array, Float64Array,
    Int8Array, Int16Array, Int32Array, UInt8Array, UInt16Array, UInt32Array, UInt64Array,
};
use arrow_buffer::i256;
use proptest::prelude::*;

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

fn read_parquet(costs: ArrayRef) -> Result<(Vec<String>, u64), String> {
    let folder = tempfile::tempdir().unwrap();
    let text = csv(&vec!["0"; costs.len()]);
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
    let array: ArrayRef = Arc::new(StringArray::from(texts.to_vec()));
    assert_eq!(read_parquet(array), Ok(expected));
}

fn decimals(value: i128, precision: u8, scale: i8) -> ArrayRef {
    let array = Decimal128Array::from_iter_values([value]);
    Arc::new(array.with_precision_and_scale(precision, scale).unwrap())
}

#[test]
fn numbers_of_every_type_are_read() {
    let wide = |value: &str, scale| -> ArrayRef {
        let array = Decimal256Array::from_iter_values([i256::from_string(value).unwrap()]);
        Arc::new(array.with_precision_and_scale(76, scale).unwrap())
    };
    let arrays: Vec<(ArrayRef, &str, u64)> = vec![
        (decimals(1_250, 38, 3), "1.250000000000000000", 0),
        (decimals(1_250_000, 38, 6), "1.250000000000000000", 0),
        (decimals(-125, 38, 2), "-1.250000000000000000", 0),
        (decimals(12, 38, 0), "12.000000000000000000", 0),
        (decimals(1_250_000_000_000_000_000, 38, 18), "1.250000000000000000", 0),
        (decimals(12_500_000_000_000_000_000_000, 38, 22), "1.250000000000000000", 0),
        (decimals(12_500_000_000_000_000_005_000, 38, 22), "1.250000000000000000", 1),
        (decimals(12_500_000_000_000_000_015_000, 38, 22), "1.250000000000000002", 1),
        (decimals(25, 38, 37), "0.000000000000000000", 1),
        (wide("125", 2), "1.250000000000000000", 0),
        (wide("12500000000000000000000000000000000000000000000015", 49), "1.250000000000000000", 1),
        (wide("-1250000000000000000500000000000000001", 36), "-1.250000000000000001", 1),
        (
            Arc::new(
                Decimal64Array::from_iter_values([125]).with_precision_and_scale(18, 2).unwrap(),
            ),
            "1.250000000000000000",
            0,
        ),
        (
            Arc::new(
                Decimal32Array::from_iter_values([125]).with_precision_and_scale(9, 2).unwrap(),
            ),
            "1.250000000000000000",
            0,
        ),
        (Arc::new(Int64Array::from(vec![-7])), "-7.000000000000000000", 0),
        (Arc::new(Int32Array::from(vec![-7])), "-7.000000000000000000", 0),
        (Arc::new(Int16Array::from(vec![-7])), "-7.000000000000000000", 0),
        (Arc::new(Int8Array::from(vec![-7])), "-7.000000000000000000", 0),
        (Arc::new(UInt64Array::from(vec![7])), "7.000000000000000000", 0),
        (Arc::new(UInt32Array::from(vec![7])), "7.000000000000000000", 0),
        (Arc::new(UInt16Array::from(vec![7])), "7.000000000000000000", 0),
        (Arc::new(UInt8Array::from(vec![7])), "7.000000000000000000", 0),
        (Arc::new(Float64Array::from(vec![0.1])), "0.100000000000000000", 0),
        (Arc::new(Float64Array::from(vec![-0.0])), "0.000000000000000000", 0),
        (Arc::new(Float64Array::from(vec![1e-7 / 3.0])), "0.000000033333333333", 1),
        (Arc::new(Float32Array::from(vec![0.1])), "0.100000000000000000", 0),
        (Arc::new(Float32Array::from(vec![1234.567])), "1234.567000000000000000", 0),
    ];
    for (array, cost, rounded) in arrays {
        let form = array.data_type().clone();
        assert_eq!(read_parquet(array), Ok((vec![cost.to_owned()], rounded)), "{form}");
    }
}

#[test]
fn what_is_no_amount_is_refused_with_its_row() {
    let float = |value| -> ArrayRef { Arc::new(Float64Array::from(vec![1.0, value])) };
    let text = |value| -> ArrayRef { Arc::new(StringArray::from(vec!["1", value])) };
    let thousand = Decimal128Array::from_iter_values([1, 10i128.pow(35)]);
    for (array, why) in [
        (float(f64::NAN), "not a decimal number"),
        (float(f64::INFINITY), "not a decimal number"),
        (float(f64::NEG_INFINITY), "not a decimal number"),
        (float(1e15), "10^15 or more"),
        (float(f64::MAX), "10^15 or more"),
        (Arc::new(Int64Array::from(vec![1, i64::MIN])), "10^15 or more"),
        (Arc::new(UInt64Array::from(vec![1, u64::MAX])), "10^15 or more"),
        (Arc::new(thousand.with_precision_and_scale(38, 18).unwrap()), "10^15 or more"),
        (text("1e15"), "10^15 or more"),
        (text("NaN"), "not a decimal number"),
        (text("1,50"), "has a comma"),
        (text("NULL"), "is empty"),
    ] as [(ArrayRef, &str); 12]
    {
        let error = read_parquet(array).unwrap_err();
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
        let array = || -> ArrayRef { Arc::new(Float64Array::from(values.clone())) };
        let short: Vec<String> = values.iter().map(|value| format!("{value:e}")).collect();
        let long: Vec<String> = values.iter().map(|value| format!("{value}")).collect();
        let texts = |list: &[String]| read_csv(&list.iter().map(String::as_str).collect::<Vec<_>>());
        let found = read_parquet(array());
        prop_assert_eq!(texts(&short).ok(), found.clone().ok());
        prop_assert_eq!(texts(&long).ok(), found.ok());
    }

    #[test]
    fn decimals_agree_with_their_text(value in -(10i128.pow(33) - 1)..10i128.pow(33), scale in 0i8..38) {
        let text = format!("{value}e-{scale}");
        let found = read_parquet(decimals(value, 38, scale));
        prop_assert_eq!(read_csv(&[&text]).ok(), found.ok());
    }
}
