//! Which rows make a piece another one than the piece that is known.

use std::sync::atomic::AtomicU64;
use std::sync::{Mutex, PoisonError};

use hashbrown::HashMap;
use pal_attribution::ingest::{Batch, Codes, Container, Part, ReadOptions, Run, Wanted, read};
use serde::{Deserialize, Serialize};

use super::DecodeError;
use super::digest::Known;

/// A piece among the rows of exports.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Unit {
    /// The run it is of; `None` = loose files.
    pub source: Option<Run>,
    /// (year, 1 – 12).
    pub month: (i16, i8),
    /// As in [`super::Piece`].
    pub subject: String,
}

/// How the rows of files differ from those that are known.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Difference {
    /// The first rows that are not known: `FILE:LINE`, `FILE, row N`.
    pub places: Vec<String>,
    /// How many rows are not known.
    pub unknown: u64,
    /// How many known rows are not in the files.
    pub missing: u64,
}

/// Compares the rows of a piece in `fresh` with all rows of `known` (charge files); names the first
/// `most` that are new.
///
/// # Errors
/// Something cannot be read.
pub fn differences(
    known: &[Part],
    fresh: &[Part],
    options: &ReadOptions,
    unit: &Unit,
    most: usize,
) -> Result<Difference, DecodeError> {
    let mut counts: HashMap<[u8; 64], u64> = HashMap::new();
    each(known, options, &mut |_, digests, _, _| {
        for digest in digests {
            *counts.entry(*digest).or_default() += 1;
        }
    })?;
    let mut found = Difference::default();
    let mine: Vec<Part> = fresh.iter().filter(|part| part.run == unit.source).cloned().collect();
    each(&mine, options, &mut |part, digests, batch, texts| {
        for (at, digest) in digests.iter().enumerate() {
            if !unit.has(batch, at, texts) {
                continue;
            }
            match counts.get_mut(digest) {
                Some(left) if *left > 0 => *left -= 1,
                _ => {
                    found.unknown += 1;
                    if found.places.len() < most {
                        found.places.push(place(part, batch.place[at]));
                    }
                }
            }
        }
    })?;
    found.missing = counts.values().sum();
    Ok(found)
}

impl Unit {
    fn has(&self, batch: &Batch, at: usize, texts: &Known) -> bool {
        let subscription = texts.subscriptions.text(batch.subscription[at]);
        let subject = match subscription {
            Some((folded, _)) => **folded == *self.subject,
            None => self.subject.is_empty() || self.subject.starts_with('@'),
        };
        let period = texts.periods[batch.period[at] as usize];
        subject && period.from().month() == self.month
    }
}

/// How messages call a row.
pub(super) fn place(part: &Part, place: u64) -> String {
    match part.container {
        Container::Parquet => format!("{}, row {place}", part.name),
        Container::Csv | Container::CsvGzip => format!("{}:{place}", part.name),
    }
}

/// What is looked at: a part, the digests of a batch of its rows, the batch, the texts.
type Look<'l> = dyn FnMut(&Part, &[[u8; 64]], &Batch, &Known) + Send + 'l;

fn each(parts: &[Part], options: &ReadOptions, look: &mut Look) -> Result<(), DecodeError> {
    let codes = Codes::default();
    let state = Mutex::new((Known::default(), look));
    let wanted = Wanted { category: true, service: true, place: true, ..Wanted::default() };
    let rows = AtomicU64::new(0);
    for part in parts {
        read(
            std::slice::from_ref(part),
            options,
            &codes,
            wanted,
            1,
            &rows,
            || (),
            |(), batch| {
                let mut state = state.lock().unwrap_or_else(PoisonError::into_inner);
                let (known, look) = &mut *state;
                known.renew(&codes);
                let digests: Vec<_> = (0..batch.len()).map(|at| known.digest(batch, at)).collect();
                look(part, &digests, batch, known);
                Ok::<(), DecodeError>(())
            },
        )?;
    }
    Ok(())
}
