//! Why a resource's charges are credited to a partner, or why not.
//!
//! An explanation is made of facts: each step names the line it stands on. What is credited is
//! computed by the engine's own access rules; where usage is given, the amount is computed once
//! more by the reference evaluator and compared.

mod amounts;
mod attempts;
mod audience;
mod causes;
mod check_links;
mod check_sight;
mod check_way;
mod checks;
mod commands;
mod credited;
mod cut;
mod findings;
mod no_attempt;
mod not_credited;
mod nouns;
mod text;
mod usage;
mod ways;

use std::collections::{BTreeSet, HashMap};

use pal_model::{
    Facts, Instant, Interval, PartnerId, Principal, PrincipalFact, ScopePath, Source, Stated,
    SubscriptionId, TenantId,
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

pub use amounts::{Amount, Amounts, AmountsQuestion, ScopeCharges, Sums, amounts, amounts_of};
pub use audience::Audience;
pub use causes::{Cause, Decided};
pub use checks::{Check, Verdict};
pub use credited::{CreditedPartner, Note, PathExplanation, PathStep};
pub use findings::{Change, Excluded, Finding, Part, Step};
pub use not_credited::NotCredited;
pub use nouns::{Holders, Line, Named, Role, Scope, Span, Times};

use crate::access::{Access, Coverage, Credit, at_or_next};
use crate::policy::Policy;
use crate::roles::RoleData;

#[derive(Debug, Clone)]
pub struct Question {
    pub resource: ScopePath,
    /// An instant (a period of one nanosecond) or a month.
    pub period: Interval,
    /// Only this partner.
    pub partner: Option<PartnerId>,
}

/// Why a question has no answer.
#[derive(Debug, thiserror::Error)]
pub enum NoAnswer {
    #[error(
        "'{0}' is not in a subscription, so no role reaches it and nothing there is credited \
         (unknown-subscription); give a resource, a resource group or a subscription"
    )]
    NoSubscription(ScopePath),
    #[error(
        "no fact names subscription {0}, so its charges are credited to nobody \
         (unknown-subscription); import a 'subscription' fact for it, or check the id"
    )]
    UnknownSubscription(String),
    #[error("no fact names partner {0}; check the partner ID")]
    UnknownPartner(PartnerId),
}

/// The answer.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
pub struct Explanation {
    /// What was asked about.
    pub resource: String,
    /// From when.
    pub from: String,
    /// Until when; equal to `from` for an instant.
    pub to: String,
    /// The policy and its revision.
    pub policy: [String; 2],
    /// The subscription and its name.
    pub subscription: Subject,
    /// The tenant it belongs to at the start.
    pub customer: Option<Subject>,
    /// The scope chain at the start, nearest first.
    pub chain: Vec<String>,
    /// What the charges come to, where usage is given.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub amounts: Option<Vec<Amount>>,
    /// Who is credited.
    pub credited: Vec<CreditedPartner>,
    /// Who is not, and why.
    pub not_credited: Vec<NotCredited>,
    /// Causes of missing credit that facts and usage cannot show.
    pub outside: Vec<Cause>,
    /// The 28 known causes, if one partner is asked about.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub checks: Option<Vec<Check>>,
}

/// What a fact names, and how far the times of that fact can be relied on.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
pub struct Subject {
    /// What it is.
    #[serde(flatten)]
    pub named: Named,
    /// Whether its start is assumed, and since when it is unconfirmed.
    #[serde(flatten)]
    pub line: Line,
}

pub struct Explainer<'a> {
    access: Access<'a>,
    principals: HashMap<Principal, Vec<&'a Stated<PrincipalFact>>>,
    audience: Audience,
    /// Partners whose credit is marked as a duplicate, where not all of the facts are here.
    duplicates: Option<BTreeSet<PartnerId>>,
}

impl<'a> Explainer<'a> {
    /// Indexes checked facts.
    pub fn new(facts: &'a Facts, roles: &'a RoleData, policy: &'a Policy) -> Self {
        let access = Access::new(facts, roles, policy);
        let mut principals: HashMap<Principal, Vec<&Stated<PrincipalFact>>> = HashMap::new();
        for stated in &facts.principals {
            principals.entry(stated.fact.principal()).or_default().push(stated);
        }
        Self { access, principals, audience: Audience::Everything, duplicates: None }
    }

    /// For a reader, of facts that were [cut](Audience::cut) for it. `duplicates` = what
    /// [`Explainer::duplicates`] says of all facts: another location may not be the reader's.
    #[must_use]
    pub fn for_audience(self, audience: Audience, duplicates: BTreeSet<PartnerId>) -> Self {
        Self { audience, duplicates: Some(duplicates), ..self }
    }

    /// Whose credit is marked as a duplicate (R27).
    ///
    /// # Errors
    /// [`NoAnswer`]: the subscription is not known.
    pub fn duplicates(&self, question: &Question) -> Result<BTreeSet<PartnerId>, NoAnswer> {
        let subscription = self.subscription(&question.resource)?;
        let coverage = self.coverage(question, subscription);
        let credits = self.credits(coverage.as_ref(), question.period);
        Ok(credits.iter().filter(|c| c.duplicate).map(|c| c.partner).collect())
    }

    /// Answers a question.
    ///
    /// # Errors
    /// [`NoAnswer`]: the resource or the partner is not known.
    pub fn explain(&self, question: &Question) -> Result<Explanation, NoAnswer> {
        let subscription = self.subscription(&question.resource)?;
        let facts = self.access.hierarchy.facts(subscription);
        if let Some(partner) = question.partner {
            let linked = self.access.facts.links.iter().any(|l| l.fact.partner == partner);
            if !linked && self.access.partner(partner).is_empty() {
                return Err(NoAnswer::UnknownPartner(partner));
            }
        }
        let start = question.period.from();
        let stated = facts.iter().copied().find(|s| s.during.contains(start));
        let shown = at_or_next(facts, start).or(facts.last().map(|s| &s.fact));
        let mut explanation = Explanation {
            resource: question.resource.to_string(),
            from: start.to_string(),
            to: end(question.period).to_string(),
            policy: [self.access.policy.name.clone(), self.access.policy.revision.clone()],
            subscription: Subject {
                named: Named {
                    id: shown
                        .map_or_else(|| subscription.to_string(), |s| s.subscription.to_string()),
                    name: shown.and_then(|s| s.name.clone()),
                },
                line: stated.map_or_else(Line::default, |s| self.mark(s.source)),
            },
            customer: stated.map(|s| self.customer(s.fact.tenant, start)),
            chain: self.chain(&question.resource, subscription, start),
            amounts: None,
            credited: Vec::new(),
            not_credited: Vec::new(),
            outside: Cause::outside(),
            checks: None,
        };
        let coverage = self.coverage(question, subscription);
        let credits = self.credits(coverage.as_ref(), question.period);
        for partner in self.partners(question) {
            let credit = credits.iter().find(|c| c.partner == partner);
            let case = self.case(coverage.as_ref(), partner, question, credit);
            match (&coverage, credit) {
                (Some(coverage), Some(credit)) => {
                    explanation.credited.push(self.credited(coverage, credit, question.period));
                }
                _ => explanation.not_credited.push(self.not_credited(&case)),
            }
            if question.partner.is_some() {
                explanation.checks = Some(self.walk(&case, &credits));
            }
        }
        if !matches!(self.audience, Audience::Everything) {
            explanation.without_places();
        }
        Ok(explanation)
    }

    fn customer(&self, tenant: TenantId, at: Instant) -> Subject {
        let stated = self.access.tenant(tenant);
        let now = stated.iter().find(|s| s.during.contains(at));
        let name = at_or_next(stated, at).and_then(|t| t.name.clone());
        Subject {
            named: Named { id: tenant.to_string(), name },
            line: now.map_or_else(Line::default, |s| self.mark(s.source)),
        }
    }

    /// The access on the way up; `None` = no fact says whose the subscription is at the start.
    fn coverage(&self, question: &Question, id: SubscriptionId) -> Option<Coverage> {
        let mut stated = self.access.hierarchy.facts(id).iter();
        let stated = stated.find(|s| s.during.contains(question.period.from()))?;
        let (grants, denies) = self.access.on_chain(question.resource.folded());
        Some(self.access.cover(id, stated.fact.tenant, &grants, &denies))
    }

    fn credits(&self, coverage: Option<&Coverage>, period: Interval) -> Vec<Credit> {
        let judged = coverage.map(|coverage| self.access.judge(coverage, period, false));
        let mut credits = judged.map(|outcome| outcome.credits).unwrap_or_default();
        if let Some(duplicates) = &self.duplicates {
            for credit in &mut credits {
                credit.duplicate = duplicates.contains(&credit.partner);
            }
        }
        credits
    }

    fn subscription(&self, resource: &ScopePath) -> Result<SubscriptionId, NoAnswer> {
        let segment =
            resource.subscription().ok_or_else(|| NoAnswer::NoSubscription(resource.clone()))?;
        let unknown = || NoAnswer::UnknownSubscription(segment.to_owned());
        let id: SubscriptionId = segment.parse().map_err(|_| unknown())?;
        if self.access.hierarchy.facts(id).is_empty() { Err(unknown()) } else { Ok(id) }
    }

    /// The partner asked about, or all that anybody is linked to; the reader's own, if nobody is.
    fn partners(&self, question: &Question) -> Vec<PartnerId> {
        let links = self.access.facts.links.iter().map(|l| l.fact.partner);
        let mut partners: Vec<PartnerId> = match (question.partner, &self.audience) {
            (Some(partner), _) => vec![partner],
            (None, Audience::Partner { partners, .. }) if self.access.facts.links.is_empty() => {
                partners.iter().copied().collect()
            }
            (None, _) => links.collect(),
        };
        partners.sort_unstable();
        partners.dedup();
        partners
    }

    fn chain(&self, resource: &ScopePath, id: SubscriptionId, at: Instant) -> Vec<String> {
        let own = resource.chain_as_written().into_iter();
        let mut chain: Vec<String> = own.map(str::to_owned).collect();
        if let Some(placement) = self.access.hierarchy.at(id, at) {
            // A partner is not told of management groups but of those on which it has a role.
            let own = |scope: &&String| {
                let grants = self.access.grants_at(scope).iter().map(|g| self.access.grant(*g));
                !self.audience.is_partner()
                    || grants.clone().any(|g| g.customer == placement.tenant)
            };
            chain.extend(placement.above.iter().filter(own).cloned());
        }
        chain
    }

    fn partner_name(&self, partner: PartnerId, at: Instant) -> Option<String> {
        let stated = self.access.partner(partner);
        let shown = at_or_next(stated, at).or(stated.last().map(|s| &s.fact));
        shown.and_then(|p| p.name.clone())
    }

    /// The facts of an account or group, in their order.
    fn stated(&self, principal: Principal) -> &[&'a Stated<PrincipalFact>] {
        self.principals.get(&principal).map_or(&[], Vec::as_slice)
    }

    /// An identity or group with its name, at an instant or ever.
    fn principal(&self, principal: Principal, at: Instant) -> Named {
        let all = self.stated(principal);
        let now = all.iter().find(|s| s.during.contains(at)).or(all.first()).copied();
        let stated: Option<&Stated<PrincipalFact>> = now;
        // Of another directory only the linked identities are known by name.
        let linked = !self.access.links_of(principal).is_empty();
        let stated = stated.filter(|_| linked || !self.audience.is_foreign(principal.tenant));
        let name = stated.and_then(|s| s.fact.name.clone());
        Named { id: principal.object.to_string(), name }
    }

    fn line(&self, source: Source) -> Line {
        let facts = self.access.facts;
        Line::new(Some(facts.place(source)), facts.mark(source))
    }

    /// How far a fact can be relied on that is not cited itself.
    fn mark(&self, source: Source) -> Line {
        Line::new(None, self.access.facts.mark(source))
    }

    fn window(&self, period: Interval) -> Interval {
        self.access.policy.granularity.window(period)
    }
}

/// The end as it is shown: an instant ends where it begins.
fn end(period: Interval) -> Instant {
    if period.length() == 1 { period.from() } else { period.to() }
}

/// A period of one nanosecond: an instant.
///
/// # Errors
/// `None` at the end of time.
pub fn instant(at: Instant) -> Option<Interval> {
    let next = Instant::from_nanoseconds(at.nanoseconds() + 1)?;
    Interval::new(at, next).ok()
}

/// What a coverage is asked for besides its paths.
fn in_window(
    coverage: &Coverage,
    window: Interval,
    partner: PartnerId,
) -> impl Iterator<Item = &crate::access::Path> {
    coverage.paths().filter(move |p| p.partner == partner && p.when.overlaps(window))
}
