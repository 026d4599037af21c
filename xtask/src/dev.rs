//! `cargo xtask dev`: the program, with a demo, running.

use std::path::PathBuf;
use std::process::Command;

use anyhow::Result;

use crate::{cargo, portal, root, say};

/// Where the demo is kept, in the workspace.
const FOLDER: &str = "pal-demo";

/// The program that was built for debugging.
pub fn program() -> Result<PathBuf> {
    let target = std::env::var_os("CARGO_TARGET_DIR").map_or(root()?.join("target"), PathBuf::from);
    Ok(target.join("debug").join(if cfg!(windows) { "pal.exe" } else { "pal" }))
}

/// The program for use, with the pages if they can be built.
pub fn build() -> Result<()> {
    portal::build_if_possible()?;
    crate::run(&mut cargo(&["build", "--release", "--locked", "--package", "pal-cli"])?)
}

/// Builds, and starts the service with the demo; returns when it is stopped.
pub fn run() -> Result<()> {
    portal::build_if_possible()?;
    crate::run(&mut cargo(&["build", "--package", "pal-cli"])?)?;
    let pal = program()?;
    say(&format!("the program is {}; put its folder on your PATH", pal.display()));
    let mut command = Command::new(&pal);
    command.current_dir(root()?).args(["dev", "--data-dir", FOLDER]);
    crate::run(&mut command)
}
