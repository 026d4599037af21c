//! Demonstration data: one partner organisation and a rival, four customers with six months of usage,
//! two without. What they are is in files, told in `crates/pal-cli/demo/README.md`.
//!
//! Only what follows from those files is computed: daily quantities ([`usage`]) and the folders that
//! Azure delivers ([`export`]). No clock and no randomness is read, so the same program always writes
//! the same bytes, and a figure in a page of the documentation can be checked against a report.

mod amount;
mod export;
pub mod sign_in;
#[cfg(test)]
mod tests;
mod usage;

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::Context;

/// Who there is, and who may do what, since when.
const FACTS: &str = include_str!("../../demo/facts.jsonl");

/// What was written, and what to ask about it.
#[derive(Debug)]
pub struct Demo {
    /// The facts, one JSON object a line.
    pub facts: PathBuf,
    /// The folder that holds the exports.
    pub usage: PathBuf,
    /// Every file below `usage`: parts and manifests.
    pub usage_files: Vec<PathBuf>,
}

/// Writes `facts.jsonl` and the folder `usage` into `dir`.
///
/// # Errors
///
/// When a file cannot be written, or a file of the demo is not understood.
pub fn write(dir: &Path) -> anyhow::Result<Demo> {
    fs::create_dir_all(dir).with_context(|| format!("create {}", dir.display()))?;
    let facts = dir.join("facts.jsonl");
    fs::write(&facts, FACTS).with_context(|| format!("write {}", facts.display()))?;
    let usage = dir.join("usage");
    let usage_files = export::write(&usage)?;
    Ok(Demo { facts, usage, usage_files })
}
