//! Values of a fixed number of bytes, and where they stand among rows without a value.

use super::fault::Fault;
use super::form::Storage;

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

/// The rows without a value, of some that begin with this one.
pub fn without_value(from: usize, present: &[bool]) -> impl Iterator<Item = usize> {
    (from..).zip(present).filter(|(_, there)| !**there).map(|(row, _)| row)
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
        if next == 0 {
            values[..row].fill(nothing);
            break;
        }
        let eight = present[..row].last_chunk::<8>();
        if eight == Some(&[false; 8]) {
            values[row - 8..row].fill(nothing);
            row -= 8;
            continue;
        }
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
