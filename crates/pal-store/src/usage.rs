//! What goes in and out of the registry of usage: which rows of which files count, and since when.
//!
//! Cost files are decoded elsewhere into *charge files*. Their rows are grouped in *pieces*: all
//! rows of one source, month and subscription. A row counts only through its piece, and a piece is
//! known from one instant to another, as a fact is: nothing is changed in place.

use pal_model::Instant;

use crate::{Actor, StoreError};

/// Where rows come from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UsageSource {
    /// `""`: loose files. Else the export: its id and dataset type, folded.
    pub key: String,
    /// Which run of it; `None` = it has no runs.
    pub run: Option<UsageRun>,
}

/// One run of an export. It states all of its month anew; of two runs of one export and month the
/// newer is the one with the greater (`submitted`, `id`).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UsageRun {
    /// Its id.
    pub id: String,
    /// When it was submitted; 100 ns are the resolution.
    pub submitted: Instant,
    /// The month that it states: year, and month from 1. Its charges may lie in other months.
    pub month: (i16, i8),
}

/// All rows of one source, month and subscription.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewPiece {
    /// Which of the import's `sources`.
    pub source: usize,
    /// The month of its charges: year, and month from 1.
    pub month: (i16, i8),
    /// The billed subscription, folded; `""` or `@scope` for rows without one.
    pub subject: String,
    /// Which of the import's `charges` has its rows.
    pub file: usize,
    /// Which row groups of that file.
    pub row_groups: Vec<u32>,
    /// How many rows.
    pub rows: u64,
    /// A digest of its rows in any order: equal rows, equal digest.
    pub digest: [u8; 64],
    /// The earliest start of its charges.
    pub first: Instant,
    /// The latest end of its charges.
    pub last: Instant,
    /// Sum by currency: code, and decimal text with up to 18 fraction digits.
    pub costs: Vec<(String, String)>,
}

/// A file that was read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReadFile {
    /// Its name, as it is shown.
    pub name: String,
    /// SHA-256 of its bytes.
    pub sha256: [u8; 32],
    /// Its size.
    pub bytes: u64,
    /// Its rows.
    pub rows: u64,
}

/// A file of decoded charges, in the charges folder.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ChargeFile {
    /// Its name, relative to the folder. One name has one content for ever.
    pub name: String,
    /// SHA-256 of its bytes.
    pub sha256: [u8; 32],
    /// Its size.
    pub bytes: u64,
}

/// What to do with a piece when its month and subscription are known with other rows, and the new
/// ones are not of a newer run of the same export.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OnChange {
    /// Refuse the import.
    Refuse,
    /// Count the new rows instead of those that are known.
    Restate,
    /// Count the new rows besides those that are known.
    Add,
}

/// An import of usage.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UsageImport {
    /// The time of the import.
    pub at: Instant,
    /// For the audit log.
    pub actor: Actor,
    /// The paths given; shown, and not in the audit log.
    pub name: String,
    /// Fingerprint of the entry of a watched folder.
    pub landed: Option<String>,
    /// What to do with other rows of what is known.
    pub on_change: OnChange,
    /// Decide and write nothing.
    pub dry_run: bool,
    /// Where its rows come from. A run without pieces is one without rows: it ends what older runs
    /// of it stated.
    pub sources: Vec<UsageSource>,
    /// The files read.
    pub read: Vec<ReadFile>,
    /// The files written.
    pub charges: Vec<ChargeFile>,
    /// The rows: at most one piece for each source, month and subject.
    pub pieces: Vec<NewPiece>,
}

/// What became of a piece.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum PieceOutcome {
    /// Counted; nothing else was known of it.
    New,
    /// The same rows count already.
    Known,
    /// Counted instead of what was known.
    Replaced,
    /// Counted besides what was known.
    Added,
    /// Not counted: a newer run of its export and month was imported before.
    OlderRun,
}

impl PieceOutcome {
    /// All, in the order of [`UsageImportRecord::pieces`].
    pub const ALL: [Self; 5] =
        [Self::New, Self::Known, Self::Replaced, Self::Added, Self::OlderRun];
}

/// What became of an import.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ImportState {
    /// It changed what counts.
    Counted,
    /// All of it was known, or is of older runs.
    Unchanged,
    /// Nothing of it counts; the reason is recorded.
    Refused,
}

/// What an import did.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UsageImported {
    /// Its number, from 1; `None` for dry runs.
    pub number: Option<i64>,
    /// What became of each piece, in their order.
    pub outcomes: Vec<PieceOutcome>,
    /// Month and subject of what a newer run of the same export no longer has, in this order.
    pub ended: Vec<((i16, i8), String)>,
    /// What became of the import.
    pub state: ImportState,
    /// The revision after it.
    pub revision: i64,
}

/// Why usage was not imported. Nothing was written.
#[derive(Debug, thiserror::Error)]
pub enum UsageImportError {
    /// Months and subscriptions that are known with other rows, in the order of the pieces.
    #[error("{} of its pieces are known with other rows", .0.len())]
    Changed(Vec<ChangedPiece>),
    /// The import contradicts itself: an index that is out of range, two runs of one export and
    /// month, two pieces of one source, month and subject, a file name that has another content.
    #[error("{0}")]
    Malformed(String),
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// A piece whose month and subject are known with other rows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ChangedPiece {
    /// Its month.
    pub month: (i16, i8),
    /// Its subject.
    pub subject: String,
    /// Its place among the pieces of the import.
    pub piece: usize,
    /// What is known of it. An entry with number and import 0 is of the same import: two of its
    /// sources have different rows, and only [`OnChange::Add`] counts both.
    pub known: Vec<LivePiece>,
}

/// A piece that counts (or counted at the instant asked for).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LivePiece {
    /// Its number, never used again.
    pub number: i64,
    /// The import that brought it.
    pub import: i64,
    /// Key of the source that it came from.
    pub source_key: String,
    /// Its month.
    pub month: (i16, i8),
    /// Its subject.
    pub subject: String,
    /// Name of the charge file with its rows.
    pub file: String,
    /// Which row groups of it.
    pub row_groups: Vec<u32>,
    /// How many rows.
    pub rows: u64,
    /// The digest of its rows.
    pub digest: [u8; 64],
    /// The earliest start of its charges.
    pub first: Instant,
    /// The latest end of its charges.
    pub last: Instant,
    /// Sum by currency.
    pub costs: Vec<(String, String)>,
    /// Since when it is known.
    pub known: Instant,
    /// The version of what is known of its month and subject: 1 for the first statement, +1 for
    /// each change (imports and withdrawals) up to the instant asked for.
    pub edition: u32,
}

/// What counts at an instant.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UsageAt {
    /// The revision it was read at.
    pub revision: i64,
    /// The pieces, by month, subject and number.
    pub pieces: Vec<LivePiece>,
}

/// An import, as it is listed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UsageImportRecord {
    /// Its number.
    pub number: i64,
    /// When.
    pub at: Instant,
    /// The paths given.
    pub name: String,
    /// What became of it.
    pub state: ImportState,
    /// Why it was refused.
    pub reason: Option<String>,
    /// Rows of all its pieces.
    pub rows: u64,
    /// How many pieces had each outcome, in the order of [`PieceOutcome::ALL`].
    pub pieces: [u64; 5],
    /// How many pieces of older runs it ended.
    pub ended: u64,
    /// The files read.
    pub read: Vec<ReadFile>,
    /// When it was withdrawn.
    pub withdrawn: Option<Instant>,
    /// Fingerprint of the entry of a watched folder.
    pub landed: Option<String>,
}

/// What a withdrawal did.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Withdrawn {
    /// Pieces that no longer count.
    pub pieces: u64,
    /// Their rows.
    pub rows: u64,
    /// Since when they do not.
    pub known: Instant,
    /// The revision after it.
    pub revision: i64,
}

/// Why an import was not withdrawn. Nothing was written.
#[derive(Debug, thiserror::Error)]
pub enum WithdrawError {
    /// There is no import of this number.
    #[error("there is no import {0}")]
    NoImport(i64),
    /// Nothing of it counts: it changed nothing, was refused or withdrawn, or others replaced it.
    #[error("nothing of import {0} counts any more")]
    NothingLive(i64),
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}
