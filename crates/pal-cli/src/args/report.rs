//! What `pal report` and `pal explain` take.

use std::path::PathBuf;

use clap::{Args, ValueEnum};
use pal_attribution::answer::month;
use pal_attribution::ingest::Schema;
use pal_attribution::output::Format;
use pal_attribution::policy::Granularity;
use pal_model::{Instant, KeyColumn, Months, PartnerId, SubscriptionId};
use pal_server::customer;

use super::usage::FilesArgs;
use super::{column, word};

pub const REPORT_EXAMPLES: &str = "Examples:
  pal report --facts facts.jsonl --usage exports/
  pal report --facts facts.jsonl --usage exports/ --month 2026-10 --group-by partner_id,currency --format table
  pal report --facts facts.jsonl --usage exports/ --balance
  pal report --data-dir pal-dev --month 2026-10";

pub const EXPLAIN_EXAMPLES: &str = "Examples:
  pal explain --facts facts.jsonl --resource /subscriptions/…/resourceGroups/rg-app --at 2026-10-15T12:00:00Z
  pal explain --facts facts.jsonl --usage exports/ --resource /subscriptions/… --month 2026-10 --partner 5127255
  pal explain --facts facts.jsonl --resource /subscriptions/… --at 2026-10-15T12:00:00Z --format json";

/// Facts.
#[derive(Debug, Args)]
pub struct FactsArgs {
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
}

/// The rules.
#[derive(Debug, Args)]
pub struct PolicyArgs {
    /// pal, incentive, pec, or a policy file.
    #[arg(long, default_value = "pal", value_name = "NAME|FILE")]
    pub policy: String,
    /// How covered time counts, instead of the policy's own way.
    #[arg(long, value_parser = word(&Granularity::NAMES))]
    pub granularity: Option<Granularity>,
    /// Count rows that a cost allocation rule made, too.
    #[arg(long)]
    pub keep_cost_allocation: bool,
}

/// Usage.
#[derive(Debug, Args)]
pub struct UsageArgs {
    /// Cost exports: files, folders, manifest.json [default: usage in the data folder].
    #[arg(
        long,
        required_unless_present_any = ["data_dir", "server"],
        num_args = 1..,
        value_name = "PATH"
    )]
    pub usage: Vec<PathBuf>,
    /// The family of their columns, if it is not to be found out.
    #[arg(long, value_parser = word(&Schema::NAMES))]
    pub usage_format: Option<Schema>,
    #[command(flatten)]
    pub files: FilesArgs,
}

/// `pal report`.
#[derive(Debug, Args)]
pub struct ReportArgs {
    #[command(flatten)]
    pub facts: FactsArgs,
    #[command(flatten)]
    pub usage: UsageArgs,
    #[command(flatten)]
    pub policy: PolicyArgs,
    /// Only charges that start in this month (UTC), or in these: 2026-05..2026-10.
    #[arg(long, value_name = "YYYY-MM[..YYYY-MM]")]
    pub month: Option<Months>,
    /// Only the customer that the report shows by this ID.
    #[arg(long, value_name = "ID", value_parser = customer, conflicts_with = "balance")]
    pub customer: Option<String>,
    /// Only this subscription.
    #[arg(long, value_name = "ID", conflicts_with = "balance")]
    pub subscription: Option<SubscriptionId>,
    /// Key columns, separated by commas.
    #[arg(long, value_delimiter = ',', value_parser = column(), value_name = "COLUMNS")]
    pub group_by: Vec<KeyColumn>,
    /// The balance instead of the rows.
    #[arg(long, conflicts_with = "group_by")]
    pub balance: bool,
    /// Output format.
    #[arg(long, default_value = "csv", value_parser = word(&Format::NAMES))]
    pub format: Format,
    /// Write to this file instead of standard output.
    #[arg(long, value_name = "FILE")]
    pub output: Option<PathBuf>,
    /// Write a signed statement about the report to this file.
    #[arg(long, value_name = "FILE", requires = "output", conflicts_with = "server")]
    pub attest: Option<PathBuf>,
    /// The key that signs it [default: that of the data folder].
    #[arg(long, value_name = "FILE", requires = "attest")]
    pub attest_key: Option<PathBuf>,
    /// Threads to read with, at most 1024; the result is the same with any number.
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=1_024))]
    pub threads: Option<u16>,
}

/// `pal explain`.
#[derive(Debug, Args)]
pub struct ExplainArgs {
    #[command(flatten)]
    pub facts: FactsArgs,
    #[command(flatten)]
    pub policy: PolicyArgs,
    /// A resource, resource group or subscription: its id.
    #[arg(long, value_name = "ID")]
    pub resource: String,
    /// At this instant.
    #[arg(
        long,
        value_name = "INSTANT",
        required_unless_present = "month",
        conflicts_with = "month"
    )]
    pub at: Option<Instant>,
    /// In this month (UTC).
    #[arg(long, value_parser = month, value_name = "YYYY-MM")]
    pub month: Option<(i16, i8)>,
    /// Only this partner.
    #[arg(long, value_name = "ID")]
    pub partner: Option<PartnerId>,
    /// Cost exports: explain the charges, too.
    #[arg(long, num_args = 1.., value_name = "PATH")]
    pub usage: Vec<PathBuf>,
    /// The family of their columns, if it is not to be found out.
    #[arg(long, value_parser = word(&Schema::NAMES))]
    pub usage_format: Option<Schema>,
    #[command(flatten)]
    pub files: FilesArgs,
    /// Output format.
    #[arg(long, default_value = "text")]
    pub format: TextOrJson,
}

/// For people or for programs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum TextOrJson {
    /// For people.
    Text,
    /// For programs.
    Json,
}
