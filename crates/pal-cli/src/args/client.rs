//! What the commands that speak to a cloud take.

use std::path::PathBuf;

use clap::{Args, Subcommand, ValueEnum};
use pal_attribution::answer::month;
use pal_model::{Instant, PartnerId};

use crate::output::az::Style;

/// What all of them take, as az has it.
#[expect(clippy::struct_excessive_bools, reason = "each is an option that can be typed")]
#[derive(Debug, Clone, Args)]
#[command(next_help_heading = "Client options")]
pub struct ClientArgs {
    /// Output format; json, if not said.
    #[arg(long, short, env = "PAL_OUTPUT", ignore_case = true, value_name = "FORMAT")]
    pub output: Option<Style>,
    /// The same as --output json.
    #[arg(long, conflicts_with = "output")]
    pub json: bool,
    /// `JMESPath` query: print only this part of the result.
    #[arg(long, value_name = "JMESPATH")]
    pub query: Option<String>,
    /// Use this cloud once, instead of the one set by 'pal cloud set'.
    #[arg(long, env = "PAL_CLOUD", value_name = "NAME")]
    pub cloud: Option<String>,
    /// Seconds to wait for an answer, at most a day.
    #[arg(long, default_value = "100", value_name = "SECONDS", value_parser = clap::value_parser!(u64).range(1..=86_400))]
    pub timeout: u64,
    /// No colours, also on a terminal. The same with the variable `NO_COLOR`.
    #[arg(long)]
    pub no_color: bool,
    /// Say what is done.
    #[arg(long)]
    pub verbose: bool,
    /// Say what is asked of whom and what is answered; never tokens, secrets or bodies.
    #[arg(long)]
    pub debug: bool,
}

impl ClientArgs {
    /// What holds for a command that takes none of them.
    pub fn plain() -> Self {
        Self {
            output: None,
            json: false,
            query: None,
            cloud: std::env::var("PAL_CLOUD").ok().filter(|name| !name.is_empty()),
            timeout: 100,
            no_color: false,
            verbose: false,
            debug: false,
        }
    }
}

/// `pal cloud`.
#[derive(Debug, Subcommand)]
pub enum CloudCommand {
    /// Make a cloud known by the address of its resource manager.
    #[command(after_help = REGISTER_EXAMPLES)]
    Register(RegisterArgs),
    /// Make a cloud the one that commands speak to.
    Set(NamedCloudArgs),
    /// The clouds that are known.
    List(PlainArgs),
    /// One cloud.
    Show(ShowCloudArgs),
    /// Forget a cloud, and sign out of it.
    Unregister(NamedCloudArgs),
}

const REGISTER_EXAMPLES: &str = "Examples:
  pal cloud register -n pal-local --endpoint-resource-manager https://localhost:8443 --ca-file pal-dev/tls/ca.pem
  pal cloud register -n hub1 --endpoint-resource-manager https://management.hub1.example
  pal cloud list -o table";

/// `pal cloud register`.
#[derive(Debug, Args)]
pub struct RegisterArgs {
    /// The name to give it.
    #[arg(long, short)]
    pub name: String,
    /// The address of its resource manager.
    #[arg(long, value_name = "URL")]
    pub endpoint_resource_manager: String,
    /// Certificates (PEM) to trust for this cloud, beside those that the machine trusts.
    #[arg(long, value_name = "FILE")]
    pub ca_file: Option<PathBuf>,
    #[command(flatten)]
    pub client: ClientArgs,
}

/// A command about a cloud that is named.
#[derive(Debug, Args)]
pub struct NamedCloudArgs {
    /// The name of the cloud.
    #[arg(long, short)]
    pub name: String,
    #[command(flatten)]
    pub client: ClientArgs,
}

/// `pal cloud show`.
#[derive(Debug, Args)]
pub struct ShowCloudArgs {
    /// The name of the cloud; the current one, if not said.
    #[arg(long, short)]
    pub name: Option<String>,
    #[command(flatten)]
    pub client: ClientArgs,
}

/// A command that takes nothing of its own.
#[derive(Debug, Args)]
pub struct PlainArgs {
    #[command(flatten)]
    pub client: ClientArgs,
}

/// Examples of `pal login`.
pub const LOGIN_EXAMPLES: &str = "Examples:
  pal login
  pal login --use-device-code --tenant fabrikam.example
  pal login --service-principal --username 04b0… --tenant c075… --certificate deploy.pem";

/// `pal login`.
#[expect(clippy::struct_excessive_bools, reason = "each is an option that can be typed")]
#[derive(Debug, Args)]
pub struct LoginArgs {
    /// The directory: its id or one of its domains. A service principal must name it.
    #[arg(long, short, value_name = "TENANT", env = "AZURE_TENANT_ID")]
    pub tenant: Option<String>,
    /// Sign in on another machine or in another browser, by a code.
    #[arg(long, conflicts_with_all = ["service_principal", "from_az"])]
    pub use_device_code: bool,
    /// Sign in as a service principal.
    #[arg(long, conflicts_with = "from_az")]
    pub service_principal: bool,
    /// The application (client) id of the service principal; or whom the sign-in page shall suggest.
    #[arg(long, short, value_name = "ID")]
    pub username: Option<String>,
    /// The secret of the service principal, or @FILE. Better: `AZURE_CLIENT_SECRET`, or type it when asked.
    #[arg(long, short, value_name = "SECRET", requires = "service_principal", conflicts_with_all = ["certificate", "federated_token"])]
    pub password: Option<String>,
    /// The certificate of the service principal and its private key, PEM.
    #[arg(
        long,
        value_name = "FILE",
        requires = "service_principal",
        conflicts_with = "federated_token"
    )]
    pub certificate: Option<PathBuf>,
    /// A file that holds a token of another issuer; read again each time it is needed.
    #[arg(long, value_name = "FILE", requires = "service_principal")]
    pub federated_token: Option<PathBuf>,
    /// Use the sign-in of the Azure CLI.
    #[arg(long)]
    pub from_az: bool,
    /// Sign in through this public client. Not said: the one that the cloud names, else the Azure CLI's.
    #[arg(long, value_name = "ID")]
    pub client_id: Option<String>,
    /// Accepted because az has it; a directory without subscriptions is enough here anyway.
    #[arg(long)]
    pub allow_no_subscriptions: bool,
    #[command(flatten)]
    pub client: ClientArgs,
}

/// `pal logout`.
#[derive(Debug, Args)]
pub struct LogoutArgs {
    /// Sign out only this user or service principal.
    #[arg(long, short, value_name = "NAME")]
    pub username: Option<String>,
    #[command(flatten)]
    pub client: ClientArgs,
}

/// `pal account`.
#[derive(Debug, Subcommand)]
pub enum AccountCommand {
    /// Who is signed in, and to which directory.
    Show(PlainArgs),
    /// All directories that are signed in to.
    List(PlainArgs),
    /// Choose the directory that commands work in.
    Set(SetAccountArgs),
}

/// `pal account set`.
#[derive(Debug, Args)]
pub struct SetAccountArgs {
    /// The directory: its id, domain or name.
    #[arg(long, short, value_name = "TENANT")]
    pub tenant: String,
    #[command(flatten)]
    pub client: ClientArgs,
}

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
    pub files: super::FilesArgs,
    #[command(flatten)]
    pub policy: super::PolicyArgs,
}

/// `pal az`.
#[derive(Debug, Subcommand)]
pub enum AzCommand {
    /// The lines that point az, Python, Node.js, PowerShell and Terraform at a cloud.
    Setup(SetupArgs),
}

/// `pal az setup`.
#[derive(Debug, Args)]
pub struct SetupArgs {
    /// The address of the cloud, instead of the current one's or the one in the data folder.
    #[arg(long, value_name = "URL")]
    pub url: Option<String>,
    /// The data folder of a 'pal dev' or 'pal serve' on this machine.
    #[arg(long, value_name = "DIR")]
    pub data_dir: Option<PathBuf>,
    #[command(flatten)]
    pub client: ClientArgs,
}

const COMPLETION_EXAMPLES: &str = "Examples:
  pal completion bash > ~/.local/share/bash-completion/completions/pal
  pal completion zsh > ~/.zfunc/_pal
  pal completion powershell | Out-String | Invoke-Expression";

/// `pal completion`.
#[derive(Debug, Args)]
pub struct CompletionArgs {
    /// The shell.
    #[arg(value_name = "SHELL")]
    pub shell: ShellName,
}

/// A shell that can complete.
#[derive(Debug, Clone, Copy, ValueEnum)]
pub enum ShellName {
    Bash,
    Zsh,
    Fish,
    Powershell,
}

/// The commands that speak to a cloud.
#[derive(Debug, Subcommand)]
pub enum ClientCommand {
    /// Clouds: Azure, and every other that answers like it.
    #[command(subcommand)]
    Cloud(CloudCommand),
    /// Sign in to the current cloud.
    #[command(after_help = LOGIN_EXAMPLES)]
    Login(LoginArgs),
    /// Sign out of the current cloud.
    Logout(LogoutArgs),
    /// Who is signed in, and to which directories.
    #[command(subcommand)]
    Account(AccountCommand),
    /// The partner ID that is linked to the signed-in account, as 'az managementpartner'.
    #[command(subcommand, name = "managementpartner")]
    Partner(PartnerCommand),
    /// Links, directory by directory.
    #[command(subcommand)]
    Link(LinkCommand),
    /// Check the set-up, or why a resource is missing in a report, and say what mends it.
    #[command(after_help = DOCTOR_EXAMPLES)]
    Doctor(DoctorArgs),
    /// Azure's own tools.
    #[command(subcommand)]
    Az(AzCommand),
    /// Print what a shell needs to complete commands and options.
    #[command(after_help = COMPLETION_EXAMPLES)]
    Completion(CompletionArgs),
}
