//! Rows into charge files: gathered, put in order of months and subscriptions, written.

use std::collections::BTreeMap;
use std::fs::File;
use std::path::{Path, PathBuf};

use pal_model::{Instant, Interval, Money};
use parquet::file::writer::SerializedFileWriter;

use super::digest::{Column, Digest, KnownTexts, RowDigest, Sum, file_digest};
use super::row::{Row, Unit};
use super::row_groups::{failed, new_file, write_row_group};
use super::{Day, DecodeError, Piece, RowRange, WrittenFile};

/// Rows kept before they are sorted and written: some 60 MB.
const ROWS: usize = 1 << 20;
/// Most rows of a row group.
const GROUP: usize = 1 << 20;

#[derive(Default)]
struct Tally {
    row_groups: Vec<u32>,
    days: BTreeMap<i32, DayTally>,
}

struct DayTally {
    rows: u64,
    sum: Sum,
    marks: u64,
    /// By code of the currency; there is hardly ever more than one.
    costs: Vec<(u32, Money)>,
    first: Instant,
    last: Instant,
    ranges: Vec<RowRange>,
}

struct Open {
    name: String,
    writer: SerializedFileWriter<File>,
}

pub(super) struct ChargeFiles {
    folder: PathBuf,
    waiting: Vec<Row>,
    pieces: BTreeMap<Unit, Tally>,
    files: BTreeMap<(i16, i8), Open>,
    days: usize,
}

impl ChargeFiles {
    pub fn new(folder: &Path) -> Self {
        Self {
            folder: folder.to_owned(),
            waiting: Vec::new(),
            pieces: BTreeMap::new(),
            files: BTreeMap::new(),
            days: 0,
        }
    }

    /// Takes a row with its digest and its mark.
    pub fn add(
        &mut self,
        row: Row,
        digest: &RowDigest,
        mark: u64,
        period: Interval,
    ) -> Result<(), DecodeError> {
        let days = &mut self.pieces.entry(row.unit).or_default().days;
        let day = days.entry(row.day).or_insert_with(|| {
            self.days += 1;
            DayTally::new(period)
        });
        day.rows += 1;
        day.sum.add(digest);
        day.marks = day.marks.wrapping_add(mark);
        day.first = period.from().min(day.first);
        day.last = period.to().max(day.last);
        let cost = Money::from_units(row.cost);
        match day.costs.iter_mut().find(|(currency, _)| *currency == row.currency) {
            Some((_, sum)) => *sum = sum.plus(cost)?,
            None => day.costs.push((row.currency, cost)),
        }
        self.waiting.push(row);
        Ok(())
    }

    /// How many days all pieces have.
    pub const fn days(&self) -> usize {
        self.days
    }

    pub fn pieces(&self) -> usize {
        self.pieces.len()
    }

    /// Writes what waits, if it is much.
    pub fn settle(&mut self, known: &KnownTexts) -> Result<(), DecodeError> {
        if self.waiting.len() >= ROWS { self.write(known) } else { Ok(()) }
    }

    fn write(&mut self, known: &KnownTexts) -> Result<(), DecodeError> {
        let mut rows = std::mem::take(&mut self.waiting);
        rows.sort_unstable_by_key(|row| (row.unit, row.day, row.resource, row.period));
        for piece in rows.chunk_by(|a, b| a.unit == b.unit) {
            let Unit { month, .. } = piece[0].unit;
            let file = match self.files.entry(month) {
                std::collections::btree_map::Entry::Occupied(open) => open.into_mut(),
                std::collections::btree_map::Entry::Vacant(new) => {
                    new.insert(Open::create(&self.folder, month)?)
                }
            };
            let before = file.writer.flushed_row_groups().len();
            for group in piece.chunks(GROUP) {
                write_row_group(&mut file.writer, group, known)?;
            }
            let sizes: Vec<u32> = piece.chunks(GROUP).map(|group| group.len() as u32).collect();
            if let Some(tally) = self.pieces.get_mut(&piece[0].unit) {
                tally.place(before as u32, &sizes, piece);
            }
        }
        rows.clear();
        self.waiting = rows;
        Ok(())
    }

    /// Closes the files, durably.
    pub fn finish(
        mut self,
        known: &KnownTexts,
    ) -> Result<(Vec<WrittenFile>, Vec<Piece>), DecodeError> {
        self.write(known)?;
        let months: Vec<(i16, i8)> = self.files.keys().copied().collect();
        let mut written = Vec::with_capacity(months.len());
        for (_, open) in self.files {
            let file = open.writer.into_inner().map_err(failed)?;
            file.sync_all()?;
            let (sha256, bytes) = file_digest(&self.folder.join(&open.name))?;
            written.push(WrittenFile { name: open.name, sha256, bytes });
        }
        let place = |month| months.binary_search(&month).unwrap_or_default();
        let mut pieces: Vec<Piece> = (self.pieces.into_iter())
            .map(|(unit, tally)| tally.piece(unit, place(unit.month), known))
            .collect();
        pieces.sort_by(|a, b| {
            (a.statement, a.month, &a.subject, &a.account).cmp(&(
                b.statement,
                b.month,
                &b.subject,
                &b.account,
            ))
        });
        Ok((written, pieces))
    }
}

impl DayTally {
    const fn new(period: Interval) -> Self {
        Self {
            rows: 0,
            sum: Sum::NOTHING,
            marks: 0,
            costs: Vec::new(),
            first: period.from(),
            last: period.to(),
            ranges: Vec::new(),
        }
    }
}

impl Tally {
    /// Remembers where rows are that were written, in this order, into row groups of these sizes.
    fn place(&mut self, first_group: u32, sizes: &[u32], rows: &[Row]) {
        let mut groups = (first_group..).zip(sizes);
        self.row_groups.extend(groups.clone().map(|(group, _)| group));
        let mut open: Option<(u32, u32, u32)> = None;
        for of_day in rows.chunk_by(|a, b| a.day == b.day) {
            let mut left = of_day.len() as u32;
            while left > 0 {
                let Some((row_group, start, room)) =
                    open.or_else(|| groups.next().map(|(group, size)| (group, 0, *size)))
                else {
                    return;
                };
                let rows = left.min(room);
                if let Some(day) = self.days.get_mut(&of_day[0].day).filter(|_| rows > 0) {
                    day.ranges.push(RowRange { row_group, start, rows });
                }
                left -= rows;
                open = (room > rows).then_some((row_group, start + rows, room - rows));
            }
        }
    }

    fn piece(self, unit: Unit, file: usize, known: &KnownTexts) -> Piece {
        let text = |column: &Column, code| {
            column.text(code).map_or_else(String::new, |(folded, _)| folded.to_string())
        };
        let days = self.days.into_iter().map(|(day, tally)| {
            let cost = |(currency, cost)| (text(&known.currencies, currency), cost);
            let mut costs: Vec<(String, Money)> = tally.costs.into_iter().map(cost).collect();
            costs.sort_unstable();
            let DayTally { rows, sum, marks, first, last, ranges, .. } = tally;
            Day { day, ranges, rows, sum, marks, costs, first, last }
        });
        let days: Vec<Day> = days.collect();
        let subject = text(&known.subscriptions, unit.subscription);
        let account = text(&known.accounts, unit.account);
        Piece {
            statement: unit.statement,
            month: unit.month,
            digest: content(&subject, &account, &days),
            subject,
            account,
            file,
            row_groups: self.row_groups,
            rows: days.iter().map(|day| day.rows).sum(),
            days,
        }
    }
}

fn content(subject: &str, account: &str, days: &[Day]) -> Digest {
    let mut bytes = Vec::with_capacity(64 + days.len() * 84);
    for text in [subject, account] {
        bytes.extend_from_slice(&(text.len() as u64).to_le_bytes());
        bytes.extend_from_slice(text.as_bytes());
    }
    for day in days {
        bytes.extend_from_slice(&day.day.to_le_bytes());
        bytes.extend_from_slice(&day.rows.to_le_bytes());
        bytes.extend_from_slice(&day.sum.bytes());
        bytes.extend_from_slice(&day.marks.to_le_bytes());
    }
    Digest::of(&bytes)
}

impl Open {
    fn create(folder: &Path, (year, month): (i16, i8)) -> Result<Self, DecodeError> {
        let name = format!("{year:04}-{month:02}.parquet");
        let file = File::create_new(folder.join(&name))?;
        Ok(Self { name, writer: new_file(file)? })
    }
}

#[cfg(test)]
mod tests;
