//! What is made of the configuration's types is what the documents have.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use pal_server::config::{issuer_table, key_table, schema};
use pal_server::{MetricDescription, Metrics};

const UPDATE: &str = "run UPDATE_DOCS=1 cargo test -p pal-server --test all config_page";

/// Compares a text with what is made, or writes it.
fn compare(name: &str, made: impl FnOnce(&str) -> String) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/reference").join(name);
    let text = fs::read_to_string(&path).unwrap_or_default();
    let made = made(&text);
    if std::env::var_os("UPDATE_DOCS").is_some() {
        fs::write(&path, made).unwrap();
    } else {
        assert_eq!(text, made, "{UPDATE}");
    }
}

/// A page with another table below a mark.
fn with_table(page: &str, mark: &str, table: &str) -> String {
    let mark = format!("<!-- made by the program: {mark} -->\n\n");
    let (before, rest) = page.split_once(&mark).unwrap();
    let after = rest.find("\n\n").map_or("", |end| &rest[end + 1..]);
    format!("{before}{mark}{table}{after}")
}

#[test]
fn the_page_has_the_programs_tables() {
    compare("config.md", |page| {
        with_table(&with_table(page, "keys", &key_table()), "issuers", &issuer_table())
    });
}

#[test]
fn the_page_of_metrics_has_all_of_them() {
    let mut table = String::from("| metric | kind | |\n| --- | --- | --- |\n");
    for metric in Metrics::default().described() {
        let MetricDescription { name, kind, help } = metric;
        let row = format!("| `{name}` | {kind} | {help} |\n");
        table.push_str(&row);
    }
    compare("metrics.md", |page| with_table(page, "metrics", &table));
}

/// Whoever puts up the examples sees all that there is, and nothing that is not.
#[test]
fn dashboard_and_alerts_name_every_metric_and_no_other() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../examples");
    let read = |name: &str| fs::read_to_string(folder.join(name)).unwrap();
    let (dashboard, alerts) = (read("grafana/openpal.json"), read("prometheus/alerts.yml"));
    let parsed: serde_json::Value = serde_json::from_str(&dashboard).unwrap();
    assert!(parsed["panels"].as_array().unwrap().len() > 10);
    let metrics = Metrics::default();
    let known: BTreeSet<String> =
        metrics.described().iter().map(|metric| metric.name.to_owned()).collect();
    let named = |text: &str| -> BTreeSet<String> {
        let word = |c: char| !(c.is_ascii_lowercase() || c == '_');
        let words = text.split(word).filter(|word| word.starts_with("openpal_"));
        words.map(|word| word.trim_end_matches("_bucket").to_owned()).collect()
    };
    let both = [&dashboard[..], &alerts[..]].map(named);
    assert_eq!(both[0], known, "the dashboard");
    assert_eq!(both[1].difference(&known).collect::<Vec<_>>(), Vec::<&String>::new(), "the alerts");
    // Every series that is written is one of them, with its help.
    metrics.request("GET", "/", "2xx", std::time::Duration::from_millis(1));
    let text = metrics.text().unwrap();
    for line in text.lines().filter(|line| !line.starts_with('#')) {
        let name = line.split(['{', ' ']).next().unwrap();
        let name =
            ["_bucket", "_sum", "_count"].iter().fold(name, |n, end| n.trim_end_matches(end));
        assert!(known.contains(name), "{line}");
    }
    assert!(text.contains("# HELP openpal_http_requests Requests that were answered"), "{text}");
    assert!(text.contains("openpal_build_info{version=\""), "{text}");
}

#[test]
fn the_schema_for_editors_is_the_programs() {
    compare("config.schema.json", |_| serde_json::to_string_pretty(schema()).unwrap() + "\n");
}
