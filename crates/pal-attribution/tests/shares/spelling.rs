//! Of several spellings of an id a report shows the one that is first as bytes.

use std::collections::BTreeMap;

use pal_attribution::engine::Engine;
use pal_attribution::engine::shares::Cells;
use pal_model::KeyColumn::{self, PartnerId, ResourceGroup, ResourceId, SubscriptionId};
use pal_model::{Charge, ChargeTraits, Row, fold};

use crate::shares::{Asked, each, respell};
use crate::support::case::{self, Case, facts_of};

const FACTS: &str = r#"
{"kind":"partner","partner":"111111","type":"location"}
{"kind":"principal","tenant":"aaaaaaaa-0000-4000-8000-0000000000a1","object":"00000000-0000-4000-8000-0000000000b1","type":"User"}
{"kind":"link","tenant":"aaaaaaaa-0000-4000-8000-0000000000a1","object":"00000000-0000-4000-8000-0000000000b1","partner":"111111","from":"2026-07-01T16:00:00Z"}
{"kind":"subscription","tenant":"aaaaaaaa-0000-4000-8000-0000000000a1","subscription":"5ab00000-0000-4000-8000-00000000000a"}
{"kind":"subscription","tenant":"aaaaaaaa-0000-4000-8000-0000000000a1","subscription":"5ab00000-0000-4000-8000-00000000000b"}
{"kind":"subscription","tenant":"aaaaaaaa-0000-4000-8000-0000000000a1","subscription":"5ab00000-0000-4000-8000-00000000000c"}
{"kind":"roleAssignment","tenant":"aaaaaaaa-0000-4000-8000-0000000000a1","id":"1","principal":"00000000-0000-4000-8000-0000000000b1","role":"Owner","scope":"/subscriptions/5ab00000-0000-4000-8000-00000000000a"}
{"kind":"roleAssignment","tenant":"aaaaaaaa-0000-4000-8000-0000000000a1","id":"2","principal":"00000000-0000-4000-8000-0000000000b1","role":"Owner","scope":"/subscriptions/5ab00000-0000-4000-8000-00000000000b"}
"#;

/// A day of 1.00, of which 8 hours are covered.
fn charge(subscription: char, group: &str) -> Charge {
    let from = "2026-07-01T00:00:00Z".parse().unwrap();
    let to = "2026-07-02T00:00:00Z".parse().unwrap();
    Charge {
        period: pal_model::Interval::new(from, to).unwrap(),
        billing_period: None,
        resource: None,
        resource_group: Some(group.to_owned()),
        subscription: Some(format!("5ab00000-0000-4000-8000-00000000000{subscription}")),
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

/// The worked example of the module: one spelling, one rounding.
#[test]
fn thirds_of_two_shares_make_two_thirds() {
    let (facts, roles) = (facts_of(&[FACTS], None).unwrap(), case::roles());
    let policy = pal_attribution::policy::Policy::shipped().unwrap().swap_remove(0);
    let engine = Engine::new(&facts, &roles, &policy);
    let charges = [charge('b', "rg"), charge('a', "RG"), charge('c', "Rg")];
    let asked = Asked::all(&[PartnerId, ResourceGroup]);
    let shares = asked.shares(&engine, &charges);
    let rows: Vec<usize> = shares.values().map(Cells::len).collect();
    assert_eq!(rows, [1, 1, 0]);
    let merged = asked.csv(&asked.merged(shares.values()));
    assert_eq!(
        merged,
        "partner_id,resource_group,charges,cost,credited_cost\n\
         111111,RG,2,2.0000000000,0.6666666667\n"
    );
    let alone = asked.merged([shares.values().next().unwrap()]);
    assert_eq!(alone[0].credited_cost * 2, 6_666_666_666);
}

/// What is shown is found another way: from the reports of single charges, which show their own
/// spellings, and from the report of all in one spelling.
#[test]
fn the_first_spelling_as_bytes_of_what_is_credited() {
    each(4, |case, dice| {
        let (facts, roles) = (case.facts(None).unwrap(), case::roles());
        let mut charges = case.charges.clone();
        respell(&mut charges, dice);
        let engine = Engine::new(&facts, &roles, &case.policy);
        let asked = Asked::random(&facts, dice);
        let mut first: BTreeMap<(usize, String), String> = BTreeMap::new();
        let mut several = false;
        for charge in &charges {
            for row in asked.report(&engine, std::slice::from_ref(charge)) {
                for (at, text) in ids(&asked, &row) {
                    let entry = first.entry((at, fold(&text))).or_insert_with(|| text.clone());
                    several |= *entry != text;
                    *entry = entry.clone().min(text);
                }
            }
        }
        let plain = Case { charges: folded(&charges), ..case.clone() };
        let mut expected = asked.report(&engine, &plain.charges);
        for row in &mut expected {
            for (at, text) in ids(&asked, row) {
                row.keys[at] = Some(first[&(at, fold(&text))].clone());
            }
        }
        expected.sort();
        let found = asked.merged(asked.shares(&engine, &charges).values());
        assert_eq!(asked.csv(&found), asked.csv(&expected), "world {} {asked:?}", case.seed);
        several || asked.keys.len() < 7
    });
}

fn folded(charges: &[Charge]) -> Vec<Charge> {
    let mut charges = charges.to_vec();
    for charge in &mut charges {
        let texts = [&mut charge.resource, &mut charge.resource_group, &mut charge.subscription];
        texts.into_iter().flatten().for_each(|text| *text = fold(text));
    }
    charges
}

/// The columns of a row in which casing does not count.
fn ids(asked: &Asked, row: &Row) -> Vec<(usize, String)> {
    let is_id = |key: &KeyColumn| [ResourceId, ResourceGroup, SubscriptionId].contains(key);
    let ids = asked.keys.iter().enumerate().filter(|(_, key)| is_id(key));
    ids.filter_map(|(at, _)| Some((at, row.keys[at].clone()?))).collect()
}
