//! Rows as Parquet.
//!
//! Rows wait as numbers into the different texts of each column, until there are enough for a row group.

use std::io::{self, Write};
use std::sync::Arc;

use ::parquet::basic::{Compression, LogicalType, Repetition, Type as Physical};
use ::parquet::data_type::{ByteArray, ByteArrayType, FixedLenByteArrayType, Int32Type, Int64Type};
use ::parquet::errors::ParquetError;
use ::parquet::file::metadata::KeyValue;
use ::parquet::file::properties::{EnabledStatistics, WriterProperties};
use ::parquet::file::writer::{SerializedColumnWriter, SerializedFileWriter};
use ::parquet::schema::types::{Type, TypePtr};
use hashbrown::HashMap;

use super::columns::{self, SLICE, amount_column, io_error};
use super::{Column, Kind, Origin, Value};

/// The rows of a row group: some 70 bytes each wait in memory.
const ROWS: usize = 256 * 1024;

/// The waiting values of a column.
enum Waiting {
    Text(Texts),
    Flag(Vec<i32>),
    Count(Vec<i64>),
    Money(Vec<i128>),
}

/// Texts, each different one once.
#[derive(Default)]
struct Texts {
    known: HashMap<Box<str>, usize>,
    values: Vec<ByteArray>,
    rows: Vec<Option<usize>>,
}

impl Texts {
    fn push(&mut self, text: Option<&str>) {
        let number = text.map(|text| {
            // Rows come in order: many begin as the one before.
            if let Some(Some(last)) = self.rows.last()
                && self.values[*last].data() == text.as_bytes()
            {
                return *last;
            }
            if let Some(known) = self.known.get(text) {
                return *known;
            }
            self.known.insert(text.into(), self.values.len());
            self.values.push(ByteArray::from(text.as_bytes().to_vec()));
            self.values.len() - 1
        });
        self.rows.push(number);
    }

    fn clear(&mut self) {
        self.known.clear();
        self.values.clear();
        self.rows.clear();
    }
}

pub(super) struct ParquetRows<W: Write + Send> {
    waiting: Vec<Waiting>,
    rows: usize,
    writer: SerializedFileWriter<W>,
}

fn field(column: &Column) -> Result<TypePtr, ParquetError> {
    let of = |physical| Type::primitive_type_builder(column.name, physical);
    let field = match column.kind {
        Kind::Text => of(Physical::BYTE_ARRAY)
            .with_logical_type(Some(LogicalType::String))
            .with_repetition(Repetition::OPTIONAL),
        Kind::Flag => of(Physical::INT32).with_repetition(Repetition::REQUIRED),
        Kind::Count => of(Physical::INT64).with_repetition(Repetition::REQUIRED),
        Kind::Money(scale) => amount_column(column.name, scale),
    };
    field.build().map(Arc::new)
}

impl<W: Write + Send> ParquetRows<W> {
    pub fn new(columns: &[Column], origin: &Origin, out: W) -> io::Result<Self> {
        let fields: Result<Vec<TypePtr>, _> = columns.iter().map(field).collect();
        let fields = fields.map_err(io_error)?;
        let schema = Type::group_type_builder("report").with_fields(fields).build();
        let pair = |key: &str, value: &str| KeyValue::new(key.to_owned(), value.to_owned());
        let metadata = vec![
            pair("openpal.policy", &origin.policy.0),
            pair("openpal.policy.revision", &origin.policy.1),
        ];
        let properties = WriterProperties::builder()
            .set_compression(Compression::SNAPPY)
            // Of row groups: they are known without a look at each value.
            .set_statistics_enabled(EnabledStatistics::Chunk)
            .set_key_value_metadata(Some(metadata))
            .build();
        let schema = Arc::new(schema.map_err(io_error)?);
        let writer =
            SerializedFileWriter::new(out, schema, Arc::new(properties)).map_err(io_error)?;
        let waiting = columns.iter().map(|column| match column.kind {
            Kind::Text => Waiting::Text(Texts::default()),
            Kind::Flag => Waiting::Flag(Vec::new()),
            Kind::Count => Waiting::Count(Vec::new()),
            Kind::Money(_) => Waiting::Money(Vec::new()),
        });
        Ok(Self { waiting: waiting.collect(), rows: 0, writer })
    }

    pub fn row<'v, 'c>(
        &mut self,
        values: impl Iterator<Item = (Value<'v>, &'c Column)>,
    ) -> io::Result<()> {
        for ((value, _), waiting) in values.zip(&mut self.waiting) {
            match (waiting, value) {
                (Waiting::Text(texts), Value::Text(text)) => texts.push(text),
                (Waiting::Flag(flags), Value::Text(text)) => {
                    flags.push(i32::from(text == Some("1")));
                }
                (Waiting::Count(counts), Value::Count(count)) => {
                    counts.push(i64::try_from(count).map_err(io::Error::other)?);
                }
                (Waiting::Money(amounts), Value::Money(units)) => amounts.push(units),
                _ => return Err(io::Error::other("a value does not fit its column")),
            }
        }
        self.rows += 1;
        if self.rows == ROWS { self.flush().map_err(io_error) } else { Ok(()) }
    }

    /// Writes what waits, as a row group.
    fn flush(&mut self) -> Result<(), ParquetError> {
        let mut group = self.writer.next_row_group()?;
        for waiting in &mut self.waiting {
            let Some(mut column) = group.next_column()? else { break };
            match waiting {
                Waiting::Text(texts) => {
                    write_texts(&mut column, texts)?;
                    texts.clear();
                }
                Waiting::Flag(flags) => {
                    column.typed::<Int32Type>().write_batch(flags, None, None)?;
                    flags.clear();
                }
                Waiting::Count(counts) => {
                    column.typed::<Int64Type>().write_batch(counts, None, None)?;
                    counts.clear();
                }
                Waiting::Money(amounts) => {
                    write_amounts(&mut column, amounts)?;
                    amounts.clear();
                }
            }
            column.close()?;
        }
        self.rows = 0;
        group.close().map(|_| ())
    }

    pub fn finish(mut self) -> io::Result<()> {
        if self.rows > 0 {
            self.flush().map_err(io_error)?;
        }
        self.writer.finish().map_err(io_error)?;
        self.writer.inner_mut().flush()
    }
}

fn write_texts(column: &mut SerializedColumnWriter, texts: &Texts) -> Result<(), ParquetError> {
    let by_bytes = |a: &&ByteArray, b: &&ByteArray| a.data().cmp(b.data());
    let (least, most) =
        (texts.values.iter().min_by(by_bytes), texts.values.iter().max_by(by_bytes));
    for rows in texts.rows.chunks(SLICE) {
        let values: Vec<ByteArray> =
            rows.iter().flatten().map(|number| texts.values[*number].clone()).collect();
        let levels: Vec<i16> = rows.iter().map(|number| i16::from(number.is_some())).collect();
        let column = column.typed::<ByteArrayType>();
        column.write_batch_with_statistics(&values, Some(&levels), None, least, most, None)?;
    }
    Ok(())
}

fn write_amounts(
    column: &mut SerializedColumnWriter,
    amounts: &[i128],
) -> Result<(), ParquetError> {
    let bounds = [amounts.iter().min(), amounts.iter().max()];
    let [least, most] = bounds.map(|units| columns::amounts(units.copied().into_iter()).pop());
    for rows in amounts.chunks(SLICE) {
        let values = columns::amounts(rows.iter().copied());
        let column = column.typed::<FixedLenByteArrayType>();
        let (least, most) = (least.as_ref(), most.as_ref());
        column.write_batch_with_statistics(&values, None, None, least, most, None)?;
    }
    Ok(())
}
