//! What the commands that speak to a cloud take.

mod cloud;
mod doctor;
mod partner;
mod sign_in;

use std::path::PathBuf;

use clap::{Args, Subcommand, ValueEnum};

use crate::output::az::Style;
pub use cloud::{CloudCommand, NamedCloudArgs, RegisterArgs};
pub use doctor::{DOCTOR_EXAMPLES, DoctorArgs, MissingArgs};
pub use partner::{ChangeArgs, LinkCommand, PartnerCommand};
pub use sign_in::{AccountCommand, LOGIN_EXAMPLES, LoginArgs, LogoutArgs, SetAccountArgs};

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

/// A command that takes nothing of its own.
#[derive(Debug, Args)]
pub struct PlainArgs {
    #[command(flatten)]
    pub client: ClientArgs,
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
