//! The register of links made again from the log, and compared with the one that is kept.

use std::collections::BTreeMap;

use rusqlite::{Connection, OptionalExtension, Statement, params};
use serde::Deserialize;

use super::{AuditReport, Finding};
use crate::StoreError;
use crate::sqlite::value::pair;

/// Tenant and object, as they are kept.
type Owner = ([u8; 16], [u8; 16]);

/// What a record says of the version that it made.
#[derive(Deserialize)]
struct Detail {
    partner: String,
    active: bool,
    created: i64,
    updated: i64,
    known: i64,
}

/// The register as the log says it is.
pub struct Register<'c> {
    links: BTreeMap<Owner, (i64, Detail)>,
    /// Versions made so far.
    made: i64,
    history: Statement<'c>,
}

impl<'c> Register<'c> {
    pub fn new(c: &'c Connection) -> Result<Self, StoreError> {
        let history = c.prepare(
            "SELECT partner, updated, known, active FROM link_history
             WHERE tenant = ?1 AND object = ?2 AND version = ?3",
        )?;
        Ok(Self { links: BTreeMap::new(), made: 0, history })
    }

    /// Does what a record says was done, and looks whether the history has it too.
    pub fn replay(
        &mut self,
        number: i64,
        (tenant, object): (&[u8], &[u8]),
        (before, version): (Option<i64>, i64),
        detail: &str,
        report: &mut AuditReport,
    ) -> Result<(), StoreError> {
        let (Ok(tenant), Ok(object)) = (tenant.try_into(), object.try_into()) else {
            report.found(Finding::RecordWithoutOwner { record: number });
            return Ok(());
        };
        let owner = (tenant, object);
        let Ok(detail) = serde_json::from_str::<Detail>(detail) else {
            report.found(Finding::RecordWithoutDetail { record: number });
            return Ok(());
        };
        if !self.in_history(owner, version, &detail)? {
            report.found(Finding::LinkHistory {
                owner: pair(tenant, object),
                version,
                record: number,
            });
        }
        let last = self.links.get(&owner).map(|(version, _)| *version);
        if last != before || version != last.unwrap_or(0) + 1 {
            report.found(Finding::LinkVersion { record: number, version, last });
        }
        self.links.insert(owner, (version, detail));
        self.made += 1;
        Ok(())
    }

    fn in_history(
        &mut self,
        owner: Owner,
        version: i64,
        detail: &Detail,
    ) -> Result<bool, StoreError> {
        let row = self.history.query_row(params![owner.0, owner.1, version], |r| {
            Ok((r.get::<_, i64>(0)?, r.get(1)?, r.get(2)?, r.get(3)?))
        });
        Ok(row.optional()?.is_some_and(|(partner, updated, known, active)| {
            detail.partner == partner.to_string()
                && (detail.updated, detail.known, i64::from(detail.active))
                    == (updated, known, active)
        }))
    }

    /// Looks whether the links that are kept are these.
    pub fn compare(mut self, c: &Connection, report: &mut AuditReport) -> Result<(), StoreError> {
        let mut statement = c.prepare(
            "SELECT tenant, object, version, partner, created, updated, active FROM link",
        )?;
        let mut rows = statement.query([])?;
        while let Some(r) = rows.next()? {
            report.links += 1;
            let owner: Owner = (r.get(0)?, r.get(1)?);
            let (version, partner): (i64, i64) = (r.get(2)?, r.get(3)?);
            let (created, updated, active): (i64, i64, i64) = (r.get(4)?, r.get(5)?, r.get(6)?);
            let same = self.links.remove(&owner).is_some_and(|(logged, detail)| {
                logged == version
                    && detail.partner == partner.to_string()
                    && (detail.created, detail.updated, i64::from(detail.active))
                        == (created, updated, active)
            });
            if !same {
                let shown = pair(owner.0, owner.1);
                report.found(Finding::LinkChanged { owner: shown });
            }
        }
        for (tenant, object) in self.links.into_keys() {
            let shown = pair(tenant, object);
            report.found(Finding::LinkGone { owner: shown });
        }
        let kept: i64 = c.query_row("SELECT count(*) FROM link_history", [], |r| r.get(0))?;
        if kept != self.made {
            let made = self.made;
            report.found(Finding::LinkVersions { found: kept, logged: made });
        }
        Ok(())
    }
}
