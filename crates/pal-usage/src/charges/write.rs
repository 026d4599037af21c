//! Rows into charge files: gathered, put in order of months and subscriptions, written.

use std::collections::BTreeMap;
use std::fs::File;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use arrow_array::types::Int32Type;
use arrow_array::{
    ArrayRef, Decimal128Array, DictionaryArray, Int32Array, RecordBatch, StringArray,
    TimestampNanosecondArray, UInt16Array,
};
use arrow_schema::{DataType, Field as ArrowField, Schema as ArrowSchema, TimeUnit};
use hashbrown::HashMap;
use pal_attribution::ingest::Schema;
use pal_attribution::ingest::columns::OWN;
use pal_model::{ChargeTraits, Instant, Interval, Money};
use parquet::arrow::ArrowWriter;
use parquet::basic::{Compression, ZstdLevel};
use parquet::errors::ParquetError;
use parquet::file::properties::WriterProperties;

use super::digest::{Column, Digest, KnownTexts, RowDigest, Sum, file_digest};
use super::{Day, DecodeError, Piece, RowRange, WrittenFile};

/// Rows kept before they are sorted and written: some 60 MB.
const ROWS: usize = 1 << 20;
/// Rows given to the writer at a time.
const SLICE: usize = 1 << 17;

/// What pieces are told apart by; the last two are codes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Unit {
    pub statement: usize,
    pub month: (i16, i8),
    pub subscription: u32,
    pub account: u32,
}

#[derive(Clone, Copy)]
pub(super) struct Row {
    pub unit: Unit,
    pub day: i32,
    pub resource: u32,
    pub period: u32,
    pub group: u32,
    pub currency: u32,
    pub category: u32,
    pub service: u32,
    pub billing_period: u32,
    pub invoice: u32,
    pub traits: ChargeTraits,
    pub cost: i128,
}

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
    writer: ArrowWriter<File>,
}

pub(super) struct ChargeFiles {
    folder: PathBuf,
    schema: Arc<ArrowSchema>,
    waiting: Vec<Row>,
    pieces: BTreeMap<Unit, Tally>,
    files: BTreeMap<(i16, i8), Open>,
    days: usize,
}

fn failed(error: ParquetError) -> DecodeError {
    let error = match error {
        ParquetError::External(source) => match source.downcast::<io::Error>() {
            Ok(error) => *error,
            Err(error) => io::Error::other(error),
        },
        error => io::Error::other(error),
    };
    DecodeError::Io(error)
}

impl ChargeFiles {
    pub fn new(folder: &Path) -> Self {
        let texts = || DataType::Dictionary(Box::new(DataType::Int32), Box::new(DataType::Utf8));
        let fields = OWN.iter().enumerate().map(|(at, field)| {
            let name = field.names(Schema::Own).first().copied().unwrap_or_default();
            match at {
                0 | 1 => {
                    let utc = Some("UTC".into());
                    ArrowField::new(name, DataType::Timestamp(TimeUnit::Nanosecond, utc), false)
                }
                2 => ArrowField::new(name, DataType::Decimal128(38, Money::SCALE as i8), false),
                4 => ArrowField::new(name, DataType::UInt16, false),
                _ => ArrowField::new(name, texts(), true),
            }
        });
        Self {
            folder: folder.to_owned(),
            schema: Arc::new(ArrowSchema::new(fields.collect::<Vec<_>>())),
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
                    new.insert(Open::create(&self.folder, month, &self.schema)?)
                }
            };
            let before = file.writer.flushed_row_groups().len();
            for slice in piece.chunks(SLICE) {
                let batch = columns(&self.schema, slice, known)?;
                file.writer.write(&batch).map_err(failed)?;
            }
            file.writer.flush().map_err(failed)?;
            let sizes = file.writer.flushed_row_groups()[before..].iter();
            let sizes: Vec<u32> = sizes.map(|group| group.num_rows() as u32).collect();
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
    fn create(
        folder: &Path,
        (year, month): (i16, i8),
        schema: &Arc<ArrowSchema>,
    ) -> Result<Self, DecodeError> {
        let name = format!("{year:04}-{month:02}.parquet");
        let file = File::create_new(folder.join(&name))?;
        let properties = WriterProperties::builder()
            .set_compression(Compression::ZSTD(ZstdLevel::default()))
            .build();
        let writer = ArrowWriter::try_new(file, schema.clone(), Some(properties));
        Ok(Self { name, writer: writer.map_err(failed)? })
    }
}

/// Rows as columns, in the order of [`OWN`].
fn columns(
    schema: &Arc<ArrowSchema>,
    rows: &[Row],
    known: &KnownTexts,
) -> Result<RecordBatch, DecodeError> {
    let instant = |at: Instant| {
        let far = |_| io::Error::other(format!("a charge at {at}"));
        i64::try_from(at.nanoseconds()).map_err(far)
    };
    let mut starts = Vec::with_capacity(rows.len());
    let mut ends = Vec::with_capacity(rows.len());
    for row in rows {
        let period = known.periods[row.period as usize];
        starts.push(instant(period.from())?);
        ends.push(instant(period.to())?);
    }
    let utc = |times: Vec<i64>| TimestampNanosecondArray::from(times).with_timezone("UTC");
    let costs = Decimal128Array::from_iter_values(rows.iter().map(|row| row.cost));
    let costs = costs.with_precision_and_scale(38, Money::SCALE as i8).map_err(io::Error::other)?;
    let texts = |column: &Column, code: fn(&Row) -> u32| -> Result<ArrayRef, _> {
        dictionary(rows, column, code).map_err(|error| DecodeError::Io(io::Error::other(error)))
    };
    let arrays: Vec<ArrayRef> = vec![
        Arc::new(utc(starts)),
        Arc::new(utc(ends)),
        Arc::new(costs),
        texts(&known.currencies, |row| row.currency)?,
        Arc::new(UInt16Array::from_iter_values(rows.iter().map(|row| row.traits.bits()))),
        texts(&known.resources, |row| row.resource)?,
        texts(&known.groups, |row| row.group)?,
        texts(&known.subscriptions, |row| row.unit.subscription)?,
        texts(&known.categories, |row| row.category)?,
        texts(&known.services, |row| row.service)?,
        texts(&known.accounts, |row| row.unit.account)?,
        texts(&known.billing_periods, |row| row.billing_period)?,
        texts(&known.invoices, |row| row.invoice)?,
    ];
    Ok(RecordBatch::try_new(schema.clone(), arrays).map_err(io::Error::other)?)
}

/// A column of texts, each distinct one once.
fn dictionary(
    rows: &[Row],
    column: &Column,
    code: fn(&Row) -> u32,
) -> Result<ArrayRef, arrow_schema::ArrowError> {
    let mut places: HashMap<u32, i32> = HashMap::new();
    let mut values: Vec<&str> = Vec::new();
    let keys = rows.iter().map(|row| {
        let (_, shown) = column.text(code(row))?;
        Some(*places.entry(code(row)).or_insert_with(|| {
            values.push(shown);
            (values.len() as u32 - 1).cast_signed()
        }))
    });
    let keys: Int32Array = keys.collect();
    let values = Arc::new(StringArray::from(values));
    Ok(Arc::new(DictionaryArray::<Int32Type>::try_new(keys, values)?))
}

#[cfg(test)]
mod tests;
