//! Cost exports into charge files.

use std::fs;
use std::io;
use std::path::Path;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::SystemTime;

use pal_attribution::ingest::{Batch, Codes, IngestError, Part, ReadOptions, Run, Wanted, read};
use pal_model::{Instant, MoneyError};

use super::diff::place;
use super::digest::{Known, file_digest};
use super::write::{ChargeFiles, Row};
use super::{Decoded, ReadFile};

/// Most pieces of an import: the decoder holds something of each row group, the service of each piece.
const PIECES: usize = 100_000;

/// Why exports were not decoded. What was written of them is of no use.
#[derive(Debug, thiserror::Error)]
pub enum DecodeError {
    /// They cannot be read.
    #[error(transparent)]
    Ingest(#[from] IngestError),
    /// A total is beyond what can be counted with.
    #[error("a total of one subscription and month: {0}")]
    Money(#[from] MoneyError),
    /// A time that charge files have no room for.
    #[error("{place}: a charge at {at}; charges from 1678 to 2261 can be kept; correct the file")]
    FarAway {
        /// The row.
        place: String,
        /// Its start.
        at: Instant,
    },
    /// More than can be kept of one import.
    #[error(
        "{0}: more than {PIECES} subscriptions and months at a time; import fewer months at a time"
    )]
    Many(String),
    /// A file was changed meanwhile.
    #[error("{0} was changed while it was read: nothing was taken; run it again")]
    Changed(String),
    /// A charge file cannot be written, or a file not be read.
    #[error(transparent)]
    Io(#[from] io::Error),
}

/// Decodes `parts` into charge files in `folder`, which must be empty; counts rows in `rows`.
///
/// # Errors
/// See [`DecodeError`].
pub fn decode(
    parts: &[Part],
    options: &ReadOptions,
    folder: &Path,
    rows: &AtomicU64,
) -> Result<Decoded, DecodeError> {
    let codes = Codes::apart();
    let decoder = Mutex::new(Decoder { known: Known::default(), files: ChargeFiles::new(folder) });
    let mut sources: Vec<Option<Run>> = Vec::new();
    let mut files = Vec::with_capacity(parts.len());
    for part in parts {
        let at = sources.iter().position(|source| *source == part.run);
        let source = at.unwrap_or_else(|| {
            sources.push(part.run.clone());
            sources.len() - 1
        });
        let before = rows.load(Ordering::Relaxed);
        let state = state(&part.path)?;
        let (sha256, bytes) = file_digest(&part.path)?;
        read_part(part, options, &codes, rows, |batch| {
            decoder.lock().unwrap_or_else(PoisonError::into_inner).add(part, batch, &codes, source)
        })?;
        if self::state(&part.path)? != state {
            return Err(DecodeError::Changed(part.name.clone()));
        }
        let rows = rows.load(Ordering::Relaxed) - before;
        files.push(ReadFile { name: part.name.clone(), sha256, bytes, rows });
    }
    let scope = |source: &Option<Run>| {
        source.as_ref().map_or_else(String::new, |run| format!("@{}", run.scope))
    };
    let scopes: Vec<String> = sources.iter().map(scope).collect();
    let Decoder { known, files: charges } =
        decoder.into_inner().unwrap_or_else(PoisonError::into_inner);
    let (written, pieces) = charges.finish(&known, &scopes)?;
    Ok(Decoded { sources, read: files, files: written, pieces })
}

/// Reads one part on this thread.
fn read_part(
    part: &Part,
    options: &ReadOptions,
    codes: &Codes,
    rows: &AtomicU64,
    take: impl Fn(&Batch) -> Result<(), DecodeError> + Sync,
) -> Result<(), DecodeError> {
    let wanted = Wanted { category: true, service: true, place: true, ..Wanted::default() };
    let parts = std::slice::from_ref(part);
    read(parts, options, codes, wanted, 1, rows, || (), |(), batch| take(batch))?;
    Ok(())
}

/// Size and time of the last change.
fn state(path: &Path) -> io::Result<(u64, Option<SystemTime>)> {
    let found = fs::metadata(path)?;
    Ok((found.len(), found.modified().ok()))
}

struct Decoder {
    known: Known,
    files: ChargeFiles,
}

impl Decoder {
    fn add(
        &mut self,
        part: &Part,
        batch: &Batch,
        codes: &Codes,
        source: usize,
    ) -> Result<(), DecodeError> {
        self.known.renew(codes);
        for at in 0..batch.len() {
            let digest = self.known.digest(batch, at);
            let period = self.known.periods[batch.period[at] as usize];
            let kept = |at: Instant| i64::try_from(at.nanoseconds()).is_ok();
            if !kept(period.from()) || !kept(period.to()) {
                let place = place(part, batch.place[at]);
                return Err(DecodeError::FarAway { place, at: period.from() });
            }
            let month = period.from().month();
            let row = Row {
                unit: (source, month, batch.subscription[at]),
                resource: batch.resource[at],
                period: batch.period[at],
                group: batch.group[at],
                currency: batch.currency[at],
                category: batch.category[at],
                service: batch.service[at],
                traits: batch.traits[at],
                cost: batch.cost[at],
            };
            self.files.add(row, &digest, period)?;
            if self.files.pieces() > PIECES {
                return Err(DecodeError::Many(part.name.clone()));
            }
        }
        self.files.settle(&self.known)
    }
}
