//! Rows as Parquet.

use std::io::{self, Write};
use std::sync::Arc;

use ::parquet::arrow::ArrowWriter;
use ::parquet::basic::Compression;
use ::parquet::errors::ParquetError;
use ::parquet::file::metadata::KeyValue;
use ::parquet::file::properties::WriterProperties;
use arrow_array::builder::{Decimal128Builder, Int32Builder, Int64Builder, StringBuilder};
use arrow_array::{ArrayRef, RecordBatch};
use arrow_schema::{DataType, Field, Schema};

use super::{Column, Kind, Origin, Value};

enum Builder {
    Text(StringBuilder),
    Flag(Int32Builder),
    Count(Int64Builder),
    Money(Decimal128Builder, u32),
}

/// Rows kept until there is a batch of them.
const BATCH: usize = 64 * 1024;

pub(super) struct ParquetRows<W: Write + Send> {
    schema: Arc<Schema>,
    builders: Vec<Builder>,
    rows: usize,
    writer: ArrowWriter<W>,
}

fn failed(error: ParquetError) -> io::Error {
    match error {
        ParquetError::External(source) => match source.downcast::<io::Error>() {
            Ok(error) => *error,
            Err(error) => io::Error::other(error),
        },
        error => io::Error::other(error),
    }
}

impl<W: Write + Send> ParquetRows<W> {
    pub fn new(columns: &[Column], origin: &Origin, out: W) -> io::Result<Self> {
        let fields = columns.iter().map(|column| {
            let (data_type, nullable) = match column.kind {
                Kind::Text => (DataType::Utf8, true),
                Kind::Flag => (DataType::Int32, false),
                Kind::Count => (DataType::Int64, false),
                Kind::Money(scale) => (DataType::Decimal128(38, scale as i8), false),
            };
            Field::new(column.name, data_type, nullable)
        });
        let schema = Arc::new(Schema::new(fields.collect::<Vec<_>>()));
        let pair = |key: &str, value: &str| KeyValue::new(key.to_owned(), value.to_owned());
        let metadata = vec![
            pair("openpal.policy", &origin.policy.0),
            pair("openpal.policy.revision", &origin.policy.1),
        ];
        let properties = WriterProperties::builder()
            .set_compression(Compression::SNAPPY)
            .set_key_value_metadata(Some(metadata))
            .build();
        let writer = ArrowWriter::try_new(out, schema.clone(), Some(properties)).map_err(failed)?;
        let builders = columns.iter().map(|column| match column.kind {
            Kind::Text => Builder::Text(StringBuilder::new()),
            Kind::Flag => Builder::Flag(Int32Builder::new()),
            Kind::Count => Builder::Count(Int64Builder::new()),
            Kind::Money(scale) => Builder::Money(Decimal128Builder::new(), scale),
        });
        Ok(Self { schema, builders: builders.collect(), rows: 0, writer })
    }

    pub fn row<'v, 'c>(
        &mut self,
        values: impl Iterator<Item = (Value<'v>, &'c Column)>,
    ) -> io::Result<()> {
        for ((value, _), builder) in values.zip(&mut self.builders) {
            match (builder, value) {
                (Builder::Text(builder), Value::Text(text)) => builder.append_option(text),
                (Builder::Flag(builder), Value::Text(text)) => {
                    builder.append_value(i32::from(text == Some("1")));
                }
                (Builder::Count(builder), Value::Count(count)) => {
                    builder.append_value(i64::try_from(count).map_err(io::Error::other)?);
                }
                (Builder::Money(builder, _), Value::Money(units)) => builder.append_value(units),
                _ => return Err(io::Error::other("a value does not fit its column")),
            }
        }
        self.rows += 1;
        if self.rows == BATCH { self.flush() } else { Ok(()) }
    }

    fn flush(&mut self) -> io::Result<()> {
        let mut arrays: Vec<ArrayRef> = Vec::with_capacity(self.builders.len());
        for builder in &mut self.builders {
            arrays.push(match builder {
                Builder::Text(builder) => Arc::new(builder.finish()),
                Builder::Flag(builder) => Arc::new(builder.finish()),
                Builder::Count(builder) => Arc::new(builder.finish()),
                Builder::Money(builder, scale) => {
                    let array = builder.finish().with_precision_and_scale(38, *scale as i8);
                    Arc::new(array.map_err(io::Error::other)?)
                }
            });
        }
        self.rows = 0;
        let batch = RecordBatch::try_new(self.schema.clone(), arrays).map_err(io::Error::other)?;
        self.writer.write(&batch).map_err(failed)
    }

    pub fn finish(mut self) -> io::Result<()> {
        if self.rows > 0 {
            self.flush()?;
        }
        self.writer.finish().map_err(failed).map(|_| ())?;
        self.writer.inner_mut().flush()
    }
}
