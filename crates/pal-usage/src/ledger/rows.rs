//! The rows of pieces, read from charge files when the rule asks for them.

use std::cell::RefCell;
use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;

use super::Stored;
use crate::charges::{DecodeError, RowRange, StoredRow, stored_rows};
use crate::counting::{ComparedRow, Day, Rows};

/// How many pieces are kept after they were read: cells of one subscription come one after the other.
const PIECES: usize = 32;

pub(super) type RowsByDay = Arc<BTreeMap<Day, Vec<StoredRow>>>;

pub(super) struct ChargeRows<'l> {
    pub stored: &'l [Stored],
    pub read: RefCell<VecDeque<(usize, RowsByDay)>>,
}

impl ChargeRows<'_> {
    fn of_piece(&self, piece: usize) -> Result<RowsByDay, DecodeError> {
        let found = self.read.borrow().iter().find(|(at, _)| *at == piece).map(|(_, r)| r.clone());
        if let Some(rows) = found {
            return Ok(rows);
        }
        let stored = &self.stored[piece];
        let days = stored.days.iter();
        let mut ranges: Vec<(RowRange, Day)> =
            days.flat_map(|day| day.ranges.iter().map(|range| (*range, day.day))).collect();
        ranges.sort_unstable();
        let all: Vec<RowRange> = ranges.iter().map(|(range, _)| *range).collect();
        let mut rows = stored_rows(&stored.file, &all)?.into_iter();
        let mut by_day: BTreeMap<Day, Vec<StoredRow>> = BTreeMap::new();
        for (range, day) in ranges {
            by_day.entry(day).or_default().extend(rows.by_ref().take(range.rows as usize));
        }
        let by_day = Arc::new(by_day);
        let mut read = self.read.borrow_mut();
        read.push_back((piece, Arc::clone(&by_day)));
        if read.len() > PIECES {
            read.pop_front();
        }
        Ok(by_day)
    }

    pub fn stored(&self, piece: usize, day: Day) -> Result<Vec<StoredRow>, DecodeError> {
        Ok(self.of_piece(piece)?.get(&day).cloned().unwrap_or_default())
    }
}

impl Rows for ChargeRows<'_> {
    type Error = DecodeError;

    fn rows(&self, piece: usize, day: Day) -> Result<Arc<Vec<ComparedRow>>, DecodeError> {
        let compared = |row: &StoredRow| ComparedRow {
            digest: row.digest,
            billing_period: row.billing_period.clone(),
            invoice: row.invoice.clone(),
            resource_group: row.group.clone(),
        };
        let rows = self.of_piece(piece)?;
        Ok(Arc::new(rows.get(&day).into_iter().flatten().map(compared).collect()))
    }
}
