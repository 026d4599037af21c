//! What a record of the audit log holds of the state that its change leaves. It is hashed with the
//! record, so that `audit::verify` finds whatever is changed in that state by other means.
//!
//! Each kind of table has the form that fits how it changes:
//!
//! - **facts** grow, and end: digests of the rows that a change brought and ended, and a digest of
//!   all of them, chained;
//! - **small tables that change seldom** ([`SEALED`]) are digested whole after each change;
//! - **sessions** come and go by the minute: the digest of each row that was put in, or that it is
//!   gone.
//!
//! Links say all that they are in the detail of their record; usage has digests there of the rows that a
//! change brought, began to count and ended.

use std::collections::BTreeMap;

use rusqlite::Connection;
use serde::{Deserialize, Serialize};

use super::digest::{self, Digest};
use crate::StoreError;

/// The tables that are digested whole, by the changes that do so. Every column is covered.
pub const SEALED: &[(Sealed, &[&str])] =
    &[(Sealed::Credentials, &["login", "login_account", "app"])];

/// A group of tables that change together.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sealed {
    /// Who can sign in at the embedded issuer.
    Credentials,
}

impl Sealed {
    /// Digests of its tables as they are now.
    pub fn digests(self, c: &Connection) -> Result<BTreeMap<String, Digest>, StoreError> {
        let of_group = SEALED.iter().filter(|(group, _)| *group == self);
        let names = of_group.flat_map(|(_, names)| names.iter());
        names.map(|name| Ok(((*name).to_owned(), digest::table(c, name)?))).collect()
    }
}

/// The state that a change leaves.
#[derive(Debug, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Evidence {
    /// The row `counter`.
    pub revision: i64,
    pub known: i64,
    pub serving: Option<i64>,
    pub checkpoints: i64,
    /// What became of the facts.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub facts: Option<FactsChange>,
    /// Tables, whole.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub tables: BTreeMap<String, Digest>,
    /// Rows of sessions, by table.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub rows: BTreeMap<String, Changes>,
    /// Facts of which a part was erased.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub erased: Vec<ErasedFact>,
    /// All facts at the first start of a version from 7 to 10 that covered them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub baseline: Option<FactsBaseline>,
    /// All facts at the first start of a version that writes them in parts.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub in_parts: Option<FactsInParts>,
}

/// What a change did to the facts.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct FactsChange {
    /// Its number; records of versions before 11 have none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub change: Option<i64>,
    /// The last row there was before, in records without a number.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub after: Option<i64>,
    /// The rows that it brought.
    pub brought: Digest,
    /// The instant of the change, which no other has.
    pub known: i64,
    /// The rows that it ended.
    pub ended: Digest,
    /// All facts, as they are now: over the same digest before, `brought` and `ended`.
    pub all: String,
}

/// A row of facts of which a part was erased: its number, and its digests, hexadecimal.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ErasedFact {
    pub fact: i64,
    pub before: String,
    pub since: String,
}

/// All facts at an instant.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FactsBaseline {
    /// The last row.
    pub last: i64,
    /// The instant.
    pub known: i64,
    pub rows: Digest,
    /// How many of them had ended.
    pub ended: i64,
}

/// The facts that versions before 11 left.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FactsInParts {
    pub rows: Digest,
    /// How many of them had ended.
    pub ended: i64,
    /// The last number that was given to a change, and the digest of all numbers with their instants.
    pub last: i64,
    pub changes: Digest,
    /// As in [`FactsChange`].
    pub all: String,
}

impl Evidence {
    pub fn of_facts(change: FactsChange) -> Self {
        Self { facts: Some(change), ..Self::default() }
    }

    /// Of a change of a group of tables.
    pub fn of_tables(c: &Connection, group: Sealed) -> Result<Self, StoreError> {
        Ok(Self { tables: group.digests(c)?, ..Self::default() })
    }
}

/// What became of the rows of a table.
#[derive(Debug, Default, Serialize, Deserialize)]
pub struct Changes {
    /// Rows that were put in or changed: key, digest, end.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub put: Vec<(String, String, i64)>,
    /// Keys of rows that were taken out, before `put`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub gone: Vec<String>,
    /// Every row that ended at this tick or before was taken out, before `gone`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub over: Option<i64>,
}
