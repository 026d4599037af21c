//! `cargo xtask dev`: the program, a demo, and what it answers.

use std::path::PathBuf;
use std::process::Command;

use anyhow::Result;

use crate::{cargo, demo, root, say};

/// Where the demo is written, in the workspace.
const FOLDER: &str = "pal-demo";

fn run_demo(pal: &PathBuf, args: &[&str]) -> Result<()> {
    let mut command = Command::new(pal);
    command.current_dir(root()?).args(args);
    crate::run(&mut command)
}

/// Builds, writes the demo, prints the report, its balance and two explanations.
pub fn run() -> Result<()> {
    crate::run(&mut cargo(&["build", "--package", "pal-cli"])?)?;
    let target = std::env::var_os("CARGO_TARGET_DIR").map_or(root()?.join("target"), PathBuf::from);
    let pal = target.join("debug").join(if cfg!(windows) { "pal.exe" } else { "pal" });
    let folder = root()?.join(FOLDER);
    if folder.exists() {
        std::fs::remove_dir_all(&folder)?;
    }
    let demo = demo::write(&folder)?;
    let shown = |path: &PathBuf| -> Result<String> {
        Ok(path.strip_prefix(root()?)?.display().to_string())
    };
    let (facts, usage) = (shown(&demo.facts)?, shown(&demo.usage)?);
    let inputs = ["--facts", &facts, "--usage", &usage, "--month", "2026-10"];
    let with = |rest: &[&str]| -> Result<()> {
        let (first, rest) = rest.split_at(1);
        run_demo(&pal, &[first, &inputs[..], rest].concat())
    };
    say(&format!("demo: {FOLDER}, {} files of usage", demo.usage_files.len()));
    say("\nWho is credited with what, in October:");
    with(&[
        "report",
        "--group-by",
        "partner_id,partner_name,customer_tenant_name,admin_type,currency",
        "--format",
        "table",
    ])?;
    say("\nWhat becomes of every charge:");
    with(&["report", "--balance", "--format", "table"])?;
    say("\nWhy a number is what it is:");
    let credited = &demo.credited;
    with(&["explain", "--resource", &credited.resource, "--partner", credited.partner])?;
    say("\nWhy a customer is missing:");
    let missing = &demo.not_credited;
    let at = ["explain", "--facts", &facts, "--resource", &missing.resource];
    run_demo(&pal, &[&at[..], &["--partner", missing.partner, "--at", missing.at]].concat())?;
    say(&format!(
        "\nThe demo is in {FOLDER}; delete it to start over. Next: read README.md, or try your own\n\
         export: {} usage inspect PATH",
        pal.display()
    ));
    Ok(())
}
