//! Ways that almost lead to a grant: what the linked identities of a partner have instead of one on
//! the chain. Looked for only where no link meets any grant.

use std::collections::{BTreeMap, BTreeSet};

use pal_model::{
    Delegation, IntervalSet, Partner, PartnerId, Principal, ScopePath, Stated, TenantId,
};

use super::attempts::{Case, Failed};
use super::no_attempt::assign;
use super::{Cause, Change, Explainer, Finding, Line, Named};
use crate::access::{Coverage, Origin};

impl Explainer<'_> {
    /// When a link's identity is, or reaches, a holder of roles.
    fn reached(&self, link: usize, holder: Principal) -> IntervalSet {
        self.access.reach.when(self.access.facts.links[link].fact.principal(), holder)
    }

    pub(super) fn linked(&self, link: usize, case: &Case) -> Named {
        self.principal(self.access.facts.links[link].fact.principal(), case.window.from())
    }

    /// A delegation of the scope to the tenant of a link that ends beside the window, or that
    /// authorises others (R18).
    pub(super) fn delegation_gap(&self, case: &Case, coverage: &Coverage) -> Option<Failed> {
        let chain = case.question.resource.chain();
        let facts = self.access.facts;
        let of_scope = |link: usize| {
            let tenant = facts.links[link].fact.tenant;
            facts.delegations.iter().filter(move |s| {
                s.fact.managing_tenant == tenant && s.fact.tenant == coverage.customer
            })
        };
        let gap = |link: usize, holds: bool| {
            let mut delegations = of_scope(link).filter(|s| {
                chain.contains(&s.fact.scope.folded()) && s.during.overlaps(case.window) == holds
            });
            delegations.next().map(|stated| (link, stated))
        };
        // One link of each directory: what is found depends on no more of it.
        let tenants = case.links.iter().map(|link| (facts.links[*link].fact.tenant, *link)).rev();
        let mut links: Vec<usize> = tenants.collect::<BTreeMap<_, _>>().into_values().collect();
        links.sort_unstable();
        let links = || links.iter().copied();
        let failed = |stated: &Stated<Delegation>, finding, change| {
            let line = self.line(stated.source);
            Failed { cause: Cause::NotDelegated, finding, line, change }
        };
        if let Some((link, stated)) = links().find_map(|link| gap(link, true)) {
            let (delegation, who) = (stated.fact.id.clone(), self.linked(link, case));
            let change = Change::Authorise { delegation: delegation.clone() };
            return Some(failed(stated, Finding::NotAuthorised { delegation, who }, change));
        }
        let (_, stated) = links().find_map(|link| gap(link, false))?;
        let (delegation, during) = (stated.fact.id.clone(), stated.during.into());
        let scope = self.scope(&stated.fact.scope, stated.fact.tenant);
        let finding = Finding::DelegatedAtOtherTime { delegation, during };
        Some(failed(stated, finding, Change::Delegate { scope }))
    }

    /// A role of a linked identity at the customer that is not on the chain (R16).
    pub(super) fn role_elsewhere(&self, case: &Case, coverage: &Coverage) -> Option<Failed> {
        let (facts, chain) = (self.access.facts, self.folded_chain(case.question));
        let assigned = facts.role_assignments.iter().map(|s| &s.fact.scope);
        let scopes = assigned.chain(facts.delegations.iter().map(|s| &s.fact.scope));
        let scopes: BTreeSet<&str> = scopes.map(ScopePath::folded).collect();
        let beside = scopes.into_iter().filter(|scope| chain.iter().all(|on| on != scope));
        let grants = beside.flat_map(|scope| self.access.grants_at(scope)).filter_map(|&index| {
            let grant = self.access.grant(index);
            let holds = grant.customer == coverage.customer && grant.during.overlaps(case.window);
            let reaches = |when: &IntervalSet| when.overlaps(case.window);
            let link = holds.then(|| self.first_link_to(case.partner, grant.principal, reaches))?;
            link.map(|link| (link, index))
        });
        // One in the same subscription is nearer.
        let here = case.question.resource.subscription();
        let (link, grant) = grants
            .min_by_key(|(_, grant)| self.access.grant(*grant).scope.subscription() != here)?;
        let (who, role) = (self.linked(link, case), self.role(grant));
        let scope = self.scope(self.access.grant(grant).scope, coverage.customer);
        Some(Failed {
            cause: Cause::ScopeTooSmall,
            finding: Finding::RoleElsewhere { who, role, scope },
            line: self.grant_line(grant),
            change: assign(case),
        })
    }

    /// The tenant of a link, or of a role of it, had the subscription at another time (R24). Whether
    /// it was a role, too.
    pub(super) fn moved(&self, case: &Case, coverage: &Coverage) -> Option<(Failed, bool)> {
        let stated = self.access.hierarchy.facts(coverage.subscription);
        let now = stated.iter().find(|s| s.during.contains(case.question.period.from()))?;
        let customer = coverage.customer;
        let links = || case.links.iter().copied();
        let grants = coverage.grants.iter().map(|(grant, _)| self.access.grant(*grant));
        let before = grants.filter(|grant| grant.customer != customer).filter_map(|grant| {
            let link = self.first_link_to(case.partner, grant.principal, |_| true)?;
            Some((link, grant.customer))
        });
        let role = before.min_by_key(|(link, _)| *link);
        let tenant = |link: usize| self.access.facts.links[link].fact.tenant;
        let left = |at: &TenantId| *at != customer && stated.iter().any(|s| s.fact.tenant == *at);
        let only_linked = || links().find(|&link| left(&tenant(link)));
        let (link, other) = role.or_else(|| only_linked().map(|link| (link, tenant(link))))?;
        let who = self.linked(link, case);
        let (tenant, during, other) = (customer.to_string(), now.during.into(), other.to_string());
        let finding = match role {
            Some(_) => Finding::RoleInFormerTenant { tenant: tenant.clone(), during, who, other },
            None => Finding::LinkInFormerTenant { tenant: tenant.clone(), during, who, other },
        };
        let (line, change) = (self.line(now.source), Change::AssignInTenant { tenant });
        let failed = Failed { cause: Cause::SubscriptionMoved, finding, line, change };
        Some((failed, role.is_some()))
    }

    /// A role on the chain that a linked identity had before or will have.
    pub(super) fn role_at_another_time(
        &self,
        case: &Case,
        coverage: &Coverage,
    ) -> Option<(Finding, Line)> {
        let (link, grant, held) = coverage.grants.iter().find_map(|(grant, paths)| {
            let holder = self.access.grant(*grant).principal;
            let link = self.first_link_to(case.partner, holder, |_| true)?;
            let assigned = matches!(self.access.grant(*grant).origin, Origin::Assignment(_));
            (assigned && self.access.grant(*grant).customer == coverage.customer).then_some((
                link,
                *grant,
                &paths.held,
            ))
        })?;
        let (who, role) = (self.linked(link, case), self.role(grant));
        let finding = Finding::RoleAtOtherTime { who, role, during: held.into() };
        Some((finding, self.grant_line(grant)))
    }

    /// Somebody who has access is linked to another ID that may be meant for this partner: one of
    /// the same organisation, one of the tenant that is the partner's home, or one that no fact
    /// describes.
    pub(super) fn wrong_id(&self, case: &Case, coverage: &Coverage) -> Option<Failed> {
        let held = coverage.grants.iter().filter(|(_, paths)| paths.held.overlaps(case.window));
        let (link, finding) = held.into_iter().find_map(|(grant, _)| {
            let holder = self.access.grant(*grant).principal;
            let identities = self.access.reach.identities(holder);
            let links = identities.keys().flat_map(|identity| self.access.links_of(*identity));
            links.copied().find_map(|link| {
                let stated = &self.access.facts.links[link];
                let then = stated.during.overlaps(case.window)
                    && self.reached(link, holder).overlaps(case.window);
                let other = stated.fact.partner != case.partner;
                let finding = self.related(link, case)?;
                (then && other).then_some((link, finding))
            })
        })?;
        let (who, partner) = (self.linked(link, case), case.partner.to_string());
        Some(Failed {
            cause: Cause::WrongPartnerId,
            finding,
            line: self.line(self.access.facts.links[link].source),
            change: Change::ChangeLink { who, partner },
        })
    }

    /// Why the ID of a link may have been taken for the partner's.
    fn related(&self, link: usize, case: &Case) -> Option<Finding> {
        let (id, meant) = (self.access.facts.links[link].fact.partner, case.partner);
        let facts = |id| self.access.partner(id).iter();
        let globals = |id: PartnerId| {
            let parents = facts(id).filter_map(|s: &&Stated<Partner>| s.fact.parent);
            parents.chain([id]).collect::<Vec<_>>()
        };
        let (who, linked, partner) = (self.linked(link, case), id.to_string(), meant.to_string());
        if facts(id).next().is_none() {
            return Some(Finding::HolderLinkedToUnknown { who, linked });
        }
        if globals(meant).iter().any(|global| globals(id).contains(global)) {
            return Some(Finding::HolderLinkedToSibling { who, linked, partner });
        }
        let tenant = self.access.facts.links[link].fact.tenant;
        let home = facts(meant).any(|s| s.fact.home_tenant == Some(tenant));
        home.then_some(Finding::HolderLinkedFromHome { who, linked, partner })
    }
}
