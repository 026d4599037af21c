//! Facts in the audit log.
//!
//! A record of a change has a digest of the rows that it brought: SHA-256 over the digests of the rows, in their order.
//! So the log can be compared with a row of which a part was erased, as long as the record of the erasure has the
//! digest that the row had before. Records of versions before 11 have digests over all values of all rows; they are
//! compared with the view `fact_known`, which has the columns that the table had then.

use std::collections::BTreeMap;

use rusqlite::{Connection, params};

use super::digest::{self, Digest, RowDigest, chained, digest, joined};
use super::evidence::{ErasedFact, Evidence, FactsBaseline, FactsChange, FactsInParts};
use crate::seal::{hex, unhex};
use crate::{AuditAction, StoreError};

/// The columns that are never changed but by an erasure.
const COLUMNS: &str =
    "n, kind, subject, tenant, object, domain, partner, begins, ends, known, begun, line";

/// The columns of versions before 11, but for `superseded`.
const OLD_COLUMNS: &str =
    "n, kind, subject, tenant, object, domain, partner, begins, ends, known, line";

/// The change that brought the rows of versions before 11.
pub const EARLIER: i64 = 0;

/// What rows were before a part of them was erased, and what they are since: digests by row.
pub type ErasedRows = BTreeMap<i64, (RowDigest, RowDigest)>;

/// A number for a change that is about to be written.
pub fn new_change(c: &Connection) -> Result<i64, StoreError> {
    let sql = "SELECT 1 + max((SELECT max(n) FROM fact_change),
                              (SELECT coalesce(fact_staged, 0) FROM counter WHERE id = 1))";
    Ok(c.query_row(sql, [], |r| r.get(0))?)
}

/// The change that was the last to be seen.
pub fn last_change(c: &Connection) -> Result<i64, StoreError> {
    let sql = "SELECT n FROM fact_change ORDER BY known DESC LIMIT 1";
    Ok(c.prepare_cached(sql)?.query_row([], |r| r.get(0))?)
}

/// Lets a change be seen from an instant on; what the log says of it. `brought` and `ended` are its digests.
pub fn publish(
    c: &Connection,
    change: i64,
    known: i64,
    (brought, ended): (Digest, Digest),
) -> Result<FactsChange, StoreError> {
    let before: [u8; 32] =
        c.query_row("SELECT facts FROM counter WHERE id = 1", [], |r| r.get(0))?;
    let all = all(&before, &brought, &ended);
    c.execute("UPDATE counter SET facts = ?1 WHERE id = 1", [all])?;
    c.execute("INSERT INTO fact_change VALUES (?1, ?2)", [change, known])?;
    let change = Some(change);
    Ok(FactsChange { after: None, change, brought, known, ended, all: hex(&all) })
}

/// The digest of one row.
pub fn row(c: &Connection, n: i64) -> Result<RowDigest, StoreError> {
    let sql = format!("SELECT {COLUMNS} FROM fact WHERE n = ?1");
    let mut statement = c.prepare_cached(&sql)?;
    let columns = statement.column_count();
    let mut rows = statement.query([n])?;
    let row = rows.next()?.ok_or(rusqlite::Error::QueryReturnedNoRows)?;
    digest::row(row, columns)
}

/// Whether a record is of an erasure. The number stands in the statement, because a value that is bound keeps `SQLite` from
/// the index of these records.
pub fn is_erasure() -> String {
    format!("action = {}", AuditAction::PersonErase.number())
}

/// What erasures have left of rows, as the log says it. A record that cannot be read is for the chain to find.
pub fn erased(c: &Connection) -> Result<ErasedRows, StoreError> {
    // Without the sign the log would be read in its order, all of it.
    let sql = format!("SELECT evidence FROM audit WHERE {} ORDER BY +n", is_erasure());
    let mut statement = c.prepare(&sql)?;
    let mut records = statement.query([])?;
    let mut all = ErasedRows::new();
    while let Some(record) = records.next()? {
        let Ok(evidence) =
            serde_json::from_str::<Evidence>(record.get_ref(0)?.as_str().unwrap_or_default())
        else {
            continue;
        };
        for ErasedFact { fact, before, since } in evidence.erased {
            let digest = |text: &str| RowDigest::try_from(unhex(text)?).ok();
            if let Some((before, since)) = digest(&before).zip(digest(&since)) {
                all.entry(fact).or_insert((before, since)).1 = since;
            }
        }
    }
    Ok(all)
}

/// The rows that a change brought and ended.
pub fn rows_of(c: &Connection, change: i64) -> Result<(Digest, Digest), StoreError> {
    Ok((brought(c, change, &ErasedRows::new())?.0, ended(c, change)?))
}

/// The rows that a change brought, as they were before erasures; the numbers of those that neither are what an
/// erasure left nor were left alone.
pub fn brought(
    c: &Connection,
    change: i64,
    erased: &ErasedRows,
) -> Result<(Digest, Vec<i64>), StoreError> {
    let sql = format!("SELECT {COLUMNS} FROM fact WHERE begun = ?1 ORDER BY n");
    original(c, &sql, change, erased)
}

/// The digest of rows as they were before erasures, and the rows that are not as their erasure left them.
fn original(
    c: &Connection,
    sql: &str,
    value: i64,
    erased: &ErasedRows,
) -> Result<(Digest, Vec<i64>), StoreError> {
    let mut wrong = Vec::new();
    let digest = chained(c, sql, [value], |n, found| match erased.get(&n) {
        Some((before, since)) => {
            if *since != found {
                wrong.push(n);
            }
            *before
        }
        None => found,
    })?;
    Ok((digest, wrong))
}

/// The rows that a change ended.
pub fn ended(c: &Connection, change: i64) -> Result<Digest, StoreError> {
    digest(c, "SELECT n FROM fact WHERE ended = ?1 ORDER BY n", [change])
}

/// The digest of all facts after a change.
pub fn all(before: &[u8; 32], brought: &Digest, ended: &Digest) -> [u8; 32] {
    joined(&[before, brought.sha256.as_bytes(), ended.sha256.as_bytes()])
}

/// The facts that versions before 11 left, at the first start of a newer one; whether the log covers them already.
pub fn left_by_earlier(c: &Connection, covered: bool) -> Result<FactsInParts, StoreError> {
    let (rows, _) = brought(c, EARLIER, &ErasedRows::new())?;
    if !covered {
        c.execute("UPDATE counter SET facts = ?1 WHERE id = 1", [first(&rows)])?;
    }
    let all: [u8; 32] = c.query_row("SELECT facts FROM counter WHERE id = 1", [], |r| r.get(0))?;
    let last = last_change(c)?;
    let ended = c.query_row("SELECT count(ended) FROM fact", [], |r| r.get(0))?;
    Ok(FactsInParts { rows, ended, last, changes: changes(c, last)?, all: hex(&all) })
}

/// The changes up to one.
pub fn changes(c: &Connection, last: i64) -> Result<Digest, StoreError> {
    digest(c, "SELECT n, known FROM fact_change WHERE n <= ?1 ORDER BY n", [last])
}

/// The digest of all facts that a first digest of rows begins with.
pub fn first(rows: &Digest) -> [u8; 32] {
    joined(&[rows.sha256.as_bytes()])
}

/// Facts as versions before 11 had them: in the table, or in the view once a newer version has begun.
pub struct Earlier<'c> {
    c: &'c Connection,
    table: &'static str,
}

impl<'c> Earlier<'c> {
    pub fn of(c: &'c Connection) -> Result<Self, StoreError> {
        let table = if has_changes(c)? { "fact_known" } else { "fact" };
        Ok(Self { c, table })
    }

    /// The rows after one, up to another.
    pub fn brought(&self, after: i64, last: i64) -> Result<Digest, StoreError> {
        let table = self.table;
        let sql = format!("SELECT {OLD_COLUMNS} FROM {table} WHERE n > ?1 AND n <= ?2 ORDER BY n");
        digest(self.c, &sql, [after, last])
    }

    /// The rows that ended at an instant.
    pub fn ended(&self, known: i64) -> Result<Digest, StoreError> {
        let sql = format!("SELECT n FROM {} WHERE superseded = ?1 ORDER BY n", self.table);
        digest(self.c, &sql, [known])
    }

    /// All facts up to a row, as they were at an instant.
    pub fn baseline(&self, last: i64, known: i64) -> Result<FactsBaseline, StoreError> {
        let table = self.table;
        let sql = format!(
            "SELECT {OLD_COLUMNS}, CASE WHEN superseded <= ?2 THEN superseded END FROM {table}
             WHERE n <= ?1 ORDER BY n"
        );
        let rows = digest(self.c, &sql, [last, known])?;
        let sql = format!("SELECT count(*) FROM {table} WHERE n <= ?1 AND superseded <= ?2");
        let ended = self.c.query_row(&sql, params![last, known], |r| r.get(0))?;
        Ok(FactsBaseline { last, known, rows, ended })
    }

    /// How many facts there are, and how many have ended.
    pub fn count(&self) -> Result<(i64, i64), StoreError> {
        let sql = format!("SELECT count(*), count(superseded) FROM {}", self.table);
        Ok(self.c.query_row(&sql, [], |r| Ok((r.get(0)?, r.get(1)?)))?)
    }
}

/// Whether changes of facts have numbers: since version 11.
pub fn has_changes(c: &Connection) -> Result<bool, StoreError> {
    let sql = "SELECT 1 FROM sqlite_schema WHERE type = 'view' AND name = 'fact_known'";
    Ok(c.prepare(sql)?.exists([])?)
}
