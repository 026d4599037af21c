//! What `pal managementpartner` and `pal link` take.

use clap::{Args, Subcommand};

use super::{ClientArgs, PlainArgs};

/// `pal managementpartner`.
#[derive(Debug, Subcommand)]
pub enum PartnerCommand {
    /// Link a partner ID to the signed-in account in the current directory.
    #[command(after_help = PARTNER_EXAMPLES)]
    Create(ChangeArgs),
    /// The partner ID that is linked.
    Show(ShowPartnerArgs),
    /// Link another partner ID instead.
    Update(UpdateArgs),
    /// Remove the link.
    Delete(ChangeArgs),
}

const PARTNER_EXAMPLES: &str = "Examples:
  pal managementpartner create --partner-id 5127255
  pal managementpartner create --partner-id 5127255 --dry-run
  pal managementpartner show --query partnerName -o tsv";

/// `pal managementpartner update`.
#[derive(Debug, Args)]
pub struct UpdateArgs {
    /// Date the link by the service's clock as it is now: that clock was ahead when the link was last changed.
    #[arg(long, conflicts_with = "dry_run")]
    pub correct_date: bool,
    #[command(flatten)]
    pub change: ChangeArgs,
}

/// Create, update, delete.
#[derive(Debug, Args)]
pub struct ChangeArgs {
    /// The partner ID: that of the partner's location.
    #[arg(long, value_name = "ID")]
    pub partner_id: String,
    /// Say what would change, and change nothing.
    #[arg(long, visible_alias = "what-if")]
    pub dry_run: bool,
    #[command(flatten)]
    pub client: ClientArgs,
}

/// `pal managementpartner show`.
#[derive(Debug, Args)]
pub struct ShowPartnerArgs {
    /// Only if this partner ID is linked.
    #[arg(long, value_name = "ID")]
    pub partner_id: Option<String>,
    #[command(flatten)]
    pub client: ClientArgs,
}

/// `pal link`.
#[derive(Debug, Subcommand)]
pub enum LinkCommand {
    /// The links of the signed-in person.
    #[command(after_help = LINK_EXAMPLES)]
    List(ListLinksArgs),
    /// The link in the current directory, and whose it is.
    Show(PlainArgs),
}

const LINK_EXAMPLES: &str = "Examples:
  pal link list --all-directories -o table
  pal link list --all-directories --query \"[?state=='not linked'].domain\" -o tsv
  pal link show";

/// `pal link list`.
#[derive(Debug, Args)]
pub struct ListLinksArgs {
    /// In all directories that the person has an account in, not only in the current one.
    #[arg(long)]
    pub all_directories: bool,
    #[command(flatten)]
    pub client: ClientArgs,
}
