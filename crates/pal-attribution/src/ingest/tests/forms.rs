//! Instants in every form that a column can have, and columns that hold something else.

use ::parquet::basic::{LogicalType, Type as Physical};

use super::columns::Value;
use super::*;

/// Microseconds of an instant: 5 October 2026, or an hour of it.
const OCTOBER: i64 = 20_731 * DAY;
const HOUR: i64 = DAY / 24;

const ROWS: &str = "ChargePeriodStart,ChargePeriodEnd,EffectiveCost,BillingCurrency,ChargeCategory,\
                    ResourceId,SubAccountId\n\
                    2026-10-05T00:00:00Z,2026-10-06T00:00:00Z,1,EUR,Usage,,s\n\
                    2026-10-05T00:00:00Z,2026-10-06T00:00:00Z,1,EUR,Usage,,s\n";

/// The periods of the rows, or the error.
fn periods(other: &[(&str, Column)]) -> Result<Vec<String>, String> {
    let folder = tempfile::tempdir().unwrap();
    let bytes = packed(ROWS, false, other);
    let part = part(folder.path(), "u.parquet", Container::Parquet, &bytes);
    let charges = collect(&[part], &ReadOptions::default(), |_| true);
    let charges = charges.map_err(|error| error.to_string())?;
    let shown = |at: pal_model::Instant| at.to_string();
    Ok(charges
        .iter()
        .map(|c| format!("{} {}", shown(c.period.from()), shown(c.period.to())))
        .collect())
}

#[test]
fn instants_of_every_form_are_read() {
    let day = "2026-10-05T00:00:00Z 2026-10-06T00:00:00Z".to_owned();
    assert_eq!(periods(&[]), Ok(vec![day.clone(), day.clone()]));
    let both = |from: i64, to: i64| [Some(from), Some(to)].map(|at| [at, at]);
    for (unit, step) in [(TimeUnit::MILLIS, 1_000), (TimeUnit::MICROS, 1), (TimeUnit::NANOS, 0)] {
        for is_utc in [true, false] {
            let of = |at: i64| if step == 0 { at * 1_000 } else { at / step };
            let [from, to] = both(of(OCTOBER + HOUR), of(OCTOBER + 2 * HOUR));
            let column = |values| Column::instants(unit, is_utc, values);
            let found =
                periods(&[("ChargePeriodStart", column(from)), ("ChargePeriodEnd", column(to))]);
            let hour = "2026-10-05T01:00:00Z 2026-10-05T02:00:00Z".to_owned();
            assert_eq!(found, Ok(vec![hour.clone(), hour]), "{unit:?}");
        }
    }
    let [from, to] = both(20_731, 20_732);
    let found = periods(&[
        ("ChargePeriodStart", Column::days(from)),
        ("ChargePeriodEnd", Column::days(to)),
    ]);
    assert_eq!(found, Ok(vec![day.clone(), day.clone()]));
    // Nanoseconds of the day and the Julian day, as old Spark writes instants.
    let old = |day| {
        let value = Some(Value::Old(3_600_000_000_000, day));
        Column::new(Physical::INT96, None, vec![value.clone(), value])
    };
    let from = old(2_440_588 + 20_731);
    let hours = "2026-10-05T01:00:00Z 2026-10-06T00:00:00Z".to_owned();
    assert_eq!(periods(&[("ChargePeriodStart", from)]), Ok(vec![hours.clone(), hours]));
}

#[test]
fn a_column_of_something_else_is_refused_by_what_it_holds() {
    let instants = || Column::instants(TimeUnit::MILLIS, true, [Some(1), Some(2)]);
    let bytes = |physical, logical, width: u8| {
        let value = Some(Value::Bytes(vec![b'1'; usize::from(width.max(1))]));
        let column = Column::new(physical, logical, vec![value.clone(), value]);
        Column { width: width.into(), ..column }
    };
    let fixed = Physical::FIXED_LEN_BYTE_ARRAY;
    for (name, column, held) in [
        ("EffectiveCost", Column::truth([true, false]), "Boolean"),
        ("EffectiveCost", instants(), "Timestamp(ms, \"UTC\")"),
        ("EffectiveCost", bytes(Physical::BYTE_ARRAY, None, 0), "Binary"),
        ("EffectiveCost", bytes(fixed, None, 3), "FixedSizeBinary(3)"),
        ("EffectiveCost", bytes(fixed, Some(LogicalType::Float16), 2), "Float16"),
        ("ResourceId", instants(), "Timestamp(ms, \"UTC\")"),
        ("ResourceId", bytes(Physical::BYTE_ARRAY, Some(LogicalType::Bson), 0), "Binary"),
        ("SubAccountId", Column::whole(32, true, [Some(1), None]), "Int32"),
        ("ChargeCategory", Column::double([Some(1.0), None]), "Float64"),
        ("ChargePeriodStart", Column::whole(64, true, [Some(1), Some(2)]), "Int64"),
        ("ChargePeriodEnd", Column::decimal(20, 3, [Some(1), Some(2)]), "Decimal128(20, 3)"),
    ] {
        let found = periods(&[(name, column)]).unwrap_err();
        let expected = format!(
            "u.parquet, row 1: column {name} holds {held}, which is not a form it can have; export \
             it again"
        );
        assert_eq!(found, expected);
    }
}

#[test]
fn a_cell_that_is_missing_is_named_by_its_row() {
    let none = || Column::instants(TimeUnit::MILLIS, true, [Some(OCTOBER / 1_000), None]);
    for (name, column) in [
        ("EffectiveCost", Column::decimal(38, 18, [Some(1), None])),
        ("EffectiveCost", Column::double([Some(1.0), None])),
        ("EffectiveCost", Column::text([Some("1"), None])),
        ("BillingCurrency", Column::text([Some("EUR"), None])),
        ("ChargePeriodStart", none()),
        ("ChargePeriodStart", Column::text([Some("2026-10-05"), None])),
    ] {
        let found = periods(&[(name, column)]).unwrap_err();
        let expected = format!("u.parquet, row 2: column {name} is empty, but every row needs it");
        assert_eq!(found, expected);
    }
}
