//! A copy of the database while others write to it, and the record that one was put back.

use std::path::Path;

use pal_model::Instant;
use rusqlite::backup::{Backup, StepResult};
use rusqlite::{Connection, TransactionBehavior};
use serde::{Deserialize, Serialize};
use serde_json::json;

use super::connect::{self, DATABASE};
use super::evidence::Evidence;
use super::value::ticks;
use super::{audit, known};
use crate::seal::hex;
use crate::{ChargeFile, StoreError};

/// What a copy of the database holds.
#[derive(Debug)]
pub struct DatabaseCopy {
    /// The last record of its audit log; 0 = it has none.
    pub record: i64,
    /// The hash of that record, hexadecimal.
    pub hash: String,
    /// How many checkpoints its log tells of.
    pub checkpoints: usize,
    /// The charge files that it needs.
    pub charges: Vec<ChargeFile>,
}

/// Copies the database of a data folder into the file `to`, which must not be there. The copy is of
/// one instant, whatever a service writes meanwhile.
///
/// # Errors
/// The database is missing, cannot be read, or is damaged; `to` cannot be written.
pub fn copy_database(folder: &Path, to: &Path) -> Result<DatabaseCopy, StoreError> {
    let from = folder.join(DATABASE);
    if !from.is_file() {
        return Err(StoreError::Unusable(format!(
            "{} has no {DATABASE}: it is not a data folder of OpenPAL",
            folder.display()
        )));
    }
    let source = connect::open(&from)?;
    let mut copy = Connection::open(to)?;
    // All pages at once, within one read: writers go on beside it, and a lock was waited for.
    if Backup::new(&source, &mut copy)?.step(-1)? != StepResult::Done {
        return Err(StoreError::Unavailable("the database is locked".to_owned()));
    }
    // One file, without a log beside it.
    copy.query_row("PRAGMA journal_mode = DELETE", [], |_| Ok(()))?;
    let state: String = copy.query_row("PRAGMA quick_check(1)", [], |r| r.get(0))?;
    if state != "ok" {
        return Err(StoreError::Unusable(format!("the database is damaged: {state}")));
    }
    let sql = "SELECT audit_number, audit_hash, checkpoints FROM counter WHERE id = 1";
    let (record, hash, checkpoints): (i64, Vec<u8>, i64) =
        copy.query_row(sql, [], |r| Ok((r.get(0)?, r.get(1)?, r.get(2)?)))?;
    let mut statement =
        copy.prepare("SELECT name, sha256, bytes FROM charge_file ORDER BY name")?;
    let files = statement.query_map([], |r| {
        let bytes: i64 = r.get(2)?;
        Ok(ChargeFile { name: r.get(0)?, sha256: r.get(1)?, bytes: bytes.cast_unsigned() })
    })?;
    let charges = files.collect::<Result<_, _>>()?;
    let checkpoints = usize::try_from(checkpoints).unwrap_or_default();
    Ok(DatabaseCopy { record, hash: hex(&hash), checkpoints, charges })
}

/// What the log says where a copy was put back.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Restored {
    /// What has changed of the store's state.
    pub change: String,
    /// The last record that the copy had.
    pub record: i64,
    /// When the copy was made, RFC 3339.
    pub taken_at: String,
}

/// The word for it.
pub const RESTORED: &str = "restored";

/// Records in a database that was put back that it was, and of which record it is.
///
/// # Errors
/// The database cannot be opened, is newer than this program, or ends with another record.
pub fn record_restore(
    folder: &Path,
    record: i64,
    hash: &str,
    taken_at: Instant,
    at: Instant,
) -> Result<(), StoreError> {
    let mut c = connect::open(&folder.join(DATABASE))?;
    let sql = "SELECT audit_number, audit_hash FROM counter WHERE id = 1";
    let (number, found): (i64, Vec<u8>) = c.query_row(sql, [], |r| Ok((r.get(0)?, r.get(1)?)))?;
    if (number, hex(&found).as_str()) != (record, hash) {
        return Err(StoreError::Unusable(format!(
            "the database ends with record {number} and not with the record {record} that the backup \
             names"
        )));
    }
    connect::migrate(&mut c)?;
    let c = c.transaction_with_behavior(TransactionBehavior::Immediate)?;
    // A clock that is behind that of the copy must not put the record before those it follows.
    let at = ticks(at).max(known::last_known(&c)?);
    let detail = json!({ "change": RESTORED, "record": record, "takenAt": taken_at.to_string() });
    audit::append_state(&c, at, &detail, Evidence::default())?;
    c.commit()?;
    Ok(())
}
