//! Causes where no link of the partner meets any grant on the chain.

use pal_model::{Interval, Principal, RoleName, TenantId};

use super::attempts::Case;
use super::not_credited::Cause;
use super::{Explainer, Question};
use crate::access::Coverage;

impl Explainer<'_> {
    /// A linked identity holds a role on the chain, but only as something to be activated (R19).
    pub(super) fn eligible_only(&self, case: &Case, customer: TenantId) -> Option<(usize, Cause)> {
        let (links, question, window) = (&case.links, case.question, case.window);
        let chain = self.folded_chain(question);
        let facts = self.access.facts;
        let assignments = facts.role_assignments.iter().filter(|s| s.fact.eligible);
        let assignments = assignments.map(|s| {
            let holder = Principal::new(s.fact.tenant, s.fact.principal);
            (holder, &s.fact.role, (&s.fact.scope, s.fact.tenant), s.during, s.source)
        });
        let delegations = facts.delegations.iter().flat_map(|s| {
            let lines = s.fact.authorizations.iter().filter(|a| a.eligible);
            lines.map(move |a| {
                let holder = Principal::new(s.fact.managing_tenant, a.principal);
                (holder, &a.role, (&s.fact.scope, s.fact.tenant), s.during, s.source)
            })
        });
        let reaches = |holder: Principal| {
            let reaches = |link: &usize| {
                let identity = facts.links[*link].fact.principal();
                self.access.reach.when(identity, holder).overlaps(window)
            };
            links.iter().copied().find(reaches)
        };
        assignments.chain(delegations).find_map(
            |(holder, role, (scope, tenant), during, source)| {
                let on_chain = chain.iter().any(|element| element == scope.folded());
                let here = on_chain && tenant == customer && during.overlaps(window);
                let link = reaches(holder).filter(|_| here)?;
                let role = match role {
                    RoleName::Id(id) => self.access.roles.name(*id).unwrap_or("a role").to_owned(),
                    RoleName::Name(name) => name.clone(),
                };
                let who = self.principal(facts.links[link].fact.principal(), window.from());
                let scope = self.scope(scope, tenant);
                let cause = Cause {
                    code: "eligible-only",
                    found: format!("{who} is only eligible for {role} at {scope}"),
                    fact: Some(self.place(source)),
                    change: "activate the role, or assign one permanently (Support Request \
                         Contributor is enough)"
                        .to_owned(),
                };
                Some((link, cause))
            },
        )
    }

    pub(super) fn folded_chain(&self, question: &Question) -> Vec<String> {
        let own = question.resource.chain().into_iter().map(str::to_owned);
        let id = question.resource.subscription().and_then(|id| id.parse().ok());
        let placement = id.and_then(|id| self.access.hierarchy.at(id, question.period.from()));
        own.chain(placement.into_iter().flat_map(|p| p.above.clone())).collect()
    }

    /// The link to look at where none meets a grant: one in a tenant that has access, if any.
    pub(super) fn nearest_link(&self, coverage: &Coverage, links: &[usize]) -> Option<usize> {
        let tenants = self.tenants_with_access(coverage);
        let has_access =
            |&link: &usize| tenants.contains(&self.access.facts.links[link].fact.tenant);
        links.iter().copied().find(has_access).or(links.first().copied())
    }

    /// No linked identity of the partner is reached by any grant on the chain.
    pub(super) fn no_attempt(&self, coverage: &Coverage, case: &Case) -> Cause {
        let partner = case.partner;
        let assign = assign(case);
        // Whether others have access is not told to a partner.
        if !coverage.granted.overlaps(case.window) && !self.audience.is_partner() {
            return Cause {
                code: "no-assignment",
                found: "no role assignment or delegation reaches this scope at all".to_owned(),
                fact: None,
                change: assign,
            };
        }
        let held = self.held_by(coverage, case);
        let Some(link) = case.link else {
            return Cause {
                code: "not-linked",
                found: format!("nobody is linked to {partner}{held}"),
                fact: None,
                change: format!("one who has access here must link to {partner}"),
            };
        };
        let stated = &self.access.facts.links[link];
        let who = self.principal(stated.fact.principal(), case.window.from());
        let fact = Some(self.place(stated.source));
        match self.tenants_with_access(coverage).contains(&stated.fact.tenant) {
            false => Cause {
                code: "linked-elsewhere",
                found: format!(
                    "{partner} is linked in tenant {} ({who}), and not in one that gives access \
                     here{held}",
                    stated.fact.tenant
                ),
                fact,
                change: format!("link {partner} in the tenant in which access is held (R11, R18)"),
            },
            true => Cause {
                code: "no-access",
                found: format!(
                    "{who} is linked to {partner}, but no role of it reaches this scope{held}"
                ),
                fact,
                change: format!("{assign}, or let one who has access link"),
            },
        }
    }

    /// Tenants whose identities the grants on the chain name; for a partner, who does not see the
    /// grants of others, those in which its own would count.
    fn tenants_with_access(&self, coverage: &Coverage) -> Vec<TenantId> {
        let grants = coverage.grants.iter().map(|(g, _)| self.access.grant(*g).principal.tenant);
        if !self.audience.is_partner() {
            return grants.collect();
        }
        let delegations = self.access.facts.delegations.iter();
        let managing = delegations.map(|s| s.fact.managing_tenant);
        managing.chain([coverage.customer]).collect()
    }

    /// Who holds access, as the end of a sentence; nothing for a partner.
    fn held_by(&self, coverage: &Coverage, case: &Case) -> String {
        match self.audience.is_partner() {
            true => String::new(),
            false => format!("; access here is held by {}", self.holders(coverage, case.window)),
        }
    }

    /// Who holds access in the window, a few of them.
    pub(super) fn holders(&self, coverage: &Coverage, window: Interval) -> String {
        let held = coverage.grants.iter().filter(|(_, paths)| paths.held.overlaps(window));
        let mut holders: Vec<Principal> =
            held.map(|(grant, _)| self.access.grant(*grant).principal).collect();
        holders.sort_unstable();
        holders.dedup();
        let more = holders.len().saturating_sub(3);
        let shown = holders.iter().take(3).map(|p| self.principal(*p, window.from()));
        let shown = shown.collect::<Vec<_>>().join(", ");
        if more > 0 { format!("{shown} and {more} more") } else { shown }
    }
}

/// The change that gives access.
pub(super) fn assign(case: &Case) -> String {
    let head = case.question.resource.text();
    format!("assign a role at {head} or above to an identity linked to {}", case.partner)
}
