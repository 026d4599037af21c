//! Facts, and the JSON of Azure that becomes facts.

use std::sync::LazyLock;

use pal_attribution::snapshot::{Options, merge, read};
use pal_model::{Facts, Instant};

use crate::scratch;

/// What is read can be checked, and a line that is read alone is read the same.
pub fn facts(input: &[u8]) {
    let text = String::from_utf8_lossy(input);
    let mut facts = Facts::default();
    let done = facts.read("facts", &text, None);
    let lines = || text.strip_prefix('\u{feff}').unwrap_or(&text).lines();
    let alone = lines().filter(|line| !line.trim().is_empty()).map(pal_model::FactLine::read);
    assert_eq!(done.is_ok(), alone.into_iter().all(|line| line.is_ok()));
    if done.is_ok() && ROLES.resolve_names(&mut facts).is_ok() {
        let _ = facts.check();
    }
}

static ROLES: LazyLock<pal_attribution::roles::RoleData> =
    LazyLock::new(|| pal_attribution::roles::RoleData::shipped().unwrap());

pub fn facts_seeds() -> Vec<Vec<u8>> {
    let mut seeds = scratch::contents("crates/pal-attribution/tests/fixtures/azure", ".jsonl");
    let demo = scratch::contents("crates/pal-cli/demo", "facts.jsonl");
    // A line of each kind is enough; the others only make the inputs longer.
    for text in demo.iter().chain(&seeds.clone()) {
        let text = String::from_utf8_lossy(text);
        seeds.extend(text.lines().map(|line| line.as_bytes().to_vec()));
    }
    seeds
}

/// A snapshot that is read gives facts that are well formed, and taken again later it changes nothing but times.
pub fn snapshot(input: &[u8]) {
    let folder = scratch::unpacked("snapshot", input);
    let at = |text: &str| text.parse::<Instant>().unwrap();
    let first = read(&folder, at("2026-09-01T00:00:00Z"), None);
    let Ok(first) = first else { return };
    let Ok(merged) = merge(None, &first, &Options::default()) else { return };
    let mut facts = Facts::default();
    facts.read("merged", &merged.text, None).unwrap();
    facts.check().unwrap();
    let later = read(&folder, at("2026-09-02T00:00:00Z"), None).unwrap();
    if let Ok(again) = merge(Some(&merged.text), &later, &Options::default()) {
        let mut facts = Facts::default();
        facts.read("again", &again.text, None).unwrap();
        facts.check().unwrap();
    }
}

pub fn snapshot_seeds() -> Vec<Vec<u8>> {
    let days = ["2026-09-01", "2026-09-02"];
    let mut seeds = Vec::new();
    for day in days {
        let files =
            scratch::fixtures(&format!("crates/pal-attribution/tests/fixtures/azure/{day}"));
        let whole = files.iter().map(|(name, content)| (name.as_str(), content.clone()));
        seeds.push(scratch::joined(whole));
        // Each list alone, with what says whose it is.
        let said = |name: &str| name == "organization.json" || name == "subscriptions.json";
        for (name, content) in files.iter().filter(|(name, _)| !said(name)) {
            let context = files.iter().filter(|(name, _)| said(name));
            let pair =
                context.chain([&(name.clone(), content.clone())]).cloned().collect::<Vec<_>>();
            let pair = pair.iter().map(|(name, content)| (name.as_str(), content.clone()));
            seeds.push(scratch::joined(pair));
        }
    }
    seeds
}
