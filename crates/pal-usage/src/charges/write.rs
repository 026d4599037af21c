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

use super::digest::{Column, Known, Sum, file_digest};
use super::{DecodeError, Piece, WrittenFile};

/// Rows kept before they are sorted and written: some 60 MB.
const ROWS: usize = 1 << 20;
/// Rows given to the writer at a time.
const SLICE: usize = 1 << 17;

/// What pieces are told apart by: source, month, code of the subscription.
type Unit = (usize, (i16, i8), u32);

/// A row that waits.
#[derive(Clone, Copy)]
pub(super) struct Row {
    pub unit: Unit,
    pub resource: u32,
    pub period: u32,
    pub group: u32,
    pub currency: u32,
    pub category: u32,
    pub service: u32,
    pub traits: ChargeTraits,
    pub cost: i128,
}

/// What a piece comes to.
#[derive(Default)]
struct Tally {
    rows: u64,
    sum: Sum,
    span: Option<(Instant, Instant)>,
    costs: BTreeMap<u32, Money>,
    row_groups: Vec<usize>,
}

/// A month's file.
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
        }
    }

    /// Takes a row with its digest.
    pub fn add(
        &mut self,
        row: Row,
        digest: &[u8; 64],
        period: Interval,
    ) -> Result<(), DecodeError> {
        let tally = self.pieces.entry(row.unit).or_default();
        tally.rows += 1;
        tally.sum.add(digest);
        let (first, last) = tally.span.get_or_insert((period.from(), period.to()));
        *first = period.from().min(*first);
        *last = period.to().max(*last);
        let cost = tally.costs.entry(row.currency).or_default();
        *cost = cost.plus(Money::from_units(row.cost))?;
        self.waiting.push(row);
        Ok(())
    }

    /// How many pieces there are.
    pub fn pieces(&self) -> usize {
        self.pieces.len()
    }

    /// Writes what waits, if it is much.
    pub fn settle(&mut self, known: &Known) -> Result<(), DecodeError> {
        if self.waiting.len() >= ROWS { self.write(known) } else { Ok(()) }
    }

    fn write(&mut self, known: &Known) -> Result<(), DecodeError> {
        let mut rows = std::mem::take(&mut self.waiting);
        rows.sort_unstable_by_key(|row| (row.unit, row.resource, row.period));
        for piece in rows.chunk_by(|a, b| a.unit == b.unit) {
            let (_, month, _) = piece[0].unit;
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
            let after = file.writer.flushed_row_groups().len();
            if let Some(tally) = self.pieces.get_mut(&piece[0].unit) {
                tally.row_groups.extend(before..after);
            }
        }
        rows.clear();
        self.waiting = rows;
        Ok(())
    }

    /// Closes the files, durably; `scopes` = what stands for "no subscription", by source.
    pub fn finish(
        mut self,
        known: &Known,
        scopes: &[String],
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
        let piece = |((source, month, subscription), tally): (Unit, Tally)| {
            let subject =
                known.subscriptions.text(subscription).map(|(folded, _)| folded.to_string());
            let (first, last) = tally.span.unwrap_or((Instant::MIN, Instant::MAX));
            let cost = |(currency, cost): (&u32, &Money)| {
                let currency = known.currencies.text(*currency);
                (currency.map_or_else(String::new, |(text, _)| text.to_string()), cost.to_string())
            };
            Piece {
                source,
                month,
                subject: subject.unwrap_or_else(|| scopes[source].clone()),
                file: months.binary_search(&month).unwrap_or_default(),
                row_groups: tally.row_groups,
                rows: tally.rows,
                digest: tally.sum.text(),
                first: first.to_string(),
                last: last.to_string(),
                costs: tally.costs.iter().map(cost).collect(),
            }
        };
        let mut pieces: Vec<Piece> = self.pieces.into_iter().map(piece).collect();
        pieces
            .sort_by(|a, b| (a.source, a.month, &a.subject).cmp(&(b.source, b.month, &b.subject)));
        Ok((written, pieces))
    }
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
    known: &Known,
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
        texts(&known.subscriptions, |row| row.unit.2)?,
        texts(&known.categories, |row| row.category)?,
        texts(&known.services, |row| row.service)?,
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
