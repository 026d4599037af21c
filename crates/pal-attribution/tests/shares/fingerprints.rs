//! A share whose facts have the same fingerprint has the same rows; and a change in one directory
//! leaves the fingerprints of others alone, or they would be of no use.

use std::collections::BTreeSet;

use pal_attribution::engine::Engine;
use pal_attribution::fingerprint::Fingerprints;
use pal_model::{Fact, Facts, KeyColumn, Principal, fold};
use serde_json::{Value, json};

use crate::shares::{Asked, each, policy};
use crate::support::case::{self, Case, Dice, facts_of, text};
use crate::support::world::casing;

/// Changes one fact in some way: takes it away, adds one, or gives a field another value, absence
/// included. `from` has values for that. What was changed, if the facts are still valid. Kinds are
/// changed equally often, however many facts they have.
fn change(
    case: &mut Case,
    kinds: &[&str],
    from: &[Value],
    dice: &mut Dice,
) -> Option<(Vec<Value>, Facts)> {
    for _ in 0..20 {
        let mut lines = case.lines.clone();
        let kind = *dice.pick(kinds);
        let (of_kind, donors) = (case.of_kind(kind), of_kind(from, kind));
        if of_kind.is_empty() || donors.is_empty() {
            continue;
        }
        let at = *dice.pick(&of_kind);
        let touched = match dice.below(8) {
            0 => vec![lines.remove(at)],
            1 => {
                let more = (*dice.pick(&donors)).clone();
                lines.push(more.clone());
                vec![more]
            }
            2 => {
                // An id in another casing: it may be the one that is shown.
                let mut one = case.clone();
                one.lines = vec![lines[at].clone()];
                one.recase(&mut |text| casing::upper(text));
                vec![std::mem::replace(&mut lines[at], one.lines.remove(0))]
            }
            _ => {
                let old = lines[at].clone();
                let fields: Vec<&str> =
                    Fact::fields(kind).iter().copied().chain(["from", "to"]).collect();
                let field = *dice.pick(&fields);
                let fields = lines[at].as_object_mut().unwrap();
                match dice.pick(&donors).get(field) {
                    Some(value) => fields.insert(field.to_owned(), value.clone()),
                    None => fields.remove(field),
                };
                vec![old, lines[at].clone()]
            }
        };
        let text: String =
            lines.iter().flat_map(|line| [line.to_string(), "\n".to_owned()]).collect();
        if let Ok(facts) = facts_of(&[&text], None) {
            case.lines = lines;
            return Some((touched, facts));
        }
    }
    None
}

fn of_kind<'l>(lines: &'l [Value], kind: &str) -> Vec<&'l Value> {
    lines.iter().filter(|line| line["kind"] == kind).collect()
}

/// Lines of some worlds: values that fields can have.
fn donors(seed: u64) -> Vec<Value> {
    let lines = (0..4).flat_map(|other| Case::new(seed + other).lines);
    let mut lines: Vec<Value> = lines.collect();
    let odd = [
        json!({"kind": "tenant", "tenant": "AAAAAAAA-0000-4000-8000-0000000000A1",
            "name": "Other", "domain": "other.example"}),
        json!({"kind": "subscription", "tenant": "bbbbbbbb-0000-4000-8000-0000000000b2",
            "subscription": "5AB00000-0000-4000-8000-0000000000FF", "name": "Found"}),
        json!({"kind": "subscription", "tenant": "cccccccc-0000-4000-8000-0000000000c3",
            "subscription": "5ab00000-0000-4000-8000-0000000000EE", "name": "Elsewhere"}),
    ];
    lines.extend(odd);
    lines
}

/// The promise; and what it is for: old shares and new ones together are the new report.
#[test]
fn changed_rows_have_changed_fingerprints() {
    each(4, |case, dice| {
        let (before, roles) = (case.facts(None).unwrap(), case::roles());
        let donors = donors(case.seed);
        let mut changed = 0;
        for _ in 0..8 {
            let (mut now, policy) = (case.clone(), policy(&case, dice));
            if dice.below(8) == 0 {
                dice.shuffle(&mut now.lines);
            }
            let Some((touched, after)) = change(&mut now, Fact::KINDS, &donors, dice) else {
                continue;
            };
            let asked = match dice.below(2) {
                0 => Asked::all(&KeyColumn::ALL),
                _ => Asked::random(&before, dice),
            };
            let engines = [&before, &after].map(|facts| Engine::new(facts, &roles, &policy));
            let prints = [&before, &after].map(Fingerprints::new);
            let [old, new] = engines.each_ref().map(|e| asked.shares(e, &case.charges));
            let [old_balances, new_balances] =
                engines.each_ref().map(|e| asked.balance_shares(e, &case.charges));
            assert!(old.keys().eq(new.keys()));
            let mut mended = Vec::new();
            for (key, cells) in &old {
                // What a cache has is the old places.
                let [then, now] = prints.each_ref().map(|print| print.of(cells.subscriptions()));
                assert!(cells.subscriptions().eq(new[key].subscriptions()), "{key:?}");
                let same = asked.merged([cells]) == asked.merged([&new[key]])
                    && old_balances[key].balance == new_balances[key].balance;
                changed += usize::from(!same);
                assert!(same || then != now, "world {} {key:?}: {touched:#?}", case.seed);
                mended.push(if then == now { cells } else { &new[key] });
            }
            let fresh = asked.merged(new.values());
            assert_eq!(asked.merged(mended), fresh, "world {}", case.seed);
        }
        changed > 0
    });
}

/// After changes of links alone, one after the other, and of several at once.
#[test]
fn following_links_is_the_same_as_beginning_anew() {
    each(4, |case, dice| {
        let mut facts = case.facts(None).unwrap();
        let (mut now, donors) = (case.clone(), donors(case.seed));
        let mut followed = Fingerprints::new(&facts);
        let (mut owners, mut changed) = (BTreeSet::new(), 0);
        for round in 0..16 {
            let Some((touched, after)) = change(&mut now, &["link"], &donors, dice) else {
                continue;
            };
            for line in &touched {
                let id = |name: &str| line[name].as_str().unwrap().to_owned();
                let (tenant, object) =
                    (id("tenant").parse().unwrap(), id("object").parse().unwrap());
                owners.insert(Principal::new(tenant, object));
            }
            facts = after;
            if round % 3 == 0 {
                continue;
            }
            let (before, anew) = (followed.clone(), Fingerprints::new(&facts));
            followed = followed.with_links(&facts, &std::mem::take(&mut owners));
            let ids = facts.subscriptions.iter().map(|s| s.fact.subscription.to_string());
            for id in ids.chain(["unknown".to_owned()]) {
                let of = |prints: &Fingerprints| prints.of([id.as_str()]);
                assert_eq!(of(&followed), of(&anew), "world {} {id}: {touched:#?}", case.seed);
                changed += usize::from(of(&before) != of(&anew));
            }
        }
        changed > 0
    });
}

/// Order, files, lines and times of recording.
#[test]
fn how_facts_are_written_does_not_count() {
    each(1, |case, dice| {
        let mut mixed = case.clone();
        dice.shuffle(&mut mixed.lines);
        for line in &mut mixed.lines {
            line["recordedAt"] = json!("2026-12-24T00:00:00Z");
        }
        let half = mixed.lines.len() / 2;
        let texts: Vec<String> = mixed.lines.iter().map(|line| format!("{line}\n\n")).collect();
        let files = [texts[half..].concat(), texts[..half].concat()];
        let mixed = facts_of(&[&files[0], &files[1]], None).unwrap();
        let plain = case.facts(None).unwrap();
        let [a, b] = [&plain, &mixed].map(Fingerprints::new);
        for id in subscriptions(&plain) {
            assert_eq!(a.of([id.as_str()]), b.of([id.to_ascii_uppercase().as_str()]));
        }
        true
    });
}

fn subscriptions(facts: &Facts) -> BTreeSet<String> {
    let stated = facts.subscriptions.iter().map(|s| fold(&s.fact.subscription.to_string()));
    stated.chain(["5ab00000-0000-4000-8000-0000000000ff".to_owned()]).collect()
}

/// A change inside a directory leaves alone what was never in it, nor delegated to it.
#[test]
fn other_directories_are_left_alone() {
    const OF_DIRECTORIES: [&str; 5] =
        ["tenant", "principal", "membership", "managementGroup", "link"];
    each(3, |case, dice| {
        let before = case.facts(None).unwrap();
        let donors = donors(case.seed);
        let (mut left, mut met) = (0, 0);
        for _ in 0..10 {
            let mut now = case.clone();
            let Some((touched, after)) = change(&mut now, Fact::KINDS, &donors, dice) else {
                continue;
            };
            let about = |line: &Value| OF_DIRECTORIES.contains(&line["kind"].as_str().unwrap());
            if !touched.iter().all(about) {
                continue;
            }
            let tenants: BTreeSet<String> = touched.iter().map(|l| text(l, "tenant")).collect();
            let [then, now] = [&before, &after].map(Fingerprints::new);
            for id in subscriptions(&before) {
                let is_in = before.subscriptions.iter().any(|s| {
                    fold(&s.fact.subscription.to_string()) == id
                        && tenants.contains(&fold(&s.fact.tenant.to_string()))
                });
                let delegated = before.delegations.iter().any(|d| {
                    d.fact.scope.subscription() == Some(&id)
                        && tenants.contains(&fold(&d.fact.managing_tenant.to_string()))
                });
                // A role of a directory that it is not in credits nobody, but is about it.
                let misplaced = before.role_assignments.iter().any(|a| {
                    a.fact.scope.subscription() == Some(&id)
                        && tenants.contains(&fold(&a.fact.tenant.to_string()))
                });
                if !is_in && !delegated && !misplaced {
                    assert_eq!(then.of([id.as_str()]), now.of([id.as_str()]), "{touched:#?}");
                    left += 1;
                } else {
                    met += usize::from(then.of([id.as_str()]) != now.of([id.as_str()]));
                }
            }
        }
        left > 0 && met > 0
    });
}

const C: &str = "5ab00000-0000-4000-8000-00000000000c";
const D: &str = "5ab00000-0000-4000-8000-00000000000d";
const EXAMPLE: &str = r#"
{"kind":"partner","partner":"111111","type":"location"}
{"kind":"subscription","tenant":"cccccccc-0000-4000-8000-000000000001","subscription":"5ab00000-0000-4000-8000-00000000000c"}
{"kind":"subscription","tenant":"dddddddd-0000-4000-8000-000000000001","subscription":"5ab00000-0000-4000-8000-00000000000d"}
{"kind":"delegation","tenant":"cccccccc-0000-4000-8000-000000000001","id":"1","scope":"/subscriptions/5ab00000-0000-4000-8000-00000000000c","managingTenant":"00000000-0000-4000-8000-00000000000e","authorizations":[{"principal":"00000000-0000-4000-8000-000000000090","role":"Contributor"}]}
{"kind":"delegation","tenant":"dddddddd-0000-4000-8000-000000000001","id":"2","scope":"/subscriptions/5ab00000-0000-4000-8000-00000000000d","managingTenant":"00000000-0000-4000-8000-00000000000e","authorizations":[{"principal":"00000000-0000-4000-8000-0000000000f2","role":"Contributor"}]}
{"kind":"principal","tenant":"00000000-0000-4000-8000-00000000000e","object":"00000000-0000-4000-8000-000000000090","type":"Group","name":"Operators"}
{"kind":"principal","tenant":"00000000-0000-4000-8000-00000000000e","object":"00000000-0000-4000-8000-0000000000a1","type":"User","name":"Ann"}
{"kind":"principal","tenant":"00000000-0000-4000-8000-00000000000e","object":"00000000-0000-4000-8000-0000000000f2","type":"User","name":"Zoe"}
{"kind":"membership","tenant":"00000000-0000-4000-8000-00000000000e","group":"00000000-0000-4000-8000-000000000090","member":"00000000-0000-4000-8000-0000000000a1"}
"#;

/// Which of C's and D's subscriptions a line changes.
fn changes(line: &str) -> (bool, bool) {
    let before = Fingerprints::new(&facts_of(&[EXAMPLE], None).unwrap());
    let after = Fingerprints::new(&facts_of(&[EXAMPLE, line], None).unwrap());
    assert_ne!(before.of([C]), before.of([D]));
    assert_eq!(before.of([C, D]) == after.of([D, C]), {
        before.of([C]) == after.of([C]) && before.of([D]) == after.of([D])
    });
    (before.of([C]) != after.of([C]), before.of([D]) != after.of([D]))
}

/// The worked example of the module.
#[test]
fn circles_keep_customers_apart() {
    let managing = r#""tenant":"00000000-0000-4000-8000-00000000000e""#;
    let link = |object: &str| {
        let object = format!("00000000-0000-4000-8000-{object}");
        changes(&format!(r#"{{"kind":"link",{managing},"object":"{object}","partner":"111111"}}"#))
    };
    assert_eq!(link("0000000000a1"), (true, false), "Ann");
    assert_eq!(link("0000000000f2"), (false, true), "Zoe");
    assert_eq!(link("0000000000aa"), (false, false), "somebody without a role");
    let member = |object: &str| {
        let group = r#""group":"00000000-0000-4000-8000-000000000090""#;
        let member = format!(r#""member":"00000000-0000-4000-8000-{object}""#);
        changes(&format!(r#"{{"kind":"membership",{managing},{group},{member}}}"#))
    };
    assert_eq!(member("0000000000aa"), (true, false));
    assert_eq!(member("0000000000f2"), (true, true));
    let role = |scope: &str| {
        changes(&format!(
            r#"{{"kind":"roleAssignment","tenant":"cccccccc-0000-4000-8000-000000000001","id":"3",
               "principal":"00000000-0000-4000-8000-0000000000c1","role":"Owner","scope":"{scope}"}}"#
        ).replace('\n', " "))
    };
    assert_eq!(role("/"), (true, false));
    assert_eq!(role(&format!("/subscriptions/{C}/resourceGroups/rg")), (true, false));
    assert_eq!(role("/subscriptions/5ab00000-0000-4000-8000-0000000000cc"), (false, false));
    assert_eq!(changes(r#"{"kind":"partner","partner":"222222","type":"location"}"#), (true, true));
    let sight =
        r#"{"kind":"privacy","tenant":"cccccccc-0000-4000-8000-000000000001","level":"full"}"#;
    assert_eq!(changes(sight), (false, false), "the view is asked for, not found here");
}

/// A fact about a subscription that had none.
#[test]
fn a_subscription_that_becomes_known_changes() {
    let facts = facts_of(&[EXAMPLE], None).unwrap();
    let known = Fingerprints::new(&facts);
    let nobody = Fingerprints::new(&Facts::default());
    for id in [C, D] {
        assert_ne!(known.of([id]), nobody.of([id]));
    }
    let line = r#"{"kind":"subscription","tenant":"dddddddd-0000-4000-8000-000000000001","subscription":"5ab00000-0000-4000-8000-0000000000ff"}"#;
    let more = Fingerprints::new(&facts_of(&[EXAMPLE, line], None).unwrap());
    let id = "5AB00000-0000-4000-8000-0000000000FF";
    assert_ne!(known.of([id]), more.of([id]));
    assert_eq!((known.of([C]), known.of([D])), (more.of([C]), more.of([D])));
    assert_ne!(known.of([C]), known.of([C, id]));
    assert_ne!(known.of([]), known.of(["no-guid"]));
}
