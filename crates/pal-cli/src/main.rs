//! `pal`: who is credited with which usage, and why, on one machine.
//!
//! Data goes to standard output, everything else to standard error. Exit status: 0 done, 1 failed,
//! 2 wrong usage, 3 not found.

mod args;
mod auth;
mod clean;
mod client;
mod clock;
mod cloud;
mod commands;
mod config_dir;
mod confined;
mod data_folder;
mod demo;
mod inputs;
mod misspelled;
mod output;
mod overwriting;
mod printer;
mod progress;
mod query;
mod random;
mod temporary;

use std::process::ExitCode;

use clap::Parser;
use pal_attribution::ingest::is_decoding;

use args::server::{Audit, Config, Erase, Export};
use args::{Cli, Command, Import};
use printer::{Failure, Printer};

/// The C library's allocator took a fifth of the time of a request.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    let told = std::panic::take_hook();
    std::panic::set_hook(Box::new(move |panic| {
        if !is_decoding() {
            told(panic);
        }
    }));
    let cli = match Cli::try_parse() {
        Ok(cli) => cli,
        // clap prints help and version to standard output, wrong usage to standard error.
        Err(error) => {
            if let Some(text) = misspelled::text(&error) {
                Printer::new(false, false).end(&Err(Failure::Usage(text)));
            } else {
                let _ = error.print();
            }
            return ExitCode::from(if error.use_stderr() { Failure::USAGE } else { 0 });
        }
    };
    if let Some(ended) = confined::run(&cli) {
        return ended;
    }
    let printer = Printer::new(cli.only_show_errors, cli.no_progress);
    // A service stops in its own way, and a decoder with whoever asked it.
    let stops = matches!(cli.command, Command::Dev(_) | Command::Serve(_) | Command::DecodeUsage);
    let _temporary = (!stops).then(temporary::begin);
    let done = match &cli.command {
        Command::Report(args) => commands::report::run(args, &printer),
        Command::Explain(args) => commands::explain::run(args, &printer),
        Command::Alerts(args) => commands::alerts::run(args, &printer),
        Command::Usage(command) => commands::usage::run(command, &printer),
        Command::DecodeUsage => commands::usage::decode(),
        Command::Import(Import::AzureSnapshot(args)) => commands::import::run(args, &printer),
        Command::Import(Import::Facts(args)) => commands::facts::import(args, &printer),
        Command::Export(Export::Facts(args)) => commands::facts::export(args, &printer),
        Command::Dev(args) => commands::dev::run(args, &printer),
        Command::Serve(args) => commands::serve::run(args, &printer),
        Command::Demo(args) => commands::demo::run(args, &printer),
        Command::Config(Config::Show(args)) => commands::serve::show(args),
        Command::Attest(command) => commands::attest::run(command, &printer),
        Command::Audit(Audit::Verify(args)) => commands::audit::verify(args),
        Command::Backup(args) => commands::backup::backup(args, &printer),
        Command::Restore(args) => commands::backup::restore(args, &printer),
        Command::Erase(Erase::Person(args)) => commands::erase::person(args, &printer),
        Command::Credential(command) => commands::credential::run(command, &printer),
        Command::Client(command) => commands::client::run(command, &printer),
    };
    printer.end(&done);
    done.map_or_else(|failure| ExitCode::from(failure.status()), |()| ExitCode::SUCCESS)
}
