//! Digests of rows: every value with its kind and length before it, so that no two tables have the
//! same encoding.

use aws_lc_rs::digest::{Context, SHA256};
use rusqlite::types::ValueRef;
use rusqlite::{Connection, Params, Row};
use serde::{Deserialize, Serialize};

use crate::StoreError;
use crate::seal::hex;

/// How many rows, and SHA-256 over all that was asked of them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Digest {
    pub count: i64,
    pub sha256: String,
}

/// The digest of what a statement gives, which must be in an order that depends on nothing else.
pub fn digest(c: &Connection, sql: &str, values: impl Params) -> Result<Digest, StoreError> {
    let mut statement = c.prepare_cached(sql)?;
    let columns = statement.column_count();
    let mut hash = Context::new(&SHA256);
    let (mut count, mut rows) = (0, statement.query(values)?);
    while let Some(row) = rows.next()? {
        count += 1;
        add(&mut hash, row, columns)?;
    }
    Ok(Digest { count, sha256: hex(hash.finish().as_ref()) })
}

/// SHA-256 of a row.
pub type RowDigest = [u8; 32];

/// The digest of the digests of rows, each of which `as_logged` gives for the number in the first column and the
/// digest of the row as it is.
pub fn chained(
    c: &Connection,
    sql: &str,
    values: impl Params,
    mut as_logged: impl FnMut(i64, RowDigest) -> RowDigest,
) -> Result<Digest, StoreError> {
    let mut statement = c.prepare_cached(sql)?;
    let columns = statement.column_count();
    let mut hash = Context::new(&SHA256);
    let (mut count, mut rows) = (0, statement.query(values)?);
    while let Some(found) = rows.next()? {
        count += 1;
        hash.update(&as_logged(found.get(0)?, row(found, columns)?));
    }
    Ok(Digest { count, sha256: hex(hash.finish().as_ref()) })
}

/// The digest of a whole table, in the order of its key: every column that it has.
pub fn table(c: &Connection, name: &str) -> Result<Digest, StoreError> {
    let mut keys =
        c.prepare_cached("SELECT name FROM pragma_table_info(?1) WHERE pk > 0 ORDER BY pk")?;
    let keys: Vec<String> = keys.query_map([name], |r| r.get(0))?.collect::<Result<_, _>>()?;
    if keys.is_empty() {
        return Ok(Digest { count: 0, sha256: "there is no such table".to_owned() });
    }
    digest(c, &format!("SELECT * FROM {name} ORDER BY {}", keys.join(", ")), [])
}

pub fn row(row: &Row, columns: usize) -> Result<RowDigest, StoreError> {
    let mut hash = Context::new(&SHA256);
    add(&mut hash, row, columns)?;
    Ok(finished(hash))
}

/// SHA-256 of some texts and bytes, one after the other.
pub fn joined(parts: &[&[u8]]) -> [u8; 32] {
    let mut hash = Context::new(&SHA256);
    for part in parts {
        hash.update(&(part.len() as u64).to_be_bytes());
        hash.update(part);
    }
    finished(hash)
}

fn finished(hash: Context) -> [u8; 32] {
    let mut out = [0; 32];
    out.copy_from_slice(hash.finish().as_ref());
    out
}

fn add(hash: &mut Context, row: &Row, columns: usize) -> Result<(), StoreError> {
    let mut put = |kind: u8, bytes: &[u8]| {
        hash.update(&[kind]);
        hash.update(&(bytes.len() as u64).to_be_bytes());
        hash.update(bytes);
    };
    for column in 0..columns {
        match row.get_ref(column)? {
            ValueRef::Null => put(0, &[]),
            ValueRef::Integer(number) => put(1, &number.to_be_bytes()),
            ValueRef::Real(number) => put(2, &number.to_be_bytes()),
            ValueRef::Text(text) => put(3, text),
            ValueRef::Blob(bytes) => put(4, bytes),
        }
    }
    Ok(())
}
