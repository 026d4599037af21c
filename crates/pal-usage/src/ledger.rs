//! The rule, asked about statements that are kept and statements that are new.

use std::cell::RefCell;
use std::collections::{BTreeSet, HashMap};
use std::path::PathBuf;

use pal_model::MoneyError;
use pal_store::{CountedRecord, PieceRecord, PieceRef};

use crate::charges::{Day as DayIndex, DecodeError, RowDigest, stored_rows};
use crate::counting::{self, Cell, DayRows, Settings, Statement};

mod change;
mod ranges;
mod rows;

pub use change::{Change, JudgedLedger, Outcome};

use ranges::overlap;
use rows::ChargeRows;

/// Statements and pieces as the rule reads them, with where their rows are.
#[derive(Default)]
pub struct Ledger {
    pub statements: Vec<Statement>,
    /// Those of `statements` that are being added.
    pub fresh: BTreeSet<usize>,
    pieces: Vec<counting::Piece>,
    stored: Vec<Stored>,
    equal: HashMap<Content, usize>,
}

/// What two pieces with the same rows have in common: month, subject, account, digest.
pub type Content = ((i16, i8), String, String, [u8; 32]);

struct Stored {
    piece: PieceRef,
    month: (i16, i8),
    file: PathBuf,
    days: Vec<DayIndex>,
}

/// Why the rule gives no answer.
#[derive(Debug, thiserror::Error)]
pub enum LedgerError {
    #[error("a charge file cannot be read: {0}")]
    Rows(#[from] DecodeError),
    #[error("the register of usage is damaged: {0}; restore it from a backup")]
    Damaged(String),
    #[error("the sum of a day: {0}")]
    Money(#[from] MoneyError),
}

impl Ledger {
    /// Adds a statement; its index.
    pub fn add_statement(&mut self, statement: Statement, is_fresh: bool) -> usize {
        self.statements.push(statement);
        let at = self.statements.len() - 1;
        if is_fresh {
            self.fresh.insert(at);
        }
        at
    }

    /// Adds a piece of a statement. `days` is the day index of its rows in `file`.
    #[expect(clippy::too_many_arguments, reason = "each is a field of a piece, named by its type")]
    pub fn add_piece(
        &mut self,
        statement: usize,
        piece: PieceRef,
        month: (i16, i8),
        (subject, account): (String, String),
        file: PathBuf,
        days: Vec<DayIndex>,
        digest: [u8; 32],
    ) {
        let rows = |day: &DayIndex| {
            let (sum, marks, costs) = (day.sum, day.marks, day.costs.clone());
            DayRows { day: day.day, rows: day.rows, sum, marks, costs }
        };
        let rows = days.iter().map(rows).collect();
        let content = (month, subject.clone(), account.clone(), digest);
        self.equal.entry(content).or_insert(self.pieces.len());
        self.pieces.push(counting::Piece { statement, subject, account, days: rows });
        self.stored.push(Stored { piece, month, file, days });
    }

    /// Adds a piece that the register keeps; `file` is where its rows are.
    ///
    /// # Errors
    /// Its day index cannot be read.
    pub fn add_kept(
        &mut self,
        statement: usize,
        record: PieceRecord,
        file: PathBuf,
    ) -> Result<(), LedgerError> {
        let days = serde_json::from_str(&record.days)
            .map_err(|error| LedgerError::Damaged(format!("piece {}: {error}", record.number)))?;
        let (piece, names) = (PieceRef::Kept(record.number), (record.subject, record.account));
        self.add_piece(statement, piece, record.month, names, file, days, record.digest);
        Ok(())
    }

    /// What counts now in a cell: the digests of its rows.
    ///
    /// # Errors
    /// Rows cannot be read.
    pub fn counting_in(
        &self,
        cell: &Cell,
        counted: &[CountedRecord],
    ) -> Result<Vec<RowDigest>, DecodeError> {
        let mut digests = Vec::new();
        for (piece, stored) in self.pieces.iter().zip(&self.stored) {
            let PieceRef::Kept(number) = stored.piece else { continue };
            let record = counted.iter().find(|record| record.piece == number);
            let day = stored.days.iter().find(|day| day.day == cell.day);
            let (Some(record), Some(day)) = (record, day) else { continue };
            if piece.subject == cell.subject {
                let ranges = match &record.selection {
                    None => day.ranges.clone(),
                    Some(chosen) => overlap(chosen, &day.ranges),
                };
                let rows = stored_rows(&stored.file, &ranges)?;
                digests.extend(rows.into_iter().map(|row| row.digest));
            }
        }
        Ok(digests)
    }

    /// The kept piece with the same rows as a new one: number, file and day index.
    pub fn same(&self, content: &Content) -> Option<(i64, PathBuf, Vec<DayIndex>)> {
        let at = self.equal.get(content)?;
        let stored = &self.stored[*at];
        match stored.piece {
            PieceRef::Kept(number) => Some((number, stored.file.clone(), stored.days.clone())),
            PieceRef::New(_) => None,
        }
    }

    /// Asks the rule.
    ///
    /// # Errors
    /// Rows cannot be read.
    pub fn judge(&self, settings: &Settings) -> Result<JudgedLedger<'_>, LedgerError> {
        let rows = ChargeRows { stored: &self.stored, read: RefCell::default() };
        let judgement =
            counting::judge(&self.statements, &self.pieces, settings, &rows, &self.fresh)?;
        Ok(JudgedLedger { ledger: self, judgement, rows })
    }
}
