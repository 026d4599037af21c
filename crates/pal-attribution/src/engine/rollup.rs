//! From pre-groups to report rows: credits are multiplied in, cells summed, sorted and handed out.
//!
//! Keys are ranks: a column's values are sorted once, so a row of the report is found and ordered
//! by comparing a few integers. A cell keeps what is credited in full as an integer, and what is
//! credited in part as one numerator for each denominator; it is rounded once, when handed out.

use hashbrown::HashTable;
use num_bigint::BigInt;
use pal_model::MoneyError;

use super::cell::Cell;
use super::runs::{Runs, RunsError};

/// A key column: values in order, and the rank of each code.
pub(super) struct Column {
    pub rank: Vec<u32>,
    pub values: Vec<Option<String>>,
}

impl Column {
    /// From the value of each code. Codes with equal values share a rank.
    pub fn new(by_code: Vec<Option<String>>) -> Self {
        let mut order: Vec<u32> = (0..by_code.len() as u32).collect();
        order.sort_unstable_by(|a, b| by_code[*a as usize].cmp(&by_code[*b as usize]));
        let mut column = Self { rank: vec![0; by_code.len()], values: Vec::new() };
        let mut by_code = by_code;
        for code in order {
            let value = by_code[code as usize].take();
            if column.values.is_empty() || column.values.last() != Some(&value) {
                column.values.push(value);
            }
            column.rank[code as usize] = column.values.len() as u32 - 1;
        }
        column
    }
}

/// Cells of one thread. Beyond `limit` they go to sorted runs in temporary files.
pub(super) struct Cells<const K: usize> {
    index: HashTable<u32>,
    cells: Vec<Cell<K>>,
    limit: usize,
    runs: Runs<K>,
}

pub(super) fn hash<const K: usize>(key: &[u32; K]) -> u64 {
    let step = |hash: u64, code: &u32| {
        (hash.rotate_left(5) ^ u64::from(*code)).wrapping_mul(0x9E37_79B9_7F4A_7C15)
    };
    let hash = key.iter().fold(0, step);
    hash ^ hash >> 32
}

impl<const K: usize> Cells<K> {
    pub fn new(limit: usize) -> Self {
        Self { index: HashTable::new(), cells: Vec::new(), limit, runs: Runs::default() }
    }

    /// Adds `rows` charges of together `cost`, credited with `weight`.
    pub fn add(
        &mut self,
        hash: u64,
        key: &[u32; K],
        (rows, cost): (u64, i128),
        weight: (i64, i64),
    ) -> Result<(), RunsError> {
        let cells = &mut self.cells;
        let found = self.index.find(hash, |&at| cells[at as usize].key == *key).copied();
        let at = if let Some(at) = found {
            at as usize
        } else {
            if cells.len() >= self.limit {
                self.spill()?;
            }
            let cells = &mut self.cells;
            let at = cells.len();
            cells.push(Cell { key: *key, charges: 0, cost: 0, whole: 0, parts: None });
            self.index.insert_unique(hash, at as u32, |&at| self::hash(&cells[at as usize].key));
            at
        };
        let cell = &mut self.cells[at];
        cell.charges += rows;
        cell.cost = cell.cost.checked_add(cost).ok_or(MoneyError::Overflow)?;
        if weight == (1, 1) {
            cell.whole = cell.whole.checked_add(cost).ok_or(MoneyError::Overflow)?;
        } else {
            let numerator = cell.parts.get_or_insert_default().entry(weight.1).or_default();
            *numerator += BigInt::from(cost) * weight.0;
        }
        Ok(())
    }

    fn spill(&mut self) -> Result<(), RunsError> {
        self.index.clear();
        self.cells.sort_unstable_by_key(|cell| cell.key);
        self.runs.write(&self.cells)?;
        self.cells.clear();
        Ok(())
    }

    /// The sorted cells: in memory, and as runs on disk that may hold the same keys.
    pub fn finish(mut self) -> (Vec<Cell<K>>, Runs<K>) {
        drop(self.index);
        self.cells.sort_unstable_by_key(|cell| cell.key);
        (self.cells, self.runs)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn equal_values_share_a_rank() {
        let text = |t: &str| Some(t.to_owned());
        let column = Column::new(vec![text("b"), None, text("a"), text("b")]);
        assert_eq!(column.rank, [2, 0, 1, 2]);
        assert_eq!(column.values, [None, text("a"), text("b")]);
    }

    #[test]
    fn parts_are_exact_whatever_the_order() {
        let mut cells = Cells::<1>::new(2);
        for weight in [(1, 3), (1, 1), (1, 7), (2, 3), (6, 7)] {
            cells.add(0, &[4], (1, 10i128.pow(18)), weight).unwrap();
        }
        let (cells, _) = cells.finish();
        assert_eq!(cells[0].rounded().unwrap(), (50_000_000_000, 30_000_000_000));
    }
}
