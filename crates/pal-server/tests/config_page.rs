//! What is made of the configuration's types is what the documents have.

use std::fs;
use std::path::Path;

use pal_server::config::{issuer_table, key_table, schema};

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
fn the_schema_for_editors_is_the_programs() {
    compare("config.schema.json", |_| serde_json::to_string_pretty(schema()).unwrap() + "\n");
}
