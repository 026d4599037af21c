use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use super::amount::Amount;
use super::sign_in;

fn bytes_by_path(root: &Path) -> anyhow::Result<BTreeMap<PathBuf, Vec<u8>>> {
    let demo = super::write(root, false)?;
    (demo.usage_files.iter().chain([&demo.facts]))
        .map(|path| Ok((path.strip_prefix(root)?.to_owned(), fs::read(path)?)))
        .collect()
}

#[test]
fn writes_the_same_bytes_again() -> anyhow::Result<()> {
    let (one, two) = (tempfile::tempdir()?, tempfile::tempdir()?);
    let first = bytes_by_path(one.path())?;
    assert!(first == bytes_by_path(two.path())?, "two runs differ");
    // 13 runs, two of them in two parts, a manifest each, and the facts.
    assert_eq!(first.len(), 13 + 2 + 13 + 1);
    Ok(())
}

#[test]
fn amounts_keep_their_digits() -> anyhow::Result<()> {
    let amount = Amount::parse;
    assert_eq!(amount("0.3820")?.times(amount("48.000000")?).to_string(), "18.3360000000");
    assert_eq!(amount("214.8130")?.per_mille(1061).to_string(), "227.9165");
    assert_eq!(amount("3")?.to_string(), "3");
    assert!(amount("1,5").is_err());
    Ok(())
}

/// The person that `pal dev` names can sign in as its operator, and sees what her partner earns.
#[test]
fn who_is_named_operates_and_sees_figures() -> anyhow::Result<()> {
    let operator = sign_in::operator()?;
    let mut facts = pal_model::Facts::default();
    facts.read("facts", super::FACTS, None)?;
    let own = facts.viewers.iter().find(|stated| stated.fact.principal() == operator);
    let own = own.map(|stated| (stated.fact.partner.to_string(), stated.fact.level));
    assert_eq!(own, Some(("5127254".to_owned(), pal_model::ViewerLevel::Executive)));
    Ok(())
}

/// Who signs in without a person does so as a service principal of the facts.
#[test]
fn applications_are_known() -> anyhow::Result<()> {
    let mut facts = pal_model::Facts::default();
    facts.read("facts", super::FACTS, None)?;
    for application in sign_in::applications()? {
        let known = |who| facts.principals.iter().any(|stated| stated.fact.principal() == who);
        assert!(known(application.principal()), "{}", application.client);
    }
    assert_eq!(sign_in::directories()?.len(), facts.tenants.len());
    Ok(())
}
