//! Who reads the pages of a column.

use super::fault::Fault;
use super::pages::Pages;
use super::rare::Rare;

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
