//! Why the pages of a column cannot be read.

use std::io;

use ::parquet::errors::ParquetError;

/// What is wrong with a column of a file.
#[derive(Debug, thiserror::Error)]
pub enum Fault {
    #[error(transparent)]
    Io(#[from] io::Error),
    /// The bytes are not what the format allows.
    #[error("its data is damaged: {0}")]
    Damaged(&'static str),
    /// The pages have another number of rows than the row group.
    #[error("it has {0} rows than it says")]
    Rows(&'static str),
    #[error("its pages are compressed by {0}, which is not supported")]
    Codec(String),
    /// What the library says of an encoding that it reads for us.
    #[error("{0}")]
    Library(#[from] ParquetError),
}

impl Fault {
    pub const FEWER: Self = Self::Rows("fewer");
    pub const MORE: Self = Self::Rows("more");
}
