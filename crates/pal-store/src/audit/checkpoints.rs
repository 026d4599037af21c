//! Signed checkpoints, read and compared with the log.

use std::collections::BTreeMap;
use std::fmt;
use std::path::{Path, PathBuf};

use super::AuditReport;
use crate::StoreError;
use crate::seal::{hex, is_sealed};
use crate::sqlite::checkpoint::{Checkpoint, SIGNED, Signed, paths};

struct CheckpointFile {
    file: PathBuf,
    key: String,
    hashes: BTreeMap<i64, String>,
    /// A copy that is kept elsewhere may be older than the log.
    is_copy: bool,
}

/// The checkpoints of the data folder, and those kept elsewhere.
pub struct Checkpoints {
    kept: Vec<CheckpointFile>,
    own_key: String,
}

impl Checkpoints {
    /// Reads those of a folder, and a copy if there is one.
    pub fn read(
        folder: &Path,
        copy: Option<&Path>,
        public_key: Option<&Path>,
        report: &mut AuditReport,
    ) -> Result<Self, StoreError> {
        let (_, own_key, own) = paths(folder);
        let key = public_key.unwrap_or(&own_key);
        let same = |copy: &Path| copy.canonicalize().ok() == own.canonicalize().ok();
        let mut kept = Vec::new();
        match copy.filter(|copy| !same(copy)) {
            Some(copy) => {
                kept.push(read(copy, key, true, report)?);
                report.checkpoints = kept.first().map_or(0, |kept| kept.hashes.len());
                if own.exists() {
                    kept.push(read(&own, &own_key, false, report)?);
                }
            }
            None => {
                kept.push(read(&own, key, false, report)?);
                report.checkpoints = kept.first().map_or(0, |kept| kept.hashes.len());
            }
        }
        let own_key = std::fs::read_to_string(&own_key).unwrap_or_default().trim().to_owned();
        Ok(Self { kept, own_key })
    }

    /// Compares a record with its checkpoints.
    pub fn compare(&self, number: i64, hash: &[u8], report: &mut AuditReport) {
        for kept in &self.kept {
            if kept.hashes.get(&number).is_some_and(|signed| *signed != hex(hash)) {
                report.found(format!("record {number} is not the one of its checkpoint"));
            }
        }
    }

    /// Looks whether the checkpoint that a record tells of is there; whether it tells of one.
    pub fn told(&self, number: i64, detail: &str, report: &mut AuditReport) -> bool {
        let Ok(told) = serde_json::from_str::<Signed>(detail) else { return false };
        if told.change != SIGNED {
            return false;
        }
        if told.public_key != self.own_key {
            report.found(format!(
                "record {number} tells of a checkpoint that was signed with another key than that of \
                 the data folder"
            ));
        }
        for kept in &self.kept {
            let newest = kept.hashes.last_key_value().map_or(0, |(newest, _)| *newest);
            let due = !kept.is_copy || told.signed <= newest;
            if due && !kept.has(told.signed) {
                report.found(format!(
                    "the checkpoint of record {} was signed, and is not in {}",
                    told.signed,
                    kept.file.display()
                ));
            }
        }
        true
    }

    /// Looks whether the log has every record that was signed.
    pub fn compare_end(&self, end: i64, report: &mut AuditReport) {
        for kept in &self.kept {
            for number in kept.hashes.range(end.saturating_add(1)..).map(|(number, _)| number) {
                report.found(format!(
                    "record {number} has a checkpoint and is not in the log: its end is gone"
                ));
            }
        }
    }
}

fn read(
    file: &Path,
    key: &Path,
    is_copy: bool,
    report: &mut AuditReport,
) -> Result<CheckpointFile, StoreError> {
    let cannot = |path: &Path, why: &dyn fmt::Display| {
        StoreError::Unusable(format!("{}: {why}", path.display()))
    };
    let text = match std::fs::read_to_string(file) {
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => String::new(),
        text => text.map_err(|error| cannot(file, &error))?,
    };
    if text.trim().is_empty() {
        report.found(format!("there are no checkpoints at {}", file.display()));
    }
    let key_text = if text.is_empty() {
        String::new()
    } else {
        std::fs::read_to_string(key).map_err(|error| cannot(key, &error))?
    };
    let mut hashes = BTreeMap::new();
    for (at, line) in text.lines().enumerate() {
        match signed(line, &key_text) {
            Ok((number, hash)) => drop(hashes.insert(number, hash)),
            Err(why) => report.found(format!("line {} of the checkpoints {why}", at + 1)),
        }
    }
    Ok(CheckpointFile { file: file.to_owned(), key: key_text, hashes, is_copy })
}

/// Record and hash of a line that was signed with a key.
fn signed(line: &str, key: &str) -> Result<(i64, String), &'static str> {
    let checkpoint: Checkpoint = serde_json::from_str(line).map_err(|_| "cannot be read")?;
    let Checkpoint { number, hash, at, signature } = checkpoint;
    let message = Checkpoint::message(number, &hash, &at);
    if is_sealed(key, message.as_bytes(), &signature) {
        Ok((number, hash))
    } else {
        Err("is not signed with this key")
    }
}

impl CheckpointFile {
    /// Whether there is a checkpoint of a record. While a service runs, one may have come after the
    /// file was read: then the log is newer than what was read of the file.
    fn has(&self, number: i64) -> bool {
        if self.hashes.contains_key(&number) {
            return true;
        }
        let text = std::fs::read_to_string(&self.file).unwrap_or_default();
        let start = format!("{{\"number\":{number},");
        let mut late = text.lines().rev().filter(|line| line.starts_with(&start));
        late.any(|line| signed(line, &self.key).is_ok())
    }
}
