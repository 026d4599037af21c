//! Where the rows are that make a day of a subscription another one than what is known.

use std::sync::atomic::AtomicU64;
use std::sync::{Mutex, PoisonError};

use hashbrown::HashMap;
use pal_attribution::ingest::{Batch, Codes, Part, ReadOptions, read};
use serde::{Deserialize, Serialize};

use super::decode::WANTED;
use super::digest::{KnownTexts, RowDigest};
use super::{DecodeError, place};
use crate::counting::day_of;

/// Rows of one subscription, and those of them that are known.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Sought {
    /// The billed subscription, folded; empty = rows without one.
    pub subject: String,
    /// The billing account, folded; `None` = of any, or of none.
    pub account: Option<String>,
    /// The UTC days, since 1 January 1970.
    pub days: Vec<i32>,
    /// The rows that are known, each as often as it is.
    pub known: Vec<RowDigest>,
}

/// How the rows of files differ from those that are known.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Located {
    /// The first rows that are not known: `FILE:LINE`, `FILE, row N`.
    pub places: Vec<String>,
    /// How many rows are not known.
    pub unknown: u64,
    /// How many known rows are not in the files.
    pub missing: u64,
}

/// Compares rows of `parts` with those that are known, and names the first `most` that are not.
///
/// # Errors
/// Something cannot be read.
pub fn locate(
    parts: &[Part],
    options: &ReadOptions,
    sought: &Sought,
    most: usize,
) -> Result<Located, DecodeError> {
    let codes = Codes::default();
    let mut counts: HashMap<RowDigest, u64> = HashMap::new();
    for row in &sought.known {
        *counts.entry(*row).or_default() += 1;
    }
    let state = Mutex::new((KnownTexts::default(), counts, Located::default()));
    let rows = AtomicU64::new(0);
    for part in parts {
        let look = |batch: &Batch| {
            let mut state = state.lock().unwrap_or_else(PoisonError::into_inner);
            let (known, counts, found) = &mut *state;
            known.renew(&codes);
            for at in 0..batch.len() {
                if !sought.has(batch, at, known) {
                    continue;
                }
                let digest = known.digest(batch, at);
                match counts.get_mut(&digest) {
                    Some(left) if *left > 0 => *left -= 1,
                    _ => {
                        found.unknown += 1;
                        if found.places.len() < most {
                            found.places.push(place(part, batch.place[at]));
                        }
                    }
                }
            }
            Ok::<(), DecodeError>(())
        };
        let parts = std::slice::from_ref(part);
        read(parts, options, &codes, WANTED, 1, &rows, || (), |(), batch| look(batch))?;
    }
    let (_, counts, mut found) = state.into_inner().unwrap_or_else(PoisonError::into_inner);
    found.missing = counts.values().sum();
    Ok(found)
}

impl Sought {
    fn has(&self, batch: &Batch, at: usize, known: &KnownTexts) -> bool {
        let folded = |found: Option<&(_, _)>, sought: &str| match found {
            Some((folded, _)) => {
                let folded: &std::sync::Arc<str> = folded;
                **folded == *sought
            }
            None => sought.is_empty(),
        };
        let account = known.accounts.text(batch.account[at]);
        let day = day_of(known.periods[batch.period[at] as usize].from());
        self.days.contains(&day)
            && folded(known.subscriptions.text(batch.subscription[at]), &self.subject)
            // A row that names no account is of the scope's, whichever that is.
            && self.account.as_deref().is_none_or(|sought| {
                account.is_none() || folded(account, sought)
            })
    }
}
