//! Values separated by tabs: in the order of keys, or in the order that a query gave them.

use serde_json::Value;

use super::{python, sorted};

/// One line for each item; no headings.
pub fn tsv(value: &Value, queried: bool) -> String {
    let rows = match value {
        Value::Array(items) => items.iter().collect(),
        other => vec![other],
    };
    let mut out = String::new();
    for row in rows {
        let cells: Vec<String> = match row {
            // A query that names its fields decides their order; what it hands through is sorted.
            Value::Object(object) if queried => object.values().map(cell).collect(),
            Value::Object(object) => sorted(object).into_iter().map(|(_, v)| cell(v)).collect(),
            Value::Array(items) => items.iter().map(cell).collect(),
            Value::Bool(yes) => vec![yes.to_string()],
            other => vec![cell(other)],
        };
        out.push_str(&cells.join("\t"));
        out.push('\n');
    }
    out
}

/// How many there are in a list, nothing for an object, and Python's word for all else.
fn cell(value: &Value) -> String {
    match value {
        Value::Array(items) => items.len().to_string(),
        Value::Object(_) => String::new(),
        other => python::str(other),
    }
}
