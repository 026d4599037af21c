//! Cost exports into charge files.

use std::fs;
use std::io;
use std::path::Path;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::SystemTime;

use pal_attribution::ingest::{
    Batch, Codes, IngestError, NONE, Part, ReadOptions, Remarks, Wanted, layout, read,
};
use pal_model::{Instant, MoneyError};

use super::digest::{KnownTexts, file_digest};
use super::row::{Row, Unit};
use super::write::ChargeFiles;
use super::{Decoded, DecodedStatement, Family, ReadFile, Source, place};
use crate::counting::day_of;
use crate::discover::Discovered;

/// Most pieces of an import: the decoder holds something of each row group.
const PIECES: usize = 100_000;
/// Most days of all its pieces: the decoder and the service hold something of each.
const DAYS: usize = 1_000_000;

/// All that is kept of a row.
pub(super) const WANTED: Wanted =
    Wanted { category: true, service: true, place: true, statement: true };

/// Why exports were not decoded. What was written of them is of no use.
#[derive(Debug, thiserror::Error)]
pub enum DecodeError {
    #[error(transparent)]
    Ingest(#[from] IngestError),
    #[error("a total of one subscription and day: {0}")]
    Money(#[from] MoneyError),
    #[error("{place}: a charge at {at}; charges from 1678 to 2261 can be kept; correct the file")]
    FarAway { place: String, at: Instant },
    #[error(
        "{0}: more than {PIECES} subscriptions and months, or {DAYS} subscriptions and days at a \
         time; import fewer months at a time"
    )]
    Many(String),
    #[error("{0} was changed while it was read: nothing was taken; run it again")]
    Changed(String),
    #[error(transparent)]
    Io(#[from] io::Error),
}

/// Decodes what was found into charge files in `folder`, which must be empty; counts rows in `rows`.
/// Each run of an export and each loose file is a statement.
///
/// # Errors
/// See [`DecodeError`].
pub fn decode(
    found: &Discovered,
    options: &ReadOptions,
    folder: &Path,
    rows: &AtomicU64,
) -> Result<Decoded, DecodeError> {
    let codes = Codes::apart();
    let decoder = Mutex::new(Decoder {
        known: KnownTexts::default(),
        files: ChargeFiles::new(folder),
        statement: 0,
        account: NONE,
        before: Remarks::default(),
        names_account: false,
    });
    let mut statements = Vec::new();
    for files in &found.runs {
        let run = &files.run;
        let account = run.account.as_deref().map(|text| codes.accounts.code(text));
        start(&decoder, statements.len(), account.unwrap_or(NONE), &codes);
        let read = files.parts.iter().map(|part| take(part, options, &codes, rows, &decoder));
        let read = read.collect::<Result<_, _>>()?;
        statements.push(end(&decoder, Source::Run(run.clone()), read, &codes));
    }
    for part in &found.loose {
        let family = Family::from(layout(part, options)?.schema);
        start(&decoder, statements.len(), NONE, &codes);
        let read = vec![take(part, options, &codes, rows, &decoder)?];
        let source = Source::Loose { name: part.name.clone(), family };
        statements.push(end(&decoder, source, read, &codes));
    }
    let Decoder { known, files, .. } = decoder.into_inner().unwrap_or_else(PoisonError::into_inner);
    let (files, pieces) = files.finish(&known)?;
    Ok(Decoded { statements, files, pieces })
}

fn start(decoder: &Mutex<Decoder>, statement: usize, account: u32, codes: &Codes) {
    let mut decoder = decoder.lock().unwrap_or_else(PoisonError::into_inner);
    (decoder.statement, decoder.account) = (statement, account);
    (decoder.before, decoder.names_account) = (codes.remarked.so_far(), false);
}

fn end(
    decoder: &Mutex<Decoder>,
    source: Source,
    read: Vec<ReadFile>,
    codes: &Codes,
) -> DecodedStatement {
    let decoder = decoder.lock().unwrap_or_else(PoisonError::into_inner);
    let (before, after) = (decoder.before, codes.remarked.so_far());
    DecodedStatement {
        source,
        read,
        rounded: after.rounded - before.rounded,
        commitment_priced: after.billed_commitments - before.billed_commitments,
        names_account: decoder.names_account,
    }
}

fn take(
    part: &Part,
    options: &ReadOptions,
    codes: &Codes,
    rows: &AtomicU64,
    decoder: &Mutex<Decoder>,
) -> Result<ReadFile, DecodeError> {
    let before = rows.load(Ordering::Relaxed);
    let state = state(&part.path)?;
    let (sha256, bytes) = file_digest(&part.path)?;
    let parts = std::slice::from_ref(part);
    read(
        parts,
        options,
        codes,
        WANTED,
        1,
        rows,
        || (),
        |(), batch| decoder.lock().unwrap_or_else(PoisonError::into_inner).add(part, batch, codes),
    )?;
    if self::state(&part.path)? != state {
        return Err(DecodeError::Changed(part.name.clone()));
    }
    let rows = rows.load(Ordering::Relaxed) - before;
    Ok(ReadFile { name: part.name.clone(), sha256, bytes, rows })
}

/// Size and time of the last change.
fn state(path: &Path) -> io::Result<(u64, Option<SystemTime>)> {
    let found = fs::metadata(path)?;
    Ok((found.len(), found.modified().ok()))
}

struct Decoder {
    known: KnownTexts,
    files: ChargeFiles,
    statement: usize,
    /// The billing account of rows that name none.
    account: u32,
    /// What was remarked of the statements before.
    before: Remarks,
    names_account: bool,
}

impl Decoder {
    fn add(&mut self, part: &Part, batch: &Batch, codes: &Codes) -> Result<(), DecodeError> {
        self.known.renew(codes);
        for at in 0..batch.len() {
            let period = self.known.periods[batch.period[at] as usize];
            let kept = |at: Instant| i64::try_from(at.nanoseconds()).is_ok();
            if !kept(period.from()) || !kept(period.to()) {
                let place = place(part, batch.place[at]);
                return Err(DecodeError::FarAway { place, at: period.from() });
            }
            let digest = self.known.digest(batch, at);
            let mark = self.known.mark(&digest, batch, at);
            self.names_account |= batch.account[at] != NONE;
            let account = if batch.account[at] == NONE { self.account } else { batch.account[at] };
            let row = Row {
                unit: Unit {
                    statement: self.statement,
                    month: period.from().month(),
                    subscription: batch.subscription[at],
                    account,
                },
                day: day_of(period.from()),
                resource: batch.resource[at],
                period: batch.period[at],
                group: batch.group[at],
                currency: batch.currency[at],
                category: batch.category[at],
                service: batch.service[at],
                billing_period: batch.billing_period[at],
                invoice: batch.invoice[at],
                traits: batch.traits[at],
                cost: batch.cost[at],
            };
            self.files.add(row, &digest, mark, period)?;
            if self.files.pieces() > PIECES || self.files.days() > DAYS {
                return Err(DecodeError::Many(part.name.clone()));
            }
        }
        self.files.settle(&self.known)
    }
}
