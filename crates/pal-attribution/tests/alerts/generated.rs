//! Alerts about ends, held against the reference evaluator in worlds in which everything collides:
//! what an alert says ends does end, and what ends is said.

use std::collections::BTreeSet;

use pal_attribution::alerts::{Alert, Code, Limits, alerts};
use pal_attribution::answer::Basis;
use pal_attribution::policy::Granularity;
use pal_attribution::reference::{Outcome, Reference};
use pal_attribution::roles::RoleData;
use pal_model::{
    Charge, ChargeTraits, Facts, Instant, Interval, Money, PartnerId, ScopePath, TenantId,
};

const HOUR: i128 = 3_600_000_000_000;

fn plus(at: Instant, nanoseconds: i128) -> Instant {
    Instant::from_nanoseconds(at.nanoseconds() + nanoseconds).unwrap()
}

/// Everything at which something could be credited, folded.
fn heads(facts: &Facts) -> BTreeSet<String> {
    let mut heads: BTreeSet<String> = BTreeSet::new();
    let mut add = |scope: &ScopePath| {
        if scope.subscription().is_some() {
            heads.insert(scope.folded().to_owned());
            heads.insert(format!("{}/below/it", scope.folded()));
        }
    };
    for stated in &facts.subscriptions {
        add(&format!("/subscriptions/{}", stated.fact.subscription).parse().unwrap());
    }
    facts.role_assignments.iter().for_each(|s| add(&s.fact.scope));
    facts.delegations.iter().for_each(|s| add(&s.fact.scope));
    facts.deny_assignments.iter().for_each(|s| add(&s.fact.scope));
    heads
}

/// Who is credited there at an instant, in which customer.
fn credited(reference: &Reference, head: &str, at: Instant) -> Vec<(TenantId, PartnerId)> {
    let judged = reference.judge(&Charge {
        period: Interval::new(at, plus(at, 1)).unwrap(),
        billing_period: None,
        resource: Some(head.to_owned()),
        resource_group: None,
        subscription: None,
        cost: Money::from_units(Money::ONE),
        currency: "EUR".to_owned(),
        traits: ChargeTraits::USAGE,
        service_category: None,
        service_name: None,
        meter: None,
        quantity: None,
        unit: None,
    });
    match (judged.customer_tenant, judged.outcome) {
        (Some(customer), Outcome::Credited(credits)) => {
            credits.iter().map(|credit| (customer, credit.partner)).collect()
        }
        _ => Vec::new(),
    }
}

struct World<'a> {
    facts: &'a Facts,
    reference: Reference<'a>,
    heads: BTreeSet<String>,
    now: Instant,
    to: Instant,
}

impl World<'_> {
    fn anywhere(&self, at: Instant) -> BTreeSet<(TenantId, PartnerId)> {
        self.heads.iter().flat_map(|head| credited(&self.reference, head, at)).collect()
    }

    /// What an alert says is so.
    fn holds(&self, alert: &Alert) -> bool {
        let (Some(end), Some(partner)) = (alert.at, alert.partner) else { return true };
        let pair = (alert.tenant, partner);
        match alert.code {
            Code::LastLinkedLeaving | Code::LastLinkedGone => {
                let before = self.anywhere(plus(end, -1)).contains(&pair);
                let now = self.anywhere(self.now).contains(&pair);
                let leaving = alert.code == Code::LastLinkedLeaving;
                before && now == leaving && !self.anywhere(end).contains(&pair)
            }
            Code::AccessEnding => {
                let lost = |head: &String| {
                    let at = |at| credited(&self.reference, head, at).contains(&pair);
                    at(self.now) && at(plus(end, -1)) && !at(end)
                };
                self.heads.iter().any(lost)
            }
            _ => true,
        }
    }

    /// Where credit that flows now first stops everywhere in the horizon, by customer and partner.
    fn stops(&self) -> Vec<(TenantId, PartnerId, Instant)> {
        let mut left = self.anywhere(self.now);
        let mut stops = Vec::new();
        for at in self.borders().into_iter().filter(|at| self.now < *at && *at <= self.to) {
            let then = self.anywhere(at);
            stops.extend(left.difference(&then).map(|(t, p)| (*t, *p, at)));
            left.retain(|pair| then.contains(pair));
        }
        stops
    }

    fn borders(&self) -> BTreeSet<Instant> {
        let mut borders = BTreeSet::new();
        macro_rules! add {
            ($($list:ident)*) => {
                $(self.facts.$list.iter().for_each(|s| borders.extend([s.during.from(), s.during.to()]));)*
            };
        }
        add!(principals memberships role_assignments delegations links);
        self.others(&mut borders);
        borders
    }

    /// Ends that are nobody's leaving and no access's end.
    fn others(&self, borders: &mut BTreeSet<Instant>) {
        macro_rules! add {
            ($($list:ident)*) => {
                $(self.facts.$list.iter().for_each(|s| borders.extend([s.during.from(), s.during.to()]));)*
            };
        }
        add!(partners management_groups subscriptions role_definitions deny_assignments);
    }
}

#[test]
fn what_is_said_to_end_ends_and_what_ends_is_said() {
    let roles = RoleData::shipped().unwrap();
    let limits = Limits { within_days: 1, ..Limits::default() };
    let (mut told, mut stopped) = ([0; Code::ALL.len()], 0);
    for seed in 0..250 {
        let world = crate::support::world::world(66_000_000_000 + seed);
        let mut facts = Facts::default();
        facts.read("f", &world.facts, None).unwrap();
        roles.resolve_names(&mut facts).unwrap();
        facts.check().unwrap();
        let mut policy = world.policy;
        policy.granularity = Granularity::Proportional;
        let basis = Basis { facts: &facts, roles: &roles, policy: &policy };
        let first: Instant = "2026-10-29T06:30:00Z".parse().unwrap();
        for step in 0..4 {
            let now = plus(first, i128::from(step) * 23 * HOUR);
            let reference = Reference::new(&facts, &roles, &policy);
            let to = plus(now, 24 * HOUR);
            let world = World { facts: &facts, reference, heads: heads(&facts), now, to };
            let found = alerts(basis, now, &limits, None);
            for alert in &found {
                told[alert.code as usize] += 1;
                assert!(world.holds(alert), "world {seed}, {now}: {alert:?}");
            }
            let mut others = BTreeSet::new();
            world.others(&mut others);
            for (customer, partner, at) in world.stops() {
                let said = found.iter().any(|alert| {
                    let about = (alert.tenant, alert.partner, alert.at);
                    let code = matches!(alert.code, Code::LastLinkedLeaving | Code::AccessEnding);
                    code && about == (customer, Some(partner), Some(at))
                });
                stopped += u32::from(said);
                assert!(said || others.contains(&at), "world {seed}, {now}: {partner} at {at}");
            }
        }
    }
    assert!(told[..5].iter().all(|count| *count > 20) && stopped > 50, "{told:?}, {stopped}");
}
