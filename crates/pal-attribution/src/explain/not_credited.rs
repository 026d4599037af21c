//! Why a partner is not credited: the known causes in their order, the fact that decided, and the
//! nearest change that would give credit.
//!
//! Every link of the partner is tried with every grant on the chain. Such an attempt fails for some
//! of the causes; the attempt that fails for the fewest is the one explained, because mending it
//! takes the fewest changes.

use serde::Serialize;

use super::attempts::Case;
use super::{Audience, Explainer, Line, Named, Question};

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
    /// The same as commands to type, where there are any.
    pub commands: Vec<String>,
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
    /// The line that decided.
    #[serde(flatten, serialize_with = "super::line::or_null")]
    pub fact: Option<Line>,
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
#[derive(Debug, Clone)]
pub(super) struct Cause {
    pub code: &'static str,
    pub found: String,
    pub fact: Option<Line>,
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

/// The place of a code in [`ORDER`].
pub(super) fn rank(code: &str) -> Option<usize> {
    ORDER.iter().position(|known| *known == code)
}

impl Explainer<'_> {
    pub(super) fn not_credited(&self, case: &Case) -> NotCredited {
        let causes = &case.causes;
        let first = rank(causes.first().map_or("", |c| c.code)).unwrap_or_default();
        let check = |(at, code): (usize, &&'static str)| {
            let cause = causes.iter().find(|c| c.code == *code);
            let state = match cause {
                Some(_) => State::Fail,
                // Nothing is said to a partner of what others have.
                None if *code == "no-assignment" && self.audience.is_partner() => State::Skipped,
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
                id: case.partner.to_string(),
                name: self.partner_name(case.partner, case.question.period.from()),
            },
            reason: ORDER[first],
            checks: ORDER.iter().enumerate().map(check).collect(),
            nearest_change: changes.join("; "),
            commands: self.commands(case),
        }
    }

    pub(super) fn unknown_subscription(&self, question: &Question) -> Cause {
        let id = question.resource.subscription().and_then(|id| id.parse().ok());
        let change = match &self.audience {
            Audience::Everything => "import a 'subscription' fact that holds then",
            _ => "ask the operator of the service whose subscription it is then",
        };
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
            change: change.to_owned(),
        }
    }
}
