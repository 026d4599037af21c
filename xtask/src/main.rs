//! The project's own commands.
//!
//! ```text
//! cargo xtask dev                  build the program, start it with a demo
//! cargo xtask build                the program with the portal's pages, for use
//! cargo xtask test [--slow]        everything that must hold before a change lands
//! cargo xtask portal [test]        the portal's pages; in a real browser
//! cargo xtask clients              the real Azure clients against the program
//! cargo xtask sign-in              sign-in with an issuer elsewhere
//! cargo xtask bench attribution    the engine beside DuckDB and Polars
//! cargo xtask bench service        the service beside the floors of this machine
//! cargo xtask fuzz                 the readers of foreign bytes, with inputs that a fuzzer invents
//! cargo xtask check-deps           who may depend on whom, what nothing uses, the rules of deny.toml
//! ```

mod bench;
mod circles;
mod clients;
mod deny;
mod dev;
mod fuzz;
mod imports;
mod layers;
mod portal;
mod test;
mod unused;

use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};

use anyhow::{Context, Result, bail};

const USAGE: &str = "usage: cargo xtask dev | build | test [--slow] | portal [test] | clients | \
                     sign-in | api | bench attribution | bench service | check-deps | \
                     fuzz [--seconds N] [TARGET…] | fuzz TARGET --input FILE";

fn main() -> ExitCode {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = args.iter().map(String::as_str).collect();
    let done = match words[..] {
        ["dev"] => dev::run(),
        ["build"] => dev::build(),
        ["test"] => test::run(false),
        ["test", "--slow"] => test::run(true),
        ["portal"] => portal::build(),
        ["portal", "test"] => portal::test(),
        ["clients"] => clients::run(),
        ["sign-in"] => clients::sign_in(),
        ["api"] => clients::api(),
        ["bench", ..] => bench::run(&args[1..]),
        ["fuzz", ..] => fuzz::run(&args[1..]),
        ["check-deps"] => test::check_deps(),
        _ => {
            say(USAGE);
            return ExitCode::from(2);
        }
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            say(&format!("ERROR: {error:#}"));
            ExitCode::FAILURE
        }
    }
}

/// A line on standard error.
fn say(text: &str) {
    // Nothing can be said when standard error is closed.
    let _ = writeln!(io::stderr(), "{text}");
}

/// The root of the workspace.
fn root() -> Result<PathBuf> {
    let here = Path::new(env!("CARGO_MANIFEST_DIR")).parent();
    here.map(Path::to_owned).context("xtask is not in a workspace")
}

/// A command of this cargo, in the workspace.
fn cargo(args: &[&str]) -> Result<Command> {
    let mut command = Command::new(env!("CARGO"));
    command.current_dir(root()?).args(args);
    Ok(command)
}

/// Runs a command and shows it.
fn run(command: &mut Command) -> Result<()> {
    let shown = std::iter::once(command.get_program())
        .chain(command.get_args())
        .map(|word| word.to_string_lossy().into_owned())
        .collect::<Vec<_>>()
        .join(" ");
    say(&format!("$ {shown}"));
    let status = command.status().with_context(|| format!("cannot start {shown}"))?;
    if !status.success() {
        bail!("{shown}: {status}");
    }
    Ok(())
}
