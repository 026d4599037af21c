//! `linked-without-access` and `partner-inactive`: links that earn nothing.

use std::collections::HashMap;

use pal_model::{Instant, IntervalSet, Link, Principal, Source, Stated, TenantId, UnknownPartner};

use super::moment::{Moment, said};
use super::survey::Survey;
use super::{Alert, Code, Severity};

/// A link holds, and its identity reaches no role assignment and no delegation in any subscription
/// that a fact places (R11, R18). Whether the role counts under the policy is not asked.
pub(super) fn linked_without_access(moment: &Moment, survey: &Survey) -> Vec<Alert> {
    let eligible = eligible(moment);
    let none = IntervalSet::EMPTY;
    let mut alerts = Vec::new();
    for stated in links(moment) {
        let identity = stated.fact.principal();
        let access = survey.access.get(&identity).unwrap_or(&none);
        if access.contains(moment.window.now) {
            continue;
        }
        let roles = eligible.get(&identity);
        let why = match roles {
            Some(_) => "only roles that must be activated first (R19)".to_owned(),
            None => format!("no access{}", where_not(moment, stated.fact.tenant)),
        };
        let before = access.iter().map(|i| i.to()).rfind(|end| *end <= moment.window.now);
        let at = before.map_or(stated.during.from(), |end| end.max(stated.during.from()));
        let sources = std::iter::once(stated.source).chain(roles.into_iter().flatten().copied());
        alerts.push(Alert {
            code: Code::LinkedWithoutAccess,
            severity: if roles.is_some() { Severity::Info } else { Severity::Warning },
            partner: Some(stated.fact.partner),
            tenant: stated.fact.tenant,
            principal: Some(identity),
            scope: None,
            at: said(at),
            message: format!("{} has {why}", subject(moment, &stated.fact)),
            facts: moment.places(sources),
            assumed: Vec::new(),
        });
    }
    alerts
}

/// A link holds, and no fact says that its partner ID is active (R10).
pub(super) fn partner_inactive(moment: &Moment) -> Vec<Alert> {
    let now = moment.window.now;
    let mut alerts = Vec::new();
    for stated in links(moment) {
        let facts = moment.access.partner(stated.fact.partner);
        if facts.iter().any(|s| s.during.contains(now)) {
            continue;
        }
        let ended = facts.iter().rfind(|s| s.during.to() <= now);
        let next = facts.iter().find(|s| s.during.from() > now);
        let again = |verb| next.map(|s| format!("{verb} {}", s.during.from()));
        let why = match ended {
            Some(ended) => {
                let end = format!("a partner ID that ended at {}", ended.during.to());
                end + &again(" and begins again at").unwrap_or_default()
            }
            None => again("a partner ID that begins at").unwrap_or_default(),
        };
        let subject = subject(moment, &stated.fact);
        let message = if facts.is_empty() {
            format!("{subject}: {}", UnknownPartner(stated.fact.partner).advice())
        } else {
            format!("{subject} is to {why}")
        };
        let since = ended.map_or(Instant::MIN, |s| s.during.to()).max(stated.during.from());
        let about = ended.into_iter().chain(next).map(|s| s.source);
        alerts.push(Alert {
            code: Code::PartnerInactive,
            severity: Severity::Critical,
            partner: Some(stated.fact.partner),
            tenant: stated.fact.tenant,
            principal: Some(stated.fact.principal()),
            scope: None,
            at: said(since),
            message,
            facts: moment.places(std::iter::once(stated.source).chain(about)),
            assumed: Vec::new(),
        });
    }
    alerts
}

fn links<'a>(moment: &Moment<'a>) -> impl Iterator<Item = &'a Stated<Link>> {
    let now = moment.window.now;
    moment.access.facts.links.iter().filter(move |s| s.during.contains(now))
}

fn subject(moment: &Moment, link: &Link) -> String {
    let (who, tenant) = (moment.principal(link.principal()), moment.tenant(link.tenant));
    format!("Link of {who} in {tenant} to {}", moment.partner(link.partner))
}

/// Whether there is anything to have access to, as far as the facts know.
fn where_not(moment: &Moment, tenant: TenantId) -> String {
    let (facts, now) = (moment.access.facts, moment.window.now);
    let mut subscriptions = facts.subscriptions.iter().filter(|s| s.during.contains(now));
    let mut delegations = facts.delegations.iter().filter(|s| s.during.contains(now));
    let known = subscriptions.any(|s| s.fact.tenant == tenant)
        || delegations.any(|s| s.fact.managing_tenant == tenant);
    if known {
        ": neither a role assignment nor a delegation reaches it".to_owned()
    } else {
        ": the facts know no subscription of this tenant and no delegation to it".to_owned()
    }
}

/// Linked identities that hold a role which must be activated first, with its lines.
fn eligible(moment: &Moment) -> HashMap<Principal, Vec<Source>> {
    let (facts, now) = (moment.access.facts, moment.window.now);
    let assignments = facts.role_assignments.iter().filter(|s| s.during.contains(now));
    let assignments = assignments.filter(|s| s.fact.eligible);
    let assignments =
        assignments.map(|s| (Principal::new(s.fact.tenant, s.fact.principal), s.source));
    let delegations = facts.delegations.iter().filter(|s| s.during.contains(now));
    let delegations = delegations.flat_map(|s| {
        let lines = s.fact.authorizations.iter().filter(|line| line.eligible);
        lines.map(|line| (Principal::new(s.fact.managing_tenant, line.principal), s.source))
    });
    let mut found: HashMap<Principal, Vec<Source>> = HashMap::new();
    for (holder, source) in assignments.chain(delegations) {
        for (identity, member) in moment.access.reach.identities(holder).iter() {
            if member.contains(now) {
                found.entry(*identity).or_default().push(source);
            }
        }
    }
    found
}
