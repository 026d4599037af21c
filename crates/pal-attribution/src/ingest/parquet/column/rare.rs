//! Columns in encodings that hardly any cost file has, by the library's own readers.

use std::sync::Arc;

use ::parquet::column::reader::{ColumnReader, ColumnReaderImpl, get_column_reader};
use ::parquet::data_type::DataType;
use ::parquet::file::metadata::ColumnChunkMetaData;
use ::parquet::file::serialized_reader::SerializedPageReader;

use super::fault::Fault;
use super::fixed::{Number, spread, without_value};
use super::form::Storage;
use super::list::{List, NOTHING};
use super::pages::Source;

/// A column whose pages the library reads.
pub struct Rare {
    reader: ColumnReader,
    optional: bool,
    levels: Vec<i16>,
}

/// Reads rows: which of them have a value is in `levels`, their values are given.
fn read<T: DataType>(
    reader: &mut ColumnReaderImpl<T>,
    levels: Option<&mut Vec<i16>>,
    rows: usize,
) -> Result<Vec<T::T>, Fault> {
    let mut values = Vec::new();
    let (found, _, _) = reader.read_records(rows, levels, None, &mut values)?;
    if found == rows { Ok(values) } else { Err(Fault::FEWER) }
}

/// Reads rows and writes their values as plain pages have them.
fn plain(
    reader: &mut ColumnReader,
    levels: Option<&mut Vec<i16>>,
    rows: usize,
    out: &mut Vec<u8>,
) -> Result<Storage, Fault> {
    Ok(match reader {
        ColumnReader::Int32ColumnReader(reader) => {
            out.extend(read(reader, levels, rows)?.into_iter().flat_map(i32::to_le_bytes));
            Storage::Int32
        }
        ColumnReader::Int64ColumnReader(reader) => {
            out.extend(read(reader, levels, rows)?.into_iter().flat_map(i64::to_le_bytes));
            Storage::Int64
        }
        ColumnReader::Int96ColumnReader(reader) => {
            for value in read(reader, levels, rows)? {
                out.extend(value.data().iter().flat_map(|part| part.to_le_bytes()));
            }
            Storage::Int96
        }
        ColumnReader::FloatColumnReader(reader) => {
            out.extend(read(reader, levels, rows)?.into_iter().flat_map(f32::to_le_bytes));
            Storage::Float
        }
        ColumnReader::DoubleColumnReader(reader) => {
            out.extend(read(reader, levels, rows)?.into_iter().flat_map(f64::to_le_bytes));
            Storage::Double
        }
        ColumnReader::FixedLenByteArrayColumnReader(reader) => {
            let values = read(reader, levels, rows)?;
            let width = values.first().map_or(1, |value| value.data().len());
            values.iter().flat_map(|value| value.data()).for_each(|byte| out.push(*byte));
            Storage::Fixed(width)
        }
        ColumnReader::BoolColumnReader(_) | ColumnReader::ByteArrayColumnReader(_) => {
            return Err(Fault::Damaged("a column of texts has numbers"));
        }
    })
}

impl Rare {
    pub fn new(source: Source<'_>, chunk: &ColumnChunkMetaData, rows: u64) -> Result<Self, Fault> {
        let file = Arc::new(source.file.try_clone()?);
        let rows = usize::try_from(rows).map_err(|_| Fault::FEWER)?;
        let pages = SerializedPageReader::new(file, chunk, rows, None)?;
        let column = chunk.column_descr_ptr();
        let optional = column.max_def_level() > 0;
        let reader = get_column_reader(column, Box::new(pages));
        Ok(Self { reader, optional, levels: Vec::new() })
    }

    fn present(&self) -> Vec<bool> {
        self.levels.iter().map(|level| *level > 0).collect()
    }

    pub fn strings(
        &mut self,
        rows: usize,
        list: &mut List,
        keys: &mut Vec<u32>,
    ) -> Result<(), Fault> {
        self.levels.clear();
        let levels = self.optional.then_some(&mut self.levels);
        let from = keys.len();
        match &mut self.reader {
            ColumnReader::ByteArrayColumnReader(reader) => {
                for value in read(reader, levels, rows)? {
                    keys.push(list.number(value.data())?);
                }
            }
            ColumnReader::FixedLenByteArrayColumnReader(reader) => {
                for value in read(reader, levels, rows)? {
                    keys.push(list.number(value.data())?);
                }
            }
            _ => return Err(Fault::Damaged("a column of numbers has texts")),
        }
        if self.optional {
            spread(keys, from, &self.present(), NOTHING)?;
        }
        Ok(())
    }

    /// Appends numbers, and the rows without one to `missing`.
    pub fn numbers<T: Number>(
        &mut self,
        rows: usize,
        values: &mut Vec<T>,
        missing: &mut Vec<usize>,
    ) -> Result<(), Fault> {
        self.levels.clear();
        let levels = self.optional.then_some(&mut self.levels);
        let mut bytes = Vec::new();
        let storage = plain(&mut self.reader, levels, rows, &mut bytes)?;
        let from = values.len();
        let mut at = 0;
        let width = storage.width().max(1);
        T::plain(storage, &bytes, &mut at, bytes.len() / width, values)?;
        if self.optional {
            let present = self.present();
            spread(values, from, &present, T::default())?;
            missing.extend(without_value(from, &present));
        }
        Ok(())
    }

    pub fn skip(&mut self, rows: usize) -> Result<(), Fault> {
        let skipped = match &mut self.reader {
            ColumnReader::BoolColumnReader(reader) => reader.skip_records(rows)?,
            ColumnReader::Int32ColumnReader(reader) => reader.skip_records(rows)?,
            ColumnReader::Int64ColumnReader(reader) => reader.skip_records(rows)?,
            ColumnReader::Int96ColumnReader(reader) => reader.skip_records(rows)?,
            ColumnReader::FloatColumnReader(reader) => reader.skip_records(rows)?,
            ColumnReader::DoubleColumnReader(reader) => reader.skip_records(rows)?,
            ColumnReader::ByteArrayColumnReader(reader) => reader.skip_records(rows)?,
            ColumnReader::FixedLenByteArrayColumnReader(reader) => reader.skip_records(rows)?,
        };
        if skipped == rows { Ok(()) } else { Err(Fault::FEWER) }
    }

    /// After the last row: whether there is nothing more.
    pub fn finish(&mut self) -> Result<(), Fault> {
        if self.skip(1).is_ok() { Err(Fault::MORE) } else { Ok(()) }
    }
}
