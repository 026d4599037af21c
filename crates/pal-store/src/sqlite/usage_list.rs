//! The imports of usage as they are listed, and what is done to one as a whole.

use pal_model::Instant;
use rusqlite::{Connection, OptionalExtension, params};

use super::known::next_known;
use super::usage_counts::{self, Changed, Wrong};
use super::usage_read::{size, version};
use super::value::{instant, run, ticks};
use super::{bump, usage_log};
use crate::{
    Actor, ChargeFile, CountChange, ImportState, PieceRef, ReadFile, StoreError, UsageImportRecord,
    UsageVersion, WithdrawError, Withdrawn,
};

impl From<Wrong> for WithdrawError {
    fn from(wrong: Wrong) -> Self {
        match wrong {
            Wrong::Malformed(text) => Self::Malformed(text),
            Wrong::Store(error) => Self::Store(error),
        }
    }
}

/// Puts an import into the list that was refused before.
pub fn refuse(
    c: &Connection,
    at: Instant,
    actor: &Actor,
    (name, reason): (&str, &str),
    landed: Option<&str>,
) -> Result<i64, StoreError> {
    let number = run(
        c,
        "INSERT INTO usage_import (at, name, state, reason, landed, rows)
         VALUES (?1, ?2, ?3, ?4, ?5, 0)",
        params![ticks(at), name, ImportState::Refused.name(), reason, landed],
    )?;
    usage_log::refused(c, number, ticks(at), actor)?;
    Ok(number)
}

/// The last imports, newest first.
pub fn imports(c: &Connection, limit: u32) -> Result<Vec<UsageImportRecord>, StoreError> {
    // One snapshot: the files are of the imports that were read.
    let c = c.unchecked_transaction()?;
    let mut statement = c.prepare_cached(
        "SELECT n, at, name, state, reason, landed, rows, outcome, withdrawn
         FROM usage_import ORDER BY n DESC LIMIT ?1",
    )?;
    let mut rows = statement.query([limit])?;
    let mut imports = Vec::new();
    while let Some(r) = rows.next()? {
        let (number, state): (i64, String) = (r.get(0)?, r.get(3)?);
        imports.push(UsageImportRecord {
            number,
            at: instant(r.get(1)?),
            name: r.get(2)?,
            state: import_state(&state)?,
            reason: r.get(4)?,
            rows: size(r, 6)?,
            outcome: r.get(7)?,
            read: read_files(&c, number)?,
            withdrawn: r.get::<_, Option<i64>>(8)?.map(instant),
            landed: r.get(5)?,
        });
    }
    Ok(imports)
}

/// The state of an import by its name.
pub fn import_state(name: &str) -> Result<ImportState, StoreError> {
    let states = [ImportState::Counted, ImportState::Unchanged, ImportState::Refused];
    let unknown = || StoreError::Unusable(format!("an import has the state {name}"));
    states.into_iter().find(|state| state.name() == name).ok_or_else(unknown)
}

fn read_files(c: &Connection, import: i64) -> Result<Vec<ReadFile>, StoreError> {
    let mut statement = c.prepare_cached(
        "SELECT name, sha256, bytes, rows FROM usage_read WHERE import = ?1 ORDER BY place",
    )?;
    let mut rows = statement.query([import])?;
    let mut files = Vec::new();
    while let Some(r) = rows.next()? {
        let (name, sha256) = (r.get(0)?, r.get(1)?);
        files.push(ReadFile { name, sha256, bytes: size(r, 2)?, rows: size(r, 3)? });
    }
    Ok(files)
}

/// Whether an entry of a watched folder is in the list. What an earlier version imported no longer
/// counts, and the entry is imported again if it is still there: only such an import has a reason
/// and was not refused.
pub fn landed(c: &Connection, fingerprint: &str) -> Result<bool, StoreError> {
    let mut statement = c.prepare_cached(
        "SELECT 1 FROM usage_import
         WHERE landed = ?1 AND (state = 'refused' OR reason IS NULL) LIMIT 1",
    )?;
    Ok(statement.exists([fingerprint])?)
}

/// Withdraws an import.
pub fn withdraw(
    c: &Connection,
    number: i64,
    (at, actor): (Instant, &Actor),
    decided: UsageVersion,
    counts: &CountChange,
) -> Result<Withdrawn, WithdrawError> {
    let mut find = c
        .prepare_cached("SELECT state, withdrawn IS NOT NULL FROM usage_import WHERE n = ?1")
        .map_err(StoreError::from)?;
    let found = find.query_row([number], |r| Ok((r.get::<_, String>(0)?, r.get(1)?)));
    match found.optional().map_err(StoreError::from)? {
        None => return Err(WithdrawError::NoImport(number)),
        Some((_, true)) => return Err(WithdrawError::AlreadyWithdrawn(number)),
        Some((state, false)) if state == ImportState::Refused.name() => {
            return Err(WithdrawError::Refused(number));
        }
        Some(_) => {}
    }
    if decided != version(c)? {
        return Err(WithdrawError::Moved);
    }
    if let Some(new) = counts.begin.iter().find(|new| matches!(new.piece, PieceRef::New(_))) {
        let text = format!("{:?} is to count, and a withdrawal has no new pieces", new.piece);
        return Err(WithdrawError::Malformed(text));
    }
    let known = next_known(c, at)?;
    run(c, "UPDATE usage_import SET withdrawn = ?2 WHERE n = ?1", params![number, known])?;
    let Changed { ended, begun } = usage_counts::change(c, counts, &[], known)?;
    if let Some(left) = still_counted(c, number)? {
        let text = format!("count {left} is of import {number} and would not end with it");
        return Err(WithdrawError::Malformed(text));
    }
    let revision = bump(c)?;
    usage_log::withdrawn(c, number, known, actor)?;
    Ok(Withdrawn { ended, begun, known: instant(known), revision })
}

/// A count that holds of an import.
fn still_counted(c: &Connection, import: i64) -> Result<Option<i64>, StoreError> {
    let mut statement = c.prepare_cached(
        "SELECT c.n FROM usage_statement s JOIN usage_piece p ON p.statement = s.n
         JOIN usage_counted c ON c.piece = p.n AND c.superseded IS NULL
         WHERE s.import = ?1 LIMIT 1",
    )?;
    Ok(statement.query_row([import], |r| r.get(0)).optional()?)
}

/// Every charge file that holds a piece.
pub fn charge_files(c: &Connection) -> Result<Vec<ChargeFile>, StoreError> {
    let mut statement =
        c.prepare_cached("SELECT name, sha256, bytes FROM charge_file ORDER BY name")?;
    let mut rows = statement.query([])?;
    let mut files = Vec::new();
    while let Some(r) = rows.next()? {
        files.push(ChargeFile { name: r.get(0)?, sha256: r.get(1)?, bytes: size(r, 2)? });
    }
    Ok(files)
}
