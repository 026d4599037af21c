//! Reading Parquet: text columns stay numbers into a list, so that no row handles a string.
//!
//! A writer stores each distinct text of a row group once and rows as numbers into that list. The
//! list is mapped to codes once. A row then costs one look-up in a small array for each text column.

mod amounts;
mod bounds;
mod column;
mod columns;
mod kinds;
mod times;

pub use bounds::started_between;

use std::fs::File;

use ::parquet::file::metadata::{ParquetMetaData, ParquetMetaDataReader};

pub use self::column::Memory;
use self::column::{Column, Fault, Shape, Source, shapes};
use self::columns::TextCodes;
use self::kinds::Kinds;
use self::times::Times;
use super::batch::{Batch, Wanted};
use super::codes::Codes;
use super::columns::{Field, Layout, Schema};
use super::guard::decoding;
use super::remarks::Remarks;
use super::rows::{self, CODED, CURRENCY, RowError, TRAITS};
use super::{GroupRows, IngestError, Part, ReadOptions};

/// A file whose footer has been read.
pub(super) struct OpenParquet {
    metadata: Box<ParquetMetaData>,
    /// The columns of the file, as the layout counts them.
    shapes: Vec<Shape>,
    layout: Layout,
    groups: Vec<GroupRows>,
    /// How many rows are read before each of them, and in the end of all.
    before: Vec<u64>,
    /// How many bytes the file has.
    bytes: u64,
}

/// A bomb says in a few bytes that the same row comes a hundred million times (T53). A file with more
/// rows than this may have no more than so many for each of its bytes; real exports have less than one.
const ROWS: u64 = 1 << 20;
const ROWS_PER_BYTE: u64 = 64;

/// Where an error is: the row in the batch, if it is one row's.
type Failure = (usize, RowError);

fn failed(part: &Part, reason: &dyn std::fmt::Display) -> IngestError {
    IngestError::File { file: part.name.clone(), reason: reason.to_string() }
}

impl OpenParquet {
    pub fn open(part: &Part, options: &ReadOptions) -> Result<Self, IngestError> {
        let failed = |reason: &dyn std::fmt::Display| failed(part, reason);
        let file = File::open(&part.path).map_err(|e| failed(&e))?;
        let bytes = file.metadata().map_err(|e| failed(&e))?.len();
        let metadata = decoding(|| ParquetMetaDataReader::new().parse_and_finish(&file))
            .map_err(|e| failed(&e))?;
        let shapes = shapes(metadata.file_metadata().schema_descr());
        let header: Vec<String> = shapes.iter().map(|shape| shape.name.clone()).collect();
        let schema = if part.row_groups.is_some() { Some(Schema::Own) } else { options.schema };
        let layout = Layout::detect(&header, schema)
            .map_err(|source| IngestError::Layout { file: part.name.clone(), source })?;
        let all = metadata.row_groups();
        let groups =
            part.row_groups.clone().unwrap_or_else(|| (0..all.len()).map(GroupRows::all).collect());
        let mut before = vec![0u64];
        for group in &groups {
            let has = all.get(group.group).and_then(|all| u64::try_from(all.num_rows()).ok());
            let Some(rows) = has.and_then(|has| group.count(has)) else {
                return Err(failed(&"row groups or rows are missing"));
            };
            before.push(before[before.len() - 1].saturating_add(rows));
        }
        let metadata = Box::new(metadata);
        let opened = Self { metadata, shapes, layout, groups, before, bytes };
        let rows = opened.rows();
        if part.row_groups.is_none() && rows > ROWS && rows / bytes.max(1) >= ROWS_PER_BYTE {
            return Err(failed(&format_args!(
                "it says that it has {rows} rows in {bytes} bytes, which no export does"
            )));
        }
        Ok(opened)
    }

    pub const fn layout(&self) -> &Layout {
        &self.layout
    }

    pub fn into_layout(self) -> Layout {
        self.layout
    }

    pub fn pieces(&self) -> usize {
        self.groups.len()
    }

    pub fn rows(&self) -> u64 {
        self.before[self.groups.len()]
    }

    pub fn read<E: From<IngestError>>(
        &self,
        part: &Part,
        piece: usize,
        codes: &Codes,
        wanted: Wanted,
        memory: &mut Vec<Memory>,
        give: &mut dyn FnMut(&Batch) -> Result<(), E>,
    ) -> Result<(), E> {
        let failed = |reason: &dyn std::fmt::Display| failed(part, reason);
        // Opened anew: a cloned file shares its position with the thread that reads beside this one.
        let file = File::open(&part.path).map_err(|e| failed(&e))?;
        let source = Source { file: &file, bytes: self.bytes };
        let positions = positions(&self.layout, wanted);
        let mut columns = decoding(|| self.columns(source, piece, &positions, memory))
            .map_err(|fault| failed(&fault))?;
        let mut rows = Rows::new(&self.layout, codes, wanted);
        let mut left = self.ranges(piece);
        let mut batch = Batch::default();
        let mut done = self.before[piece];
        loop {
            let steps = next_steps(&mut left);
            let count: usize = steps.iter().map(|(_, rows)| rows).sum();
            if count == 0 {
                break;
            }
            decoding(|| columns.iter_mut().try_for_each(|column| fill(column, &steps)))
                .map_err(|fault| failed(&fault))?;
            let filled = rows.fill(&mut batch, &positions, &columns, count);
            done += count as u64;
            if let Err((row, source)) = filled {
                let place = format!(", row {}", done - count as u64 + row as u64 + 1);
                let error = IngestError::Row { file: part.name.clone(), place, source };
                if !codes.passed_over.take(&error) {
                    return Err(error.into());
                }
                // The batch was filled in part: all of it is passed over.
                batch.clear();
                continue;
            }
            if wanted.place {
                batch.place.extend(done - count as u64 + 1..=done);
            }
            codes.remarked.add(Remarks { rounded: rows.rounded, ..Remarks::default() });
            give(&batch)?;
            batch.clear();
        }
        if self.groups[piece].rows.is_none() {
            decoding(|| columns.iter_mut().try_for_each(Column::finish))
                .map_err(|fault| failed(&fault))?;
        }
        memory.extend(columns.into_iter().rev().map(Column::into_memory));
        Ok(())
    }

    /// The columns of a piece, in the order of the file.
    fn columns<'f>(
        &'f self,
        source: Source<'f>,
        piece: usize,
        positions: &[usize],
        memory: &mut Vec<Memory>,
    ) -> Result<Vec<Column<'f>>, Fault> {
        let group = self.metadata.row_group(self.groups[piece].group);
        let rows = u64::try_from(group.num_rows()).map_err(|_| Fault::FEWER)?;
        let column = |at: &usize| {
            let shape = &self.shapes[*at];
            let chunk = group.columns().get(shape.leaf);
            let chunk = chunk.ok_or(Fault::Damaged("a row group has not all columns"))?;
            Column::new(source, shape, chunk, rows, memory.pop().unwrap_or_default())
        };
        positions.iter().map(column).collect()
    }

    /// Which rows of a piece are read: how many are passed over, then how many are read.
    fn ranges(&self, piece: usize) -> std::vec::IntoIter<(u64, u64)> {
        let Some(ranges) = &self.groups[piece].rows else {
            return vec![(0, self.before[piece + 1] - self.before[piece])].into_iter();
        };
        let mut end = 0;
        let gap = |(start, rows): &(u64, u64)| {
            let gap = start - end;
            end = start + rows;
            (gap, *rows)
        };
        ranges.iter().map(gap).collect::<Vec<_>>().into_iter()
    }
}

/// The next rows, as many as a batch has: how many are passed over and how many are read, in turn.
fn next_steps(left: &mut std::vec::IntoIter<(u64, u64)>) -> Vec<(usize, usize)> {
    let mut steps = Vec::new();
    let mut room = Batch::ROWS as u64;
    while room > 0 {
        let Some((gap, rows)) = left.as_mut_slice().first_mut() else { break };
        let taken = room.min(*rows);
        steps.push((*gap as usize, taken as usize));
        room -= taken;
        (*gap, *rows) = (0, *rows - taken);
        if *rows == 0 {
            left.next();
        }
    }
    steps
}

/// Reads the rows of a batch.
fn fill(column: &mut Column<'_>, steps: &[(usize, usize)]) -> Result<(), Fault> {
    column.clear();
    for (gap, rows) in steps {
        column.skip(*gap)?;
        column.read(*rows)?;
    }
    Ok(())
}

/// Which columns of the file are read, in the order of the file.
fn positions(layout: &Layout, wanted: Wanted) -> Vec<usize> {
    let fixed =
        [Field::Cost, Field::ChargePeriodStart, Field::ChargePeriodEnd, Field::Date, Field::Traits];
    let coded = CODED.iter().filter(|column| (column.wanted)(wanted));
    // Our own files say what kind of charge a row is.
    let is_decided = layout.column(Field::Traits).is_some();
    let kinds = TRAITS.into_iter().filter(|_| !is_decided);
    let fields = coded.map(|column| column.field).chain(fixed).chain(kinds);
    let mut positions: Vec<usize> = fields.filter_map(|field| layout.column(field)).collect();
    positions.sort_unstable();
    positions.dedup();
    positions
}

/// What is made of the rows of one row group, with what is remembered from batch to batch.
struct Rows<'a> {
    layout: &'a Layout,
    codes: &'a Codes,
    wanted: Wanted,
    coded: [TextCodes; CODED.len()],
    kinds: Kinds,
    times: Times,
    rounded: u64,
}

impl<'a> Rows<'a> {
    fn new(layout: &'a Layout, codes: &'a Codes, wanted: Wanted) -> Self {
        Self {
            layout,
            codes,
            wanted,
            coded: Default::default(),
            kinds: Kinds::default(),
            times: Times::default(),
            rounded: 0,
        }
    }

    fn fill(
        &mut self,
        batch: &mut Batch,
        positions: &[usize],
        read: &[Column<'_>],
        rows: usize,
    ) -> Result<(), Failure> {
        let (layout, codes) = (self.layout, self.codes);
        // By place, not by name: names in the layout have no blanks around them.
        let column = |field| read.get(positions.binary_search(&layout.column(field)?).ok()?);
        let refuse = |field, error: columns::ColumnError| {
            let (row, problem) = (error.row, error.problem);
            (row, problem.named(rows::column(layout, field)))
        };
        for (coded, known) in CODED.iter().zip(&mut self.coded) {
            if (coded.wanted)(self.wanted) {
                let (column, out) = (column(coded.field), (coded.out)(batch));
                known
                    .codes(column, rows, (coded.texts)(codes), coded.meaning, out)
                    .map_err(|error| refuse(coded.field, error))?;
            }
        }
        let currencies = (CODED[CURRENCY].out)(batch);
        if let Some(row) = currencies.iter().position(|code| *code == super::NONE) {
            return Err((row, RowError::Empty { column: rows::column(layout, Field::Currency) }));
        }
        self.rounded = amounts::units(column(Field::Cost), &mut batch.cost)
            .map_err(|error| refuse(Field::Cost, error))?;
        let (from, to) = match layout.schema {
            Schema::Focus | Schema::Own => (Field::ChargePeriodStart, Some(Field::ChargePeriodEnd)),
            Schema::CostManagement => (Field::Date, None),
        };
        self.times
            .periods(column(from), to.and_then(column), layout, &codes.periods, &mut batch.period)
            .map_err(|(field, error)| refuse(field, error))?;
        match column(Field::Traits) {
            Some(traits) => kinds::decided(traits, &mut batch.traits)
                .map_err(|error| refuse(Field::Traits, error)),
            None => self.kinds.traits(layout, rows, column, &mut batch.traits),
        }
    }
}
