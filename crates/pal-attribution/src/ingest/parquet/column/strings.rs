//! Columns of texts: each row is the number of one of the column's different texts.

use super::fault::Fault;
use super::fixed::spread;
use super::list::{List, NOTHING};
use super::pages::{Loaded, Present, Values};
use super::reader::{Reader, Skipped};

/// Whether the rows of a batch are all the same.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Same {
    NoRows,
    All(u32),
    No,
}

impl Same {
    fn and(self, number: u32) -> Self {
        match self {
            Self::NoRows => Self::All(number),
            Self::All(known) if known == number => self,
            Self::All(_) | Self::No => Self::No,
        }
    }
}

/// A column of texts or other byte strings, and the rows of the batch.
pub struct Strings<'f> {
    pub reader: Reader<'f>,
    /// Bytes of each string, if all have as many.
    width: Option<usize>,
    pub list: List,
    /// The rows of the batch: numbers of the list, or [`NOTHING`].
    pub keys: Vec<u32>,
    same: Same,
}

impl<'f> Strings<'f> {
    pub fn new(reader: Reader<'f>, is_text: bool, width: Option<usize>) -> Self {
        Self { reader, width, list: List::new(is_text), keys: Vec::new(), same: Same::NoRows }
    }

    /// Begins a batch.
    pub fn clear(&mut self) {
        self.keys.clear();
        self.list.renew();
        self.same = Same::NoRows;
    }

    /// What all rows of the batch have, if that is plain from how they are written.
    pub const fn constant(&self) -> Option<u32> {
        match self.same {
            Same::All(number) => Some(number),
            Same::NoRows | Same::No => None,
        }
    }

    /// Appends rows to the batch.
    pub fn read(&mut self, rows: usize) -> Result<(), Fault> {
        let Self { reader, width, list, keys, same } = self;
        let pages = match reader {
            Reader::Own(pages) => pages,
            Reader::Rare(rare) => {
                *same = Same::No;
                return rare.strings(rows, list, keys);
            }
        };
        let mut left = rows;
        while left > 0 {
            if pages.left() == 0 {
                if let Loaded::Dictionary { values } = pages.load()? {
                    list.set_dictionary(pages.bytes(), values, *width)?;
                }
                continue;
            }
            let rows = left.min(pages.left());
            left -= rows;
            let present = pages.take(rows)?;
            let (count, from) = (present.count(rows), keys.len());
            let mut place = pages.values;
            match &mut place {
                _ if count == 0 => {}
                Values::Plain { at } => {
                    *same = Same::No;
                    list.take(pages.bytes(), at, count, *width, keys)?;
                }
                Values::Indices(hybrid) => {
                    let greatest = hybrid.values(pages.padded(), count, keys, |value| {
                        *same = value.map_or(Same::No, |value| same.and(value));
                    })?;
                    if greatest as usize >= list.dictionary() {
                        return Err(Fault::Damaged("a value that its dictionary has not"));
                    }
                }
            }
            pages.values = place;
            match present {
                Present::All => {}
                Present::None => {
                    *same = same.and(NOTHING);
                    keys.resize(from + rows, NOTHING);
                }
                Present::Some(_) => {
                    *same = Same::No;
                    spread(keys, from, &pages.present, NOTHING)?;
                }
            }
        }
        Ok(())
    }

    /// Passes over rows.
    pub fn skip(&mut self, mut rows: usize) -> Result<(), Fault> {
        let same = self.same;
        while let Skipped::Left { rows: left, read } = self.reader.skip(rows)? {
            let known = self.keys.len();
            self.read(read)?;
            self.keys.truncate(known);
            rows = left - read;
        }
        self.same = same;
        Ok(())
    }
}
