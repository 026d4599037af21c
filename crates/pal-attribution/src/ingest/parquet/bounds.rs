//! When the charges of a file start, as the footer of the file says without a look at its rows.

use ::parquet::arrow::arrow_reader::statistics::StatisticsConverter;
use arrow_array::cast::AsArray;
use arrow_array::types::{
    Date32Type, TimestampMicrosecondType, TimestampMillisecondType, TimestampNanosecondType,
    TimestampSecondType,
};
use arrow_array::{Array, ArrayRef};
use arrow_schema::{DataType, TimeUnit};
use pal_model::Instant;

use super::super::columns::{Field, Schema};
use super::super::{Container, IngestError, Part, ReadOptions};
use super::OpenParquet;

/// The earliest and the latest start of a charge in a Parquet file; `None`: its footer does not say, or
/// it is no Parquet file.
///
/// # Errors
/// The file cannot be read.
pub fn started_between(
    part: &Part,
    options: &ReadOptions,
) -> Result<Option<(Instant, Instant)>, IngestError> {
    if part.container != Container::Parquet {
        return Ok(None);
    }
    super::super::guard::guarded(part, || Ok(bounds(&OpenParquet::open(part, options)?)))
}

fn bounds(file: &OpenParquet) -> Option<(Instant, Instant)> {
    let field = match file.layout.schema {
        Schema::Focus | Schema::Own => Field::ChargePeriodStart,
        Schema::CostManagement => Field::Date,
    };
    let column = file.metadata.schema().field(file.layout.column(field)?).name().clone();
    let schema = file.metadata.metadata().file_metadata().schema_descr();
    let converter = StatisticsConverter::try_new(&column, file.metadata.schema(), schema).ok()?;
    let groups = file.metadata.metadata().row_groups();
    let (least, most) =
        (converter.row_group_mins(groups).ok()?, converter.row_group_maxes(groups).ok()?);
    let (least, most) = (instants(&least)?, instants(&most)?);
    Some((least.into_iter().min()?, most.into_iter().max()?))
}

/// All values of a column of times; `None` where one is not known.
fn instants(array: &ArrayRef) -> Option<Vec<Instant>> {
    const SECOND: i128 = 1_000_000_000;
    if array.null_count() > 0 {
        return None;
    }
    let scaled = |values: &[i64], scale: i128| {
        values.iter().map(|value| Instant::from_nanoseconds(i128::from(*value) * scale)).collect()
    };
    match array.data_type() {
        DataType::Date32 => {
            let days = array.as_primitive::<Date32Type>().values();
            let days = days
                .iter()
                .map(|day| Instant::from_nanoseconds(i128::from(*day) * 86_400 * SECOND));
            days.collect()
        }
        DataType::Timestamp(unit, _) => match unit {
            TimeUnit::Second => {
                scaled(array.as_primitive::<TimestampSecondType>().values(), SECOND)
            }
            TimeUnit::Millisecond => {
                scaled(array.as_primitive::<TimestampMillisecondType>().values(), SECOND / 1_000)
            }
            TimeUnit::Microsecond => scaled(
                array.as_primitive::<TimestampMicrosecondType>().values(),
                SECOND / 1_000_000,
            ),
            TimeUnit::Nanosecond => {
                scaled(array.as_primitive::<TimestampNanosecondType>().values(), 1)
            }
        },
        _ => None,
    }
}
