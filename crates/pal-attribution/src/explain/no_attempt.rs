//! Causes where no link of the partner meets any grant on the chain.

use pal_model::{Interval, PartnerId, Principal, RoleName};

use super::not_credited::Cause;
use super::{Explainer, Question};
use crate::access::Coverage;

impl Explainer<'_> {
    /// A linked identity holds a role on the chain, but only as something to be activated (R19).
    pub(super) fn eligible_only(
        &self,
        links: &[usize],
        question: &Question,
        window: Interval,
    ) -> Option<Cause> {
        let chain = self.folded_chain(question);
        let facts = self.access.facts;
        let assignments = facts.role_assignments.iter().filter(|s| s.fact.eligible);
        let assignments = assignments.map(|s| {
            let holder = Principal::new(s.fact.tenant, s.fact.principal);
            (holder, &s.fact.role, &s.fact.scope, s.during, s.source)
        });
        let delegations = facts.delegations.iter().flat_map(|s| {
            let lines = s.fact.authorizations.iter().filter(|a| a.eligible);
            lines.map(move |a| {
                let holder = Principal::new(s.fact.managing_tenant, a.principal);
                (holder, &a.role, &s.fact.scope, s.during, s.source)
            })
        });
        let reaches = |holder: Principal| {
            links.iter().find_map(|&link| {
                let identity = facts.links[link].fact.principal();
                let reached = self.access.reach.when(identity, holder);
                reached.overlaps(window).then_some(identity)
            })
        };
        assignments.chain(delegations).find_map(|(holder, role, scope, during, source)| {
            let on_chain = chain.iter().any(|element| element == scope.folded());
            let identity = reaches(holder).filter(|_| on_chain && during.overlaps(window))?;
            let role = match role {
                RoleName::Id(id) => self.access.roles.name(*id).unwrap_or("a role").to_owned(),
                RoleName::Name(name) => name.clone(),
            };
            let who = self.principal(identity, window.from());
            Some(Cause {
                code: "eligible-only",
                found: format!("{who} is only eligible for {role} at {scope}"),
                fact: Some(self.place(source)),
                change: "activate the role, or assign one permanently (Support Request \
                         Contributor is enough)"
                    .to_owned(),
            })
        })
    }

    fn folded_chain(&self, question: &Question) -> Vec<String> {
        let own = question.resource.chain().into_iter().map(str::to_owned);
        let id = question.resource.subscription().and_then(|id| id.parse().ok());
        let placement = id.and_then(|id| self.access.hierarchy.at(id, question.period.from()));
        own.chain(placement.into_iter().flat_map(|p| p.above.clone())).collect()
    }

    /// No linked identity of the partner is reached by any grant on the chain.
    pub(super) fn no_attempt(
        &self,
        coverage: &Coverage,
        partner: PartnerId,
        links: &[usize],
        question: &Question,
        window: Interval,
    ) -> Cause {
        let head = question.resource.text();
        let assign = format!("assign a role at {head} or above to an identity linked to {partner}");
        if !coverage.granted.overlaps(window) {
            return Cause {
                code: "no-assignment",
                found: "no role assignment or delegation reaches this scope at all".to_owned(),
                fact: None,
                change: assign,
            };
        }
        let holders = self.holders(coverage, window);
        let Some(&first) = links.first() else {
            return Cause {
                code: "not-linked",
                found: format!("nobody is linked to {partner}; access here is held by {holders}"),
                fact: None,
                change: format!("one of them must link to {partner}"),
            };
        };
        let stated = &self.access.facts.links[first];
        let who = self.principal(stated.fact.principal(), window.from());
        let tenants = self.tenants_with_access(coverage);
        let here =
            links.iter().find(|&&l| tenants.contains(&self.access.facts.links[l].fact.tenant));
        match here {
            None => Cause {
                code: "linked-elsewhere",
                found: format!(
                    "{partner} is linked in tenant {} ({who}), but access here is held by {holders}",
                    stated.fact.tenant
                ),
                fact: Some(self.place(stated.source)),
                change: format!("link {partner} in the tenant in which access is held (R11, R18)"),
            },
            Some(&link) => {
                let stated = &self.access.facts.links[link];
                let who = self.principal(stated.fact.principal(), window.from());
                Cause {
                    code: "no-access",
                    found: format!(
                        "{who} is linked to {partner}, but no role of it reaches this scope; \
                         access here is held by {holders}"
                    ),
                    fact: Some(self.place(stated.source)),
                    change: format!("{assign}, or let one who has access link"),
                }
            }
        }
    }

    /// Tenants whose identities the grants on the chain name.
    fn tenants_with_access(&self, coverage: &Coverage) -> Vec<pal_model::TenantId> {
        coverage.grants.iter().map(|(g, _)| self.access.grant(*g).principal.tenant).collect()
    }

    /// Who holds access in the window, a few of them.
    fn holders(&self, coverage: &Coverage, window: Interval) -> String {
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
