//! Parquet files that are cut, changed, or say more than they have.

use parquet::file::properties::WriterProperties;

use super::Variant;
use super::thrift::{Claims, file};
use crate::columns::{Column, file as file_of};
use crate::table::{AZURE, Cost, Style};
use crate::usage::world::{row, table};

fn good() -> Vec<u8> {
    table((0..40).map(|n| row(6, n % 3, n)).collect()).parquet(&AZURE)
}

/// A file of one row, with columns in place of, or besides, the usual ones.
fn columns(own: &[(&str, Column)]) -> Vec<u8> {
    let usual = [
        ("ChargePeriodStart", "2026-06-01T00:00:00Z"),
        ("ChargePeriodEnd", "2026-06-02T00:00:00Z"),
        ("EffectiveCost", "1"),
        ("BillingCurrency", "EUR"),
        ("ChargeCategory", "Usage"),
        ("ResourceId", ""),
        ("SubAccountId", "/subscriptions/00000000-0000-4000-8000-000000000001"),
    ];
    let mut all: Vec<(&str, Column)> = own.to_vec();
    for (name, value) in usual {
        if !own.iter().any(|(other, _)| *other == name) {
            all.push((name, Column::text([Some(value)])));
        }
    }
    file_of(&all, WriterProperties::default(), 1)
}

fn cost(value: Column) -> Vec<u8> {
    columns(&[("EffectiveCost", value)])
}

pub fn all() -> Vec<Variant> {
    let mut all = values();
    all.extend(claims());
    let good = good();
    for n in 1..8 {
        let bytes = &good[..good.len() - n * good.len() / 8];
        all.push(Variant::file(&format!("cut-{n}.parquet"), bytes));
    }
    let length = good.len() - 8;
    for (n, claimed) in [0, 1, 7, 0x7fff_ffff, 0xffff_ffff, length as u32 + 1].iter().enumerate() {
        let mut bytes = good.clone();
        bytes[length..length + 4].copy_from_slice(&u32::to_le_bytes(*claimed));
        all.push(Variant::file(&format!("footer-length-{n}.parquet"), bytes));
    }
    // What counts already, with a byte flipped: refused, or the same.
    let counted = super::world_of_counted().parquet(&AZURE);
    for n in 0..24 {
        let mut bytes = counted.clone();
        // Half of them in the footer.
        let span = if n % 2 == 0 { bytes.len() } else { 3_000 };
        let at = bytes.len() - 1 - (n * 7_919 + 13) % span;
        bytes[at] ^= 1 << (n % 8);
        all.push(Variant::file(&format!("flipped-{n}.parquet"), bytes).any());
    }
    all.push(Variant::file("magic-only.parquet", "PAR1"));
    all.push(Variant::file("magic-twice.parquet", "PAR1\0\0\0\0PAR1"));
    all.push(Variant::file("encrypted.parquet", [&good[..good.len() - 4], b"PARE"].concat()));
    all
}

/// Values of the wrong type or size.
fn values() -> Vec<Variant> {
    let decimal = |units: i128, scale| Column::decimal(38, scale, [Some(units)]);
    let double = |value: f64| cost(Column::double([Some(value)]));
    let boolean = || Column::truth([true]);
    let text = |name, text: &str| columns(&[(name, Column::text([Some(text)]))]);
    let long = "x".repeat(4 << 20);
    let mut twice = table((0..3).map(|n| row(6, 0, n)).collect());
    "EffectiveCost".clone_into(&mut twice.header[3]);
    vec![
        Variant::file("nan.parquet", double(f64::NAN)),
        Variant::file("infinite.parquet", double(f64::NEG_INFINITY)),
        Variant::file("large-double.parquet", double(1e300)),
        Variant::file("ten-to-the-15.parquet", cost(decimal(10i128.pow(33), 18))),
        Variant::file("most.parquet", cost(decimal(-(10i128.pow(38) - 1), 0))),
        Variant::file("rounds-to-the-limit.parquet", cost(decimal(10i128.pow(35) - 1, 20))),
        Variant::file("no-cost.parquet", cost(Column::double([None]))),
        Variant::file("cost-of-truth.parquet", cost(boolean())),
        Variant::file("date-of-truth.parquet", columns(&[("ChargePeriodStart", boolean())])),
        Variant::file("id-of-truth.parquet", columns(&[("ResourceId", boolean())])),
        Variant::file("kind-of-truth.parquet", columns(&[("ChargeCategory", boolean())])),
        Variant::file("cost-in-words.parquet", text("EffectiveCost", "a\u{1b}[2J\nlot")),
        Variant::file("wrong-date.parquet", text("ChargePeriodStart", "2026-02-30")),
        Variant::file("long-id.parquet", text("ResourceId", &long)),
        Variant::file("long-cost.parquet", text("EffectiveCost", &long)),
        Variant::file("long-currency.parquet", text("BillingCurrency", &long)),
        Variant::file("columns-twice.parquet", {
            twice.parquet(&Style { cost: Cost::Text, ..AZURE })
        }),
    ]
}

/// Files that claim.
pub fn claims() -> Vec<Variant> {
    const MANY: i64 = 400_000_000;
    let honest = Claims::honest(3);
    let bomb = file(&Claims::honest(MANY));
    assert!(bomb.len() < 2_000, "{} bytes", bomb.len());
    let two = (1 << 31) - 1 - 10;
    let of = |name: &str, claims: Claims| Variant::file(&format!("{name}.parquet"), file(&claims));
    vec![
        Variant::file("bomb.parquet", bomb),
        of("hidden-bomb", Claims { page_values: MANY, run: MANY as u64, ..honest.clone() }),
        of("footer-only", Claims { rows: MANY, ..honest.clone() }),
        of("more-rows-than-values", Claims { rows: 1_000_000, ..honest.clone() }),
        // A file that is not compressed and lies of its uncompressed size only can be read: nothing
        // depends on that number.
        of("compressed-2-gib", Claims { compressed: two, ..honest.clone() }),
        of("both-2-gib", Claims { uncompressed: two, compressed: two, ..honest.clone() }),
        of("snappy-2-gib", Claims { uncompressed: two, codec: 1, ..honest.clone() }),
        of("gzip-2-gib", Claims { uncompressed: two, codec: 2, ..honest.clone() }),
        of("negative-size", Claims { uncompressed: -1_000, compressed: -1_000, ..honest.clone() }),
        of("negative-rows", Claims { rows: -3, ..honest.clone() }),
        of("least-rows", Claims { rows: i64::MIN, ..honest.clone() }),
        of("most-rows", Claims { rows: i64::MAX, ..honest.clone() }),
        of("negative-values", Claims { values: -3, page_values: -3, ..honest.clone() }),
        of("texts-2-gib", Claims { texts: i64::from(i32::MAX), ..honest.clone() }),
        of("negative-texts", Claims { texts: -1, ..honest.clone() }),
        of("a-billion-groups", Claims { groups: Some(1 << 30), ..honest.clone() }),
        of("a-billion-children", Claims { children: Some(1 << 30), ..honest.clone() }),
        of("negative-children", Claims { children: Some(-5), ..honest.clone() }),
        of("unknown-codec", Claims { codec: 99, ..honest.clone() }),
        of("wrong-codec", Claims { codec: 2, ..honest }),
    ]
}
