//! Deny assignments that cannot be judged: the role counts as not denied, and that is told (R20).

use std::sync::atomic::AtomicU64;

use pal_attribution::engine::shares::Cells;
use pal_attribution::engine::{Engine, Only, Options, UnjudgedDenies, Usage};
use pal_attribution::explain::{Explainer, Question, instant};
use pal_attribution::policy::Policy;
use pal_attribution::roles::RoleData;
use pal_model::{Charge, ChargeTraits, Facts, Interval, KeyColumn};

const TENANT: &str = "aaaaaaaa-0000-4000-8000-0000000000a1";
const ALICE: &str = "00000000-0000-4000-8000-0000000000b1";
const SUBSCRIPTION: &str = "5ab00000-0000-4000-8000-00000000000a";
const CUSTOM: &str = "c0c0c0c0-0000-4000-8000-00000000000e";

fn facts(role: &str, deny: &str) -> Facts {
    let scope = format!("/subscriptions/{SUBSCRIPTION}");
    let text = format!(
        r#"{{"kind":"partner","partner":"111111","type":"location"}}
{{"kind":"subscription","tenant":"{TENANT}","subscription":"{SUBSCRIPTION}"}}
{{"kind":"principal","tenant":"{TENANT}","object":"{ALICE}","type":"User"}}
{{"kind":"link","tenant":"{TENANT}","object":"{ALICE}","partner":"111111"}}
{{"kind":"roleAssignment","tenant":"{TENANT}","id":"a","principal":"{ALICE}","role":"{role}","scope":"{scope}"}}
{{"kind":"denyAssignment","tenant":"{TENANT}","id":"the deny","principals":["{ALICE}"],"scope":"{scope}/resourceGroups/RG",{deny}}}
"#
    );
    let mut facts = Facts::default();
    facts.read("facts.jsonl", &text, None).unwrap();
    RoleData::shipped().unwrap().resolve_names(&mut facts).unwrap();
    facts.check().unwrap();
    assert_eq!(facts.remarks, Vec::<String>::new());
    facts
}

fn charge(group: &str, day: u8) -> Charge {
    let at = |day: u8| format!("2026-10-{day:02}T00:00:00Z").parse().unwrap();
    Charge {
        period: Interval::new(at(day), at(day + 1)).unwrap(),
        billing_period: None,
        resource: None,
        resource_group: Some(group.to_owned()),
        subscription: Some(SUBSCRIPTION.to_owned()),
        cost: "1".parse().unwrap(),
        currency: "EUR".to_owned(),
        traits: ChargeTraits::USAGE,
        service_category: None,
        service_name: None,
        meter: None,
        quantity: None,
        unit: None,
    }
}

/// What is told of a report; the same is told of the balance, and of both in shares.
fn told(facts: &Facts, policy: &str, charges: &[Charge]) -> Vec<String> {
    let roles = RoleData::shipped().unwrap();
    let shipped = Policy::shipped().unwrap().into_iter().find(|p| p.name == policy).unwrap();
    let engine = Engine::new(facts, &roles, &shipped);
    let (rows, open) = (AtomicU64::new(0), UnjudgedDenies::default());
    let options = Options { unjudged: Some(&open), threads: 1, ..Options::new(&rows) };
    let said = |open: &UnjudgedDenies| -> Vec<String> {
        open.take().iter().map(ToString::to_string).collect()
    };
    let (usage, keys) = (Usage::Charges(charges), [KeyColumn::PartnerId]);
    engine.report(usage, &keys, &options, &mut |_, _, _, _| Ok(())).unwrap();
    let told = said(&open);
    engine.balance(usage, &options).unwrap();
    assert_eq!(said(&open), told);
    let shares = engine.shares(usage, &keys, &options).unwrap().unwrap();
    assert_eq!(said(&open), Vec::<String>::new());
    open.add(shares.values().flat_map(Cells::unjudged));
    assert_eq!(said(&open), told);
    let shares = engine.balance_shares(usage, &options).unwrap();
    open.add(shares.values().flat_map(|share| &share.unjudged));
    assert_eq!(said(&open), told);
    let only =
        Only { subscription: Some("5ab00000-0000-4000-8000-00000000000b"), ..Only::default() };
    let none = Options { only, unjudged: Some(&open), ..Options::new(&rows) };
    engine.report(usage, &keys, &none, &mut |_, _, _, _| Ok(())).unwrap();
    assert_eq!(said(&open), Vec::<String>::new());
    told
}

#[test]
fn what_could_not_be_judged_is_told_with_its_reason() {
    let rg = [charge("rg", 5)];
    let deny = |actions: &str, rest: &str| format!(r#""actions":{actions}{rest}"#);
    let not_actions = r#","notActions":["*/read"]"#;
    let scope = format!("/subscriptions/{SUBSCRIPTION}/resourceGroups/RG");
    let reasons = [
        (
            "Owner",
            deny(r#"["*"]"#, not_actions),
            format!(
                "deny assignment 'the deny' at '{scope}' cannot be judged for the role Owner, \
                 because it has notActions and leaves what they match; the role counts as not denied"
            ),
        ),
        (
            CUSTOM,
            deny(r#"["*/write"]"#, ""),
            format!(
                "deny assignment 'the deny' at '{scope}' cannot be judged for the role {CUSTOM}, \
                 because no fact of kind roleDefinition gives the actions of that role; the role \
                 counts as not denied"
            ),
        ),
    ];
    for (role, deny, expected) in reasons {
        assert_eq!(told(&facts(role, &deny), "pal", &rg), [expected]);
    }
    // A built-in role of which only the class ships.
    let known = facts("Azure Kubernetes Service RBAC Writer", &deny(r#"["*/write"]"#, ""));
    assert_eq!(told(&known, "pal", &rg).len(), 1);
}

#[test]
fn what_is_judged_or_does_not_matter_is_not_told() {
    let day = [charge("rg", 5)];
    let open = r#""actions":["*/write"]"#;
    assert_eq!(told(&facts(CUSTOM, open), "pal", &day).len(), 1);
    // Another scope, another time, another month of the same time.
    assert_eq!(told(&facts(CUSTOM, open), "pal", &[charge("other", 5)]), Vec::<String>::new());
    let later = format!(r#"{open},"from":"2026-10-06T00:00:00Z""#);
    assert_eq!(told(&facts(CUSTOM, &later), "pal", &day), Vec::<String>::new());
    assert_eq!(told(&facts(CUSTOM, &later), "pal", &[charge("rg", 5), charge("rg", 6)]).len(), 1);
    // Judged: it takes all, it takes a part, it only logs; or the policy does not ask.
    for deny in
        [r#""actions":["*"]"#, r#""actions":["*/write"],"effect":"audit""#, r#""actions":[]"#]
    {
        assert_eq!(told(&facts(CUSTOM, deny), "pal", &day), Vec::<String>::new(), "{deny}");
    }
    assert_eq!(told(&facts("Reader", open), "pal", &day), Vec::<String>::new());
    assert_eq!(told(&facts("Owner", open), "pec", &day), Vec::<String>::new());
    // A role that the policy does not recognise earns nothing, denied or not.
    assert_eq!(told(&facts(CUSTOM, open), "incentive", &day), Vec::<String>::new());
}

#[test]
fn an_explanation_has_a_note() {
    let roles = RoleData::shipped().unwrap();
    let policy = Policy::shipped().unwrap().swap_remove(0);
    let facts = facts("Owner", r#""actions":["*"],"notActions":["*/read"]"#);
    let explainer = Explainer::new(&facts, &roles, &policy);
    let ask = |group: &str| {
        let question = Question {
            resource: format!("/subscriptions/{SUBSCRIPTION}/resourceGroups/{group}")
                .parse()
                .unwrap(),
            period: instant("2026-10-05T00:00:00Z".parse().unwrap()).unwrap(),
            partner: Some("111111".parse().unwrap()),
        };
        explainer.explain(&question).unwrap()
    };
    let told = ask("rg");
    let json = serde_json::to_value(&told).unwrap();
    let noted = &json["credited"][0]["paths"][0]["notes"][0];
    let note = &noted["finding"];
    assert_eq!(note["kind"], "deny-not-judged");
    assert_eq!(note["why"], "not-actions");
    assert_eq!(note["deny"], "the deny");
    assert_eq!(note["role"]["name"], "Owner");
    assert_eq!(noted["fact"], "facts.jsonl:6");
    let text = told.to_string();
    assert_eq!(text.matches("cannot be judged for the role Owner").count(), 2, "{text}");
    assert!(text.contains("\n    note  deny assignment the deny at /subscriptions/"), "{text}");
    let other = serde_json::to_value(ask("other")).unwrap();
    assert_eq!(other["credited"][0]["paths"][0].get("notes"), None);
}
