//! Reading CSV, plain or gzip.

use std::io::{self, Read};

use ::csv::{ByteRecord, ReaderBuilder};
use hashbrown::HashMap;
use pal_model::{ChargeTraits, Instant, Money};

use super::batch::{Batch, Wanted};
use super::codes::{Codes, NONE};
use super::columns::{Field, Layout, LayoutError, Schema, separated};
use super::remarks::Remarks;
use super::rows::{self, CODED, CURRENCY, Coded, RowError, TRAITS};
use super::text::{open, unreadable};
use super::values::{self, traits};
use super::{IngestError, Part, ReadOptions, period};

/// Most bytes of a row with what is read ahead of it. Packed text can be a thousand times as long as its file, and a
/// row is in memory whole.
const ROW: usize = 16 << 20;

/// A text of which each row may be so long.
struct Rowwise<R> {
    inner: R,
    left: usize,
}

impl<R> Rowwise<R> {
    /// A row has been read; the next one begins.
    const fn next_row(&mut self) {
        self.left = ROW;
    }
}

impl<R: Read> Read for Rowwise<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.inner.read(buffer)?;
        self.left = self.left.checked_sub(count).ok_or_else(|| {
            let why = format!("a row of it has more than {} MiB", ROW >> 20);
            io::Error::new(io::ErrorKind::InvalidData, why)
        })?;
        Ok(count)
    }
}

fn reader(input: Box<dyn Read + Send>) -> ::csv::Reader<Rowwise<Box<dyn Read + Send>>> {
    // Widths are checked here, so that the message can say what was found.
    ReaderBuilder::new()
        .has_headers(true)
        .flexible(true)
        .buffer_capacity(1 << 18)
        .from_reader(Rowwise { inner: input, left: ROW })
}

pub(super) fn layout(part: &Part, options: &ReadOptions) -> Result<Layout, IngestError> {
    let mut reader = reader(open(part)?);
    let header = reader.byte_headers().map_err(|e| unreadable(part, &reason(&e)))?;
    let header: Vec<String> =
        header.iter().map(|name| String::from_utf8_lossy(name).into_owned()).collect();
    Layout::detect(&header, options.schema)
        .map_err(|error| match error {
            LayoutError::Doubled { .. } => error,
            _ => separated(&header).unwrap_or(error),
        })
        .map_err(|source| IngestError::Layout { file: part.name.clone(), source })
}

fn reason(error: &::csv::Error) -> String {
    match error.kind() {
        ::csv::ErrorKind::Io(error) => error.to_string(),
        _ => error.to_string(),
    }
}

/// Reads one file, giving its rows batch by batch. Returns how many there were.
pub(super) fn read<E: From<IngestError>>(
    part: &Part,
    layout: &Layout,
    codes: &Codes,
    wanted: Wanted,
    give: &mut dyn FnMut(&Batch) -> Result<(), E>,
) -> Result<u64, E> {
    let mut reader = reader(open(part)?);
    let header = reader.byte_headers().map_err(|e| unreadable(part, &reason(&e)))?;
    let header = header.clone();
    let (width, breaks) = (header.len() as u64, header.iter().flatten().filter(|b| **b == b'\n'));
    // Of a line that ends in CR LF, the reader counts the LF with the next record.
    let behind = (2 + breaks.count() as u64).saturating_sub(reader.position().line());
    let mut rows = Rows::new(layout, codes, wanted);
    let mut record = ByteRecord::new();
    let (mut batch, mut count) = (Batch::default(), 0u64);
    while reader.read_byte_record(&mut record).map_err(|e| unreadable(part, &reason(&e)))? {
        reader.get_mut().next_row();
        let line = record.position().map_or(0, ::csv::Position::line) + behind;
        let added = match record.len() as u64 {
            found if found != width => Err(RowError::Width { expected: width, found }),
            _ => rows.add(&mut batch, &record),
        };
        if let Err(source) = added {
            // Files that were put together have the header of each.
            if record == header {
                continue;
            }
            let (file, place) = (part.name.clone(), format!(":{line}"));
            let error = IngestError::Row { file, place, source };
            if !codes.passed_over.take(&error) {
                return Err(error.into());
            }
            continue;
        }
        if wanted.place {
            batch.place.push(line);
        }
        count += 1;
        if batch.len() == Batch::ROWS {
            give(&batch)?;
            batch.clear();
        }
    }
    if !batch.is_empty() {
        give(&batch)?;
    }
    codes.remarked.add(Remarks { rounded: rows.rounded, ..Remarks::default() });
    Ok(count)
}

/// Turns records into rows of codes. Each distinct cell is looked at once.
struct Rows<'a> {
    layout: &'a Layout,
    codes: &'a Codes,
    wanted: Wanted,
    texts: [HashMap<Box<[u8]>, u32>; CODED.len()],
    periods: HashMap<Box<[u8]>, u32>,
    traits: HashMap<Box<[u8]>, ChargeTraits>,
    key: Vec<u8>,
    rounded: u64,
}

impl<'a> Rows<'a> {
    fn new(layout: &'a Layout, codes: &'a Codes, wanted: Wanted) -> Self {
        let (texts, periods, traits) = Default::default();
        Self { layout, codes, wanted, texts, periods, traits, key: Vec::new(), rounded: 0 }
    }

    fn add(&mut self, batch: &mut Batch, record: &ByteRecord) -> Result<(), RowError> {
        let mut coded = [NONE; CODED.len()];
        for (slot, code) in coded.iter_mut().enumerate() {
            *code = self.code(slot, record)?;
        }
        if coded[CURRENCY] == NONE {
            return Err(RowError::Empty { column: rows::column(self.layout, Field::Currency) });
        }
        let period = self.period(record)?;
        let (cost, rounded) = self.cost(record)?;
        let traits = self.kind(record)?;
        for (column, code) in CODED.iter().zip(coded) {
            if (column.wanted)(self.wanted) {
                (column.out)(batch).push(code);
            }
        }
        batch.period.push(period);
        batch.cost.push(cost.units());
        batch.traits.push(traits);
        self.rounded += u64::from(rounded);
        Ok(())
    }

    fn cell<'r>(&self, field: Field, record: &'r ByteRecord) -> &'r [u8] {
        self.layout.column(field).and_then(|at| record.get(at)).unwrap_or_default()
    }

    fn utf8<'r>(&self, field: Field, record: &'r ByteRecord) -> Result<&'r str, RowError> {
        let encoding = |_| RowError::Encoding { column: rows::column(self.layout, field) };
        std::str::from_utf8(self.cell(field, record)).map_err(encoding)
    }

    /// The code of a column of [`CODED`].
    fn code(&mut self, slot: usize, record: &ByteRecord) -> Result<u32, RowError> {
        let Coded { field, meaning, texts, wanted, .. } = CODED[slot];
        if !wanted(self.wanted) {
            return Ok(NONE);
        }
        let cell = self.cell(field, record);
        if let Some(&code) = self.texts[slot].get(cell) {
            return Ok(code);
        }
        if cell.len() > rows::TEXT {
            let (column, bytes) = (rows::column(self.layout, field), cell.len());
            return Err(RowError::Long { column, bytes });
        }
        let text = meaning.of(self.utf8(field, record)?);
        let code = text.map_or(NONE, |text| texts(self.codes).code(&text));
        self.texts[slot].insert(cell.into(), code);
        Ok(code)
    }

    fn period(&mut self, record: &ByteRecord) -> Result<u32, RowError> {
        let (from, to) = match self.layout.schema {
            Schema::Focus | Schema::Own => (Field::ChargePeriodStart, Field::ChargePeriodEnd),
            Schema::CostManagement => (Field::Date, Field::Date),
        };
        self.key.clear();
        self.key.extend_from_slice(self.cell(from, record));
        self.key.push(b'\n');
        self.key.extend_from_slice(self.cell(to, record));
        if let Some(&code) = self.periods.get(self.key.as_slice()) {
            return Ok(code);
        }
        let start = self.instant(from, record)?;
        let period = match self.layout.schema {
            Schema::Focus | Schema::Own => period(start, self.instant(to, record)?)?,
            Schema::CostManagement => day_of(start)?,
        };
        let code = self.codes.periods.code(period);
        self.periods.insert(self.key.as_slice().into(), code);
        Ok(code)
    }

    fn instant(&self, field: Field, record: &ByteRecord) -> Result<Instant, RowError> {
        let text = self.utf8(field, record)?;
        let column = || rows::column(self.layout, field);
        let Some(text) = values::present(text) else {
            return Err(RowError::Empty { column: column() });
        };
        values::instant(text, self.layout.schema)
            .ok_or_else(|| RowError::Date { column: column(), text: rows::shown(text) })
    }

    fn cost(&self, record: &ByteRecord) -> Result<(Money, bool), RowError> {
        let column = || rows::column(self.layout, Field::Cost);
        let Some(text) = values::present(self.utf8(Field::Cost, record)?) else {
            return Err(RowError::Empty { column: column() });
        };
        Money::rounding(text).map_err(|source| RowError::Money { column: column(), source })
    }

    fn kind(&mut self, record: &ByteRecord) -> Result<ChargeTraits, RowError> {
        self.key.clear();
        for field in TRAITS {
            let cell = self.layout.column(field).and_then(|at| record.get(at)).unwrap_or_default();
            self.key.extend_from_slice(cell);
            self.key.push(b'\n');
        }
        if let Some(&known) = self.traits.get(self.key.as_slice()) {
            return Ok(known);
        }
        for field in TRAITS {
            self.utf8(field, record)?;
        }
        let cell = |field| std::str::from_utf8(self.cell(field, record)).ok();
        let found = traits(&rows::inputs(self.layout, cell)).map_err(RowError::Kind)?;
        self.traits.insert(self.key.as_slice().into(), found);
        Ok(found)
    }
}

/// The UTC day of an instant: native exports have days, not periods.
pub(super) fn day_of(start: Instant) -> Result<pal_model::Interval, RowError> {
    let start = start.day_start();
    let end = Instant::from_nanoseconds(start.nanoseconds() + 1).unwrap_or(Instant::MAX).day_end();
    period(start, end)
}

#[cfg(test)]
mod tests {
    use std::io::repeat;

    use super::*;

    #[test]
    fn a_row_without_an_end_is_not_read_into_memory() {
        let mut rows = reader(Box::new(repeat(b'a')));
        let error = rows.read_byte_record(&mut ByteRecord::new()).unwrap_err();
        assert!(error.to_string().contains("more than 16 MiB"), "{error}");
    }

    #[test]
    fn many_rows_may_be_longer_than_one() {
        let text = "a,b\n".repeat(2_000).into_bytes();
        let mut rows = reader(Box::new(std::io::Cursor::new(text)));
        rows.get_mut().left = 1 << 18;
        let (mut record, mut count) = (ByteRecord::new(), 0);
        while rows.read_byte_record(&mut record).unwrap() {
            rows.get_mut().next_row();
            count += 1;
        }
        assert_eq!(count, 1_999, "the first one is the header");
    }
}
