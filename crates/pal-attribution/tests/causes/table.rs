//! The list of causes, the page about them, and how the walk is printed.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use pal_attribution::explain::{CAUSES, Decided, KnownCause, Verdict};

use crate::world::{LINK, World};

#[test]
fn all_28_are_there_in_order_with_codes_of_their_own() {
    assert_eq!(CAUSES.len(), 28);
    let codes: BTreeSet<&str> = CAUSES.iter().map(|cause| cause.code).collect();
    assert_eq!(codes.len(), 28);
    for (at, cause) in CAUSES.iter().enumerate() {
        assert_eq!(usize::from(cause.number()), at + 1);
        assert_eq!((cause.id as usize, cause.id.code()), (at, cause.code));
        let kebab = cause.code.bytes().all(|b| b.is_ascii_lowercase() || b == b'-');
        assert!(kebab && !cause.means.is_empty(), "{}", cause.code);
    }
    let outside = CAUSES.iter().filter(|cause| cause.is_outside()).map(KnownCause::number);
    assert_eq!(outside.collect::<Vec<_>>(), [3, 14, 17, 18, 24, 25, 26, 27]);
}

#[test]
fn the_page_names_all_codes_in_order() {
    let page = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/reference/causes.md");
    let page = fs::read_to_string(page).unwrap();
    let rows = page.lines().filter_map(|line| {
        let mut cells = line.strip_prefix("| ")?.split(" | ");
        let number: u8 = cells.next()?.trim().parse().ok()?;
        Some((number, cells.next()?.trim_matches('`'), cells.nth(1)?))
    });
    let rows: Vec<(u8, &str, &str)> = rows.collect();
    let shown: Vec<(u8, &str)> = rows.iter().map(|(number, code, _)| (*number, *code)).collect();
    let known: Vec<(u8, &str)> = CAUSES.iter().map(|c| (c.number(), c.code)).collect();
    assert_eq!(shown, known);
    for ((_, code, by), cause) in rows.iter().zip(&CAUSES) {
        let outside = matches!(cause.decided, Decided::Outside(_));
        assert_eq!(by.starts_with("outside"), outside, "{code}");
    }
}

#[test]
fn text_and_json_have_the_walk_of_one_partner() {
    let world = World::good().line(LINK, "").and(
        r#"{"kind":"link","tenant":"$customer","object":"$alice","partner":"111111","from":"2026-11-01T00:00:00Z"}"#,
    );
    let answer = world.explained();
    let text = answer.to_string();
    assert!(text.contains("\n  FAIL  link-outside-period  alice"), "{text}");
    assert!(text.contains("\n   1  ok    no-role                  alice"), "{text}");
    assert!(
        text.contains("\n   2  ?     no-usage                 no cost files are given"),
        "{text}"
    );
    assert!(text.contains("\n  19  FAIL  link-outside-period      alice"), "{text}");
    assert!(text.contains("\n  first: 19, link-outside-period: nothing gives credit"), "{text}");
    let json = serde_json::to_value(&answer).unwrap();
    let checks = json["checks"].as_array().unwrap();
    assert_eq!(checks.len(), 28);
    let link = &checks[18];
    assert_eq!((&link["number"], &link["code"]), (&19.into(), &"link-outside-period".into()));
    assert_eq!((&link["verdict"], &link["fact"]), (&"fails".into(), &"facts.jsonl:7".into()));
    assert!(link["detail"].as_str().unwrap().contains("since 2026-11-01T00:00:00Z"));
    assert_eq!(checks[2]["verdict"], "outside");
    assert_eq!(checks[1]["verdict"], "not-asked");
    assert_eq!(json["amounts"], serde_json::Value::Null);
    let with_usage = serde_json::to_value(world.usage(&["Usage,15,31.00"]).explained()).unwrap();
    assert!(with_usage["amounts"].is_array());
    assert_eq!(with_usage["checks"][1]["verdict"], "passes");
}

#[test]
fn what_is_credited_has_no_cause() {
    let world = World::good().usage(&["Usage,15,31.00"]);
    let fails = world.checks().into_iter().filter(|check| check.verdict == Verdict::Fails);
    assert_eq!(fails.count(), 0);
    let text = world.explained().to_string();
    assert!(text.contains("\n  none of those that can be decided is one\n"), "{text}");
    assert!(text.contains("check: recomputed 31.0000000000, equal"), "{text}");
}
