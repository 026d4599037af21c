//! A usage file as a table of cells, and the containers it can come in.
//!
//! A cell is text as a CSV file has it. In Parquet the columns of costs and dates get a type of
//! their own, the way the many writers of such files differ: see [`Style`].

use std::sync::Arc;

use arrow_array::types::Int32Type;
use arrow_array::{
    Array, ArrayRef, Date32Array, Decimal128Array, DictionaryArray, Float64Array, LargeStringArray,
    RecordBatch, StringArray, StringViewArray, TimestampMicrosecondArray,
    TimestampMillisecondArray, TimestampNanosecondArray,
};
use arrow_schema::{Field, Schema};
use flate2::Compression as Level;
use flate2::write::GzEncoder;
use pal_model::{Instant, Money};
use parquet::arrow::ArrowWriter;
use parquet::basic::{Compression, GzipLevel, ZstdLevel};
use parquet::file::properties::{WriterProperties, WriterVersion};

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
    Decimal(u8, i8),
    Double,
    Text,
}

/// How instants are stored.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Time {
    Milliseconds(Option<&'static str>),
    Microseconds(Option<&'static str>),
    Nanoseconds(Option<&'static str>),
    /// Days.
    Date,
    Text,
}

/// How texts are stored.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Text {
    Plain,
    Large,
    View,
    /// An Arrow dictionary.
    Dictionary,
}

/// A way of writing Parquet.
#[derive(Debug, Clone, Copy)]
pub struct Style {
    pub cost: Cost,
    pub time: Time,
    pub text: Text,
    pub compression: Compression,
    /// Whether pages are dictionary encoded.
    pub dictionary: bool,
    pub rows_per_group: usize,
}

/// What Azure writes: `DECIMAL(38, 18)`, instants in milliseconds of UTC, snappy, dictionaries.
pub const AZURE: Style = Style {
    cost: Cost::Decimal(38, 18),
    time: Time::Milliseconds(Some("UTC")),
    text: Text::Plain,
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
        Style { compression: zstd, time: Time::Milliseconds(None), ..AZURE },
        Style { cost: Cost::Decimal(38, 24), time: Time::Microseconds(Some("UTC")), ..AZURE },
        Style { cost: Cost::Decimal(18, 11), time: Time::Microseconds(None), ..AZURE },
        Style { text: Text::Large, time: Time::Nanoseconds(Some("+00:00")), ..AZURE },
        Style { text: Text::View, time: Time::Nanoseconds(None), compression: zstd, ..AZURE },
        Style { text: Text::Dictionary, time: Time::Text, rows_per_group: 3, ..AZURE },
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
        let column = |at: usize| self.column(at, style);
        let arrays: Vec<ArrayRef> = (0..self.header.len()).map(column).collect();
        let fields = self.header.iter().zip(&arrays);
        let fields = fields.map(|(name, array)| Field::new(name, array.data_type().clone(), true));
        let schema = Arc::new(Schema::new(fields.collect::<Vec<_>>()));
        let properties = WriterProperties::builder()
            .set_compression(style.compression)
            .set_dictionary_enabled(style.dictionary)
            .set_max_row_group_row_count(Some(style.rows_per_group))
            .set_writer_version(match style.dictionary {
                true => WriterVersion::PARQUET_1_0,
                false => WriterVersion::PARQUET_2_0,
            })
            .build();
        let mut bytes = Vec::new();
        let mut writer =
            ArrowWriter::try_new(&mut bytes, schema.clone(), Some(properties)).unwrap();
        writer.write(&RecordBatch::try_new(schema, arrays).unwrap()).unwrap();
        writer.close().unwrap();
        bytes
    }

    fn column(&self, at: usize, style: &Style) -> ArrayRef {
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
        match style.text {
            Text::Plain => Arc::new(cells().collect::<StringArray>()),
            Text::Large => Arc::new(cells().collect::<LargeStringArray>()),
            Text::View => Arc::new(cells().collect::<StringViewArray>()),
            Text::Dictionary => Arc::new(cells().collect::<DictionaryArray<Int32Type>>()),
        }
    }
}

fn costs<'c>(cells: impl Iterator<Item = Option<&'c str>>, form: Cost) -> ArrayRef {
    match form {
        Cost::Text => Arc::new(cells.collect::<StringArray>()),
        Cost::Double => {
            let number = |text: &str| text.parse::<f64>().unwrap();
            Arc::new(cells.map(|cell| cell.map(number)).collect::<Float64Array>())
        }
        Cost::Decimal(precision, scale) => {
            let shift = 10i128.pow(u32::from(scale.abs_diff(18)));
            let units = |text: &str| {
                let units = text.parse::<Money>().unwrap().units();
                if scale >= 18 {
                    return units.checked_mul(shift).unwrap();
                }
                assert_eq!(units % shift, 0, "{text} has more than {scale} fraction digits");
                units / shift
            };
            let array: Decimal128Array = cells.map(|cell| cell.map(units)).collect();
            let array = array.with_precision_and_scale(precision, scale).unwrap();
            array.validate_decimal_precision(precision).unwrap();
            Arc::new(array)
        }
    }
}

fn times<'c>(cells: impl Iterator<Item = Option<&'c str>>, form: Time) -> ArrayRef {
    let steps = |step: i128| {
        move |cell: Option<&str>| {
            let nanoseconds = nanoseconds(cell?);
            assert_eq!(nanoseconds % step, 0, "{cell:?} is not a whole number of steps");
            i64::try_from(nanoseconds / step).ok()
        }
    };
    match form {
        Time::Text => Arc::new(cells.collect::<StringArray>()),
        Time::Date => {
            let day = steps(86_400_000_000_000);
            let day = move |cell| day(cell).and_then(|day| i32::try_from(day).ok());
            Arc::new(cells.map(day).collect::<Date32Array>())
        }
        Time::Milliseconds(zone) => {
            let array: TimestampMillisecondArray = cells.map(steps(1_000_000)).collect();
            Arc::new(array.with_timezone_opt(zone))
        }
        Time::Microseconds(zone) => {
            let array: TimestampMicrosecondArray = cells.map(steps(1_000)).collect();
            Arc::new(array.with_timezone_opt(zone))
        }
        Time::Nanoseconds(zone) => {
            let array: TimestampNanosecondArray = cells.map(steps(1)).collect();
            Arc::new(array.with_timezone_opt(zone))
        }
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
