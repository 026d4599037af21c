//! What can be typed.

pub mod client;
mod report;
pub mod server;
mod usage;

use clap::{Parser, Subcommand};
use pal_model::KeyColumn;

pub use report::{ExplainArgs, FactsArgs, PolicyArgs, ReportArgs, TextOrJson};
pub use usage::{Import, InspectArgs, SnapshotArgs, Usage};

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
    #[command(after_help = report::REPORT_EXAMPLES)]
    Report(ReportArgs),
    /// Why a resource's charges are credited to a partner, or why not.
    #[command(after_help = report::EXPLAIN_EXAMPLES)]
    Explain(ExplainArgs),
    /// Cost exports.
    #[command(subcommand)]
    Usage(Usage),
    /// Turn what other tools print into facts.
    #[command(subcommand)]
    Import(Import),
    #[command(flatten)]
    Client(client::ClientCommand),
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
