//! Columns of numbers: amounts, instants, and whole numbers that stand for texts.

use super::fault::Fault;
use super::fixed::{Number, spread, without_value};
use super::form::Storage;
use super::pages::{Loaded, Present, Values};
use super::reader::{Reader, Skipped};

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
                    let greatest = hybrid.values(pages.padded(), count, indices, |_| ())?;
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
                    missing.extend(without_value(from, &pages.present));
                }
            }
        }
        Ok(())
    }

    /// Passes over rows.
    pub fn skip(&mut self, mut rows: usize) -> Result<(), Fault> {
        while let Skipped::Left { rows: left, read } = self.reader.skip(rows)? {
            let (values, missing) = (self.values.len(), self.missing.len());
            self.read(read)?;
            self.values.truncate(values);
            self.missing.truncate(missing);
            rows = left - read;
        }
        Ok(())
    }
}
