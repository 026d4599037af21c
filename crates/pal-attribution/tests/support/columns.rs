//! Parquet files of columns of any type.

use std::sync::Arc;

use parquet::basic::{IntType, LogicalType, Repetition, TimeUnit, Type as Physical};
use parquet::column::writer::ColumnWriter;
use parquet::data_type::{ByteArray, FixedLenByteArray, Int96};
use parquet::file::properties::WriterProperties;
use parquet::file::writer::SerializedFileWriter;
use parquet::schema::types::Type;

/// A column: its type, and a value or none for each row.
#[derive(Debug, Clone)]
pub struct Column {
    pub physical: Physical,
    pub logical: Option<LogicalType>,
    /// Digits and scale of decimals.
    pub digits: Option<(i32, i32)>,
    /// Bytes of each value, where all have as many.
    pub width: i32,
    pub values: Vec<Option<Value>>,
}

#[derive(Debug, Clone)]
pub enum Value {
    Whole(i64),
    Double(f64),
    Bytes(Vec<u8>),
    /// An instant of old writers: nanoseconds of the day, and the Julian day.
    Old(i64, u32),
}

impl Column {
    pub fn new(
        physical: Physical,
        logical: Option<LogicalType>,
        values: Vec<Option<Value>>,
    ) -> Self {
        Self { physical, logical, digits: None, width: 0, values }
    }

    pub fn text<'t>(values: impl IntoIterator<Item = Option<&'t str>>) -> Self {
        let value = |text: &str| Value::Bytes(text.as_bytes().to_vec());
        let values = values.into_iter().map(|text| text.map(value)).collect();
        Self::new(Physical::BYTE_ARRAY, Some(LogicalType::String), values)
    }

    /// Whole numbers of so many bits.
    pub fn whole(bits: i8, is_signed: bool, values: impl IntoIterator<Item = Option<i64>>) -> Self {
        let physical = if bits == 64 { Physical::INT64 } else { Physical::INT32 };
        let logical = LogicalType::Integer(IntType { bit_width: bits, is_signed });
        // Most writers leave these two without a mark.
        let logical = Some(logical).filter(|_| !(is_signed && bits >= 32));
        let values = values.into_iter().map(|value| value.map(Value::Whole)).collect();
        Self::new(physical, logical, values)
    }

    pub fn double(values: impl IntoIterator<Item = Option<f64>>) -> Self {
        let values = values.into_iter().map(|value| value.map(Value::Double)).collect();
        Self::new(Physical::DOUBLE, None, values)
    }

    pub fn single(values: impl IntoIterator<Item = Option<f32>>) -> Self {
        let values = values.into_iter().map(|value| value.map(|v| Value::Double(v.into())));
        Self::new(Physical::FLOAT, None, values.collect())
    }

    pub fn truth(values: impl IntoIterator<Item = bool>) -> Self {
        let values = values.into_iter().map(|value| Some(Value::Whole(value.into()))).collect();
        Self::new(Physical::BOOLEAN, None, values)
    }

    /// Decimals, as long as they must be for their digits: 4 and 8 bytes, then any number.
    pub fn decimal(
        precision: i32,
        scale: i32,
        values: impl IntoIterator<Item = Option<i128>>,
    ) -> Self {
        let (physical, width) = match precision {
            ..=9 => (Physical::INT32, 0),
            10..=18 => (Physical::INT64, 0),
            _ => {
                let bits = f64::from(precision) * 10f64.log2() + 1.0;
                (Physical::FIXED_LEN_BYTE_ARRAY, (bits / 8.0).ceil() as i32)
            }
        };
        let value = |value: i128| match width {
            0 => Value::Whole(i64::try_from(value).unwrap()),
            // Longer than 16 bytes: the sign goes on.
            width => {
                let sign = if value < 0 { 0xff } else { 0 };
                let bytes = [[sign; 16], value.to_be_bytes()].concat();
                Value::Bytes(bytes[bytes.len() - width as usize..].to_vec())
            }
        };
        let values = values.into_iter().map(|of| of.map(value)).collect();
        let logical = Some(LogicalType::decimal(scale, precision));
        let column = Self::new(physical, logical, values);
        Self { digits: Some((precision, scale)), width, ..column }
    }

    pub fn instants(
        unit: TimeUnit,
        is_utc: bool,
        values: impl IntoIterator<Item = Option<i64>>,
    ) -> Self {
        let values = values.into_iter().map(|value| value.map(Value::Whole)).collect();
        Self::new(Physical::INT64, Some(LogicalType::timestamp(is_utc, unit)), values)
    }

    pub fn days(values: impl IntoIterator<Item = Option<i64>>) -> Self {
        let values = values.into_iter().map(|value| value.map(Value::Whole)).collect();
        Self::new(Physical::INT32, Some(LogicalType::Date), values)
    }

    fn field(&self, name: &str) -> Type {
        let (precision, scale) = self.digits.unwrap_or((-1, -1));
        Type::primitive_type_builder(name, self.physical)
            .with_logical_type(self.logical.clone())
            .with_repetition(Repetition::OPTIONAL)
            .with_length(self.width)
            .with_precision(precision)
            .with_scale(scale)
            .build()
            .unwrap()
    }

    fn write(&self, column: &mut ColumnWriter<'_>, rows: std::ops::Range<usize>) {
        let rows = &self.values[rows];
        let levels: Vec<i16> = rows.iter().map(|value| i16::from(value.is_some())).collect();
        let levels = Some(&levels[..]);
        let values = || rows.iter().flatten();
        let whole = || {
            values().map(|value| match value {
                Value::Whole(value) => *value,
                other => panic!("{other:?}"),
            })
        };
        let double = || {
            values().map(|value| match value {
                Value::Double(value) => *value,
                other => panic!("{other:?}"),
            })
        };
        let bytes = || {
            values().map(|value| match value {
                Value::Bytes(value) => ByteArray::from(value.clone()),
                other => panic!("{other:?}"),
            })
        };
        let old = || {
            values().map(|value| match value {
                Value::Old(nanoseconds, day) => {
                    let mut old = Int96::new();
                    old.set_data(*nanoseconds as u32, (*nanoseconds >> 32) as u32, *day);
                    old
                }
                other => panic!("{other:?}"),
            })
        };
        match column {
            ColumnWriter::BoolColumnWriter(column) => {
                column.write_batch(&whole().map(|v| v != 0).collect::<Vec<_>>(), levels, None)
            }
            ColumnWriter::Int32ColumnWriter(column) => {
                column.write_batch(&whole().map(|v| v as i32).collect::<Vec<_>>(), levels, None)
            }
            ColumnWriter::Int64ColumnWriter(column) => {
                column.write_batch(&whole().collect::<Vec<_>>(), levels, None)
            }
            ColumnWriter::Int96ColumnWriter(column) => {
                column.write_batch(&old().collect::<Vec<_>>(), levels, None)
            }
            ColumnWriter::FloatColumnWriter(column) => {
                column.write_batch(&double().map(|v| v as f32).collect::<Vec<_>>(), levels, None)
            }
            ColumnWriter::DoubleColumnWriter(column) => {
                column.write_batch(&double().collect::<Vec<_>>(), levels, None)
            }
            ColumnWriter::ByteArrayColumnWriter(column) => {
                column.write_batch(&bytes().collect::<Vec<_>>(), levels, None)
            }
            ColumnWriter::FixedLenByteArrayColumnWriter(column) => {
                let values: Vec<FixedLenByteArray> = bytes().map(Into::into).collect();
                column.write_batch(&values, levels, None)
            }
        }
        .unwrap();
    }
}

/// A file of named columns of equal length.
pub fn file(
    columns: &[(&str, Column)],
    properties: WriterProperties,
    rows_per_group: usize,
) -> Vec<u8> {
    let fields = columns.iter().map(|(name, column)| Arc::new(column.field(name))).collect();
    let schema = Type::group_type_builder("schema").with_fields(fields).build().unwrap();
    let mut bytes = Vec::new();
    let mut file =
        SerializedFileWriter::new(&mut bytes, Arc::new(schema), Arc::new(properties)).unwrap();
    let rows = columns.first().map_or(0, |(_, column)| column.values.len());
    for start in (0..rows).step_by(rows_per_group) {
        let end = rows.min(start.saturating_add(rows_per_group));
        let mut group = file.next_row_group().unwrap();
        for (_, column) in columns {
            let mut writer = group.next_column().unwrap().unwrap();
            column.write(writer.untyped(), start..end);
            writer.close().unwrap();
        }
        group.close().unwrap();
    }
    file.close().unwrap();
    bytes
}
