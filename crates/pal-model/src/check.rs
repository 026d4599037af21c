//! Rules between facts: one value for a key at a time, no circle of management groups.

use std::collections::{HashMap, HashSet};

use crate::{Facts, Instant, Interval, IntervalError, Stated, TenantId, fold};

/// A fact that cannot be taken, with its place.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{place}: {problem}")]
pub struct FactError {
    /// `file:line`.
    pub place: String,
    /// What is wrong.
    pub problem: FactProblem,
}

/// What is wrong with a fact.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum FactProblem {
    /// Not JSON, a missing or doubled field, a value of the wrong form.
    #[error("{0}")]
    Json(String),
    /// No such kind.
    #[error("unknown kind of fact '{0}'; known are {kinds}", kinds = crate::Fact::KINDS.join(", "))]
    Kind(String),
    /// Ends before it begins.
    #[error(transparent)]
    Interval(#[from] IntervalError),
    /// Two facts state the same key at the same time.
    #[error("{what} is stated twice ({when}), also at {other}; end one before the other begins")]
    Overlap {
        /// The key.
        what: String,
        /// The time both hold.
        when: Interval,
        /// The line of the other.
        other: String,
    },
    /// Management groups above each other.
    #[error("management group '{name}' is its own ancestor ({when}); its circle is {circle}")]
    Circle {
        /// The group.
        name: String,
        /// When the fact of the circle that begins last holds.
        when: Interval,
        /// The names on the way round.
        circle: String,
    },
    /// A delegation of something that cannot be delegated.
    #[error("the scope '{0}' of a delegation is neither a subscription nor a resource group")]
    DelegationScope(String),
    /// A role that is no GUID and no built-in role's name.
    #[error("role '{0}' is neither a GUID nor the name of a built-in role known here")]
    Role(String),
}

impl FactProblem {
    /// serde says where in the one-line text; the line is said by us.
    pub(crate) fn json(error: &serde_json::Error) -> Self {
        let text = error.to_string();
        let end = text.rfind(" at line ").unwrap_or(text.len());
        Self::Json(text[..end].to_owned())
    }
}

/// Where the ways up at one instant have been: no part of one is walked twice, so that a long one takes no longer
/// with many groups below it.
#[derive(Default)]
struct Walked {
    passed: HashSet<String>,
    /// Groups that are in a circle; a walk from one of them is not cut short.
    circles: HashSet<String>,
}

impl Facts {
    /// Checks the rules that need more than one line.
    ///
    /// # Errors
    /// The first rule broken, with the lines that break it.
    pub fn check(&self) -> Result<(), FactError> {
        self.check_once()?;
        self.check_delegations()?;
        self.check_circles()
    }

    pub(crate) fn one_at_a_time<T>(
        &self,
        stated: &[Stated<T>],
        subject: impl Fn(&T) -> String,
        what: impl Fn(&T) -> String,
    ) -> Result<(), FactError> {
        let mut by_subject: HashMap<String, Vec<&Stated<T>>> = HashMap::with_capacity(stated.len());
        for fact in stated {
            by_subject.entry(subject(&fact.fact)).or_default().push(fact);
        }
        let mut clashes: Vec<(&Stated<T>, &Stated<T>, Interval)> = Vec::new();
        for list in by_subject.values_mut().filter(|l| l.len() > 1) {
            list.sort_by_key(|s| (s.during.from(), s.source));
            clashes.extend(
                list.windows(2)
                    .filter_map(|w| Some((w[0], w[1], w[0].during.intersect(w[1].during)?))),
            );
        }
        // The clash that comes first in the files, whatever the hash order.
        let first = clashes.iter().min_by_key(|(a, b, _)| a.source.max(b.source));
        let Some(&(a, b, when)) = first else { return Ok(()) };
        let (early, late) = if a.source < b.source { (a, b) } else { (b, a) };
        let other = self.place(early.source);
        let what = what(&late.fact);
        Err(self.error(late.source, FactProblem::Overlap { what, when, other }))
    }

    fn check_delegations(&self) -> Result<(), FactError> {
        let wrong = self.delegations.iter().find(|d| !d.fact.scope.is_subscription_or_group());
        wrong.map_or(Ok(()), |d| {
            let problem = FactProblem::DelegationScope(d.fact.scope.to_string());
            Err(self.error(d.source, problem))
        })
    }

    /// A circle can only close where one of its facts begins, so those instants are enough.
    fn check_circles(&self) -> Result<(), FactError> {
        let mut groups: HashMap<(TenantId, String), Vec<&Stated<_>>> = HashMap::new();
        for stated in &self.management_groups {
            groups.entry((stated.fact.tenant, fold(&stated.fact.name))).or_default().push(stated);
        }
        let parent = |tenant: TenantId, name: &str, at: Instant| {
            let stated = groups.get(&(tenant, name.to_owned()))?;
            let now = stated.iter().find(|s| s.during.contains(at))?;
            now.fact.parent.as_deref().map(fold)
        };
        let mut walked: HashMap<(TenantId, Instant), Walked> = HashMap::new();
        for start in &self.management_groups {
            let (tenant, at) = (start.fact.tenant, start.during.from());
            let walked = walked.entry((tenant, at)).or_default();
            let own = fold(&start.fact.name);
            let mut circle = vec![own.clone()];
            let mut passed: HashSet<String> = HashSet::from([own.clone()]);
            while let Some(above) = parent(tenant, &circle[circle.len() - 1], at) {
                if walked.passed.contains(&above) && !walked.circles.contains(&own) {
                    break;
                }
                let closed = above == own;
                let seen = !passed.insert(above.clone());
                circle.push(above);
                if closed {
                    let problem = FactProblem::Circle {
                        name: start.fact.name.clone(),
                        when: start.during,
                        circle: circle.join(" → "),
                    };
                    return Err(self.error(start.source, problem));
                }
                if seen {
                    // A circle further up: found when its own members are looked at.
                    let top = &circle[circle.len() - 1];
                    let members = circle.iter().skip_while(|group| *group != top).cloned();
                    walked.circles.extend(members);
                    break;
                }
            }
            walked.passed.extend(passed);
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests;
