//! Thousands of nested groups and members: an answer is made in time that grows with the facts, and says
//! what it leaves out.

use std::fmt::Write;

use pal_attribution::explain::{Explainer, Question, instant};
use pal_attribution::policy::Policy;
use pal_attribution::roles::RoleData;
use pal_model::{Facts, ObjectId, Principal};

const TENANT: &str = "fab00000-0000-4000-8000-000000000000";
const SUBSCRIPTION: &str = "11111111-0000-4000-8000-000000000001";
const GROUPS: usize = 2_000;
const MEMBERS: usize = 4_000;

fn group(number: usize) -> String {
    format!("aaaa0000-2000-4000-8000-{number:012x}")
}

fn member(number: usize) -> String {
    format!("bbbb0000-1000-4000-8000-{number:012x}")
}

/// A role of the first group, each group in the one before, and everybody in the last.
fn facts() -> Facts {
    let mut text = format!(
        "{{\"kind\":\"partner\",\"partner\":\"5127255\",\"type\":\"location\"}}\n\
         {{\"kind\":\"subscription\",\"tenant\":\"{TENANT}\",\"subscription\":\"{SUBSCRIPTION}\"}}\n\
         {{\"kind\":\"roleAssignment\",\"tenant\":\"{TENANT}\",\"id\":\"1\",\"principal\":\"{}\",\
         \"role\":\"Contributor\",\"scope\":\"/subscriptions/{SUBSCRIPTION}\"}}\n",
        group(0)
    );
    let mut principal = |object: &str, kind: &str, above: Option<String>| {
        let own = format!("\"tenant\":\"{TENANT}\"");
        writeln!(
            text,
            "{{\"kind\":\"principal\",{own},\"object\":\"{object}\",\"type\":\"{kind}\"}}"
        )
        .unwrap();
        if let Some(group) = above {
            let rest = format!("\"group\":\"{group}\",\"member\":\"{object}\"");
            writeln!(text, "{{\"kind\":\"membership\",{own},{rest}}}").unwrap();
        }
        if kind == "User" {
            let rest = format!("\"object\":\"{object}\",\"partner\":\"5127255\"");
            writeln!(text, "{{\"kind\":\"link\",{own},{rest}}}").unwrap();
        }
    };
    for number in 0..GROUPS {
        principal(&group(number), "Group", number.checked_sub(1).map(group));
    }
    for number in 0..MEMBERS {
        principal(&member(number), "User", Some(group(GROUPS - 1)));
    }
    let mut facts = Facts::default();
    facts.read("facts.jsonl", &text, None).unwrap();
    RoleData::shipped().unwrap().resolve_names(&mut facts).unwrap();
    facts.check().unwrap();
    facts
}

#[test]
fn an_explanation_is_cut_and_says_so() {
    let (facts, roles) = (facts(), RoleData::shipped().unwrap());
    let policy = Policy::shipped().unwrap().swap_remove(0);
    let explainer = Explainer::new(&facts, &roles, &policy);
    let question = Question {
        resource: format!("/subscriptions/{SUBSCRIPTION}").parse().unwrap(),
        period: instant("2026-10-05T00:00:00Z".parse().unwrap()).unwrap(),
        partner: Some("5127255".parse().unwrap()),
    };
    let told = explainer.explain(&question).unwrap();
    let credited = &told.credited[0];
    assert_eq!((credited.paths.len(), credited.paths_left_out), (100, MEMBERS - 100));
    let path = &credited.paths[0];
    assert_eq!(path.memberships_left_out, GROUPS - 40);
    // The grant, forty memberships, the account, the link, the partner.
    assert_eq!(path.steps.len(), 44);
    let text = told.to_string();
    assert!(text.contains("note  1960 memberships in the middle are left out here"), "{text}");
    assert!(text.contains("and 3900 other paths, left out here"), "{text}");
}

#[test]
fn a_holding_through_many_groups_is_found() {
    let (facts, roles) = (facts(), RoleData::shipped().unwrap());
    let policy = Policy::shipped().unwrap().swap_remove(0);
    let object: ObjectId = member(7).parse().unwrap();
    let who = Principal::new(TENANT.parse().unwrap(), object);
    let at = "2026-10-05T00:00:00Z".parse().unwrap();
    let holdings = pal_attribution::access::Holdings::new(&facts, &roles, &policy, at, &[who]);
    let held: Vec<_> = holdings.of(who).collect();
    assert_eq!(held.len(), 1);
    assert_eq!(holdings.way(who, held[0].grant).len(), GROUPS);
}
