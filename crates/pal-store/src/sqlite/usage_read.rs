//! What is read of usage to decide what counts, and to report on it.

use std::collections::HashMap;

use pal_model::Instant;
use rusqlite::{Connection, OptionalExtension, Row, params};

use super::revision;
use super::value::{instant, ticks};
use crate::{
    CountedRecord, LivePiece, PieceRecord, StatementRecord, StoreError, UsageAt, UsageMonth,
    UsageStatements, UsageVersion,
};

/// A month as a number: 202605.
pub fn month_number((year, month): UsageMonth) -> i64 {
    i64::from(year) * 100 + i64::from(month)
}

fn month(number: i64) -> UsageMonth {
    let year = i16::try_from(number.div_euclid(100)).unwrap_or_default();
    (year, i8::try_from(number.rem_euclid(100)).unwrap_or_default())
}

pub fn size(r: &Row, column: usize) -> Result<u64, StoreError> {
    let size: i64 = r.get(column)?;
    u64::try_from(size)
        .map_err(|_| StoreError::Unusable(format!("the usage holds a size of {size}")))
}

/// JSON of a row; `what` is named when it cannot be read.
fn parsed<T: serde::de::DeserializeOwned>(what: &str, n: i64, text: &str) -> Result<T, StoreError> {
    serde_json::from_str(text).map_err(|error| {
        StoreError::Unusable(format!("{what} {n} of the usage cannot be read: {error}"))
    })
}

/// Rises with each import that was not refused, and with each withdrawal.
pub fn version(c: &Connection) -> Result<UsageVersion, StoreError> {
    let mut statement = c.prepare_cached(
        "SELECT coalesce((SELECT n FROM usage_import WHERE state <> 'refused' ORDER BY n DESC LIMIT 1), 0)
              + (SELECT count(*) FROM usage_import WHERE withdrawn IS NOT NULL)",
    )?;
    Ok(UsageVersion(statement.query_row([], |r| r.get(0))?))
}

/// The statements that are not withdrawn, and their version, in one snapshot.
pub fn statements(c: &Connection) -> Result<UsageStatements, StoreError> {
    let c = c.unchecked_transaction()?;
    let version = version(&c)?;
    let mut statement = c.prepare_cached(
        "SELECT s.n, s.import, i.at, s.terms, s.series
         FROM usage_statement s JOIN usage_import i ON i.n = s.import
         WHERE i.withdrawn IS NULL ORDER BY s.n",
    )?;
    let mut rows = statement.query([])?;
    let mut statements = Vec::new();
    while let Some(r) = rows.next()? {
        let number = r.get(0)?;
        statements.push(StatementRecord {
            number,
            import: r.get(1)?,
            at: instant(r.get(2)?),
            terms: r.get(3)?,
            series: r.get(4)?,
            months: months(&c, number)?,
        });
    }
    Ok(UsageStatements { version, statements })
}

/// From one month to the next by the index: a statement can have very many pieces.
fn months(c: &Connection, statement: i64) -> Result<Vec<UsageMonth>, StoreError> {
    let mut next = c.prepare_cached(
        "SELECT month FROM usage_piece WHERE statement = ?1 AND month > ?2 ORDER BY month LIMIT 1",
    )?;
    let (mut months, mut last) = (Vec::new(), i64::MIN);
    while let Some(number) = next.query_row([statement, last], |r| r.get::<_, i64>(0)).optional()? {
        months.push(month(number));
        last = number;
    }
    Ok(months)
}

/// The pieces of some statements and months, by number.
pub fn pieces(
    c: &Connection,
    statements: &[i64],
    months: &[UsageMonth],
) -> Result<Vec<PieceRecord>, StoreError> {
    let c = c.unchecked_transaction()?;
    let mut find = c.prepare_cached(
        "SELECT p.n, p.statement, p.month, k.subject, k.account, f.name, k.row_groups, k.rows,
                d.days, k.digest
         FROM usage_piece p JOIN usage_content k ON k.n = p.content
         JOIN usage_days d ON d.content = k.n JOIN charge_file f ON f.n = k.file
         WHERE p.statement = ?1 AND p.month = ?2",
    )?;
    let mut pieces = Vec::new();
    for statement in once(statements.iter().copied()) {
        for wanted in once(months.iter().copied().map(month_number)) {
            let mut rows = find.query([statement, wanted])?;
            while let Some(r) = rows.next()? {
                let (number, row_groups): (i64, String) = (r.get(0)?, r.get(6)?);
                pieces.push(PieceRecord {
                    number,
                    statement: r.get(1)?,
                    month: month(r.get(2)?),
                    subject: r.get(3)?,
                    account: r.get(4)?,
                    file: r.get(5)?,
                    row_groups: parsed("piece", number, &row_groups)?,
                    rows: size(r, 7)?,
                    days: r.get(8)?,
                    digest: r.get(9)?,
                });
            }
        }
    }
    pieces.sort_unstable_by_key(|piece| piece.number);
    Ok(pieces)
}

/// In order, each one once.
fn once(of: impl Iterator<Item = i64>) -> std::collections::BTreeSet<i64> {
    of.collect()
}

/// What is counted now of the pieces of some months, by number.
pub fn counted(c: &Connection, months: &[UsageMonth]) -> Result<Vec<CountedRecord>, StoreError> {
    let c = c.unchecked_transaction()?;
    let mut find = c.prepare_cached(
        "SELECT c.n, c.piece, p.statement, c.selection
         FROM usage_counted c INDEXED BY usage_counted_month JOIN usage_piece p ON p.n = c.piece
         WHERE c.month = ?1 AND c.superseded IS NULL",
    )?;
    let mut counted = Vec::new();
    for wanted in once(months.iter().copied().map(month_number)) {
        let mut rows = find.query([wanted])?;
        while let Some(r) = rows.next()? {
            let (number, selection): (i64, Option<String>) = (r.get(0)?, r.get(3)?);
            counted.push(CountedRecord {
                number,
                piece: r.get(1)?,
                statement: r.get(2)?,
                selection: selection.map(|s| parsed("count", number, &s)).transpose()?,
            });
        }
    }
    counted.sort_unstable_by_key(|counted| counted.number);
    Ok(counted)
}

/// What counted, as it was known, and the revision it is of, in one snapshot.
pub fn snapshot(c: &Connection, known_at: Option<Instant>) -> Result<UsageAt, StoreError> {
    let c = c.unchecked_transaction()?;
    let revision = revision(&c)?;
    let at = known_at.map_or(i64::MAX, ticks);
    let mut reading =
        Reading { at, statements: origins(&c)?, files: files(&c)?, pieces: Vec::new() };
    // What ended before is the most of it after some years, and is not looked at.
    reading.read(&c, "usage_counted_month", "c.superseded IS NULL AND c.known <= ?1")?;
    if known_at.is_some() {
        reading.read(&c, "usage_counted_superseded", "c.superseded > ?1 AND c.known <= ?1")?;
    }
    let mut pieces = reading.pieces;
    pieces.sort_unstable_by(|a, b| {
        (a.month, &a.subject, a.number).cmp(&(b.month, &b.subject, b.number))
    });
    editions(&c, &mut pieces, at)?;
    Ok(UsageAt { revision, pieces })
}

struct Reading {
    /// The tick that is asked for.
    at: i64,
    /// Import and series of each statement.
    statements: HashMap<i64, (i64, String)>,
    /// The name of each charge file.
    files: HashMap<i64, String>,
    pieces: Vec<LivePiece>,
}

impl Reading {
    /// Reads the counts that an index and a condition find.
    fn read(&mut self, c: &Connection, index: &str, condition: &str) -> Result<(), StoreError> {
        let mut statement = c.prepare_cached(&format!(
            "SELECT c.n, c.piece, p.statement, p.month, k.subject, k.account, k.file, k.row_groups,
                    c.selection, c.rows, k.digest, c.first, c.last, c.costs, c.known
             FROM usage_counted c INDEXED BY {index}
             JOIN usage_piece p ON p.n = c.piece JOIN usage_content k ON k.n = p.content
             WHERE {condition}"
        ))?;
        let mut rows = statement.query([self.at])?;
        while let Some(row) = rows.next()? {
            let piece = self.piece(row)?;
            self.pieces.push(piece);
        }
        Ok(())
    }

    fn piece(&self, r: &Row) -> Result<LivePiece, StoreError> {
        let (number, statement, file): (i64, i64, i64) = (r.get(0)?, r.get(2)?, r.get(6)?);
        let lost =
            |what: &str| StoreError::Unusable(format!("count {number} of the usage has no {what}"));
        let (import, series) =
            self.statements.get(&statement).ok_or_else(|| lost("statement"))?.clone();
        let (row_groups, costs): (String, String) = (r.get(7)?, r.get(13)?);
        let selection: Option<String> = r.get(8)?;
        Ok(LivePiece {
            number,
            piece: r.get(1)?,
            statement,
            import,
            series,
            month: month(r.get(3)?),
            subject: r.get(4)?,
            account: r.get(5)?,
            file: self.files.get(&file).ok_or_else(|| lost("charge file"))?.clone(),
            row_groups: parsed("count", number, &row_groups)?,
            selection: selection.map(|s| parsed("count", number, &s)).transpose()?,
            rows: size(r, 9)?,
            digest: r.get(10)?,
            first: instant(r.get(11)?),
            last: instant(r.get(12)?),
            costs: parsed("count", number, &costs)?,
            known: instant(r.get(14)?),
            edition: 0,
        })
    }
}

fn origins(c: &Connection) -> Result<HashMap<i64, (i64, String)>, StoreError> {
    let mut statement = c.prepare_cached("SELECT n, import, series FROM usage_statement")?;
    let rows = statement.query_map([], |r| Ok((r.get(0)?, (r.get(1)?, r.get(2)?))))?;
    Ok(rows.collect::<Result<_, _>>()?)
}

fn files(c: &Connection) -> Result<HashMap<i64, String>, StoreError> {
    let mut statement = c.prepare_cached("SELECT n, name FROM charge_file")?;
    let rows = statement.query_map([], |r| Ok((r.get(0)?, r.get(1)?)))?;
    Ok(rows.collect::<Result<_, _>>()?)
}

/// Sets the editions of pieces in the order of month and subject: each is looked up once.
fn editions(c: &Connection, pieces: &mut [LivePiece], at: i64) -> Result<(), StoreError> {
    let mut newest = c.prepare_cached(
        "SELECT edition FROM usage_edition WHERE month = ?1 AND subject = ?2 AND known <= ?3
         ORDER BY known DESC LIMIT 1",
    )?;
    let same = |a: &LivePiece, b: &LivePiece| (a.month, &a.subject) == (b.month, &b.subject);
    for of_place in pieces.chunk_by_mut(same) {
        let Some(first) = of_place.first() else { continue };
        let place = params![month_number(first.month), first.subject, at];
        let edition: u32 = newest.query_row(place, |r| r.get(0)).optional()?.unwrap_or_default();
        for piece in of_place {
            piece.edition = edition;
        }
    }
    Ok(())
}
