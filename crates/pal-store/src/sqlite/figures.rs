//! How much there is of everything. Each count reads an index, or a table once: for once a minute, not for a request.

use rusqlite::{Connection, OptionalExtension};

use super::usage_list::import_state;
use super::value::instant;
use crate::StoreError;
use crate::types::{ImportFigures, StoreFigures};

pub fn figures(c: &Connection) -> Result<StoreFigures, StoreError> {
    let count = |sql: &str| -> Result<u64, StoreError> {
        Ok(u64::try_from(c.query_row(sql, [], |r| r.get::<_, i64>(0))?).unwrap_or(0))
    };
    let signed = "SELECT at FROM audit WHERE n = (SELECT signed FROM counter WHERE id = 1)";
    let signed: Option<i64> = c.query_row(signed, [], |r| r.get(0)).optional()?;
    let mut list = c.prepare(
        "SELECT state, count(*), coalesce(sum(rows), 0), max(at) FROM usage_import GROUP BY state",
    )?;
    let mut rows = list.query([])?;
    let mut imports = Vec::new();
    while let Some(r) = rows.next()? {
        let whole = |at: usize| -> Result<u64, StoreError> {
            Ok(u64::try_from(r.get::<_, i64>(at)?).unwrap_or(0))
        };
        let (number, rows, last) = (whole(1)?, whole(2)?, instant(r.get(3)?));
        imports.push(ImportFigures {
            state: import_state(&r.get::<_, String>(0)?)?,
            number,
            rows,
            last,
        });
    }
    Ok(StoreFigures {
        facts: count("SELECT count(*) FROM fact_now")?,
        links: count("SELECT count(*) FROM link WHERE active = 1")?,
        audit_records: count("SELECT audit_number FROM counter WHERE id = 1")?,
        unsigned_records: count("SELECT audit_number - signed FROM counter WHERE id = 1")?,
        checkpoint: signed.map(instant),
        imports,
    })
}
