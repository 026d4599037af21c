//! Tables that are digested whole, sessions, and the counters, compared with what the log says.

use std::collections::{BTreeMap, HashMap};

use rusqlite::Connection;

use super::{AuditReport, Finding};
use crate::StoreError;
use crate::seal::hex;
use crate::sqlite::digest::{self, Digest};
use crate::sqlite::evidence::{Changes, Evidence, SEALED};
use crate::sqlite::session_log::{PORTAL, TOKENS, Table};

/// The state that the last record left.
#[derive(Default)]
pub struct State {
    /// The last digest of each table, and the record that has it.
    tables: BTreeMap<String, (i64, Digest)>,
    sessions: BTreeMap<String, Live>,
    counters: Option<Counters>,
    /// The record that says so of the last checkpoint.
    pub signed: i64,
}

/// Key to digest and end.
type Live = HashMap<String, (String, i64)>;

#[derive(Debug, PartialEq, Eq)]
struct Counters {
    revision: i64,
    known: i64,
    serving: Option<i64>,
    checkpoints: i64,
}

impl State {
    /// Takes over what a record says.
    pub fn replay(&mut self, record: i64, evidence: Evidence) {
        for (table, digest) in evidence.tables {
            self.tables.insert(table, (record, digest));
        }
        for (table, changes) in evidence.rows {
            apply(self.sessions.entry(table).or_default(), changes);
        }
        let Evidence { revision, known, serving, checkpoints, .. } = evidence;
        self.counters = Some(Counters { revision, known, serving, checkpoints });
    }

    /// Looks whether it is the state that there is.
    pub fn compare(mut self, c: &Connection, report: &mut AuditReport) -> Result<(), StoreError> {
        for name in SEALED.iter().flat_map(|(_, names)| names.iter()) {
            let now = digest::table(c, name)?;
            let same = match self.tables.get(*name) {
                Some((_, logged)) => *logged == now,
                None => now.count == 0,
            };
            if !same {
                let record = self.tables.get(*name).map_or(0, |(record, _)| *record);
                report.found(Finding::TableChanged { table: name, record });
            }
        }
        for table in [PORTAL, TOKENS] {
            let live = self.sessions.remove(table.name).unwrap_or_default();
            compare_rows(c, table, live, report)?;
        }
        self.compare_counters(c, report)
    }

    fn compare_counters(self, c: &Connection, report: &mut AuditReport) -> Result<(), StoreError> {
        let sql = "SELECT id, revision, known, serving_since, checkpoints, signed FROM counter";
        let mut statement = c.prepare(sql)?;
        let mut rows = statement.query([])?;
        let mut found = Vec::new();
        while let Some(r) = rows.next()? {
            let counters = Counters {
                revision: r.get(1)?,
                known: r.get(2)?,
                serving: r.get(3)?,
                checkpoints: r.get(4)?,
            };
            found.push((r.get::<_, i64>(0)?, counters, r.get::<_, i64>(5)?));
        }
        let Some(counters) = self.counters else { return Ok(()) };
        let expected = (1, counters, self.signed);
        if found.as_slice() != [expected] {
            report.found(Finding::Counters);
        }
        Ok(())
    }
}

fn apply(live: &mut Live, changes: Changes) {
    if let Some(over) = changes.over {
        live.retain(|_, (_, ends)| *ends > over);
    }
    for key in changes.gone {
        live.remove(&key);
    }
    for (key, digest, ends) in changes.put {
        live.insert(key, (digest, ends));
    }
}

fn compare_rows(
    c: &Connection,
    table: Table,
    mut live: Live,
    report: &mut AuditReport,
) -> Result<(), StoreError> {
    let mut changed = 0;
    table.rows(c, |key, digest, _| {
        let logged = live.remove(&hex(&key));
        if logged.is_none_or(|(logged, _)| logged != hex(&digest)) {
            changed += 1;
        }
    })?;
    let gone = live.len();
    if changed > 0 {
        report.found(Finding::RowsChanged { table: table.name, rows: changed });
    }
    if gone > 0 {
        report.found(Finding::RowsGone { table: table.name, rows: gone });
    }
    Ok(())
}
