//! From the sources to settings, with where each value came from.

use std::fmt::Write;
use std::path::{Path, PathBuf};

use figment::providers::{Env, Format, Serialized, Toml};
use figment::value::{Dict, Map, UncasedStr, Value};
use figment::{Figment, Metadata, Profile, Provider, Source};

use super::{KEYS, Settings, refusal};

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

/// The names of two sources, in errors and in `pal config show`.
pub(super) const ENVIRONMENT: &str = "environment";
pub(super) const COMMAND_LINE: &str = "command line";

/// Keys whose value is a text, whatever it looks like: a folder may be called 2026.
const TEXTS: [&str; 9] = [
    "data_dir",
    "public_url",
    "http.tls_cert",
    "http.tls_key",
    "identity.ca_file",
    "portal.client_id",
    "portal.client_secret_file",
    "usage.store",
    "log.level",
];

/// Reads the configuration.
///
/// # Errors
/// See [`ConfigError`].
pub fn load(sources: &Sources) -> Result<Loaded, ConfigError> {
    let loaded = read(sources)?;
    let checked = loaded.settings.check();
    checked.map_err(|why| refusal::of_check(why, &loaded.figment))?;
    Ok(loaded)
}

/// Reads the configuration of a data folder for a command that works on it beside the service: how the
/// service is reached is not looked at.
///
/// # Errors
/// See [`ConfigError`].
pub fn load_folder(folder: &Path) -> Result<Loaded, ConfigError> {
    let flags = vec![("data_dir".to_owned(), folder.display().to_string())];
    let mut loaded = read(&Sources { file: None, flags })?;
    // A path need not be text.
    folder.clone_into(&mut loaded.settings.data_dir);
    let checked = loaded.settings.check_usage();
    checked.map_err(|why| refusal::of_check(why, &loaded.figment))?;
    Ok(loaded)
}

fn read(sources: &Sources) -> Result<Loaded, ConfigError> {
    // OPENPAL_CACHE is where the tests keep what they install; the others are set by Kubernetes
    // beside a service that is called openpal. None of them is a key of ours.
    let foreign = |key: &UncasedStr| {
        let key = key.as_str().to_ascii_lowercase();
        key == "cache" || key == "port" || ["port_", "service_"].iter().any(|p| key.starts_with(p))
    };
    let environment = Env::prefixed("OPENPAL_").filter(move |key| !foreign(key)).split("__");
    let environment = environment.iter().map(|(key, text)| (key.into_string(), text));
    let environment = Said::new(ENVIRONMENT, environment)?;
    let flags = Said::new(COMMAND_LINE, sources.flags.iter().cloned())?;
    let below = Figment::from(Serialized::defaults(Settings::default()));
    let above = |figment: Figment| figment.merge(&environment).merge(&flags);
    let file = match &sources.file {
        Some(file) if !file.is_file() => {
            return Err(ConfigError::Value(format!("there is no file {}", file.display())));
        }
        Some(file) => Some(file.clone()),
        None => {
            let figment = above(below.clone());
            let folder: PathBuf =
                figment.extract_inner("data_dir").map_err(|e| refusal::of(&e, &figment))?;
            Some(folder.join("openpal.toml")).filter(|file| file.is_file())
        }
    };
    let with_file = match file {
        Some(file) => below.merge(Toml::file_exact(file)),
        None => below,
    };
    let figment = above(with_file);
    let settings: Settings = figment.extract().map_err(|e| refusal::of(&e, &figment))?;
    Ok(Loaded { settings, figment })
}

/// Values that were said key by key, so that an error can say where.
struct Said {
    place: &'static str,
    values: Dict,
}

impl Said {
    fn new(
        place: &'static str,
        said: impl Iterator<Item = (String, String)>,
    ) -> Result<Self, ConfigError> {
        let mut values = Dict::new();
        for (key, text) in said {
            if !KEYS.iter().any(|known| known.path == key) {
                return Err(refusal::of_key(&key, place));
            }
            let value = if TEXTS.contains(&key.as_str()) && !text.starts_with('"') {
                Value::from(text)
            } else {
                text.parse().unwrap_or_else(|_| Value::from(text.as_str()))
            };
            insert(&mut values, &key, value);
        }
        Ok(Self { place, values })
    }
}

impl Provider for &Said {
    fn metadata(&self) -> Metadata {
        Metadata::named(self.place)
    }

    fn data(&self) -> Result<Map<Profile, Dict>, figment::Error> {
        Ok(Profile::Default.collect(self.values.clone()))
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

/// Where a value came from; nothing for a default.
pub(super) fn place(metadata: &Metadata) -> Option<String> {
    match &metadata.source {
        Some(Source::File(path)) => Some(path.display().to_string()),
        _ => [ENVIRONMENT, COMMAND_LINE]
            .iter()
            .find(|name| metadata.name == **name)
            .map(|&n| n.into()),
    }
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
                .and_then(place)
                .unwrap_or_else(|| "default".to_owned());
            let _ = writeln!(text, "{:<34} {shown:<28} {source}", key.path);
        }
        text
    }
}

/// A value as people write it.
pub(super) fn shown(value: &Value) -> String {
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
