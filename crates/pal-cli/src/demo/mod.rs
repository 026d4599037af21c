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

#[derive(Debug)]
pub struct Demo {
    /// The facts, one JSON object a line.
    pub facts: PathBuf,
    /// The folder that holds the exports.
    pub usage: PathBuf,
    /// Every file below `usage`: parts and manifests.
    pub usage_files: Vec<PathBuf>,
}

/// Writes `facts.jsonl` and the folder `usage` into `dir`. Files of these names with another content are
/// somebody's own, and are replaced with `force` only.
///
/// # Errors
///
/// When there are such files, a file cannot be written, or a file of the demo is not understood. In the first
/// case nothing was written.
pub fn write(dir: &Path, force: bool) -> anyhow::Result<Demo> {
    let (facts, usage) = (dir.join("facts.jsonl"), dir.join("usage"));
    let mut files = export::files(&usage)?;
    let usage_files = files.iter().map(|(path, _)| path.clone()).collect();
    files.push((facts.clone(), FACTS.as_bytes().to_vec()));
    let other = |(path, bytes): &&(PathBuf, Vec<u8>)| {
        !force && path.exists() && fs::read(path).ok().as_ref() != Some(bytes)
    };
    if let Some((path, _)) = files.iter().rev().find(other) {
        anyhow::bail!(
            "{} is there already, with another content, and nothing was written; name another folder, \
             or replace such files with 'pal demo {} --force'",
            path.display(),
            dir.display()
        );
    }
    for (path, bytes) in &files {
        let folder = path.parent().unwrap_or(dir);
        fs::create_dir_all(folder).with_context(|| format!("create {}", folder.display()))?;
        fs::write(path, bytes).with_context(|| format!("write {}", path.display()))?;
    }
    Ok(Demo { facts, usage, usage_files })
}
