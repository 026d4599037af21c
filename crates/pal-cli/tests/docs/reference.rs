//! The reference pages name everything that the program has, and nothing it has lost.

use std::fs;
use std::process::Command;

use anyhow::{Context, ensure};
use pal_attribution::explain::{Cause, Decided};
use pal_attribution::ingest::columns::{Field, Schema};
use pal_attribution::output::Format;
use pal_attribution::policy::{Granularity, Policy};
use pal_attribution::roles::RoleData;
use pal_model::{Exclusion, Fact, Facts, KeyColumn, Uncredited};

use super::page::{Block, Page};
use super::{pages, root};

fn page(name: &str) -> anyhow::Result<Page> {
    Page::read(&root(), &root().join(name))
}

/// Fails with all words that the page does not have as code.
fn names_all<'w>(page: &Page, words: impl IntoIterator<Item = &'w str>) -> anyhow::Result<()> {
    let absent = |word: &&str| !page.text.contains(&format!("`{word}"));
    let absent: Vec<&str> = words.into_iter().filter(absent).collect();
    ensure!(absent.is_empty(), "{} does not name {}", page.name, absent.join(", "));
    Ok(())
}

/// The text between two marks.
fn between<'t>(text: &'t str, start: &str, end: &str) -> anyhow::Result<&'t str> {
    let (_, rest) = text.split_once(start).with_context(|| format!("no '{start}'"))?;
    Ok(rest.split_once(end).map_or(rest, |(inside, _)| inside))
}

#[test]
fn facts_has_every_kind_and_field_and_examples_that_are_facts() -> anyhow::Result<()> {
    let page = page("docs/reference/facts.md")?;
    for kind in Fact::KINDS {
        let section = between(&page.text, &format!("### `{kind}`\n"), "\n#")?;
        for field in Fact::fields(kind) {
            ensure!(section.contains(&format!("`{field}`")), "{kind} has no {field}");
        }
        let example = between(section, "```json\n", "```")?;
        let mut facts = Facts::default();
        facts.read("example", example, None)?;
        RoleData::shipped()?.resolve_names(&mut facts)?;
        facts.check()?;
        ensure!(facts.remarks.is_empty() && !facts.is_empty(), "{kind}: {:?}", facts.remarks);
        ensure!(example.contains(&format!("\"kind\":\"{kind}\"")), "{kind} has another's example");
    }
    Ok(())
}

#[test]
fn usage_has_every_field_and_every_name_of_it() -> anyhow::Result<()> {
    let page = page("docs/reference/usage.md")?;
    let in_exports = |field: &&Field| {
        [Schema::Focus, Schema::CostManagement].iter().any(|s| !field.names(*s).is_empty())
    };
    for field in Field::ALL.iter().filter(in_exports) {
        let row = between(&page.text, &format!("\n| `{field:?}` |"), "\n")?;
        for (at, schema) in [(0, Schema::Focus), (1, Schema::CostManagement)] {
            let cell = row.split('|').nth(at).unwrap_or_default();
            let shown: Vec<&str> = cell.split('`').skip(1).step_by(2).collect();
            ensure!(shown == field.names(schema), "{field:?}, {schema}: {shown:?}");
        }
    }
    let options = Schema::NAMES.map(|(name, _)| format!("--usage-format {name}"));
    names_all(&page, options.iter().map(String::as_str))?;
    names_all(&page, Exclusion::ALL.map(Exclusion::code))
}

#[test]
fn report_has_every_column_reason_and_format() -> anyhow::Result<()> {
    let page = page("docs/reference/report.md")?;
    for column in KeyColumn::ALL {
        let row = between(&page.text, &format!("\n| `{column}` |"), "\n")?;
        let default = KeyColumn::DEFAULT.contains(&column);
        ensure!(row.trim_start().starts_with('•') == default, "{column}: default {default}");
    }
    names_all(&page, Exclusion::ALL.map(Exclusion::code))?;
    names_all(&page, Uncredited::ALL.map(Uncredited::code))?;
    names_all(&page, Format::NAMES.map(|(name, _)| name))
}

#[test]
fn policies_shows_the_shipped_one_and_every_word() -> anyhow::Result<()> {
    let page = page("docs/reference/policies.md")?;
    let shown = page.blocks.iter().find_map(|block| match block {
        Block::File { name, text, .. } if name == "pal.toml" => Some(text),
        _ => None,
    });
    let shipped = Policy::shipped()?;
    ensure!(Policy::read(shown.context("no pal.toml")?)? == shipped[0], "pal is another now");
    names_all(&page, shipped.iter().map(|policy| policy.name.as_str()))?;
    names_all(&page, Granularity::NAMES.map(|(name, _)| name))
}

#[test]
fn service_has_every_command_and_option() -> anyhow::Result<()> {
    let page = page("docs/reference/service.md")?;
    for command in [
        "dev",
        "serve",
        "config show",
        "import facts",
        "export facts",
        "credential user",
        "credential app",
        "credential signing-key",
        "erase person",
        "audit verify",
        "demo",
    ] {
        names_all(&page, [format!("pal {command}").as_str()])?;
        let mut help = Command::new(env!("CARGO_BIN_EXE_pal"));
        let help = help.args(command.split(' ')).arg("--help").output()?;
        let help = String::from_utf8(help.stdout)?;
        let options = between(&help, "Options:", "Examples:")?;
        let words = options.split_whitespace().filter(|word| word.starts_with("--"));
        let words = words.filter(|word| !["--help", "--version"].contains(word));
        names_all(&page, words.map(|word| word.trim_end_matches([',', ']'])))?;
    }
    Ok(())
}

#[test]
fn commands_has_every_command_option_and_cause() -> anyhow::Result<()> {
    let page = page("docs/reference/commands.md")?;
    let mut known = String::new();
    for command in [
        "report",
        "explain",
        "attest verify",
        "usage inspect",
        "usage import",
        "usage list",
        "usage withdraw",
        "import azure-snapshot",
    ] {
        names_all(&page, [format!("pal {command}").as_str()])?;
        let mut help = Command::new(env!("CARGO_BIN_EXE_pal"));
        let help = help.args(command.split(' ')).arg("--help").output()?;
        let help = String::from_utf8(help.stdout)?;
        let options = between(&help, "Options:", "Examples:")?;
        let words = options.split_whitespace().filter(|word| word.starts_with("--"));
        let options: Vec<&str> = words.map(|word| word.trim_end_matches([',', ']'])).collect();
        ensure!(options.len() > 4, "{command}: {options:?}");
        names_all(&page, options)?;
        known.push_str(&help);
    }
    // Its options are on the page of the client; some are here, too.
    let doctor = Command::new(env!("CARGO_BIN_EXE_pal")).args(["doctor", "--help"]).output()?;
    known.push_str(&String::from_utf8(doctor.stdout)?);
    // And none that is gone.
    let known: Vec<&str> =
        known.split_whitespace().map(|w| w.trim_end_matches([',', ']'])).collect();
    for option in page.text.split('`').skip(1).step_by(2).filter(|word| word.starts_with('-')) {
        let name = option.split_whitespace().next().unwrap_or_default();
        ensure!(known.contains(&name), "{}: there is no {option}", page.name);
    }
    names_all(&page, Cause::ALL.iter().filter(|c| c.decided() == Decided::Tried).map(|c| c.code()))
}

#[test]
fn client_has_every_command_and_option() -> anyhow::Result<()> {
    let page = page("docs/reference/client.md")?;
    let mut known = String::new();
    for (group, commands) in [
        ("cloud", &["register", "set", "list", "show", "unregister"][..]),
        ("account", &["show", "list", "set"]),
        ("managementpartner", &["create", "show", "update", "delete"]),
        ("link", &["list", "show"]),
        ("az", &["setup"]),
        ("login", &[""]),
        ("logout", &[""]),
        ("doctor", &[""]),
    ] {
        names_all(&page, [format!("pal {group}").as_str()])?;
        for command in commands {
            let mut help = Command::new(env!("CARGO_BIN_EXE_pal"));
            help.arg(group).args((!command.is_empty()).then_some(command)).arg("--help");
            let help = String::from_utf8(help.output()?.stdout)?;
            let options = between(&help, "Options:", "Examples:")?;
            let words = options.split_whitespace().filter(|word| word.starts_with("--"));
            let words = words.map(|word| word.trim_end_matches([',', ']']));
            let everywhere = ["--help", "--version"];
            let words: Vec<&str> = words.filter(|word| !everywhere.contains(word)).collect();
            ensure!(words.len() > 8, "{group} {command}: {words:?}");
            names_all(&page, words)?;
            known.push_str(&help);
        }
    }
    let known: Vec<&str> =
        known.split_whitespace().map(|w| w.trim_end_matches([',', ']'])).collect();
    for option in page.text.split('`').skip(1).step_by(2).filter(|word| word.starts_with('-')) {
        let name = option.split_whitespace().next().unwrap_or_default();
        ensure!(known.contains(&name), "{}: there is no {option}", page.name);
    }
    Ok(())
}

/// The names of all fields of a JSON text, those that stand for codes left out.
fn fields(json: &serde_json::Value, out: &mut Vec<String>) {
    match json {
        serde_json::Value::Array(items) => items.iter().for_each(|item| fields(item, out)),
        serde_json::Value::Object(object) => {
            for (name, value) in object {
                out.push(name.clone());
                // Counts by kind of charge: the codes are in a table of their own. What is found and
                // what would change it has many kinds, described in openapi.json.
                if !["kinds", "finding", "change"].contains(&name.as_str()) {
                    fields(value, out);
                }
            }
        }
        _ => {}
    }
}

#[test]
fn every_field_of_json_is_named() -> anyhow::Result<()> {
    let workshop = super::Workshop::open()?;
    let readme = page("README.md")?.text;
    let start = readme.find("--resource /").context("no explanation in the README")? + 11;
    let resource = readme[start..].split_whitespace().next().unwrap_or_default();
    let demo = "--facts pal-demo/facts.jsonl --usage pal-demo/usage";
    for (name, command) in [
        (
            "docs/reference/commands.md",
            format!("pal explain {demo} --resource {resource} --month 2026-10 --format json"),
        ),
        (
            "docs/reference/commands.md",
            format!(
                "pal explain {demo} --resource {resource} --month 2026-10 --partner 5127255 \
                 --format json"
            ),
        ),
        (
            "docs/reference/alerts.md",
            format!("pal alerts {demo} --at 2026-10-15T12:00:00Z --format json"),
        ),
        ("docs/reference/usage.md", "pal usage inspect pal-demo/usage --output json".to_owned()),
    ] {
        let (out, status) = workshop.run(&command)?;
        ensure!(status == 0, "{command}: {status}");
        let mut names = Vec::new();
        fields(&serde_json::from_str(&out)?, &mut names);
        ensure!(names.len() > 10, "{command}: {names:?}");
        names_all(&page(name)?, names.iter().map(String::as_str))?;
    }
    Ok(())
}

/// Explanations name rules by their number; the page has them all.
#[test]
fn attribution_has_every_rule_that_explanations_name() -> anyhow::Result<()> {
    let page = page("docs/concepts/attribution.md")?;
    let mut named = 0;
    for entry in fs::read_dir(root().join("crates/pal-attribution/src/explain"))? {
        let source = fs::read_to_string(entry?.path())?;
        let code = source.lines().filter(|line| !line.trim_start().starts_with("//"));
        for word in code.flat_map(|line| line.split(|c: char| !c.is_ascii_alphanumeric())) {
            let Some(number) = word.strip_prefix('R').filter(|n| n.parse::<u8>().is_ok()) else {
                continue;
            };
            named += 1;
            let rule = format!("**R{number}.");
            ensure!(page.text.contains(&rule), "{} does not have R{number}", page.name);
        }
    }
    ensure!(named > 5, "only {named} rules found");
    Ok(())
}

/// A promise names the test that holds it; the test is there.
#[test]
fn files_and_tests_that_are_named_exist() -> anyhow::Result<()> {
    // Paths are shortened where it is clear in which crate they are.
    const BELOW: [&str; 4] = ["", "crates", "crates/pal-attribution", "crates/pal-cli"];
    let mut named = 0;
    for page in pages()? {
        for word in page.text.split('`').skip(1).step_by(2) {
            let (file, test) = word.split_once("::").unwrap_or((word, ""));
            let ending = file.rsplit_once('.').map_or("", |(_, ending)| ending);
            let is_path = file.contains('/') && !file.contains(char::is_whitespace);
            if !is_path || !matches!(ending, "rs" | "yaml") {
                continue;
            }
            named += 1;
            let path = BELOW.map(|folder| root().join(folder).join(file));
            let path = path.iter().find(|path| path.exists());
            let path = path.with_context(|| format!("{}: no file {word}", page.name))?;
            let there =
                test.is_empty() || fs::read_to_string(path)?.contains(&format!("fn {test}("));
            ensure!(there, "{}: no test {word}", page.name);
        }
    }
    ensure!(named > 30, "only {named} found");
    Ok(())
}
