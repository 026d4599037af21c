//! Imports as they are shown.

use pal_store::{ImportState, UsageImportRecord};
use serde_json::{Value, json};

use crate::charges::hexadecimal;

/// An import for programs.
pub fn import_shown(record: &UsageImportRecord) -> Value {
    let state = match record.state {
        _ if record.withdrawn.is_some() => "withdrawn",
        ImportState::Counted => "counted",
        ImportState::Unchanged => "unchanged",
        ImportState::Refused => "refused",
    };
    let file = |file: &pal_store::ReadFile| {
        json!({
            "name": file.name,
            "sha256": hexadecimal(&file.sha256),
            "bytes": file.bytes,
            "rows": file.rows,
        })
    };
    json!({
        "number": record.number,
        "at": record.at.to_string(),
        "name": record.name,
        "state": state,
        "reason": record.reason,
        "rows": record.rows,
        "subscriptions": serde_json::from_str::<Value>(&record.outcome).unwrap_or_default(),
        "files": record.read.iter().map(file).collect::<Vec<_>>(),
        "withdrawn": record.withdrawn.map(|at| at.to_string()),
    })
}
