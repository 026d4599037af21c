//! Reading the audit log: records that fit, and the signed checkpoints, newest first.

use std::collections::VecDeque;
use std::fs::File;
use std::io::{BufRead, BufReader, ErrorKind};
use std::path::Path;

use async_trait::async_trait;
use pal_model::Instant;
use rusqlite::{Connection, Row, params};

use super::checkpoint::paths;
use super::value::{blob, instant, pair, ticks};
use super::{SqliteStore, aside, audit, connect, value};
use crate::audit::AuditReport;
use crate::{Actor, AuditAction, AuditFilter, AuditRecord, AuditStore, Checkpoint, StoreError};

#[async_trait]
impl AuditStore for SqliteStore {
    async fn record_read(
        &self,
        actor: Actor,
        at: Instant,
        detail: String,
    ) -> Result<(), StoreError> {
        let at = value::ticks(at);
        self.writer.write(move |c| audit::append_read(c, &actor, at, &detail)).await
    }

    async fn audit_records(
        &self,
        filter: AuditFilter,
        limit: u32,
    ) -> Result<Vec<AuditRecord>, StoreError> {
        let path = self.path.clone();
        aside(move || records(&connect::open(&path)?, &filter, limit)).await
    }

    async fn audit_checkpoints(
        &self,
        before: Option<i64>,
        limit: u32,
    ) -> Result<(Vec<Checkpoint>, String), StoreError> {
        let folder = self.folder();
        let read = move || {
            let found = checkpoints(&folder, before, limit as usize)?;
            Ok((found, public_key(&folder)?))
        };
        aside(read).await
    }

    async fn audit_verify(&self) -> Result<AuditReport, StoreError> {
        let folder = self.folder();
        aside(move || crate::audit::verify(&folder, None, None)).await
    }
}

/// Records that fit, newest first, at most `limit`.
pub fn records(
    c: &Connection,
    filter: &AuditFilter,
    limit: u32,
) -> Result<Vec<AuditRecord>, StoreError> {
    let mut statement = c.prepare_cached(
        "SELECT n, at, actor_tenant, actor_object, client, token, request, action, target_tenant,
                target_object, detail, version_before, version_after, previous, hash,
                evidence
         FROM audit
         WHERE n < ?1 AND at >= ?2 AND at < ?3 AND (?4 IS NULL OR action = ?4)
           AND (?5 IS NULL
                OR (actor_tenant = ?5 AND (?6 IS NULL OR actor_object = ?6))
                OR (target_tenant = ?5 AND (?6 IS NULL OR target_object = ?6)))
         ORDER BY n DESC LIMIT ?7",
    )?;
    let mut rows = statement.query(params![
        filter.before.unwrap_or(i64::MAX),
        filter.from.map_or(i64::MIN, ticks),
        filter.to.map_or(i64::MAX, ticks),
        filter.action.map(AuditAction::number),
        filter.tenant.map(blob),
        filter.object.map(blob),
        limit,
    ])?;
    let mut found = Vec::new();
    while let Some(row) = rows.next()? {
        found.push(record(row)?);
    }
    Ok(found)
}

fn record(r: &Row) -> Result<AuditRecord, StoreError> {
    let who = |tenant: Option<[u8; 16]>, object: Option<[u8; 16]>| {
        tenant.zip(object).map(|(tenant, object)| pair(tenant, object))
    };
    let (number, action): (i64, i64) = (r.get(0)?, r.get(7)?);
    let known = AuditAction::ALL.into_iter().find(|known| known.number() == action);
    let unknown =
        || StoreError::Unusable(format!("record {number} of the audit log has an action {action}"));
    Ok(AuditRecord {
        number,
        at: instant(r.get(1)?),
        actor: Actor {
            principal: who(r.get(2)?, r.get(3)?),
            client: r.get(4)?,
            token: r.get(5)?,
            request: r.get(6)?,
        },
        action: known.ok_or_else(unknown)?,
        target: who(r.get(8)?, r.get(9)?),
        detail: r.get(10)?,
        versions: (r.get(11)?, r.get(12)?),
        previous: r.get(13)?,
        hash: r.get(14)?,
        evidence: r.get(15)?,
    })
}

/// Checkpoints of a folder before record `before`, newest first, at most `limit`. Lines that cannot
/// be read are left out: they are for `verify` to find.
pub fn checkpoints(
    folder: &Path,
    before: Option<i64>,
    limit: usize,
) -> Result<Vec<Checkpoint>, StoreError> {
    let (_, _, path) = paths(folder);
    let cannot =
        |error: std::io::Error| StoreError::Unavailable(format!("{}: {error}", path.display()));
    let file = match File::open(&path) {
        Ok(file) => file,
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(Vec::new()),
        Err(error) => return Err(cannot(error)),
    };
    // The file grows at its end; only the last ones that fit are kept while it is read.
    let mut last = VecDeque::new();
    for line in BufReader::new(file).lines() {
        let Ok(checkpoint) = serde_json::from_str::<Checkpoint>(&line.map_err(cannot)?) else {
            continue;
        };
        if before.is_none_or(|before| checkpoint.number < before) {
            last.push_back(checkpoint);
            if last.len() > limit {
                last.pop_front();
            }
        }
    }
    Ok(last.into_iter().rev().collect())
}

/// The public key of a folder's checkpoints, hexadecimal.
pub fn public_key(folder: &Path) -> Result<String, StoreError> {
    let (_, path, _) = paths(folder);
    let text = std::fs::read_to_string(&path)
        .map_err(|error| StoreError::Unavailable(format!("{}: {error}", path.display())))?;
    Ok(text.trim().to_owned())
}
