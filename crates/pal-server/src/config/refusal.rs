//! Refusals in words: which key, which value, where it was said, what belongs there.

use std::fmt::Write;

use strsim::levenshtein;
use toml::{Table, Value};

use super::ConfigError;
use super::check::Conflict;
use super::layers::{FAR, Layers, look_up, names, nearest};
use super::schema::Form;

/// A value that is not what belongs at its path.
pub fn of_value(path: &[String], merged: &Table, layers: &Layers) -> ConfigError {
    let (value, form) = (look_up(merged, path), Form::of(path));
    let (Some(value), Some(form)) = (value, form) else {
        return at(path, layers, "it cannot be read");
    };
    let said = match value {
        Value::Array(_) => "a list".to_owned(),
        Value::Table(_) => "a section".to_owned(),
        value => format!("'{}'", shown(value)),
    };
    let choices = form.choices();
    let why = match value {
        Value::String(_) if !choices.is_empty() => {
            format!("{said} is none of {}", choices.join(", "))
        }
        _ => format!("{said} is not {}", form.belongs()),
    };
    at(path, layers, &why)
}

/// The first key that there is not, or that is missing.
pub fn of_names(merged: &Table, layers: &Layers) -> Result<(), ConfigError> {
    let root = Form::of(&[]);
    root.map_or(Ok(()), |root| of_section(merged, root, &mut Vec::new(), layers))
}

fn of_section(
    section: &Table,
    form: Form,
    path: &mut Vec<String>,
    layers: &Layers,
) -> Result<(), ConfigError> {
    let known: Vec<&str> = form.fields().map(|(name, _)| name).collect();
    for name in &known {
        if form.requires(name) && !section.contains_key(*name) {
            return Err(at(path, layers, &format!("{name} is missing")));
        }
    }
    for (name, value) in section {
        path.push(name.clone());
        let Some((_, form)) = form.fields().find(|(known, _)| known == name) else {
            let why = format!("there is no such key{}", near(path, &known));
            return Err(at(path, layers, &why));
        };
        match value {
            Value::Table(inner) if form.fields().next().is_some() => {
                of_section(inner, form, path, layers)?;
            }
            Value::Array(list) => {
                for (index, entry) in list.iter().enumerate() {
                    path.push(index.to_string());
                    if let (Value::Table(entry), Some(form)) = (entry, Form::of(path)) {
                        of_section(entry, form, path, layers)?;
                    }
                    path.pop();
                }
            }
            _ => {}
        }
        path.pop();
    }
    Ok(())
}

fn at(path: &[String], layers: &Layers, why: &str) -> ConfigError {
    let key = path.join(".");
    let place = layers.place(path).map(|place| format!(" {}", place.phrase(&key)));
    ConfigError::Value(format!("configuration, {key}{}: {why}", place.unwrap_or_default()))
}

/// Values that do not go together: where each of them was said.
pub fn of_conflict(conflict: Conflict, layers: &Layers) -> ConfigError {
    let said = conflict.keys.iter().filter_map(|key| {
        let place = layers.place(&names(key))?;
        Some(format!("{key} is set {}", place.phrase(key)))
    });
    let said: Vec<String> = said.collect();
    let mut text = conflict.why;
    if !said.is_empty() {
        let _ = write!(text, " ({})", said.join(", "));
    }
    ConfigError::Check(text)
}

/// A value as people write it.
pub fn shown(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Table(_) => "…".to_owned(),
        Value::Array(items) => format!("{} entries", items.len()),
        other => other.to_string(),
    }
}

/// `; did you mean …`, among the keys of a section of a file.
fn near(path: &[String], known: &[&str]) -> String {
    let Some((field, section)) = path.split_last() else { return String::new() };
    match known.iter().min_by_key(|other| levenshtein(field, other)) {
        Some(other) if levenshtein(field, other) <= FAR => {
            let meant = [section, &[(*other).to_owned()]].concat().join(".");
            format!("; did you mean {meant}?")
        }
        _ if section.is_empty() => nearest(field),
        _ => format!("; there are {}", known.join(", ")),
    }
}
