//! The facts, compared with what the log says that each change brought and ended.

use rusqlite::Connection;

use super::AuditReport;
use crate::StoreError;
use crate::seal::hex;
use crate::sqlite::evidence::{FactsBaseline, FactsChange};
use crate::sqlite::fact_log;

/// The facts that the log has so far.
pub struct Facts<'c> {
    c: &'c Connection,
    /// The last row.
    last: i64,
    /// How many have ended.
    ended: i64,
    /// The digest of all of them.
    all: [u8; 32],
    /// Whether the log covers them.
    covered: bool,
}

impl<'c> Facts<'c> {
    pub fn new(c: &'c Connection, covered: bool) -> Self {
        Self { c, last: 0, ended: 0, all: [0; 32], covered }
    }

    /// What there was when the log began to cover them.
    pub fn begin(
        &mut self,
        record: i64,
        baseline: &FactsBaseline,
        report: &mut AuditReport,
    ) -> Result<(), StoreError> {
        if fact_log::baseline(self.c, baseline.last, baseline.known)? != *baseline {
            report.found(format!(
                "the facts of earlier versions are not those that record {record} found"
            ));
        }
        (self.last, self.ended) = (baseline.last, baseline.ended);
        self.all = fact_log::first(baseline);
        Ok(())
    }

    /// Looks whether the facts have what a record says was done.
    pub fn replay(
        &mut self,
        record: i64,
        change: &FactsChange,
        report: &mut AuditReport,
    ) -> Result<(), StoreError> {
        let last = change.after.saturating_add(change.brought.count);
        if change.after != self.last
            || fact_log::brought(self.c, change.after, last)? != change.brought
        {
            report.found(format!("the facts that record {record} brought are not those it has"));
        }
        if fact_log::ended(self.c, change.known)? != change.ended {
            report.found(format!("the facts that record {record} ended are not those it has"));
        }
        self.all = fact_log::all(&self.all, &change.brought, &change.ended);
        if hex(&self.all) != change.all {
            report.found(format!("record {record} does not fit the facts before it"));
        }
        self.last = last;
        self.ended += change.ended.count;
        Ok(())
    }

    /// Looks whether there is more than the log made.
    pub fn compare(self, report: &mut AuditReport) -> Result<(), StoreError> {
        if !self.covered {
            return Ok(());
        }
        let sql = "SELECT (SELECT count(*) FROM fact), (SELECT coalesce(max(n), 0) FROM fact),
                          (SELECT count(superseded) FROM fact), facts FROM counter WHERE id = 1";
        let (count, last, ended, all): (i64, i64, i64, Vec<u8>) =
            self.c.query_row(sql, [], |r| Ok((r.get(0)?, r.get(1)?, r.get(2)?, r.get(3)?)))?;
        if (count, last) != (self.last, self.last) {
            report.found(format!(
                "there are {count} facts, the last {last}, and the log has {}",
                self.last
            ));
        }
        if ended != self.ended {
            report.found(format!("{ended} facts have ended, and the log has {}", self.ended));
        }
        if all != self.all {
            report.found("the digest of all facts is not that of the log".to_owned());
        }
        Ok(())
    }
}
