//! Who reads the pages of a column.

use super::fault::Fault;
use super::pages::Pages;
use super::rare::Rare;

/// Who reads the pages.
pub enum Reader<'f> {
    Own(Box<Pages<'f>>),
    Rare(Box<Rare>),
}

/// What is to be done after whole pages were passed over.
pub enum Skipped {
    /// So many rows are still to be passed over, and so many of them are to be read for it.
    Left {
        rows: usize,
        read: usize,
    },
    All,
}

impl Reader<'_> {
    /// Passes over rows as far as nobody must look into a page for it.
    pub fn skip(&mut self, rows: usize) -> Result<Skipped, Fault> {
        match self {
            Self::Own(pages) => Ok(match pages.skip_pages(rows)? {
                0 => Skipped::All,
                rows => Skipped::Left { rows, read: rows.min(pages.left().max(1)) },
            }),
            Self::Rare(rare) => rare.skip(rows).map(|()| Skipped::All),
        }
    }

    pub fn finish(&mut self) -> Result<(), Fault> {
        match self {
            Self::Own(pages) => pages.finish(),
            Self::Rare(rare) => rare.finish(),
        }
    }
}
