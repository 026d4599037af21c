//! Why a partner is not credited: the causes that an attempt can fail for, in their order, each with
//! the fact that decided and the nearest change that would give credit.
//!
//! Every link of the partner is tried with every grant on the chain. Such an attempt fails for some
//! of the causes; the attempt that fails for the fewest is the one explained, because mending it
//! takes the fewest changes.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::attempts::{Case, Failed};
use super::nouns::joined;
use super::{
    Audience, Cause, Change, Check, Decided, Explainer, Finding, Line, Named, Question, Verdict,
};

/// A partner that is not credited.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
pub struct NotCredited {
    /// The partner.
    pub partner: Named,
    /// The cause that decided.
    pub reason: Cause,
    /// What an attempt can fail for, in the order of the causes.
    pub checks: Vec<Check>,
    /// The changes that would give credit, as commands to type, where there are any.
    pub commands: Vec<String>,
}

impl NotCredited {
    /// The nearest change that would give credit, in one line.
    pub fn next(&self) -> String {
        let changes: Vec<&Change> = self.checks.iter().filter_map(|c| c.change.as_ref()).collect();
        joined(&changes, "; ")
    }
}

impl Explainer<'_> {
    pub(super) fn not_credited(&self, case: &Case) -> NotCredited {
        let causes = &case.causes;
        let reason = causes.first().map_or(Cause::UnknownSubscription, |failed| failed.cause);
        let check = |cause: Cause| {
            if let Some(failed) = case.blamed(cause) {
                return Check::failed(failed);
            }
            // Nothing is said to a partner of what others have.
            let is_others = cause == Cause::NoAssignment && self.audience.is_partner();
            let looked_at = !is_others && (cause < reason || causes.len() > 1);
            let verdict = if looked_at { Verdict::Passes } else { Verdict::DoesNotApply };
            Check::new(cause, verdict)
        };
        let tried = Cause::ALL.into_iter().filter(|cause| cause.decided() == Decided::Tried);
        NotCredited {
            partner: Named {
                id: case.partner.to_string(),
                name: self.partner_name(case.partner, case.question.period.from()),
            },
            reason,
            checks: tried.map(check).collect(),
            commands: self.commands(case),
        }
    }

    pub(super) fn unknown_subscription(&self, question: &Question) -> Failed {
        let id = question.resource.subscription().and_then(|id| id.parse().ok());
        let known = id.and_then(|id| self.access.hierarchy.facts(id).iter().next());
        Failed {
            cause: Cause::UnknownSubscription,
            finding: Finding::InNoTenant {
                at: question.period.from().to_string(),
                known: known.map(|stated| stated.during.into()),
            },
            line: known.map_or_else(Line::default, |stated| self.line(stated.source)),
            change: match &self.audience {
                Audience::Everything => Change::ImportSubscription,
                _ => Change::AskWhoseSubscription,
            },
        }
    }
}
