//! How many transactions a database has committed, told by the database itself.
//!
//! `SQLite` keeps the index of its write-ahead log in a file that all its users share
//! (`openpal.db-shm`). The third 32-bit word of its head goes up by one with each commit. Reading it
//! from outside costs the service nothing and needs no counter in it.

use std::fs::File;
use std::io::{Read, Seek, SeekFrom};
use std::path::Path;

use anyhow::{Context, Result};

/// Commits so far, modulo 2³².
///
/// # Errors
/// There is no such file.
pub fn commits(database: &Path) -> Result<u32> {
    let mut path = database.as_os_str().to_owned();
    path.push("-shm");
    let mut file = File::open(&path).context("the database has no write-ahead log")?;
    file.seek(SeekFrom::Start(8))?;
    let mut word = [0; 4];
    file.read_exact(&mut word)?;
    Ok(u32::from_ne_bytes(word))
}

#[cfg(test)]
mod tests {
    use rusqlite::Connection;

    #[test]
    fn commits_are_counted() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.db");
        let connection = Connection::open(&path).unwrap();
        connection.execute_batch("PRAGMA journal_mode = WAL; CREATE TABLE t (a)").unwrap();
        let before = super::commits(&path).unwrap();
        for batch in 1..=5 {
            connection.execute_batch("BEGIN").unwrap();
            for _ in 0..batch {
                connection.execute_batch("INSERT INTO t VALUES (1)").unwrap();
            }
            connection.execute_batch("COMMIT").unwrap();
        }
        assert_eq!(super::commits(&path).unwrap().wrapping_sub(before), 5);
    }
}
