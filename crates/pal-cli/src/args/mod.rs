//! What can be typed.

mod alerts;
pub mod attest;
pub mod client;
mod report;
pub mod server;
mod usage;

use clap::{Parser, Subcommand};
use pal_model::KeyColumn;

pub use alerts::{AlertsArgs, AlertsFormat};
pub use report::{ExplainArgs, FactsArgs, PolicyArgs, ReportArgs, TextOrJson};
pub use usage::{
    FilesArgs, Import, ImportUsageArgs, InspectArgs, KeptArgs, ListUsageArgs, SnapshotArgs, Usage,
    WithdrawUsageArgs,
};

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
    /// What will cost a partner credit, or already does.
    #[command(after_help = alerts::ALERTS_EXAMPLES)]
    Alerts(AlertsArgs),
    /// Cost exports.
    #[command(subcommand)]
    Usage(Usage),
    /// Take facts into a data folder, or turn what other tools print into facts.
    #[command(subcommand)]
    Import(Import),
    /// Write what a data folder holds.
    #[command(subcommand)]
    Export(server::Export),
    /// The service with a demo, on this machine only.
    Dev(server::DevArgs),
    /// The service.
    Serve(server::ServeArgs),
    /// The demo as files: facts and cost exports.
    Demo(server::DemoArgs),
    /// The configuration of the service.
    #[command(subcommand)]
    Config(server::Config),
    /// Signed reports.
    #[command(subcommand)]
    Attest(attest::Attest),
    /// The audit log of a data folder.
    #[command(subcommand)]
    Audit(server::Audit),
    /// A copy of a data folder, made while the service runs.
    Backup(server::BackupArgs),
    /// A data folder from a backup.
    Restore(server::RestoreArgs),
    /// Take personal data out of a data folder for good.
    #[command(subcommand)]
    Erase(server::Erase),
    /// Who can sign in at the embedded issuer.
    #[command(subcommand)]
    Credential(server::Credential),
    /// Decodes cost exports for another process, within limits.
    #[command(name = pal_usage::DECODER_ARGUMENT, hide = true)]
    DecodeUsage,
    #[command(flatten)]
    Client(client::ClientCommand),
}

/// A parser for one of a few words.
fn word<T: Copy + Send + Sync + 'static>(
    words: &'static [(&'static str, T)],
) -> impl clap::builder::TypedValueParser<Value = T> {
    use clap::builder::TypedValueParser;
    clap::builder::PossibleValuesParser::new(words.iter().map(|(name, _)| *name)).try_map(
        move |name| {
            words.iter().find(|(word, _)| **word == name).map(|(_, v)| *v).ok_or(UnknownWord)
        },
    )
}

#[derive(Debug, thiserror::Error)]
#[error("not one of the words")]
struct UnknownWord;

fn column() -> impl clap::builder::TypedValueParser<Value = KeyColumn> {
    use clap::builder::TypedValueParser;
    let names = KeyColumn::ALL.map(KeyColumn::name);
    clap::builder::PossibleValuesParser::new(names).try_map(|name| name.parse::<KeyColumn>())
}
