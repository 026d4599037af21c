//! One value of YAML: bare where it stays what it is, quoted where it would be read as something
//! else, folded behind the eightieth column.

use std::fmt::Write;

use serde_json::Value;

use super::python;

/// Lines are folded behind this column.
const WIDTH: usize = 80;

/// The text of a value that begins at `column`; lines that follow are indented.
pub fn scalar(value: &Value, column: usize, indent: usize) -> String {
    match value {
        Value::Null => "null".to_owned(),
        Value::Bool(yes) => yes.to_string(),
        Value::Number(number) => {
            let text = python::number(number);
            // Without a point, a reader would take it for a text.
            match text.split_once('e') {
                Some((digits, exponent)) if !digits.contains('.') => {
                    format!("{digits}.0e{exponent}")
                }
                _ => text,
            }
        }
        Value::Array(_) => "[]".to_owned(),
        Value::Object(_) => "{}".to_owned(),
        Value::String(text) if text.chars().any(char::is_control) => double_quoted(text),
        Value::String(text) if is_bare(text) => folded(text, column, indent),
        Value::String(text) => {
            format!("'{}'", folded(&text.replace('\'', "''"), column + 1, indent))
        }
    }
}

/// Breaks at single spaces behind the last column.
fn folded(text: &str, column: usize, indent: usize) -> String {
    let letters: Vec<char> = text.chars().collect();
    let mut out = String::new();
    let mut column = column;
    for (at, c) in letters.iter().enumerate() {
        let inner = at > 0 && at + 1 < letters.len();
        let alone = inner && *c == ' ' && letters[at - 1] != ' ' && letters[at + 1] != ' ';
        if alone && column > WIDTH {
            let _ = write!(out, "\n{}", " ".repeat(indent));
            column = indent;
        } else {
            out.push(*c);
            column += 1;
        }
    }
    out
}

fn double_quoted(text: &str) -> String {
    let mut out = String::from('"');
    for c in text.chars() {
        match c {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            '\u{1b}' => out.push_str("\\e"),
            c if c.is_control() => {
                let _ = write!(out, "\\x{:02X}", u32::from(c));
            }
            c => out.push(c),
        }
    }
    out.push('"');
    out
}

/// Whether the text needs no quotes.
fn is_bare(text: &str) -> bool {
    let indicator = text.starts_with(|c| "#,[]{}&*!|>'\"%@`".contains(c))
        || ["---", "...", "- ", "? ", ": "].iter().any(|start| text.starts_with(start))
        || matches!(text, "-" | "?" | ":")
        || text.contains(": ")
        || text.contains(" #")
        || text.ends_with(':');
    !text.is_empty() && text.trim_matches(' ') == text && !indicator && !is_other(text)
}

/// Whether a reader would take the bare text for a truth value, nothing, a number or a time.
fn is_other(text: &str) -> bool {
    const WORDS: [&str; 9] = ["yes", "no", "true", "false", "on", "off", "null", "~", "="];
    let word = |word: &str| {
        let capital = word[..1].to_ascii_uppercase() + &word[1..];
        text == word || text == capital || text == word.to_ascii_uppercase()
    };
    WORDS.into_iter().any(word) || text == "<<" || is_number(text) || is_time(text)
}

fn is_number(text: &str) -> bool {
    let all = |text: &str, set: &str| text.chars().all(|c| set.contains(c));
    let digits =
        |text: &str| text.starts_with(|c: char| c.is_ascii_digit()) && all(text, "0123456789_");
    let unsigned = text.strip_prefix(['-', '+']).unwrap_or(text);
    if matches!(unsigned, ".inf" | ".Inf" | ".INF") || matches!(text, ".nan" | ".NaN" | ".NAN") {
        return true;
    }
    for (prefix, set) in [("0b", "01_"), ("0x", "0123456789abcdefABCDEF_"), ("0", "01234567_")] {
        if unsigned.strip_prefix(prefix).is_some_and(|rest| !rest.is_empty() && all(rest, set)) {
            return true;
        }
    }
    let (mantissa, exponent) = match unsigned.split_once(['e', 'E']) {
        Some((mantissa, exponent)) => (mantissa, Some(exponent)),
        None => (unsigned, None),
    };
    let scaled = exponent.is_none_or(|e| {
        e.strip_prefix(['-', '+']).is_some_and(|e| !e.is_empty() && all(e, "0123456789"))
    });
    if let Some((whole, part)) = mantissa.split_once('.') {
        let bare = whole.is_empty() && text == unsigned && digits(part);
        let sixty = exponent.is_none() && is_sixty(whole);
        return scaled && all(part, "0123456789_") && (digits(whole) || bare || sixty);
    }
    unsigned == "0" || (!unsigned.starts_with('0') && (digits(unsigned) || is_sixty(unsigned)))
}

/// Numbers to the base of sixty: `1:30`.
fn is_sixty(text: &str) -> bool {
    let mut parts = text.split(':');
    let first = parts.next().unwrap_or_default();
    let mut more = parts.peekable();
    let whole = first.starts_with(|c: char| c.is_ascii_digit());
    more.peek().is_some()
        && whole
        && first.chars().all(|c| c.is_ascii_digit() || c == '_')
        && more.all(|part| {
            matches!(part.len(), 1 | 2) && part.parse::<u8>().is_ok_and(|minutes| minutes < 60)
        })
}

fn is_time(text: &str) -> bool {
    let number = |text: &str, least: usize, most: usize| {
        (least..=most).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_digit())
    };
    let date = |text: &str, least: usize| {
        let parts: Vec<&str> = text.split('-').collect();
        matches!(parts[..], [y, m, d] if number(y, 4, 4) && number(m, least, 2) && number(d, least, 2))
    };
    if date(text, 2) {
        return true;
    }
    let Some((day, time)) = text.split_once(['T', 't', ' ', '\t']) else { return false };
    let time = time.trim_start_matches([' ', '\t']);
    let zone_at = time.find(['Z', '+', '-', ' ', '\t']).unwrap_or(time.len());
    let (clock, zone) = time.split_at(zone_at);
    let zone = zone.trim_start_matches([' ', '\t']);
    let zoned = zone.is_empty()
        || zone == "Z"
        || zone.strip_prefix(['+', '-']).is_some_and(|zone| match zone.split_once(':') {
            Some((hours, minutes)) => number(hours, 1, 2) && number(minutes, 2, 2),
            None => number(zone, 1, 2),
        });
    let (clock, part) = clock.split_once('.').unwrap_or((clock, ""));
    let parts: Vec<&str> = clock.split(':').collect();
    let timed =
        matches!(parts[..], [h, m, s] if number(h, 1, 2) && number(m, 2, 2) && number(s, 2, 2));
    date(day, 1) && timed && zoned && part.bytes().all(|b| b.is_ascii_digit())
}
