//! What an identity is said to hold is what it sees, and what would earn credit for a link.

use crate::support::world as worlds;

use std::collections::BTreeSet;

use pal_attribution::access::{HeldGrant, Holdings, visible_subscriptions};
use pal_attribution::policy::Policy;
use pal_attribution::reference::{Outcome, Reference};
use pal_attribution::roles::RoleData;
use pal_model::{
    Charge, ChargeTraits, Facts, Instant, Interval, Principal, PrincipalFact, PrincipalKind,
    RoleClass, Stated, SubscriptionId, chain_of, fold,
};

fn read(text: &str, roles: &RoleData) -> Facts {
    let mut facts = Facts::default();
    facts.read("facts.jsonl", text, None).unwrap();
    roles.resolve_names(&mut facts).unwrap();
    facts.check().unwrap();
    facts
}

fn pal() -> Policy {
    Policy::shipped().unwrap().swap_remove(0)
}

fn worlds() -> u64 {
    std::env::var("PAL_WORLDS").map_or(150, |text| text.parse().unwrap())
}

/// Midnights and noons of the worlds' days, and the instants between.
fn instants() -> Vec<Instant> {
    ["2026-10-29T12:00:00Z", "2026-10-31T00:00:00Z", "2026-10-31T20:00:00Z", "2026-11-01T12:30:00Z"]
        .map(|text| text.parse().unwrap())
        .to_vec()
}

fn accounts(facts: &Facts) -> Vec<Principal> {
    let people = facts.principals.iter().filter(|s| s.fact.kind != PrincipalKind::Group);
    let all: BTreeSet<Principal> = people.map(|s| s.fact.principal()).collect();
    all.into_iter().collect()
}

fn reached<'h>(held: impl Iterator<Item = HeldGrant<'h, 'h>>) -> BTreeSet<SubscriptionId> {
    held.flat_map(|held| held.reaches).map(|reached| reached.subscription.subscription).collect()
}

fn seen(facts: &Facts, who: Principal, at: Instant) -> BTreeSet<SubscriptionId> {
    let visible = visible_subscriptions(facts, who, at);
    visible.iter().map(|visible| visible.subscription.subscription).collect()
}

/// The same facts with nothing that must be activated first.
fn without_eligible(facts: &Facts) -> Facts {
    let mut facts = facts.clone();
    facts.role_assignments.retain(|s| !s.fact.eligible);
    for delegation in &mut facts.delegations {
        delegation.fact.authorizations.retain(|line| !line.eligible);
    }
    facts
}

#[test]
fn what_is_held_is_what_is_seen() {
    let (roles, policy) = (RoleData::shipped().unwrap(), pal());
    let (mut seen_in_all, mut only_eligible) = (0, 0);
    for seed in 0..worlds() {
        let facts = read(&worlds::world(seed).facts, &roles);
        let active = without_eligible(&facts);
        for at in instants() {
            let accounts = accounts(&facts);
            let together = Holdings::new(&facts, &roles, &policy, at, &accounts);
            for who in accounts {
                let alone = Holdings::new(&facts, &roles, &policy, at, &[who]);
                let all = reached(alone.of(who));
                assert_eq!(all, seen(&facts, who, at), "world {seed}, {who} at {at}");
                assert_eq!(all, reached(together.of(who)), "world {seed}, {who} at {at}, together");
                let now = reached(alone.of(who).filter(|held| !held.eligible));
                assert_eq!(now, seen(&active, who, at), "world {seed}, {who} at {at}, active");
                seen_in_all += all.len();
                only_eligible += all.len() - now.len();
            }
        }
    }
    assert!(seen_in_all > 1_000 && only_eligible > 20, "{seen_in_all} {only_eligible}");
}

/// The facts with one link, to a partner that is always there.
fn linked(facts: &Facts, who: Principal, roles: &RoleData) -> Facts {
    let (tenant, object) = (who.tenant, who.object);
    let lines = format!(
        "{{\"kind\":\"partner\",\"partner\":\"424242\",\"name\":\"P\",\"type\":\"location\"}}\n\
         {{\"kind\":\"link\",\"tenant\":\"{tenant}\",\"object\":\"{object}\",\"partner\":\"424242\"}}\n"
    );
    let own = read(&lines, roles);
    Facts { partners: own.partners, links: own.links, ..facts.clone() }
}

fn charge(resource: &str, at: Instant) -> Charge {
    let end = Instant::from_nanoseconds(at.nanoseconds() + 1).unwrap();
    Charge {
        period: Interval::new(at, end).unwrap(),
        billing_period: None,
        resource: Some(resource.to_owned()),
        resource_group: None,
        subscription: None,
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

/// The reference evaluator credits a charge of this instant just where something held reaches it; with
/// the class that is said.
#[test]
fn what_is_held_is_what_earns() {
    let (roles, policy) = (RoleData::shipped().unwrap(), pal());
    let (mut credited, mut denied) = (0, 0);
    for seed in 0..worlds() {
        let facts = read(&worlds::world(seed).facts, &roles);
        let with_denies = !facts.deny_assignments.is_empty();
        for who in accounts(&facts) {
            let facts = linked(&facts, who, &roles);
            let reference = Reference::new(&facts, &roles, &policy);
            for at in instants() {
                let active = |s: &Stated<PrincipalFact>| {
                    let account = s.fact.enabled && s.fact.kind != PrincipalKind::Group;
                    s.fact.principal() == who && account && s.during.contains(at)
                };
                let enabled = facts.principals.iter().any(active);
                let holdings = Holdings::new(&facts, &roles, &policy, at, &[who]);
                let held: Vec<HeldGrant> = holdings.of(who).filter(HeldGrant::earns).collect();
                denied += holdings.of(who).filter(HeldGrant::denied).count();
                for resource in resources(&facts) {
                    let found = reference.judge(&charge(&resource, at));
                    let class = match &found.outcome {
                        Outcome::Credited(credits) => credits.iter().map(|c| c.class).max(),
                        _ => None,
                    };
                    let expected = best(&held, &facts, &resource, at).filter(|_| enabled);
                    credited += usize::from(class.is_some());
                    let what = format!("world {seed}, {who} at {at} on {resource}");
                    if with_denies {
                        // A deny below a grant takes a part of it away.
                        assert!(class <= expected, "{what}: {class:?} {expected:?}");
                    } else {
                        assert_eq!(class, expected, "{what}");
                    }
                }
            }
        }
    }
    assert!(credited > 1_000 && denied > 50, "{credited} {denied}");
}

/// Each subscription, and each scope in one that somebody has a role on.
fn resources(facts: &Facts) -> BTreeSet<String> {
    let whole =
        facts.subscriptions.iter().map(|s| format!("/subscriptions/{}", s.fact.subscription));
    let assigned = facts.role_assignments.iter().map(|s| &s.fact.scope);
    let scopes = assigned.chain(facts.delegations.iter().map(|s| &s.fact.scope));
    let scopes = scopes.filter(|s| s.subscription().is_some()).map(|s| s.folded().to_owned());
    whole.map(|path| fold(&path)).chain(scopes).collect()
}

/// The highest class of what reaches a resource.
fn best(held: &[HeldGrant], facts: &Facts, resource: &str, at: Instant) -> Option<RoleClass> {
    let own = chain_of(resource);
    let id: SubscriptionId = own.last()?.strip_prefix("/subscriptions/")?.parse().ok()?;
    let mut now = facts.subscriptions.iter().filter(|s| s.during.contains(at));
    now.find(|s| s.fact.subscription == id)?;
    let reaches = |held: &&HeldGrant| {
        let here = held.reaches.iter().any(|r| r.subscription.subscription == id && !r.denied);
        let scope = &held.grant.scope;
        here && (scope.subscription().is_none() || own.contains(&scope.folded()))
    };
    held.iter().filter(reaches).map(|held| held.class).max()
}

const FACTS: &str = r#"
{"kind":"principal","tenant":"00000000-0000-4000-8000-00000000000a","object":"00000000-0000-4000-8000-0000000000a1","type":"User"}
{"kind":"principal","tenant":"00000000-0000-4000-8000-00000000000a","object":"00000000-0000-4000-8000-0000000000a2","type":"Group","name":"Inner"}
{"kind":"principal","tenant":"00000000-0000-4000-8000-00000000000a","object":"00000000-0000-4000-8000-0000000000a3","type":"Group","name":"Outer"}
{"kind":"membership","tenant":"00000000-0000-4000-8000-00000000000a","group":"00000000-0000-4000-8000-0000000000a2","member":"00000000-0000-4000-8000-0000000000a1","from":"2026-03-01T00:00:00Z"}
{"kind":"membership","tenant":"00000000-0000-4000-8000-00000000000a","group":"00000000-0000-4000-8000-0000000000a3","member":"00000000-0000-4000-8000-0000000000a2","to":"2026-09-01T00:00:00Z"}
{"kind":"managementGroup","tenant":"00000000-0000-4000-8000-00000000000b","name":"Landing","displayName":"Landing zones"}
{"kind":"subscription","tenant":"00000000-0000-4000-8000-00000000000b","subscription":"00000000-0000-4000-8000-000000000001","name":"one","managementGroup":"landing"}
{"kind":"subscription","tenant":"00000000-0000-4000-8000-00000000000b","subscription":"00000000-0000-4000-8000-000000000002"}
{"kind":"delegation","tenant":"00000000-0000-4000-8000-00000000000b","id":"d","scope":"/subscriptions/00000000-0000-4000-8000-000000000001","managingTenant":"00000000-0000-4000-8000-00000000000a","authorizations":[{"principal":"00000000-0000-4000-8000-0000000000a3","role":"Contributor"},{"principal":"00000000-0000-4000-8000-0000000000a1","role":"Owner","eligible":true}],"from":"2026-01-01T00:00:00Z"}
{"kind":"denyAssignment","tenant":"00000000-0000-4000-8000-00000000000b","id":"n","principals":["00000000-0000-0000-0000-000000000000"],"actions":["*"],"scope":"/providers/Microsoft.Management/managementGroups/LANDING","from":"2026-08-01T00:00:00Z"}
"#;

/// Through a group in a group, by a delegation: from March, when the person came, to September, when
/// the groups part; in August it is denied above.
#[test]
fn a_way_has_steps_and_times() {
    let (roles, policy) = (RoleData::shipped().unwrap(), pal());
    let facts = read(FACTS, &roles);
    let pair = |object: &str| {
        let id = |end: &str| format!("00000000-0000-4000-8000-0000000000{end}").parse().unwrap();
        let tenant: pal_model::Guid = id("0a");
        let object: pal_model::Guid = id(object);
        Principal::new(tenant.to_string().parse().unwrap(), object.to_string().parse().unwrap())
    };
    let who = pair("a1");
    let at = |text: &str| format!("{text}T00:00:00Z").parse::<Instant>().unwrap();
    let of = |text: &str| {
        let holdings = Holdings::new(&facts, &roles, &policy, at(text), &[who]);
        let mut found: Vec<_> = holdings
            .of(who)
            .map(|held| {
                let way = holdings.way(who, held.grant);
                let way: Vec<String> = way.iter().map(|s| s.fact.group.to_string()).collect();
                let way: Vec<String> = way.iter().map(|group| group[34..].to_owned()).collect();
                let during = holdings.during(who, held.grant).to_string();
                (held.class, held.eligible, held.denied(), way.join(" "), during)
            })
            .collect();
        found.sort();
        found
    };
    let eligible = |denied| {
        let during = "since 2026-01-01T00:00:00Z".to_owned();
        (RoleClass::Owner, true, denied, String::new(), during)
    };
    let active = |denied| {
        let during = "2026-03-01T00:00:00Z to 2026-09-01T00:00:00Z".to_owned();
        (RoleClass::Contributor, false, denied, "a2 a3".to_owned(), during)
    };
    assert_eq!(of("2025-12-31"), []);
    assert_eq!(of("2026-02-28"), [eligible(false)]);
    assert_eq!(of("2026-03-01"), [active(false), eligible(false)]);
    assert_eq!(of("2026-08-01"), [active(true), eligible(true)]);
    assert_eq!(of("2026-09-01"), [eligible(true)]);
    let holdings = Holdings::new(&facts, &roles, &policy, at("2026-04-01"), &[who]);
    let named = |scope: &str| {
        let tenant = facts.subscriptions[0].fact.tenant;
        holdings.scope_name(&scope.parse().unwrap(), tenant)
    };
    let one = "/subscriptions/00000000-0000-4000-8000-000000000001";
    assert_eq!(named(one).as_deref(), Some("one"));
    assert_eq!(named(&format!("{one}/resourceGroups/Rg-A")).as_deref(), Some("Rg-A"));
    assert_eq!(named("/subscriptions/00000000-0000-4000-8000-000000000002"), None);
    let group = "/providers/microsoft.management/managementgroups/landing";
    assert_eq!(named(group).as_deref(), Some("Landing zones"));
    assert_eq!(named("/"), None);
}
