//! Values in and out of columns.

use pal_model::{Guid, Instant, ObjectId, PartnerId, Principal, TenantId};

use rusqlite::{Connection, Params};

use crate::StoreError;

/// A GUID as 16 bytes.
pub fn blob(id: impl Into<Bytes>) -> [u8; 16] {
    id.into().0
}

/// The bytes of a GUID, whatever it names.
pub struct Bytes([u8; 16]);

impl From<Guid> for Bytes {
    fn from(id: Guid) -> Self {
        Self(id.value().to_be_bytes())
    }
}
impl From<TenantId> for Bytes {
    fn from(id: TenantId) -> Self {
        id.guid().into()
    }
}
impl From<ObjectId> for Bytes {
    fn from(id: ObjectId) -> Self {
        id.guid().into()
    }
}

/// A GUID from its bytes; lower case.
pub fn guid(bytes: [u8; 16]) -> Guid {
    Guid::from_value(u128::from_be_bytes(bytes))
}

/// A pair from its bytes.
pub fn pair(tenant: [u8; 16], object: [u8; 16]) -> Principal {
    Principal::new(guid(tenant).into(), guid(object).into())
}

/// Ticks of 100 ns since 1970: what the wire can show, and what an INTEGER holds for all years.
pub fn ticks(at: Instant) -> i64 {
    at.nanoseconds().div_euclid(100) as i64
}

pub fn instant(ticks: i64) -> Instant {
    Instant::from_nanoseconds(i128::from(ticks) * 100).unwrap_or(if ticks < 0 {
        Instant::MIN
    } else {
        Instant::MAX
    })
}

/// A partner ID from its column.
pub fn partner(number: i64) -> Result<PartnerId, StoreError> {
    let wrong = |_| StoreError::Unusable(format!("the register holds a partner ID {number}"));
    number.to_string().parse().map_err(wrong)
}

/// Runs a statement; the number of the row that it put in.
pub fn run(c: &Connection, sql: &str, values: impl Params) -> Result<i64, StoreError> {
    c.prepare_cached(sql)?.execute(values)?;
    Ok(c.last_insert_rowid())
}

/// JSON of plain numbers and texts.
pub fn json(value: &impl serde::Serialize) -> Result<String, StoreError> {
    serde_json::to_string(value).map_err(|error| StoreError::Unavailable(error.to_string()))
}
