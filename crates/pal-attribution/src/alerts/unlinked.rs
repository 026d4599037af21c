//! `access-without-link`: people of a partner who work for customers and have no link.
//!
//! Facts tell who belongs to a partner in one case only: a user of the directory that a partner
//! calls its `homeTenant`. Where guests and accounts in a customer's directory come from, no fact
//! says, so they are never told here.
//!
//! What such a person would earn is not worked out by rules of its own: the person is given a link,
//! and the same rules are asked what that would give.

use std::collections::{BTreeMap, BTreeSet, HashSet};

use pal_model::{
    Facts, Instant, Interval, Link, Partner, PartnerId, Principal, PrincipalFact, PrincipalKind,
    Shared, Source, Stated, TenantId, UserKind,
};

use super::moment::Moment;
use super::survey::walk;
use super::{Alert, Code, Severity};
use crate::access::{Access, Origin};

/// By partner's own directory: its partner IDs that are active now.
type Homes<'a> = BTreeMap<TenantId, Vec<&'a Stated<Partner>>>;

/// What a person has: lines of delegations, and customers.
type AccessOfPeople = BTreeMap<Principal, (BTreeSet<Source>, BTreeSet<TenantId>)>;

/// Whether no fact tells who belongs to a partner.
pub(super) fn nobody_belongs(facts: &Facts, now: Instant) -> bool {
    !facts.partners.iter().any(|s| s.fact.home_tenant.is_some() && s.during.contains(now))
}

pub(super) fn access_without_link(moment: &Moment) -> Vec<Alert> {
    let homes = homes(moment);
    let people = people(moment, &homes);
    if people.is_empty() {
        return Vec::new();
    }
    let held = held(moment, &homes, &people);
    let alert = |(person, (sources, customers)): (Principal, (BTreeSet<Source>, BTreeSet<_>))| {
        let home = &homes[&person.tenant];
        let partner = organisation(home);
        let stated = moment.stated(person).iter().filter(|s| s.during.contains(moment.window.now));
        // One line of a partner is enough to say whose directory it is.
        let belongs = stated.map(|s| s.source).chain(home.first().map(|s| s.source));
        let of = partner.map_or_else(|| moment.tenant(person.tenant), |id| moment.partner(id));
        let first = customers.first().map_or_else(String::new, |id| moment.tenant(*id));
        let more = match customers.len().saturating_sub(1) {
            0 => String::new(),
            more => format!(" and {more} more"),
        };
        let who = moment.principal(person);
        Alert {
            code: Code::AccessWithoutLink,
            severity: Severity::Info,
            partner,
            tenant: person.tenant,
            principal: Some(person),
            scope: None,
            at: None,
            message: format!(
                "No link of {who} of {of}, who has access by delegation to {first}{more}"
            ),
            facts: moment.places(sources.into_iter().chain(belongs)),
            assumed: Vec::new(),
        }
    };
    held.into_iter().map(alert).collect()
}

fn homes<'a>(moment: &Moment<'a>) -> Homes<'a> {
    let mut homes = Homes::new();
    for stated in &moment.access.facts.partners {
        if let Some(home) =
            stated.fact.home_tenant.filter(|_| stated.during.contains(moment.window.now))
        {
            homes.entry(home).or_default().push(stated);
        }
    }
    homes
}

/// Users of these directories who can sign in and have no link now. Guests belong elsewhere.
fn people(moment: &Moment, homes: &Homes) -> Vec<PrincipalFact> {
    let (facts, now) = (moment.access.facts, moment.window.now);
    let linked = facts.links.iter().filter(|s| s.during.contains(now));
    let linked: HashSet<Principal> = linked.map(|s| s.fact.principal()).collect();
    let managed = facts.delegations.iter().filter(|s| s.during.contains(now));
    let managed: HashSet<TenantId> = managed.map(|s| s.fact.managing_tenant).collect();
    let person = |p: &PrincipalFact| {
        p.kind == PrincipalKind::User
            && p.user_type != Some(UserKind::Guest)
            && p.enabled
            && homes.contains_key(&p.tenant)
            && managed.contains(&p.tenant)
            && !linked.contains(&p.principal())
    };
    let now = facts.principals.iter().filter(|s| s.during.contains(now));
    now.map(|s| &s.fact).filter(|p| person(p)).cloned().collect()
}

/// The delegations through which each would earn credit now, had it a link.
fn held(moment: &Moment, homes: &Homes, people: &[PrincipalFact]) -> AccessOfPeople {
    let facts = with_links(moment.access.facts, homes, people);
    let access = Access::new(&facts, moment.access.roles, moment.access.policy);
    let now = moment.window.now;
    let mut held = AccessOfPeople::new();
    walk(&access, |coverage, belongs| {
        if !belongs.contains(now) {
            return;
        }
        for path in coverage.paths().filter(|path| path.when.contains(now)) {
            let Origin::Delegation(index, _) = access.grant(path.grant).origin else { continue };
            // A partner's work on its own subscriptions has no customer.
            if coverage.customer != path.identity.tenant {
                let (sources, customers) = held.entry(path.identity).or_default();
                sources.insert(facts.delegations[index].source);
                customers.insert(coverage.customer);
            }
        }
    });
    held
}

/// The facts that matter for delegations to these directories, with a link for each of the people
/// and for nobody else.
fn with_links(facts: &Facts, homes: &Homes, people: &[PrincipalFact]) -> Facts {
    fn some<T: Clone>(stated: &[Stated<T>], keep: impl Fn(&T) -> bool) -> Shared<Stated<T>> {
        stated.iter().filter(|s| keep(&s.fact)).cloned().collect()
    }
    let home = |tenant: TenantId| homes.contains_key(&tenant);
    let delegations = some(&facts.delegations, |d| home(d.managing_tenant));
    let delegated = delegations.iter().filter_map(|s| s.fact.scope.subscription());
    let delegated: HashSet<&str> = delegated.collect();
    let link = |person: &PrincipalFact| {
        let partner = homes.get(&person.tenant)?.iter().map(|s| s.fact.partner).min()?;
        let fact = Link { tenant: person.tenant, object: person.object, partner };
        let source = Source { file: 0, line: 0 };
        Some(Stated { fact, during: Interval::ALL, recorded_at: None, source })
    };
    Facts {
        partners: facts.partners.clone(),
        principals: some(&facts.principals, |p| home(p.tenant)),
        memberships: some(&facts.memberships, |m| home(m.tenant)),
        subscriptions: some(&facts.subscriptions, |s| {
            delegated.contains(pal_model::fold(&s.subscription.to_string()).as_str())
        }),
        management_groups: facts.management_groups.clone(),
        role_definitions: facts.role_definitions.clone(),
        deny_assignments: facts.deny_assignments.clone(),
        links: people.iter().filter_map(link).collect(),
        delegations,
        ..Facts::default()
    }
}

/// The one partner ID that stands for all: the only one, or the global account above all others.
fn organisation(home: &[&Stated<Partner>]) -> Option<PartnerId> {
    if let [only] = home {
        return Some(only.fact.partner);
    }
    let top = |partner: &Partner| partner.parent.unwrap_or(partner.partner);
    let first = top(&home.first()?.fact);
    home.iter().all(|s| top(&s.fact) == first).then_some(first)
}
