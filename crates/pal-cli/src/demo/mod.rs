//! Demonstration data: one partner organisation and a rival, four customers with six months of usage,
//! two without.
//!
//! Everything comes from the tables in this module. No clock and no outside randomness is read, so
//! the same program always writes the same bytes, and a figure in a page of the documentation can
//! be checked against a report.
//!
//! * [`world`] says who there is, [`access`] who may do what and who is linked: the facts.
//! * [`sight`] says who may look at reports, [`newcomers`] which customers came last.
//! * [`resources`] says what runs, in the words of [`estate`]; [`usage`] makes daily rows of it,
//!   and [`oddities`] adds the rows that a report must treat with care: the cost data.
//! * [`export`] lays the cost data out as Azure delivers it.

mod access;
mod amount;
mod calendar;
mod estate;
mod export;
mod facts;
mod ids;
mod newcomers;
mod oddities;
mod resources;
mod row;
mod sight;
pub mod sign_in;
#[cfg(test)]
mod tests;
mod usage;
mod world;

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::Context;

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
/// When a file cannot be written, or a table contradicts itself.
pub fn write(dir: &Path) -> anyhow::Result<Demo> {
    fs::create_dir_all(dir).with_context(|| format!("create {}", dir.display()))?;
    let facts = dir.join("facts.jsonl");
    fs::write(&facts, facts_text()).with_context(|| format!("write {}", facts.display()))?;
    let usage = dir.join("usage");
    let usage_files = export::write(&usage)?;
    Ok(Demo { facts, usage, usage_files })
}

fn facts_text() -> String {
    let mut text = String::new();
    facts::write_all(world::PARTNERS, &mut text);
    facts::write_all(world::TENANTS, &mut text);
    facts::write_all(world::MANAGEMENT_GROUPS, &mut text);
    facts::write_all(world::SUBSCRIPTIONS, &mut text);
    facts::write_all(world::ROLE_DEFINITIONS, &mut text);
    facts::write_all(world::PRINCIPALS, &mut text);
    facts::write_all(access::MEMBERSHIPS, &mut text);
    facts::write_all(access::ROLE_ASSIGNMENTS, &mut text);
    facts::write_all(access::DENY_ASSIGNMENTS, &mut text);
    facts::write_all(access::DELEGATIONS, &mut text);
    facts::write_all(access::LINKS, &mut text);
    facts::write_all(world::NEW_PRINCIPALS, &mut text);
    facts::write_all(access::NEW_ROLE_ASSIGNMENTS, &mut text);
    sight::write(&mut text);
    newcomers::write(&mut text);
    text
}
