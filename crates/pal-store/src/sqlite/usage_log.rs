//! Usage in the audit log: each record has digests of the rows that the change made or ended, so
//! that `audit::verify` finds whatever is changed in them by other means.

use rusqlite::Connection;
use serde_json::json;

use super::audit::{self, Entry};
pub use super::digest::Digest;
use super::digest::digest;
use super::evidence::{Evidence, Sealed};
use super::value::ticks;
use crate::seal::hex;
use crate::{Actor, AuditAction, StoreError, UsageImport};

/// The import as it is listed, without what is set later.
pub fn listed(c: &Connection, number: i64) -> Result<Digest, StoreError> {
    digest(
        c,
        "SELECT 0, n, at, name, state, reason, landed, rows, new, known, replaced, added, older_run, ended
         FROM usage_import WHERE n = ?1
         UNION ALL SELECT 1, place, name, sha256, bytes, rows, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL
         FROM usage_read WHERE import = ?1
         ORDER BY 1, 2",
        [number],
    )
}

/// The pieces that an import brought, with the files that hold them.
pub fn brought(c: &Connection, number: i64) -> Result<Digest, StoreError> {
    digest(
        c,
        "SELECT p.n, p.source, p.month, p.subject, f.name, f.sha256, f.bytes, p.row_groups, p.rows,
                p.digest, p.first, p.last, p.costs, p.known
         FROM usage_piece p JOIN charge_file f ON f.n = p.file WHERE p.import = ?1 ORDER BY p.n",
        [number],
    )
}

/// The pieces that a change ended: each change has a tick of its own.
pub fn superseded(c: &Connection, known: i64) -> Result<Digest, StoreError> {
    digest(c, "SELECT n FROM usage_piece WHERE superseded = ?1 ORDER BY n", [known])
}

/// Records an import; `known` is the tick of its changes, if it made any.
pub fn imported(
    c: &Connection,
    import: &UsageImport,
    number: i64,
    known: Option<i64>,
) -> Result<(), StoreError> {
    let sql = "SELECT state, new, known, replaced, added, older_run, ended FROM usage_import
               WHERE n = ?1";
    let mut detail = c.prepare_cached(sql)?.query_row([number], |r| {
        Ok(json!({
            "number": number,
            "state": r.get::<_, String>(0)?,
            "new": r.get::<_, i64>(1)?,
            "same": r.get::<_, i64>(2)?,
            "replaced": r.get::<_, i64>(3)?,
            "added": r.get::<_, i64>(4)?,
            "olderRun": r.get::<_, i64>(5)?,
            "ended": r.get::<_, i64>(6)?,
        }))
    })?;
    let hashes = |hash: &mut dyn Iterator<Item = [u8; 32]>| -> Vec<String> {
        hash.map(|sha256| hex(&sha256)).collect()
    };
    detail["read"] = hashes(&mut import.read.iter().map(|file| file.sha256)).into();
    detail["charges"] = hashes(&mut import.charges.iter().map(|file| file.sha256)).into();
    detail["listed"] = json!(listed(c, number)?);
    detail["brought"] = json!(brought(c, number)?);
    if let Some(known) = known {
        detail["known"] = known.into();
        detail["superseded"] = json!(superseded(c, known)?);
    }
    append(c, AuditAction::UsageImport, ticks(import.at), &import.actor, &detail)
}

/// Records an import that was refused.
pub fn refused(c: &Connection, number: i64, at: i64, actor: &Actor) -> Result<(), StoreError> {
    let detail = json!({
        "number": number, "state": "refused",
        "listed": listed(c, number)?, "brought": brought(c, number)?,
    });
    append(c, AuditAction::UsageImport, at, actor, &detail)
}

/// Records a withdrawal.
pub fn withdrawn(c: &Connection, number: i64, known: i64, actor: &Actor) -> Result<(), StoreError> {
    let detail = json!({ "number": number, "known": known, "superseded": superseded(c, known)? });
    append(c, AuditAction::UsageWithdraw, known, actor, &detail)
}

fn append(
    c: &Connection,
    action: AuditAction,
    at: i64,
    actor: &Actor,
    detail: &serde_json::Value,
) -> Result<(), StoreError> {
    let (target, versions, detail) = (None, (None, None), &detail.to_string());
    let evidence = Evidence::of_tables(c, Sealed::Usage)?;
    let entry = Entry { at, actor, action, target, detail, versions };
    audit::append_with(c, &entry, evidence).map(|_| ())
}
