//! The chain of facts behind a credit.

use pal_model::{Instant, Interval, IntervalSet, Principal, RoleId, Source};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Explainer, Finding, Line, Named, Role, Span, Step, Times, in_window};
use crate::access::{Coverage, Credit, Effect, Origin, Path};

/// A partner that is credited.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
pub struct CreditedPartner {
    /// The partner.
    pub partner: Named,
    /// Highest class of its paths.
    pub admin_type: String,
    /// Whether a path has an eligible role of the PEC table.
    pub pec_eligible: bool,
    /// Whether another location of the same organisation counts instead.
    pub duplicate_in_global: bool,
    /// The share of a charge of just this period: covered and whole, in lowest terms.
    pub weight: [i64; 2],
    /// The ways the credit comes about, at most 100.
    pub paths: Vec<PathExplanation>,
    /// How many ways there are beside those.
    #[serde(default, skip_serializing_if = "is_none")]
    pub paths_left_out: usize,
}

/// One way.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
pub struct PathExplanation {
    /// When all of it holds, inside what was asked.
    pub when: Times,
    /// The facts, from the charge to the partner.
    pub steps: Vec<PathStep>,
    /// How many memberships are left out in the middle of a way through more than 40 nested groups.
    #[serde(default, skip_serializing_if = "is_none")]
    pub memberships_left_out: usize,
    /// What could not be judged on the way; it counts as if it were not there.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub notes: Vec<Note>,
}

/// A deny assignment that could not be judged (R20).
#[derive(Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Note {
    /// Which, and why.
    pub finding: Finding,
    /// The line that says so.
    #[serde(flatten)]
    pub line: Line,
}

/// One fact on the way.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
pub struct PathStep {
    /// What it says.
    #[serde(flatten)]
    pub step: Step,
    /// When it holds.
    pub during: Span,
    /// The line that says so.
    #[serde(flatten)]
    pub line: Line,
    /// The rule, by its number in `docs/concepts/attribution.md`.
    pub rule: String,
}

/// Most ways of a partner that are told: an answer is for people, and a group can have any number of
/// members.
const WAYS: usize = 100;
/// Most memberships that are told at each end of a way.
const MEMBERSHIPS: usize = 20;

#[expect(clippy::trivially_copy_pass_by_ref, reason = "what serde calls")]
fn is_none(left_out: &usize) -> bool {
    *left_out == 0
}

impl Explainer<'_> {
    pub(super) fn credited(
        &self,
        coverage: &Coverage,
        credit: &Credit,
        period: Interval,
    ) -> CreditedPartner {
        let window = self.window(period);
        let all = || in_window(coverage, window, credit.partner);
        CreditedPartner {
            partner: Named {
                id: credit.partner.to_string(),
                name: self.access.partner_name(credit).map(str::to_owned),
            },
            admin_type: credit.class.to_string(),
            pec_eligible: credit.pec_eligible,
            duplicate_in_global: credit.duplicate,
            weight: [credit.weight.0, credit.weight.1],
            paths: all().take(WAYS).map(|path| self.path(coverage, path, window)).collect(),
            paths_left_out: all().skip(WAYS).count(),
        }
    }

    fn path(&self, coverage: &Coverage, path: &Path, window: Interval) -> PathExplanation {
        let when = path.when.clip(window);
        let at = when.iter().next().map_or(window.from(), |i| i.from());
        let mut steps = vec![self.grant_step(path, at)];
        let holder = self.access.grant(path.grant).principal;
        let way = self.access.reach.way(path.identity, holder, at);
        // Through which groups it goes in another directory is that directory's.
        let (hidden, shown) = match self.audience.is_foreign(path.identity.tenant) {
            true => (way.last().copied(), Vec::new()),
            false => (None, way),
        };
        let who = self.principal(path.identity, at);
        if let Some(first) = hidden {
            let step = Step::InGroup { group: self.principal(holder, at), member: who.clone() };
            let during = when.iter().next().copied().unwrap_or(window);
            steps.push(self.step(step, (during, first.source)));
        }
        let left_out = shown.len().saturating_sub(2 * MEMBERSHIPS);
        let ends = |at: &usize| *at < MEMBERSHIPS || *at >= MEMBERSHIPS + left_out;
        for stated in (0..shown.len()).filter(ends).map(|at| shown[at]) {
            let named = |object| self.principal(Principal::new(stated.fact.tenant, object), at);
            let (group, member) = (named(stated.fact.group), named(stated.fact.member));
            steps.push(
                self.step(Step::Membership { group, member }, (stated.during, stated.source)),
            );
        }
        let identity = self.stated(path.identity).iter().find(|s| s.during.contains(at));
        if let Some(stated) = identity {
            let account = stated.fact.kind.name().to_owned();
            let step = Step::Identity { who: who.clone(), account };
            steps.push(self.step(step, (stated.during, stated.source)));
        }
        let link = &self.access.facts.links[path.link];
        let step = Step::Link { who, partner: link.fact.partner.to_string() };
        steps.push(self.step(step, (link.during, link.source)));
        let partner = self.access.partner(path.partner).iter().find(|s| s.during.contains(at));
        if let Some(stated) = partner {
            let partner = Named { id: path.partner.to_string(), name: stated.fact.name.clone() };
            steps.push(self.step(Step::Partner { partner }, (stated.during, stated.source)));
        }
        let notes = self.unjudged(coverage, path.identity, path.grant, &when);
        let when = Times::inside(&when);
        PathExplanation { when, steps, memberships_left_out: left_out, notes }
    }

    /// The denies that concern a role of an identity at some of these instants and cannot be judged.
    pub(super) fn unjudged(
        &self,
        coverage: &Coverage,
        identity: Principal,
        grant: u32,
        all: &IntervalSet,
    ) -> Vec<Note> {
        let mut notes = Vec::new();
        for (deny, found, _) in self.concerned(coverage, identity, grant, all) {
            let Effect::Unjudged(why) = found else { continue };
            let (deny, scope, line) = self.deny_named(deny);
            let finding = Finding::DenyNotJudged { deny, scope, role: self.role(grant), why };
            notes.push(Note { finding, line });
        }
        notes.dedup();
        notes
    }

    fn grant_step(&self, path: &Path, at: Instant) -> PathStep {
        let grant = self.access.grant(path.grant);
        let (holder, role) = (self.principal(grant.principal, at), self.role(path.grant));
        let class = path.class.to_string();
        let scope = self.scope(grant.scope, grant.customer);
        match grant.origin {
            Origin::Assignment(index) => {
                let stated = &self.access.facts.role_assignments[index];
                let conditional = stated.fact.condition.is_some();
                let step = Step::Grant { holder, role, class, scope, conditional };
                self.step(step, (stated.during, stated.source))
            }
            Origin::Delegation(index, _) => {
                let stated = &self.access.facts.delegations[index];
                let tenant = stated.fact.managing_tenant.to_string();
                let step = Step::Delegation { holder, role, class, scope, tenant };
                self.step(step, (stated.during, stated.source))
            }
        }
    }

    pub(super) fn role(&self, grant: u32) -> Role {
        let Some(role) = self.access.grant(grant).role else {
            return Role { id: None, name: None };
        };
        self.role_of(role)
    }

    /// A role by its id, with its name in the tables or else in the facts.
    pub(super) fn role_of(&self, role: RoleId) -> Role {
        let facts = self.access.facts.role_definitions.iter();
        let stated = facts.filter(|s| s.fact.role == role).find_map(|s| s.fact.name.as_deref());
        let name = self.access.roles.name(role).or(stated);
        Role { id: Some(role.to_string()), name: name.map(str::to_owned) }
    }

    fn step(&self, step: Step, (during, source): (Interval, Source)) -> PathStep {
        let rule = step.rule().to_owned();
        PathStep { step, during: during.into(), line: self.line(source), rule }
    }
}
