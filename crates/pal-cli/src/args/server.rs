//! The service, and what an operator does to its data folder.

use std::net::SocketAddr;
use std::path::PathBuf;

use clap::{Args, Subcommand};
use pal_model::{Guid, Instant, Principal};

use super::KeptArgs;

/// `pal serve`, `pal config show`: where the configuration comes from.
#[derive(Debug, Args)]
pub struct ServeArgs {
    /// Configuration file (TOML) [default: openpal.toml in the data folder, if it is there].
    #[arg(long, value_name = "FILE")]
    pub config: Option<PathBuf>,
    /// The folder that holds everything the service keeps.
    #[arg(long, value_name = "DIR")]
    pub data_dir: Option<PathBuf>,
    /// Address and port to listen on.
    #[arg(long, value_name = "ADDRESS:PORT")]
    pub listen: Option<SocketAddr>,
    /// The address that clients use.
    #[arg(long, value_name = "URL")]
    pub public_url: Option<String>,
    /// A certificate of your own, with its chain (PEM).
    #[arg(long, value_name = "FILE", requires = "tls_key")]
    pub tls_cert: Option<PathBuf>,
    /// Its key (PEM).
    #[arg(long, value_name = "FILE", requires = "tls_cert")]
    pub tls_key: Option<PathBuf>,
    /// No TLS: only on loopback, behind a proxy that has it.
    #[arg(long, conflicts_with_all = ["tls_cert", "tls_key"])]
    pub http: bool,
    /// Let the embedded issuer serve an address that others can reach.
    #[arg(long)]
    pub allow_embedded_issuer: bool,
    /// Any key of the configuration.
    #[arg(long, value_name = "KEY=VALUE", value_parser = key_value)]
    pub set: Vec<(String, String)>,
}

fn key_value(text: &str) -> Result<(String, String), String> {
    let (key, value) =
        text.split_once('=').ok_or("write KEY=VALUE, for example log.level=debug")?;
    Ok((key.trim().to_owned(), value.trim().to_owned()))
}

/// `pal dev`.
#[derive(Debug, Args)]
pub struct DevArgs {
    /// The folder for the demo and all that is linked in it; delete it to start over.
    #[arg(long, value_name = "DIR", default_value = "pal-dev")]
    pub data_dir: PathBuf,
    /// Loopback address and port; port 0 takes a free one.
    #[arg(long, value_name = "ADDRESS:PORT", default_value = "127.0.0.1:8443")]
    pub listen: SocketAddr,
}

/// `pal demo`.
#[derive(Debug, Args)]
pub struct DemoArgs {
    /// The folder for `facts.jsonl` and `usage`.
    #[arg(value_name = "DIR")]
    pub dir: PathBuf,
    /// Replace other files of these names.
    #[arg(long)]
    pub force: bool,
}

/// `pal config`.
#[derive(Debug, Subcommand)]
pub enum Config {
    /// The configuration in force, and where each value comes from; secrets are hidden.
    Show(ServeArgs),
}

/// `pal audit`.
#[derive(Debug, Subcommand)]
pub enum Audit {
    /// Whether the audit log is whole, and the link register what the log says.
    Verify(VerifyArgs),
}

/// `pal audit verify`.
#[derive(Debug, Args)]
pub struct VerifyArgs {
    /// The data folder.
    #[arg(long, value_name = "DIR")]
    pub data_dir: PathBuf,
    /// Checkpoints kept elsewhere [default: those in the data folder].
    #[arg(long, value_name = "FILE")]
    pub checkpoints: Option<PathBuf>,
    /// The public key kept elsewhere [default: the one in the data folder].
    #[arg(long, value_name = "FILE")]
    pub public_key: Option<PathBuf>,
}

/// `pal backup`.
#[derive(Debug, Args)]
pub struct BackupArgs {
    /// The data folder; a service may run on it.
    #[arg(long, value_name = "DIR")]
    pub data_dir: PathBuf,
    /// A new folder, or a new file whose name ends with .tar.zst.
    #[arg(long, value_name = "DIR|FILE.tar.zst")]
    pub to: PathBuf,
    /// Leave out the keys: of the audit log, of the embedded issuer and of TLS.
    #[arg(long)]
    pub without_secrets: bool,
    /// Copy charge files of an object store, too, instead of listing them.
    #[arg(long)]
    pub with_objects: bool,
}

/// `pal restore`.
#[derive(Debug, Args)]
pub struct RestoreArgs {
    /// The backup: a folder, or a file whose name ends with .tar.zst.
    #[arg(long, value_name = "DIR|FILE.tar.zst")]
    pub from: PathBuf,
    /// The data folder to make; it must be empty, or not be there.
    #[arg(long, value_name = "DIR")]
    pub data_dir: PathBuf,
}

/// `pal erase`.
#[derive(Debug, Subcommand)]
pub enum Erase {
    /// A person: names and sign-ins go, identifiers, links and reports stay. Shows what would go, unless --yes.
    Person(ErasePersonArgs),
}

/// `pal erase person`.
#[derive(Debug, Args)]
pub struct ErasePersonArgs {
    /// Tenant and object of an account. Accounts with the same sign-in, sign-in name or address are the same person.
    #[arg(required = true, value_name = "TENANT/OBJECT", value_parser = account)]
    pub account: Vec<Principal>,
    /// The data folder; the service may run.
    #[arg(long, value_name = "DIR")]
    pub data_dir: PathBuf,
    /// Erase. It cannot be undone.
    #[arg(long, short)]
    pub yes: bool,
}

/// `pal import facts`.
#[derive(Debug, Args)]
pub struct ImportFactsArgs {
    /// Facts, JSON Lines.
    #[arg(value_name = "FILE")]
    pub file: PathBuf,
    #[command(flatten)]
    pub kept: KeptArgs,
    /// Make the data folder if there is none: the first import, before the first start.
    #[arg(long, conflicts_with = "server")]
    pub create: bool,
    /// Leave out links: those of a service are changed by their owners only.
    #[arg(long)]
    pub without_links: bool,
}

/// `pal export`.
#[derive(Debug, Subcommand)]
pub enum Export {
    /// The facts of a data folder or a service, links from the register's history included.
    Facts(ExportFactsArgs),
}

/// `pal export facts`.
#[derive(Debug, Args)]
pub struct ExportFactsArgs {
    #[command(flatten)]
    pub kept: KeptArgs,
    /// As they were known at this instant.
    #[arg(long, value_name = "INSTANT")]
    pub known_at: Option<Instant>,
    /// Write to this file instead of standard output.
    #[arg(long, value_name = "FILE")]
    pub output: Option<PathBuf>,
}

/// `pal credential`: who can sign in at the embedded issuer.
#[derive(Debug, Subcommand)]
pub enum Credential {
    /// A person. The password is read from standard input.
    User(UserArgs),
    /// A service principal. The secret is read from standard input, unless a certificate is given.
    App(AppArgs),
    /// A new key for the issuer's signatures; a running service takes it up within a minute.
    SigningKey(SigningKeyArgs),
}

/// `pal credential user`.
#[derive(Debug, Args)]
pub struct UserArgs {
    /// The sign-in name.
    #[arg(value_name = "NAME")]
    pub upn: String,
    /// Tenant and object of an account, the home account first; repeat for each directory.
    #[arg(long, required = true, value_name = "TENANT/OBJECT", value_parser = account)]
    pub account: Vec<Principal>,
    /// The data folder; the service may run.
    #[arg(long, value_name = "DIR")]
    pub data_dir: PathBuf,
}

/// `pal credential app`.
#[derive(Debug, Args)]
pub struct AppArgs {
    /// The application (client) ID.
    #[arg(value_name = "CLIENT-ID")]
    pub client: Guid,
    /// Tenant and object of its service principal.
    #[arg(long, value_name = "TENANT/OBJECT", value_parser = account)]
    pub account: Principal,
    /// A certificate instead of a secret (PEM); repeat for more.
    #[arg(long, value_name = "FILE")]
    pub certificate: Vec<PathBuf>,
    /// Keep the secrets and certificates that it has, so that old and new work until --remove.
    #[arg(long)]
    pub add: bool,
    /// Take away one secret or certificate; --list has its id. Nothing is read from standard input.
    #[arg(long, value_name = "ID", conflicts_with_all = ["add", "certificate"])]
    pub remove: Option<String>,
    /// Only list what it has, the oldest first.
    #[arg(long, conflicts_with_all = ["add", "certificate", "remove"])]
    pub list: bool,
    /// The data folder; the service may run.
    #[arg(long, value_name = "DIR")]
    pub data_dir: PathBuf,
}

/// `pal credential signing-key`.
#[derive(Debug, Args)]
pub struct SigningKeyArgs {
    /// The data folder; the service may run.
    #[arg(long, value_name = "DIR")]
    pub data_dir: PathBuf,
}

fn account(text: &str) -> Result<Principal, String> {
    let (tenant, object) = text.split_once('/').ok_or("write TENANT/OBJECT, two GUIDs")?;
    let tenant = tenant.parse().map_err(|e: pal_model::IdError| e.to_string())?;
    let object = object.parse().map_err(|e: pal_model::IdError| e.to_string())?;
    Ok(Principal::new(tenant, object))
}
