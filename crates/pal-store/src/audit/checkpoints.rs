//! Signed checkpoints, read and compared with the log.

use std::collections::BTreeMap;
use std::fmt;
use std::path::{Path, PathBuf};

use pal_model::Instant;

use super::{AuditReport, Finding, Restoration};
use crate::StoreError;
use crate::seal::{hex, is_sealed};
use crate::sqlite::backup::{RESTORED, Restored};
use crate::sqlite::checkpoint::{Checkpoint, SIGNED, Signed, paths};
use crate::sqlite::value::ticks;

struct CheckpointFile {
    file: PathBuf,
    key: String,
    /// By record. A record that was lost and the one that was written in its place may both be signed.
    signed: BTreeMap<i64, Vec<SignedEnd>>,
    /// A copy that is kept elsewhere may be older than the log.
    is_copy: bool,
}

/// The hash of a record that was signed, and when.
struct SignedEnd {
    hash: String,
    at: Option<Instant>,
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
                report.checkpoints = kept.first().map_or(0, |kept| kept.signed.len());
                if own.exists() {
                    kept.push(read(&own, &own_key, false, report)?);
                }
            }
            None => {
                kept.push(read(&own, key, false, report)?);
                report.checkpoints = kept.first().map_or(0, |kept| kept.signed.len());
            }
        }
        let own_key = std::fs::read_to_string(&own_key).unwrap_or_default().trim().to_owned();
        Ok(Self { kept, own_key })
    }

    /// Compares a record with its checkpoints.
    pub fn compare(&self, number: i64, hash: &[u8], report: &mut AuditReport) {
        for kept in &self.kept {
            let mut ends = kept.signed.get(&number).into_iter().flatten();
            if ends.any(|end| end.hash != hex(hash)) {
                report.found(Finding::NotOfItsCheckpoint { record: number });
            }
        }
    }

    /// Takes note of a record that says that a backup was put back. What had been signed by then of that record and
    /// later ones is of a history that was given up: only a copy kept elsewhere has it.
    pub fn restored(&mut self, number: i64, at: i64, detail: &str, report: &mut AuditReport) {
        let Ok(told) = serde_json::from_str::<Restored>(detail) else { return };
        if told.change != RESTORED {
            return;
        }
        if told.record != number - 1 {
            report.found(Finding::RestoredElsewhere { record: number, restored: told.record });
        }
        let mut lost = 0;
        for ends in self.kept.iter_mut().flat_map(|kept| kept.signed.range_mut(number..)) {
            let before = ends.1.len();
            ends.1.retain(|end| end.at.is_none_or(|signed| ticks(signed) > at));
            lost += before - ends.1.len();
        }
        for kept in &mut self.kept {
            kept.signed.retain(|_, ends| !ends.is_empty());
        }
        report.notes.push(Restoration {
            record: told.record,
            taken_at: told.taken_at,
            checkpoints_given_up: lost,
        });
    }

    /// Looks whether the checkpoint that a record tells of is there; whether it tells of one.
    pub fn told(&self, number: i64, detail: &str, report: &mut AuditReport) -> bool {
        let Ok(told) = serde_json::from_str::<Signed>(detail) else { return false };
        if told.change != SIGNED {
            return false;
        }
        if told.public_key != self.own_key {
            report.found(Finding::OtherKey { record: number });
        }
        for kept in &self.kept {
            let newest = kept.signed.last_key_value().map_or(0, |(newest, _)| *newest);
            let due = !kept.is_copy || told.signed <= newest;
            if due && !kept.has(told.signed) {
                report.found(Finding::CheckpointGone {
                    signed: told.signed,
                    file: kept.file.clone(),
                });
            }
        }
        true
    }

    /// Looks whether the log has every record that was signed.
    pub fn compare_end(&self, end: i64, report: &mut AuditReport) {
        for kept in &self.kept {
            for number in kept.signed.range(end.saturating_add(1)..).map(|(number, _)| number) {
                report.found(Finding::EndGone { record: *number });
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
        report.found(Finding::NoCheckpoints { file: file.to_owned() });
    }
    let key_text = if text.is_empty() {
        String::new()
    } else {
        std::fs::read_to_string(key).map_err(|error| cannot(key, &error))?
    };
    let mut ends: BTreeMap<i64, Vec<SignedEnd>> = BTreeMap::new();
    for (at, line) in text.lines().enumerate() {
        match signed(line, &key_text) {
            Ok((number, end)) => ends.entry(number).or_default().push(end),
            Err(why) => report.found(Finding::CheckpointLine { line: at + 1, why }),
        }
    }
    Ok(CheckpointFile { file: file.to_owned(), key: key_text, signed: ends, is_copy })
}

/// Record and signed end of a line that was signed with a key.
fn signed(line: &str, key: &str) -> Result<(i64, SignedEnd), &'static str> {
    let checkpoint: Checkpoint = serde_json::from_str(line).map_err(|_| "cannot be read")?;
    let Checkpoint { number, hash, at, signature } = checkpoint;
    let message = Checkpoint::message(number, &hash, &at);
    if is_sealed(key, message.as_bytes(), &signature) {
        Ok((number, SignedEnd { hash, at: at.parse().ok() }))
    } else {
        Err("is not signed with this key")
    }
}

impl CheckpointFile {
    /// Whether there is a checkpoint of a record. While a service runs, one may have come after the
    /// file was read: then the log is newer than what was read of the file.
    fn has(&self, number: i64) -> bool {
        if self.signed.contains_key(&number) {
            return true;
        }
        let text = std::fs::read_to_string(&self.file).unwrap_or_default();
        let start = format!("{{\"number\":{number},");
        let mut late = text.lines().rev().filter(|line| line.starts_with(&start));
        late.any(|line| signed(line, &self.key).is_ok())
    }
}
