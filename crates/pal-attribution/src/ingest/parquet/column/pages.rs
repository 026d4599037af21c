//! The pages of one column chunk, one after another, in memory that is used again.

use std::fs::File;

use ::parquet::file::metadata::ColumnChunkMetaData;

use super::codec::Codec;
use super::fault::Fault;
use super::header::{Encoding, Kind, NoHeader, PageHeader};
use super::hybrid::{Hybrid, PADDING, Piece};
use super::window::Window;

/// A first look at a header. Most have less than 100 bytes; statistics of long texts can be long.
const HEADER: u64 = 1 << 10;

/// Memory that one column leaves to the next.
#[derive(Default)]
pub struct Memory {
    block: Vec<u8>,
    page: Vec<u8>,
}

#[cfg(test)]
impl Memory {
    /// How many bytes it is.
    pub const fn held(&self) -> usize {
        self.block.capacity() + self.page.capacity()
    }
}

/// A file and how many bytes it has.
#[derive(Clone, Copy)]
pub struct Source<'f> {
    pub file: &'f File,
    pub bytes: u64,
}

/// What has been loaded.
#[derive(Debug, Clone, Copy)]
pub enum Loaded {
    Dictionary { values: usize },
    Data,
}

/// How the values of the page are written, and where they go on.
#[derive(Debug, Clone, Copy)]
pub enum Values {
    Plain { at: usize },
    Indices(Hybrid),
}

/// Which of some rows have a value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Present {
    All,
    None,
    /// So many: [`Pages::present`] says which.
    Some(usize),
}

impl Present {
    /// How many of some rows have a value.
    pub const fn count(self, rows: usize) -> usize {
        match self {
            Self::All => rows,
            Self::None => 0,
            Self::Some(count) => count,
        }
    }
}

pub struct Pages<'f> {
    window: Window<'f>,
    codec: Codec,
    /// Whether rows may be without a value, so that pages have levels.
    optional: bool,
    /// Rows of the row group that no page has had yet.
    rows_left: u64,
    is_first: bool,
    waiting: Option<PageHeader>,
    /// The page, and [`PADDING`] bytes.
    page: Vec<u8>,
    /// Where the page ends.
    end: usize,
    /// Rows of the page that have not been taken.
    left: usize,
    levels: Option<Hybrid>,
    pub values: Values,
    pub present: Vec<bool>,
}

impl<'f> Pages<'f> {
    pub fn new(
        source: Source<'f>,
        chunk: &ColumnChunkMetaData,
        rows: u64,
        memory: Memory,
    ) -> Result<Self, Fault> {
        let start = chunk.dictionary_page_offset().unwrap_or_else(|| chunk.data_page_offset());
        let place = u64::try_from(start).ok().zip(u64::try_from(chunk.compressed_size()).ok());
        let (start, bytes) = place.ok_or(Fault::Damaged("a column is outside the file"))?;
        Ok(Self {
            window: Window::new(source.file, source.bytes, start, bytes, memory.block)?,
            codec: Codec::new(chunk.compression())?,
            optional: chunk.column_descr().max_def_level() > 0,
            rows_left: rows,
            is_first: true,
            waiting: None,
            page: memory.page,
            end: 0,
            left: 0,
            levels: None,
            values: Values::Plain { at: 0 },
            present: Vec::new(),
        })
    }

    pub fn into_memory(self) -> Memory {
        Memory { block: self.window.into_block(), page: self.page }
    }

    /// The bytes of the page.
    pub fn bytes(&self) -> &[u8] {
        &self.page[..self.end]
    }

    /// The bytes of the page and some of nothing, for decoders of indices.
    pub fn padded(&self) -> &[u8] {
        &self.page
    }

    pub const fn left(&self) -> usize {
        self.left
    }

    /// The header of the next page with values; `None` = there is none.
    fn header(&mut self) -> Result<Option<PageHeader>, Fault> {
        if self.waiting.is_some() {
            return Ok(self.waiting);
        }
        let mut look = HEADER;
        while self.window.left() > 0 {
            let all = self.window.left();
            let (header, length) = match PageHeader::parse(self.window.peek(look)?) {
                Ok(found) => found,
                Err(NoHeader::Short) if look < all => {
                    look *= 2;
                    continue;
                }
                Err(NoHeader::Short) => return Err(Fault::Damaged("a page header is cut")),
                Err(NoHeader::Wrong(fault)) => return Err(fault),
            };
            self.window.pass(length as u64);
            if header.stored as u64 > self.window.left() {
                return Err(Fault::Damaged("a page is longer than its column"));
            }
            if header.kind == Kind::Index {
                self.window.pass(header.stored as u64);
                look = HEADER;
                continue;
            }
            self.waiting = Some(header);
            return Ok(self.waiting);
        }
        Ok(None)
    }

    /// Loads the next page.
    ///
    /// # Errors
    /// There is none, although rows are missing; or it is damaged.
    pub fn load(&mut self) -> Result<Loaded, Fault> {
        let header = self.header()?.ok_or(Fault::FEWER)?;
        self.waiting = None;
        let first = std::mem::replace(&mut self.is_first, false);
        self.end = 0;
        match header.kind {
            Kind::Dictionary { values, encoding } => {
                if !first || !matches!(encoding, Encoding::Plain | Encoding::Dictionary) {
                    return Err(Fault::Damaged("a dictionary that cannot be one"));
                }
                self.unpack(header, 0, true)?;
                Ok(Loaded::Dictionary { values })
            }
            Kind::Data { rows, encoding, levels } => {
                self.begin(rows)?;
                self.unpack(header, 0, true)?;
                let values = self.levels_before_values(rows, levels)?;
                self.set_values(encoding, values)
            }
            Kind::DataV2 { rows, encoding, definition_bytes, repetition_bytes, is_compressed } => {
                self.begin(rows)?;
                let levels = definition_bytes.saturating_add(repetition_bytes);
                if levels > header.stored || levels > header.unpacked {
                    return Err(Fault::Damaged("levels longer than their page"));
                }
                self.unpack(header, levels, is_compressed)?;
                if self.optional {
                    self.levels = Some(Hybrid::new(1, repetition_bytes, levels)?);
                }
                self.set_values(encoding, levels)
            }
            Kind::Index => Err(Fault::Damaged("an index among the pages")),
        }
    }

    fn begin(&mut self, rows: usize) -> Result<(), Fault> {
        self.rows_left = self.rows_left.checked_sub(rows as u64).ok_or(Fault::MORE)?;
        self.left = rows;
        self.levels = None;
        Ok(())
    }

    /// Decompresses the page behind its first bytes, which are taken as they are.
    fn unpack(&mut self, header: PageHeader, plain: usize, compressed: bool) -> Result<(), Fault> {
        let stored = self.window.peek(header.stored as u64)?;
        let (before, packed) = stored.split_at(plain);
        if plain > 0 {
            self.page.clear();
            self.page.extend_from_slice(before);
        }
        if compressed {
            let unpacked = header.unpacked - plain;
            self.codec.decompress(packed, unpacked, &mut self.page, plain)?;
        } else {
            self.page.truncate(plain);
            self.page.extend_from_slice(packed);
        }
        self.window.pass(header.stored as u64);
        self.end = self.page.len();
        self.page.extend_from_slice(&[0; PADDING]);
        Ok(())
    }

    /// Finds the levels at the beginning of a page of the first version; where the values begin.
    fn levels_before_values(&mut self, rows: usize, encoding: Encoding) -> Result<usize, Fault> {
        if !self.optional {
            return Ok(0);
        }
        let cut = Fault::Damaged("levels longer than their page");
        let (levels, end) = match encoding {
            Encoding::Rle => {
                let length = self.bytes().first_chunk().map(|four| u32::from_le_bytes(*four));
                let end = length.and_then(|length| (length as usize).checked_add(4));
                let end = end.filter(|end| *end <= self.end).ok_or(cut)?;
                (Hybrid::new(1, 4, end)?, end)
            }
            Encoding::BitPacked => {
                let end = rows.div_ceil(8);
                if end > self.end {
                    return Err(cut);
                }
                (Hybrid::packed(1, 0, end, rows), end)
            }
            _ => return Err(Fault::Damaged("levels in an encoding that is none for them")),
        };
        self.levels = Some(levels);
        Ok(end)
    }

    fn set_values(&mut self, encoding: Encoding, at: usize) -> Result<Loaded, Fault> {
        self.values = match encoding {
            Encoding::Plain => Values::Plain { at },
            Encoding::Dictionary => {
                // A page in which no row has a value may have nothing at all.
                let width = self.bytes().get(at).copied().unwrap_or_default();
                let start = (at + 1).min(self.end);
                Values::Indices(Hybrid::new(u32::from(width), start, self.end)?)
            }
            _ => return Err(Fault::Damaged("a page in an encoding that its column does not name")),
        };
        Ok(Loaded::Data)
    }

    /// Takes the next rows of the page; which of them have a value.
    pub fn take(&mut self, rows: usize) -> Result<Present, Fault> {
        self.left -= rows;
        let Some(levels) = &mut self.levels else { return Ok(Present::All) };
        self.present.clear();
        let (mut taken, mut found) = (0, 0);
        while taken < rows {
            match levels.piece(&self.page, rows - taken)? {
                Piece::Same { value, count } => {
                    let is_there = value > 0;
                    found += if is_there { count } else { 0 };
                    taken += count;
                    if taken == rows && (found == rows || found == 0) {
                        break;
                    }
                    self.present.resize(taken, is_there);
                }
                Piece::Packed { bit, count } => {
                    found += unpack_levels(&self.page, bit, count, &mut self.present);
                    taken += count;
                }
            }
        }
        Ok(match found {
            _ if found == rows => Present::All,
            0 => Present::None,
            found => Present::Some(found),
        })
    }

    /// Passes over pages all of whose rows nobody wants, without looking into them; how many of the
    /// rows are left.
    pub fn skip_pages(&mut self, mut rows: usize) -> Result<usize, Fault> {
        while self.left == 0 && rows > 0 {
            let Some(header) = self.header()? else { return Err(Fault::FEWER) };
            let (Kind::Data { rows: has, .. } | Kind::DataV2 { rows: has, .. }) = header.kind
            else {
                break;
            };
            if has > rows {
                break;
            }
            self.begin(has)?;
            self.left = 0;
            self.window.pass(header.stored as u64);
            (self.waiting, self.is_first) = (None, false);
            rows -= has;
        }
        Ok(rows)
    }

    /// After the last row of the row group: whether there is nothing more.
    pub fn finish(&mut self) -> Result<(), Fault> {
        match self.header()?.map(|header| header.kind) {
            Some(Kind::Data { rows, .. } | Kind::DataV2 { rows, .. }) if rows > 0 => {
                Err(Fault::MORE)
            }
            _ => Ok(()),
        }
    }
}

/// The bits of each byte.
const BITS: [[bool; 8]; 256] = {
    let mut bits = [[false; 8]; 256];
    let mut byte = 0;
    while byte < 256 {
        let mut bit = 0;
        while bit < 8 {
            bits[byte][bit] = byte >> bit & 1 == 1;
            bit += 1;
        }
        byte += 1;
    }
    bits
};

/// Appends packed levels of one bit; how many of them are 1.
fn unpack_levels(page: &[u8], bit: usize, count: usize, out: &mut Vec<bool>) -> usize {
    let from = out.len();
    let (skipped, end) = (bit & 7, bit + count);
    for byte in &page[bit >> 3..end.div_ceil(8)] {
        out.extend_from_slice(&BITS[usize::from(*byte)]);
    }
    if skipped > 0 {
        out.drain(from..from + skipped);
    }
    out.truncate(from + count);
    out[from..].iter().filter(|is_there| **is_there).count()
}
