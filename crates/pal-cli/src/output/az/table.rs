//! Tables: headings, dashes, two spaces between columns, no space at the end of a line.

use serde_json::Value;

use super::{python, sorted};

/// Fields that a table leaves out.
const LEFT_OUT: [&str; 3] = ["id", "type", "etag"];
/// A column is wider than its heading by at least this.
const PADDING: usize = 2;

/// An empty line when there is nothing to make columns of.
pub fn table(value: &Value, queried: bool) -> String {
    let rows = match value {
        Value::Array(items) => items.iter().collect(),
        other => vec![other],
    };
    let rows: Vec<Vec<(String, String)>> =
        rows.into_iter().map(|row| cells(row, queried)).collect();
    let mut headings: Vec<&str> = Vec::new();
    for (heading, _) in rows.iter().flatten() {
        if !headings.contains(&heading.as_str()) {
            headings.push(heading);
        }
    }
    if headings.is_empty() {
        return "\n".to_owned();
    }
    let cell = |row: &[(String, String)], heading: &str| {
        row.iter().rev().find(|(name, _)| name == heading).map_or(String::new(), |c| c.1.clone())
    };
    let mut lines: Vec<Vec<String>> = vec![headings.iter().map(|h| (*h).to_owned()).collect()];
    lines.extend(rows.iter().map(|row| headings.iter().map(|h| cell(row, h)).collect()));
    let widths: Vec<usize> = (0..headings.len())
        .map(|at| {
            let widest = lines.iter().skip(1).map(|line| width(&line[at])).max().unwrap_or(0);
            widest.max(width(headings[at]) + PADDING)
        })
        .collect();
    lines.insert(1, widths.iter().map(|width| "-".repeat(*width)).collect());
    let mut out = String::new();
    for line in lines {
        let padded = line
            .iter()
            .zip(&widths)
            .map(|(cell, wide)| format!("{cell}{}", " ".repeat(wide.saturating_sub(width(cell)))));
        out.push_str(padded.collect::<Vec<_>>().join("  ").trim_end());
        out.push('\n');
    }
    out
}

fn width(text: &str) -> usize {
    text.chars().count()
}

/// Heading and text of each column that a row has.
fn cells(row: &Value, queried: bool) -> Vec<(String, String)> {
    let shown = |value: &Value| python::str(value).trim().to_owned();
    match row {
        Value::Object(object) => {
            let pairs = if queried { object.iter().collect() } else { sorted(object) };
            let kept = pairs.into_iter().filter(|(key, value)| {
                let nested = matches!(value, Value::Null | Value::Array(_) | Value::Object(_));
                !LEFT_OUT.contains(&key.as_str()) && !nested
            });
            kept.map(|(key, value)| (raised(key), shown(value))).collect()
        }
        Value::Array(items) => {
            let column = |(at, value): (usize, &Value)| {
                let text = if value.is_null() { String::new() } else { shown(value) };
                (format!("Column{}", at + 1), text)
            };
            items.iter().enumerate().map(column).collect()
        }
        Value::Null => vec![("Result".to_owned(), String::new())],
        other => vec![("Result".to_owned(), shown(other))],
    }
}

/// With a capital first letter.
fn raised(key: &str) -> String {
    let mut letters = key.chars();
    let first = letters.next().map(char::to_uppercase);
    first.into_iter().flatten().chain(letters).collect()
}
