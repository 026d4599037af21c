//! From the sources to settings, with where each value came from.

use std::fmt::Write;
use std::path::PathBuf;

use figment::providers::{Env, Format, Serialized, Toml};
use figment::value::{Dict, Map, Value};
use figment::{Figment, Metadata, Profile, Provider, Source};

use super::{KEYS, Settings};

/// Where values come from, beside the defaults and the environment.
#[derive(Debug, Clone, Default)]
pub struct Sources {
    /// A file; not said: `openpal.toml` in the data folder, if it is there.
    pub file: Option<PathBuf>,
    /// Keys with dots, and their values as in TOML (a text may go without quotes).
    pub flags: Vec<(String, String)>,
}

/// Why there is no configuration.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    /// A source cannot be read, or a value has the wrong form; names the source and the key.
    #[error("{0}")]
    Value(String),
    /// Values that do not go together.
    #[error("configuration: {0}")]
    Check(String),
}

/// Settings, and where they came from.
#[derive(Debug, Clone)]
pub struct Loaded {
    /// What is in force.
    pub settings: Settings,
    figment: Figment,
}

/// Reads the configuration.
///
/// # Errors
/// See [`ConfigError`].
pub fn load(sources: &Sources) -> Result<Loaded, ConfigError> {
    let mut flags = Dict::new();
    for (key, text) in &sources.flags {
        refuse_unknown(key, "on the command line")?;
        let value = text.parse::<Value>().unwrap_or_else(|_| Value::from(text.as_str()));
        insert(&mut flags, key, value);
    }
    // OPENPAL_CACHE is where the tests keep what they install: no key of ours.
    let environment = Env::prefixed("OPENPAL_").ignore(&["cache"]).split("__");
    let below = Figment::from(Serialized::defaults(Settings::default()));
    let above = |figment: Figment| figment.merge(environment.clone()).merge(Flags(flags.clone()));
    let file = match &sources.file {
        Some(file) if !file.is_file() => {
            return Err(ConfigError::Value(format!("there is no file {}", file.display())));
        }
        Some(file) => Some(file.clone()),
        None => {
            let folder: PathBuf =
                above(below.clone()).extract_inner("data_dir").map_err(|e| told(&e))?;
            Some(folder.join("openpal.toml")).filter(|file| file.is_file())
        }
    };
    let with_file = match file {
        Some(file) => below.merge(Toml::file_exact(file)),
        None => below,
    };
    let figment = above(with_file);
    let settings: Settings = figment.extract().map_err(|e| told(&e))?;
    settings.check().map_err(ConfigError::Check)?;
    Ok(Loaded { settings, figment })
}

/// Values of the command line, so that an error can say so.
struct Flags(Dict);

impl Provider for Flags {
    fn metadata(&self) -> Metadata {
        Metadata::named("the command line")
    }

    fn data(&self) -> Result<Map<Profile, Dict>, figment::Error> {
        Ok(Profile::Default.collect(self.0.clone()))
    }
}

fn insert(dict: &mut Dict, key: &str, value: Value) {
    match key.split_once('.') {
        None => {
            dict.insert(key.to_owned(), value);
        }
        Some((first, rest)) => {
            let inner = dict.entry(first.to_owned()).or_insert_with(|| Dict::new().into());
            if let Value::Dict(_, inner) = inner {
                insert(inner, rest, value);
            }
        }
    }
}

fn refuse_unknown(key: &str, place: &str) -> Result<(), ConfigError> {
    if KEYS.iter().any(|known| known.path == key) {
        return Ok(());
    }
    Err(ConfigError::Value(format!("unknown key '{key}' {place}{}", nearest(key))))
}

/// `; did you mean …`, where some key is near.
fn nearest(key: &str) -> String {
    let last = |path: &str| path.rsplit('.').next().unwrap_or_default().to_owned();
    let near = KEYS.iter().find(|known| {
        known.path.eq_ignore_ascii_case(key)
            || known.path.contains(key)
            || last(known.path).starts_with(&last(key))
            || last(key).starts_with(&last(known.path))
    });
    near.map_or_else(
        || "; 'pal config show' prints every key".to_owned(),
        |known| format!("; did you mean {}?", known.path),
    )
}

/// One line: the source, the key, what is wrong.
fn told(error: &figment::Error) -> ConfigError {
    let source = error.metadata.as_ref().map_or_else(String::new, |metadata| {
        let place = metadata.source.as_ref().map(ToString::to_string);
        format!(" in {}", place.unwrap_or_else(|| metadata.name.to_string()))
    });
    let key = error.path.join(".");
    let mut text = String::from("configuration");
    if !key.is_empty() {
        let _ = write!(text, ", {key}");
    }
    let _ = write!(text, "{source}: {}", error.kind);
    if let figment::error::Kind::UnknownField(field, _) = &error.kind {
        let full = if key.is_empty() { field.clone() } else { format!("{key}.{field}") };
        text.push_str(&nearest(full.trim_end_matches(&format!(".{field}.{field}"))));
    }
    ConfigError::Value(text)
}

impl Loaded {
    /// Every key with its value and where it came from.
    pub fn show(&self) -> String {
        let mut text = String::new();
        for key in KEYS {
            let value = self.figment.find_value(key.path).ok();
            let shown = value.as_ref().map_or_else(|| "not set".to_owned(), shown);
            let source = value
                .as_ref()
                .and_then(|value| self.figment.get_metadata(value.tag()))
                .map_or_else(
                    || "default".to_owned(),
                    |metadata| match &metadata.source {
                        Some(Source::File(path)) => path.display().to_string(),
                        _ if metadata.name.contains("environment") => "environment".to_owned(),
                        _ if metadata.name == "the command line" => "command line".to_owned(),
                        _ => "default".to_owned(),
                    },
                );
            let _ = writeln!(text, "{:<34} {shown:<28} {source}", key.path);
        }
        text
    }
}

fn shown(value: &Value) -> String {
    match value {
        Value::String(_, text) => text.clone(),
        Value::Char(_, letter) => letter.to_string(),
        Value::Bool(_, yes) => yes.to_string(),
        Value::Num(_, number) => {
            let whole = number.to_u128().map(|number| number.to_string());
            let whole = whole.or_else(|| number.to_i128().map(|number| number.to_string()));
            whole.unwrap_or_else(|| format!("{number:?}"))
        }
        Value::Empty(..) => "not set".to_owned(),
        Value::Dict(..) => "…".to_owned(),
        Value::Array(_, items) => format!("{} entries", items.len()),
    }
}
