//! The list of causes, the page about them, and how the walk is printed.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use pal_attribution::explain::{Cause, Decided, Explanation, Verdict};

use crate::causes::world::{ALICE, LINK, ROLE, World};

fn is_outside(cause: Cause) -> bool {
    matches!(cause.decided(), Decided::Outside(_))
}

#[test]
fn all_28_are_there_in_order_with_codes_of_their_own() {
    let codes: BTreeSet<&str> = Cause::ALL.iter().map(|cause| cause.code()).collect();
    assert_eq!(codes.len(), Cause::ALL.len());
    assert!(Cause::ALL.is_sorted());
    assert!(Cause::numbered().filter_map(Cause::number).eq(1..=28));
    for cause in Cause::ALL {
        assert_eq!(serde_json::to_value(cause).unwrap(), cause.code());
        assert!(!cause.means().is_empty(), "{cause}");
    }
    let outside = Cause::numbered().filter(|cause| is_outside(*cause)).filter_map(Cause::number);
    assert!(outside.eq([3, 14, 17, 18, 24, 25, 26, 27]));
}

#[test]
fn the_page_names_all_codes_in_order() {
    let page = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/reference/causes.md");
    let page = fs::read_to_string(page).unwrap();
    let rows = page.lines().filter_map(|line| {
        let mut cells = line.strip_prefix("| ")?.split(" | ");
        let number: u8 = cells.next()?.trim().parse().ok()?;
        Some((Some(number), cells.next()?.trim_matches('`'), cells.nth(1)?))
    });
    let rows: Vec<(Option<u8>, &str, &str)> = rows.collect();
    let known = Cause::numbered().map(|cause| (cause.number(), cause.code()));
    assert!(rows.iter().map(|(number, code, _)| (*number, *code)).eq(known), "{rows:?}");
    for ((_, code, by), cause) in rows.iter().zip(Cause::numbered()) {
        assert_eq!(by.starts_with("outside"), is_outside(cause), "{code}");
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
    assert_eq!(link["finding"]["kind"], "linked-when");
    assert_eq!(link["finding"]["during"][0]["from"], "2026-11-01T00:00:00Z");
    assert_eq!(link["change"]["kind"], "keep-link");
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

/// A name is a field, whatever it says.
#[test]
fn a_name_that_reads_like_one_of_our_sentences_is_a_name() {
    let (role, member) = ("Lab has the role Owner (class Owner)", "Eve has the member ada@x (1)");
    let definition = format!(
        r#"{{"kind":"roleDefinition","role":"$role","name":"{role}","type":"CustomRole","actions":["*"]}}"#
    );
    let world = World::good()
        .edit(ROLE, "\"role\":\"Contributor\"", "\"role\":\"$role\"")
        .edit(ROLE, "\"principal\":\"$alice\"", "\"principal\":\"$ops\"")
        .edit(ALICE, "\"name\":\"alice\"", &format!("\"name\":\"{member}\""))
        .and(r#"{"kind":"principal","tenant":"$customer","object":"$ops","type":"Group","name":"ops"}"#)
        .and(r#"{"kind":"membership","tenant":"$customer","group":"$ops","member":"$alice"}"#)
        .and(&definition);
    let answer = world.explained();
    let text = answer.to_string();
    assert!(text.contains(&format!("has the role {role} (class Contributor) at /sub")), "{text}");
    assert!(text.contains(&format!("has the member {member} (")), "{text}");
    // As a client reads it.
    let json = serde_json::to_value(&answer).unwrap();
    let read: Explanation = serde_json::from_value(json.clone()).unwrap();
    assert_eq!(read.to_string(), text);
    let steps = json["credited"][0]["paths"][0]["steps"].as_array().unwrap();
    assert_eq!((&steps[0]["step"], &steps[0]["role"]["name"]), (&"grant".into(), &role.into()));
    assert_eq!(steps[0]["class"], "Contributor");
    assert_eq!(steps[1]["step"], "membership");
    assert_eq!(steps[1]["group"]["name"], "ops");
    assert_eq!(steps[1]["member"]["name"], member);
}
