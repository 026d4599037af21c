//! The different texts of a column: its dictionary, and texts that stand in pages themselves.

use std::hash::BuildHasher;

use hashbrown::{DefaultHashBuilder, HashTable};

use super::fault::Fault;

/// Byte strings by number. Numbers stay true until [`List::renew`] forgets those behind the
/// dictionary, which the generation tells.
#[derive(Default)]
pub struct List {
    /// Whether the strings are texts.
    is_text: bool,
    bytes: Vec<u8>,
    /// Where each string ends.
    ends: Vec<usize>,
    dictionary: usize,
    generation: u64,
    /// Strings behind the dictionary, by content.
    known: HashTable<u32>,
    hasher: DefaultHashBuilder,
}

/// Strings behind the dictionary are forgotten when there are more of them, or longer ones.
const MOST: usize = 1 << 16;
const MOST_BYTES: usize = 8 << 20;

const SHORT: Fault = Fault::Damaged("a page has fewer values than it says");

/// The length of the string at a place, which stands before it, and the string.
fn string<'p>(page: &'p [u8], at: &mut usize) -> Result<&'p [u8], Fault> {
    let rest = page.get(*at..).ok_or(SHORT)?;
    let (length, rest) = rest.split_first_chunk().ok_or(SHORT)?;
    let length = u32::from_le_bytes(*length) as usize;
    let found = rest.get(..length).ok_or(SHORT)?;
    *at += 4 + length;
    Ok(found)
}

impl List {
    pub fn new(is_text: bool) -> Self {
        Self { is_text, ..Self::default() }
    }

    pub const fn len(&self) -> usize {
        self.ends.len()
    }

    /// How many strings keep their number.
    pub const fn dictionary(&self) -> usize {
        self.dictionary
    }

    pub const fn generation(&self) -> u64 {
        self.generation
    }

    pub fn bytes(&self, at: usize) -> &[u8] {
        let start = at.checked_sub(1).map_or(0, |before| self.ends[before]);
        &self.bytes[start..self.ends[at]]
    }

    /// A string of a list of texts.
    pub fn text(&self, at: usize) -> &str {
        str::from_utf8(self.bytes(at)).unwrap_or_default()
    }

    fn push(&mut self, string: &[u8]) -> Result<u32, Fault> {
        if self.is_text && str::from_utf8(string).is_err() {
            return Err(Fault::Damaged("a text is not UTF-8"));
        }
        let number = u32::try_from(self.ends.len()).ok().filter(|number| *number < NOTHING);
        self.bytes.extend_from_slice(string);
        self.ends.push(self.bytes.len());
        number.ok_or(Fault::Damaged("it has too many texts"))
    }

    /// Begins anew with the strings of a dictionary page.
    pub fn set_dictionary(
        &mut self,
        page: &[u8],
        values: usize,
        width: Option<usize>,
    ) -> Result<(), Fault> {
        self.bytes.clear();
        self.ends.clear();
        self.known.clear();
        self.generation += 1;
        let mut at = 0;
        for _ in 0..values {
            let string = next(page, &mut at, width)?;
            self.push(string)?;
        }
        self.dictionary = values;
        Ok(())
    }

    /// Before a batch: forgets strings behind the dictionary, if they are many.
    pub fn renew(&mut self) {
        let own = self.dictionary.checked_sub(1).map_or(0, |last| self.ends[last]);
        let many = self.ends.len() - self.dictionary > MOST;
        if many || self.bytes.len() - own > MOST_BYTES {
            self.bytes.truncate(own);
            self.ends.truncate(self.dictionary);
            self.known.clear();
            self.generation += 1;
        }
    }

    /// The number of a string that stands in a page itself.
    pub fn number(&mut self, string: &[u8]) -> Result<u32, Fault> {
        // Rows of one resource stand together in most files.
        if self.ends.len() > self.dictionary && self.bytes(self.ends.len() - 1) == string {
            return Ok(self.ends.len() as u32 - 1);
        }
        let hash = self.hasher.hash_one(string);
        let same = |number: &u32| self.bytes(*number as usize) == string;
        if let Some(number) = self.known.find(hash, same) {
            return Ok(*number);
        }
        let number = self.push(string)?;
        let Self { known, bytes, ends, hasher, .. } = self;
        let of = |number: &u32| {
            let at = *number as usize;
            let start = at.checked_sub(1).map_or(0, |before| ends[before]);
            hasher.hash_one(&bytes[start..ends[at]])
        };
        known.insert_unique(hash, number, of);
        Ok(number)
    }

    /// Appends the numbers of the next strings of a page.
    pub fn take(
        &mut self,
        page: &[u8],
        at: &mut usize,
        count: usize,
        width: Option<usize>,
        out: &mut Vec<u32>,
    ) -> Result<(), Fault> {
        for _ in 0..count {
            let string = next(page, at, width)?;
            out.push(self.number(string)?);
        }
        Ok(())
    }
}

/// In the place of the number of a string: there is none.
pub const NOTHING: u32 = u32::MAX;

/// The string at a place: of a width that all have, or with its length before it.
fn next<'p>(page: &'p [u8], at: &mut usize, width: Option<usize>) -> Result<&'p [u8], Fault> {
    let Some(width) = width else { return string(page, at) };
    let found = page.get(*at..).and_then(|rest| rest.get(..width)).ok_or(SHORT)?;
    *at += width;
    Ok(found)
}

/// What is known of each string of a list, found out once for each.
pub struct Known<V> {
    generation: u64,
    values: Vec<V>,
}

impl<V> Default for Known<V> {
    fn default() -> Self {
        Self { generation: 0, values: Vec::new() }
    }
}

impl<V> Known<V> {
    /// How many strings of the list are known.
    pub fn begin(&mut self, list: &List) -> usize {
        if self.generation != list.generation() {
            // Of a new dictionary nothing is known; else all of the old one.
            let kept = if self.values.len() >= list.dictionary() { list.dictionary() } else { 0 };
            self.values.truncate(kept);
            self.generation = list.generation();
        }
        self.values.len()
    }

    pub fn extend(&mut self, values: impl Iterator<Item = V>) {
        self.values.extend(values);
    }

    pub fn values(&self) -> &[V] {
        &self.values
    }
}
