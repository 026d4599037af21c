//! What is to be read: a file, how it is packed, and what its export says of it.

use std::fmt;
use std::fs::File;
use std::io::{self, Read};
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

/// How a data file is packed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Container {
    Csv,
    /// Text, compressed with gzip.
    CsvGzip,
    Parquet,
}

impl Container {
    /// How a file is packed: by its first bytes, else by its name; `None`: no data file.
    ///
    /// # Errors
    /// It cannot be read.
    pub fn of(path: &Path) -> io::Result<Option<Self>> {
        let mut start = Vec::with_capacity(4);
        File::open(path)?.take(4).read_to_end(&mut start)?;
        Ok(match start.as_slice() {
            b"PAR1" => Some(Self::Parquet),
            [0x1f, 0x8b, ..] => Some(Self::CsvGzip),
            _ => Self::by_name(path),
        })
    }

    /// How a file is packed, by its name alone.
    pub fn by_name(path: &Path) -> Option<Self> {
        match path.extension()?.to_str()?.to_ascii_lowercase().as_str() {
            "csv" => Some(Self::Csv),
            "gz" => Some(Self::CsvGzip),
            "parquet" => Some(Self::Parquet),
            _ => None,
        }
    }
}

/// What an export holds, and in which version of the columns.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Dataset {
    pub kind: DatasetKind,
    /// Version of its columns: `1.2`, `2024-08-01`.
    pub data_version: String,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub enum DatasetKind {
    FocusCost,
    ActualCost,
    /// Commitments spread over their use.
    AmortizedCost,
    /// Usage without purchases.
    Usage,
}

impl DatasetKind {
    pub const ALL: [Self; 4] =
        [Self::FocusCost, Self::ActualCost, Self::AmortizedCost, Self::Usage];

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

/// A row group of a charge file, and which rows of it are read.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct GroupRows {
    pub group: usize,
    /// Ranges of rows (the first, how many), in order and apart; `None` = all.
    pub rows: Option<Vec<(u64, u64)>>,
}

impl GroupRows {
    pub const fn all(group: usize) -> Self {
        Self { group, rows: None }
    }

    /// How many rows are read, of a group that has so many; `None` = the ranges are not in it.
    pub(super) fn count(&self, has: u64) -> Option<u64> {
        let Some(ranges) = &self.rows else { return Some(has) };
        let (mut end, mut count) = (0u64, 0u64);
        for (start, rows) in ranges {
            if *start < end {
                return None;
            }
            end = start.checked_add(*rows)?;
            count += rows;
        }
        (end <= has).then_some(count)
    }
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Part {
    pub path: PathBuf,
    pub container: Container,
    /// How many rows its export says that it has.
    pub expected_rows: Option<u64>,
    /// How many bytes its export says that it has; checked already.
    pub expected_bytes: Option<u64>,
    pub dataset: Option<Dataset>,
    /// For a charge file of ours: what is read, and nothing else of it.
    pub row_groups: Option<Vec<GroupRows>>,
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranges_are_in_order_apart_and_inside() {
        let count = |ranges: &[(u64, u64)], has| {
            GroupRows { group: 0, rows: Some(ranges.to_vec()) }.count(has)
        };
        assert_eq!(GroupRows::all(3).count(7), Some(7));
        assert_eq!(count(&[(0, 2), (2, 1), (5, 2)], 7), Some(5));
        assert_eq!(count(&[], 7), Some(0));
        for wrong in [&[(2, 1), (0, 1)][..], &[(0, 2), (1, 1)], &[(6, 2)], &[(1, u64::MAX)]] {
            assert_eq!(count(wrong, 7), None, "{wrong:?}");
        }
    }
}
