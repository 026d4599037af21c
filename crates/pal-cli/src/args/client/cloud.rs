//! What `pal cloud` takes.

use std::path::PathBuf;

use clap::{Args, Subcommand};

use super::{ClientArgs, PlainArgs};

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
