//! Ranges of rows of charge files.

use pal_store::UsageRows;

use crate::charges::{Day as DayIndex, RowRange};

pub(super) fn overlap(chosen: &[UsageRows], ranges: &[RowRange]) -> Vec<RowRange> {
    let mut found = Vec::new();
    for (row_group, start, rows) in chosen {
        for range in ranges.iter().filter(|range| range.row_group == *row_group) {
            let first = (*start).max(range.start);
            let end = (start + rows).min(range.start + range.rows);
            if first < end {
                let rows = end - first;
                found.push(RowRange { row_group: *row_group, start: first, rows });
            }
        }
    }
    found
}

/// As the register keeps ranges.
pub(super) const fn as_rows(range: RowRange) -> UsageRows {
    (range.row_group, range.start, range.rows)
}

/// The row at a place among those of some ranges.
pub(super) fn row_at(ranges: &[RowRange], mut at: u32) -> Option<UsageRows> {
    for range in ranges {
        if at < range.rows {
            return Some((range.row_group, range.start + at, 1));
        }
        at -= range.rows;
    }
    None
}

pub(super) fn all_rows(days: &[DayIndex]) -> Vec<UsageRows> {
    joined(days.iter().flat_map(|day| day.ranges.iter().map(|range| as_rows(*range))).collect())
}

/// Ranges in order, those that touch as one.
pub(super) fn joined(mut ranges: Vec<UsageRows>) -> Vec<UsageRows> {
    ranges.sort_unstable();
    let mut joined: Vec<UsageRows> = Vec::with_capacity(ranges.len());
    for (group, start, rows) in ranges {
        match joined.last_mut() {
            Some(last) if last.0 == group && last.1 + last.2 == start => last.2 += rows,
            _ => joined.push((group, start, rows)),
        }
    }
    joined
}
