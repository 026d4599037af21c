//! `cargo xtask portal`: the portal's pages, which the program takes in when it is built.
//!
//! Pages are built with Node.js and npm, by the lock file. A program without them works, and says so.

use std::env;
use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::SystemTime;

use anyhow::{Context, Result, bail};

use crate::{cargo, dev, root, say};

/// What the pages are made of, in `portal`.
const SOURCES: [&str; 10] = [
    "biome.json",
    "index.html",
    "locales",
    "package-lock.json",
    "package.json",
    "public",
    "scripts",
    "src",
    "tsconfig.json",
    "vite.config.ts",
];

/// The browser of Debian's package.
const CHROMIUM: &str = "/usr/bin/chromium";

/// Builds the pages, unless they are newer than what they are made of.
pub fn build() -> Result<()> {
    let portal = root()?.join("portal");
    let page = portal.join("dist").join("pages").join("index.html");
    let mut newest = SystemTime::UNIX_EPOCH;
    for source in SOURCES {
        newest = newest.max(changed(&portal.join(source))?);
    }
    if fs::metadata(&page).and_then(|found| found.modified()).is_ok_and(|built| built > newest) {
        return Ok(());
    }
    install(&portal)?;
    npm(&portal, &["run", "build"])
}

/// As [`build`]; without Node.js a program without pages is better than none.
pub fn build_if_possible() -> Result<()> {
    if let Err(error) = node() {
        say(&format!("WARNING: {error:#}. The program is built without the portal's pages."));
        return Ok(());
    }
    build()
}

/// Formatting, texts, types and units, then the pages in a real browser, against the real program.
pub fn test() -> Result<()> {
    build()?;
    crate::run(&mut cargo(&["build", "--package", "pal-cli"])?)?;
    let portal = root()?.join("portal");
    install(&portal)?;
    npm(&portal, &["run", "check"])?;
    npm(&portal, &["test"])?;
    let mut pages = Command::new("npm");
    pages.current_dir(&portal).args(["run", "e2e"]);
    crate::run(pages.env("PAL", dev::program()?).env("CHROMIUM", chromium()?))
}

/// When a file, or anything below a folder, was last changed.
fn changed(path: &Path) -> Result<SystemTime> {
    let found = fs::metadata(path).with_context(|| format!("cannot read {}", path.display()))?;
    let mut newest = found.modified()?;
    if found.is_dir() {
        for entry in fs::read_dir(path)? {
            newest = newest.max(changed(&entry?.path())?);
        }
    }
    Ok(newest)
}

/// Installs what the lock file names, unless npm has done so since it last changed.
fn install(portal: &Path) -> Result<()> {
    node()?;
    let installed = portal.join("node_modules").join(".package-lock.json");
    let done = fs::metadata(installed).and_then(|found| found.modified());
    if done.is_ok_and(|done| changed(&portal.join("package-lock.json")).is_ok_and(|at| at <= done))
    {
        return Ok(());
    }
    // Not `npm ci`: it wants the optional packages of every other kind of machine in the lock file, too,
    // and mirrors do not have all of them. The versions are those of the lock file all the same.
    npm(portal, &["install", "--no-save", "--no-audit", "--no-fund"])
}

fn npm(portal: &Path, args: &[&str]) -> Result<()> {
    crate::run(Command::new("npm").current_dir(portal).args(args))
}

/// Node.js is there, and new enough.
fn node() -> Result<()> {
    let asked = Command::new("node").arg("--version").stderr(Stdio::null()).output();
    let version = asked.map(|output| String::from_utf8_lossy(&output.stdout).trim().to_owned());
    let version = version.unwrap_or_default();
    let mut numbers = version.trim_start_matches('v').split('.').map(str::parse::<u32>);
    match (numbers.next(), numbers.next()) {
        (Some(Ok(major)), Some(Ok(minor))) if (major, minor) >= (20, 19) => Ok(()),
        _ if version.is_empty() => bail!("the portal's pages need Node.js 20.19 or later, and npm"),
        _ => bail!("the portal's pages need Node.js 20.19 or later; this is {version}"),
    }
}

/// A Chromium: the one that `CHROMIUM` names, or Debian's, which is installed where that is possible.
fn chromium() -> Result<String> {
    if let Ok(named) = env::var("CHROMIUM") {
        return Ok(named);
    }
    if !Path::new(CHROMIUM).exists() {
        // Lists of packages may be missing or old; if they cannot be had, the next step says so.
        let _ = crate::run(&mut apt(&["update", "--quiet"]));
        let wanted =
            ["install", "--yes", "--no-install-recommends", "chromium", "fonts-liberation"];
        crate::run(&mut apt(&wanted)).context(
            "the pages are tested in Chromium: install it, or let CHROMIUM name one that is there",
        )?;
    }
    Ok(CHROMIUM.to_owned())
}

fn apt(args: &[&str]) -> Command {
    let mut apt = Command::new("apt-get");
    apt.args(args).env("DEBIAN_FRONTEND", "noninteractive");
    apt
}
