//! An import as the register is told of it.

use std::path::PathBuf;

use pal_store::{
    ChargeFile, CountChange, NewContent, NewPiece, NewStatement, PieceContent, PieceRef, ReadFile,
    UsageImport,
};

use super::{IntakeError, Order};
use crate::charges::{Decoded, Digest};
use crate::ledger::LedgerError;
use crate::statements::{self, Register};

/// Where the files that were written are, and their names in the register.
pub(super) struct Placed {
    pub files: Vec<PathBuf>,
    pub names: Vec<String>,
}

impl Register {
    /// Adds the pieces of what was decoded, whose files are at `files`. A piece with the rows of one
    /// that is kept shares its file.
    pub(super) fn add_pieces(
        &mut self,
        decoded: &Decoded,
        files: &[PathBuf],
    ) -> Result<Vec<PieceContent>, LedgerError> {
        let damaged = |error: serde_json::Error| LedgerError::Damaged(error.to_string());
        let first = self.ledger.statements.len() - decoded.statements.len();
        let mut contents = Vec::with_capacity(decoded.pieces.len());
        for (at, piece) in decoded.pieces.iter().enumerate() {
            let names = (piece.subject.clone(), piece.account.clone());
            let content = (piece.month, names.0.clone(), names.1.clone(), piece.digest.0);
            let (content, file, days) = match self.ledger.same(&content) {
                Some((number, file, days)) => (PieceContent::Same(number), file, days),
                None => {
                    let new = NewContent {
                        month: piece.month,
                        subject: piece.subject.clone(),
                        account: piece.account.clone(),
                        file: piece.file,
                        row_groups: piece.row_groups.clone(),
                        rows: piece.rows,
                        days: serde_json::to_string(&piece.days).map_err(damaged)?,
                        digest: piece.digest.0,
                    };
                    (PieceContent::New(new), files[piece.file].clone(), piece.days.clone())
                }
            };
            contents.push(content);
            let (statement, new) = (first + piece.statement, PieceRef::New(at));
            self.ledger.add_piece(statement, new, piece.month, names, file, days, piece.digest.0);
        }
        Ok(contents)
    }
}

/// What the register is told, but for what counts.
pub(super) fn declare(
    order: &Order,
    decoded: &Decoded,
    placed: &Placed,
    register: &Register,
    contents: Vec<PieceContent>,
) -> Result<UsageImport, IntakeError> {
    let sha256_of = |digits: &str| {
        let odd = |_| IntakeError::Malformed("decoding gave a hash of no use".to_owned());
        digits.parse().map(|Digest(sha256)| sha256).map_err(odd)
    };
    let mut read = Vec::new();
    for (at, statement) in decoded.statements.iter().enumerate() {
        for file in &statement.read {
            let sha256 = sha256_of(&file.sha256)?;
            let (name, bytes, rows) = (file.name.clone(), file.bytes, file.rows);
            read.push((at, ReadFile { name, sha256, bytes, rows }));
        }
    }
    let mut charges = Vec::with_capacity(decoded.files.len());
    for (file, name) in decoded.files.iter().zip(&placed.names) {
        let sha256 = sha256_of(&file.sha256)?;
        charges.push(ChargeFile { name: name.clone(), sha256, bytes: file.bytes });
    }
    let first = register.ledger.statements.len() - decoded.statements.len();
    let mut stated = Vec::with_capacity(decoded.statements.len());
    for statement in &register.ledger.statements[first..] {
        let (terms, series) = (statements::terms(statement)?, statements::series(statement));
        stated.push(NewStatement { terms, series });
    }
    let pieces = decoded.pieces.iter().zip(contents);
    let pieces = pieces.map(|(piece, content)| NewPiece { statement: piece.statement, content });
    Ok(UsageImport {
        at: order.at,
        actor: order.actor.clone(),
        name: order.name.clone(),
        landed: order.landed.clone(),
        version: register.version,
        outcome: String::new(),
        rows: read.iter().map(|(_, file)| file.rows).sum(),
        read,
        charges,
        statements: stated,
        pieces: pieces.collect(),
        counts: CountChange::default(),
    })
}
