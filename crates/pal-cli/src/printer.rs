//! The one place that writes to standard error, and what ends the program.

use std::cell::{Cell, OnceCell};
use std::fmt::Display;
use std::io::{self, Write};
use std::time::Duration;

use pal_server::telemetry::LineQueue;

/// How long the end of the program waits for whoever reads standard error.
const LAST_WORDS: Duration = Duration::from_secs(1);

/// Why the program ends without a result.
#[derive(Debug, thiserror::Error)]
pub enum Failure {
    #[error("{0}")]
    Failed(String),
    #[error("{0}")]
    Conflict(String),
    #[error("{0}")]
    Untrusted(String),
    #[error("{0}")]
    Usage(String),
    #[error("{0}")]
    NotFound(String),
    #[error("{0}")]
    Differs(String),
    #[error("the output was closed")]
    Closed,
}

impl Failure {
    /// Exit status of wrong usage.
    pub const USAGE: u8 = 2;

    pub const fn status(&self) -> u8 {
        match self {
            Self::Closed => 0,
            Self::Failed(_) | Self::Conflict(_) | Self::Untrusted(_) => 1,
            Self::Usage(_) => Self::USAGE,
            Self::NotFound(_) => 3,
            Self::Differs(_) => 4,
        }
    }

    pub fn failed(error: impl Display) -> Self {
        Self::Failed(error.to_string())
    }
}

impl From<io::Error> for Failure {
    fn from(error: io::Error) -> Self {
        match error.kind() {
            io::ErrorKind::BrokenPipe => Self::Closed,
            _ => Self::failed(format!("cannot write the output: {error}")),
        }
    }
}

/// Writes to standard error as az does.
pub struct Printer {
    only_errors: bool,
    progress: bool,
    verbose: Cell<bool>,
    debug: Cell<bool>,
    /// A service does not wait for whoever reads its messages.
    queue: OnceCell<LineQueue>,
}

impl Printer {
    pub fn new(only_errors: bool, no_progress: bool) -> Self {
        Self {
            only_errors,
            progress: !only_errors && !no_progress,
            verbose: Cell::new(false),
            debug: Cell::new(false),
            queue: OnceCell::new(),
        }
    }

    /// From now on messages stand in line with those of the log.
    pub fn through(&self, queue: LineQueue) {
        // Only the first log of a process is one.
        let _ = self.queue.set(queue);
    }

    /// Whether progress may be shown.
    pub const fn progress(&self) -> bool {
        self.progress
    }

    pub fn warning(&self, text: impl Display) {
        if !self.only_errors {
            self.line(format_args!("WARNING: {text}"));
        }
    }

    pub fn info(&self, text: impl Display) {
        if !self.only_errors {
            self.line(format_args!("{text}"));
        }
    }

    /// What the user has to do now; said always.
    pub fn instruction(&self, text: impl Display) {
        self.line(format_args!("{text}"));
    }

    /// How much to tell, besides results.
    pub fn talk(&self, verbose: bool, debug: bool) {
        self.verbose.set(verbose || debug);
        self.debug.set(debug);
    }

    pub fn verbose(&self, text: impl Display) {
        if self.verbose.get() {
            self.line(format_args!("INFO: {text}"));
        }
    }

    /// What is asked and answered; never a secret.
    pub fn debug(&self, text: impl Display) {
        if self.debug.get() {
            self.line(format_args!("DEBUG: {text}"));
        }
    }

    pub fn end(&self, done: &Result<(), Failure>) {
        if let Err(failure) = done
            && !matches!(failure, Failure::Closed)
        {
            self.line(format_args!("ERROR: {failure}"));
        }
        if let Some(queue) = self.queue.get() {
            queue.finish(LAST_WORDS);
        }
    }

    fn line(&self, text: std::fmt::Arguments) {
        match self.queue.get() {
            Some(queue) => queue.put(format!("{text}\n").into_bytes()),
            // Nothing can be said when standard error is closed.
            None => drop(writeln!(io::stderr(), "{text}")),
        }
    }
}
