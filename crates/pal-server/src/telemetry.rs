//! Logs: one event one line on standard error; ids, never names, tokens or secrets (T63, T64). Whoever
//! logs never waits ([`LineQueue`]).

mod queue;

use std::fmt::Write as _;
use std::io::{self, Write};
use std::sync::OnceLock;

use pal_attribution::ingest::is_decoding;
use tracing_subscriber::filter::Targets;
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::util::SubscriberInitExt;
use tracing_subscriber::{fmt, registry};

use crate::config::{LogFormat, Settings};
pub use queue::LineQueue;

/// Why there is no log.
#[derive(Debug, thiserror::Error)]
pub enum TelemetryError {
    /// The filter cannot be read.
    #[error(
        "log.level '{0}' is no level: use error, warn, info, debug or trace, or with a level for a \
         module, such as info,pal_server=debug"
    )]
    Level(String),
    /// Somebody else logs already.
    #[error("the log is set up already")]
    Twice,
    /// There is no thread for it.
    #[error("the log needs a thread, and the system gives none: {0}")]
    Thread(io::Error),
}

/// Begins to log, and to log panics. From here on nothing else may write to standard error: whoever
/// did would wait for its reader. The queue is for what the program has to say besides.
///
/// # Errors
/// See [`TelemetryError`].
pub fn install(settings: &Settings) -> Result<LineQueue, TelemetryError> {
    let level = &settings.log.level;
    let wrong = || TelemetryError::Level(level.clone());
    // The library takes a word that is no level for the name of a module, and logs nothing else. It would
    // also filter by fields of events, which are not ours to promise.
    let known = |part: &str| is_level(part) || (part.contains('=') && !part.contains('['));
    if !level.split(',').all(known) {
        return Err(wrong());
    }
    let filter: Targets = quiet(level).parse().map_err(|_| wrong())?;
    let queue = LineQueue::to_stderr().map_err(TelemetryError::Thread)?;
    let events = queue.clone();
    // The library would print its own errors, and panic where it cannot.
    let lines = fmt::layer()
        .with_writer(move || EscapingWriter(QueueWriter(events.clone())))
        .with_target(false)
        .log_internal_errors(false);
    let done = match settings.log.format {
        LogFormat::Text => registry().with(lines.with_ansi(false)).with(filter).try_init(),
        LogFormat::Json => {
            registry().with(lines.json().flatten_event(true)).with(filter).try_init()
        }
    };
    done.map_err(|_| TelemetryError::Twice)?;
    std::panic::set_hook(Box::new(|panic| {
        if !is_decoding() {
            let place = panic.location().map(ToString::to_string).unwrap_or_default();
            let said = panic.payload_as_str().unwrap_or("no text");
            tracing::error!(place, said, "a fault of the program");
        }
    }));
    // There is one log in a process: the library has refused a second one above.
    Ok(QUEUE.get_or_init(|| queue).clone())
}

static QUEUE: OnceLock<LineQueue> = OnceLock::new();

/// The lines that wait, once there is a log.
pub fn queue() -> Option<&'static LineQueue> {
    QUEUE.get()
}

/// The queue as something to write to.
struct QueueWriter(LineQueue);

impl Write for QueueWriter {
    fn write(&mut self, line: &[u8]) -> io::Result<usize> {
        self.0.put(line.to_vec());
        Ok(line.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// Writes an event as one line, whatever is in it (T63): the library lets through what a value's
/// own text has, line ends and colours included. It hands each event over in one piece.
struct EscapingWriter<W>(W);

impl<W: Write> Write for EscapingWriter<W> {
    fn write(&mut self, event: &[u8]) -> io::Result<usize> {
        let text = String::from_utf8_lossy(event);
        let text = text.strip_suffix('\n').unwrap_or(&text);
        let mut line = String::with_capacity(text.len() + 1);
        for letter in text.chars() {
            if letter.is_control() || matches!(letter, '\u{2028}' | '\u{2029}') {
                // As JSON has it, because the line may be JSON. Writing to a text does not fail.
                let _ = write!(line, "\\u{:04x}", u32::from(letter));
            } else {
                line.push(letter);
            }
        }
        line.push('\n');
        self.0.write_all(line.as_bytes())?;
        Ok(event.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        self.0.flush()
    }
}

fn is_level(text: &str) -> bool {
    let levels = ["off", "error", "warn", "info", "debug", "trace"];
    levels.iter().any(|level| level.eq_ignore_ascii_case(text.trim()))
}

/// At these levels the library for HTTP/2 logs addresses that it cannot read, and somebody may have
/// put a token there. It speaks when it is asked by name.
fn quiet(level: &str) -> String {
    let mut parts: Vec<&str> = level.split(',').map(str::trim).collect();
    let is = |part: &str, level: &str| part.eq_ignore_ascii_case(level);
    let talks = parts.iter().any(|part| is(part, "debug") || is(part, "trace"));
    let named = parts.iter().any(|part| part.starts_with("h2="));
    if talks && !named {
        parts.push("h2=info");
    }
    parts.join(",")
}

#[cfg(test)]
mod tests {
    use std::sync::{Arc, Mutex};

    use super::*;

    #[derive(Clone, Default)]
    struct SharedBuffer(Arc<Mutex<Vec<u8>>>);

    impl Write for SharedBuffer {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.0.lock().unwrap().write(bytes)
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    #[test]
    fn t63_an_event_is_one_line_whatever_is_in_it() {
        let evil = "\r\n2026-01-01T00:00:00Z INFO forged\n\u{1b}[2J\u{9b}31m\u{2028}\"},{\"\0";
        let (text, json) = (SharedBuffer::default(), SharedBuffer::default());
        let event = || tracing::info!(shown = %evil, debugged = ?evil, plain = evil, "{evil}");
        let (a, b) = (text.clone(), json.clone());
        let lines =
            fmt::fmt().with_ansi(false).with_writer(move || EscapingWriter(a.clone())).finish();
        tracing::subscriber::with_default(lines, event);
        let lines =
            fmt::fmt().json().flatten_event(true).with_writer(move || EscapingWriter(b.clone()));
        tracing::subscriber::with_default(lines.finish(), event);
        for kept in [&text, &json] {
            let line = String::from_utf8(kept.0.lock().unwrap().clone()).unwrap();
            let line = line.strip_suffix('\n').unwrap();
            assert!(!line.contains(char::is_control) && !line.contains('\u{2028}'), "{line}");
            assert!(line.contains("forged"), "{line}");
        }
        let line = json.0.lock().unwrap().clone();
        let event: serde_json::Value = serde_json::from_slice(&line).unwrap();
        assert_eq!((&event["shown"], &event["message"]), (&evil.into(), &evil.into()));
    }

    #[test]
    fn a_word_that_is_no_level_is_refused() {
        for text in [
            "",
            "loud",
            "inof",
            "pal_server",
            "info,loud",
            "info,",
            "3",
            "pal_server=loud",
            "pal_server[{id}]=info",
        ] {
            let mut settings = Settings::default();
            text.clone_into(&mut settings.log.level);
            let error = install(&settings).unwrap_err().to_string();
            assert!(error.starts_with(&format!("log.level '{text}' is no level: use ")), "{error}");
        }
    }

    #[test]
    fn the_library_for_http2_speaks_only_when_asked_by_name() {
        for (level, filter) in [
            ("error", "error"),
            ("info,pal_server=debug", "info,pal_server=debug"),
            ("Trace", "Trace,h2=info"),
            ("debug,pal_server=trace", "debug,pal_server=trace,h2=info"),
            ("trace,h2=trace", "trace,h2=trace"),
            (" info, h2=debug", "info,h2=debug"),
        ] {
            assert_eq!(quiet(level), filter);
        }
    }
}
