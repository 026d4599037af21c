//! Causes where no link of the partner meets any grant on the chain.

use pal_model::{Interval, Principal, RoleName, TenantId};

use super::attempts::{Case, Failed};
use super::{Cause, Change, Explainer, Finding, Holders, Line, Question, Role};
use crate::access::Coverage;

impl Explainer<'_> {
    /// A linked identity holds a role on the chain, but only as something to be activated (R19).
    pub(super) fn eligible_only(&self, case: &Case, customer: TenantId) -> Option<(usize, Failed)> {
        let (question, window) = (case.question, case.window);
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
        assignments.chain(delegations).find_map(
            |(holder, role, (scope, tenant), during, source)| {
                let on_chain = chain.iter().any(|element| element == scope.folded());
                let here = on_chain && tenant == customer && during.overlaps(window);
                if !here {
                    return None;
                }
                let link =
                    self.first_link_to(case.partner, holder, |when| when.overlaps(window))?;
                let role = match role {
                    RoleName::Id(id) => self.role_of(*id),
                    RoleName::Name(name) => Role { id: None, name: Some(name.clone()) },
                };
                let who = self.principal(facts.links[link].fact.principal(), window.from());
                let failed = Failed {
                    cause: Cause::EligibleOnly,
                    finding: Finding::OnlyEligible { who, role, scope: self.scope(scope, tenant) },
                    line: self.line(source),
                    change: Change::Activate,
                };
                Some((link, failed))
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
    pub(super) fn no_attempt(&self, coverage: &Coverage, case: &Case) -> Failed {
        let partner = case.partner.to_string();
        // Whether others have access, and who, is not told to a partner.
        let is_partner = self.audience.is_partner();
        if !coverage.granted.overlaps(case.window) && !is_partner {
            return Failed {
                cause: Cause::NoAssignment,
                finding: Finding::NoGrant,
                line: Line::default(),
                change: assign(case),
            };
        }
        let held = (!is_partner).then(|| self.holders(coverage, case.window));
        let Some(link) = case.link else {
            return Failed {
                cause: Cause::NotLinked,
                finding: Finding::NobodyLinked { partner: partner.clone(), held },
                line: Line::default(),
                change: Change::LinkHere { partner },
            };
        };
        let stated = &self.access.facts.links[link];
        let who = self.principal(stated.fact.principal(), case.window.from());
        let line = self.line(stated.source);
        if self.tenants_with_access(coverage).contains(&stated.fact.tenant) {
            let scope = case.question.resource.text().to_owned();
            return Failed {
                cause: Cause::NoAccess,
                finding: Finding::LinkedWithoutRole { who, partner: partner.clone(), held },
                line,
                change: Change::AssignOrLink { scope, partner },
            };
        }
        let tenant = stated.fact.tenant.to_string();
        Failed {
            cause: Cause::LinkedElsewhere,
            finding: Finding::LinkedInOtherTenant { partner: partner.clone(), tenant, who, held },
            line,
            change: Change::LinkInTenantOfAccess { partner },
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

    pub(super) fn holders(&self, coverage: &Coverage, window: Interval) -> Holders {
        let held = coverage.grants.iter().filter(|(_, paths)| paths.held.overlaps(window));
        let mut holders: Vec<Principal> =
            held.map(|(grant, _)| self.access.grant(*grant).principal).collect();
        holders.sort_unstable();
        holders.dedup();
        let who = holders.iter().take(3).map(|p| self.principal(*p, window.from()));
        Holders { who: who.collect(), more: holders.len().saturating_sub(3) }
    }
}

pub(super) fn assign(case: &Case) -> Change {
    let scope = case.question.resource.text().to_owned();
    Change::Assign { scope, partner: case.partner.to_string() }
}
