use crate::Facts;

const T: &str = "11111111-1111-1111-1111-111111111111";
const O: &str = "22222222-2222-2222-2222-222222222222";
const S: &str = "33333333-3333-3333-3333-333333333333";

fn read(lines: &[String]) -> Result<Facts, String> {
    let mut facts = Facts::default();
    facts.read("facts.jsonl", &lines.join("\n"), None).map_err(|e| e.to_string())?;
    facts.check().map_err(|e| e.to_string())?;
    Ok(facts)
}

fn refused(lines: &[String]) -> String {
    read(lines).expect_err("must be refused")
}

fn link(from: &str, to: &str) -> String {
    format!(
        r#"{{"kind":"link","tenant":"{T}","object":"{O}","partner":"111111","from":"{from}","to":"{to}"}}"#
    )
}

fn group(name: &str, parent: &str, from: &str) -> String {
    format!(
        r#"{{"kind":"managementGroup","tenant":"{T}","name":"{name}","parent":"{parent}","from":"{from}"}}"#
    )
}

#[test]
fn overlapping_links_name_both_lines() {
    let first = link("2026-01-01T00:00:00Z", "2026-02-01T00:00:00Z");
    let next = link("2026-02-01T00:00:00Z", "2026-03-01T00:00:00Z");
    assert_eq!(read(&[next.clone(), first.clone()]).unwrap().links.len(), 2);
    let late = link("2026-01-31T00:00:00Z", "2026-02-02T00:00:00Z");
    assert_eq!(
        refused(&[first, String::new(), late]),
        format!(
            "facts.jsonl:3: the link of {O} of tenant {T} is stated twice \
             (2026-01-31T00:00:00Z to 2026-02-01T00:00:00Z), also at facts.jsonl:1; \
             end one before the other begins"
        )
    );
}

#[test]
fn keys_ignore_case() {
    let upper = link("2026-01-01T00:00:00Z", "2026-02-01T00:00:00Z");
    let id = "abcdefab-0000-0000-0000-000000000000";
    let a = upper.replace(O, id);
    let b = upper.replace(O, &id.to_uppercase());
    assert!(refused(&[a, b]).starts_with("facts.jsonl:2: the link of ABCDEFAB"));
}

#[test]
fn each_keyed_kind_states_one_value_at_a_time() {
    for line in [
        r#"{"kind":"partner","partner":"111111","type":"location"}"#.to_owned(),
        format!(r#"{{"kind":"tenant","tenant":"{T}"}}"#),
        format!(r#"{{"kind":"principal","tenant":"{T}","object":"{O}","type":"User"}}"#),
        format!(r#"{{"kind":"managementGroup","tenant":"{T}","name":"m"}}"#),
        format!(r#"{{"kind":"subscription","tenant":"{T}","subscription":"{S}"}}"#),
        format!(r#"{{"kind":"roleDefinition","role":"{O}","type":"CustomRole"}}"#),
    ] {
        let error = refused(&[line.clone(), line]);
        assert!(error.contains("is stated twice (always), also at facts.jsonl:1"), "{error}");
    }
}

#[test]
fn a_line_that_does_not_parse_names_file_line_and_reason() {
    for (line, reason) in [
        (r#"{"kind":"link""#.to_owned(), "facts.jsonl:1: EOF while parsing an object"),
        ("[]".to_owned(), "facts.jsonl:1: a fact is a JSON object {…}, one a line"),
        (r"{}".to_owned(), "facts.jsonl:1: missing field `kind`"),
        (r#"{"kind":"lnk"}"#.to_owned(), "facts.jsonl:1: unknown kind of fact 'lnk'; known are"),
        (format!(r#"{{"kind":"link","tenant":"{T}"}}"#), "facts.jsonl:1: missing field `object`"),
        (
            r#"{"kind":"tenant","tenant":"fabrikam.example"}"#.to_owned(),
            "facts.jsonl:1: 'fabrikam.example' is not a GUID",
        ),
        (
            format!(r#"{{"kind":"tenant","tenant":"{T}","tenant":"{T}"}}"#),
            "facts.jsonl:1: duplicate field `tenant`",
        ),
        (
            link("2026-02-01T00:00:00Z", "2026-02-01T00:00:00Z"),
            "facts.jsonl:1: 'to' (2026-02-01T00:00:00Z) is not after 'from' (2026-02-01T00:00:00Z)",
        ),
        (
            link("2026-02-01", "2026-02-02"),
            "facts.jsonl:1: '2026-02-01' is not an instant (expected RFC 3339 in UTC",
        ),
        (
            format!(r#"{{"kind":"link","tenant":"{T}","object":"{O}","partner":"12a"}}"#),
            "facts.jsonl:1: '12a' is not a partner ID",
        ),
    ] {
        let error = refused(&[line]);
        assert!(error.starts_with(reason), "{error}");
    }
}

#[test]
fn circles_of_management_groups_are_refused() {
    let open =
        [group("a", "b", "2026-01-01T00:00:00Z"), group("b", "root", "2026-01-01T00:00:00Z")];
    assert!(read(&open).is_ok());
    let closed = [group("A", "b", "2026-01-01T00:00:00Z"), group("b", "a", "2026-06-01T00:00:00Z")];
    assert_eq!(
        refused(&closed),
        "facts.jsonl:2: management group 'b' is its own ancestor (since 2026-06-01T00:00:00Z); \
         its circle is b → a → b"
    );
    assert!(refused(&[group("a", "A", "2026-01-01T00:00:00Z")]).contains("circle is a → a"));
}

#[test]
fn only_subscriptions_and_groups_are_delegated() {
    let line = |scope: &str| {
        format!(
            r#"{{"kind":"delegation","tenant":"{T}","id":"d","scope":"{scope}","managingTenant":"{O}","authorizations":[]}}"#
        )
    };
    assert!(read(&[line(&format!("/subscriptions/{S}/resourceGroups/g"))]).is_ok());
    assert_eq!(
        refused(&[line("/providers/Microsoft.Management/managementGroups/m")]),
        "facts.jsonl:1: the scope '/providers/Microsoft.Management/managementGroups/m' of a \
         delegation is neither a subscription nor a resource group"
    );
}

#[test]
fn unknown_fields_are_remarked_and_late_facts_left_out() {
    let lines = format!(
        "\u{feff}{{\"kind\":\"principal\",\"tenant\":\"{T}\",\"object\":\"{O}\",\"type\":\"User\",\"enabeld\":false}}\r\n\
         {{\"kind\":\"tenant\",\"tenant\":\"{T}\",\"recordedAt\":\"2026-02-01T00:00:00Z\"}}\n"
    );
    let mut facts = Facts::default();
    facts.read("f", &lines, Some("2026-01-01T00:00:00Z".parse().unwrap())).unwrap();
    assert_eq!(facts.remarks, ["f:1: field 'enabeld' of a principal is unknown, ignored"]);
    assert_eq!((facts.principals.len(), facts.tenants.len()), (1, 0));
}

#[test]
fn assumed_and_unconfirmed_are_kept_with_the_line() {
    let lines = format!(
        "{{\"kind\":\"subscription\",\"tenant\":\"{T}\",\"subscription\":\"{S}\",\"assumed\":true,\
         \"unconfirmedSince\":\"2026-11-30T06:00:00Z\"}}\n{{\"kind\":\"tenant\",\"tenant\":\"{T}\"}}\n"
    );
    let facts = read(&[lines]).unwrap();
    let said = facts.mark(facts.subscriptions[0].source).to_string();
    assert_eq!(said, "assumed, unconfirmed since 2026-11-30T06:00:00Z");
    assert!(facts.mark(facts.tenants[0].source).is_plain());
    assert!(facts.remarks.is_empty(), "{:?}", facts.remarks);
}

#[test]
fn an_assumed_partner_gives_way_to_a_stated_one() {
    let assumed = r#"{"kind":"partner","partner":"111111","type":"location","assumed":true}"#;
    let stated =
        r#"{"kind":"partner","partner":"111111","type":"location","from":"2026-02-01T00:00:00Z"}"#;
    for files in [[assumed, stated], [stated, assumed]] {
        let mut facts = Facts::default();
        for (name, text) in ["a", "b"].iter().zip(files) {
            facts.read(name, text, None).unwrap();
        }
        facts.check().unwrap();
        assert_eq!(facts.partners.len(), 1);
        assert!(facts.mark(facts.partners[0].source).is_plain());
    }
    assert_eq!(read(&[assumed.to_owned()]).unwrap().partners.len(), 1);
}

#[test]
fn the_domain_of_a_person_is_that_of_the_sign_in_name() {
    let person = |fields: &str| {
        let line = format!(
            "{{\"kind\":\"principal\",\"tenant\":\"{T}\",\"object\":\"{O}\",\"type\":\"User\"{fields}}}"
        );
        let facts = read(&[line]).unwrap();
        facts.principals[0].fact.domain().map(str::to_owned)
    };
    let both = r#","name":"ada@old.example","signInName":"ada@contoso.example""#;
    assert_eq!(person(both).as_deref(), Some("contoso.example"));
    assert_eq!(person(r#","name":"ada@old.example""#).as_deref(), Some("old.example"));
    assert_eq!(person(r#","name":"Ada","signInName":"ada""#), None);
}

/// The plain form of the rule, for all ways in which four groups can stand above each other from two instants on.
#[test]
fn every_circle_is_found_and_nothing_else() {
    let instants = ["2026-01-01T00:00:00Z", "2026-06-01T00:00:00Z"];
    for code in 0..5_usize.pow(4) * 16 {
        let (parents, late) = (code / 16, code % 16);
        let parent = |n: usize| (parents / 5_usize.pow(n as u32)) % 5;
        let since = |n: usize| late >> n & 1;
        let lines: Vec<String> = (0..4)
            .map(|n| group(&format!("g{n}"), &format!("g{}", parent(n)), instants[since(n)]))
            .collect();
        // A group that is stated nowhere ends the way: `g4`.
        let is_circle = |start: usize| {
            let mut at = start;
            for _ in 0..4 {
                if at > 3 || since(at) > since(start) {
                    return false;
                }
                at = parent(at);
                if at == start {
                    return true;
                }
            }
            false
        };
        let first = (0..4).find(|start| is_circle(*start));
        let found = read(&lines).err();
        let expected =
            first.map(|n| format!("facts.jsonl:{}: management group 'g{n}' is its own", n + 1));
        match (&found, &expected) {
            (Some(found), Some(expected)) => assert!(found.starts_with(expected), "{found}"),
            _ => assert_eq!(found.is_some(), expected.is_some(), "{lines:?}"),
        }
    }
}

/// Each group is walked through once: a walk for each group to the top, with a look through the whole way at each
/// step, would take hours.
#[test]
fn a_long_way_up_is_checked_in_little_time() {
    const GROUPS: usize = 20_000;
    let at = "2026-01-01T00:00:00Z";
    let above = |n: usize| group(&format!("g{n}"), &format!("g{}", n + 1), at);
    let mut way: Vec<String> = (0..GROUPS).map(above).collect();
    let began = std::time::Instant::now();
    assert!(read(&way).is_ok());
    way.push(group(&format!("g{GROUPS}"), "g19990", at));
    assert!(refused(&way).contains("is its own ancestor"));
    assert!(began.elapsed().as_secs() < 60, "{:?}", began.elapsed());
}
