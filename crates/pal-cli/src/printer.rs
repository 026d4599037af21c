//! The one place that writes to standard error, and what ends the program.

use std::fmt::Display;
use std::io::{self, Write};

/// Why the program ends without a result.
#[derive(Debug, thiserror::Error)]
pub enum Failure {
    /// Something went wrong: exit status 1.
    #[error("{0}")]
    Failed(String),
    /// The command line asks for something that cannot be: 2.
    #[error("{0}")]
    Usage(String),
    /// What was asked about is not there: 3.
    #[error("{0}")]
    NotFound(String),
    /// Nobody reads the output any more: quiet, 0.
    #[error("the output was closed")]
    Closed,
}

impl Failure {
    /// Exit status of wrong usage.
    pub const USAGE: u8 = 2;

    /// The exit status.
    pub const fn status(&self) -> u8 {
        match self {
            Self::Closed => 0,
            Self::Failed(_) => 1,
            Self::Usage(_) => Self::USAGE,
            Self::NotFound(_) => 3,
        }
    }

    /// A failure with this text.
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
}

impl Printer {
    pub fn new(only_errors: bool, no_progress: bool) -> Self {
        Self { only_errors, progress: !only_errors && !no_progress }
    }

    /// Whether progress may be shown.
    pub const fn progress(&self) -> bool {
        self.progress
    }

    /// Something worth a look.
    pub fn warning(&self, text: impl Display) {
        if !self.only_errors {
            Self::line(format_args!("WARNING: {text}"));
        }
    }

    /// How the result was made.
    pub fn info(&self, text: impl Display) {
        if !self.only_errors {
            Self::line(format_args!("{text}"));
        }
    }

    /// The end.
    pub fn failure(failure: &Failure) {
        if !matches!(failure, Failure::Closed) {
            Self::line(format_args!("ERROR: {failure}"));
        }
    }

    fn line(text: std::fmt::Arguments) {
        // Nothing can be said when standard error is closed.
        let _ = writeln!(io::stderr(), "{text}");
    }
}
