//! Whether anybody changed the past: the chain, the checkpoints, and the register and the usage as
//! the log has them.

mod register;
mod usage;

use std::collections::BTreeMap;
use std::fmt;
use std::path::Path;

use rusqlite::Connection;

use crate::StoreError;
use crate::seal::{hex, is_sealed};
use crate::sqlite::DATABASE;
use crate::sqlite::audit::Fields;
use crate::sqlite::checkpoint::{Checkpoint, paths};
use crate::sqlite::connect;
use register::Register;
use usage::Usage;

/// What was looked at, and what is wrong.
#[derive(Debug, Default)]
pub struct AuditReport {
    /// Records read.
    pub records: i64,
    /// Checkpoints read.
    pub checkpoints: usize,
    /// Links compared.
    pub links: usize,
    /// What is wrong, and where.
    pub findings: Vec<String>,
}

impl AuditReport {
    /// Whether nothing is wrong.
    pub fn is_whole(&self) -> bool {
        self.findings.is_empty()
    }

    fn found(&mut self, text: String) {
        // The first ones say where it begins; a rewritten log has a finding for every record.
        if self.findings.len() < 20 {
            self.findings.push(text);
        }
    }
}

impl fmt::Display for AuditReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for finding in &self.findings {
            writeln!(f, "WRONG  {finding}")?;
        }
        let (records, checkpoints, links) = (self.records, self.checkpoints, self.links);
        let state = if self.is_whole() { "whole" } else { "NOT whole" };
        writeln!(f, "{state}: {records} records, {checkpoints} checkpoints, {links} links")
    }
}

/// Checks the audit log of a data folder. Checkpoints and key may be copies kept elsewhere.
///
/// # Errors
/// Something cannot be read. What is wrong with the log itself is in the report.
pub fn verify(
    folder: &Path,
    checkpoints: Option<&Path>,
    public_key: Option<&Path>,
) -> Result<AuditReport, StoreError> {
    let (_, own_key, own_checkpoints) = paths(folder);
    let connection = connect::open(&folder.join(DATABASE))?;
    let snapshot = connection.unchecked_transaction()?;
    let mut report = AuditReport::default();
    let signed = read_checkpoints(
        checkpoints.unwrap_or(&own_checkpoints),
        public_key.unwrap_or(&own_key),
        &mut report,
    )?;
    let (register, usage) = read_chain(&snapshot, &signed, &mut report)?;
    register.compare(&snapshot, &mut report)?;
    usage.compare(&mut report)?;
    Ok(report)
}

fn read_checkpoints(
    file: &Path,
    key: &Path,
    report: &mut AuditReport,
) -> Result<BTreeMap<i64, String>, StoreError> {
    let cannot = |path: &Path, why: &dyn fmt::Display| {
        StoreError::Unusable(format!("{}: {why}", path.display()))
    };
    let text = match std::fs::read_to_string(file) {
        Ok(text) => text,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
            report.found(format!("there are no checkpoints at {}", file.display()));
            return Ok(BTreeMap::new());
        }
        Err(error) => return Err(cannot(file, &error)),
    };
    let key_text = std::fs::read_to_string(key).map_err(|error| cannot(key, &error))?;
    let mut signed = BTreeMap::new();
    for (at, line) in text.lines().enumerate() {
        let place = || format!("line {} of the checkpoints", at + 1);
        let Ok(checkpoint) = serde_json::from_str::<Checkpoint>(line) else {
            report.found(format!("{} cannot be read", place()));
            continue;
        };
        let Checkpoint { number, hash, at, signature } = checkpoint;
        let message = Checkpoint::message(number, &hash, &at);
        if !is_sealed(&key_text, message.as_bytes(), &signature) {
            report.found(format!("{} is not signed with this key", place()));
            continue;
        }
        report.checkpoints += 1;
        signed.insert(number, hash);
    }
    Ok(signed)
}

fn read_chain<'c>(
    c: &'c Connection,
    signed: &BTreeMap<i64, String>,
    report: &mut AuditReport,
) -> Result<(Register<'c>, Usage<'c>), StoreError> {
    let (mut register, mut usage) = (Register::new(c)?, Usage::new(c)?);
    let mut previous = [0u8; 32];
    let mut statement = c.prepare(
        "SELECT n, at, actor_tenant, actor_object, client, token, request, action, target_tenant,
                target_object, detail, version_before, version_after, previous, hash
         FROM audit ORDER BY n",
    )?;
    let mut rows = statement.query([])?;
    while let Some(r) = rows.next()? {
        let number: i64 = r.get(0)?;
        report.records += 1;
        if number != report.records {
            report.found(format!("record {} is missing", report.records));
            report.records = number;
        }
        let bytes = |at: usize| -> Result<Option<&[u8]>, StoreError> {
            Ok(r.get_ref(at)?.as_blob_or_null().map_err(rusqlite::Error::from)?)
        };
        let text = |at: usize| -> Result<Option<&str>, StoreError> {
            Ok(r.get_ref(at)?.as_str_or_null().map_err(rusqlite::Error::from)?)
        };
        let actor = bytes(2)?.zip(bytes(3)?);
        let target = bytes(8)?.zip(bytes(9)?);
        let detail = text(10)?.unwrap_or_default();
        let versions = (r.get(11)?, r.get(12)?);
        let action: i64 = r.get(7)?;
        let fields = Fields {
            number,
            at: r.get(1)?,
            actor,
            client: text(4)?,
            token: text(5)?,
            request: text(6)?.unwrap_or_default(),
            action,
            target,
            detail,
            versions,
        };
        let (before, hash): ([u8; 32], [u8; 32]) = (r.get(13)?, r.get(14)?);
        if before != previous {
            report.found(format!("record {number} does not follow the one before it"));
        }
        if fields.hash(&before) != hash {
            report.found(format!("record {number} was changed"));
        }
        if signed.get(&number).is_some_and(|signed| *signed != hex(&hash)) {
            report.found(format!("record {number} is not the one of its checkpoint"));
        }
        previous = hash;
        if let (1..=3, Some(owner), Some(version)) = (action, target, versions.1) {
            register.replay(number, owner, (versions.0, version), detail, report)?;
        }
        if let 7 | 8 = action {
            usage.replay(number, action == 7, detail, report)?;
        }
    }
    let end = report.records;
    for number in signed.keys().filter(|number| **number > end) {
        report.found(format!(
            "record {number} has a checkpoint and is not in the log: its end is gone"
        ));
    }
    let head =
        c.query_row("SELECT audit_number, audit_hash FROM counter WHERE id = 1", [], |r| {
            Ok((r.get(0)?, r.get(1)?))
        })?;
    if head != (report.records, previous) {
        report.found(format!(
            "the log ends with record {} and should end with {}",
            report.records, head.0
        ));
    }
    Ok((register, usage))
}
