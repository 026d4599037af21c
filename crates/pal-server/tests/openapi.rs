//! The description of the API is the one that the program makes, and has every route of it.

use std::collections::BTreeSet;
use std::path::Path;

use pal_server::{ROUTES, openapi};

#[test]
fn the_file_is_what_the_program_serves() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/reference/openapi.json");
    let made = serde_json::to_string_pretty(&openapi()).unwrap() + "\n";
    if std::env::var_os("UPDATE_DOCS").is_some() {
        std::fs::write(&path, &made).unwrap();
    }
    let kept = std::fs::read_to_string(&path).unwrap();
    assert!(kept == made, "run UPDATE_DOCS=1 cargo test -p pal-server --test openapi");
}

#[test]
fn every_route_is_described_and_no_other() {
    let document = openapi();
    let mut described = BTreeSet::new();
    for (path, operations) in document["paths"].as_object().unwrap() {
        for method in operations.as_object().unwrap().keys() {
            described.insert((method.to_ascii_uppercase(), path.clone()));
        }
    }
    let served: BTreeSet<_> = ROUTES
        .iter()
        .filter(|(_, path, _)| path.starts_with("/api/v1/") && !path.ends_with("openapi.json"))
        .map(|(method, path, _)| ((*method).to_owned(), (*path).to_owned()))
        .collect();
    assert_eq!(described, served);
}
