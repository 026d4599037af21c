//! A usage file as a table of cells, and the containers it can come in.
//!
//! A cell is text as a CSV file has it. In Parquet the columns of costs and dates get a type of
//! their own, the way the many writers of such files differ: see [`Style`].

use flate2::Compression as Level;
use flate2::write::GzEncoder;
use pal_model::{Instant, Money};
use parquet::basic::{Compression, GzipLevel, TimeUnit, ZstdLevel};
use parquet::file::properties::{WriterProperties, WriterVersion};

use super::columns::{Column, file};

/// Rows of cells under a header; `None` = nothing there.
#[derive(Debug, Clone)]
pub struct Table {
    pub header: Vec<String>,
    pub rows: Vec<Vec<Option<String>>>,
}

/// How costs are stored.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Cost {
    /// `DECIMAL(precision, scale)`.
    Decimal(i32, i32),
    Double,
    Text,
}

/// How instants are stored, and whether they are marked as UTC.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Time {
    Milliseconds(bool),
    Microseconds(bool),
    Nanoseconds(bool),
    /// Days.
    Date,
    Text,
}

/// A way of writing Parquet.
#[derive(Debug, Clone, Copy)]
pub struct Style {
    pub cost: Cost,
    pub time: Time,
    pub compression: Compression,
    /// Whether pages are dictionary encoded.
    pub dictionary: bool,
    pub rows_per_group: usize,
}

/// What Azure writes: `DECIMAL(38, 18)`, instants in milliseconds of UTC, snappy, dictionaries.
pub const AZURE: Style = Style {
    cost: Cost::Decimal(38, 18),
    time: Time::Milliseconds(true),
    compression: Compression::SNAPPY,
    dictionary: true,
    rows_per_group: 1_000_000,
};

/// Many ways of writing the same, the usual one first. What a style cannot hold (days: an hour;
/// `DOUBLE`: eighteen digits) must not be in the table.
pub fn styles() -> Vec<Style> {
    let zstd = Compression::ZSTD(ZstdLevel::default());
    let gzip = Compression::GZIP(GzipLevel::default());
    vec![
        AZURE,
        Style { compression: zstd, time: Time::Milliseconds(false), ..AZURE },
        Style { cost: Cost::Decimal(38, 24), time: Time::Microseconds(true), ..AZURE },
        Style { cost: Cost::Decimal(18, 11), time: Time::Microseconds(false), ..AZURE },
        Style { time: Time::Nanoseconds(true), ..AZURE },
        Style { time: Time::Nanoseconds(false), compression: zstd, ..AZURE },
        Style { time: Time::Text, rows_per_group: 3, ..AZURE },
        Style { cost: Cost::Double, time: Time::Date, compression: gzip, ..AZURE },
        Style { cost: Cost::Text, dictionary: false, rows_per_group: 1, ..AZURE },
        Style { dictionary: false, compression: Compression::UNCOMPRESSED, ..AZURE },
    ]
}

impl Table {
    /// As CSV, each cell quoted if need be.
    pub fn csv(&self) -> Vec<u8> {
        let mut writer = csv::Writer::from_writer(Vec::new());
        writer.write_record(&self.header).unwrap();
        for row in &self.rows {
            writer.write_record(row.iter().map(|cell| cell.as_deref().unwrap_or(""))).unwrap();
        }
        writer.into_inner().unwrap()
    }

    /// As Parquet.
    pub fn parquet(&self, style: &Style) -> Vec<u8> {
        let properties = WriterProperties::builder()
            .set_compression(style.compression)
            .set_dictionary_enabled(style.dictionary)
            .set_writer_version(match style.dictionary {
                true => WriterVersion::PARQUET_1_0,
                false => WriterVersion::PARQUET_2_0,
            })
            .build();
        let named = self.header.iter().enumerate();
        let columns: Vec<(&str, Column)> =
            named.map(|(at, name)| (name.as_str(), self.column(at, style))).collect();
        file(&columns, properties, style.rows_per_group)
    }

    fn column(&self, at: usize, style: &Style) -> Column {
        const COSTS: [&str; 4] = ["effectivecost", "costinbillingcurrency", "cost", "pretaxcost"];
        const TIMES: [&str; 3] = ["chargeperiodstart", "chargeperiodend", "date"];
        let cells = || self.rows.iter().map(|row| row[at].as_deref());
        let name = self.header[at].trim().to_ascii_lowercase();
        if COSTS.contains(&name.as_str()) {
            return costs(cells(), style.cost);
        }
        if TIMES.contains(&name.as_str()) {
            return times(cells(), style.time);
        }
        Column::text(cells())
    }
}

fn costs<'c>(cells: impl Iterator<Item = Option<&'c str>>, form: Cost) -> Column {
    match form {
        Cost::Text => Column::text(cells),
        Cost::Double => Column::double(cells.map(|cell| cell.map(|text| text.parse().unwrap()))),
        Cost::Decimal(precision, scale) => {
            let shift = 10i128.pow(scale.abs_diff(18));
            let units = |text: &str| {
                let units = text.parse::<Money>().unwrap().units();
                if scale >= 18 {
                    return units.checked_mul(shift).unwrap();
                }
                assert_eq!(units % shift, 0, "{text} has more than {scale} fraction digits");
                units / shift
            };
            let most = 10i128.pow(precision.unsigned_abs());
            let values = cells.map(|cell| {
                let value = cell.map(units);
                assert!(value.is_none_or(|value| value.abs() < most), "{cell:?}");
                value
            });
            Column::decimal(precision, scale, values)
        }
    }
}

fn times<'c>(cells: impl Iterator<Item = Option<&'c str>>, form: Time) -> Column {
    let steps = |step: i128| {
        move |cell: Option<&str>| {
            let nanoseconds = nanoseconds(cell?);
            assert_eq!(nanoseconds % step, 0, "{cell:?} is not a whole number of steps");
            i64::try_from(nanoseconds / step).ok()
        }
    };
    match form {
        Time::Text => Column::text(cells),
        Time::Date => Column::days(cells.map(steps(86_400_000_000_000))),
        Time::Milliseconds(is_utc) => {
            Column::instants(TimeUnit::MILLIS, is_utc, cells.map(steps(1_000_000)))
        }
        Time::Microseconds(is_utc) => {
            Column::instants(TimeUnit::MICROS, is_utc, cells.map(steps(1_000)))
        }
        Time::Nanoseconds(is_utc) => Column::instants(TimeUnit::NANOS, is_utc, cells.map(steps(1))),
    }
}

/// The instant of a date as any version of the exports writes it.
fn nanoseconds(text: &str) -> i128 {
    let mut text = text.to_owned();
    if let [month, day, year] = text.split('/').collect::<Vec<_>>()[..] {
        text = format!("{year}-{month:0>2}-{day:0>2}T00:00:00Z");
    }
    if text.len() == 17 {
        text.insert_str(16, ":00"); // 2024-01-01T00:00Z
    }
    if text.len() == 19 {
        text = text.replace(' ', "T") + "Z";
    }
    text.parse::<Instant>().unwrap_or_else(|error| panic!("{error}")).nanoseconds()
}

/// Compressed as one gzip member.
pub fn gzip(bytes: &[u8]) -> Vec<u8> {
    use std::io::Write;
    let mut encoder = GzEncoder::new(Vec::new(), Level::new(6));
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}
