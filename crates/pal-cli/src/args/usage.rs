//! What `pal usage` and `pal import` take.

use std::path::PathBuf;

use clap::{Args, Subcommand};
use pal_attribution::ingest::Schema;
use pal_model::{Instant, TenantId};

use super::{TextOrJson, word};

/// `pal usage`.
#[derive(Debug, Subcommand)]
pub enum Usage {
    /// What is in cost exports, and how it is understood, column by column.
    Inspect(InspectArgs),
}

/// `pal import`.
#[derive(Debug, Subcommand)]
pub enum Import {
    /// Take a file of facts into a data folder, whole or not at all.
    Facts(super::server::ImportFactsArgs),
    /// Turn a folder of JSON that az, ARM and Graph print into facts.
    AzureSnapshot(SnapshotArgs),
}

/// `pal usage inspect`.
#[derive(Debug, Args)]
pub struct InspectArgs {
    /// Files, folders, manifest.json.
    #[arg(required = true, value_name = "PATH")]
    pub paths: Vec<PathBuf>,
    /// The family of their columns, if it is not to be found out.
    #[arg(long, value_parser = word(&Schema::NAMES), visible_alias = "usage-format")]
    pub format: Option<Schema>,
    /// Output format.
    #[arg(long, short = 'o', default_value = "text")]
    pub output: TextOrJson,
}

/// `pal import azure-snapshot`.
#[derive(Debug, Args)]
pub struct SnapshotArgs {
    /// The folder.
    #[arg(value_name = "DIR")]
    pub dir: PathBuf,
    /// When the snapshot was taken.
    #[arg(long, value_name = "INSTANT")]
    pub taken_at: Instant,
    /// The tenant, where the files do not say it.
    #[arg(long, value_name = "GUID")]
    pub tenant: Option<TenantId>,
    /// Facts of an earlier snapshot: what is gone since ends, what is new begins.
    #[arg(long, value_name = "FACTS")]
    pub previous: Option<PathBuf>,
    /// Where to write the facts.
    #[arg(long, value_name = "FACTS")]
    pub output: PathBuf,
}
