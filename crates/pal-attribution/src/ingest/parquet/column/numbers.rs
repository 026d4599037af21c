//! Columns of numbers: amounts, instants, and whole numbers that stand for texts.

use super::fault::Fault;
use super::form::Storage;
use super::pages::{Loaded, Pages, Present, Values};
use super::rare::Rare;

const SHORT: Fault = Fault::Damaged("a page has fewer values than it says");

/// How numbers are made of the bytes of a page.
pub trait Number: Copy + Default {
    /// Appends so many numbers from a place on.
    fn plain(
        storage: Storage,
        page: &[u8],
        at: &mut usize,
        count: usize,
        out: &mut Vec<Self>,
    ) -> Result<(), Fault>;
}

impl Storage {
    /// Bytes of each value; 0 = it depends on the value.
    pub const fn width(self) -> usize {
        match self {
            Self::Int32 | Self::Float => 4,
            Self::Int64 | Self::Double => 8,
            Self::Int96 => 12,
            Self::Fixed(width) => width,
            Self::Bytes => 0,
        }
    }
}

/// The bytes of some values of a fixed width.
fn fixed<'p>(
    page: &'p [u8],
    at: &mut usize,
    count: usize,
    width: usize,
) -> Result<&'p [u8], Fault> {
    let bytes = count.checked_mul(width).ok_or(SHORT)?;
    let found = page.get(*at..).and_then(|rest| rest.get(..bytes)).ok_or(SHORT)?;
    *at += bytes;
    Ok(found)
}

/// Floating-point numbers are their bits, instants of 96 bits nanoseconds.
impl Number for i64 {
    fn plain(
        storage: Storage,
        page: &[u8],
        at: &mut usize,
        count: usize,
        out: &mut Vec<Self>,
    ) -> Result<(), Fault> {
        let bytes = fixed(page, at, count, storage.width())?;
        match storage {
            Storage::Int32 => {
                let four = bytes.as_chunks::<4>().0.iter();
                out.extend(four.map(|bytes| Self::from(i32::from_le_bytes(*bytes))));
            }
            Storage::Float => {
                let four = bytes.as_chunks::<4>().0.iter();
                out.extend(four.map(|bytes| Self::from(u32::from_le_bytes(*bytes))));
            }
            Storage::Int64 | Storage::Double => {
                let eight = bytes.as_chunks::<8>().0.iter();
                out.extend(eight.map(|bytes| Self::from_le_bytes(*bytes)));
            }
            Storage::Int96 => {
                let twelve = bytes.as_chunks::<12>().0.iter();
                out.extend(twelve.map(instant));
            }
            Storage::Fixed(_) | Storage::Bytes => {
                return Err(Fault::Damaged("a column of texts has numbers"));
            }
        }
        Ok(())
    }
}

/// Nanoseconds of the day, and the Julian day, as old writers have instants.
fn instant(bytes: &[u8; 12]) -> i64 {
    const EPOCH: i64 = 2_440_588;
    const DAY: i64 = 86_400_000_000_000;
    let (nanoseconds, day) = (bytes.first_chunk(), bytes.last_chunk());
    let nanoseconds = nanoseconds.map_or(0, |bytes| i64::from_le_bytes(*bytes));
    let day = day.map_or(0, |bytes| i64::from(i32::from_le_bytes(*bytes))) - EPOCH;
    day.wrapping_mul(DAY).wrapping_add(nanoseconds)
}

/// Decimals: the most significant byte first, with a sign.
impl Number for i128 {
    fn plain(
        storage: Storage,
        page: &[u8],
        at: &mut usize,
        count: usize,
        out: &mut Vec<Self>,
    ) -> Result<(), Fault> {
        let bytes = fixed(page, at, count, storage.width())?;
        match storage {
            Storage::Fixed(16) => {
                let sixteen = bytes.as_chunks::<16>().0.iter();
                out.extend(sixteen.map(|bytes| Self::from_be_bytes(*bytes)));
            }
            Storage::Fixed(width @ 1..16) => {
                let values = bytes.chunks_exact(width);
                out.extend(values.map(decimal));
            }
            _ => return Err(Fault::Damaged("a column of texts has numbers")),
        }
        Ok(())
    }
}

/// A number of at most 16 bytes; nothing is 0.
pub fn decimal(bytes: &[u8]) -> i128 {
    let sign = i128::from(bytes.first().is_some_and(|byte| *byte >= 0x80));
    bytes.iter().fold(-sign, |value, byte| value << 8 | i128::from(*byte))
}

/// Moves the values from a place on to the rows that have one.
pub fn spread<T: Copy>(
    values: &mut Vec<T>,
    from: usize,
    present: &[bool],
    nothing: T,
) -> Result<(), Fault> {
    let found = present.iter().filter(|there| **there).count();
    if values.len() - from != found {
        return Err(SHORT);
    }
    values.resize(from + present.len(), nothing);
    let values = &mut values[from..];
    let (mut row, mut next) = (present.len(), found);
    // From the end. Where as many values as rows are left, all of them stand where they belong.
    while next < row {
        let eight = present[..row].last_chunk::<8>();
        if eight == Some(&[true; 8])
            && let Some(moved) = values[..next].last_chunk::<8>().copied()
        {
            values[row - 8..row].copy_from_slice(&moved);
            (row, next) = (row - 8, next - 8);
            continue;
        }
        // Without a branch: levels of real files follow no pattern.
        for _ in 0..8.min(row) {
            row -= 1;
            let there = present[row];
            next -= usize::from(there);
            let value = values[next];
            values[row] = if there { value } else { nothing };
        }
    }
    Ok(())
}

/// Who reads the pages.
pub enum Reader<'f> {
    Own(Box<Pages<'f>>),
    Rare(Box<Rare>),
}

impl Reader<'_> {
    pub fn finish(&mut self) -> Result<(), Fault> {
        match self {
            Self::Own(pages) => pages.finish(),
            Self::Rare(rare) => rare.finish(),
        }
    }
}

/// A column of numbers, and the rows of the batch.
pub struct Numbers<'f, T> {
    pub reader: Reader<'f>,
    storage: Storage,
    dictionary: Vec<T>,
    indices: Vec<u32>,
    /// The numbers of the batch.
    pub values: Vec<T>,
    /// Its rows that have none, in order.
    pub missing: Vec<usize>,
}

impl<'f, T: Number> Numbers<'f, T> {
    pub const fn new(reader: Reader<'f>, storage: Storage) -> Self {
        Self {
            reader,
            storage,
            dictionary: Vec::new(),
            indices: Vec::new(),
            values: Vec::new(),
            missing: Vec::new(),
        }
    }

    /// Begins a batch.
    pub fn clear(&mut self) {
        self.values.clear();
        self.missing.clear();
    }

    /// Appends rows to the batch.
    pub fn read(&mut self, rows: usize) -> Result<(), Fault> {
        let Self { reader, storage, dictionary, indices, values, missing } = self;
        let pages = match reader {
            Reader::Own(pages) => pages,
            Reader::Rare(rare) => return rare.numbers(rows, values, missing),
        };
        let mut left = rows;
        while left > 0 {
            if pages.left() == 0 {
                if let Loaded::Dictionary { values } = pages.load()? {
                    dictionary.clear();
                    T::plain(*storage, pages.bytes(), &mut 0, values, dictionary)?;
                }
                continue;
            }
            let rows = left.min(pages.left());
            left -= rows;
            let present = pages.take(rows)?;
            let (count, from) = (present.count(rows), values.len());
            let mut place = pages.values;
            match &mut place {
                _ if count == 0 => {}
                Values::Plain { at } => T::plain(*storage, pages.bytes(), at, count, values)?,
                Values::Indices(hybrid) => {
                    indices.clear();
                    let greatest = hybrid.values(pages.padded(), count, indices)?;
                    if greatest as usize >= dictionary.len() {
                        return Err(Fault::Damaged("a value that its dictionary has not"));
                    }
                    values.extend(indices.iter().map(|index| dictionary[*index as usize]));
                }
            }
            pages.values = place;
            match present {
                Present::All => {}
                Present::None => {
                    missing.extend(from..from + rows);
                    values.resize(from + rows, T::default());
                }
                Present::Some(_) => {
                    spread(values, from, &pages.present, T::default())?;
                    let rows = (from..).zip(&pages.present);
                    missing.extend(rows.filter(|(_, there)| !**there).map(|(row, _)| row));
                }
            }
        }
        Ok(())
    }

    /// Passes over rows.
    pub fn skip(&mut self, mut rows: usize) -> Result<(), Fault> {
        while rows > 0 {
            rows = match &mut self.reader {
                Reader::Own(pages) => pages.skip_pages(rows)?,
                Reader::Rare(rare) => return rare.skip(rows),
            };
            let (values, missing) = (self.values.len(), self.missing.len());
            let some = match &self.reader {
                Reader::Own(pages) if pages.left() > 0 => rows.min(pages.left()),
                _ => rows.min(1),
            };
            self.read(some)?;
            self.values.truncate(values);
            self.missing.truncate(missing);
            rows -= some;
        }
        Ok(())
    }
}
