//! The floors of the disk: `fdatasync` alone, and a bare `SQLite` loop that writes what a link write
//! writes, so many of them in a transaction.

use std::fs::{self, File};
use std::io::{Seek, SeekFrom, Write};
use std::path::Path;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};
use rusqlite::{Connection, params};

/// Calls of `fdatasync` a second, each after a page was written over.
///
/// # Errors
/// The folder cannot be written.
pub fn syncs(folder: &Path, time: Duration) -> Result<f64> {
    let path = folder.join("fdatasync.floor");
    let mut file = File::create(&path).context("cannot write the file of the fdatasync floor")?;
    let page = [7; 4096];
    file.write_all(&page)?;
    file.sync_all()?;
    let begun = Instant::now();
    let mut calls = 0;
    while begun.elapsed() < time {
        file.seek(SeekFrom::Start(0))?;
        file.write_all(&page)?;
        file.sync_data()?;
        calls += 1;
    }
    let rate = f64::from(calls) / begun.elapsed().as_secs_f64();
    fs::remove_file(path)?;
    Ok(rate)
}

/// The tables that a link write touches, as the store has them.
const TABLES: &str = "
    CREATE TABLE counter (
        id INTEGER PRIMARY KEY, revision INTEGER NOT NULL, audit_number INTEGER NOT NULL,
        audit_hash BLOB NOT NULL
    ) STRICT;
    INSERT INTO counter VALUES (1, 0, 0, zeroblob(32));
    CREATE TABLE link (
        tenant BLOB NOT NULL, object BLOB NOT NULL, partner INTEGER NOT NULL,
        version INTEGER NOT NULL, created INTEGER NOT NULL, updated INTEGER NOT NULL,
        active INTEGER NOT NULL, PRIMARY KEY (tenant, object)
    ) STRICT, WITHOUT ROWID;
    CREATE TABLE link_history (
        tenant BLOB NOT NULL, object BLOB NOT NULL, version INTEGER NOT NULL,
        partner INTEGER NOT NULL, updated INTEGER NOT NULL, known INTEGER NOT NULL,
        active INTEGER NOT NULL, PRIMARY KEY (tenant, object, version)
    ) STRICT, WITHOUT ROWID;
    CREATE TABLE audit (
        n INTEGER PRIMARY KEY, at INTEGER NOT NULL, actor_tenant BLOB, actor_object BLOB,
        client TEXT, token TEXT, request TEXT NOT NULL, action INTEGER NOT NULL,
        target_tenant BLOB, target_object BLOB, detail TEXT NOT NULL, version_before INTEGER,
        version_after INTEGER, previous BLOB NOT NULL, hash BLOB NOT NULL
    ) STRICT;
";

/// Link writes a second, in transactions of `batch`, over this many owners.
///
/// # Errors
/// `SQLite` fails, or does not take the settings that make a commit durable.
pub fn writes(folder: &Path, batch: u32, owners: u32, time: Duration) -> Result<f64> {
    ensure!(batch > 0 && owners > 0, "nothing to write");
    let path = folder.join("floor.db");
    let mut connection = Connection::open(&path)?;
    let mode: String = connection.query_row("PRAGMA journal_mode = WAL", [], |row| row.get(0))?;
    connection.execute_batch("PRAGMA synchronous = FULL")?;
    let full: i64 = connection.query_row("PRAGMA synchronous", [], |row| row.get(0))?;
    ensure!(mode == "wal" && full == 2, "SQLite runs with {mode} and synchronous {full}");
    connection.execute_batch(TABLES)?;
    let begun = Instant::now();
    let mut written = 0_u32;
    while begun.elapsed() < time {
        let transaction =
            connection.transaction_with_behavior(rusqlite::TransactionBehavior::Immediate)?;
        for _ in 0..batch {
            write(&transaction, written, owners)?;
            written += 1;
        }
        transaction.commit()?;
    }
    let rate = f64::from(written) / begun.elapsed().as_secs_f64();
    drop(connection);
    for end in ["", "-wal", "-shm"] {
        let path = folder.join(format!("floor.db{end}"));
        if path.exists() {
            fs::remove_file(path)?;
        }
    }
    Ok(rate)
}

/// One link write: the link, its history, its audit record, and the counters of both. Nothing is
/// read, judged or hashed: that is the service's work, not the disk's.
fn write(connection: &Connection, number: u32, owners: u32) -> Result<()> {
    let (tenant, hash) = ([0xbe_u8; 16], [number as u8; 32]);
    let mut object = [0_u8; 16];
    object[..4].copy_from_slice(&(number % owners).wrapping_mul(2_654_435_761).to_be_bytes());
    let version = number / owners + 1;
    let (partner, at) = (5_127_255, 17_900_000_000_000_000 + i64::from(number));
    connection
        .prepare_cached(
            "INSERT INTO link VALUES (?1, ?2, ?3, ?4, ?5, ?5, 1)
             ON CONFLICT (tenant, object) DO UPDATE SET version = ?4, updated = ?5",
        )?
        .execute(params![tenant, object, partner, version, at])?;
    connection
        .prepare_cached("INSERT INTO link_history VALUES (?1, ?2, ?3, ?4, ?5, ?5, 1)")?
        .execute(params![tenant, object, version, partner, at])?;
    connection
        .prepare_cached(
            "INSERT INTO audit VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, 1, ?3, ?4, ?8, ?9, ?9, ?10, ?10)",
        )?
        .execute(params![
            number, at, tenant, object, CLIENT, TOKEN, CLIENT, DETAIL, version, hash
        ])?;
    connection
        .prepare_cached("UPDATE counter SET audit_number = ?1, audit_hash = ?2 WHERE id = 1")?
        .execute(params![number, hash])?;
    connection
        .prepare_cached("UPDATE counter SET revision = revision + 1 WHERE id = 1")?
        .execute([])?;
    Ok(())
}

/// Texts as long as those of an audit record.
const CLIENT: &str = "bec40000-7000-4000-8000-000000000001";
const TOKEN: &str = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08";
const DETAIL: &str = r#"{"partner":"5127255","before":"5127256","state":"Active"}"#;

#[cfg(test)]
mod tests {
    use std::time::Duration;

    #[test]
    fn floors_are_measured() {
        let folder = tempfile::tempdir().unwrap();
        let short = Duration::from_millis(100);
        assert!(super::syncs(folder.path(), short).unwrap() > 0.0);
        assert!(super::writes(folder.path(), 8, 20, short).unwrap() > 0.0);
        assert!(std::fs::read_dir(folder.path()).unwrap().next().is_none());
    }
}
