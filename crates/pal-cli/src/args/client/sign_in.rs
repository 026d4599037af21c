//! What `pal login`, `pal logout` and `pal account` take.

use std::path::PathBuf;

use clap::{Args, Subcommand};

use super::{ClientArgs, PlainArgs};

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
