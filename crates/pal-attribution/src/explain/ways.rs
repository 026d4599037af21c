//! Ways that almost lead to a grant: what the linked identities of a partner have instead of one on
//! the chain. Looked for only where no link meets any grant.

use std::collections::BTreeSet;

use pal_model::{IntervalSet, Partner, PartnerId, Principal, ScopePath, Stated, TenantId};

use super::Explainer;
use super::attempts::{Case, times};
use super::causes::CauseId;
use super::no_attempt::assign;
use super::not_credited::Cause;
use crate::access::{Coverage, Origin};

impl Explainer<'_> {
    /// When a link's identity is, or reaches, a holder of roles.
    fn reached(&self, link: usize, holder: Principal) -> IntervalSet {
        self.access.reach.when(self.access.facts.links[link].fact.principal(), holder)
    }

    fn linked(&self, link: usize, case: &Case) -> String {
        self.principal(self.access.facts.links[link].fact.principal(), case.window.from())
    }

    /// A delegation of the scope to the tenant of a link that ends beside the window, or that
    /// authorises others (R18).
    pub(super) fn delegation_gap(&self, case: &Case, coverage: &Coverage) -> Option<Cause> {
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
        let links = || case.links.iter().copied();
        if let Some((link, stated)) = links().find_map(|link| gap(link, true)) {
            let (id, who) = (&stated.fact.id, self.linked(link, case));
            return Some(Cause {
                code: CauseId::NotDelegated.code(),
                found: format!("delegation {id} does not authorise {who}, and no group it is in"),
                fact: Some(self.place(stated.source)),
                change: format!("authorise it, or a group it is in, in the delegation {id}"),
            });
        }
        let (_, stated) = links().find_map(|link| gap(link, false))?;
        let id = &stated.fact.id;
        Some(Cause {
            code: CauseId::NotDelegated.code(),
            found: format!("delegation {id} holds {}, not then", stated.during),
            fact: Some(self.place(stated.source)),
            change: format!(
                "delegate {} again",
                self.scope(&stated.fact.scope, stated.fact.tenant)
            ),
        })
    }

    /// A role of a linked identity at the customer that is not on the chain (R16).
    pub(super) fn role_elsewhere(&self, case: &Case, coverage: &Coverage) -> Option<Cause> {
        let (facts, chain) = (self.access.facts, self.folded_chain(case.question));
        let assigned = facts.role_assignments.iter().map(|s| &s.fact.scope);
        let scopes = assigned.chain(facts.delegations.iter().map(|s| &s.fact.scope));
        let scopes: BTreeSet<&str> = scopes.map(ScopePath::folded).collect();
        let beside = scopes.into_iter().filter(|scope| chain.iter().all(|on| on != scope));
        let grants = beside.flat_map(|scope| self.access.grants_at(scope)).filter_map(|&index| {
            let grant = self.access.grant(index);
            let reaches = |link: &usize| self.reached(*link, grant.principal).overlaps(case.window);
            let link = case.links.iter().copied().find(reaches)?;
            let holds = grant.customer == coverage.customer && grant.during.overlaps(case.window);
            holds.then_some((link, index))
        });
        // One in the same subscription is nearer.
        let here = case.question.resource.subscription();
        let (link, grant) = grants
            .min_by_key(|(_, grant)| self.access.grant(*grant).scope.subscription() != here)?;
        let (who, role) = (self.linked(link, case), self.role_name(grant));
        let scope = self.scope(self.access.grant(grant).scope, coverage.customer);
        Some(Cause {
            code: CauseId::ScopeTooSmall.code(),
            found: format!("{who} has the role {role} at {scope}, which does not reach here"),
            fact: Some(self.grant_fact(grant)),
            change: assign(case),
        })
    }

    /// The tenant of a link, or of a role of it, had the subscription at another time (R24). Whether
    /// it was a role, too.
    pub(super) fn moved(&self, case: &Case, coverage: &Coverage) -> Option<(Cause, bool)> {
        let stated = self.access.hierarchy.facts(coverage.subscription);
        let now = stated.iter().find(|s| s.during.contains(case.question.period.from()))?;
        let customer = coverage.customer;
        let links = || case.links.iter().copied();
        let role = links().find_map(|link| {
            let grants = coverage.grants.iter().map(|(grant, _)| self.access.grant(*grant));
            let mut before = grants.filter(|grant| grant.customer != customer);
            let left = before.find(|grant| !self.reached(link, grant.principal).is_empty())?;
            Some((link, left.customer))
        });
        let tenant = |link: usize| self.access.facts.links[link].fact.tenant;
        let left = |at: &TenantId| *at != customer && stated.iter().any(|s| s.fact.tenant == *at);
        let only_linked = || links().find(|&link| left(&tenant(link)));
        let (link, other) = role.or_else(|| only_linked().map(|link| (link, tenant(link))))?;
        let who = self.linked(link, case);
        let what = if role.is_some() { "has a role" } else { "is linked" };
        let cause = Cause {
            code: CauseId::SubscriptionMoved.code(),
            found: format!(
                "the subscription is in tenant {customer} {}; {who} {what} in tenant {other}, \
                 where it is at another time",
                now.during
            ),
            fact: Some(self.place(now.source)),
            change: format!("assign a role in tenant {customer}, and link its holder"),
        };
        Some((cause, role.is_some()))
    }

    /// A role on the chain that a linked identity had before or will have.
    pub(super) fn role_at_another_time(&self, case: &Case, coverage: &Coverage) -> Option<Cause> {
        let (link, grant, held) = coverage.grants.iter().find_map(|(grant, paths)| {
            let holder = self.access.grant(*grant).principal;
            let reaches = |link: &usize| !self.reached(*link, holder).is_empty();
            let link = case.links.iter().copied().find(reaches)?;
            let assigned = matches!(self.access.grant(*grant).origin, Origin::Assignment(_));
            (assigned && self.access.grant(*grant).customer == coverage.customer).then_some((
                link,
                *grant,
                &paths.held,
            ))
        })?;
        let (who, role) = (self.linked(link, case), self.role_name(grant));
        Some(Cause {
            code: CauseId::NoRole.code(),
            found: format!("{who} has the role {role} here {}, not then", times(held)),
            fact: Some(self.grant_fact(grant)),
            change: assign(case),
        })
    }

    /// Somebody who has access is linked to another ID that may be meant for this partner: one of
    /// the same organisation, one of the tenant that is the partner's home, or one that no fact
    /// describes.
    pub(super) fn wrong_id(&self, case: &Case, coverage: &Coverage) -> Option<Cause> {
        let held = coverage.grants.iter().filter(|(_, paths)| paths.held.overlaps(case.window));
        let (_, link, why) = held.into_iter().find_map(|(grant, _)| {
            let holder = self.access.grant(*grant).principal;
            let identities = self.access.reach.identities(holder).iter();
            let links = identities.flat_map(|(identity, _)| self.access.links_of(*identity));
            links.copied().find_map(|link| {
                let stated = &self.access.facts.links[link];
                let then = stated.during.overlaps(case.window)
                    && self.reached(link, holder).overlaps(case.window);
                let other = stated.fact.partner != case.partner;
                let why = self.related(stated.fact.partner, case.partner, stated.fact.tenant)?;
                (then && other).then_some((*grant, link, why))
            })
        })?;
        let (who, partner) = (self.linked(link, case), case.partner);
        let stated = &self.access.facts.links[link];
        Some(Cause {
            code: CauseId::WrongPartnerId.code(),
            found: format!("{who} has access here and is linked to {}, {why}", stated.fact.partner),
            fact: Some(self.place(stated.source)),
            change: format!("{who} must change its link to {partner}"),
        })
    }

    /// Why one ID may have been taken for another.
    fn related(&self, linked: PartnerId, meant: PartnerId, tenant: TenantId) -> Option<String> {
        let facts = |id| self.access.partner(id).iter();
        let globals = |id: PartnerId| {
            let parents = facts(id).filter_map(|s: &&Stated<Partner>| s.fact.parent);
            parents.chain([id]).collect::<Vec<_>>()
        };
        if facts(linked).next().is_none() {
            return Some("which no fact describes".to_owned());
        }
        if globals(meant).iter().any(|id| globals(linked).contains(id)) {
            return Some(format!("another ID of the organisation of {meant}"));
        }
        let home = facts(meant).any(|s| s.fact.home_tenant == Some(tenant));
        home.then(|| format!("and its tenant is the home of {meant}"))
    }
}
