//! Rows of a charge file, read back to be compared.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::atomic::AtomicU64;
use std::sync::{Arc, Mutex, PoisonError};

use pal_attribution::ingest::{
    Batch, Codes, Container, GroupRows, IngestError, Part, ReadOptions, read,
};
use pal_model::{Instant, Money};

use super::decode::WANTED;
use super::digest::{Column, KnownTexts, RowDigest};
use super::{DecodeError, RowRange};

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredRow {
    /// All that attribution reads of it.
    pub digest: RowDigest,
    /// The first day of its billing period, where its file named one.
    pub billing_period: Option<Arc<str>>,
    /// Its invoice, folded.
    pub invoice: Option<Arc<str>>,
    /// Its resource group, folded.
    pub group: Option<Arc<str>>,
    pub cost: Money,
    pub currency: Arc<str>,
    /// When the charge starts.
    pub first: Instant,
    pub last: Instant,
}

/// Reads the rows of some ranges of a charge file, in the order of the ranges.
///
/// # Errors
/// The file cannot be read, or has no such rows.
pub fn stored_rows(file: &Path, ranges: &[RowRange]) -> Result<Vec<StoredRow>, DecodeError> {
    let groups = groups(ranges);
    let wanted = groups.iter().map(|(group, rows)| part_of(*group, rows)).collect();
    Ok(in_order(ranges, &groups, &rows(file, wanted)?))
}

/// Reads all rows of some row groups of a charge file, in the order of the row groups given.
///
/// # Errors
/// The file cannot be read, or has no such row groups.
pub fn stored_groups(file: &Path, groups: &[u32]) -> Result<Vec<StoredRow>, DecodeError> {
    rows(file, groups.iter().map(|group| GroupRows::all(*group as usize)).collect())
}

fn rows(file: &Path, groups: Vec<GroupRows>) -> Result<Vec<StoredRow>, DecodeError> {
    let name = file.file_name().unwrap_or_default().to_string_lossy().into_owned();
    let part =
        Part { row_groups: Some(groups), name, ..Part::new(file.to_owned(), Container::Parquet) };
    let codes = Codes::default();
    let state = Mutex::new((KnownTexts::default(), Vec::new()));
    let take = |batch: &Batch| {
        let mut state = state.lock().unwrap_or_else(PoisonError::into_inner);
        let (known, rows) = &mut *state;
        known.renew(&codes);
        rows.extend((0..batch.len()).map(|at| stored(known, batch, at)));
        Ok::<(), IngestError>(())
    };
    let (parts, options) = (std::slice::from_ref(&part), ReadOptions::default());
    let count = AtomicU64::new(0);
    // One thread: the rows come in the order of the row groups.
    read(parts, &options, &codes, WANTED, 1, &count, || (), |(), batch| take(batch))?;
    let (_, rows) = state.into_inner().unwrap_or_else(PoisonError::into_inner);
    Ok(rows)
}

/// Ranges of rows of one row group, in order and apart.
type Rows = Vec<(u64, u64)>;

/// What is to be read, each row once.
fn groups(ranges: &[RowRange]) -> BTreeMap<u32, Rows> {
    let mut sorted: Vec<&RowRange> = ranges.iter().filter(|range| range.rows > 0).collect();
    sorted.sort_unstable();
    let mut groups: BTreeMap<u32, Rows> = BTreeMap::new();
    for range in sorted {
        let (start, rows) = (u64::from(range.start), u64::from(range.rows));
        let group = groups.entry(range.row_group).or_default();
        match group.last_mut() {
            Some((before, known)) if start <= *before + *known => {
                *known = (*known).max(start + rows - *before);
            }
            _ => group.push((start, rows)),
        }
    }
    groups
}

fn part_of(group: u32, rows: &Rows) -> GroupRows {
    GroupRows { group: group as usize, rows: Some(rows.clone()) }
}

/// The rows that were read, as the ranges ask for them.
fn in_order(
    ranges: &[RowRange],
    groups: &BTreeMap<u32, Rows>,
    rows: &[StoredRow],
) -> Vec<StoredRow> {
    // Where each range that was read begins among the rows.
    let mut begins: BTreeMap<(u32, u64), usize> = BTreeMap::new();
    let mut count = 0;
    for (group, read) in groups {
        for (start, rows) in read {
            begins.insert((*group, *start), count);
            count += *rows as usize;
        }
    }
    let mut ordered = Vec::with_capacity(ranges.iter().map(|range| range.rows as usize).sum());
    for range in ranges.iter().filter(|range| range.rows > 0) {
        let asked = (range.row_group, u64::from(range.start));
        if let Some((begin, at)) = begins.range(..=asked).next_back() {
            let at = at + (asked.1 - begin.1) as usize;
            ordered.extend_from_slice(&rows[at..at + range.rows as usize]);
        }
    }
    ordered
}

fn stored(known: &mut KnownTexts, batch: &Batch, at: usize) -> StoredRow {
    let digest = known.digest(batch, at);
    let folded = |column: &Column, code| column.text(code).map(|(folded, _)| folded.clone());
    let period = known.periods[batch.period[at] as usize];
    StoredRow {
        digest,
        billing_period: folded(&known.billing_periods, batch.billing_period[at]),
        invoice: folded(&known.invoices, batch.invoice[at]),
        group: folded(&known.groups, batch.group[at]),
        cost: Money::from_units(batch.cost[at]),
        currency: folded(&known.currencies, batch.currency[at]).unwrap_or_else(|| "".into()),
        first: period.from(),
        last: period.to(),
    }
}
