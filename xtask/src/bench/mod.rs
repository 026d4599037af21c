//! `cargo xtask bench`: measurements that anybody can repeat, peers and floors in the same run.

mod attribution;
mod service;

use std::env;
use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, bail, ensure};

/// Runs a benchmark. `args` starts with its name.
///
/// # Errors
///
/// When an argument makes no sense, or a step fails.
pub fn run(args: &[String]) -> Result<()> {
    match args {
        [name, rest @ ..] if name == "attribution" => attribution::run(rest),
        [name, rest @ ..] if name == "service" => service::run(rest),
        [name, ..] => {
            bail!("there is no benchmark `{name}`\n\n{}\n\n{}", attribution::USAGE, service::USAGE)
        }
        [] => bail!("{}\n\n{}", attribution::USAGE, service::USAGE),
    }
}

/// `$OPENPAL_CACHE`, else `~/.cache/openpal`: what is worth keeping, outside the clone.
pub fn cache() -> Result<PathBuf> {
    if let Some(folder) = env::var_os("OPENPAL_CACHE") {
        return Ok(std::path::absolute(folder)?);
    }
    let home = env::var_os("HOME").context("neither OPENPAL_CACHE nor HOME is set")?;
    Ok(PathBuf::from(home).join(".cache").join("openpal"))
}

/// Builds a program with a profile; where it is.
fn build(root: &Path, profile: &str, package: &str, program: &str) -> Result<PathBuf> {
    let cargo = env::var_os("CARGO").unwrap_or_else(|| OsString::from("cargo"));
    let arguments = ["build", "--profile", profile, "--package", package, "--bin", program];
    finish(Command::new(cargo).current_dir(root).args(arguments))?;
    // A relative target folder counts from where cargo was started: the root of the workspace, above.
    let target = env::var_os("CARGO_TARGET_DIR").unwrap_or_else(|| OsString::from("target"));
    let built = root.join(target).join(profile).join(program);
    ensure!(built.is_file(), "the build left no program at {}", built.display());
    Ok(built)
}

/// Runs a step to its end.
fn finish(command: &mut Command) -> Result<()> {
    let program = command.get_program().to_string_lossy().into_owned();
    let status = command.status().with_context(|| format!("cannot start `{program}`"))?;
    ensure!(status.success(), "`{program}` failed ({status}): {command:?}");
    Ok(())
}
