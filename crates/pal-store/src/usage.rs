//! What goes in and out of the register of usage: which rows of which files count, and since when.
//!
//! The register has no opinion. *Statements* (a run of an export, or the loose files of an import)
//! bring *pieces*: all rows of one statement, month, billed subscription and billing account. The
//! rule of what counts reads them, and says which rows of which pieces count from now on and which
//! no longer do ([`CountChange`]). The register commits that, if nobody has changed the statements
//! since they were read ([`UsageVersion`]). A row counts only through what is counted of its piece,
//! and that is known from one instant to another, as a fact is: nothing is changed in place.

use pal_model::Instant;

use crate::{Actor, StoreError};

/// Stands for the statements that are there: another value after each import and withdrawal.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct UsageVersion(pub(crate) i64);

/// A month: year, and month from 1.
pub type UsageMonth = (i16, i8);

/// Rows of a charge file: row group, the place of the first one in it from 0, and how many.
pub type UsageRows = (u32, u32, u32);

/// The statements that are not withdrawn.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UsageStatements {
    /// What a change that is decided from them names.
    pub version: UsageVersion,
    /// By number.
    pub statements: Vec<StatementRecord>,
}

/// A statement, as it is kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StatementRecord {
    /// Its number, from 1, never used again.
    pub number: i64,
    /// The import that brought it.
    pub import: i64,
    /// When it was imported.
    pub at: Instant,
    /// What it is, in the words of whoever imported it; the store does not read it.
    pub terms: String,
    pub series: String,
    /// The months of its pieces, in order.
    pub months: Vec<UsageMonth>,
}

/// All rows of one statement, month, billed subscription and billing account, as they are kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PieceRecord {
    /// Its number, from 1, never used again.
    pub number: i64,
    /// The statement that brought it.
    pub statement: i64,
    /// The month of the starts of its charges.
    pub month: UsageMonth,
    /// The billed subscription, folded; `""` for rows without one.
    pub subject: String,
    /// The billing account, folded; `""` if it is not known.
    pub account: String,
    /// Name of the charge file with its rows.
    pub file: String,
    /// Which row groups of it: they hold its rows and no others.
    pub row_groups: Vec<u32>,
    /// How many rows.
    pub rows: u64,
    /// What its rows are by day; the store does not read it.
    pub days: String,
    /// A digest of subject, account and rows in any order: equal content, equal digest.
    pub digest: [u8; 32],
}

/// What is counted of a piece, now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CountedRecord {
    /// Its number, from 1, never used again.
    pub number: i64,
    pub piece: i64,
    /// The statement of the piece.
    pub statement: i64,
    /// Which rows of the piece; `None` = all.
    pub selection: Option<Vec<UsageRows>>,
}

/// A statement that an import brings.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewStatement {
    /// What it is; kept as it is, and not read by the store.
    pub terms: String,
    /// Which series it is of: how far usage reaches is told for each.
    pub series: String,
}

/// A piece that an import brings. An import brings at most one for each statement, month, subject
/// and account.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewPiece {
    /// Which of the import's `statements`.
    pub statement: usize,
    /// Its rows.
    pub content: PieceContent,
}

/// The rows of a piece.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PieceContent {
    /// In a file of this import.
    New(NewContent),
    /// Those of the piece with this number, of whatever statement: month, subject, account, file
    /// and everything else are as there.
    Same(i64),
}

/// Rows in a file of an import.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewContent {
    /// The month of the starts of its charges.
    pub month: UsageMonth,
    /// The billed subscription, folded; `""` for rows without one.
    pub subject: String,
    /// The billing account, folded; `""` if it is not known.
    pub account: String,
    /// Which of the import's `charges` has its rows.
    pub file: usize,
    /// Which row groups of that file: they hold its rows and no others.
    pub row_groups: Vec<u32>,
    /// How many rows.
    pub rows: u64,
    /// What its rows are by day; kept as it is, and not read by the store.
    pub days: String,
    /// A digest of subject, account and rows in any order: equal content, equal digest.
    pub digest: [u8; 32],
}

/// A piece that is counted from now on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PieceRef {
    /// By its place among the pieces of this import.
    New(usize),
    /// By the number of a piece that is there. Its statement is not withdrawn.
    Kept(i64),
}

/// What is counted of a piece from now on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewCounted {
    /// The piece. No two counts of one piece hold at once.
    pub piece: PieceRef,
    /// Which rows of it, none twice, all in its row groups; `None` = all.
    pub selection: Option<Vec<UsageRows>>,
    /// How many rows these are, at least one.
    pub rows: u64,
    /// The earliest start of their charges.
    pub first: Instant,
    /// The latest end of their charges, not before `first`. It is kept in ticks of 100 ns, rounded
    /// up; `first` is rounded down.
    pub last: Instant,
    /// Their sum by currency: code, and decimal text with up to 18 fraction digits.
    pub costs: Vec<(String, String)>,
}

/// What changes in what counts. All of it happens at one instant.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct CountChange {
    /// Numbers of counts ([`CountedRecord::number`]) that hold now, and end.
    pub end: Vec<i64>,
    pub begin: Vec<NewCounted>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReadFile {
    /// Its name, as it is shown.
    pub name: String,
    /// SHA-256 of its bytes.
    pub sha256: [u8; 32],
    /// Its size in bytes.
    pub bytes: u64,
    pub rows: u64,
}

/// A file of decoded charges, in the charges folder.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ChargeFile {
    /// Its name, relative to the folder. One name has one content for ever.
    pub name: String,
    /// SHA-256 of its bytes.
    pub sha256: [u8; 32],
    /// Its size in bytes.
    pub bytes: u64,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UsageImport {
    /// The time of the import.
    pub at: Instant,
    /// For the audit log.
    pub actor: Actor,
    /// The paths given; shown, and not in the audit log but by a digest.
    pub name: String,
    /// Fingerprint of the entry of a watched folder.
    pub landed: Option<String>,
    /// Of the statements that `counts` was decided from.
    pub version: UsageVersion,
    /// What became of it, as it is listed: JSON that the store does not read.
    pub outcome: String,
    /// The rows that it brought.
    pub rows: u64,
    /// The files read, and which of `statements` each is of.
    pub read: Vec<(usize, ReadFile)>,
    /// The files written. One that no new piece has rows in is not kept in the register.
    pub charges: Vec<ChargeFile>,
    /// What it states.
    pub statements: Vec<NewStatement>,
    /// The rows of the statements.
    pub pieces: Vec<NewPiece>,
    /// What counts from now on, and what no longer does.
    pub counts: CountChange,
}

/// What became of an import.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ImportState {
    /// It changed what counts.
    Counted,
    /// Its statements are kept, and what counts is as before.
    Unchanged,
    /// It brought nothing; the reason is recorded.
    Refused,
}

impl ImportState {
    /// As a back end keeps it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Counted => "counted",
            Self::Unchanged => "unchanged",
            Self::Refused => "refused",
        }
    }
}

/// What an import did.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UsageImported {
    /// Its number, from 1.
    pub number: i64,
    /// What became of it: counted or unchanged.
    pub state: ImportState,
    /// The instant of the change of what counts: `at`, or later. `None` = unchanged.
    pub known: Option<Instant>,
    /// The revision after it.
    pub revision: i64,
}

/// Why usage was not imported. Nothing was written.
#[derive(Debug, thiserror::Error)]
pub enum UsageImportError {
    /// Another import or withdrawal came first: read the statements again, and decide again.
    #[error("usage was imported or withdrawn meanwhile")]
    Moved,
    /// The import contradicts itself or what is kept: an index out of range, a number of nothing,
    /// two pieces of one statement, month, subject and account, two counts of one piece, an end of
    /// a count that does not hold, a selection that is not of its piece, a file name that has
    /// another content, a size beyond 2^63.
    #[error("{0}")]
    Malformed(String),
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// What is counted of a piece at an instant.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LivePiece {
    /// The number of the count ([`CountedRecord::number`]): another one whenever other rows count.
    pub number: i64,
    pub piece: i64,
    /// The statement that brought it.
    pub statement: i64,
    /// The import that brought it.
    pub import: i64,
    /// The series of the statement.
    pub series: String,
    /// The month of the starts of its charges.
    pub month: UsageMonth,
    /// The billed subscription, folded; `""` for rows without one.
    pub subject: String,
    /// The billing account, folded; `""` if it is not known.
    pub account: String,
    /// Name of the charge file with its rows.
    pub file: String,
    /// Which row groups of it hold the rows of the piece.
    pub row_groups: Vec<u32>,
    /// Which rows count; `None` = all of the row groups.
    pub selection: Option<Vec<UsageRows>>,
    /// How many rows count.
    pub rows: u64,
    /// The digest of the whole piece.
    pub digest: [u8; 32],
    /// The earliest start of the charges that count.
    pub first: Instant,
    /// The latest end of the charges that count.
    pub last: Instant,
    /// Sum of what counts by currency: code, and decimal text with up to 18 fraction digits.
    pub costs: Vec<(String, String)>,
    /// Since when it is known that they count.
    pub known: Instant,
    /// The version of what is known of the month and subject: 1 for the first, +1 for each change
    /// up to the instant asked for.
    pub edition: u32,
}

/// What counts at an instant.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UsageAt {
    /// The revision it was read at.
    pub revision: i64,
    /// What counts, by month, subject and number.
    pub pieces: Vec<LivePiece>,
}

/// An import, as it is listed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UsageImportRecord {
    pub number: i64,
    /// When.
    pub at: Instant,
    /// The paths given.
    pub name: String,
    /// What became of it.
    pub state: ImportState,
    /// Why it was refused; or why it counts no more, if nobody has withdrawn it and `withdrawn` is
    /// set all the same.
    pub reason: Option<String>,
    /// The rows that it brought.
    pub rows: u64,
    /// What became of it in detail: the JSON of [`UsageImport::outcome`]; `{}` if it was refused.
    pub outcome: String,
    /// The files read, in the order given.
    pub read: Vec<ReadFile>,
    /// When it was withdrawn.
    pub withdrawn: Option<Instant>,
    /// Fingerprint of the entry of a watched folder.
    pub landed: Option<String>,
}

/// What a withdrawal did.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Withdrawn {
    /// Counts that ended, and their rows.
    pub ended: (u64, u64),
    /// Counts that began instead, and their rows.
    pub begun: (u64, u64),
    /// The instant of the withdrawal: `at`, or later.
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
    /// It was refused, and brought nothing.
    #[error("import {0} was refused; nothing of it counts")]
    Refused(i64),
    /// It was withdrawn before.
    #[error("import {0} is withdrawn already")]
    AlreadyWithdrawn(i64),
    /// Another import or withdrawal came first: read the statements again, and decide again.
    #[error("usage was imported or withdrawn meanwhile")]
    Moved,
    /// The change contradicts itself or what is kept, or something of the import would still count.
    #[error("{0}")]
    Malformed(String),
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}
