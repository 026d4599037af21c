//! Dependencies that are declared and used nowhere, found by `cargo machete`: each of them is built for nothing.

use std::env;
use std::process::Command;

use anyhow::{Context, Result, bail};

use crate::bench::cache;
use crate::{cargo, root, say};

const VERSION: &str = "0.9.2";

/// Refuses a dependency that nothing uses. The tool is built once, into the cache.
pub fn check() -> Result<()> {
    let folder = cache()?.join("tools").join(format!("cargo-machete-{VERSION}"));
    let tool = folder.join("bin").join(format!("cargo-machete{}", env::consts::EXE_SUFFIX));
    if !tool.is_file() {
        if env::var_os("PAL_OFFLINE").is_some_and(|value| value == "1") {
            say(
                "cargo machete is not installed, and PAL_OFFLINE is set: unused dependencies are not looked for",
            );
            return Ok(());
        }
        say("installing cargo machete into the cache; this takes a minute, once");
        let words = ["install", "--quiet", "--locked", "cargo-machete", "--version", VERSION];
        let mut install = cargo(&words)?;
        // Not into our own target folder: the tool is built once, and by other profiles.
        install.arg("--root").arg(&folder).env_remove("CARGO_TARGET_DIR");
        crate::run(&mut install).context(
            "cargo machete cannot be installed. If this machine has no way to crates.io, set PAL_OFFLINE=1: that leaves it out",
        )?;
    }
    let found = Command::new(tool).current_dir(root()?).arg("--skip-target-dir").output()?;
    if !found.status.success() {
        let text = [found.stdout, found.stderr].map(|b| String::from_utf8_lossy(&b).into_owned());
        bail!("dependencies that nothing uses:\n{}", text.concat());
    }
    say("unused dependencies: none");
    Ok(())
}
