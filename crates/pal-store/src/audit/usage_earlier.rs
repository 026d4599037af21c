//! Usage as versions before 8 kept it, compared with what their records say: all of it before the
//! folder is brought to this version, and the list of imports, which is what is left, after it.

use std::collections::BTreeSet;

use rusqlite::{Connection, params};
use serde::Deserialize;

use super::{AuditReport, Finding};
use crate::StoreError;
use crate::sqlite::digest::{Digest, digest};

/// What a record of those versions says of an import or a withdrawal.
#[derive(Deserialize)]
pub struct Record {
    number: i64,
    state: Option<String>,
    listed: Option<Digest>,
    brought: Option<Digest>,
    known: Option<i64>,
    superseded: Option<Digest>,
    #[serde(default)]
    new: i64,
    #[serde(default)]
    same: i64,
    #[serde(default)]
    replaced: i64,
    #[serde(default)]
    added: i64,
    #[serde(default, rename = "olderRun")]
    older_run: i64,
    #[serde(default)]
    ended: i64,
}

impl Record {
    /// A record of those versions; `None` = of this one.
    pub fn read(detail: &str) -> Option<Self> {
        let record: Self = serde_json::from_str(detail).ok()?;
        (record.listed.is_some() || record.superseded.is_some()).then_some(record)
    }
}

/// Why such an import counts no more, as the migration wrote it.
const REASON: &str = "imported by an earlier version; import these files again";

/// What those records say there is.
pub struct Earlier<'c> {
    c: &'c Connection,
    /// Whether the tables are still those of an earlier version.
    kept: bool,
    /// Rows of the list of imports, and of the files that they read.
    pub listed: (i64, i64),
    pub withdrawn: i64,
    pieces: i64,
    superseded: i64,
    /// Imports that nobody has withdrawn.
    open: BTreeSet<i64>,
    last: i64,
}

impl<'c> Earlier<'c> {
    pub fn new(c: &'c Connection, kept: bool) -> Self {
        let open = BTreeSet::new();
        Self { c, kept, listed: (0, 0), withdrawn: 0, pieces: 0, superseded: 0, open, last: 0 }
    }

    /// Looks whether the tables have what a record says was done.
    pub fn replay(
        &mut self,
        record: i64,
        said: &Record,
        report: &mut AuditReport,
    ) -> Result<(), StoreError> {
        let number = said.number;
        match &said.listed {
            Some(listed) => {
                self.last = number;
                self.listed = (self.listed.0 + 1, self.listed.1 + listed.count - 1);
                if said.state.as_deref() != Some("refused") {
                    self.open.insert(number);
                }
                if self.listed(said)? != *listed {
                    report.found(Finding::ImportListed { import: number, record });
                }
            }
            None => {
                self.withdrawn += 1;
                self.open.remove(&number);
                let sql = "SELECT 1 FROM usage_import WHERE n = ?1 AND withdrawn = ?2";
                if !self.c.prepare_cached(sql)?.exists(params![number, said.known])? {
                    report.found(Finding::ImportWithdrawn { import: number, record });
                }
            }
        }
        if self.kept { self.compare_pieces(record, said, report) } else { Ok(()) }
    }

    /// The entry of an import and the files that it read, as those versions hashed them. How many
    /// pieces became what is in the record only, once the folder is brought to this version.
    fn listed(&self, said: &Record) -> Result<Digest, StoreError> {
        if self.kept {
            return digest(
                self.c,
                "SELECT 0, n, at, name, state, reason, landed, rows, new, known, replaced, added,
                        older_run, ended
                 FROM usage_import WHERE n = ?1
                 UNION ALL SELECT 1, place, name, sha256, bytes, rows, NULL, NULL, NULL, NULL,
                        NULL, NULL, NULL, NULL
                 FROM usage_read WHERE import = ?1
                 ORDER BY 1, 2",
                [said.number],
            );
        }
        digest(
            self.c,
            "SELECT 0, n, at, name, state, CASE WHEN reason = ?8 THEN NULL ELSE reason END, landed,
                    rows, ?2, ?3, ?4, ?5, ?6, ?7
             FROM usage_import WHERE n = ?1 AND outcome = '{}'
             UNION ALL SELECT 1, place, name, sha256, bytes, rows, NULL, NULL, NULL, NULL, NULL,
                    NULL, NULL, NULL
             FROM usage_read WHERE import = ?1 AND statement IS NULL
             ORDER BY 1, 2",
            params![
                said.number,
                said.new,
                said.same,
                said.replaced,
                said.added,
                said.older_run,
                said.ended,
                REASON
            ],
        )
    }

    fn compare_pieces(
        &mut self,
        record: i64,
        said: &Record,
        report: &mut AuditReport,
    ) -> Result<(), StoreError> {
        let brought = digest(
            self.c,
            "SELECT p.n, p.source, p.month, p.subject, f.name, f.sha256, f.bytes, p.row_groups,
                    p.rows, p.digest, p.first, p.last, p.costs, p.known
             FROM usage_piece p JOIN charge_file f ON f.n = p.file WHERE p.import = ?1 ORDER BY p.n",
            [said.number],
        )?;
        self.pieces += said.brought.as_ref().map_or(0, |brought| brought.count);
        if said.brought.as_ref().is_some_and(|said| *said != brought) {
            let number = said.number;
            report.found(Finding::ImportPieces { import: number, record });
        }
        let (Some(known), Some(superseded)) = (said.known, &said.superseded) else { return Ok(()) };
        self.superseded += superseded.count;
        let sql = "SELECT n FROM usage_piece WHERE superseded = ?1 ORDER BY n";
        if digest(self.c, sql, [known])? != *superseded {
            report.found(Finding::UsageEnded { record });
        }
        Ok(())
    }

    /// Looks whether there is more than the log made. Of the lists, this version counts what is in
    /// them, too.
    pub fn compare(&self, report: &mut AuditReport) -> Result<(), StoreError> {
        let mut compare = |what: &'static str, sql: &str, logged: i64| -> Result<(), StoreError> {
            let count: i64 = self.c.query_row(sql, [], |r| r.get(0))?;
            if count != logged {
                report.found(Finding::Count { what, found: count, logged });
            }
            Ok(())
        };
        if self.kept {
            compare("imports of usage", "SELECT count(*) FROM usage_import", self.listed.0)?;
            compare("pieces of usage", "SELECT count(*) FROM usage_piece", self.pieces)?;
            let ended = "SELECT count(superseded) FROM usage_piece";
            compare("ended pieces", ended, self.superseded)?;
            let withdrawn = "SELECT count(withdrawn) FROM usage_import";
            return compare("withdrawn imports", withdrawn, self.withdrawn);
        }
        let open = self.open();
        // The migration took the newest of their instants.
        let last = self.last;
        let marked = format!(
            "SELECT count(*) FROM usage_import WHERE reason = '{REASON}' AND state <> 'refused'
               AND withdrawn = (SELECT max(at) FROM usage_import WHERE n <= {last})"
        );
        compare("imports of an earlier version that are marked as such", &marked, open)?;
        let marked = format!(
            "SELECT count(*) FROM usage_import WHERE reason = '{REASON}' AND state <> 'refused'"
        );
        compare("imports with the reason of an earlier version", &marked, open)
    }

    /// How many imports the migration has ended.
    pub fn open(&self) -> i64 {
        if self.kept { 0 } else { i64::try_from(self.open.len()).unwrap_or(i64::MAX) }
    }
}
