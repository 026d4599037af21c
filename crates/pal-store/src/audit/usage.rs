//! The usage that is kept, and what counts of it, compared with what the log says.

use std::collections::BTreeMap;

use rusqlite::{Connection, params};
use serde::Deserialize;

use super::usage_earlier::{Earlier, Record};
use super::{AuditReport, Finding};
use crate::StoreError;
use crate::sqlite::usage_log::{Brought, Changed};

/// What a record says of an import or a withdrawal.
#[derive(Deserialize)]
struct Detail {
    number: i64,
    brought: Option<Brought>,
    known: Option<i64>,
    changed: Option<Changed>,
}

/// The tables whose rows are counted, and how a finding calls them.
const TABLES: [(&str, &str); 8] = [
    ("usage_import", "imports of usage"),
    ("usage_read", "files that imports read"),
    ("usage_statement", "statements of usage"),
    ("usage_piece", "pieces of usage"),
    ("usage_content", "contents of usage"),
    ("usage_days", "days of contents"),
    ("usage_counted", "counts of usage"),
    ("usage_edition", "editions of usage"),
];

/// What the log says there is.
pub struct Usage<'c> {
    c: &'c Connection,
    kept: UsageTables,
    /// Rows by table.
    rows: BTreeMap<&'static str, i64>,
    superseded: i64,
    withdrawn: i64,
    earlier: Earlier<'c>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum UsageTables {
    /// A folder of a version without usage; or somebody has removed a table.
    Nothing,
    /// As versions before 8 kept it.
    Earlier,
    Now,
}

impl<'c> Usage<'c> {
    pub fn new(c: &'c Connection) -> Result<Self, StoreError> {
        let has = |table: &str| -> Result<bool, StoreError> {
            Ok(c.prepare("SELECT 1 FROM sqlite_schema WHERE name = ?1")?.exists([table])?)
        };
        let mut kept = if has("usage_run")? { UsageTables::Earlier } else { UsageTables::Now };
        for (table, _) in TABLES {
            if kept == UsageTables::Now && !has(table)? {
                kept = UsageTables::Nothing;
            }
        }
        let earlier = Earlier::new(c, kept == UsageTables::Earlier);
        Ok(Self { c, kept, rows: BTreeMap::new(), superseded: 0, withdrawn: 0, earlier })
    }

    /// Looks whether the tables have what a record says was done.
    pub fn replay(
        &mut self,
        record: i64,
        is_import: bool,
        detail: &str,
        report: &mut AuditReport,
    ) -> Result<(), StoreError> {
        let earlier = Record::read(detail);
        let gone = match self.kept {
            UsageTables::Nothing => true,
            UsageTables::Earlier => earlier.is_none(),
            UsageTables::Now => false,
        };
        if gone {
            report.found(Finding::UsageGone { record });
            return Ok(());
        }
        if let Some(earlier) = earlier {
            return self.earlier.replay(record, &earlier, report);
        }
        let Ok(detail) = serde_json::from_str::<Detail>(detail) else {
            report.found(Finding::RecordWithoutDetail { record });
            return Ok(());
        };
        if is_import {
            self.compare_brought(record, &detail, report)?;
        } else {
            self.compare_withdrawn(record, &detail, report)?;
        }
        let (Some(known), Some(changed)) = (detail.known, detail.changed) else { return Ok(()) };
        for (table, rows) in changed.counts() {
            self.add(table, rows);
        }
        self.superseded += changed.ended();
        if changed != Changed::of(self.c, known)? {
            report.found(Finding::UsageCounted { record });
        }
        Ok(())
    }

    fn add(&mut self, table: &'static str, rows: i64) {
        *self.rows.entry(table).or_default() += rows;
    }

    fn compare_brought(
        &mut self,
        record: i64,
        detail: &Detail,
        report: &mut AuditReport,
    ) -> Result<(), StoreError> {
        let number = detail.number;
        for (table, rows) in detail.brought.iter().flat_map(Brought::counts) {
            self.add(table, rows);
        }
        let kept = Brought::of(self.c, number)?;
        let differs = detail
            .brought
            .as_ref()
            .map_or_else(|| vec!["anything"], |brought| brought.differences(&kept));
        for what in differs {
            report.found(Finding::ImportChanged { what, import: number, record });
        }
        Ok(())
    }

    fn compare_withdrawn(
        &mut self,
        record: i64,
        detail: &Detail,
        report: &mut AuditReport,
    ) -> Result<(), StoreError> {
        let number = detail.number;
        self.withdrawn += 1;
        let sql = "SELECT 1 FROM usage_import WHERE n = ?1 AND withdrawn = ?2";
        if !self.c.prepare_cached(sql)?.exists(params![number, detail.known])? {
            report.found(Finding::ImportWithdrawn { import: number, record });
        }
        Ok(())
    }

    /// Looks whether there is more than the log made.
    pub fn compare(&self, report: &mut AuditReport) -> Result<(), StoreError> {
        if self.kept == UsageTables::Nothing {
            return Ok(());
        }
        self.earlier.compare(report)?;
        if self.kept == UsageTables::Earlier {
            return Ok(());
        }
        let mut compare = |what: &'static str, sql: &str, logged: i64| -> Result<(), StoreError> {
            let kept: i64 = self.c.query_row(sql, [], |r| r.get(0))?;
            if kept != logged {
                report.found(Finding::Count { what, found: kept, logged });
            }
            Ok(())
        };
        for (table, what) in TABLES {
            let earlier = match table {
                "usage_import" => self.earlier.listed.0,
                "usage_read" => self.earlier.listed.1,
                _ => 0,
            };
            let logged = self.rows.get(table).copied().unwrap_or_default() + earlier;
            compare(what, &format!("SELECT count(*) FROM {table}"), logged)?;
        }
        let ended = "SELECT count(superseded) FROM usage_counted";
        compare("counts that have ended", ended, self.superseded)?;
        let unused = "SELECT count(*) FROM charge_file f
                      WHERE NOT EXISTS (SELECT 1 FROM usage_content k WHERE k.file = f.n)";
        compare("charge files without a content", unused, 0)?;
        let withdrawn = self.withdrawn + self.earlier.withdrawn + self.earlier.open();
        let kept = "SELECT count(withdrawn) FROM usage_import";
        compare("withdrawn imports", kept, withdrawn)
    }
}
