use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use super::amount::Amount;
use super::calendar::day;

/// A folder of this test's own, removed when the test ends.
struct Scratch(PathBuf);

impl Scratch {
    fn new(name: &str) -> anyhow::Result<Self> {
        let path = std::env::temp_dir().join(format!("openpal-{name}-{}", std::process::id()));
        fs::create_dir_all(&path)?;
        Ok(Self(path))
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        fs::remove_dir_all(&self.0).ok();
    }
}

fn bytes_by_path(root: &Path) -> anyhow::Result<BTreeMap<PathBuf, Vec<u8>>> {
    let demo = super::write(root)?;
    (demo.usage_files.iter().chain([&demo.facts]))
        .map(|path| Ok((path.strip_prefix(root)?.to_owned(), fs::read(path)?)))
        .collect()
}

#[test]
fn writes_the_same_bytes_again() -> anyhow::Result<()> {
    let (one, two) = (Scratch::new("demo-one")?, Scratch::new("demo-two")?);
    let first = bytes_by_path(&one.0)?;
    assert!(first == bytes_by_path(&two.0)?, "two runs differ");
    // 13 runs, two of them in two parts, a manifest each, and the facts.
    assert_eq!(first.len(), 13 + 2 + 13 + 1);
    Ok(())
}

#[test]
fn amounts_keep_their_digits() -> anyhow::Result<()> {
    let amount = Amount::parse;
    assert_eq!(amount("-0.00000000603")?.to_string(), "-0.00000000603");
    assert_eq!(amount("0.3820")?.times(amount("48.000000")?).to_string(), "18.3360000000");
    assert_eq!(amount("1.5")?.plus(amount("-2")?).to_string(), "-0.5");
    assert_eq!(amount("1.2399")?.cut(2).to_string(), "1.23");
    assert!(amount("1,5").is_err());
    Ok(())
}

#[test]
fn the_calendar_is_that_of_2026() {
    assert_eq!(day(5, 31).end(), "2026-06-01T00:00:00Z");
    assert_eq!(day(10, 31).end(), "2026-11-01T00:00:00Z");
    assert!(day(10, 25).is_sunday() && day(5, 2).is_weekend() && !day(6, 1).is_weekend());
}
