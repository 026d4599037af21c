//! Questions as they are asked of the program and of the service, answered in one call each.

use std::io::Write;

use pal_model::{Facts, Instant, Interval, IntervalError, KeyColumn, PartnerId, ScopePath};

use crate::engine::{Engine, EngineError, Options, Usage};
use crate::explain::{
    AmountsQuestion, Audience, Explainer, Explanation, NoAnswer, Question, amounts, instant,
};
use crate::ingest::{Part, ReadOptions};
use crate::output::{Format, Origin, Writer, write_balance};
use crate::policy::{Granularity, Policy};
use crate::roles::RoleData;

pub use pal_model::month;

#[derive(Clone, Copy)]
pub struct Basis<'a> {
    pub facts: &'a Facts,
    pub roles: &'a RoleData,
    pub policy: &'a Policy,
}

/// Writes a report with these key columns, or (`None`) the balance. How many rows a report has;
/// `None` for a balance.
///
/// # Errors
/// As [`Engine::report`]; or the output cannot be written.
pub fn write_report<'w>(
    basis: Basis,
    parts: &[Part],
    keys: Option<&[KeyColumn]>,
    options: &Options,
    format: Format,
    out: Box<dyn Write + Send + 'w>,
) -> Result<Option<u64>, EngineError> {
    let engine = Engine::new(basis.facts, basis.roles, basis.policy);
    let origin = Origin { policy: (basis.policy.name.clone(), basis.policy.revision.clone()) };
    let usage = Usage::Parts(parts);
    let Some(keys) = keys else {
        let balance = engine.balance(usage, options)?;
        write_balance(format, &balance, &origin, out)?;
        return Ok(None);
    };
    let mut writer = Writer::report(format, keys, !options.view.without_money, &origin, out)?;
    let mut count = 0u64;
    engine.report(usage, keys, options, &mut |keys, charges, cost, credit| {
        count += 1;
        Ok(writer.row(keys, charges, cost, credit)?)
    })?;
    writer.finish()?;
    Ok(Some(count))
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum When {
    At(Instant),
    /// A month (year, 1 – 12), UTC.
    Month((i16, i8)),
}

impl When {
    /// The month of the charges that are added up.
    pub fn month(self) -> (i16, i8) {
        match self {
            Self::At(at) => at.month(),
            Self::Month(month) => month,
        }
    }

    fn period(self) -> Option<Interval> {
        let (year, month) = match self {
            Self::At(at) => return instant(at),
            Self::Month(month) => month,
        };
        let first = |year: i16, month: i8| -> Result<Instant, IntervalError> {
            format!("{year:04}-{month:02}-01T00:00:00Z").parse()
        };
        let next = if month == 12 { (year + 1, 1) } else { (year, month + 1) };
        Interval::new(first(year, month).ok()?, first(next.0, next.1).ok()?).ok()
    }
}

/// Why nothing could be explained.
#[derive(Debug, thiserror::Error)]
pub enum ExplainError {
    #[error("the time asked about is out of range")]
    When,
    #[error("there is no such subscription or partner ID, or none that you may see")]
    NotThere,
    #[error(transparent)]
    NoAnswer(#[from] NoAnswer),
    #[error(transparent)]
    Engine(#[from] EngineError),
}

/// Usage: cost exports, and how to read them.
pub type UsageOf<'p> = (&'p [Part], ReadOptions<'p>);

/// Explains what becomes of a resource's charges; with `usage`, their sums, too. To an operator.
///
/// # Errors
/// See [`ExplainError`].
pub fn explain(
    basis: Basis,
    resource: ScopePath,
    when: When,
    partner: Option<PartnerId>,
    usage: Option<UsageOf>,
) -> Result<Explanation, ExplainError> {
    let asking = Asking::new(basis, resource, when, partner)?;
    let explainer = Explainer::new(basis.facts, basis.roles, &asking.of_time);
    let mut explanation = explainer.explain(&asking.question)?;
    asking.add_usage(&mut explanation, basis, usage, &Audience::Everything, None)?;
    Ok(explanation)
}

/// The same to a reader, as far as it may see it. What there is not, and what is not the reader's,
/// is the same [`ExplainError::NotThere`].
///
/// # Errors
/// See [`ExplainError`].
pub fn explain_to(
    audience: &Audience,
    basis: Basis,
    resource: ScopePath,
    when: When,
    partner: Option<PartnerId>,
    usage: Option<UsageOf>,
) -> Result<Explanation, ExplainError> {
    if matches!(audience, Audience::Everything) {
        return explain(basis, resource, when, partner, usage);
    }
    let mut asking = Asking::new(basis, resource, when, partner)?;
    let is_own = |partner| match audience {
        Audience::Partner { partners, .. } => partners.contains(&partner),
        _ => true,
    };
    if !partner.is_none_or(is_own) {
        return Err(ExplainError::NotThere);
    }
    let cut = audience.cut(basis.facts, &asking.question.resource);
    let cut = cut.ok_or(ExplainError::NotThere)?;
    asking.begin_where_seen(&cut);
    let whole = Explainer::new(basis.facts, basis.roles, &asking.of_time);
    let duplicates = whole.duplicates(&asking.question).map_err(|_| ExplainError::NotThere)?;
    let explainer = Explainer::new(&cut, basis.roles, &asking.of_time)
        .for_audience(audience.clone(), duplicates);
    let explained = explainer.explain(&asking.question);
    let mut explanation = explained.map_err(|_| ExplainError::NotThere)?;
    asking.add_usage(&mut explanation, basis, usage, audience, Some(&cut))?;
    Ok(explanation)
}

/// What is asked, with the rules as they are for a question about time.
struct Asking {
    question: Question,
    of_time: Policy,
    month: (i16, i8),
}

impl Asking {
    fn new(
        basis: Basis,
        resource: ScopePath,
        when: When,
        partner: Option<PartnerId>,
    ) -> Result<Self, ExplainError> {
        let period = when.period().ok_or(ExplainError::When)?;
        if resource.subscription().is_none() {
            return Err(NoAnswer::NoSubscription(resource).into());
        }
        // A month is many charges: which of its days are whole is not asked of the month as one.
        let mut of_time = basis.policy.clone();
        if matches!(when, When::Month(_)) {
            of_time.granularity = Granularity::Proportional;
        }
        let question = Question { resource, period, partner };
        Ok(Self { question, of_time, month: when.month() })
    }

    /// A month in which the subscription came to whom the reader may see begins then.
    fn begin_where_seen(&mut self, cut: &Facts) {
        let period = self.question.period;
        let seen = cut.subscriptions.iter().filter_map(|s| s.during.intersect(period));
        if let Some(first) = seen.map(Interval::from).min() {
            self.question.period = Interval::new(first, period.to()).unwrap_or(period);
        }
    }

    /// The amounts come from all facts, as a report's do: a charge of the reader's customer may
    /// go on at another one.
    fn add_usage(
        &self,
        explanation: &mut Explanation,
        basis: Basis,
        usage: Option<UsageOf>,
        audience: &Audience,
        cut: Option<&Facts>,
    ) -> Result<(), EngineError> {
        let Some(usage) = usage else { return Ok(()) };
        let (scope, month, partner) = (&self.question.resource, self.month, self.question.partner);
        let asked = AmountsQuestion { scope, month, partner, audience, cut };
        let found = amounts(basis.facts, basis.roles, basis.policy, &asked, usage)?;
        explanation.add_usage(found, audience);
        Ok(())
    }
}
