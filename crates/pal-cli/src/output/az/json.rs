//! JSON as Python's `json.dumps(indent=2, sort_keys=True, ensure_ascii=False)` writes it.

use std::fmt::Write;

use serde_json::Value;

use super::{python, sorted};

/// With a newline at the end.
pub fn plain(value: &Value) -> String {
    written(value, [""; 4])
}

/// The same, with terminal colours for keys, texts and other values.
pub fn coloured(value: &Value) -> String {
    written(value, ["\x1b[94m", "\x1b[33m", "\x1b[34m", "\x1b[39;49;00m"])
}

fn written(value: &Value, colours: [&str; 4]) -> String {
    let mut out = String::new();
    write(&mut out, value, 0, colours);
    out.push('\n');
    out
}

fn write(out: &mut String, value: &Value, depth: usize, colours: [&str; 4]) {
    let [key_colour, text_colour, other_colour, end] = colours;
    let indent = |out: &mut String, depth: usize| {
        out.push('\n');
        out.push_str(&"  ".repeat(depth));
    };
    match value {
        Value::Array(items) if items.is_empty() => out.push_str("[]"),
        Value::Object(object) if object.is_empty() => out.push_str("{}"),
        Value::Array(items) => {
            out.push('[');
            for (at, item) in items.iter().enumerate() {
                if at > 0 {
                    out.push(',');
                }
                indent(out, depth + 1);
                write(out, item, depth + 1, colours);
            }
            indent(out, depth);
            out.push(']');
        }
        Value::Object(object) => {
            out.push('{');
            for (at, (key, item)) in sorted(object).into_iter().enumerate() {
                if at > 0 {
                    out.push(',');
                }
                indent(out, depth + 1);
                let _ = write!(out, "{key_colour}{}{end}: ", quoted(key));
                write(out, item, depth + 1, colours);
            }
            indent(out, depth);
            out.push('}');
        }
        Value::String(text) => {
            let _ = write!(out, "{text_colour}{}{end}", quoted(text));
        }
        other => {
            let text = match other {
                Value::Number(number) => python::number(number),
                other => other.to_string(),
            };
            let _ = write!(out, "{other_colour}{text}{end}");
        }
    }
}

/// A JSON string. Python leaves the controls from U+007F to U+009F as they are; some terminals obey
/// them, so they are written as escapes, which any reader of JSON reads as the same text (T52).
fn quoted(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 2);
    out.push('"');
    for c in text.chars() {
        match c {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            '\u{8}' => out.push_str("\\b"),
            '\u{c}' => out.push_str("\\f"),
            c if c.is_control() => {
                let _ = write!(out, "\\u{:04x}", u32::from(c));
            }
            c => out.push(c),
        }
    }
    out.push('"');
    out
}
