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

/// The person that `pal dev` names can sign in as its operator, and sees what her partner earns.
#[test]
fn who_is_named_operates_and_sees_figures() -> anyhow::Result<()> {
    use super::{ids, sign_in};
    let operator = sign_in::operator()?;
    let people = sign_in::people()?;
    let ada = people.iter().find(|person| person.accounts.contains(&operator));
    assert_eq!(ada.map(|person| person.upn), Some(sign_in::SHOWN));
    let scratch = Scratch::new("demo-sight")?;
    let mut facts = pal_model::Facts::default();
    facts.read("facts", &fs::read_to_string(super::write(&scratch.0)?.facts)?, None)?;
    let own = facts.viewers.iter().find(|stated| stated.fact.principal() == operator);
    let own = own.map(|stated| (stated.fact.partner.to_string(), stated.fact.level));
    let level = pal_model::ViewerLevel::Executive;
    assert_eq!(own, Some((ids::CONTOSO_GLOBAL.to_owned(), level)));
    Ok(())
}
