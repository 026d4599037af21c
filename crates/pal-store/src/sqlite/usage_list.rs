//! What is kept of usage: the imports, and the pieces that count or counted.

use pal_model::Instant;
use rusqlite::{Connection, OptionalExtension, Params, Row, params};

use super::known::next_known;
use super::usage::{signed, supersede};
use super::usage_rules::{Judged, Run};
use super::value::{instant, ticks};
use super::{bump, revision, usage_log};
use crate::{
    Actor, ChargeFile, ImportState, LivePiece, PieceOutcome, ReadFile, StoreError, UsageAt,
    UsageImport, UsageImportRecord, WithdrawError, Withdrawn,
};

/// Runs a statement; the number of the row that it put in.
pub fn run(c: &Connection, sql: &str, values: impl Params) -> Result<i64, StoreError> {
    c.prepare_cached(sql)?.execute(values)?;
    Ok(c.last_insert_rowid())
}

/// A month from its number.
pub fn month(number: i64) -> (i16, i8) {
    let year = i16::try_from(number.div_euclid(100)).unwrap_or_default();
    (year, i8::try_from(number.rem_euclid(100)).unwrap_or_default())
}

const fn state_name(state: ImportState) -> &'static str {
    match state {
        ImportState::Counted => "counted",
        ImportState::Unchanged => "unchanged",
        ImportState::Refused => "refused",
    }
}

/// Puts an import into the list, with its files and runs; its number.
pub fn record(
    c: &Connection,
    import: &UsageImport,
    state: ImportState,
    judged: &Judged,
) -> Result<i64, StoreError> {
    let count = |outcome: PieceOutcome| {
        signed(judged.outcomes.iter().filter(|other| **other == outcome).count() as u64)
    };
    let [new, known, replaced, added, older] = PieceOutcome::ALL.map(count);
    let rows = import.pieces.iter().fold(0u64, |sum, piece| sum.saturating_add(piece.rows));
    let number = run(
        c,
        "INSERT INTO usage_import (at, name, state, landed, rows, new, known, replaced, added,
            older_run, ended) VALUES (?1,?2,?3,?4,?5,?6,?7,?8,?9,?10,?11)",
        params![
            ticks(import.at),
            import.name,
            state_name(state),
            import.landed,
            signed(rows),
            new,
            known,
            replaced,
            added,
            older,
            signed(judged.ended.len() as u64),
        ],
    )?;
    for (place, file) in import.read.iter().enumerate() {
        let (place, bytes, rows) = (signed(place as u64), signed(file.bytes), signed(file.rows));
        run(
            c,
            "INSERT INTO usage_read VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
            params![number, place, file.name, file.sha256, bytes, rows],
        )?;
    }
    for source in &import.sources {
        let Some(stated) = source.run.as_ref().map(Run::new) else { continue };
        run(
            c,
            "INSERT INTO usage_run VALUES (?1, ?2, ?3, ?4, ?5)",
            params![source.key, stated.month, stated.submitted, stated.id, number],
        )?;
    }
    Ok(number)
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
        "INSERT INTO usage_import (at, name, state, reason, landed, rows, new, known, replaced,
            added, older_run, ended) VALUES (?1, ?2, ?3, ?4, ?5, 0, 0, 0, 0, 0, 0, 0)",
        params![ticks(at), name, state_name(ImportState::Refused), reason, landed],
    )?;
    usage_log::refused(c, number, ticks(at), actor)?;
    Ok(number)
}

/// The columns of a piece, as known at `?1`. Its edition is the number of instants at which what
/// is known of its month and subject changed.
const PIECE: &str = "SELECT p.n, p.import, p.source, p.month, p.subject, f.name, p.row_groups,
        p.rows, p.digest, p.first, p.last, p.costs, p.known,
        (SELECT count(*) FROM (
            SELECT e.known FROM usage_piece e
            WHERE e.month = p.month AND e.subject = p.subject AND e.known <= ?1
            UNION
            SELECT e.superseded FROM usage_piece e
            WHERE e.month = p.month AND e.subject = p.subject AND e.superseded <= ?1))
     FROM usage_piece p JOIN charge_file f ON f.n = p.file";

fn live_piece(r: &Row) -> Result<LivePiece, StoreError> {
    let number: i64 = r.get(0)?;
    let damaged = |error: serde_json::Error| {
        StoreError::Unusable(format!("piece {number} of the usage cannot be read: {error}"))
    };
    let (row_groups, costs): (String, String) = (r.get(6)?, r.get(11)?);
    Ok(LivePiece {
        number,
        import: r.get(1)?,
        source_key: r.get(2)?,
        month: month(r.get(3)?),
        subject: r.get(4)?,
        file: r.get(5)?,
        row_groups: serde_json::from_str(&row_groups).map_err(damaged)?,
        rows: size(r, 7)?,
        digest: r.get(8)?,
        first: instant(r.get(9)?),
        last: instant(r.get(10)?),
        costs: serde_json::from_str(&costs).map_err(damaged)?,
        known: instant(r.get(12)?),
        edition: r.get(13)?,
    })
}

fn size(r: &Row, column: usize) -> Result<u64, StoreError> {
    let size: i64 = r.get(column)?;
    u64::try_from(size)
        .map_err(|_| StoreError::Unusable(format!("the usage holds a size of {size}")))
}

/// A piece that counts.
pub fn piece(c: &Connection, number: i64) -> Result<Option<LivePiece>, StoreError> {
    let mut statement = c.prepare_cached(&format!("{PIECE} WHERE p.n = ?2"))?;
    let mut rows = statement.query(params![i64::MAX, number])?;
    rows.next()?.map(live_piece).transpose()
}

/// The pieces as they were known, and the revision they are of, in one snapshot.
pub fn snapshot(c: &Connection, known_at: Option<Instant>) -> Result<UsageAt, StoreError> {
    let transaction = c.unchecked_transaction()?;
    let revision = revision(&transaction)?;
    let mut pieces = Vec::new();
    {
        // Now is asked most, and has an index of its own.
        let which = match known_at {
            None => "p.superseded IS NULL AND p.known <= ?1",
            Some(_) => "p.known <= ?1 AND (p.superseded IS NULL OR p.superseded > ?1)",
        };
        let mut statement = transaction
            .prepare_cached(&format!("{PIECE} WHERE {which} ORDER BY p.month, p.subject, p.n"))?;
        let mut rows = statement.query([known_at.map_or(i64::MAX, ticks)])?;
        while let Some(row) = rows.next()? {
            pieces.push(live_piece(row)?);
        }
    }
    transaction.finish()?;
    Ok(UsageAt { revision, pieces })
}

/// The last imports, newest first.
pub fn imports(c: &Connection, limit: u32) -> Result<Vec<UsageImportRecord>, StoreError> {
    // One snapshot: the files are of the imports that were read.
    let c = c.unchecked_transaction()?;
    let mut statement = c.prepare_cached(
        "SELECT n, at, name, state, reason, landed, rows, new, known, replaced, added, older_run,
                ended, withdrawn
         FROM usage_import ORDER BY n DESC LIMIT ?1",
    )?;
    let mut rows = statement.query([limit])?;
    let mut imports = Vec::new();
    while let Some(r) = rows.next()? {
        let (number, state): (i64, String) = (r.get(0)?, r.get(3)?);
        let states = [ImportState::Counted, ImportState::Unchanged, ImportState::Refused];
        let unknown = || StoreError::Unusable(format!("import {number} has the state {state}"));
        let mut pieces = [0; 5];
        for (column, count) in (7..).zip(&mut pieces) {
            *count = size(r, column)?;
        }
        imports.push(UsageImportRecord {
            number,
            at: instant(r.get(1)?),
            name: r.get(2)?,
            state: states.into_iter().find(|s| state_name(*s) == state).ok_or_else(unknown)?,
            reason: r.get(4)?,
            rows: size(r, 6)?,
            pieces,
            ended: size(r, 12)?,
            read: read_files(&c, number)?,
            withdrawn: r.get::<_, Option<i64>>(13)?.map(instant),
            landed: r.get(5)?,
        });
    }
    Ok(imports)
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

/// Whether an entry of a watched folder is in the list.
pub fn landed(c: &Connection, fingerprint: &str) -> Result<bool, StoreError> {
    let mut statement = c.prepare_cached("SELECT 1 FROM usage_import WHERE landed = ?1 LIMIT 1")?;
    Ok(statement.exists([fingerprint])?)
}

/// Ends what an import brought and still counts.
pub fn withdraw(
    c: &Connection,
    number: i64,
    at: Instant,
    actor: &Actor,
) -> Result<Withdrawn, WithdrawError> {
    let pieces = brought(c, number)?;
    if pieces.is_empty() {
        let there = "SELECT 1 FROM usage_import WHERE n = ?1";
        let found = c.query_row(there, [number], |_| Ok(())).optional();
        return Err(match found.map_err(StoreError::from)? {
            Some(()) => WithdrawError::NothingLive(number),
            None => WithdrawError::NoImport(number),
        });
    }
    let known = next_known(c, at)?;
    let mut rows = 0u64;
    for (n, piece_rows) in &pieces {
        supersede(c, *n, known)?;
        rows = rows.saturating_add(*piece_rows);
    }
    run(c, "UPDATE usage_import SET withdrawn = ?2 WHERE n = ?1", params![number, known])?;
    let (pieces, revision) = (pieces.len() as u64, bump(c)?);
    usage_log::withdrawn(c, number, known, actor)?;
    Ok(Withdrawn { pieces, rows, known: instant(known), revision })
}

/// Number and rows of the pieces of an import that count.
fn brought(c: &Connection, import: i64) -> Result<Vec<(i64, u64)>, StoreError> {
    let mut statement = c.prepare_cached(
        "SELECT n, rows FROM usage_piece WHERE import = ?1 AND superseded IS NULL ORDER BY n",
    )?;
    let mut rows = statement.query([import])?;
    let mut pieces = Vec::new();
    while let Some(r) = rows.next()? {
        pieces.push((r.get(0)?, size(r, 1)?));
    }
    Ok(pieces)
}

/// Every charge file that holds, or held, something that counts.
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
