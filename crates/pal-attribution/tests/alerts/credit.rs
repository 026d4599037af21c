//! `credit-dropped`.

use std::sync::atomic::AtomicU64;

use pal_attribution::alerts::{Limits, TwoMonths, two_months};
use pal_attribution::answer::Basis;
use pal_attribution::engine::Usage;
use pal_attribution::ingest::ReadOptions;
use pal_attribution::roles::RoleData;
use pal_model::{Charge, ChargeTraits, Interval};

use super::said::{self, Facts, NOW, policy};

/// A charge of a month, for one day in its middle.
fn charge(month: &str, cost: &str, currency: &str) -> Charge {
    let subscription = Facts::default().add("subscription", "tenant=$fabrikam subscription=$prod");
    let subscription = subscription.read().subscriptions[0].fact.subscription.to_string();
    let day = |day: &str| format!("{month}-{day}T00:00:00Z").parse().unwrap();
    Charge {
        period: Interval::new(day("14"), day("15")).unwrap(),
        billing_period: None,
        resource: None,
        resource_group: None,
        subscription: Some(subscription),
        cost: cost.parse().unwrap(),
        currency: currency.to_owned(),
        traits: ChargeTraits::USAGE,
        service_category: None,
        service_name: None,
        meter: None,
        quantity: None,
        unit: None,
    }
}

fn euros(charges: &[(&str, &str)]) -> Vec<Charge> {
    charges.iter().map(|(month, cost)| charge(month, cost, "EUR")).collect()
}

fn months(facts: &Facts, charges: &[Charge]) -> TwoMonths {
    let (facts, roles, policy) = (facts.read(), RoleData::shipped().unwrap(), policy("pal"));
    let basis = Basis { facts: &facts, roles: &roles, policy: &policy };
    let (usage, rows) = (Usage::Charges(charges), AtomicU64::new(0));
    two_months(basis, usage, ReadOptions::default(), &rows, NOW.parse().unwrap()).unwrap()
}

fn said(charges: &[Charge], drop_percent: u32) -> Vec<String> {
    let facts = super::alice("", "", "");
    let limits = Limits { drop_percent, ..Limits::default() };
    said::with(&facts, "pal", &limits, Some(&months(&facts, charges)))
}

/// Asked on 1 October: September against August.
#[test]
fn credit_dropped_by_more_than_the_share() {
    let dropped = euros(&[("2026-08", "100"), ("2026-09", "79.9999999999"), ("2026-10", "1")]);
    assert_eq!(
        said(&dropped, 20),
        [
            "credit-dropped | warning | 111111 | $fabrikam | – | – | 2026-09-01T00:00:00Z | Credit for \
          Example (111111) in Fabrikam ($fabrikam) fell by more than 20 %: 79.9999999999 EUR in \
          2026-09, 100.0000000000 EUR in 2026-08 | "
        ]
    );
    let equal = euros(&[("2026-08", "100"), ("2026-09", "80")]);
    assert_eq!(said(&equal, 20), [""; 0]);
    assert_eq!(said(&equal, 19).len(), 1);
    assert_eq!(said(&euros(&[("2026-08", "100"), ("2026-09", "300")]), 0), [""; 0]);
    // A refund takes more than all; nothing before can fall.
    let refund = [("2026-08", "100"), ("2026-09", "-0.01")];
    assert_eq!(said(&euros(&refund), 100).len(), 1);
    assert_eq!(said(&euros(&[("2026-08", "-5"), ("2026-09", "-50")]), 20), [""; 0]);
}

#[test]
fn currencies_are_compared_each_by_itself() {
    let both = [charge("2026-08", "100", "EUR"), charge("2026-09", "500", "USD")];
    let said = said(&both, 20);
    assert_eq!(said.len(), 1);
    assert!(said[0].contains("0.0000000000 EUR in 2026-09, 100.0000000000 EUR"), "{}", said[0]);
}

/// A month that the usage does not have is no fall; one in which nothing is credited is.
#[test]
fn a_month_without_charges_is_not_compared() {
    let facts = super::alice("", "", "");
    let only = euros(&[("2026-08", "100"), ("2026-10", "1")]);
    assert_eq!(months(&facts, &only).missing, [(2026, 9)]);
    assert_eq!(said(&only, 20), [""; 0]);
    assert_eq!(months(&facts, &[]).missing, [(2026, 8), (2026, 9)]);

    let over = super::alice("", "", "to=2026-09-01T00:00:00Z");
    let charges = euros(&[("2026-08", "100"), ("2026-09", "100")]);
    let months = months(&over, &charges);
    assert!(months.missing.is_empty());
    let said = said::with(&over, "pal", &Limits::default(), Some(&months));
    assert!(said.last().unwrap().starts_with("credit-dropped"), "{said:?}");
}

#[test]
fn the_year_turns() {
    let months = TwoMonths::ended_at("2027-01-31T00:00:00Z".parse().unwrap());
    assert_eq!((months.before, months.after), ((2026, 11), (2026, 12)));
    let months = TwoMonths::ended_at("2027-02-01T00:00:00Z".parse().unwrap());
    assert_eq!((months.before, months.after), ((2026, 12), (2027, 1)));
}
