//! A run of an export: what its manifest says of it.

use jiff::civil::Date;
use pal_attribution::ingest::{DatasetKind, Part};
use pal_model::Instant;
use serde::{Deserialize, Serialize};

use crate::as_text;

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Run {
    pub export: String,
    /// What was exported: folded, without a slash at its end.
    pub scope: String,
    pub dataset: DatasetKind,
    pub id: String,
    /// When it was ordered.
    #[serde(with = "as_text")]
    pub submitted: Instant,
    /// The first day that it declares, as written, whatever hour and offset stand beside it.
    #[serde(with = "as_text")]
    pub start: Date,
    /// The last day that it declares, as written; without one the last day of the month of `start`.
    #[serde(with = "as_text")]
    pub end: Date,
    /// Whether the time of day of the end is written as midnight, or not at all.
    pub end_is_midnight: bool,
    /// The billing account of the scope, if it names one: its bare id, folded.
    pub account: Option<String>,
}

impl Run {
    /// `2026-07-01 to 2026-07-31`, for messages.
    pub fn period(&self) -> String {
        format!("{} to {}", self.start, self.end)
    }

    /// Whether both say the same, by whatever name of the export.
    pub(super) fn says_the_same(&self, other: &Self) -> bool {
        Self { export: String::new(), ..self.clone() }
            == Self { export: String::new(), ..other.clone() }
    }
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RunFiles {
    pub run: Run,
    /// Its files, in the order of the manifest.
    pub parts: Vec<Part>,
    /// The folder of its manifest, as messages call it.
    pub folder: String,
    pub manifest: std::path::PathBuf,
}
