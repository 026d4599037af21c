//! Rows that are chosen: by months, customer and subscription, as the report shows them. They are the rows
//! that the whole report has of them, and where their column is not shown, those of their charges alone.

use std::collections::BTreeSet;
use std::sync::atomic::AtomicU64;

use pal_attribution::engine::merge;
use pal_attribution::engine::{Engine, Only, Usage, View};
use pal_attribution::reference::Reference;
use pal_model::KeyColumn::{CustomerTenantId, SubscriptionId};
use pal_model::{Charge, KeyColumn, Months, PrivacyLevel, Row, ScopePath, TenantId, fold};

use crate::shares::{Asked, some};
use crate::support::case::{self, Case};

/// The rows chosen, by one run and by shares that were made of all: the same.
fn chosen(engine: &Engine, asked: &Asked, only: Only, charges: &[Charge]) -> Vec<Row> {
    let rows = AtomicU64::new(0);
    let mut options = asked.options(&rows);
    options.only = only;
    let usage = Usage::Charges(charges);
    let found = asked.taken(|keys, take| engine.report(usage, keys, &options, take));
    let mut by = asked.clone();
    by.keys.extend(only.columns().into_iter().filter(|key| !asked.keys.contains(key)));
    let shares = engine.shares(usage, &by.keys, &options).unwrap().unwrap();
    let merged = asked.taken(|keys, take| merge(shares.values(), keys, only, take));
    assert_eq!(merged, found, "{asked:?} {only:?}");
    found
}

fn shows(row: &Row, at: usize, name: &str) -> bool {
    row.keys[at].as_ref().is_some_and(|shown| shown.eq_ignore_ascii_case(name))
}

/// What a column shows in a world, and what it never shows.
fn names(rows: &[Row], at: usize) -> BTreeSet<String> {
    let never = ["5ab00000-0000-4000-8000-0000000000ff", "customer-0000000000000000"];
    let shown = rows.iter().filter_map(|row| row.keys[at].as_ref());
    // ASCII case does not count.
    let shown = shown.map(|name| name.to_ascii_uppercase());
    shown.chain(never.map(str::to_owned)).collect()
}

#[test]
fn what_is_chosen_is_a_part_of_the_whole() {
    some(4, 4, |case, dice| {
        // Of two spellings a report of fewer rows may show the other one.
        let case = Case::folded(case.seed);
        let (facts, roles) = (case.facts(None).unwrap(), case::roles());
        let engine = Engine::new(&facts, &roles, &case.policy);
        let mut asked = Asked::random(&facts, dice);
        asked.keys.retain(|key| ![CustomerTenantId, SubscriptionId].contains(key));
        let mut whole = asked.clone();
        whole.keys.splice(0..0, [CustomerTenantId, SubscriptionId]);
        let rows = whole.report(&engine, &case.charges);
        let mut told = 0;
        for customer in names(&rows, 0) {
            let only = Only { customer: Some(&customer), subscription: None };
            let of: Vec<Row> = rows.iter().filter(|r| shows(r, 0, &customer)).cloned().collect();
            assert_eq!(chosen(&engine, &whole, only, &case.charges), of, "{} {only:?}", case.seed);
            adds_up(&chosen(&engine, &asked, only, &case.charges), &of);
            told += usize::from(!of.is_empty() && of.len() < rows.len());
            for subscription in names(&rows, 1) {
                let only = Only { customer: Some(&customer), subscription: Some(&subscription) };
                let of: Vec<Row> =
                    of.iter().filter(|row| shows(row, 1, &subscription)).cloned().collect();
                assert_eq!(chosen(&engine, &whole, only, &case.charges), of, "{}", case.seed);
            }
        }
        for subscription in names(&rows, 1) {
            let only = Only { customer: None, subscription: Some(&subscription) };
            let of: Vec<Row> =
                rows.iter().filter(|r| shows(r, 1, &subscription)).cloned().collect();
            assert_eq!(chosen(&engine, &whole, only, &case.charges), of, "{} {only:?}", case.seed);
            told += usize::from(!of.is_empty() && of.len() < rows.len());
            adds_up(&chosen(&engine, &asked, only, &case.charges), &of);
        }
        told > 0
    });
}

/// Coarser rows are the sums of finer ones, as far as those were rounded.
fn adds_up(coarse: &[Row], fine: &[Row]) {
    let sum = |rows: &[Row], of: fn(&Row) -> i128| rows.iter().map(of).sum::<i128>();
    let most = (coarse.len() + fine.len()) as i128;
    let charges = |rows: &[Row]| rows.iter().map(|row| row.charges).sum::<u64>();
    assert_eq!(charges(coarse), charges(fine));
    for of in [(|row| row.cost) as fn(&Row) -> i128, |row| row.credited_cost] {
        let apart = (sum(coarse, of) - sum(fine, of)).abs();
        assert!(apart <= most, "{apart} > {most}");
    }
}

/// Without their columns: to the last digit the report of their charges and of no others.
#[test]
fn what_is_chosen_is_rounded_once() {
    some(4, 4, |case, dice| {
        let (facts, roles) = (case.facts(None).unwrap(), case::roles());
        let engine = Engine::new(&facts, &roles, &case.policy);
        let reference = Reference::new(&facts, &roles, &case.policy);
        let mut asked = Asked::random(&facts, dice);
        asked.view = View::default();
        asked.keys.retain(|key| ![CustomerTenantId, SubscriptionId].contains(key));
        let tenants: BTreeSet<TenantId> =
            facts.subscriptions.iter().map(|s| s.fact.tenant).collect();
        let mut told = 0;
        for tenant in tenants {
            let own = |charge: &&Charge| reference.judge(charge).customer_tenant == Some(tenant);
            let own: Vec<Charge> = case.charges.iter().filter(own).cloned().collect();
            let id = tenant.to_string();
            let only = Only { customer: Some(&id), subscription: None };
            let found = chosen(&engine, &asked, only, &case.charges);
            assert_eq!(found, asked.report(&engine, &own), "{} {id}", case.seed);
            told += usize::from(!found.is_empty() && own.len() < case.charges.len());
        }
        let billed: BTreeSet<String> = case.charges.iter().filter_map(billed).collect();
        for id in billed {
            let own = |charge: &&Charge| billed_to(charge, &id);
            let own: Vec<Charge> = case.charges.iter().filter(own).cloned().collect();
            let only = Only { customer: None, subscription: Some(&id) };
            let found = chosen(&engine, &asked, only, &case.charges);
            assert_eq!(found, asked.report(&engine, &own), "{} {id}", case.seed);
        }
        told > 0
    });
}

/// The subscription that a charge shows.
fn billed(charge: &Charge) -> Option<String> {
    let of = |resource: &String| {
        let path: ScopePath = resource.parse().ok()?;
        path.subscription().map(str::to_owned)
    };
    let billed = charge.subscription.clone().or_else(|| charge.resource.as_ref().and_then(of));
    billed.map(|id| fold(&id))
}

fn billed_to(charge: &Charge, id: &str) -> bool {
    billed(charge).as_deref() == Some(id)
}

/// A range is its months, and rounded once over all of them.
#[test]
fn months_are_a_part_of_the_whole() {
    some(4, 4, |case, dice| {
        // Of two spellings a report of fewer rows may show the other one.
        let case = Case::folded(case.seed);
        let (facts, roles) = (case.facts(None).unwrap(), case::roles());
        let engine = Engine::new(&facts, &roles, &case.policy);
        let mut asked = Asked::random(&facts, dice);
        let mut told = 0;
        for range in ["2026-10..2026-11", "2026-11..2026-12", "2026-10", "2025-01..2026-09"] {
            let months: Months = range.parse().unwrap();
            asked.months = Some(months);
            let own = |charge: &&Charge| months.contains(charge.period.from().month());
            let own: Vec<Charge> = case.charges.iter().filter(own).cloned().collect();
            let found = chosen(&engine, &asked, Only::default(), &case.charges);
            let all = Asked { months: None, ..asked.clone() };
            assert_eq!(found, all.report(&engine, &own), "{} {range}", case.seed);
            told += usize::from(!found.is_empty() && own.len() < case.charges.len());
        }
        told > 0
    });
}

/// Who is masked has no other name than the one that is shown; what is hidden has none.
#[test]
fn t41_what_is_masked_is_not_found_by_its_name() {
    let keys = [CustomerTenantId, KeyColumn::PartnerId, KeyColumn::Currency];
    some(4, 4, |case: Case, _| {
        let (facts, roles) = (case.facts(None).unwrap(), case::roles());
        let engine = Engine::new(&facts, &roles, &case.policy);
        let asked = Asked::all(&keys);
        let plain = asked.report(&engine, &case.charges);
        let tenants: BTreeSet<TenantId> =
            facts.subscriptions.iter().map(|s| s.fact.tenant).collect();
        let mut told = 0;
        for (level, by_name, by_subscription) in [
            (PrivacyLevel::Masked, false, false),
            (PrivacyLevel::TenantTotal, true, false),
            (PrivacyLevel::Subscription, true, true),
        ] {
            let mut asked = asked.clone();
            let name = |tenant: &TenantId| (*tenant, format!("customer-{tenant:.8}"));
            asked.view.privacy = Some(pal_attribution::engine::PrivacyLevels {
                levels: tenants.iter().map(|tenant| (*tenant, level)).collect(),
                pseudonyms: tenants.iter().map(name).collect(),
            });
            for tenant in &tenants {
                let (id, pseudonym) = (tenant.to_string(), name(tenant).1);
                let rows = plain.iter().filter(|row| shows(row, 0, &id)).count();
                let of = |customer: &str| {
                    let only = Only { customer: Some(customer), subscription: None };
                    chosen(&engine, &asked, only, &case.charges).len()
                };
                let expected = if by_name { (rows, 0) } else { (0, rows) };
                assert_eq!((of(&id), of(&pseudonym)), expected, "{} {level:?} {id}", case.seed);
                told += rows;
            }
            for stated in &facts.subscriptions {
                let id = stated.fact.subscription.to_string();
                let only = Only { customer: None, subscription: Some(&id) };
                let found = chosen(&engine, &asked, only, &case.charges);
                assert!(by_subscription || found.is_empty(), "{} {level:?} {id}", case.seed);
            }
        }
        told > 0
    });
}
