//! Reading Parquet: text columns stay dictionaries, so that no row handles a string.
//!
//! A writer stores each distinct text of a row group once and rows as numbers into that list. The
//! list is mapped to codes once; while the reader hands out the same list, the map is kept. A row
//! then costs one look-up in a small array for each text column.

mod amounts;
mod bounds;
mod columns;
mod kinds;

pub use bounds::started_between;

use std::fs::File;
use std::sync::Arc;

use ::parquet::arrow::ProjectionMask;
use ::parquet::arrow::arrow_reader::{
    ArrowReaderMetadata, ArrowReaderOptions, ParquetRecordBatchReaderBuilder, RowSelection,
    RowSelector,
};
use arrow_array::{ArrayRef, RecordBatch};
use arrow_schema::{DataType, Field as ArrowField, Schema as ArrowSchema};

use self::columns::{TextColumn, Times};
use self::kinds::Kinds;
use super::batch::{Batch, Wanted};
use super::codes::Codes;
use super::columns::{Field, Layout, Schema};
use super::guard::decoding;
use super::remarks::Remarks;
use super::rows::{self, CODED, CURRENCY, RowError, TRAITS};
use super::{GroupRows, IngestError, Part, ReadOptions};

/// A file whose footer has been read.
pub(super) struct OpenParquet {
    metadata: ArrowReaderMetadata,
    layout: Layout,
    groups: Vec<GroupRows>,
    /// How many rows are read before each of them, and in the end of all.
    before: Vec<u64>,
}

/// A bomb says in a few bytes that the same row comes a hundred million times (T53). A file with more
/// rows than this may have no more than so many for each of its bytes; real exports have less than one.
const ROWS: u64 = 1 << 20;
const ROWS_PER_BYTE: u64 = 64;

/// Where an error is: the row in the batch, if it is one row's.
type Failure = (usize, RowError);

impl OpenParquet {
    pub fn open(part: &Part, options: &ReadOptions) -> Result<Self, IngestError> {
        let failed = |reason: &dyn std::fmt::Display| IngestError::File {
            file: part.name.clone(),
            reason: reason.to_string(),
        };
        let file = File::open(&part.path).map_err(|e| failed(&e))?;
        let plain = decoding(|| ArrowReaderMetadata::load(&file, ArrowReaderOptions::new()))
            .map_err(|e| failed(&e))?;
        let header: Vec<String> =
            plain.schema().fields().iter().map(|f| f.name().clone()).collect();
        let schema = if part.row_groups.is_some() { Some(Schema::Own) } else { options.schema };
        let layout = Layout::detect(&header, schema)
            .map_err(|source| IngestError::Layout { file: part.name.clone(), source })?;
        let schema = dictionaries(plain.schema(), &layout);
        let with_schema = ArrowReaderOptions::new().with_schema(Arc::new(schema));
        let metadata = ArrowReaderMetadata::try_new(plain.metadata().clone(), with_schema)
            .map_err(|e| failed(&e))?;
        let all = metadata.metadata().row_groups();
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
        let opened = Self { metadata, layout, groups, before };
        let (rows, bytes) = (opened.rows(), file.metadata().map_err(|e| failed(&e))?.len());
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

    /// Which rows of a piece are read; `None` = all.
    fn selection(&self, piece: usize) -> Option<RowSelection> {
        let ranges = self.groups[piece].rows.as_ref()?;
        let mut end = 0;
        let mut selectors = Vec::with_capacity(2 * ranges.len());
        for (start, rows) in ranges {
            selectors.push(RowSelector::skip((start - end) as usize));
            selectors.push(RowSelector::select(*rows as usize));
            end = start + rows;
        }
        Some(selectors.into())
    }

    pub fn read<E: From<IngestError>>(
        &self,
        part: &Part,
        piece: usize,
        codes: &Codes,
        wanted: Wanted,
        give: &mut dyn FnMut(&Batch) -> Result<(), E>,
    ) -> Result<(), E> {
        let failed = |reason: &dyn std::fmt::Display| IngestError::File {
            file: part.name.clone(),
            reason: reason.to_string(),
        };
        let mut columns = Columns::new(&self.layout, codes, wanted);
        let mask = ProjectionMask::roots(
            self.metadata.parquet_schema(),
            columns.positions.iter().copied(),
        );
        // Opened anew: a cloned file shares its position with the thread that reads beside this one.
        let file = File::open(&part.path).map_err(|e| failed(&e))?;
        let mut reader =
            ParquetRecordBatchReaderBuilder::new_with_metadata(file, self.metadata.clone())
                .with_projection(mask)
                .with_row_groups(vec![self.groups[piece].group])
                .with_batch_size(Batch::ROWS);
        if let Some(selection) = self.selection(piece) {
            reader = reader.with_row_selection(selection);
        }
        let mut reader = reader.build().map_err(|e| failed(&e))?;
        let mut batch = Batch::default();
        let (mut done, end) = (self.before[piece], self.before[piece + 1]);
        while let Some(record) = decoding(|| reader.next()) {
            let record = record.map_err(|e| failed(&e))?;
            if done + record.num_rows() as u64 > end {
                return Err(failed(&"it has more rows than it says").into());
            }
            if let Err((row, source)) = columns.fill(&mut batch, &record) {
                let place = format!(", row {}", done + row as u64 + 1);
                let error = IngestError::Row { file: part.name.clone(), place, source };
                if !codes.passed_over.take(&error) {
                    return Err(error.into());
                }
                // The batch was filled in part: all of it is passed over.
                done += record.num_rows() as u64;
                batch.clear();
                continue;
            }
            if wanted.place {
                batch.place.extend((1..=record.num_rows() as u64).map(|row| done + row));
            }
            codes.remarked.add(Remarks { rounded: columns.rounded, ..Remarks::default() });
            give(&batch)?;
            done += record.num_rows() as u64;
            batch.clear();
        }
        if done != end {
            return Err(failed(&"it has fewer rows than it says").into());
        }
        Ok(())
    }
}

/// The file's schema with the text columns that are read as dictionaries, and nothing else as one.
fn dictionaries(schema: &ArrowSchema, layout: &Layout) -> ArrowSchema {
    let texts = TRAITS.into_iter().chain(CODED.iter().map(|column| column.field));
    let read: Vec<usize> = texts.filter_map(|field| layout.column(field)).collect();
    let fields = schema.fields().iter().enumerate().map(|(at, field)| {
        let text = is_text(field.data_type());
        let wanted = match (text && read.contains(&at), field.data_type()) {
            (true, _) => DataType::Dictionary(Box::new(DataType::Int32), Box::new(DataType::Utf8)),
            (false, DataType::Dictionary(_, value)) => (**value).clone(),
            (false, _) => return field.clone(),
        };
        Arc::new(ArrowField::new(field.name(), wanted, field.is_nullable()))
    });
    ArrowSchema::new(fields.collect::<Vec<_>>())
}

fn is_text(data_type: &DataType) -> bool {
    match data_type {
        DataType::Utf8 | DataType::LargeUtf8 | DataType::Utf8View => true,
        DataType::Dictionary(_, value) => is_text(value),
        _ => false,
    }
}

/// The columns of one row group, with what is remembered from batch to batch.
struct Columns<'a> {
    layout: &'a Layout,
    codes: &'a Codes,
    wanted: Wanted,
    positions: Vec<usize>,
    coded: [TextColumn; CODED.len()],
    kinds: Kinds,
    times: Times,
    rounded: u64,
}

impl<'a> Columns<'a> {
    fn new(layout: &'a Layout, codes: &'a Codes, wanted: Wanted) -> Self {
        Self {
            layout,
            codes,
            wanted,
            positions: Self::positions(layout, wanted),
            coded: Default::default(),
            kinds: Kinds::default(),
            times: Times::default(),
            rounded: 0,
        }
    }

    /// Which columns of the file are read, in the order of the file.
    fn positions(layout: &Layout, wanted: Wanted) -> Vec<usize> {
        let fixed = [
            Field::Cost,
            Field::ChargePeriodStart,
            Field::ChargePeriodEnd,
            Field::Date,
            Field::Traits,
        ];
        let coded = CODED.iter().filter(|column| (column.wanted)(wanted));
        let fields = coded.map(|column| column.field).chain(fixed).chain(TRAITS);
        let mut positions: Vec<usize> = fields.filter_map(|field| layout.column(field)).collect();
        positions.sort_unstable();
        positions.dedup();
        positions
    }

    fn fill(&mut self, batch: &mut Batch, record: &RecordBatch) -> Result<(), Failure> {
        let (layout, codes) = (self.layout, self.codes);
        let positions = &self.positions;
        // By place, not by name: names in the layout have no blanks around them.
        let array = |field| -> Option<&ArrayRef> {
            Some(record.column(positions.binary_search(&layout.column(field)?).ok()?))
        };
        let refuse = |field, error: columns::ColumnError| {
            let (row, problem) = (error.row, error.problem);
            (row, problem.named(rows::column(layout, field)))
        };
        let rows = record.num_rows();
        for (column, known) in CODED.iter().zip(&mut self.coded) {
            if (column.wanted)(self.wanted) {
                let (array, out) = (array(column.field), (column.out)(batch));
                known
                    .codes(array, rows, (column.texts)(codes), column.meaning, out)
                    .map_err(|error| refuse(column.field, error))?;
            }
        }
        let currencies = (CODED[CURRENCY].out)(batch);
        if let Some(row) = currencies.iter().position(|code| *code == super::NONE) {
            return Err((row, RowError::Empty { column: rows::column(layout, Field::Currency) }));
        }
        self.rounded = amounts::units(array(Field::Cost), &mut batch.cost)
            .map_err(|error| refuse(Field::Cost, error))?;
        let (from, to) = match layout.schema {
            Schema::Focus | Schema::Own => (Field::ChargePeriodStart, Some(Field::ChargePeriodEnd)),
            Schema::CostManagement => (Field::Date, None),
        };
        self.times
            .periods(array(from), to.and_then(array), layout, &codes.periods, &mut batch.period)
            .map_err(|(field, error)| refuse(field, error))?;
        match array(Field::Traits) {
            Some(traits) => kinds::decided(traits, &mut batch.traits)
                .map_err(|error| refuse(Field::Traits, error)),
            None => self.kinds.traits(layout, rows, array, &mut batch.traits),
        }
    }
}
