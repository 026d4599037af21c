//! The chain of facts behind a credit.

use pal_model::{Instant, Interval, IntervalSet, Principal, Source};
use serde::Serialize;

use super::{Explainer, Line, Named, in_window};
use crate::access::{Coverage, Credit, Effect, Origin, Path, Unjudged, way_up};

/// A partner that is credited.
#[derive(Debug, Serialize)]
pub struct CreditedPartner {
    /// The partner.
    pub partner: Named,
    /// Highest class of its paths.
    pub admin_type: &'static str,
    /// Whether a path has an eligible role of the PEC table.
    pub pec_eligible: bool,
    /// Whether another location of the same organisation counts instead.
    pub duplicate_in_global: bool,
    /// The share of a charge of just this period: covered and whole, in lowest terms.
    pub weight: [i64; 2],
    /// Every way the credit comes about.
    pub paths: Vec<PathExplanation>,
}

/// One way.
#[derive(Debug, Serialize)]
pub struct PathExplanation {
    /// When all of it holds, inside what was asked.
    pub when: Vec<String>,
    /// The facts, from the charge to the partner.
    pub steps: Vec<Step>,
    /// What could not be judged on the way; it counts as if it were not there.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub notes: Vec<Note>,
}

/// A deny assignment that could not be judged (R20).
#[derive(Debug, PartialEq, Eq, Serialize)]
pub struct Note {
    /// `deny-not-judged`.
    pub code: &'static str,
    /// Why.
    pub why: Unjudged,
    /// The deny assignment's id.
    pub deny: String,
    /// Where it is.
    pub scope: String,
    /// The role.
    pub role: String,
    /// In words.
    pub text: String,
    /// The line that says so.
    #[serde(flatten)]
    pub fact: Option<Line>,
}

/// One fact on the way.
#[derive(Debug, Serialize)]
pub struct Step {
    /// `grant`, `delegation`, `membership`, `identity`, `link`, `partner`.
    pub step: &'static str,
    /// In words.
    pub text: String,
    /// When it holds.
    pub during: String,
    /// The line that says so.
    #[serde(flatten)]
    pub fact: Option<Line>,
    /// The rule, by its number in `docs/concepts/attribution.md`.
    pub rule: &'static str,
}

impl Explainer<'_> {
    pub(super) fn credited(
        &self,
        coverage: &Coverage,
        credit: &Credit,
        period: Interval,
    ) -> CreditedPartner {
        let window = self.window(period);
        let paths = in_window(coverage, window, credit.partner);
        CreditedPartner {
            partner: Named {
                id: credit.partner.to_string(),
                name: self.access.partner_name(credit).map(str::to_owned),
            },
            admin_type: credit.class.code(),
            pec_eligible: credit.pec_eligible,
            duplicate_in_global: credit.duplicate,
            weight: [credit.weight.0, credit.weight.1],
            paths: paths.map(|path| self.path(coverage, path, window)).collect(),
        }
    }

    fn path(&self, coverage: &Coverage, path: &Path, window: Interval) -> PathExplanation {
        let when = path.when.clip(window);
        let at = when.iter().next().map_or(window.from(), |i| i.from());
        let mut steps = vec![self.grant_step(path, at)];
        let principal = self.access.grant(path.grant).principal;
        let way = way_up(self.access.facts, path.identity, principal, at);
        // Through which groups it goes in another directory is that directory's.
        let (hidden, shown) = match self.audience.is_foreign(path.identity.tenant) {
            true => (way.last().copied(), Vec::new()),
            false => (None, way),
        };
        if let Some(first) = hidden {
            let (who, group) = (self.principal(path.identity, at), self.principal(principal, at));
            let text = format!("{who} is in the group {group}, directly or by other groups");
            let during = when.iter().next().copied().unwrap_or(window);
            steps.push(self.step("membership", text, (during, first.source), "R17"));
        }
        for stated in shown {
            let tenant = stated.fact.tenant;
            let group = self.principal(Principal::new(tenant, stated.fact.group), at);
            let member = self.principal(Principal::new(tenant, stated.fact.member), at);
            steps.push(self.step(
                "membership",
                format!("group {group} has the member {member}"),
                (stated.during, stated.source),
                "R17",
            ));
        }
        let identity = self.access.facts.principals.iter();
        let identity = identity.filter(|s| s.fact.principal() == path.identity);
        for stated in identity.filter(|s| s.during.contains(at)).take(1) {
            let kind = stated.fact.kind.name();
            let text = format!("{} is an enabled {kind}", self.principal(path.identity, at));
            steps.push(self.step("identity", text, (stated.during, stated.source), "R9"));
        }
        let link = &self.access.facts.links[path.link];
        let text = format!(
            "{} is linked to partner {}",
            self.principal(path.identity, at),
            link.fact.partner
        );
        steps.push(self.step("link", text, (link.during, link.source), "R3"));
        let partner = self.access.partner(path.partner).iter().find(|s| s.during.contains(at));
        if let Some(stated) = partner {
            let name = stated.fact.name.as_deref().unwrap_or("without a name");
            let text = format!("partner {} ({name}) is active", path.partner);
            steps.push(self.step("partner", text, (stated.during, stated.source), "R10"));
        }
        let notes = self.unjudged(coverage, path.identity, path.grant, &when);
        PathExplanation { when: super::shown(&when), steps, notes }
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
            let stated = self.access.denies.get(deny);
            let (deny, role) = (stated.fact.id.clone(), self.role_name(grant));
            let scope = self.scope(&stated.fact.scope, stated.fact.tenant);
            let text = format!(
                "deny assignment {deny} at {scope} cannot be judged for the role {role}, because {}; \
                 the role counts as not denied",
                why.reason()
            );
            let fact = Some(self.place(stated.source));
            notes.push(Note { code: "deny-not-judged", why, deny, scope, role, text, fact });
        }
        notes.dedup();
        notes
    }

    fn grant_step(&self, path: &Path, at: Instant) -> Step {
        let grant = self.access.grant(path.grant);
        let role = self.role_name(path.grant);
        let class = path.class.code();
        let holder = self.principal(grant.principal, at);
        let condition = self.condition(path.grant);
        let scope = self.scope(grant.scope, grant.customer);
        let text = format!("{holder} has the role {role} (class {class}) at {scope}{condition}");
        match grant.origin {
            Origin::Assignment(index) => {
                let stated = &self.access.facts.role_assignments[index];
                self.step("grant", text, (stated.during, stated.source), "R14, R16")
            }
            Origin::Delegation(index, _) => {
                let stated = &self.access.facts.delegations[index];
                let tenant = stated.fact.managing_tenant;
                let text = format!("{text}, delegated to tenant {tenant}");
                self.step("delegation", text, (stated.during, stated.source), "R18")
            }
        }
    }

    fn condition(&self, grant: u32) -> &'static str {
        let Origin::Assignment(index) = self.access.grant(grant).origin else { return "" };
        match self.access.facts.role_assignments[index].fact.condition {
            Some(_) => " (its condition is not evaluated, R24)",
            None => "",
        }
    }

    pub(super) fn role_name(&self, grant: u32) -> String {
        let Some(role) = self.access.grant(grant).role else { return "unknown".to_owned() };
        let facts = self.access.facts.role_definitions.iter();
        let stated = facts.filter(|s| s.fact.role == role).find_map(|s| s.fact.name.as_deref());
        let name = self.access.roles.name(role).or(stated);
        name.map_or_else(|| format!("{role} (unknown)"), str::to_owned)
    }

    fn step(
        &self,
        step: &'static str,
        text: String,
        (during, source): (Interval, Source),
        rule: &'static str,
    ) -> Step {
        Step { step, text, during: during.to_string(), fact: Some(self.place(source)), rule }
    }
}
