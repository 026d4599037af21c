//! Every link of a partner tried with every grant on the chain: what each attempt fails for.

use pal_model::{Interval, IntervalSet, PartnerId, Principal, UnknownPartner};

use super::not_credited::{Cause, rank};
use super::{Explainer, Line, Question, in_window};
use crate::access::{Coverage, Credit, Effect, Origin, effect, way_up};
use crate::policy::{Granularity, RoleFilter};

/// A partner at a resource, and the attempt that is nearest to credit.
pub(super) struct Case<'c> {
    pub question: &'c Question,
    /// The time that counts.
    pub window: Interval,
    pub partner: PartnerId,
    /// `None` = it is not known to which tenant the subscription belongs.
    pub coverage: Option<&'c Coverage>,
    /// The links of the partner.
    pub links: Vec<usize>,
    /// The link of the attempt.
    pub link: Option<usize>,
    /// The grant of the attempt; `None` = no link meets any.
    pub grant: Option<u32>,
    /// What the attempt fails for, in order; empty = credited.
    pub causes: Vec<Cause>,
    pub credit: Option<&'c Credit>,
}

impl Case<'_> {
    /// The cause of this code, if the attempt fails for it.
    pub fn blamed(&self, code: &str) -> Option<&Cause> {
        self.causes.iter().find(|cause| cause.code == code)
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
        case.causes.sort_by_key(|cause| rank(cause.code));
        case
    }

    /// The attempt that fails for the fewest causes; else why there is none.
    fn nearest(&self, case: &mut Case, coverage: &Coverage) {
        let window = case.window;
        let attempts = case.links.iter().flat_map(|&link| {
            let identity = self.access.facts.links[link].fact.principal();
            let grants = coverage.grants.iter();
            grants.filter_map(move |(grant, paths)| {
                let reached = self.access.reach.when(identity, self.access.grant(*grant).principal);
                let held = paths.held.clip(window);
                (!reached.is_empty() && !held.is_empty()).then(|| {
                    let causes = self.attempt(coverage, (link, *grant), (&held, &reached), window);
                    (link, *grant, causes)
                })
            })
        });
        if let Some((link, grant, causes)) = attempts.min_by_key(|(_, _, causes)| causes.len()) {
            (case.link, case.grant, case.causes) = (Some(link), Some(grant), causes);
            return;
        }
        if let Some((link, cause)) = self.eligible_only(case, coverage.customer) {
            (case.link, case.causes) = (Some(link), vec![cause]);
            return;
        }
        case.link = self.nearest_link(coverage, &case.links);
        case.causes = vec![self.no_attempt(coverage, case)];
    }

    /// What keeps one link from being credited through one grant.
    fn attempt(
        &self,
        coverage: &Coverage,
        (link, grant): (usize, u32),
        (held, reached): (&IntervalSet, &IntervalSet),
        window: Interval,
    ) -> Vec<Cause> {
        let stated = &self.access.facts.links[link];
        let (identity, partner) = (stated.fact.principal(), stated.fact.partner);
        let mut causes = Vec::new();
        let mut blame = |bad: bool, cause: &dyn Fn() -> Cause| {
            if bad {
                causes.push(cause());
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

    pub(super) fn partner_inactive(&self, partner: PartnerId) -> Cause {
        let active = self.partner_active(partner);
        let facts = self.access.partner(partner);
        let (found, change) = if facts.is_empty() {
            let fact = UnknownPartner(partner).fact();
            let found =
                format!("linked to partner {partner}, of which no fact is known: no credit");
            (found, format!("add this fact: {fact}"))
        } else {
            let found = format!("partner {partner} is active {}", times(&active));
            (found, "link an active location".to_owned())
        };
        let fact = facts.first().map(|s| self.place(s.source));
        Cause { code: "partner-inactive", found, fact, change }
    }

    pub(super) fn identity_inactive(&self, link: usize, window: Interval) -> Cause {
        let identity = self.access.facts.links[link].fact.principal();
        let who = self.principal(identity, window.from());
        let mut principals = self.access.facts.principals.iter();
        Cause {
            code: "identity-inactive",
            found: format!("{who} exists and is enabled {}", times(&self.access.active(identity))),
            fact: principals
                .rfind(|s| s.fact.principal() == identity)
                .map(|s| self.place(s.source)),
            change: "enable the identity, or link another one that has access".to_owned(),
        }
    }

    fn not_a_member(&self, link: usize, grant: u32, window: Interval) -> Cause {
        let identity = self.access.facts.links[link].fact.principal();
        let (who, role) = (self.principal(identity, window.from()), self.role_name(grant));
        let reached = self.access.reach.when(identity, self.access.grant(grant).principal);
        Cause {
            code: "not-a-member",
            found: format!("{who} reaches the holder of {role} {}", times(&reached)),
            fact: self.membership(link, grant, &reached),
            change: "make the identity a member of the group again, or give it a role of its own"
                .to_owned(),
        }
    }

    /// The first membership on the way from a link's identity to the holder of a role, at the first
    /// of these instants (R17).
    pub(super) fn membership(&self, link: usize, grant: u32, at: &IntervalSet) -> Option<Line> {
        let identity = self.access.facts.links[link].fact.principal();
        let first = at.iter().next()?.from();
        let way = way_up(self.access.facts, identity, self.access.grant(grant).principal, first);
        way.last().map(|stated| self.place(stated.source))
    }

    pub(super) fn link_outside(&self, link: usize, window: Interval) -> Cause {
        let stated = &self.access.facts.links[link];
        let who = self.principal(stated.fact.principal(), window.from());
        Cause {
            code: "link-outside-period",
            found: format!("{who} is linked to {} {}", stated.fact.partner, stated.during),
            fact: Some(self.place(stated.source)),
            change: "nothing gives credit for the time before a link; keep the link from now on"
                .to_owned(),
        }
    }

    fn not_recognised(&self, grant: u32) -> Cause {
        let (role, policy) = (self.role_name(grant), &self.access.policy.name);
        Cause {
            code: "role-not-recognised",
            found: format!("{role} is not among the roles of policy {policy}"),
            fact: Some(self.grant_fact(grant)),
            change: "assign a role that the policy recognises, Contributor for example".to_owned(),
        }
    }

    /// Everything holds at some time, but not together, not all day, or a deny is in the way.
    fn together(
        &self,
        coverage: &Coverage,
        (link, grant): (usize, u32),
        (held, reached): (&IntervalSet, &IntervalSet),
        window: Interval,
    ) -> Cause {
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
            let hours = covered.length() / 3_600_000_000_000;
            return Cause {
                code: "never-at-once",
                found: format!("covered {hours} h, but not every instant of the day (R34)"),
                fact: Some(self.grant_fact(grant)),
                change: "access and link must last whole UTC days".to_owned(),
            };
        }
        if let Some((deny, _)) = self.deny(coverage, identity, grant, &all) {
            return deny;
        }
        Cause {
            code: "never-at-once",
            found: "role, membership, identity, link and partner never hold at one instant".into(),
            fact: Some(self.grant_fact(grant)),
            change: "let the link and the access overlap in time".to_owned(),
        }
    }

    /// The first deny that concerns any of these instants, with those it takes away (R20).
    pub(super) fn deny(
        &self,
        coverage: &Coverage,
        identity: Principal,
        grant: u32,
        all: &IntervalSet,
    ) -> Option<(Cause, IntervalSet)> {
        let concerned = self.concerned(coverage, identity, grant, all);
        let (deny, taken) = concerned
            .into_iter()
            .find_map(|(deny, found, when)| (found == Effect::Taken).then_some((deny, when)))?;
        let stated = self.access.denies.get(deny);
        let cause = Cause {
            code: "denied",
            found: format!(
                "deny assignment {} at {}",
                stated.fact.id,
                self.scope(&stated.fact.scope, stated.fact.tenant)
            ),
            fact: Some(self.place(stated.source)),
            change: "the deny assignment must go, or exclude the identity".to_owned(),
        };
        Some((cause, taken))
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

    pub(super) fn grant_fact(&self, grant: u32) -> Line {
        let source = match self.access.grant(grant).origin {
            Origin::Assignment(index) => self.access.facts.role_assignments[index].source,
            Origin::Delegation(index, _) => self.access.facts.delegations[index].source,
        };
        self.place(source)
    }
}

/// Times as a list.
pub(super) fn times(set: &IntervalSet) -> String {
    match set.is_empty() {
        true => "never".to_owned(),
        false => set.iter().map(ToString::to_string).collect::<Vec<_>>().join(", "),
    }
}
