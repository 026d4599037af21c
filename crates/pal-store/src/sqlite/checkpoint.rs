//! Signed ends of the audit log, kept outside the database.
//!
//! Whoever can write the database can also write a whole new chain of hashes. A checkpoint says
//! "at this time record n had this hash", signed with a key that is not in the database, in a file
//! that is meant to be copied elsewhere: what it covers cannot be changed unseen.

use std::fs::OpenOptions;
use std::io::Write;
use std::path::{Path, PathBuf};

use pal_model::Instant;
use serde::{Deserialize, Serialize};

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
}

/// Where a data folder keeps them.
pub fn paths(folder: &Path) -> (PathBuf, PathBuf, PathBuf) {
    let keys = folder.join("keys");
    let file = folder.join("audit").join("checkpoints.jsonl");
    (keys.join("audit.key"), keys.join("audit.pub"), file)
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
        let last = std::fs::read_to_string(&file).ok().and_then(|text| {
            let line = text.lines().rev().find(|line| !line.is_empty())?;
            serde_json::from_str::<Checkpoint>(line).ok().map(|checkpoint| checkpoint.number)
        });
        Ok(Self { key, file, last: last.unwrap_or(0) })
    }

    /// The record that was signed last.
    pub const fn last(&self) -> i64 {
        self.last
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
            let mut file = OpenOptions::new().append(true).create(true).open(&self.file)?;
            file.write_all(line.as_bytes())?;
            file.sync_data()
        };
        write().map_err(|error| {
            StoreError::Unavailable(format!("{}: {error}", self.file.display()))
        })?;
        self.last = number;
        Ok(Some(checkpoint))
    }
}
