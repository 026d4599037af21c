//! What `pal usage` and `pal import` take.

use std::path::PathBuf;

use clap::{Args, Subcommand};
use pal_attribution::ingest::Schema;
use pal_model::{Instant, TenantId};
use pal_usage::counting::{Answers, Dataset, Ignored, OnDifference};

use super::{TextOrJson, word};

/// `pal usage`.
#[derive(Debug, Subcommand)]
pub enum Usage {
    /// What is in cost exports, and how it is understood, column by column.
    Inspect(InspectArgs),
    /// Take cost exports into a data folder or a service; every row counts once.
    #[command(after_help = IMPORT_EXAMPLES)]
    Import(ImportUsageArgs),
    /// What counts, month by month; or (--imports) what was taken in.
    List(ListUsageArgs),
    /// Take an import back: nothing of it counts any more. Earlier reports stay what they were.
    Withdraw(WithdrawUsageArgs),
}

const IMPORT_EXAMPLES: &str = "\
Examples:
  pal usage import exports --data-dir pal-data
  pal usage import exports --data-dir pal-data --dry-run
  pal usage import july.csv.gz --server --restate";

/// Where usage is kept.
#[derive(Debug, Args)]
#[group(required = true, multiple = false)]
pub struct KeptArgs {
    /// The data folder; the service may run.
    #[arg(long, value_name = "DIR")]
    pub data_dir: Option<PathBuf>,
    /// The service of the current cloud, as whoever is signed in.
    #[arg(long)]
    pub server: bool,
}

/// `pal usage import`.
#[derive(Debug, Args)]
pub struct ImportUsageArgs {
    /// Files, folders, manifest.json.
    #[arg(required = true, value_name = "PATH")]
    pub paths: Vec<PathBuf>,
    #[command(flatten)]
    pub kept: KeptArgs,
    #[command(flatten)]
    pub counting: CountingArgs,
    /// Show what would be understood and counted, and change nothing.
    #[arg(long)]
    pub dry_run: bool,
    /// The family of their columns, if it is not to be found out.
    #[arg(long, value_parser = word(&Schema::NAMES))]
    pub usage_format: Option<Schema>,
    /// Output format.
    #[arg(long, short = 'o', default_value = "text")]
    pub output: TextOrJson,
}

/// What to do where usage is stated more than once.
#[derive(Debug, Args)]
#[expect(clippy::struct_excessive_bools, reason = "each is a flag of the command line")]
pub struct CountingArgs {
    /// Where rows of a subscription and day differ from others, count these instead.
    #[arg(long, conflicts_with = "add")]
    pub restate: bool,
    /// Where rows of a subscription and day differ from others, count both.
    #[arg(long)]
    pub add: bool,
    /// Of several datasets that hold the same money, the one that counts.
    #[arg(long, value_parser = word(&Dataset::NAMES))]
    pub dataset: Option<Dataset>,
    /// Let a run end days of which it has no row, and more than half of a month.
    #[arg(long)]
    pub accept_empty: bool,
    /// Add up loose files that share rows: they are parts of one export.
    #[arg(long)]
    pub parts: bool,
}

impl CountingArgs {
    /// As the rule of what counts reads it.
    pub fn answers(&self) -> Answers {
        let on_difference = match (self.restate, self.add) {
            (true, _) => OnDifference::Restate,
            (_, true) => OnDifference::Add,
            _ => OnDifference::Refuse,
        };
        Answers {
            on_difference,
            known: Vec::new(),
            accept_empty: self.accept_empty,
            parts: self.parts,
            dataset: self.dataset,
        }
    }
}

/// The same for cost exports that lie in files.
#[derive(Debug, Args)]
pub struct FilesArgs {
    #[command(flatten)]
    pub counting: CountingArgs,
    /// Leave out the exports of this scope, or (`"SCOPE DATASET"`) one dataset of it; may be repeated.
    #[arg(long, value_name = "SCOPE", value_parser = ignored)]
    pub ignore: Vec<Ignored>,
}

fn ignored(text: &str) -> Result<Ignored, String> {
    Ignored::parse(text).ok_or_else(|| {
        format!(
            "not SCOPE or SCOPE DATASET; a scope begins with '/', datasets are {}",
            Dataset::words()
        )
    })
}

/// `pal usage list`.
#[derive(Debug, Args)]
pub struct ListUsageArgs {
    #[command(flatten)]
    pub kept: KeptArgs,
    /// The imports instead of the months, newest first.
    #[arg(long)]
    pub imports: bool,
    /// As it was known at this instant.
    #[arg(long, value_name = "INSTANT", conflicts_with = "imports")]
    pub known_at: Option<Instant>,
    /// Output format.
    #[arg(long, short = 'o', default_value = "text")]
    pub output: TextOrJson,
}

/// `pal usage withdraw`.
#[derive(Debug, Args)]
pub struct WithdrawUsageArgs {
    /// The number of the import.
    #[arg(value_name = "NUMBER")]
    pub number: i64,
    #[command(flatten)]
    pub kept: KeptArgs,
}

/// `pal import`.
#[derive(Debug, Subcommand)]
pub enum Import {
    /// Take a file of facts into a data folder or a service, whole or not at all.
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
    /// When memberships, delegations and accounts without a date began, as far as the first snapshot
    /// of them is concerned; otherwise at --taken-at.
    #[arg(long, value_name = "INSTANT")]
    pub assume_since: Option<Instant>,
    /// Stop if more than this share of one kind is missing at once, and it is five or more.
    #[arg(long, value_name = "PERCENT", default_value_t = 20, value_parser = percent)]
    pub max_ended: u32,
    /// What is missing has ended, subscriptions too: somebody has looked.
    #[arg(long)]
    pub accept_ended: bool,
    /// Where to write the facts.
    #[arg(long, value_name = "FACTS")]
    pub output: PathBuf,
    /// Replace that file if it is there.
    #[arg(long)]
    pub force: bool,
}

/// `20` or `20%`.
fn percent(text: &str) -> Result<u32, String> {
    let number = text.trim_end_matches('%').parse().ok().filter(|percent| *percent <= 100);
    number.ok_or_else(|| format!("'{text}' is not a share in percent (expected 0 to 100)"))
}
