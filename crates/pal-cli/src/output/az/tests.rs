//! What Python's libraries print for the same values; `tests/client/az-formats` says how it was made.

use serde_json::Value;

use super::{Style, text};
use crate::query::Query;

#[test]
fn every_format_is_what_az_prints() {
    let cases = include_str!("../../../tests/client/az-formats/cases.json");
    let cases: Vec<Value> = serde_json::from_str(cases).unwrap();
    assert!(cases.len() >= 30);
    let mut wrong = Vec::new();
    for case in &cases {
        let query = case["query"].as_str().map(|text| Query::parse(text).unwrap());
        let value = match &query {
            Some(query) => query.search(&case["input"]).unwrap(),
            None => case["input"].clone(),
        };
        for (name, style) in [
            ("json", Style::Json),
            ("table", Style::Table),
            ("tsv", Style::Tsv),
            ("yaml", Style::Yaml),
        ] {
            let got = text(&value, style, query.is_some(), false);
            if Some(got.as_str()) != case[name].as_str() {
                let expected = case[name].as_str().unwrap();
                wrong.push(format!(
                    "{} {name}\n--- az\n{expected}\n--- here\n{}",
                    case["name"], got
                ));
            }
        }
    }
    assert!(wrong.is_empty(), "{} differ\n{}", wrong.len(), wrong.join("\n"));
}

#[test]
fn t52_no_format_lets_an_escape_through() {
    let value = serde_json::json!([{"partnerName": "a\u{1b}[2Jb\u{9b}31mc\u{7}"}]);
    for style in [Style::Json, Style::Table, Style::Tsv, Style::Yaml] {
        let shown = text(&value, style, false, false);
        assert!(!shown.chars().any(|c| c.is_control() && c != '\n'), "{style:?}: {shown:?}");
    }
}

#[test]
fn colours_are_only_those_asked_for() {
    let value = serde_json::json!({"a": "b", "c": 1});
    let shown = text(&value, Style::Jsonc, false, true);
    assert_eq!(
        shown,
        "{\n  \x1b[94m\"a\"\x1b[39;49;00m: \x1b[33m\"b\"\x1b[39;49;00m,\n  \x1b[94m\"c\"\x1b[39;49;00m: \x1b[34m1\x1b[39;49;00m\n}\n"
    );
    for (coloured, plain) in [(Style::Jsonc, Style::Json), (Style::Yamlc, Style::Yaml)] {
        assert_eq!(text(&value, coloured, false, false), text(&value, plain, false, false));
    }
}
