//! What the rule says: which rows count, why others do not, and what somebody has to decide.

use pal_model::Money;

use super::days::Day;
use super::statement::Dataset;

/// What becomes of the rows of one day of a piece.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verdict {
    Counts,
    /// Rows at these places among them count, in order; the others are stated elsewhere.
    Partly(Vec<u32>),
    /// None counts.
    Not(Reason),
}

/// Why rows do not count.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Reason {
    /// A newer run of the series states the day.
    Overtaken,
    /// Equal rows of another statement count.
    Equal,
    /// The file is a copy of another file of the import.
    Copy,
    /// A series of a wider scope states the same money.
    Wider,
    /// Another dataset was chosen for the same money.
    OtherDataset,
    Restated,
    /// They lie after the period of their run, and other runs state the day.
    Late,
    /// The settings leave the series out.
    Ignored,
}

#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Cell {
    /// The billed subscription, folded; empty = rows without one.
    pub subject: String,
    pub day: Day,
}

/// Why statements cannot be counted together until somebody decides. Numbers are indices of
/// statements.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Conflict {
    /// Several datasets hold the same money.
    Datasets {
        cell: Cell,
        statements: Vec<usize>,
    },
    /// A narrower export differs from the wider one, and is much newer.
    Nested {
        cell: Cell,
        wider: usize,
        narrower: usize,
    },
    /// Two exports of scopes of which nobody knows which is the wider one differ.
    Unclear {
        cell: Cell,
        one: usize,
        other: usize,
    },
    /// A loose file and other statements differ.
    Loose {
        cell: Cell,
        file: usize,
        others: Vec<usize>,
    },
    /// Rows were stated beside a run; a newer run has more rows there, but not all of these.
    Outgrown {
        cell: Cell,
        file: usize,
        run: usize,
    },
    /// Two loose files of one import share rows.
    Parts {
        cell: Cell,
        one: usize,
        other: usize,
    },
    Copies {
        one: usize,
        other: usize,
    },
    /// A run has no row on days that counted until now.
    Empty {
        run: usize,
        /// The first such day.
        day: Day,
        /// How many there are.
        days: usize,
    },
    /// A run takes away more than half of what its series states for a month.
    Halved {
        run: usize,
        month: (i16, i8),
        currency: String,
        /// What counted until now.
        before: Money,
        after: Money,
    },
}

impl Conflict {
    pub fn statements(&self) -> Vec<usize> {
        match self {
            Self::Datasets { statements, .. } => statements.clone(),
            Self::Nested { wider, narrower, .. } => vec![*wider, *narrower],
            Self::Unclear { one, other, .. }
            | Self::Parts { one, other, .. }
            | Self::Copies { one, other } => vec![*one, *other],
            Self::Loose { file, others, .. } => {
                std::iter::once(*file).chain(others.iter().copied()).collect()
            }
            Self::Outgrown { file, run, .. } => vec![*file, *run],
            Self::Empty { run, .. } | Self::Halved { run, .. } => vec![*run],
        }
    }

    /// Where it is, if it is about one subscription and day.
    pub fn cell(&self) -> Option<&Cell> {
        match self {
            Self::Datasets { cell, .. }
            | Self::Nested { cell, .. }
            | Self::Unclear { cell, .. }
            | Self::Loose { cell, .. }
            | Self::Outgrown { cell, .. }
            | Self::Parts { cell, .. } => Some(cell),
            Self::Copies { .. } | Self::Empty { .. } | Self::Halved { .. } => None,
        }
    }
}

#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Settings {
    /// Of several datasets with the same money, this one counts.
    pub dataset: Option<Dataset>,
    /// Series that are left out.
    pub ignored: Vec<Ignored>,
}

/// A series that is left out: a scope, and one dataset or all.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ignored {
    /// The scope, folded.
    pub scope: String,
    /// The dataset; `None` = all.
    pub dataset: Option<Dataset>,
}

impl Ignored {
    /// From `SCOPE` or `SCOPE DATASET`.
    pub fn parse(text: &str) -> Option<Self> {
        let mut words = text.split_whitespace();
        let scope = words.next().filter(|scope| scope.starts_with('/'))?;
        let dataset = match words.next() {
            None => None,
            Some(name) => Some(Dataset::named(name)?),
        };
        let scope = pal_model::fold(scope.trim_end_matches('/'));
        words.next().is_none().then_some(Self { scope, dataset })
    }
}
