//! Every link of a partner tried with every grant on the chain: what each attempt fails for.

use pal_model::{Interval, IntervalSet, PartnerId, Principal, UnknownPartner};

use super::{Cause, Change, Explainer, Finding, Line, Question, Scope, in_window};
use crate::access::{Coverage, Credit, Effect, Origin, effect};
use crate::policy::{Granularity, RoleFilter};

#[derive(Debug, Clone)]
pub(super) struct Failed {
    pub cause: Cause,
    pub finding: Finding,
    pub line: Line,
    pub change: Change,
}

/// A partner at a resource, and the attempt that is nearest to credit.
pub(super) struct Case<'c> {
    pub question: &'c Question,
    pub window: Interval,
    pub partner: PartnerId,
    /// `None` = it is not known to which tenant the subscription belongs.
    pub coverage: Option<&'c Coverage>,
    pub links: Vec<usize>,
    pub link: Option<usize>,
    /// The grant of the attempt; `None` = no link meets any.
    pub grant: Option<u32>,
    /// What the attempt fails for, in order; empty = credited.
    pub causes: Vec<Failed>,
    pub credit: Option<&'c Credit>,
}

impl Case<'_> {
    pub fn blamed(&self, cause: Cause) -> Option<&Failed> {
        self.causes.iter().find(|failed| failed.cause == cause)
    }
}

impl Explainer<'_> {
    pub(super) fn case<'c>(
        &self,
        coverage: Option<&'c Coverage>,
        partner: PartnerId,
        question: &'c Question,
        credit: Option<&'c Credit>,
    ) -> Case<'c> {
        let window = self.window(question.period);
        let links = self.access.facts.links.iter().enumerate();
        let links: Vec<usize> =
            links.filter(|(_, l)| l.fact.partner == partner).map(|(i, _)| i).collect();
        let (link, grant, causes) = (links.first().copied(), None, Vec::new());
        let mut case =
            Case { question, window, partner, coverage, links, link, grant, causes, credit };
        match coverage {
            None => case.causes.push(self.unknown_subscription(question)),
            Some(coverage) => match in_window(coverage, window, partner).next() {
                Some(path) if credit.is_some() => {
                    (case.link, case.grant) = (Some(path.link), Some(path.grant));
                }
                _ => self.nearest(&mut case, coverage),
            },
        }
        case.causes.sort_by_key(|failed| failed.cause);
        case
    }

    /// The attempt that fails for the fewest causes; else why there is none.
    fn nearest(&self, case: &mut Case, coverage: &Coverage) {
        let window = case.window;
        // Only what meets is tried: links that reach a holder, each with the grants of that holder.
        let mut pairs: Vec<(usize, usize)> = Vec::new();
        for (place, (grant, _)) in coverage.grants.iter().enumerate() {
            let holder = self.access.grant(*grant).principal;
            let links = self.links_to(case.partner, holder, |_| true);
            pairs.extend(links.into_iter().map(|link| (link, place)));
        }
        pairs.sort_unstable();
        let attempts = pairs.into_iter().filter_map(|(link, place)| {
            let (grant, paths) = &coverage.grants[place];
            let identity = self.access.facts.links[link].fact.principal();
            let reached = self.access.reach.when(identity, self.access.grant(*grant).principal);
            let held = paths.held.clip(window);
            (!reached.is_empty() && !held.is_empty()).then(|| {
                let causes = self.attempt(coverage, (link, *grant), (&held, &reached), window);
                (link, *grant, causes)
            })
        });
        if let Some((link, grant, causes)) = attempts.min_by_key(|(_, _, causes)| causes.len()) {
            (case.link, case.grant, case.causes) = (Some(link), Some(grant), causes);
            return;
        }
        if let Some((link, failed)) = self.eligible_only(case, coverage.customer) {
            (case.link, case.causes) = (Some(link), vec![failed]);
            return;
        }
        case.link = self.nearest_link(coverage, &case.links);
        case.causes = vec![self.no_attempt(coverage, case)];
    }

    /// The links of a partner whose identity is, or reaches, a holder of roles at instants that are
    /// wanted. In no order.
    pub(super) fn links_to(
        &self,
        partner: PartnerId,
        holder: Principal,
        wanted: impl Fn(&IntervalSet) -> bool,
    ) -> Vec<usize> {
        let identities = self.access.reach.identities(holder);
        let identities = identities.iter().filter(|(_, when)| wanted(when));
        let links = identities.flat_map(|(identity, _)| self.access.links_of(*identity));
        let links = links.copied();
        links.filter(|link| self.access.facts.links[*link].fact.partner == partner).collect()
    }

    /// The first of [`Self::links_to`].
    pub(super) fn first_link_to(
        &self,
        partner: PartnerId,
        holder: Principal,
        wanted: impl Fn(&IntervalSet) -> bool,
    ) -> Option<usize> {
        self.links_to(partner, holder, wanted).into_iter().min()
    }

    /// What keeps one link from being credited through one grant.
    fn attempt(
        &self,
        coverage: &Coverage,
        (link, grant): (usize, u32),
        (held, reached): (&IntervalSet, &IntervalSet),
        window: Interval,
    ) -> Vec<Failed> {
        let stated = &self.access.facts.links[link];
        let (identity, partner) = (stated.fact.principal(), stated.fact.partner);
        let mut causes = Vec::new();
        let mut blame = |bad: bool, failed: &dyn Fn() -> Failed| {
            if bad {
                causes.push(failed());
            }
        };
        let none = |set: &IntervalSet| !set.overlaps(window);
        blame(none(&self.partner_active(partner)), &|| self.partner_inactive(partner));
        blame(none(&self.access.active(identity)), &|| self.identity_inactive(link, window));
        blame(none(reached), &|| self.not_a_member(link, grant, window));
        blame(!stated.during.overlaps(window), &|| self.link_outside(link, window));
        blame(!self.recognised(grant), &|| self.not_recognised(grant));
        if causes.is_empty() {
            causes.push(self.together(coverage, (link, grant), (held, reached), window));
        }
        causes
    }

    /// When a partner is active (R10).
    pub(super) fn partner_active(&self, partner: PartnerId) -> IntervalSet {
        self.access.partner(partner).iter().map(|s| s.during).collect()
    }

    pub(super) fn partner_inactive(&self, partner: PartnerId) -> Failed {
        let id = partner.to_string();
        let stated = self.access.partner(partner).first();
        let (finding, change) = match stated {
            None => {
                let line = UnknownPartner(partner).fact();
                (Finding::PartnerUnknown { partner: id }, Change::AddFact { line })
            }
            Some(_) => {
                let during = (&self.partner_active(partner)).into();
                (Finding::PartnerActive { partner: id, during }, Change::LinkActive)
            }
        };
        let line = stated.map_or_else(Line::default, |s| self.line(s.source));
        Failed { cause: Cause::PartnerInactive, finding, line, change }
    }

    pub(super) fn identity_inactive(&self, link: usize, window: Interval) -> Failed {
        let identity = self.access.facts.links[link].fact.principal();
        let (who, during) =
            (self.principal(identity, window.from()), (&self.access.active(identity)).into());
        let stated = self.stated(identity).last();
        Failed {
            cause: Cause::IdentityInactive,
            finding: Finding::IdentityActive { who, during },
            line: stated.map_or_else(Line::default, |s| self.line(s.source)),
            change: Change::EnableIdentity,
        }
    }

    fn not_a_member(&self, link: usize, grant: u32, window: Interval) -> Failed {
        let identity = self.access.facts.links[link].fact.principal();
        let (who, role) = (self.principal(identity, window.from()), self.role(grant));
        let reached = self.access.reach.when(identity, self.access.grant(grant).principal);
        Failed {
            cause: Cause::NotAMember,
            finding: Finding::ReachesHolder { who, role, during: (&reached).into() },
            line: self.membership(link, grant, &reached),
            change: Change::JoinGroup,
        }
    }

    /// The first membership on the way from a link's identity to the holder of a role, at the first
    /// of these instants (R17).
    pub(super) fn membership(&self, link: usize, grant: u32, at: &IntervalSet) -> Line {
        let identity = self.access.facts.links[link].fact.principal();
        let Some(first) = at.iter().next() else { return Line::default() };
        let holder = self.access.grant(grant).principal;
        let way = self.access.reach.way(identity, holder, first.from());
        way.last().map_or_else(Line::default, |stated| self.line(stated.source))
    }

    pub(super) fn link_outside(&self, link: usize, window: Interval) -> Failed {
        let stated = &self.access.facts.links[link];
        let who = self.principal(stated.fact.principal(), window.from());
        let (partner, during) = (stated.fact.partner.to_string(), stated.during.into());
        Failed {
            cause: Cause::LinkOutsidePeriod,
            finding: Finding::LinkedWhen { who, partner, during },
            line: self.line(stated.source),
            change: Change::KeepLink,
        }
    }

    fn not_recognised(&self, grant: u32) -> Failed {
        let (role, policy) = (self.role(grant), self.access.policy.name.clone());
        Failed {
            cause: Cause::RoleNotRecognised,
            finding: Finding::RoleNotCounted { role, policy },
            line: self.grant_line(grant),
            change: Change::AssignRecognised,
        }
    }

    /// Everything holds at some time, but not together, not all day, or a deny is in the way.
    fn together(
        &self,
        coverage: &Coverage,
        (link, grant): (usize, u32),
        (held, reached): (&IntervalSet, &IntervalSet),
        window: Interval,
    ) -> Failed {
        let stated = &self.access.facts.links[link];
        let (identity, partner) = (stated.fact.principal(), stated.fact.partner);
        let active = self.partner_active(partner);
        let all = held.intersect(reached).intersect(&self.access.active(identity));
        let all = all.intersect(&active).clip(stated.during).clip(window);
        let covered: IntervalSet = coverage
            .paths()
            .filter(|p| p.partner == partner)
            .flat_map(|p| p.when.clip(window).iter().copied().collect::<Vec<_>>())
            .collect();
        let whole_day = self.access.policy.granularity == Granularity::WholeDay;
        if whole_day && !covered.is_empty() {
            return self.not_whole_day(covered.length(), grant);
        }
        if let Some((deny, _)) = self.denied(coverage, identity, grant, &all) {
            return self.deny_failed(deny);
        }
        Failed {
            cause: Cause::NeverAtOnce,
            finding: Finding::NeverTogether,
            line: self.grant_line(grant),
            change: Change::Overlap,
        }
    }

    /// The first deny that takes any of these instants away, with those that it takes (R20).
    pub(super) fn denied(
        &self,
        coverage: &Coverage,
        identity: Principal,
        grant: u32,
        all: &IntervalSet,
    ) -> Option<(u32, IntervalSet)> {
        let concerned = self.concerned(coverage, identity, grant, all).into_iter();
        let mut taken = concerned.filter(|(_, found, _)| *found == Effect::Taken);
        taken.next().map(|(deny, _, when)| (deny, when))
    }

    pub(super) fn deny_failed(&self, deny: u32) -> Failed {
        let (deny, scope, line) = self.deny_named(deny);
        let (finding, change) = (Finding::Denied { deny, scope }, Change::LiftDeny);
        Failed { cause: Cause::Denied, finding, line, change }
    }

    /// A deny assignment's id, its scope and its line.
    pub(super) fn deny_named(&self, deny: u32) -> (String, Scope, Line) {
        let stated = self.access.denies.get(deny);
        let scope = self.scope(&stated.fact.scope, stated.fact.tenant);
        (stated.fact.id.clone(), scope, self.line(stated.source))
    }

    /// What denies do to a role of an identity, with those of these instants at which they do it.
    pub(super) fn concerned(
        &self,
        coverage: &Coverage,
        identity: Principal,
        grant: u32,
        all: &IntervalSet,
    ) -> Vec<(u32, Effect, IntervalSet)> {
        let access = &self.access;
        let variants = access.role_variants(access.grant(grant).role);
        let mut concerned = Vec::new();
        for (deny, on_chain) in &coverage.denies {
            let named = access.denies.names(*deny, identity, coverage.customer, &access.reach);
            let named = all.intersect(&named).intersect(on_chain);
            for variant in &variants {
                let when = named.clip(variant.during);
                if when.is_empty() {
                    continue;
                }
                let actions = variant.definition.map(|d| d.actions.as_slice());
                let found = effect(&access.denies.get(*deny).fact, actions, access.policy.deny);
                concerned.push((*deny, found, when));
            }
        }
        concerned
    }

    fn recognised(&self, grant: u32) -> bool {
        let variants = self.access.role_variants(self.access.grant(grant).role);
        variants.iter().any(|variant| match self.access.policy.roles {
            RoleFilter::All => true,
            RoleFilter::OwnerOrContributor => variant.class > pal_model::RoleClass::Reader,
            RoleFilter::PecTable => variant.pec_eligible,
        })
    }

    pub(super) fn grant_line(&self, grant: u32) -> Line {
        self.line(match self.access.grant(grant).origin {
            Origin::Assignment(index) => self.access.facts.role_assignments[index].source,
            Origin::Delegation(index, _) => self.access.facts.delegations[index].source,
        })
    }
}
