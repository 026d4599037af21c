//! Why a partner is not credited: the known causes in their order, the fact that decided, and the
//! nearest change that would give credit.
//!
//! Every link of the partner is tried with every grant on the chain. Such an attempt fails for some
//! of the causes; the attempt that fails for the fewest is the one explained, because mending it
//! takes the fewest changes.

use pal_model::{Interval, IntervalSet, PartnerId, Principal};
use serde::Serialize;

use super::{Explainer, Named, Question};
use crate::access::{Coverage, Origin, takes_away};
use crate::policy::{Granularity, RoleFilter};

/// A partner that is not credited.
#[derive(Debug, Serialize)]
pub struct NotCredited {
    /// The partner.
    pub partner: Named,
    /// The cause that decided.
    pub reason: &'static str,
    /// The checks, in the order of the list of causes.
    pub checks: Vec<Check>,
    /// The nearest change that would give credit.
    pub nearest_change: String,
}

/// One cause, looked at.
#[derive(Debug, Clone, Serialize)]
pub struct Check {
    /// Stable code of the cause.
    pub code: &'static str,
    /// What came of it.
    pub state: State,
    /// What was found.
    pub found: String,
    /// The line that decided, `file:line`.
    pub fact: Option<String>,
}

/// What came of a check.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum State {
    /// Not the cause.
    Ok,
    /// A cause.
    Fail,
    /// Not looked at: an earlier one decides.
    Skipped,
}

/// A cause that an attempt fails for.
pub(super) struct Cause {
    pub code: &'static str,
    pub found: String,
    pub fact: Option<String>,
    pub change: String,
}

/// The causes of an attempt, in the order in which they are told.
const ORDER: [&str; 13] = [
    "unknown-subscription",
    "no-assignment",
    "not-linked",
    "linked-elsewhere",
    "no-access",
    "partner-inactive",
    "identity-inactive",
    "role-not-recognised",
    "eligible-only",
    "not-a-member",
    "denied",
    "link-outside-period",
    "never-at-once",
];

impl Explainer<'_> {
    pub(super) fn not_credited(
        &self,
        coverage: Option<&Coverage>,
        partner: PartnerId,
        question: &Question,
    ) -> NotCredited {
        let window = self.window(question.period);
        let mut causes = match coverage {
            None => vec![self.unknown_subscription(question)],
            Some(coverage) => self.causes(coverage, partner, question, window),
        };
        let rank = |code: &str| ORDER.iter().position(|known| *known == code);
        causes.sort_by_key(|cause| rank(cause.code));
        let first = rank(causes.first().map_or("", |c| c.code)).unwrap_or_default();
        let check = |(at, code): (usize, &&'static str)| {
            let cause = causes.iter().find(|c| c.code == *code);
            let state = match cause {
                Some(_) => State::Fail,
                None if at < first => State::Ok,
                None if causes.len() > 1 => State::Ok,
                None => State::Skipped,
            };
            let (found, fact) =
                cause.map_or((String::new(), None), |c| (c.found.clone(), c.fact.clone()));
            Check { code, state, found, fact }
        };
        let changes: Vec<&str> = causes.iter().map(|c| c.change.as_str()).collect();
        NotCredited {
            partner: Named {
                id: partner.to_string(),
                name: self.partner_name(partner, question.period.from()),
            },
            reason: ORDER[first],
            checks: ORDER.iter().enumerate().map(check).collect(),
            nearest_change: changes.join("; "),
        }
    }

    fn unknown_subscription(&self, question: &Question) -> Cause {
        let id = question.resource.subscription().and_then(|id| id.parse().ok());
        let next = id.and_then(|id| {
            let facts = self.access.hierarchy.facts(id).iter();
            facts.map(|s| (s.during, s.source)).next()
        });
        Cause {
            code: "unknown-subscription",
            found: format!(
                "no fact says to which tenant the subscription belongs at {}{}",
                question.period.from(),
                next.map_or_else(String::new, |(during, _)| format!("; one holds {during}"))
            ),
            fact: next.map(|(_, source)| self.place(source)),
            change: "import a 'subscription' fact that holds then".to_owned(),
        }
    }

    fn causes(
        &self,
        coverage: &Coverage,
        partner: PartnerId,
        question: &Question,
        window: Interval,
    ) -> Vec<Cause> {
        let links = self.access.facts.links.iter().enumerate();
        let links: Vec<usize> =
            links.filter(|(_, l)| l.fact.partner == partner).map(|(i, _)| i).collect();
        let attempts = links.iter().flat_map(|&link| {
            let identity = self.access.facts.links[link].fact.principal();
            let grants = coverage.grants.iter();
            grants.filter_map(move |(grant, paths)| {
                let reached = self.access.reach.when(identity, self.access.grant(*grant).principal);
                let held = paths.held.clip(window);
                (!reached.is_empty() && !held.is_empty())
                    .then(|| self.attempt(coverage, (link, *grant), (&held, &reached), window))
            })
        });
        if let Some(best) = attempts.min_by_key(Vec::len) {
            return best;
        }
        if let Some(cause) = self.eligible_only(&links, question, window) {
            return vec![cause];
        }
        vec![self.no_attempt(coverage, partner, &links, question, window)]
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
        let who = self.principal(identity, window.from());
        let role = self.role_name(grant);
        let mut causes = Vec::new();
        let active: IntervalSet = self.access.partner(partner).iter().map(|s| s.during).collect();
        let enabled = self.access.active(identity);
        let mut blame = |code, bad: bool, found: String, fact, change: &str| {
            if bad {
                causes.push(Cause { code, found, fact, change: change.to_owned() });
            }
        };
        let none = |set: &IntervalSet| !set.overlaps(window);
        let mut principals = self.access.facts.principals.iter();
        let identity_fact = principals.rfind(|s| s.fact.principal() == identity);
        blame(
            "partner-inactive",
            none(&active),
            format!("partner {partner} is active {}", times(&active)),
            self.access.partner(partner).first().map(|s| self.place(s.source)),
            "link an active location",
        );
        blame(
            "identity-inactive",
            none(&enabled),
            format!("{who} exists and is enabled {}", times(&enabled)),
            identity_fact.map(|s| self.place(s.source)),
            "enable the identity, or link another one that has access",
        );
        blame(
            "not-a-member",
            none(reached),
            format!("{who} reaches the holder of {role} {}", times(reached)),
            None,
            "make the identity a member of the group again, or give it a role of its own",
        );
        blame(
            "link-outside-period",
            !stated.during.overlaps(window),
            format!("{who} is linked to {partner} {}", stated.during),
            Some(self.place(stated.source)),
            "nothing gives credit for the time before a link; keep the link from now on",
        );
        blame(
            "role-not-recognised",
            !self.recognised(grant),
            format!("{role} is not among the roles of policy {}", self.access.policy.name),
            Some(self.grant_fact(grant)),
            "assign a role that the policy recognises, Contributor for example",
        );
        if causes.is_empty() {
            causes.push(self.together(coverage, (link, grant), (held, reached), window));
        }
        causes
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
        let active: IntervalSet = self.access.partner(partner).iter().map(|s| s.during).collect();
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
        if let Some(deny) = self.deny(coverage, identity, grant, &all) {
            return deny;
        }
        Cause {
            code: "never-at-once",
            found: "role, membership, identity, link and partner never hold at one instant".into(),
            fact: Some(self.grant_fact(grant)),
            change: "let the link and the access overlap in time".to_owned(),
        }
    }

    fn deny(
        &self,
        coverage: &Coverage,
        identity: Principal,
        grant: u32,
        all: &IntervalSet,
    ) -> Option<Cause> {
        let variants = self.access.role_variants(self.access.grant(grant).role);
        let actions = variants.iter().find_map(|v| v.definition).map(|d| d.actions.as_slice());
        let deny = coverage.denies.iter().find(|(deny, on_chain)| {
            let access = &self.access;
            let named = access.denies.names(*deny, identity, coverage.customer, &access.reach);
            takes_away(&access.denies.get(*deny).fact, actions, access.policy.deny)
                && !all.intersect(&named).intersect(on_chain).is_empty()
        })?;
        let stated = self.access.denies.get(deny.0);
        Some(Cause {
            code: "denied",
            found: format!("deny assignment {} at {}", stated.fact.id, stated.fact.scope),
            fact: Some(self.place(stated.source)),
            change: "the deny assignment must go, or exclude the identity".to_owned(),
        })
    }

    fn recognised(&self, grant: u32) -> bool {
        let variants = self.access.role_variants(self.access.grant(grant).role);
        variants.iter().any(|variant| match self.access.policy.roles {
            RoleFilter::All => true,
            RoleFilter::OwnerOrContributor => variant.class > pal_model::RoleClass::Reader,
            RoleFilter::PecTable => variant.pec_eligible,
        })
    }

    pub(super) fn grant_fact(&self, grant: u32) -> String {
        let source = match self.access.grant(grant).origin {
            Origin::Assignment(index) => self.access.facts.role_assignments[index].source,
            Origin::Delegation(index, _) => self.access.facts.delegations[index].source,
        };
        self.place(source)
    }
}

/// Times as a list.
fn times(set: &IntervalSet) -> String {
    match set.is_empty() {
        true => "never".to_owned(),
        false => set.iter().map(ToString::to_string).collect::<Vec<_>>().join(", "),
    }
}
