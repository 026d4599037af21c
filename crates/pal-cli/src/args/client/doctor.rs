//! What `pal doctor` takes.

use std::path::PathBuf;

use clap::Args;
use pal_attribution::answer::month;
use pal_model::{Instant, PartnerId};

use super::ClientArgs;
use crate::args::{FilesArgs, PolicyArgs};

/// Examples of `pal doctor`.
pub const DOCTOR_EXAMPLES: &str = "Examples:
  pal doctor
  pal doctor /subscriptions/… --server --month 2026-10
  pal doctor /subscriptions/…/resourceGroups/rg-app --facts facts.jsonl --at 2026-10-15T12:00:00Z --partner 5127255";

/// `pal doctor`.
#[derive(Debug, Args)]
pub struct DoctorArgs {
    /// A resource, resource group or subscription that is missing in a report: why is it? Without
    /// one, the set-up of this machine is checked.
    #[arg(value_name = "RESOURCE")]
    pub resource: Option<String>,
    #[command(flatten)]
    pub missing: MissingArgs,
    /// End with status 4 when something is wrong.
    #[arg(long)]
    pub exit_code: bool,
    #[command(flatten)]
    pub client: ClientArgs,
}

/// What `pal doctor RESOURCE` takes.
#[derive(Debug, Args)]
#[command(next_help_heading = "With a resource")]
pub struct MissingArgs {
    /// Facts, JSON Lines.
    #[arg(long, num_args = 1.., value_name = "FILE", requires = "resource")]
    pub facts: Vec<PathBuf>,
    /// The facts and the usage of a service's data folder; it may run.
    #[arg(long, value_name = "DIR", requires = "resource", conflicts_with = "facts")]
    pub data_dir: Option<PathBuf>,
    /// Ask the service of the current cloud, as whoever is signed in.
    #[arg(long, requires = "resource", conflicts_with_all = ["facts", "data_dir", "usage"])]
    pub server: bool,
    /// Leave out facts recorded after this instant.
    #[arg(long, value_name = "INSTANT", requires = "resource")]
    pub known_at: Option<Instant>,
    /// At this instant; now, if neither this nor --month is said.
    #[arg(long, value_name = "INSTANT", requires = "resource", conflicts_with = "month")]
    pub at: Option<Instant>,
    /// In this month (UTC).
    #[arg(long, value_parser = month, value_name = "YYYY-MM", requires = "resource")]
    pub month: Option<(i16, i8)>,
    /// Only this partner, with every check.
    #[arg(long, value_name = "ID", requires = "resource")]
    pub partner: Option<PartnerId>,
    /// Cost exports: look at the charges, too.
    #[arg(long, num_args = 1.., value_name = "PATH", requires = "resource")]
    pub usage: Vec<PathBuf>,
    #[command(flatten)]
    pub files: FilesArgs,
    #[command(flatten)]
    pub policy: PolicyArgs,
}
