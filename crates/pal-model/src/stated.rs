//! A fact with its times and its source.

use std::fmt;
use std::ops::Not;

use serde::Serialize;

use crate::{Instant, Interval};

/// Where a fact was written: index into [`crate::Facts::files`], and the line (from 1).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Source {
    /// Index of the file.
    pub file: u32,
    /// Line in it.
    pub line: u32,
}

/// A fact with the interval it holds in and its source.
#[derive(Debug, Clone)]
pub struct Stated<T> {
    /// What is stated.
    pub fact: T,
    /// When it holds.
    pub during: Interval,
    /// When it became known, if the line says so.
    pub recorded_at: Option<Instant>,
    /// Where it is written.
    pub source: Source,
}

/// What a line says of how far its times can be relied on. Reports do not depend on it; whatever
/// shows the fact shows it too.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct Mark {
    /// Its start is an assumption, not evidence.
    #[serde(skip_serializing_if = "Not::not")]
    pub assumed: bool,
    /// Since when the lists that should have it lack it, without evidence that it ended.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub unconfirmed_since: Option<Instant>,
}

impl Mark {
    /// Whether the times are as good as evidence.
    pub fn is_plain(self) -> bool {
        self == Self::default()
    }
}

impl fmt::Display for Mark {
    /// Words that follow a fact: `assumed`, `unconfirmed since …`, both, or nothing.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (self.assumed, self.unconfirmed_since) {
            (false, None) => Ok(()),
            (true, None) => f.write_str("assumed"),
            (false, Some(since)) => write!(f, "unconfirmed since {since}"),
            (true, Some(since)) => write!(f, "assumed, unconfirmed since {since}"),
        }
    }
}
