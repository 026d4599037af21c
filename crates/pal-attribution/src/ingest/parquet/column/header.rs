//! Headers of pages: a structure of Thrift's compact protocol before the bytes of each page.
//!
//! A header may be followed by anything and may end anywhere: nothing is allocated here, and every
//! step takes at least one byte.

use super::fault::Fault;

/// How values or levels are written. Others than these are left to the library.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Encoding {
    Plain,
    /// Indices into the dictionary page, under either of its two numbers.
    Dictionary,
    Rle,
    /// Levels of old writers.
    BitPacked,
    Other,
}

impl Encoding {
    const fn of(number: i64) -> Self {
        match number {
            0 => Self::Plain,
            2 | 8 => Self::Dictionary,
            3 => Self::Rle,
            4 => Self::BitPacked,
            _ => Self::Other,
        }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    Data {
        rows: usize,
        encoding: Encoding,
        levels: Encoding,
    },
    /// Levels stand before the values and are never compressed.
    DataV2 {
        rows: usize,
        encoding: Encoding,
        definition_bytes: usize,
        repetition_bytes: usize,
        is_compressed: bool,
    },
    Dictionary {
        values: usize,
        encoding: Encoding,
    },
    /// A page that says nothing about values.
    Index,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PageHeader {
    pub kind: Kind,
    /// Bytes of the page in the file.
    pub stored: usize,
    /// Bytes of the page when it is decompressed, as it says.
    pub unpacked: usize,
}

/// Why a header cannot be read from some bytes.
#[derive(Debug)]
pub enum NoHeader {
    /// It is longer.
    Short,
    Wrong(Fault),
}

const WRONG: NoHeader = NoHeader::Wrong(Fault::Damaged("a page header is not one"));

/// Structures inside structures: statistics are on the third level.
const DEPTH: usize = 8;

impl PageHeader {
    /// The header at the beginning of some bytes, and its length.
    pub fn parse(bytes: &[u8]) -> Result<(Self, usize), NoHeader> {
        let mut input = Input { bytes, at: 0 };
        let mut numbers = [None; 4];
        // By the number of the field: 5 data, 7 dictionary, 8 data of the second version.
        let mut own = [[None; 8]; 3];
        input.structure(DEPTH, &mut |input, field, form| {
            let place = match field {
                1..=3 => {
                    numbers[field as usize] = input.number(form)?;
                    return Ok(numbers[field as usize].is_some());
                }
                5 => 0,
                7 => 1,
                8 => 2,
                _ => return Ok(false),
            };
            if form != STRUCTURE {
                return Err(WRONG);
            }
            input.structure(DEPTH - 1, &mut |input, field, form| {
                let Some(slot) = own[place].get_mut(field as usize) else { return Ok(false) };
                *slot = input.number(form)?;
                Ok(slot.is_some())
            })?;
            Ok(true)
        })?;
        let size = |number: Option<i64>| {
            number.and_then(|n| i32::try_from(n).ok()).and_then(|n| usize::try_from(n).ok())
        };
        let count = |place: usize, field: usize| size(own[place][field]).ok_or(WRONG);
        let encoding =
            |place: usize, field: usize| Ok(Encoding::of(own[place][field].ok_or(WRONG)?));
        let kind = match numbers[1].ok_or(WRONG)? {
            0 => Kind::Data {
                rows: count(0, 1)?,
                encoding: encoding(0, 2)?,
                levels: encoding(0, 3)?,
            },
            1 => Kind::Index,
            2 => Kind::Dictionary { values: count(1, 1)?, encoding: encoding(1, 2)? },
            3 => Kind::DataV2 {
                rows: count(2, 1)?,
                encoding: encoding(2, 4)?,
                definition_bytes: count(2, 5)?,
                repetition_bytes: count(2, 6)?,
                is_compressed: own[2][7] != Some(0),
            },
            _ => return Err(WRONG),
        };
        let unpacked = size(numbers[2]).ok_or(WRONG)?;
        let stored = size(numbers[3]).ok_or(WRONG)?;
        Ok((Self { kind, stored, unpacked }, input.at))
    }
}

const TRUE: u8 = 1;
const FALSE: u8 = 2;
const BYTE: u8 = 3;
const DOUBLE: u8 = 7;
const BINARY: u8 = 8;
const STRUCTURE: u8 = 12;

struct Input<'a> {
    bytes: &'a [u8],
    at: usize,
}

type OnField<'o, 'a> = &'o mut dyn FnMut(&mut Input<'a>, i64, u8) -> Result<bool, NoHeader>;

impl<'a> Input<'a> {
    fn byte(&mut self) -> Result<u8, NoHeader> {
        let byte = *self.bytes.get(self.at).ok_or(NoHeader::Short)?;
        self.at += 1;
        Ok(byte)
    }

    fn pass(&mut self, bytes: u64) -> Result<(), NoHeader> {
        let left = (self.bytes.len() - self.at) as u64;
        if bytes > left {
            return Err(NoHeader::Short);
        }
        self.at += bytes as usize;
        Ok(())
    }

    fn varint(&mut self) -> Result<u64, NoHeader> {
        let mut value = 0u64;
        for shift in (0..64).step_by(7) {
            let byte = self.byte()?;
            value |= u64::from(byte & 0x7f) << shift;
            if byte < 0x80 {
                return Ok(value);
            }
        }
        Err(WRONG)
    }

    fn zigzag(&mut self) -> Result<i64, NoHeader> {
        let value = self.varint()?;
        Ok((value >> 1).cast_signed() ^ -((value & 1).cast_signed()))
    }

    /// A whole number or a truth value; `None` = another form, which is left where it is.
    fn number(&mut self, form: u8) -> Result<Option<i64>, NoHeader> {
        Ok(Some(match form {
            TRUE => 1,
            FALSE => 0,
            BYTE => i64::from(self.byte()?.cast_signed()),
            4..=6 => self.zigzag()?,
            _ => return Ok(None),
        }))
    }

    /// Reads the fields of a structure; those that `take` does not want are passed over.
    fn structure(&mut self, depth: usize, take: OnField<'_, 'a>) -> Result<(), NoHeader> {
        let mut field = 0i64;
        loop {
            let byte = self.byte()?;
            if byte == 0 {
                return Ok(());
            }
            field = match i64::from(byte >> 4) {
                0 => self.zigzag()?,
                step => field.checked_add(step).ok_or(WRONG)?,
            };
            let form = byte & 0x0f;
            // A negative number is the number of no field.
            if field < 0 || !take(self, field, form)? {
                self.pass_over(form, depth)?;
            }
        }
    }

    fn pass_over(&mut self, form: u8, depth: usize) -> Result<(), NoHeader> {
        let depth = depth.checked_sub(1).ok_or(WRONG)?;
        match form {
            TRUE | FALSE => Ok(()),
            BYTE => self.pass(1),
            4..=6 => self.varint().map(|_| ()),
            DOUBLE => self.pass(8),
            BINARY => {
                let length = self.varint()?;
                self.pass(length)
            }
            9 | 10 => self.list(depth),
            STRUCTURE => self.structure(depth, &mut |_, _, _| Ok(false)),
            // Maps and the rest are in no header.
            _ => Err(WRONG),
        }
    }

    fn list(&mut self, depth: usize) -> Result<(), NoHeader> {
        let byte = self.byte()?;
        let (form, count) = (byte & 0x0f, u64::from(byte >> 4));
        let count = if count == 15 { self.varint()? } else { count };
        for _ in 0..count {
            // A truth value has a byte of its own here: each turn takes at least one.
            match form {
                TRUE | FALSE => self.pass(1)?,
                form => self.pass_over(form, depth)?,
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Type 0, 10 and 9 bytes, 3 values, dictionary indices, levels by RLE, and statistics.
    const DATA: [u8; 25] = [
        0x15, 0, 0x15, 20, 0x15, 18, 0x2c, 0x15, 6, 0x15, 16, 0x15, 6, 0x15, 6, 0x1c, 0x18, 1,
        b'a', 0x18, 1, b'b', 0, 0, 0,
    ];

    #[test]
    fn a_header_is_read_and_its_end_found() {
        let kind = Kind::Data { rows: 3, encoding: Encoding::Dictionary, levels: Encoding::Rle };
        let header = PageHeader { kind, stored: 9, unpacked: 10 };
        let (found, length) = PageHeader::parse(&[&DATA[..], &[1, 2, 3]].concat()).unwrap();
        assert_eq!((found, length), (header, DATA.len()));
    }

    #[test]
    fn a_header_that_ends_too_early_is_short_and_changed_bytes_do_no_harm() {
        for end in 0..DATA.len() {
            assert!(matches!(PageHeader::parse(&DATA[..end]), Err(NoHeader::Short)), "{end}");
        }
        for at in 0..DATA.len() {
            for bit in 0..8 {
                let mut bytes = DATA;
                bytes[at] ^= 1 << bit;
                let _ = PageHeader::parse(&bytes);
            }
        }
        // Lists in lists, without an end.
        assert!(matches!(PageHeader::parse(&[0x49; 100]), Err(NoHeader::Wrong(_))));
    }
}
