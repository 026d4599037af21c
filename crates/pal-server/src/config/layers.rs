//! What was said where: a table for each source, and the values of all of them, in which later sources win.

use std::fmt;
use std::path::PathBuf;

use strsim::levenshtein;
use toml::{Table, Value};

use super::schema::{Key, keys, variable};
use super::{ConfigError, Settings};

/// Most letters that a slip of the fingers changes.
pub(super) const FAR: usize = 3;

/// Where values are said, other than in the defaults.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Place {
    File(PathBuf),
    Environment,
    CommandLine,
}

impl Place {
    /// As a part of a sentence about a key.
    pub fn phrase(&self, key: &str) -> String {
        match self {
            Self::CommandLine => format!("on the {self}"),
            Self::Environment => format!("in the {self} ({})", variable(key)),
            Self::File(_) => format!("in {self}"),
        }
    }
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::File(path) => path.display().fmt(f),
            Self::Environment => f.write_str("environment"),
            Self::CommandLine => f.write_str("command line"),
        }
    }
}

/// The sources, the strongest last.
#[derive(Debug, Clone, Default)]
pub(super) struct Layers(Vec<(Place, Table)>);

impl Layers {
    /// Adds a source that is stronger than those before.
    pub fn add(&mut self, place: Place, table: Table) {
        self.0.push((place, table));
    }

    /// Adds sources that are stronger than those before.
    pub fn append(&mut self, stronger: Self) {
        self.0.extend(stronger.0);
    }

    /// Adds values that were said key by key.
    pub fn add_keys(
        &mut self,
        place: Place,
        said: impl Iterator<Item = (String, String)>,
    ) -> Result<(), ConfigError> {
        let mut table = Table::new();
        for (path, text) in said {
            let key = keys().iter().find(|known| known.path == path);
            let key = key.ok_or_else(|| unknown_key(&path, &place))?;
            let names = path.split('.').rev();
            let value = names.fold(read(key, &text), |value, name| {
                Value::Table(Table::from_iter([(name.to_owned(), value)]))
            });
            if let Value::Table(one) = value {
                merge(&mut table, &one);
            }
        }
        self.add(place, table);
        Ok(())
    }

    /// All values, the defaults included.
    pub fn merged(&self) -> Table {
        let mut all = Table::try_from(Settings::default()).unwrap_or_default();
        for (_, table) in &self.0 {
            merge(&mut all, table);
        }
        all
    }

    /// Where the value in force was said; nothing for a default.
    pub fn place(&self, path: &[String]) -> Option<&Place> {
        let said = |(_, table): &&(Place, Table)| look_up(table, path).is_some();
        self.0.iter().rev().find(said).map(|(place, _)| place)
    }
}

/// A value as in TOML. What is none is a text, and a list of texts may go without quotes too.
fn read(key: &Key, text: &str) -> Value {
    let whole = || Value::from(text);
    if key.form.is_text() && !text.starts_with('"') {
        return whole();
    }
    let bare = || {
        let inner = text.trim().strip_prefix('[')?.strip_suffix(']')?;
        Some(inner.split(',').map(str::trim).collect::<Vec<_>>().into())
    };
    let list = || bare().filter(|_| key.form.is_list());
    text.parse().ok().or_else(list).unwrap_or_else(whole)
}

fn merge(into: &mut Table, from: &Table) {
    for (name, value) in from {
        match (into.get_mut(name), value) {
            (Some(Value::Table(into)), Value::Table(from)) => merge(into, from),
            _ => {
                into.insert(name.clone(), value.clone());
            }
        }
    }
}

/// The value at a path of names and positions.
pub(super) fn look_up<'t>(table: &'t Table, path: &[String]) -> Option<&'t Value> {
    let (first, rest) = path.split_first()?;
    rest.iter().try_fold(table.get(first)?, |value, name| match value {
        Value::Table(table) => table.get(name),
        Value::Array(list) => list.get(name.parse::<usize>().ok()?),
        _ => None,
    })
}

/// The names of a key's path.
pub(super) fn names(path: &str) -> Vec<String> {
    path.split('.').map(str::to_owned).collect()
}

/// A key that there is not, where keys are said with dots.
fn unknown_key(key: &str, place: &Place) -> ConfigError {
    let place = place.phrase(key);
    ConfigError::Value(format!("unknown key '{key}' {place}{}", nearest(key)))
}

/// `; did you mean …`, where some key is near.
pub fn nearest(key: &str) -> String {
    let found = keys().iter().map(|known| &known.path).min_by_key(|path| levenshtein(key, path));
    match found {
        Some(path) if levenshtein(key, path) <= FAR => format!("; did you mean {path}?"),
        _ => "; 'pal config show' prints every key".to_owned(),
    }
}
