//! Logs: one event one line on standard error; ids, never names, tokens or secrets (T63, T64).

use tracing_subscriber::EnvFilter;
use tracing_subscriber::fmt;

use crate::config::{LogFormat, Settings};

/// Why there is no log.
#[derive(Debug, thiserror::Error)]
pub enum TelemetryError {
    /// The filter cannot be read.
    #[error("log.level '{0}' is no level: use error, warn, info, debug or trace")]
    Level(String),
    /// Somebody else logs already.
    #[error("the log is set up already")]
    Twice,
}

/// Begins to log.
///
/// # Errors
/// See [`TelemetryError`].
pub fn install(settings: &Settings) -> Result<(), TelemetryError> {
    let level = &settings.log.level;
    let filter =
        EnvFilter::builder().parse(level).map_err(|_| TelemetryError::Level(level.clone()))?;
    let lines = fmt::fmt().with_env_filter(filter).with_writer(std::io::stderr).with_target(false);
    let done = match settings.log.format {
        // The formatter for texts escapes control characters by itself.
        LogFormat::Text => lines.with_ansi(false).try_init(),
        LogFormat::Json => lines.json().flatten_event(true).try_init(),
    };
    done.map_err(|_| TelemetryError::Twice)
}
