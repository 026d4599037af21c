//! The columns of a row group, read page by page without a library's tables between.
//!
//! A writer stores the different texts of a column once, in a dictionary page, and each row as an
//! index into it. What attribution needs of a row is the code of its text, so that the index is as
//! good as the text: [`Strings`] gives rows as numbers, and what a number stands for is looked at once.
//! Amounts and instants become [`Numbers`].
//!
//! Files are other people's: no length that they claim is allocated before as many bytes are there, and
//! a row group with other than the rows that it claims is refused.

mod codec;
mod fault;
mod fixed;
mod form;
mod header;
mod hybrid;
mod list;
mod numbers;
mod pages;
mod rare;
mod reader;
mod strings;
mod window;

#[cfg(test)]
mod tests;

use ::parquet::basic::Encoding;
use ::parquet::file::metadata::ColumnChunkMetaData;

pub use fault::Fault;
pub use fixed::decimal;
pub use form::{Form, Shape, Storage, shapes};
pub use list::{Known, NOTHING};
pub use numbers::Numbers;
use pages::Pages;
pub use pages::{Memory, Source};
use rare::Rare;
use reader::Reader;
pub use strings::Strings;

/// The rows of a column in the form that it is stored in.
pub enum Cells<'f> {
    Strings(Strings<'f>),
    /// Whole numbers, instants, and the bits of floating-point numbers.
    Whole(Numbers<'f, i64>),
    /// Decimals of at most 16 bytes.
    Wide(Numbers<'f, i128>),
    /// Not read, because nothing can be made of them.
    Nothing,
}

/// A column of a row group.
pub struct Column<'f> {
    pub shape: &'f Shape,
    pub cells: Cells<'f>,
}

impl<'f> Column<'f> {
    /// A column of a row group that has so many rows.
    pub fn new(
        source: Source<'f>,
        shape: &'f Shape,
        chunk: &ColumnChunkMetaData,
        rows: u64,
        memory: Memory,
    ) -> Result<Self, Fault> {
        if matches!(shape.form, Form::Null | Form::Other) {
            return Ok(Self { shape, cells: Cells::Nothing });
        }
        let reader = if chunk.encodings().all(is_read) {
            Reader::Own(Box::new(Pages::new(source, chunk, rows, memory)?))
        } else {
            Reader::Rare(Box::new(Rare::new(source, chunk, rows)?))
        };
        let cells = match shape.storage {
            Storage::Bytes => Cells::Strings(Strings::new(reader, shape.form == Form::Text, None)),
            Storage::Fixed(width @ 1..=16) => {
                Cells::Wide(Numbers::new(reader, Storage::Fixed(width)))
            }
            Storage::Fixed(width) => Cells::Strings(Strings::new(reader, false, Some(width))),
            storage => Cells::Whole(Numbers::new(reader, storage)),
        };
        Ok(Self { shape, cells })
    }

    /// Begins a batch.
    pub fn clear(&mut self) {
        match &mut self.cells {
            Cells::Strings(cells) => cells.clear(),
            Cells::Whole(cells) => cells.clear(),
            Cells::Wide(cells) => cells.clear(),
            Cells::Nothing => {}
        }
    }

    /// Appends rows to the batch.
    pub fn read(&mut self, rows: usize) -> Result<(), Fault> {
        match &mut self.cells {
            Cells::Strings(cells) => cells.read(rows),
            Cells::Whole(cells) => cells.read(rows),
            Cells::Wide(cells) => cells.read(rows),
            Cells::Nothing => Ok(()),
        }
    }

    /// Passes over rows.
    pub fn skip(&mut self, rows: usize) -> Result<(), Fault> {
        match &mut self.cells {
            Cells::Strings(cells) => cells.skip(rows),
            Cells::Whole(cells) => cells.skip(rows),
            Cells::Wide(cells) => cells.skip(rows),
            Cells::Nothing => Ok(()),
        }
    }

    /// After the last row of the row group: whether the column ends there, too.
    pub fn finish(&mut self) -> Result<(), Fault> {
        match &mut self.cells {
            Cells::Strings(cells) => cells.reader.finish(),
            Cells::Whole(cells) => cells.reader.finish(),
            Cells::Wide(cells) => cells.reader.finish(),
            Cells::Nothing => Ok(()),
        }
    }

    /// Its memory, for another column.
    pub fn into_memory(self) -> Memory {
        let reader = match self.cells {
            Cells::Strings(cells) => cells.reader,
            Cells::Whole(cells) => cells.reader,
            Cells::Wide(cells) => cells.reader,
            Cells::Nothing => return Memory::default(),
        };
        match reader {
            Reader::Own(pages) => pages.into_memory(),
            Reader::Rare(_) => Memory::default(),
        }
    }
}

/// Whether an encoding is read here. Old writers name one of the levels that a column has not.
fn is_read(encoding: Encoding) -> bool {
    #[expect(deprecated, reason = "old files name it")]
    let old = encoding == Encoding::BIT_PACKED;
    let known =
        [Encoding::PLAIN, Encoding::PLAIN_DICTIONARY, Encoding::RLE, Encoding::RLE_DICTIONARY];
    old || known.contains(&encoding)
}
