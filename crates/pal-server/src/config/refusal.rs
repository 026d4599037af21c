//! Refusals in words: which key, which value, where it was said, what belongs there.

use std::fmt::Write;

use figment::Figment;
use figment::error::{Actual, Kind};
use strsim::levenshtein;

use super::KEYS;
use super::keys::variable;
use super::load::{COMMAND_LINE, ConfigError, ENVIRONMENT, place, shown};

/// A value that cannot be read, or a key that there is not.
pub fn of(error: &figment::Error, figment: &Figment) -> ConfigError {
    let key = error.path.join(".");
    let mut text = String::from("configuration");
    if !key.is_empty() {
        let _ = write!(text, ", {key}");
    }
    if let Some(place) = error.metadata.as_ref().and_then(place) {
        let _ = write!(text, " {}", preposition(&place, &key));
    }
    let said = |actual: &Actual| match actual {
        Actual::Str(text) => format!("'{text}'"),
        Actual::Bool(yes) => format!("'{yes}'"),
        Actual::Unsigned(number) => format!("'{number}'"),
        Actual::Signed(number) => format!("'{number}'"),
        Actual::Float(number) => format!("'{number}'"),
        Actual::Seq => "a list".to_owned(),
        Actual::Map => "a section".to_owned(),
        other => other.to_string(),
    };
    let why = match &error.kind {
        Kind::InvalidType(actual, wanted) | Kind::InvalidValue(actual, wanted) => {
            format!("{} is not {}", said(actual), words(wanted))
        }
        Kind::Message(message) => {
            let value = figment.find_value(&key).ok().filter(|_| !key.is_empty());
            match value {
                Some(value) => format!("'{}' is not {}", shown(&value), words(message)),
                None => message.clone(),
            }
        }
        Kind::UnknownVariant(word, known) => {
            format!("'{word}' is none of {}", known.join(", "))
        }
        Kind::MissingField(field) => format!("{field} is missing"),
        Kind::UnknownField(field, known) => {
            format!("there is no such key{}", near(&key, field, known))
        }
        other => other.to_string(),
    };
    let _ = write!(text, ": {why}");
    ConfigError::Value(text)
}

/// Values that do not go together: where each of them was said.
pub fn of_check(why: String, figment: &Figment) -> ConfigError {
    let mut text = why;
    let said: Vec<String> = (KEYS.iter().filter(|key| text.contains(key.path)))
        .filter_map(|key| {
            let value = figment.find_value(key.path).ok()?;
            let place = figment.get_metadata(value.tag()).and_then(place)?;
            Some(format!("{} is set {}", key.path, preposition(&place, key.path)))
        })
        .collect();
    if !said.is_empty() {
        let _ = write!(text, " ({})", said.join(", "));
    }
    ConfigError::Check(text)
}

/// A key that there is not, where keys are said with dots.
pub fn of_key(key: &str, place: &str) -> ConfigError {
    let place = preposition(place, key);
    ConfigError::Value(format!("unknown key '{key}' {place}{}", nearest(key)))
}

fn preposition(place: &str, key: &str) -> String {
    match place {
        COMMAND_LINE => format!("on the {place}"),
        ENVIRONMENT => format!("in the {place} ({})", variable(key)),
        file => format!("in {file}"),
    }
}

/// What belongs there. The library says it in the words of programs.
fn words(wanted: &str) -> &str {
    match wanted {
        "u16" | "u32" | "u64" | "usize" => "a whole number, 0 or more",
        "a nonzero u32" => "a whole number from 1 to 4294967295",
        "socket address" | "invalid socket address syntax" => {
            "an address and a port, such as 127.0.0.1:8443"
        }
        "path string" => "a path",
        "a string" => "a text",
        "a boolean" => "true or false",
        "a sequence" => "a list, such as [\"…\", \"…\"]",
        "enum PortalEnabled" | "enum Embedded" => "auto, on or off",
        "enum LogFormat" => "text or json",
        "enum IssuerKind" => "entra or oidc",
        other if other.starts_with("struct ") => "a section with keys of its own",
        other => other,
    }
}

/// `; did you mean …`, among the keys of a section of a file.
fn near(key: &str, field: &str, known: &[&str]) -> String {
    let section = key.strip_suffix(field).unwrap_or_default();
    match known.iter().min_by_key(|other| levenshtein(field, other)) {
        Some(other) if levenshtein(field, other) <= FAR => {
            format!("; did you mean {section}{other}?")
        }
        _ if section.is_empty() => nearest(key),
        _ => format!("; there are {}", known.join(", ")),
    }
}

/// `; did you mean …`, where some key is near.
fn nearest(key: &str) -> String {
    let found = KEYS.iter().map(|known| known.path).min_by_key(|path| levenshtein(key, path));
    match found {
        Some(path) if levenshtein(key, path) <= FAR => format!("; did you mean {path}?"),
        _ => "; 'pal config show' prints every key".to_owned(),
    }
}

/// Most letters that a slip of the fingers changes.
const FAR: usize = 3;
