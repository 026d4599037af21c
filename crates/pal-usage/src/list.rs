//! Imports as they are shown.

use crate::charges::hexadecimal;
use pal_store::{ImportState, PieceOutcome, UsageImportRecord};
use serde_json::{Value, json};

/// An import for programs.
pub fn import_shown(record: &UsageImportRecord) -> Value {
    let state = match record.state {
        _ if record.withdrawn.is_some() => "withdrawn",
        ImportState::Counted => "counted",
        ImportState::Unchanged => "unchanged",
        ImportState::Refused => "refused",
    };
    let outcome = |outcome: PieceOutcome| match outcome {
        PieceOutcome::New => "new",
        PieceOutcome::Known => "known",
        PieceOutcome::Replaced => "replaced",
        PieceOutcome::Added => "added",
        PieceOutcome::OlderRun => "olderRun",
    };
    let pieces = PieceOutcome::ALL.iter().zip(record.pieces);
    let mut pieces: serde_json::Map<String, Value> =
        pieces.map(|(of, count)| (outcome(*of).to_owned(), count.into())).collect();
    pieces.insert("ended".to_owned(), record.ended.into());
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
        "subscriptions": pieces,
        "files": record.read.iter().map(file).collect::<Vec<_>>(),
        "withdrawn": record.withdrawn.map(|at| at.to_string()),
    })
}
