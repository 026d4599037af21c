//! What `pal alerts` takes.

use std::path::PathBuf;

use clap::{Args, ValueEnum};
use pal_attribution::ingest::Schema;
use pal_model::Instant;

use super::usage::FilesArgs;
use super::{FactsArgs, PolicyArgs, word};

pub const ALERTS_EXAMPLES: &str = "Examples:
  pal alerts --facts facts.jsonl
  pal alerts --facts facts.jsonl --usage exports/ --at 2026-11-01T00:00:00Z --format json
  pal alerts --data-dir pal-dev --within 60 --drop 10
  pal alerts --server";

/// `pal alerts`.
#[derive(Debug, Args)]
pub struct AlertsArgs {
    /// Facts, JSON Lines.
    #[arg(
        long,
        required_unless_present_any = ["data_dir", "server"],
        num_args = 1..,
        value_name = "FILE"
    )]
    pub facts: Vec<PathBuf>,
    /// The facts of a service's data folder, links from its register; it may run.
    #[arg(long, value_name = "DIR", conflicts_with = "facts")]
    pub data_dir: Option<PathBuf>,
    /// Ask the service of the current cloud, as whoever is signed in.
    #[arg(long, conflicts_with_all = ["facts", "data_dir", "usage"])]
    pub server: bool,
    /// Leave out facts recorded after this instant.
    #[arg(long, value_name = "INSTANT")]
    pub known_at: Option<Instant>,
    /// Cost exports, for credit that dropped [default: usage in the data folder, if it is there].
    #[arg(long, num_args = 1.., value_name = "PATH")]
    pub usage: Vec<PathBuf>,
    /// The family of their columns, if it is not to be found out.
    #[arg(long, value_parser = word(&Schema::NAMES))]
    pub usage_format: Option<Schema>,
    #[command(flatten)]
    pub files: FilesArgs,
    #[command(flatten)]
    pub policy: PolicyArgs,
    /// Seen from this instant [default: now].
    #[arg(long, value_name = "INSTANT")]
    pub at: Option<Instant>,
    /// How many days to look ahead and back.
    #[arg(long, default_value = "30", value_name = "DAYS", value_parser = clap::value_parser!(u32).range(1..=3660))]
    pub within: u32,
    /// Tell credit that fell by more than this share of the month before.
    #[arg(long, default_value = "20", value_name = "PERCENT", value_parser = clap::value_parser!(u32).range(0..=100))]
    pub drop: u32,
    /// Output format.
    #[arg(long, default_value = "table")]
    pub format: AlertsFormat,
}

impl AlertsArgs {
    /// Which facts are meant.
    pub fn facts(&self) -> FactsArgs {
        FactsArgs {
            facts: self.facts.clone(),
            data_dir: self.data_dir.clone(),
            server: false,
            known_at: self.known_at,
        }
    }
}

/// How alerts are printed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum AlertsFormat {
    /// For people.
    Table,
    /// A list of objects.
    Json,
    /// A line for each, with a header.
    Csv,
}
