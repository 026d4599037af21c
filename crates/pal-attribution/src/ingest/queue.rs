//! What is to be read, in pieces that threads take: a text file, or a row group of a Parquet file.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Mutex, MutexGuard, PoisonError};

use pal_model::{ChargeTraits, Exclusion};

use super::batch::{Batch, Wanted};
use super::codes::Codes;
use super::columns::{Layout, Schema};
use super::guard::{damaged, guarded};
use super::part::DatasetKind;
use super::remarks::Remarks;
use super::{Container, IngestError, Part, ReadOptions, csv, parquet};

/// A piece of work: file and row group, in the order in which errors are told.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Task {
    pub file: usize,
    pub piece: usize,
}

enum OpenFile {
    Text(Layout),
    Parquet(parquet::OpenParquet),
}

impl OpenFile {
    const fn layout(&self) -> &Layout {
        match self {
            Self::Text(layout) => layout,
            Self::Parquet(opened) => opened.layout(),
        }
    }
}

/// Which rows that a commitment priced are counted as billed, and not at effective cost.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Billed {
    None,
    All,
    /// The file does not say what it holds, but in actual exports such rows cost nothing.
    Free,
}

impl Billed {
    fn of(part: &Part, layout: &Layout) -> Self {
        match (layout.schema, part.dataset.as_ref().map(|dataset| dataset.kind)) {
            (Schema::CostManagement, Some(DatasetKind::ActualCost | DatasetKind::Usage)) => {
                Self::All
            }
            (Schema::CostManagement, None) => Self::Free,
            (Schema::CostManagement | Schema::Focus | Schema::Own, _) => Self::None,
        }
    }

    fn remarks(self, batch: &Batch) -> Remarks {
        let commitment = ChargeTraits::of(Exclusion::Commitment);
        let rows = batch.traits.iter().zip(&batch.cost);
        let is_billed = |(traits, cost): &(&ChargeTraits, &i128)| {
            traits.has(commitment) && (self == Self::All || **cost == 0)
        };
        let billed = if self == Self::None { 0 } else { rows.filter(is_billed).count() as u64 };
        Remarks { billed_commitments: billed, ..Remarks::default() }
    }
}

pub(super) struct Queue<'a, E> {
    files: Vec<(&'a Part, OpenFile)>,
    /// Files by size, largest first: the last to finish should be a small one.
    order: Vec<usize>,
    state: Mutex<State<E>>,
}

struct State<E> {
    /// The next piece of each file.
    next: Vec<usize>,
    /// The failed task that comes first. Later ones need not be read any more.
    failed: Option<(Task, E)>,
}

impl<'a, E: From<IngestError>> Queue<'a, E> {
    /// Opens all files: headers, layouts, row groups.
    pub fn open(parts: &'a [Part], options: &ReadOptions) -> Result<Self, IngestError> {
        let mut files = Vec::with_capacity(parts.len());
        for part in parts {
            let opened = match part.container {
                Container::Csv | Container::CsvGzip => OpenFile::Text(csv::layout(part, options)?),
                Container::Parquet => {
                    OpenFile::Parquet(guarded(part, || parquet::OpenParquet::open(part, options))?)
                }
            };
            files.push((part, opened));
        }
        let size = |&at: &usize| std::fs::metadata(&parts[at].path).map_or(0, |m| m.len());
        let mut order: Vec<usize> = (0..files.len()).collect();
        order.sort_by_cached_key(|at| std::cmp::Reverse(size(at)));
        let state = Mutex::new(State { next: vec![0; files.len()], failed: None });
        Ok(Self { files, order, state })
    }

    /// The next task: of the file a thread is at, else of a file nobody is at, else of any. Threads
    /// keep apart that way, and each sees fewer different groups.
    pub fn next(&self, last: Option<usize>) -> Option<Task> {
        let mut state = self.state();
        let stop = state.failed.as_ref().map(|(task, _)| *task);
        let left = |state: &State<E>, file: usize| {
            let task = Task { file, piece: state.next[file] };
            let before = stop.is_none_or(|stop| task < stop);
            (task.piece < self.pieces(file) && before).then_some(task)
        };
        let task = last
            .and_then(|file| left(&state, file))
            .or_else(|| {
                let fresh = self.order.iter().filter(|&&file| state.next[file] == 0);
                fresh.into_iter().find_map(|&file| left(&state, file))
            })
            .or_else(|| self.order.iter().find_map(|&file| left(&state, file)))?;
        state.next[task.file] += 1;
        Some(task)
    }

    fn pieces(&self, file: usize) -> usize {
        match &self.files[file].1 {
            OpenFile::Text(_) => 1,
            OpenFile::Parquet(opened) => opened.pieces(),
        }
    }

    /// How many tasks there are: further threads would have nothing to do.
    pub fn all_pieces(&self) -> usize {
        (0..self.files.len()).map(|file| self.pieces(file)).sum()
    }

    pub fn run(
        &self,
        task: &Task,
        codes: &Codes,
        wanted: Wanted,
        memory: &mut Vec<parquet::Memory>,
        give: &mut dyn FnMut(&Batch) -> Result<(), E>,
    ) -> Result<(), E> {
        let (part, opened) = &self.files[task.file];
        let billed = Billed::of(part, opened.layout());
        let mut give = |batch: &Batch| {
            codes.remarked.add(billed.remarks(batch));
            give(batch)
        };
        let give = &mut give;
        match opened {
            OpenFile::Text(layout) => {
                let found = csv::read(part, layout, codes, wanted, give)?;
                check_rows(part, found)?;
            }
            OpenFile::Parquet(opened) => {
                check_rows(part, opened.rows())?;
                // A damaged file can make the decoder panic; that is the file's fault.
                let read = || opened.read(part, task.piece, codes, wanted, memory, give);
                catch_unwind(AssertUnwindSafe(read))
                    .unwrap_or_else(|_| Err(damaged(part).into()))?;
            }
        }
        Ok(())
    }

    /// Remembers a failure, if it is the first in order.
    pub fn fail(&self, task: &Task, error: E) {
        let mut state = self.state();
        if state.failed.as_ref().is_none_or(|(first, _)| task < first) {
            state.failed = Some((*task, error));
        }
    }

    /// The first failure.
    pub fn finish(self) -> Result<(), E> {
        let state = self.state.into_inner().unwrap_or_else(PoisonError::into_inner);
        state.failed.map_or(Ok(()), |(_, error)| Err(error))
    }

    fn state(&self) -> MutexGuard<'_, State<E>> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn check_rows(part: &Part, found: u64) -> Result<(), IngestError> {
    match part.expected_rows {
        Some(expected) if expected != found => {
            Err(IngestError::RowCount { file: part.name.clone(), expected, found })
        }
        _ => Ok(()),
    }
}
