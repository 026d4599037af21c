//! From the sources to settings, with where each value came from.

use std::fmt::Write;
use std::path::{Path, PathBuf};

use serde_path_to_error::Segment;
use toml::{Table, Value};

use super::layers::{Layers, Place, look_up, names};
use super::schema::keys;
use super::{Settings, refusal};

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
    layers: Layers,
}

/// Reads the configuration.
///
/// # Errors
/// See [`ConfigError`].
pub fn load(sources: &Sources) -> Result<Loaded, ConfigError> {
    let loaded = read(sources)?;
    let checked = loaded.settings.check();
    checked.map_err(|conflict| refusal::of_conflict(conflict, &loaded.layers))?;
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
    checked.map_err(|conflict| refusal::of_conflict(conflict, &loaded.layers))?;
    Ok(loaded)
}

fn read(sources: &Sources) -> Result<Loaded, ConfigError> {
    let mut said = Layers::default();
    said.add_keys(Place::Environment, environment())?;
    said.add_keys(Place::CommandLine, sources.flags.iter().cloned())?;
    let file = match &sources.file {
        Some(file) if !file.is_file() => {
            return Err(ConfigError::Value(format!("there is no file {}", file.display())));
        }
        Some(file) => Some(file.clone()),
        None => {
            let merged = said.merged();
            let folder = merged.get("data_dir").and_then(Value::as_str).unwrap_or_default();
            Some(Path::new(folder).join("openpal.toml")).filter(|file| file.is_file())
        }
    };
    let mut layers = Layers::default();
    if let Some(file) = file {
        let wrong =
            |why: String| ConfigError::Value(format!("configuration in {}: {why}", file.display()));
        let text = std::fs::read_to_string(&file).map_err(|error| wrong(error.to_string()))?;
        let table = text.parse::<Table>().map_err(|error| wrong(error.to_string()))?;
        layers.add(Place::File(file), table);
    }
    layers.append(said);
    let merged = layers.merged();
    refusal::of_names(&merged, &layers)?;
    let settings =
        serde_path_to_error::deserialize(Value::Table(merged.clone())).map_err(|error| {
            let path = error.path().iter().filter_map(|segment| match segment {
                Segment::Seq { index } => Some(index.to_string()),
                Segment::Map { key } => Some(key.clone()),
                Segment::Enum { .. } | Segment::Unknown => None,
            });
            refusal::of_value(&path.collect::<Vec<_>>(), &merged, &layers)
        })?;
    Ok(Loaded { settings, layers })
}

/// The keys that environment variables set, and their values.
fn environment() -> impl Iterator<Item = (String, String)> {
    std::env::vars_os().filter_map(|(name, value)| {
        let name = name.to_str()?.to_ascii_lowercase();
        let key = name.strip_prefix("openpal_")?;
        // OPENPAL_CACHE is where the tests keep what they install; the others are set by Kubernetes
        // beside a service that is called openpal. None of them is a key of ours.
        let foreign = ["port_", "service_"].iter().any(|prefix| key.starts_with(prefix));
        let foreign = foreign || matches!(key, "cache" | "port");
        (!foreign).then(|| (key.replace("__", "."), value.to_string_lossy().into_owned()))
    })
}

impl Loaded {
    /// Every key with its value and where it came from.
    pub fn show(&self) -> String {
        let mut text = String::new();
        let merged = self.layers.merged();
        for key in keys() {
            let path = names(&key.path);
            let shown =
                look_up(&merged, &path).map_or_else(|| "not set".to_owned(), refusal::shown);
            let source =
                self.layers.place(&path).map_or_else(|| "default".to_owned(), Place::to_string);
            let _ = writeln!(text, "{:<34} {shown:<28} {source}", key.path);
        }
        text
    }
}
