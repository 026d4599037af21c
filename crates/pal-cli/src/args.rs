//! What can be typed.

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};
use pal_attribution::ingest::Schema;
use pal_attribution::output::Format;
use pal_attribution::policy::Granularity;
use pal_model::{Instant, KeyColumn, PartnerId, TenantId};

/// Partner Admin Link, open: who is credited with which usage, and why.
#[derive(Debug, Parser)]
#[command(name = "pal", version, max_term_width = 100, propagate_version = true)]
pub struct Cli {
    /// What to do.
    #[command(subcommand)]
    pub command: Command,
    /// Print nothing but errors to standard error.
    #[arg(long, global = true)]
    pub only_show_errors: bool,
    /// Show no progress.
    #[arg(long, global = true, env = "PAL_NO_PROGRESS", value_parser = clap::builder::FalseyValueParser::new())]
    pub no_progress: bool,
}

/// The commands.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Who is credited with what, or (--balance) what becomes of every charge.
    #[command(after_help = REPORT_EXAMPLES)]
    Report(ReportArgs),
    /// Why a resource's charges are credited to a partner, or why not.
    #[command(after_help = EXPLAIN_EXAMPLES)]
    Explain(ExplainArgs),
    /// Cost exports.
    #[command(subcommand)]
    Usage(Usage),
    /// Turn what other tools print into facts.
    #[command(subcommand)]
    Import(Import),
}

const REPORT_EXAMPLES: &str = "Examples:
  pal report --facts facts.jsonl --usage exports/
  pal report --facts facts.jsonl --usage exports/ --month 2026-10 --group-by partner_id,currency --format table
  pal report --facts facts.jsonl --usage exports/ --balance";

const EXPLAIN_EXAMPLES: &str = "Examples:
  pal explain --facts facts.jsonl --resource /subscriptions/…/resourceGroups/rg-app --at 2026-10-15T12:00:00Z
  pal explain --facts facts.jsonl --usage exports/ --resource /subscriptions/… --month 2026-10 --partner 5127255
  pal explain --facts facts.jsonl --resource /subscriptions/… --at 2026-10-15T12:00:00Z --format json";

/// `pal usage`.
#[derive(Debug, Subcommand)]
pub enum Usage {
    /// What is in cost exports, and how it is understood, column by column.
    Inspect(InspectArgs),
}

/// `pal import`.
#[derive(Debug, Subcommand)]
pub enum Import {
    /// Turn a folder of JSON that az, ARM and Graph print into facts.
    AzureSnapshot(SnapshotArgs),
}

/// Facts.
#[derive(Debug, Args)]
pub struct FactsArgs {
    /// Facts, JSON Lines.
    #[arg(long, required = true, num_args = 1.., value_name = "FILE")]
    pub facts: Vec<PathBuf>,
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
    /// Cost exports: files, folders, manifest.json.
    #[arg(long, required = true, num_args = 1.., value_name = "PATH")]
    pub usage: Vec<PathBuf>,
    /// The family of their columns, if it is not to be found out.
    #[arg(long, value_parser = word(&Schema::NAMES))]
    pub usage_format: Option<Schema>,
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
    /// Only charges that start in this month (UTC).
    #[arg(long, value_parser = month, value_name = "YYYY-MM")]
    pub month: Option<(i16, i8)>,
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
    /// Threads to read with; the result is the same with any number.
    #[arg(long, value_name = "N")]
    pub threads: Option<std::num::NonZeroUsize>,
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

/// A parser for one of a few words.
fn word<T: Copy + Send + Sync + 'static>(
    words: &'static [(&'static str, T)],
) -> impl clap::builder::TypedValueParser<Value = T> {
    use clap::builder::TypedValueParser;
    clap::builder::PossibleValuesParser::new(words.iter().map(|(name, _)| *name)).try_map(
        move |name| words.iter().find(|(word, _)| **word == name).map(|(_, v)| *v).ok_or(Unknown),
    )
}

#[derive(Debug, thiserror::Error)]
#[error("not one of the words")]
struct Unknown;

fn column() -> impl clap::builder::TypedValueParser<Value = KeyColumn> {
    use clap::builder::TypedValueParser;
    let names = KeyColumn::ALL.map(KeyColumn::name);
    clap::builder::PossibleValuesParser::new(names).try_map(|name| name.parse::<KeyColumn>())
}

fn month(text: &str) -> Result<(i16, i8), String> {
    let wrong = || format!("'{text}' is not a month; write YYYY-MM, for example 2026-10");
    let (year, month) = text.split_once('-').ok_or_else(wrong)?;
    if year.len() != 4 || month.len() != 2 || !text.bytes().all(|b| b.is_ascii_digit() || b == b'-')
    {
        return Err(wrong());
    }
    let month: i8 = month.parse().map_err(|_| wrong())?;
    if !(1..=12).contains(&month) {
        return Err(wrong());
    }
    Ok((year.parse().map_err(|_| wrong())?, month))
}
