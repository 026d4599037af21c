//! When the charges of a file start, as the footer of the file says without a look at its rows.

use ::parquet::file::statistics::Statistics;
use pal_model::Instant;

use super::super::columns::{Field, Schema};
use super::super::{Container, IngestError, Part, ReadOptions};
use super::OpenParquet;
use super::column::Form;

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
    let shape = &file.shapes[file.layout.column(field)?];
    let Form::Time { nanoseconds } = shape.form else { return None };
    let instant =
        |value: i64| Instant::from_nanoseconds(i128::from(value) * i128::from(nanoseconds));
    let mut bounds: Option<(Instant, Instant)> = None;
    for group in file.metadata.row_groups() {
        let (least, most) = match group.columns().get(shape.leaf)?.statistics()? {
            Statistics::Int32(of) => (i64::from(*of.min_opt()?), i64::from(*of.max_opt()?)),
            Statistics::Int64(of) => (*of.min_opt()?, *of.max_opt()?),
            _ => return None,
        };
        let (least, most) = (instant(least)?, instant(most)?);
        let (first, last) = bounds.unwrap_or((least, most));
        bounds = Some((first.min(least), last.max(most)));
    }
    bounds
}
