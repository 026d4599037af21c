//! Connections: every one with the same settings, read back.

use std::path::Path;
use std::time::Duration;

use rusqlite::Connection;
use rusqlite::config::DbConfig;

use serde_json::json;

use super::evidence::{Evidence, SEALED};
use super::session_log::{PORTAL, SessionLog, TOKENS};
use super::{audit, fact_log, known};
use crate::StoreError;

/// The name of the database in a data folder.
pub const DATABASE: &str = "openpal.db";

/// The first release without the fault that could corrupt a write-ahead log when it is reset.
const OLDEST: i32 = 3_051_003;

/// What a version does beside its statements.
type Step = fn(&Connection) -> Result<(), StoreError>;

const NOTHING: Step = |_| Ok(());

const MIGRATIONS: [(&str, Step); 12] = [
    (include_str!("../../migrations/sqlite/0001_begin.sql"), NOTHING),
    (include_str!("../../migrations/sqlite/0002_usage.sql"), NOTHING),
    (include_str!("../../migrations/sqlite/0003_portal.sql"), NOTHING),
    (include_str!("../../migrations/sqlite/0004_privacy.sql"), NOTHING),
    (include_str!("../../migrations/sqlite/0005_names.sql"), super::fact_line::fold_again),
    (include_str!("../../migrations/sqlite/0006_known.sql"), NOTHING),
    (include_str!("../../migrations/sqlite/0007_evidence.sql"), NOTHING),
    (include_str!("../../migrations/sqlite/0008_usage_statements.sql"), NOTHING),
    (include_str!("../../migrations/sqlite/0009_secrets.sql"), NOTHING),
    (include_str!("../../migrations/sqlite/0010_follow.sql"), NOTHING),
    (include_str!("../../migrations/sqlite/0011_parts.sql"), NOTHING),
    (include_str!("../../migrations/sqlite/0012_erasure.sql"), NOTHING),
];

/// Refuses a library with known ways to lose data.
pub fn check_library() -> Result<(), StoreError> {
    if rusqlite::version_number() < OLDEST {
        return Err(StoreError::Unusable(format!(
            "SQLite {} can lose data; 3.51.3 or later is needed: build with the bundled library",
            rusqlite::version()
        )));
    }
    Ok(())
}

/// Opens the database with full durability.
pub fn open(path: &Path) -> Result<Connection, StoreError> {
    let connection = Connection::open(path)?;
    connection.busy_timeout(Duration::from_secs(20))?;
    // Without it, a statement whose plan may depend on a value is parsed again for each new value:
    // that took half of the time of a read.
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_QPSG, true)?;
    let mode: String = connection.query_row("PRAGMA journal_mode = WAL", [], |r| r.get(0))?;
    connection.execute_batch(
        "PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON; PRAGMA trusted_schema = OFF;
         PRAGMA cache_size = -16000;",
    )?;
    let synchronous: i64 = connection.query_row("PRAGMA synchronous", [], |r| r.get(0))?;
    let foreign_keys: i64 = connection.query_row("PRAGMA foreign_keys", [], |r| r.get(0))?;
    if mode != "wal" || synchronous != 2 || foreign_keys != 1 {
        return Err(StoreError::Unusable(format!(
            "the database did not take its settings (journal {mode}, synchronous {synchronous}): \
             is the data folder on a network file system?"
        )));
    }
    connection.set_prepared_statement_cache_capacity(64);
    Ok(connection)
}

/// Brings the database to this program's version.
pub fn migrate(connection: &mut Connection) -> Result<(), StoreError> {
    let newest = i64::try_from(MIGRATIONS.len()).unwrap_or(i64::MAX);
    let version = |c: &Connection| c.query_row("PRAGMA user_version", [], |r| r.get::<_, i64>(0));
    if version(connection)? == newest {
        return Ok(());
    }
    let transaction =
        connection.transaction_with_behavior(rusqlite::TransactionBehavior::Immediate)?;
    let from = version(&transaction)?;
    if from > newest {
        return Err(StoreError::Unusable(format!(
            "the database is of version {from}, made by a newer program; this one knows {newest}. \
             Use the newer program"
        )));
    }
    for (statements, step) in MIGRATIONS.iter().skip(from as usize) {
        transaction.execute_batch(statements)?;
        step(&transaction)?;
    }
    transaction.pragma_update(None, "user_version", newest)?;
    if from > 0 {
        baseline(&transaction, from, newest)?;
    }
    transaction.commit()?;
    Ok(())
}

/// The first version whose log covers facts, credentials and sessions.
const COVERED_SINCE: i64 = 7;

/// The first version that writes facts in parts.
const PARTS_SINCE: i64 = 11;

/// Puts into the log what there is at the first start of a newer version: from here on it is covered.
fn baseline(c: &Connection, from: i64, to: i64) -> Result<(), StoreError> {
    let known = known::last_known(c)?;
    let mut evidence = Evidence::default();
    for (group, _) in SEALED {
        evidence.tables.extend(group.digests(c)?);
    }
    if from < PARTS_SINCE {
        evidence.in_parts = Some(fact_log::left_by_earlier(c, from >= COVERED_SINCE)?);
    }
    if from < COVERED_SINCE {
        let mut sessions = SessionLog::default();
        for table in [PORTAL, TOKENS] {
            sessions.all(c, table)?;
        }
        evidence = sessions.evidence(evidence);
    }
    let detail = json!({ "change": "version", "from": from, "to": to });
    audit::append_state(c, known, &detail, evidence).map(|_| ())
}

/// The schema as it is at a version, to compare with.
pub fn schema(version: i64) -> Result<Vec<(String, String, String)>, StoreError> {
    let c = Connection::open_in_memory()?;
    for (statements, _) in MIGRATIONS.iter().take(usize::try_from(version).unwrap_or_default()) {
        c.execute_batch(statements)?;
    }
    schema_of(&c)
}

/// Kind, name and text of everything in the schema.
pub fn schema_of(c: &Connection) -> Result<Vec<(String, String, String)>, StoreError> {
    let mut statement = c.prepare(
        "SELECT type, name, coalesce(sql, '') FROM sqlite_schema
         WHERE name NOT LIKE 'sqlite_stat%' ORDER BY type, name",
    )?;
    let rows = statement.query_map([], |r| Ok((r.get(0)?, r.get(1)?, r.get(2)?)))?;
    Ok(rows.collect::<Result<_, _>>()?)
}

impl From<rusqlite::Error> for StoreError {
    /// For everything but a commit: nothing has been changed.
    fn from(error: rusqlite::Error) -> Self {
        use rusqlite::ErrorCode::{DatabaseCorrupt, NotADatabase};
        match error.sqlite_error_code() {
            Some(DatabaseCorrupt | NotADatabase) => {
                Self::Unusable(format!("the database is damaged: {error}"))
            }
            _ => Self::Unavailable(error.to_string()),
        }
    }
}
