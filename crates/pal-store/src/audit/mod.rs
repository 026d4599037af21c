//! Whether anybody changed the past: the chain, the checkpoints, and every table as the log has it.

mod checkpoints;
pub mod covered;
mod facts;
mod finding;
mod register;
mod state;
mod usage;
mod usage_earlier;

use std::fmt;
use std::path::Path;

use rusqlite::{Connection, Row};

use crate::StoreError;
use crate::sqlite::audit::Fields;
use crate::sqlite::connect::{self, DATABASE};
use crate::sqlite::evidence::Evidence;
use crate::sqlite::fact_log::{self, ErasedRows};
use checkpoints::Checkpoints;
use facts::Facts;
pub use finding::{Finding, Restoration};
use register::Register;
use state::State;
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
    pub findings: Vec<Finding>,
    /// What is not wrong, and should be known.
    pub notes: Vec<Restoration>,
}

impl AuditReport {
    /// Whether nothing is wrong.
    pub fn is_whole(&self) -> bool {
        self.findings.is_empty()
    }

    fn found(&mut self, finding: Finding) {
        // The first ones say where it begins; a rewritten log has a finding for every record.
        if self.findings.len() < 20 {
            self.findings.push(finding);
        }
    }
}

impl fmt::Display for AuditReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for finding in &self.findings {
            writeln!(f, "WRONG  {finding}")?;
        }
        for note in &self.notes {
            writeln!(f, "{note}")?;
        }
        let (records, checkpoints, links) = (self.records, self.checkpoints, self.links);
        let state = if self.is_whole() { "whole" } else { "NOT whole" };
        writeln!(f, "{state}: {records} records, {checkpoints} checkpoints, {links} links")
    }
}

/// Checks the audit log of a data folder. Checkpoints and key may be copies kept elsewhere; those of
/// the folder are looked at, too.
///
/// # Errors
/// Something cannot be read. What is wrong with the log itself is in the report.
pub fn verify(
    folder: &Path,
    checkpoints: Option<&Path>,
    public_key: Option<&Path>,
) -> Result<AuditReport, StoreError> {
    let connection = connect::open(&folder.join(DATABASE))?;
    let snapshot = connection.unchecked_transaction()?;
    let mut report = AuditReport::default();
    let mut checkpoints = Checkpoints::read(folder, checkpoints, public_key, &mut report)?;
    let mut derived = Derived::new(&snapshot)?;
    read_chain(&snapshot, &mut checkpoints, &mut derived, &mut report)?;
    derived.compare(&snapshot, &mut report)?;
    compare_schema(&snapshot, &mut report)?;
    Ok(report)
}

/// What the records say that there is, made again from them.
struct Derived<'c> {
    /// Whether the records hold evidence of the state: since version 7.
    covered: bool,
    register: Register<'c>,
    usage: Usage<'c>,
    facts: Facts<'c>,
    state: State,
}

impl<'c> Derived<'c> {
    fn new(c: &'c Connection) -> Result<Self, StoreError> {
        let column = "SELECT 1 FROM pragma_table_info('audit') WHERE name = 'evidence'";
        let covered = c.prepare(column)?.exists([])?;
        let erased = if covered { fact_log::erased(c)? } else { ErasedRows::new() };
        Ok(Self {
            covered,
            register: Register::new(c)?,
            usage: Usage::new(c)?,
            facts: Facts::new(c, covered, erased)?,
            state: State::default(),
        })
    }

    /// Does what a record says was done.
    fn replay(&mut self, fields: &Fields, report: &mut AuditReport) -> Result<(), StoreError> {
        let number = fields.number;
        let (before, after) = fields.versions;
        if let (1..=3, Some(owner), Some(version)) = (fields.action, fields.target, after) {
            self.register.replay(number, owner, (before, version), fields.detail, report)?;
        }
        if let 7 | 8 = fields.action {
            self.usage.replay(number, fields.action == 7, fields.detail, report)?;
        }
        let Some(evidence) = fields.evidence else { return Ok(()) };
        let Ok(evidence) = serde_json::from_str::<Evidence>(evidence) else {
            report.found(Finding::RecordWithoutEvidence { record: number });
            return Ok(());
        };
        if let Some(baseline) = &evidence.baseline {
            self.facts.begin(number, baseline, report)?;
        }
        if let Some(left) = &evidence.in_parts {
            self.facts.begin_parts(number, left, report)?;
        }
        if let Some(change) = &evidence.facts {
            self.facts.replay(number, change, report)?;
        }
        self.state.replay(number, evidence);
        Ok(())
    }

    /// Looks whether that is what there is.
    fn compare(self, c: &Connection, report: &mut AuditReport) -> Result<(), StoreError> {
        self.register.compare(c, report)?;
        self.usage.compare(report)?;
        self.facts.compare(report)?;
        if self.covered { self.state.compare(c, report) } else { Ok(()) }
    }
}

/// Looks whether the database has the tables, indexes and triggers that its version has.
fn compare_schema(c: &Connection, report: &mut AuditReport) -> Result<(), StoreError> {
    let version: i64 = c.query_row("PRAGMA user_version", [], |r| r.get(0))?;
    let (expected, found) = (connect::schema(version)?, connect::schema_of(c)?);
    for (kind, name, _) in found.iter().filter(|entry| !expected.contains(entry)) {
        report.found(Finding::SchemaAdded { kind: kind.clone(), name: name.clone(), version });
    }
    for (kind, name, _) in expected.iter().filter(|entry| !found.contains(entry)) {
        report.found(Finding::SchemaGone { kind: kind.clone(), name: name.clone(), version });
    }
    Ok(())
}

fn read_chain(
    c: &Connection,
    checkpoints: &mut Checkpoints,
    derived: &mut Derived,
    report: &mut AuditReport,
) -> Result<(), StoreError> {
    let mut previous = [0u8; 32];
    let evidence = if derived.covered { "evidence" } else { "NULL" };
    let mut statement = c.prepare(&format!(
        "SELECT n, at, actor_tenant, actor_object, client, token, request, action, target_tenant,
                target_object, detail, version_before, version_after, previous, hash, {evidence}
         FROM audit ORDER BY n"
    ))?;
    let mut rows = statement.query([])?;
    while let Some(r) = rows.next()? {
        let number: i64 = r.get(0)?;
        report.records += 1;
        if number != report.records {
            report.found(Finding::RecordMissing { record: report.records });
            report.records = number;
        }
        let fields = fields(r)?;
        let (before, hash): (Vec<u8>, Vec<u8>) = (r.get(13)?, r.get(14)?);
        if before != previous {
            report.found(Finding::RecordDoesNotFollow { record: number });
        }
        let made = fields.hash(&before);
        if made[..] != hash[..] || !is_paired(r)? {
            report.found(Finding::RecordChanged { record: number });
        }
        if fields.action == STORE_STATE {
            checkpoints.restored(number, fields.at, fields.detail, report);
        }
        checkpoints.compare(number, &hash, report);
        previous = made;
        derived.replay(&fields, report)?;
        if fields.action == STORE_STATE && checkpoints.told(number, fields.detail, report) {
            derived.state.signed = number;
        }
    }
    let end = report.records;
    checkpoints.compare_end(end, report);
    let head: (i64, Vec<u8>) =
        c.query_row("SELECT audit_number, audit_hash FROM counter WHERE id = 1", [], |r| {
            Ok((r.get(0)?, r.get(1)?))
        })?;
    if head.0 != end || head.1 != previous {
        report.found(Finding::LogEnds { last: end, expected: head.0 });
    }
    Ok(())
}

/// The action of records of the store's own state.
const STORE_STATE: i64 = crate::AuditAction::StoreState.number();

/// Whether a record has both halves of a principal, or none: half of one is not hashed.
fn is_paired(r: &Row) -> Result<bool, StoreError> {
    let is_null = |at: usize| -> Result<bool, StoreError> {
        Ok(r.get_ref(at)? == rusqlite::types::ValueRef::Null)
    };
    Ok(is_null(2)? == is_null(3)? && is_null(8)? == is_null(9)?)
}

fn fields<'r>(r: &'r Row) -> Result<Fields<'r>, StoreError> {
    let bytes = |at: usize| -> Result<Option<&'r [u8]>, StoreError> {
        Ok(r.get_ref(at)?.as_blob_or_null().map_err(rusqlite::Error::from)?)
    };
    let text = |at: usize| -> Result<Option<&'r str>, StoreError> {
        Ok(r.get_ref(at)?.as_str_or_null().map_err(rusqlite::Error::from)?)
    };
    Ok(Fields {
        number: r.get(0)?,
        at: r.get(1)?,
        actor: bytes(2)?.zip(bytes(3)?),
        client: text(4)?,
        token: text(5)?,
        request: text(6)?.unwrap_or_default(),
        action: r.get(7)?,
        target: bytes(8)?.zip(bytes(9)?),
        detail: text(10)?.unwrap_or_default(),
        versions: (r.get(11)?, r.get(12)?),
        evidence: text(15)?,
    })
}
