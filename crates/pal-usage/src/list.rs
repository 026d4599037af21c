//! What people and programs are told of imports that were made.

use pal_store::{ImportState, UsageImportRecord};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::charges::hexadecimal;

/// An import of usage.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct UsageImport {
    /// Its number.
    pub number: i64,
    /// When it was made.
    pub at: String,
    /// How it is called.
    pub name: String,
    /// What became of it.
    #[schemars(extend("enum" = ["counted", "unchanged", "refused", "withdrawn"]))]
    pub state: String,
    /// Why it was refused.
    pub reason: Option<String>,
    /// Rows in its files.
    pub rows: u64,
    /// How many subscriptions had which outcome.
    pub subscriptions: Option<Map<String, Value>>,
    /// Its files.
    pub files: Vec<UsageFile>,
    /// Since when nothing of it counts any more.
    pub withdrawn: Option<String>,
}

/// A file of an import.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct UsageFile {
    /// How it is called.
    pub name: String,
    /// Of its bytes.
    pub sha256: String,
    /// How many.
    pub bytes: u64,
    /// Rows in it.
    pub rows: u64,
}

/// What no longer counts after an import was withdrawn.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Withdrawn {
    /// Months and subscriptions.
    pub pieces: u64,
    /// Their rows.
    pub rows: u64,
}

impl From<&UsageImportRecord> for UsageImport {
    fn from(record: &UsageImportRecord) -> Self {
        let state = match record.state {
            _ if record.withdrawn.is_some() => "withdrawn",
            ImportState::Counted => "counted",
            ImportState::Unchanged => "unchanged",
            ImportState::Refused => "refused",
        };
        let file = |file: &pal_store::ReadFile| UsageFile {
            name: file.name.clone(),
            sha256: hexadecimal(&file.sha256),
            bytes: file.bytes,
            rows: file.rows,
        };
        Self {
            number: record.number,
            at: record.at.to_string(),
            name: record.name.clone(),
            state: state.to_owned(),
            reason: record.reason.clone(),
            rows: record.rows,
            subscriptions: serde_json::from_str(&record.outcome).ok(),
            files: record.read.iter().map(file).collect(),
            withdrawn: record.withdrawn.map(|at| at.to_string()),
        }
    }
}
