//! YAML as `PyYAML`'s `safe_dump(default_flow_style=False, allow_unicode=True)` writes it.

use serde_json::Value;

use super::sorted;
use super::yaml_scalar::scalar;

/// With a newline at the end.
pub fn plain(value: &Value) -> String {
    let mut out = String::new();
    match value {
        Value::Array(items) if !items.is_empty() => list(&mut out, items, 0),
        Value::Object(object) if !object.is_empty() => mapping(&mut out, object, 0),
        other => {
            let text = scalar(other, 0, 0);
            let open = !text.starts_with(['\'', '"', '[', '{']);
            out.push_str(&text);
            // A bare word at the top could go on; the end of the document is marked.
            out.push_str(if open { "\n...\n" } else { "\n" });
        }
    }
    out
}

/// The same with keys in colour.
pub fn coloured(value: &Value) -> String {
    let paint = |line: &str| match line
        .split_once(": ")
        .or_else(|| line.strip_suffix(':').map(|k| (k, "")))
    {
        Some((key, rest)) if !key.trim_start().starts_with(['\'', '"']) => {
            let space = if rest.is_empty() { "" } else { " " };
            format!("\x1b[94m{key}\x1b[39;49;00m:{space}{rest}\n")
        }
        _ => format!("{line}\n"),
    };
    plain(value).lines().map(paint).collect()
}

fn list(out: &mut String, items: &[Value], indent: usize) {
    for (at, item) in items.iter().enumerate() {
        if at > 0 || !out.ends_with("- ") {
            out.push_str(&" ".repeat(indent));
        }
        out.push_str("- ");
        match item {
            Value::Array(inner) if !inner.is_empty() => list(out, inner, indent + 2),
            Value::Object(object) if !object.is_empty() => mapping(out, object, indent + 2),
            other => {
                out.push_str(&scalar(other, indent + 2, indent + 2));
                out.push('\n');
            }
        }
    }
}

fn mapping(out: &mut String, object: &serde_json::Map<String, Value>, indent: usize) {
    for (key, value) in sorted(object) {
        if !out.ends_with("- ") {
            out.push_str(&" ".repeat(indent));
        }
        let key = scalar(&Value::String(key.clone()), 0, 0);
        out.push_str(&key);
        out.push(':');
        match value {
            Value::Array(items) if !items.is_empty() => {
                out.push('\n');
                list(out, items, indent);
            }
            Value::Object(object) if !object.is_empty() => {
                out.push('\n');
                mapping(out, object, indent + 2);
            }
            other => {
                out.push(' ');
                let column = indent + key.chars().count() + 2;
                out.push_str(&scalar(other, column, indent + 2));
                out.push('\n');
            }
        }
    }
}
