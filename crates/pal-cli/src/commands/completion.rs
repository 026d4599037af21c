//! `pal completion`.

use std::io::Write;

use clap::CommandFactory;
use clap_complete::{Shell, generate};

use crate::args::Cli;
use crate::args::client::{CompletionArgs, ShellName};
use crate::printer::Failure;

/// Prints what a shell needs to complete commands and options.
pub fn run(args: &CompletionArgs) -> Result<(), Failure> {
    let shell = match args.shell {
        ShellName::Bash => Shell::Bash,
        ShellName::Zsh => Shell::Zsh,
        ShellName::Fish => Shell::Fish,
        ShellName::Powershell => Shell::PowerShell,
    };
    // Into memory first: the generator takes a closed output for a fault of its own.
    let mut text = Vec::new();
    generate(shell, &mut Cli::command(), "pal", &mut text);
    let mut out = std::io::stdout();
    out.write_all(&text)?;
    Ok(out.flush()?)
}
