//! The usage that counts, and counted, compared with what the log says of it.

use rusqlite::{Connection, OptionalExtension};
use serde::Deserialize;

use super::AuditReport;
use crate::StoreError;
use crate::sqlite::usage_log::{Digest, brought, listed, superseded};

/// What a record says of an import or a withdrawal.
#[derive(Deserialize)]
struct Detail {
    number: i64,
    listed: Option<Digest>,
    brought: Option<Digest>,
    known: Option<i64>,
    superseded: Option<Digest>,
}

/// What the log says there is.
pub struct Usage<'c> {
    c: &'c Connection,
    /// A folder of an earlier version has no tables of usage.
    kept: bool,
    imports: i64,
    pieces: i64,
    superseded: i64,
    withdrawn: i64,
}

impl<'c> Usage<'c> {
    pub fn new(c: &'c Connection) -> Result<Self, StoreError> {
        let tables = "SELECT 1 FROM sqlite_schema WHERE name = 'usage_piece'";
        let kept = c.prepare(tables)?.exists([])?;
        Ok(Self { c, kept, imports: 0, pieces: 0, superseded: 0, withdrawn: 0 })
    }

    /// Looks whether the tables have what a record says was done.
    pub fn replay(
        &mut self,
        record: i64,
        is_import: bool,
        detail: &str,
        report: &mut AuditReport,
    ) -> Result<(), StoreError> {
        let Ok(detail) = serde_json::from_str::<Detail>(detail) else {
            report.found(format!("record {record} does not say what it did"));
            return Ok(());
        };
        if !self.kept {
            report.found(format!("record {record} is of usage, and its tables are gone"));
            return Ok(());
        }
        let number = detail.number;
        if is_import {
            self.imports += 1;
            self.pieces += detail.brought.as_ref().map_or(0, |brought| brought.count);
            if detail.listed != Some(listed(self.c, number)?) {
                report.found(format!("import {number} is not listed as record {record} made it"));
            }
            if detail.brought != Some(brought(self.c, number)?) {
                report.found(format!(
                    "the pieces of import {number} are not those of record {record}"
                ));
            }
        } else {
            self.withdrawn += 1;
            let sql = "SELECT withdrawn FROM usage_import WHERE n = ?1";
            let at: Option<Option<i64>> =
                self.c.prepare_cached(sql)?.query_row([number], |r| r.get(0)).optional()?;
            if at.flatten() != detail.known {
                report.found(format!("import {number} is not withdrawn as record {record} has it"));
            }
        }
        if let Some(known) = detail.known {
            self.superseded += detail.superseded.as_ref().map_or(0, |ended| ended.count);
            if detail.superseded != Some(superseded(self.c, known)?) {
                report
                    .found(format!("what record {record} ended of the usage is not what it says"));
            }
        }
        Ok(())
    }

    /// Looks whether there is more than the log made.
    pub fn compare(&self, report: &mut AuditReport) -> Result<(), StoreError> {
        if !self.kept {
            return Ok(());
        }
        for (what, sql, logged) in [
            ("imports of usage", "SELECT count(*) FROM usage_import", self.imports),
            ("pieces of usage", "SELECT count(*) FROM usage_piece", self.pieces),
            ("ended pieces", "SELECT count(superseded) FROM usage_piece", self.superseded),
            ("withdrawn imports", "SELECT count(withdrawn) FROM usage_import", self.withdrawn),
        ] {
            let kept: i64 = self.c.query_row(sql, [], |r| r.get(0))?;
            if kept != logged {
                report.found(format!("there are {kept} {what}, and the log has {logged}"));
            }
        }
        Ok(())
    }
}
