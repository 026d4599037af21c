//! Signed ends of the audit log, kept outside the database.
//!
//! Whoever can write the database can also write a whole new chain of hashes. A checkpoint says
//! "at this time record n had this hash", signed with a key that is not in the database, in a file
//! that is meant to be copied elsewhere: what it covers cannot be changed unseen.
//!
//! A record of the log says of each checkpoint that it was signed, and how many there are by then:
//! a file that was emptied or cut is found. The file is written first: a process that is killed in
//! between leaves one checkpoint more than the log knows of, never one less.

use std::fs::{File, OpenOptions};
use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::sync::PoisonError;

use pal_model::Instant;
use rusqlite::Connection;
use serde::{Deserialize, Serialize};
use serde_json::json;

use super::SqliteStore;
use super::audit::append_state;
use super::evidence::Evidence;
use super::value::ticks;
use crate::StoreError;
use crate::seal::{Seal, hex};

/// A signed end of the log.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Checkpoint {
    /// The record.
    pub number: i64,
    /// Its hash, hexadecimal.
    pub hash: String,
    /// When it was signed, RFC 3339.
    pub at: String,
    /// Ed25519 over [`Checkpoint::message`], hexadecimal.
    pub signature: String,
}

impl Checkpoint {
    /// What is signed.
    pub fn message(number: i64, hash: &str, at: &str) -> String {
        format!("openpal audit checkpoint\n{number}\n{hash}\n{at}\n")
    }
}

/// The key, and the file that checkpoints go to.
pub struct Signer {
    key: Seal,
    file: PathBuf,
    last: i64,
    count: i64,
}

/// What the log says of a checkpoint.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Signed {
    /// What has changed of the store's state.
    pub change: String,
    /// The record that was signed.
    pub signed: i64,
    /// The public key, hexadecimal.
    pub public_key: String,
}

/// The word for it.
pub const SIGNED: &str = "checkpoint";

/// Records that a checkpoint was signed; `count` are in the file.
pub fn record(
    c: &Connection,
    checkpoint: &Checkpoint,
    count: i64,
    key: &str,
) -> Result<(), StoreError> {
    c.execute("UPDATE counter SET checkpoints = max(checkpoints + 1, ?1) WHERE id = 1", [count])?;
    let at = checkpoint.at.parse::<Instant>().map_or(0, ticks);
    let signed = checkpoint.number;
    let detail = json!({ "change": SIGNED, "signed": signed, "publicKey": key });
    let number = append_state(c, at, &detail, Evidence::default())?;
    c.execute("UPDATE counter SET signed = ?1 WHERE id = 1", [number])?;
    Ok(())
}

/// Where a data folder keeps them.
pub fn paths(folder: &Path) -> (PathBuf, PathBuf, PathBuf) {
    let keys = folder.join("keys");
    let file = folder.join("audit").join("checkpoints.jsonl");
    (keys.join("audit.key"), keys.join("audit.pub"), file)
}

fn has(path: &Path) -> bool {
    path.metadata().is_ok_and(|data| data.len() > 0)
}

fn lost(missing: &Path, there: &Path) -> StoreError {
    StoreError::Unusable(format!(
        "{} is missing or empty, and {} is there: the folder was in use, and nothing is put in its \
         place. Put the file back, or restore a backup ('pal restore') into another folder",
        missing.display(),
        there.display()
    ))
}

/// Refuses a folder that was in use and lacks its database. A new one would begin a history that nobody
/// can tell from the true one.
pub fn require_database(folder: &Path, database: &Path) -> Result<(), StoreError> {
    let (key, _, checkpoints) = paths(folder);
    let rest = [key, checkpoints].into_iter().find(|path| has(path));
    rest.filter(|_| !has(database)).map_or(Ok(()), |rest| Err(lost(database, &rest)))
}

/// Refuses a folder that was in use and lacks the key of its audit log, for the same reason.
pub fn require_key(folder: &Path, c: &Connection) -> Result<(), StoreError> {
    let (key, _, _) = paths(folder);
    let version: i64 = c.query_row("PRAGMA user_version", [], |r| r.get(0))?;
    if version == 0 || has(&key) {
        return Ok(());
    }
    let sql = "SELECT audit_number FROM counter WHERE id = 1";
    let records: i64 = c.query_row(sql, [], |r| r.get(0))?;
    if records == 0 {
        return Ok(());
    }
    Err(lost(&key, &folder.join(super::DATABASE)))
}

impl Signer {
    /// Reads the key of a folder, and makes it if there is none.
    pub fn open(folder: &Path) -> Result<Self, StoreError> {
        let (private, public, file) = paths(folder);
        let cannot = |path: &Path, error: &dyn std::fmt::Display| {
            StoreError::Unusable(format!("{}: {error}", path.display()))
        };
        for path in [&private, &file] {
            let parent = path.parent().unwrap_or(folder);
            super::make_private(parent).map_err(|e| cannot(parent, &e))?;
        }
        let key = if private.exists() { Seal::open(&private)? } else { Seal::make(&private)? };
        let shown = key.public() + "\n";
        if std::fs::read_to_string(&public).ok().as_deref() != Some(&shown) {
            std::fs::write(&public, shown).map_err(|error| cannot(&public, &error))?;
        }
        let (mut last, mut count) = (0, 0);
        if let Ok(read) = File::open(&file) {
            for line in BufReader::new(read).lines() {
                let line = line.map_err(|error| cannot(&file, &error))?;
                if let Ok(checkpoint) = serde_json::from_str::<Checkpoint>(&line) {
                    (last, count) = (checkpoint.number, count + 1);
                }
            }
        }
        Ok(Self { key, file, last, count })
    }

    /// How many checkpoints are in the file.
    pub const fn count(&self) -> i64 {
        self.count
    }

    /// The public half of the key, hexadecimal.
    pub fn public(&self) -> String {
        self.key.public()
    }

    /// Signs this end of the log, unless it has been signed.
    pub fn sign(
        &mut self,
        number: i64,
        hash: [u8; 32],
        at: Instant,
    ) -> Result<Option<Checkpoint>, StoreError> {
        if number <= self.last {
            return Ok(None);
        }
        let (hash, at) = (hex(&hash), at.to_string());
        let signature = self.key.sign(Checkpoint::message(number, &hash, &at).as_bytes());
        let checkpoint = Checkpoint { number, hash, at, signature };
        let mut line = serde_json::to_string(&checkpoint)
            .map_err(|error| StoreError::Unavailable(error.to_string()))?;
        line.push('\n');
        let write = || -> std::io::Result<()> {
            without_torn_end(&self.file)?;
            let mut file = OpenOptions::new().append(true).create(true).open(&self.file)?;
            file.write_all(line.as_bytes())?;
            file.sync_data()
        };
        write().map_err(|error| {
            StoreError::Unavailable(format!("{}: {error}", self.file.display()))
        })?;
        self.last = number;
        self.count += 1;
        Ok(Some(checkpoint))
    }
}

impl SqliteStore {
    /// Signs the end of the audit log, if it has grown since the last time.
    ///
    /// # Errors
    /// The log cannot be read, or the checkpoint not be written.
    pub fn checkpoint(&self, at: Instant) -> Result<Option<Checkpoint>, StoreError> {
        self.checkpoint_of(1, at)
    }

    /// The same, if it has grown by this many records at least.
    ///
    /// # Errors
    /// As [`SqliteStore::checkpoint`].
    pub fn checkpoint_of(
        &self,
        records: i64,
        at: Instant,
    ) -> Result<Option<Checkpoint>, StoreError> {
        let mut signer = self.signer.lock().unwrap_or_else(PoisonError::into_inner);
        // The record that a checkpoint was signed is not by itself a reason to sign another one.
        let (number, hash, signed): (i64, [u8; 32], i64) = self.readers.read_now(|c| {
            let sql = "SELECT audit_number, audit_hash, signed FROM counter WHERE id = 1";
            Ok(c.query_row(sql, [], |r| Ok((r.get(0)?, r.get(1)?, r.get(2)?)))?)
        })?;
        if number < signed + records {
            return Ok(None);
        }
        let Some(checkpoint) = signer.sign(number, hash, at)? else { return Ok(None) };
        let (made, count, key) = (checkpoint.clone(), signer.count(), signer.public());
        self.writer.write_now(move |c| record(c, &made, count, &key))?;
        Ok(Some(checkpoint))
    }
}

/// Takes away what a power cut left of a line: it was not signed yet for anybody.
fn without_torn_end(file: &Path) -> std::io::Result<()> {
    let text = match std::fs::read(file) {
        Ok(text) => text,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(()),
        Err(error) => return Err(error),
    };
    let whole = text.iter().rposition(|byte| *byte == b'\n').map_or(0, |end| end + 1);
    if whole == text.len() {
        return Ok(());
    }
    let mut open = OpenOptions::new().append(true).open(file)?;
    let rest = text.get(whole..).unwrap_or_default();
    if serde_json::from_slice::<Checkpoint>(rest).is_ok() {
        open.write_all(b"\n")?;
    } else {
        open.set_len(whole as u64)?;
    }
    open.sync_all()
}
