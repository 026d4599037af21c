//! The page of the configuration is the one that the program makes, and names every key there is.

use std::collections::BTreeSet;
use std::path::Path;

use pal_server::config::{KEYS, Settings, page};
use serde_json::Value;

const BEGIN: &str = "--test config_page -->\n\n";
const END: &str = "\n## Issuers";

#[test]
fn the_page_has_the_programs_table() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/reference/config.md");
    let text = std::fs::read_to_string(&path).unwrap();
    let (before, rest) = text.split_once(BEGIN).unwrap();
    let (table, after) = rest.split_once(END).unwrap();
    let made = page(&serde_json::to_value(Settings::default()).unwrap());
    if std::env::var_os("UPDATE_DOCS").is_some() {
        std::fs::write(&path, format!("{before}{BEGIN}{made}{END}{after}")).unwrap();
    } else {
        assert_eq!(table, made, "run UPDATE_DOCS=1 cargo test -p pal-server --test config_page");
    }
}

#[test]
fn every_setting_has_a_key_and_every_key_a_setting() {
    fn paths(value: &Value, above: &str, found: &mut BTreeSet<String>) {
        match value {
            Value::Object(fields) => {
                for (name, value) in fields {
                    let path =
                        if above.is_empty() { name.clone() } else { format!("{above}.{name}") };
                    paths(value, &path, found);
                }
            }
            _ => {
                found.insert(above.to_owned());
            }
        }
    }
    let mut settings = BTreeSet::new();
    paths(&serde_json::to_value(Settings::default()).unwrap(), "", &mut settings);
    let keys: BTreeSet<String> = KEYS.iter().map(|key| key.path.to_owned()).collect();
    assert_eq!(settings, keys);
}
