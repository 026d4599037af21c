//! `last-linked-leaving` and `last-linked-gone`: the last identity through which a partner earns
//! credit in a customer.

use std::collections::{BTreeMap, BTreeSet};

use pal_model::{Instant, IntervalSet, Principal, PrincipalKind, Source};

use super::moment::Moment;
use super::survey::{End, Pair, Survey};
use super::{Alert, Code, Severity};
use crate::access::Origin;

/// What of a path ends. The first three are about the person.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Kind {
    Account,
    Membership,
    Link,
    Grant,
}

#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
struct Cause {
    kind: Kind,
    text: String,
    sources: Vec<Source>,
}

/// Most causes that are written out.
const SHOWN: usize = 3;

pub(super) fn last_linked(moment: &Moment, survey: &Survey) -> Vec<Alert> {
    let mut alerts = Vec::new();
    for (pair, covered) in &survey.covered {
        let Some((code, end)) = end(moment, covered) else { continue };
        let mut by_identity: BTreeMap<Principal, Vec<End>> = BTreeMap::new();
        for end in survey.ends.get(&(*pair, end)).into_iter().flatten() {
            by_identity.entry(end.identity).or_default().push(*end);
        }
        for (identity, ends) in by_identity {
            let causes = ends.iter().flat_map(|path| causes(moment, path, end));
            let mut causes: BTreeSet<Cause> = causes.collect();
            let of_person = causes.iter().any(|cause| cause.kind < Kind::Grant);
            if of_person {
                causes.retain(|cause| cause.kind < Kind::Grant);
            }
            // What an assignment does to those who stay is `access-ending`.
            if causes.is_empty() || (code == Code::LastLinkedLeaving && !of_person) {
                continue;
            }
            let links = ends.iter().map(|path| moment.access.facts.links[path.link].source);
            let sources = causes.iter().flat_map(|cause| cause.sources.clone()).chain(links);
            alerts.push(Alert {
                code,
                severity: match code {
                    Code::LastLinkedGone => Severity::Critical,
                    _ => Severity::Warning,
                },
                partner: Some(pair.partner),
                tenant: pair.customer,
                principal: Some(identity),
                scope: None,
                at: Some(end),
                facts: moment.places(sources),
                assumed: Vec::new(),
                message: message(moment, *pair, (code, end), covered, &causes),
            });
        }
    }
    alerts
}

/// Where the cover ends: the stretch of now, or the last one before now.
fn end(moment: &Moment, covered: &IntervalSet) -> Option<(Code, Instant)> {
    let now = moment.window.now;
    let (code, stretch) = match covered.iter().find(|i| i.contains(now)) {
        Some(stretch) => (Code::LastLinkedLeaving, stretch),
        None => (Code::LastLinkedGone, covered.iter().rfind(|i| i.to() <= now)?),
    };
    moment.window.has(stretch.to()).then_some((code, stretch.to()))
}

fn message(
    moment: &Moment,
    pair: Pair,
    (code, end): (Code, Instant),
    covered: &IntervalSet,
    causes: &BTreeSet<Cause>,
) -> String {
    let again = covered.iter().map(|i| i.from()).find(|from| *from > end);
    let when = match (code, again) {
        (Code::LastLinkedGone, None) => format!("Since {end}"),
        (_, None) => format!("From {end} on"),
        (_, Some(again)) => format!("From {end} to {again}"),
    };
    let mut texts: Vec<&str> = causes.iter().map(|cause| cause.text.as_str()).collect();
    let more = texts.len().saturating_sub(SHOWN);
    texts.truncate(SHOWN);
    let more = if more > 0 { format!(", and {more} more") } else { String::new() };
    format!(
        "{when} nobody earns credit for {} in {}: {}{more}",
        moment.partner(pair.partner),
        moment.tenant(pair.customer),
        texts.join(", ")
    )
}

/// What of a path ends at this instant. Empty if it is none of these: the partner, a deny, the
/// place of the subscription.
fn causes(moment: &Moment, path: &End, end: Instant) -> Vec<Cause> {
    let all = [account(moment, path, end), membership(moment, path, end), link(moment, path, end)];
    all.into_iter().flatten().chain(grant(moment, path, end)).collect()
}

/// R9.
fn account(moment: &Moment, path: &End, end: Instant) -> Option<Cause> {
    if moment.access.active(path.identity).contains(end) {
        return None;
    }
    let stated = moment.stated(path.identity);
    let ended = stated.iter().find(|s| s.during.to() == end)?;
    let disabled = stated.iter().find(|s| s.during.from() == end && !s.fact.enabled);
    let who = moment.principal(path.identity);
    Some(Cause {
        kind: Kind::Account,
        text: match disabled {
            Some(_) => format!("account of {who} disabled"),
            None => format!("end of the account of {who}"),
        },
        sources: std::iter::once(ended).chain(disabled).map(|s| s.source).collect(),
    })
}

/// R17: a membership on the way to the holder of the role, or a group on it.
fn membership(moment: &Moment, path: &End, end: Instant) -> Option<Cause> {
    let access = moment.access;
    let holder = access.grant(path.grant).principal;
    if access.reach.when(path.identity, holder).contains(end) {
        return None;
    }
    let tenant = path.identity.tenant;
    let lost = |group: Principal| {
        access.reach.when(path.identity, group).iter().any(|stretch| stretch.to() == end)
    };
    let was_in = |member: Principal| {
        let reached = access.reach.when(path.identity, member);
        reached.iter().any(|stretch| stretch.from() < end && end <= stretch.to())
    };
    let memberships = access.facts.memberships.iter().filter(|s| {
        s.during.to() == end
            && s.fact.tenant == tenant
            && lost(Principal::new(tenant, s.fact.group))
            && was_in(Principal::new(tenant, s.fact.member))
    });
    let groups = access.facts.principals.iter().filter(|s| {
        s.during.to() == end && s.fact.kind == PrincipalKind::Group && lost(s.fact.principal())
    });
    let (who, group) = (moment.principal(path.identity), moment.principal(holder));
    Some(Cause {
        kind: Kind::Membership,
        text: format!("end of the membership of {who} in {group}"),
        sources: memberships.map(|s| s.source).chain(groups.map(|s| s.source)).collect(),
    })
}

/// R6, R32: the link ends, or becomes one to another partner.
fn link(moment: &Moment, path: &End, end: Instant) -> Option<Cause> {
    let links = &moment.access.facts.links;
    let stated = &links[path.link];
    if stated.during.to() != end {
        return None;
    }
    let all = moment.access.links_of(path.identity).iter().map(|index| &links[*index]);
    let next = all.into_iter().find(|s| s.during.from() == end);
    let who = moment.principal(path.identity);
    Some(Cause {
        kind: Kind::Link,
        text: match next {
            Some(next) => {
                format!("link of {who} changed to {}", moment.partner(next.fact.partner))
            }
            None => format!("end of the link of {who}"),
        },
        sources: std::iter::once(stated).chain(next).map(|s| s.source).collect(),
    })
}

fn grant(moment: &Moment, path: &End, end: Instant) -> Option<Cause> {
    let grant = moment.access.grant(path.grant);
    let (facts, scope) = (moment.access.facts, grant.scope);
    (grant.during.to() == end).then(|| Cause {
        kind: Kind::Grant,
        text: match grant.origin {
            Origin::Assignment(index) => {
                let id = &facts.role_assignments[index].fact.id;
                format!("end of role assignment {id} at {scope}")
            }
            Origin::Delegation(index, _) => {
                format!("end of delegation {} of {scope}", facts.delegations[index].fact.id)
            }
        },
        sources: vec![moment.grant_source(path.grant)],
    })
}
