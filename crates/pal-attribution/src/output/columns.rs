//! What Parquet files of reports and of charges have in common: the form of amounts, and what an error of the library is.

use std::io;

use ::parquet::basic::{LogicalType, Repetition, Type as Physical};
use ::parquet::data_type::{ByteArray, FixedLenByteArray};
use ::parquet::errors::ParquetError;
use ::parquet::schema::types::{PrimitiveTypeBuilder, Type};

/// Rows given to the library at a time.
pub const SLICE: usize = 8 * 1024;
/// Digits of amounts, and the bytes that hold them.
const PRECISION: i32 = 38;
const BYTES: u8 = 16;

/// A column of amounts with so many fraction digits, which every row has.
pub fn amount_column(name: &str, scale: u32) -> PrimitiveTypeBuilder<'_> {
    let scale = scale.cast_signed();
    Type::primitive_type_builder(name, Physical::FIXED_LEN_BYTE_ARRAY)
        .with_logical_type(Some(LogicalType::decimal(scale, PRECISION)))
        .with_repetition(Repetition::REQUIRED)
        .with_length(BYTES.into())
        .with_precision(PRECISION)
        .with_scale(scale)
}

/// Amounts as such a column has them, all in one piece of memory.
pub fn amounts(units: impl Iterator<Item = i128>) -> Vec<FixedLenByteArray> {
    let all: Vec<u8> = units.flat_map(i128::to_be_bytes).collect();
    let width = usize::from(BYTES);
    let rows = all.len() / width;
    let all = ByteArray::from(all);
    (0..rows).map(|row| all.slice(row * width, width).into()).collect()
}

/// An error of the library: of the file that it writes, as that said it.
pub fn io_error(error: ParquetError) -> io::Error {
    match error {
        ParquetError::External(source) => match source.downcast::<io::Error>() {
            Ok(error) => *error,
            Err(error) => io::Error::other(error),
        },
        error => io::Error::other(error),
    }
}
