//! The facts, compared with what the log says that each change brought and ended.

use rusqlite::{Connection, OptionalExtension};

use super::{AuditReport, Finding};
use crate::StoreError;
use crate::seal::hex;
use crate::sqlite::evidence::{FactsBaseline, FactsChange, FactsInParts};
use crate::sqlite::fact_log::{self, Earlier, ErasedRows};

/// The facts that the log has so far.
pub struct Facts<'c> {
    c: &'c Connection,
    earlier: Earlier<'c>,
    /// Rows of which a part was erased later than they came.
    erased: ErasedRows,
    /// How many there are, and how many of them have ended.
    count: i64,
    ended: i64,
    /// How many changes have a number; `None` before the first one.
    changes: Option<i64>,
    /// The digest of all of them.
    all: [u8; 32],
    /// Whether the log covers them.
    covered: bool,
}

impl<'c> Facts<'c> {
    pub fn new(c: &'c Connection, covered: bool, erased: ErasedRows) -> Result<Self, StoreError> {
        let changes = fact_log::has_changes(c)?.then_some(1);
        let earlier = Earlier::of(c)?;
        Ok(Self { c, earlier, erased, count: 0, ended: 0, changes, all: [0; 32], covered })
    }

    /// What there was when the log began to cover them.
    pub fn begin(
        &mut self,
        record: i64,
        baseline: &FactsBaseline,
        report: &mut AuditReport,
    ) -> Result<(), StoreError> {
        if !self.was_erased(0, baseline.last)
            && self.earlier.baseline(baseline.last, baseline.known)? != *baseline
        {
            report.found(Finding::EarlierFacts { record });
        }
        (self.count, self.ended) = (baseline.last, baseline.ended);
        self.all = fact_log::first(&baseline.rows);
        Ok(())
    }

    /// Whether a part of one of the rows after one, up to another, was erased. A digest of an earlier version
    /// cannot be made again then; the one that the first start of a newer version has left covers the rows.
    fn was_erased(&self, after: i64, last: i64) -> bool {
        self.erased
            .range(after.saturating_add(1)..=last.max(after.saturating_add(1)))
            .next()
            .is_some()
    }

    /// What there was when changes began to have numbers.
    pub fn begin_parts(
        &mut self,
        record: i64,
        left: &FactsInParts,
        report: &mut AuditReport,
    ) -> Result<(), StoreError> {
        let (rows, wrong) = fact_log::brought(self.c, fact_log::EARLIER, &self.erased)?;
        // The log of a version before 7 says nothing of facts.
        let is_first = self.count == 0 && hex(&self.all) != left.all;
        let expected = if is_first { fact_log::first(&rows) } else { self.all };
        let is_counted = is_first || (self.count, self.ended) == (left.rows.count, left.ended);
        if rows != left.rows || hex(&expected) != left.all || !is_counted || !wrong.is_empty() {
            report.found(Finding::EarlierFacts { record });
        }
        if fact_log::changes(self.c, left.last)? != left.changes {
            report.found(Finding::EarlierChanges { record });
        }
        (self.count, self.ended) = (left.rows.count, left.ended);
        (self.changes, self.all) = (Some(left.changes.count), expected);
        Ok(())
    }

    /// Looks whether the facts have what a record says was done.
    pub fn replay(
        &mut self,
        record: i64,
        change: &FactsChange,
        report: &mut AuditReport,
    ) -> Result<(), StoreError> {
        let (brought, ended) = match change.change {
            Some(number) => self.compare_change(record, number, change, report)?,
            None => self.compare_earlier(change)?,
        };
        if !brought {
            report.found(Finding::FactsBrought { record });
        }
        if !ended {
            report.found(Finding::FactsEnded { record });
        }
        self.all = fact_log::all(&self.all, &change.brought, &change.ended);
        if hex(&self.all) != change.all {
            report.found(Finding::FactsBefore { record });
        }
        self.count += change.brought.count;
        self.ended += change.ended.count;
        Ok(())
    }

    /// Whether what a change with a number brought and ended is there.
    fn compare_change(
        &mut self,
        record: i64,
        number: i64,
        change: &FactsChange,
        report: &mut AuditReport,
    ) -> Result<(bool, bool), StoreError> {
        let sql = "SELECT known FROM fact_change WHERE n = ?1";
        let known: Option<i64> = self.c.query_row(sql, [number], |r| r.get(0)).optional()?;
        if known != Some(change.known) {
            report.found(Finding::FactsInstant { record });
        }
        self.changes = self.changes.map(|changes| changes + 1);
        let (brought, wrong) = fact_log::brought(self.c, number, &self.erased)?;
        for row in wrong {
            report.found(Finding::ErasedFact { fact: row });
        }
        Ok((brought == change.brought, fact_log::ended(self.c, number)? == change.ended))
    }

    /// The same for a change of a version before 11.
    fn compare_earlier(&self, change: &FactsChange) -> Result<(bool, bool), StoreError> {
        let after = change.after.unwrap_or_default();
        let last = after.saturating_add(change.brought.count);
        let brought = after == self.count
            && (self.was_erased(after, last)
                || self.earlier.brought(after, last)? == change.brought);
        Ok((brought, self.earlier.ended(change.known)? == change.ended))
    }

    /// Looks whether there is more than the log made.
    pub fn compare(self, report: &mut AuditReport) -> Result<(), StoreError> {
        if !self.covered {
            return Ok(());
        }
        let (count, ended) = self.earlier.count()?;
        if count != self.count {
            report.found(Finding::Count { what: "facts", found: count, logged: self.count });
        }
        if ended != self.ended {
            report.found(Finding::FactsEndedCount { found: ended, logged: self.ended });
        }
        let all: Vec<u8> =
            self.c.query_row("SELECT facts FROM counter WHERE id = 1", [], |r| r.get(0))?;
        if all != self.all {
            report.found(Finding::FactsDigest);
        }
        let Some(expected) = self.changes else { return Ok(()) };
        let sql = "SELECT count(*), min(CASE WHEN n = 0 THEN known END) FROM fact_change";
        let (changes, first): (i64, Option<i64>) =
            self.c.query_row(sql, [], |r| Ok((r.get(0)?, r.get(1)?)))?;
        if first != Some(i64::MIN) {
            report.found(Finding::EarlierInstant);
        }
        if changes != expected {
            report.found(Finding::Count {
                what: "changes of facts",
                found: changes,
                logged: expected,
            });
        }
        Ok(())
    }
}
