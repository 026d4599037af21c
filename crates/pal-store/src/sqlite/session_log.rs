//! Sessions of the portal and refresh tokens in the audit log: whoever puts one into the database can
//! act as somebody else, so each row that comes, changes or goes has a record.

use std::collections::BTreeMap;

use pal_model::Principal;
use rusqlite::{Connection, OptionalExtension, Row, ToSql};
use serde_json::json;

use super::audit::{self, Entry};
use super::digest;
use super::evidence::{Changes, Evidence};
use crate::seal::hex;
use crate::{Actor, AuditAction, StoreError};

/// A table whose rows come and go; its key is `hash`.
#[derive(Debug, Clone, Copy)]
pub struct Table {
    pub name: &'static str,
    /// What is covered of a row.
    columns: &'static str,
    /// The column that says when it is over.
    ends: &'static str,
}

/// Sessions of the portal. `used` is not covered: see `audit::covered`.
pub const PORTAL: Table = Table {
    name: "portal_session",
    columns: "hash, login, tenant, object, issuer, created, ends",
    ends: "ends",
};
/// Refresh tokens.
pub const TOKENS: Table = Table {
    name: "refresh_token",
    columns: "hash, family, upn, client, expires, used",
    ends: "expires",
};

impl Table {
    fn select(self, which: &str) -> String {
        format!("SELECT {}, {} FROM {} {which}", self.columns, self.ends, self.name)
    }

    /// Calls `each` with key, digest and end of every row.
    pub fn rows(
        self,
        c: &Connection,
        mut each: impl FnMut([u8; 32], [u8; 32], i64),
    ) -> Result<(), StoreError> {
        let mut statement = c.prepare(&self.select(""))?;
        let columns = statement.column_count() - 1;
        let mut rows = statement.query([])?;
        while let Some(r) = rows.next()? {
            let (key, digest, ends) = read(r, columns)?;
            each(key, digest, ends);
        }
        Ok(())
    }
}

fn read(r: &Row, columns: usize) -> Result<([u8; 32], [u8; 32], i64), StoreError> {
    let hash: Vec<u8> = r.get(0)?;
    Ok((digest::joined(&[&hash]), digest::row(r, columns)?, r.get(columns)?))
}

/// The changes of one transaction.
#[derive(Default)]
pub struct SessionLog(BTreeMap<String, Changes>);

impl SessionLog {
    fn of(&mut self, table: Table) -> &mut Changes {
        self.0.entry(table.name.to_owned()).or_default()
    }

    /// A row was put in or changed.
    pub fn put(&mut self, c: &Connection, table: Table, hash: &[u8]) -> Result<(), StoreError> {
        let mut statement = c.prepare_cached(&table.select("WHERE hash = ?1"))?;
        let columns = statement.column_count() - 1;
        let row = statement.query_row([hash], |r| Ok(read(r, columns))).optional()?;
        if let Some(row) = row {
            let (key, digest, ends) = row?;
            self.of(table).put.push((hex(&key), hex(&digest), ends));
        }
        Ok(())
    }

    /// Every row of a table, as it is.
    pub fn all(&mut self, c: &Connection, table: Table) -> Result<(), StoreError> {
        let put = &mut self.of(table).put;
        table.rows(c, |key, digest, ends| put.push((hex(&key), hex(&digest), ends)))
    }

    /// A row was taken out.
    pub fn gone(&mut self, table: Table, hash: &[u8]) {
        self.of(table).gone.push(hex(&digest::joined(&[hash])));
    }

    /// Takes out the rows that fit a condition.
    pub fn take_out(
        &mut self,
        c: &Connection,
        table: Table,
        which: &str,
        values: &[&dyn ToSql],
    ) -> Result<(), StoreError> {
        for hash in hashes(c, table, which, values)? {
            self.gone(table, &hash);
        }
        c.prepare_cached(&format!("DELETE FROM {} WHERE {which}", table.name))?.execute(values)?;
        Ok(())
    }

    /// All rows that were over at a tick were taken out.
    pub fn over(&mut self, table: Table, tick: i64) {
        self.of(table).over = Some(tick);
    }

    /// What the record of the change holds.
    pub fn evidence(self, evidence: Evidence) -> Evidence {
        Evidence { rows: self.0, ..evidence }
    }

    /// Appends a record, if anything has changed.
    pub fn record(self, c: &Connection, who: Option<Principal>, at: i64) -> Result<(), StoreError> {
        if self.0.is_empty() {
            return Ok(());
        }
        let count = |of: fn(&Changes) -> usize| -> usize { self.0.values().map(of).sum() };
        let detail = json!({ "set": count(|c| c.put.len()), "ended": count(|c| c.gone.len()) });
        let request = "session".to_owned();
        let actor = Actor { principal: who, client: None, token: None, request };
        let entry = Entry {
            at,
            actor: &actor,
            action: AuditAction::SessionChange,
            target: who,
            detail: &detail.to_string(),
            versions: (None, None),
        };
        audit::append_with(c, &entry, self.evidence(Evidence::default())).map(|_| ())
    }
}

/// The keys of rows that fit a condition.
pub fn hashes(
    c: &Connection,
    table: Table,
    which: &str,
    values: impl rusqlite::Params,
) -> Result<Vec<Vec<u8>>, StoreError> {
    let mut statement =
        c.prepare_cached(&format!("SELECT hash FROM {} WHERE {which} ORDER BY hash", table.name))?;
    let rows = statement.query_map(values, |r| r.get(0))?;
    Ok(rows.collect::<Result<_, _>>()?)
}
