//! Charge files: cost exports as a service keeps them.
//!
//! # The idea
//!
//! Exports come in families, versions and packings; what attribution needs of a row is a dozen values.
//! [`decode`] reads exports once, checks every row, and writes those values as Parquet, one file for
//! each month. In a file, the rows of one statement (a run of an export, or a loose file), billed
//! subscription and billing account stand together, in row groups of their own, by day. They are a
//! *piece*.
//!
//! Each day of a piece has a sum that does not depend on the order of its rows, nor on files, names or
//! packing: the sum, modulo 2^512, of the SHA-512 of its rows. Equal rows, equal sum; so the same
//! content is recognised however it comes, and one changed row is seen. Sums of parts add up to the sum
//! of the whole.
//!
//! # Worked example
//!
//! A run of July holds subscription A (3 rows of the 1st, 2 of the 2nd) and B (4 rows of the 1st).
//! Decoded, it is `2026-07.parquet` with two row groups: A's five rows by day, B's four; two pieces with
//! three days. The month comes again as two gzipped files in another order: their sums of each day add
//! up to the same. A newer run has only the 2nd: the rule lets the 1st of the first run count, and a
//! report reads the rows 0 to 2 of row group 0, and all of B's.

mod decode;
mod digest;
mod locate;
mod row;
mod row_groups;
mod stored;
mod write;

use pal_attribution::ingest::{Container, Part, columns::Schema};
use pal_model::{Instant, Money};
use serde::{Deserialize, Serialize};

pub use decode::{DecodeError, decode};
pub use digest::{Digest, RowDigest, Sum, file_digest, hexadecimal};
pub use locate::{Located, Sought, locate};
pub use stored::{StoredRow, stored_groups, stored_rows};

use crate::as_text;
use crate::discover::Run;

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Decoded {
    /// The statements, runs first: what pieces point to.
    pub statements: Vec<DecodedStatement>,
    /// The charge files, in the folder asked for.
    pub files: Vec<WrittenFile>,
    /// The pieces in them, by statement, month, subject and account.
    pub pieces: Vec<Piece>,
}

/// A run of an export, or a loose file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DecodedStatement {
    pub source: Source,
    pub read: Vec<ReadFile>,
    /// Amounts that had more than 18 fraction digits.
    pub rounded: u64,
    /// Rows of an actual export that a commitment priced: they count as billed.
    pub commitment_priced: u64,
    pub names_account: bool,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Source {
    Run(Run),
    /// A file that is of no run.
    Loose {
        name: String,
        family: Family,
    },
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Family {
    Focus,
    /// Cost Management: actual or amortized, which a file does not say.
    CostManagement,
}

impl From<Schema> for Family {
    fn from(schema: Schema) -> Self {
        match schema {
            Schema::CostManagement => Self::CostManagement,
            Schema::Focus | Schema::Own => Self::Focus,
        }
    }
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReadFile {
    pub name: String,
    /// SHA-256, hexadecimal.
    pub sha256: String,
    pub bytes: u64,
    pub rows: u64,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct WrittenFile {
    /// Its name in the folder: `2026-07.parquet`.
    pub name: String,
    /// SHA-256, hexadecimal.
    pub sha256: String,
    pub bytes: u64,
}

/// All rows of one statement, month, subscription and billing account.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Piece {
    /// Index of its statement.
    pub statement: usize,
    /// The month in which the charges start, (year, 1 – 12); of a run also months before its own.
    pub month: (i16, i8),
    /// The billed subscription, folded; empty = rows without one.
    pub subject: String,
    /// The billing account, folded: that of the row, else of the run's scope; empty = not known.
    pub account: String,
    /// Index of its file.
    pub file: usize,
    pub row_groups: Vec<u32>,
    pub rows: u64,
    /// Its days, in order.
    pub days: Vec<Day>,
    /// Stands for subject, account and all that the days hold: equal content, equal digest.
    pub digest: Digest,
}

/// The rows of a piece that start on one UTC day.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Day {
    /// Days since 1 January 1970.
    pub day: i32,
    pub ranges: Vec<RowRange>,
    pub rows: u64,
    /// The sum of their digests: what attribution reads of them.
    pub sum: Sum,
    /// The wrapping sum of a mark of each row: its digest with its billing period and its invoice.
    pub marks: u64,
    #[serde(with = "as_text::costs")]
    pub costs: Vec<(String, Money)>,
    #[serde(with = "as_text")]
    pub first: Instant,
    #[serde(with = "as_text")]
    pub last: Instant,
}

/// Rows that follow each other.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(from = "[u32; 3]", into = "[u32; 3]")]
pub struct RowRange {
    pub row_group: u32,
    /// The first row, from 0 in its group.
    pub start: u32,
    pub rows: u32,
}

impl From<[u32; 3]> for RowRange {
    fn from([row_group, start, rows]: [u32; 3]) -> Self {
        Self { row_group, start, rows }
    }
}

impl From<RowRange> for [u32; 3] {
    fn from(RowRange { row_group, start, rows }: RowRange) -> Self {
        [row_group, start, rows]
    }
}

/// How messages call a row.
fn place(part: &Part, place: u64) -> String {
    match part.container {
        Container::Parquet => format!("{}, row {place}", part.name),
        Container::Csv | Container::CsvGzip => format!("{}:{place}", part.name),
    }
}
