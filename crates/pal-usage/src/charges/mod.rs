//! Charge files: cost exports as a service keeps them.
//!
//! # The idea
//!
//! Exports come in families, versions and packings; what attribution needs of a row is a dozen values.
//! [`decode`] reads exports once, checks every row, and writes those values as Parquet, one file for
//! each month. In a file, the rows of one subscription stand together, in row groups of their own.
//! They are a *piece*: the unit that is counted, found to be known already, or replaced.
//!
//! A piece has a digest that does not depend on the order of its rows, nor on files, names or
//! packing: the sum, modulo 2^512, of the SHA-512 of its rows. Equal rows, equal digest; so the same
//! content is recognised however it comes, and one changed row is seen.
//!
//! # Worked example
//!
//! Two files of July hold subscription A (3 rows and 2 rows) and B (4 rows). Decoded, they are
//! `2026-07.parquet` with two row groups: A's five rows, B's four; two pieces, two digests. The month
//! comes again as one gzipped file in another order: the same two digests, nothing to count. It comes
//! with one cost of B changed: A's digest is known, B's is new, and [`differences`] names the row.
//! Once the new B counts instead, a report reads row group 0 of the first file and B's of the second;
//! a report of what was known before reads both row groups of the first.

mod decode;
mod diff;
mod digest;
mod write;

use pal_attribution::ingest::Run;
use serde::{Deserialize, Serialize};

pub use decode::{DecodeError, decode};
pub use diff::{Difference, Unit, differences};
pub use digest::{file_digest, hexadecimal};

/// What was read, and what was made of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Decoded {
    /// Runs of exports, and `None` for loose files: what pieces point to.
    pub sources: Vec<Option<Run>>,
    /// The files that were read.
    pub read: Vec<ReadFile>,
    /// The charge files, in the folder asked for.
    pub files: Vec<WrittenFile>,
    /// The pieces in them, by source, month and subject.
    pub pieces: Vec<Piece>,
}

/// A file that was read.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReadFile {
    /// Its name.
    pub name: String,
    /// SHA-256, hexadecimal.
    pub sha256: String,
    /// Its size.
    pub bytes: u64,
    /// Rows in it.
    pub rows: u64,
}

/// A charge file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct WrittenFile {
    /// Its name in the folder: `2026-07.parquet`.
    pub name: String,
    /// SHA-256, hexadecimal.
    pub sha256: String,
    /// Its size.
    pub bytes: u64,
}

/// All rows of one source, month and subscription.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Piece {
    /// Index of its source.
    pub source: usize,
    /// The month in which the charges start, (year, 1 – 12); of a run also months before its own.
    pub month: (i16, i8),
    /// The billed subscription, folded. Rows without one: empty, or `@` and the scope of the export.
    pub subject: String,
    /// Index of its file.
    pub file: usize,
    /// Its row groups in the file.
    pub row_groups: Vec<usize>,
    /// How many rows.
    pub rows: u64,
    /// The digest of its rows, hexadecimal.
    pub digest: String,
    /// The earliest start of a charge, RFC 3339.
    pub first: String,
    /// The latest end of a charge, RFC 3339.
    pub last: String,
    /// Effective cost by currency, 18 fraction digits.
    pub costs: Vec<(String, String)>,
}
