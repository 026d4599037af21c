//! Facts in the audit log.

use rusqlite::{Connection, params};

use super::digest::{Digest, digest, joined};
use super::evidence::{FactsBaseline, FactsChange};
use crate::StoreError;
use crate::seal::hex;

/// All columns but `superseded`, which is set later.
const COLUMNS: &str =
    "n, kind, subject, tenant, object, domain, partner, begins, ends, known, line";

/// The last row.
pub fn last(c: &Connection) -> Result<i64, StoreError> {
    Ok(c.query_row("SELECT coalesce(max(n), 0) FROM fact", [], |r| r.get(0))?)
}

/// What a change did at an instant, when `after` was the last row before it; the digest of all facts
/// is moved on.
pub fn changed(c: &Connection, after: i64, known: i64) -> Result<FactsChange, StoreError> {
    let (brought, ended) = (brought(c, after, i64::MAX)?, ended(c, known)?);
    let before: [u8; 32] =
        c.query_row("SELECT facts FROM counter WHERE id = 1", [], |r| r.get(0))?;
    let all = all(&before, &brought, &ended);
    c.execute("UPDATE counter SET facts = ?1 WHERE id = 1", [all])?;
    Ok(FactsChange { after, brought, known, ended, all: hex(&all) })
}

/// The rows after one, up to another.
pub fn brought(c: &Connection, after: i64, last: i64) -> Result<Digest, StoreError> {
    let sql = format!("SELECT {COLUMNS} FROM fact WHERE n > ?1 AND n <= ?2 ORDER BY n");
    digest(c, &sql, [after, last])
}

/// The rows that ended at an instant.
pub fn ended(c: &Connection, known: i64) -> Result<Digest, StoreError> {
    digest(c, "SELECT n FROM fact WHERE superseded = ?1 ORDER BY n", [known])
}

/// The digest of all facts after a change.
pub fn all(before: &[u8; 32], brought: &Digest, ended: &Digest) -> [u8; 32] {
    joined(&[before, brought.sha256.as_bytes(), ended.sha256.as_bytes()])
}

/// All facts up to a row, as they were at an instant.
pub fn baseline(c: &Connection, last: i64, known: i64) -> Result<FactsBaseline, StoreError> {
    let sql = format!(
        "SELECT {COLUMNS}, CASE WHEN superseded <= ?2 THEN superseded END FROM fact
         WHERE n <= ?1 ORDER BY n"
    );
    let rows = digest(c, &sql, [last, known])?;
    let sql = "SELECT count(*) FROM fact WHERE n <= ?1 AND superseded <= ?2";
    let ended = c.query_row(sql, params![last, known], |r| r.get(0))?;
    Ok(FactsBaseline { last, known, rows, ended })
}

/// The digest of all facts that a baseline begins with.
pub fn first(baseline: &FactsBaseline) -> [u8; 32] {
    joined(&[baseline.rows.sha256.as_bytes()])
}
