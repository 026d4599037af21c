//! What is to be read: a file, how it is packed, and what its export says of it.

use std::fmt;
use std::fs::File;
use std::io::{self, Read};
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

/// How a data file is packed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Container {
    /// Text.
    Csv,
    /// Text, compressed with gzip.
    CsvGzip,
    /// Apache Parquet.
    Parquet,
}

impl Container {
    /// How a file is packed: by its first bytes, else by its name; `None`: no data file.
    ///
    /// # Errors
    /// It cannot be read.
    pub fn of(path: &Path) -> io::Result<Option<Self>> {
        let extension = path.extension().and_then(|extension| extension.to_str());
        let by_name = match extension.map(str::to_ascii_lowercase).as_deref() {
            Some("csv") => Some(Self::Csv),
            Some("gz") => Some(Self::CsvGzip),
            Some("parquet") => Some(Self::Parquet),
            _ => None,
        };
        let mut start = Vec::with_capacity(4);
        File::open(path)?.take(4).read_to_end(&mut start)?;
        Ok(match start.as_slice() {
            b"PAR1" => Some(Self::Parquet),
            [0x1f, 0x8b, ..] => Some(Self::CsvGzip),
            _ => by_name,
        })
    }
}

/// What an export holds, and in which version of the columns.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Dataset {
    /// What it holds.
    pub kind: DatasetKind,
    /// Version of its columns: `1.2`, `2024-08-01`.
    pub data_version: String,
}

/// The kinds of exports that hold charges.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub enum DatasetKind {
    /// FOCUS.
    FocusCost,
    /// As billed.
    ActualCost,
    /// Commitments spread over their use.
    AmortizedCost,
    /// Usage without purchases.
    Usage,
}

impl DatasetKind {
    /// All of them.
    pub const ALL: [Self; 4] =
        [Self::FocusCost, Self::ActualCost, Self::AmortizedCost, Self::Usage];

    /// The word in the manifest.
    pub const fn code(self) -> &'static str {
        match self {
            Self::FocusCost => "FocusCost",
            Self::ActualCost => "ActualCost",
            Self::AmortizedCost => "AmortizedCost",
            Self::Usage => "Usage",
        }
    }
}

impl fmt::Display for DatasetKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.code())
    }
}

/// A run of an export: what replaces what.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Run {
    /// The export's name.
    pub export: String,
    /// The export's identity and what it holds, folded: runs of equal keys replace each other.
    pub key: String,
    /// What was exported, folded.
    pub scope: String,
    /// The run's own id.
    pub id: String,
    /// When it was ordered: RFC 3339.
    pub submitted: String,
    /// The month it states, (year, 1 – 12).
    pub month: (i16, i8),
}

/// One file to read.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Part {
    /// Where it is.
    pub path: PathBuf,
    /// How it is packed.
    pub container: Container,
    /// How many rows its export says that it has.
    pub expected_rows: Option<u64>,
    /// How many bytes its export says that it has; checked already.
    pub expected_bytes: Option<u64>,
    /// What its export says that it is.
    pub dataset: Option<Dataset>,
    /// The run that it is of; `None` = a loose file.
    pub run: Option<Run>,
    /// For a charge file of ours: the row groups that are read, and nothing else of it.
    pub row_groups: Option<Vec<usize>>,
    /// How messages call it: the path as the user gave it, and the way from there.
    pub name: String,
}

impl Part {
    /// A whole file, of which nothing is known but its path.
    pub fn new(path: PathBuf, container: Container) -> Self {
        Self {
            name: path.display().to_string(),
            path,
            container,
            expected_rows: None,
            expected_bytes: None,
            dataset: None,
            run: None,
            row_groups: None,
        }
    }

    /// The same of a file whose packing is found out.
    ///
    /// # Errors
    /// It cannot be read, or is no data file.
    pub fn of_file(path: &Path) -> io::Result<Self> {
        let container = Container::of(path)?.ok_or_else(|| {
            io::Error::new(
                io::ErrorKind::InvalidData,
                format!("{} is not a .csv, .csv.gz or .parquet file", path.display()),
            )
        })?;
        Ok(Self::new(path.to_owned(), container))
    }
}
