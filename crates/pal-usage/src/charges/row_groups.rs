//! Row groups of charge files: the rows of a piece, column by column.

use std::fs::File;
use std::io;
use std::sync::Arc;

use hashbrown::HashMap;
use pal_attribution::ingest::columns::OWN;
use pal_attribution::ingest::{Field, Schema};
use pal_attribution::output::columns::{SLICE, amount_column, amounts, io_error};
use pal_model::{Instant, Money};
use parquet::basic::{Compression, LogicalType, Repetition, TimeUnit, Type as Physical, ZstdLevel};
use parquet::data_type::{ByteArray, ByteArrayType, FixedLenByteArrayType, Int32Type, Int64Type};
use parquet::errors::ParquetError;
use parquet::file::properties::WriterProperties;
use parquet::file::writer::{SerializedColumnWriter, SerializedFileWriter};
use parquet::schema::types::{Type, TypePtr};

use super::DecodeError;
use super::digest::{Column, KnownTexts};
use super::row::Row;

pub(super) fn failed(error: ParquetError) -> DecodeError {
    DecodeError::Io(io_error(error))
}

/// A charge file without rows.
pub(super) fn new_file(file: File) -> Result<SerializedFileWriter<File>, DecodeError> {
    let properties = WriterProperties::builder()
        .set_compression(Compression::ZSTD(ZstdLevel::default()))
        .build();
    let schema = schema().map_err(failed)?;
    SerializedFileWriter::new(file, schema, Arc::new(properties)).map_err(failed)
}

/// The columns of [`OWN`], in their order.
fn schema() -> Result<TypePtr, ParquetError> {
    let field = |field: &Field| {
        let name = field.names(Schema::Own).first().copied().unwrap_or_default();
        let required = |physical, logical| {
            Type::primitive_type_builder(name, physical)
                .with_logical_type(Some(logical))
                .with_repetition(Repetition::REQUIRED)
        };
        let column = match field {
            Field::ChargePeriodStart | Field::ChargePeriodEnd => {
                required(Physical::INT64, LogicalType::timestamp(true, TimeUnit::NANOS))
            }
            Field::Cost => amount_column(name, Money::SCALE),
            Field::Traits => required(Physical::INT32, LogicalType::integer(16, false)),
            _ => required(Physical::BYTE_ARRAY, LogicalType::String)
                .with_repetition(Repetition::OPTIONAL),
        };
        column.build().map(Arc::new)
    };
    let fields: Result<Vec<TypePtr>, _> = OWN.iter().map(field).collect();
    Type::group_type_builder("charges").with_fields(fields?).build().map(Arc::new)
}

/// Appends rows as a row group.
pub(super) fn write_row_group(
    file: &mut SerializedFileWriter<File>,
    rows: &[Row],
    known: &KnownTexts,
) -> Result<(), DecodeError> {
    let mut group = file.next_row_group().map_err(failed)?;
    for field in OWN {
        let Some(mut column) = group.next_column().map_err(failed)? else { break };
        write_column(&mut column, *field, rows, known)?;
        column.close().map_err(failed)?;
    }
    group.close().map_err(failed)?;
    Ok(())
}

fn write_column(
    column: &mut SerializedColumnWriter<'_>,
    field: Field,
    rows: &[Row],
    known: &KnownTexts,
) -> Result<(), DecodeError> {
    let (texts, code): (&Column, fn(&Row) -> u32) = match field {
        Field::ChargePeriodStart => {
            return write_instants(column, rows, |row| known.periods[row.period as usize].from());
        }
        Field::ChargePeriodEnd => {
            return write_instants(column, rows, |row| known.periods[row.period as usize].to());
        }
        Field::Cost => return write_amounts(column, rows).map_err(failed),
        Field::Traits => return write_traits(column, rows).map_err(failed),
        Field::Currency => (&known.currencies, |row| row.currency),
        Field::ResourceId => (&known.resources, |row| row.resource),
        Field::ResourceGroup => (&known.groups, |row| row.group),
        Field::Subscription => (&known.subscriptions, |row| row.unit.subscription),
        Field::ServiceCategory => (&known.categories, |row| row.category),
        Field::ServiceName => (&known.services, |row| row.service),
        Field::BillingAccount => (&known.accounts, |row| row.unit.account),
        Field::BillingPeriodStart => (&known.billing_periods, |row| row.billing_period),
        Field::Invoice => (&known.invoices, |row| row.invoice),
        other => return Err(io::Error::other(format!("{other:?} in a charge file")).into()),
    };
    write_texts(column, rows, texts, code).map_err(failed)
}

fn write_instants(
    column: &mut SerializedColumnWriter<'_>,
    rows: &[Row],
    instant: impl Fn(&Row) -> Instant,
) -> Result<(), DecodeError> {
    for rows in rows.chunks(SLICE) {
        let nanoseconds = rows.iter().map(|row| {
            let at = instant(row);
            let far = |_| io::Error::other(format!("a charge at {at}"));
            i64::try_from(at.nanoseconds()).map_err(far)
        });
        let nanoseconds: Vec<i64> = nanoseconds.collect::<io::Result<_>>()?;
        column.typed::<Int64Type>().write_batch(&nanoseconds, None, None).map_err(failed)?;
    }
    Ok(())
}

fn write_amounts(
    column: &mut SerializedColumnWriter<'_>,
    rows: &[Row],
) -> Result<(), ParquetError> {
    for rows in rows.chunks(SLICE) {
        let values = amounts(rows.iter().map(|row| row.cost));
        column.typed::<FixedLenByteArrayType>().write_batch(&values, None, None)?;
    }
    Ok(())
}

fn write_traits(column: &mut SerializedColumnWriter<'_>, rows: &[Row]) -> Result<(), ParquetError> {
    for rows in rows.chunks(SLICE) {
        let bits: Vec<i32> = rows.iter().map(|row| row.traits.bits().into()).collect();
        column.typed::<Int32Type>().write_batch(&bits, None, None)?;
    }
    Ok(())
}

/// A column of texts; the bytes of each different one are there once.
fn write_texts(
    column: &mut SerializedColumnWriter<'_>,
    rows: &[Row],
    texts: &Column,
    code: fn(&Row) -> u32,
) -> Result<(), ParquetError> {
    let mut known: HashMap<u32, Option<ByteArray>> = HashMap::new();
    for rows in rows.chunks(SLICE) {
        let (mut values, mut levels) = (Vec::with_capacity(rows.len()), Vec::new());
        for row in rows {
            let text = known.entry(code(row)).or_insert_with_key(|code| {
                texts.text(*code).map(|(_, shown)| ByteArray::from(shown.as_bytes().to_vec()))
            });
            levels.push(i16::from(text.is_some()));
            values.extend(text.clone());
        }
        column.typed::<ByteArrayType>().write_batch(&values, Some(&levels), None)?;
    }
    Ok(())
}
