//! `cargo xtask test`: everything that must hold before a change lands.

use std::collections::BTreeMap;

use anyhow::{Context, Result, bail};
use serde_json::Value;

use crate::{cargo, circles, clients, deny, fuzz, layers, portal, root, say, unused};

/// Formatting, lints, the rules for dependencies, all tests, the real clients, the pages in a browser.
/// `slow` = the long tier: 100,000 worlds, 100 kills, 500 revocations, object stores, a minute of each fuzz target.
pub fn run(slow: bool) -> Result<()> {
    crate::run(&mut cargo(&["fmt", "--all", "--check"])?)?;
    check_deps()?;
    // Before anything is built: the program takes the pages in.
    portal::build()?;
    let lints = ["clippy", "--workspace", "--all-targets", "--", "--deny", "warnings"];
    crate::run(&mut cargo(&lints)?)?;
    crate::run(&mut cargo(&["test", "--workspace"])?)?;
    clients::sign_in()?;
    clients::run()?;
    portal::test()?;
    if slow {
        clients::api()?;
        object_store()?;
        slow_of(
            "pal-attribution",
            &["differential", "metamorphic"],
            &[("PAL_WORLDS", "100000"), ("PAL_METAMORPHIC", "2000")],
        )?;
        let mut stories = cargo(&["test", "--profile", "profiling", "--package", "pal-usage"])?;
        crate::run(stories.args(["--lib", "stories"]).env("PAL_STORIES", "10000"))?;
        slow_of(
            "pal-attribution",
            &["explained", "audience"],
            &[("PAL_CELLS", "12000"), ("PAL_WORLDS", "1000")],
        )?;
        slow_of(
            "pal-cli",
            &["chaos", "usage"],
            &[
                ("PAL_KILLS", "100"),
                ("PAL_STORM", "5000"),
                ("PAL_HISTORIES", "50"),
                ("PAL_BOMBS", "1"),
                ("PAL_IDLE", "10000"),
                ("PAL_SOAK", "1200"),
                ("PAL_STORIES", "10000"),
            ],
        )?;
        slow_of("pal-server", &["service"], &[("PAL_ROUNDS", "500")])?;
        fuzz::run(&[])?;
    }
    Ok(())
}

/// These modules of the tests of a crate, with settings that make them long.
fn slow_of(package: &str, modules: &[&str], settings: &[(&str, &str)]) -> Result<()> {
    let mut tests = cargo(&["test", "--profile", "profiling", "--package", package])?;
    tests.args(["--test", "all", "--"]);
    tests.args(modules.iter().map(|module| format!("{module}::"))).arg("--nocapture");
    crate::run(tests.envs(settings.iter().copied()))
}

/// What is behind the feature `object-store`, which takes minutes to build: lints, the whole program,
/// and its tests.
fn object_store() -> Result<()> {
    let feature = ["--features", "object-store"];
    let mut lints = cargo(&["clippy", "--package", "pal-cli", "--package", "pal-server"])?;
    lints.args(feature).args(["--lib", "--bins", "--test", "all"]);
    lints.args(["--", "--deny", "warnings"]);
    crate::run(&mut lints)?;
    for (package, tests) in [("pal-server", "object_store::"), ("pal-cli", "usage::configured")] {
        let mut of = cargo(&["test", "--package", package, "--test", "all"])?;
        crate::run(of.args(feature).arg(tests))?;
    }
    Ok(())
}

/// Which of our crates each of our crates may use. Direction is a wall: see ARCHITECTURE.md.
const ALLOWED: [(&str, &[&str]); 12] = [
    ("pal-model", &[]),
    ("pal-api", &["pal-model"]),
    ("pal-attribution", &["pal-model"]),
    ("pal-store", &["pal-model"]),
    ("pal-identity", &["pal-model"]),
    ("pal-issuer", &["pal-model", "pal-store", "pal-identity"]),
    ("pal-usage", &["pal-model", "pal-attribution", "pal-store"]),
    (
        "pal-server",
        &[
            "pal-model",
            "pal-api",
            "pal-attribution",
            "pal-store",
            "pal-identity",
            "pal-issuer",
            "pal-usage",
        ],
    ),
    (
        "pal-cli",
        &[
            "pal-model",
            "pal-api",
            "pal-attribution",
            "pal-store",
            "pal-identity",
            "pal-issuer",
            "pal-usage",
            "pal-server",
        ],
    ),
    ("bench-service", &["pal-model", "pal-identity"]),
    (
        "pal-fuzz",
        &[
            "pal-model",
            "pal-attribution",
            "pal-store",
            "pal-identity",
            "pal-issuer",
            "pal-usage",
            "pal-server",
        ],
    ),
    ("xtask", &[]),
];

/// What `pal-model` may never be able to reach: the clock, the network, the disk.
const PURE: &str = "pal-model";
const PURE_MAY_USE: [&str; 7] =
    ["jiff", "num-bigint", "num-integer", "num-traits", "serde", "serde_json", "thiserror"];

/// Everything about dependencies: who may use whom, that each is used, and the rules of `deny.toml`.
pub fn check_deps() -> Result<()> {
    check_direction()?;
    unused::check()?;
    deny::check()
}

/// Checks the dependency rule against `cargo metadata`.
fn check_direction() -> Result<()> {
    let args = ["metadata", "--format-version", "1", "--no-deps", "--offline"];
    let output = cargo(&args)?.output().context("cannot start cargo metadata")?;
    let metadata: Value = serde_json::from_slice(&output.stdout)
        .with_context(|| String::from_utf8_lossy(&output.stderr).into_owned())?;
    let allowed: BTreeMap<_, _> = ALLOWED.into_iter().collect();
    for package in metadata["packages"].as_array().into_iter().flatten() {
        let name = package["name"].as_str().unwrap_or_default();
        let Some(may) = allowed.get(name) else {
            bail!("crate {name} is not in the dependency rule; add it to xtask/src/test.rs");
        };
        let dependencies = package["dependencies"].as_array().into_iter().flatten();
        for dependency in dependencies.filter(|d| d["kind"].is_null()) {
            let used = dependency["name"].as_str().unwrap_or_default();
            if allowed.contains_key(used) && !may.contains(&used) {
                bail!("{name} may not depend on {used}");
            }
            if name == PURE && !PURE_MAY_USE.contains(&used) {
                bail!("{PURE} may not depend on {used}: it must not reach clock, disk or network");
            }
        }
    }
    layers::check(&root()?.join("crates/pal-server/src"))?;
    circles::check(&root()?.join("crates"))?;
    say("dependency rule: ok");
    Ok(())
}
