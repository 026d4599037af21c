//! Questions as they are asked of the program and of the service, answered in one call each.

use std::io::Write;

use pal_model::{Facts, Instant, Interval, IntervalError, KeyColumn, PartnerId, ScopePath};

use crate::engine::{Engine, EngineError, Options, Usage};
use crate::explain::{Asked, Explainer, Explanation, NoAnswer, Question, amounts, instant};
use crate::ingest::{Part, ReadOptions};
use crate::output::{Format, Origin, Writer, write_balance};
use crate::policy::{Granularity, Policy};
use crate::roles::RoleData;

/// What to judge by.
#[derive(Clone, Copy)]
pub struct Basis<'a> {
    /// Checked facts.
    pub facts: &'a Facts,
    /// Role tables.
    pub roles: &'a RoleData,
    /// The rules.
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

/// The time that a question is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum When {
    /// An instant.
    At(Instant),
    /// A month (year, 1 – 12), UTC.
    Month((i16, i8)),
}

impl When {
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
    /// The time is beyond what can be computed with.
    #[error("the time asked about is out of range")]
    When,
    /// The facts do not know what was asked about.
    #[error(transparent)]
    NoAnswer(#[from] NoAnswer),
    /// The usage could not be added up.
    #[error(transparent)]
    Engine(#[from] EngineError),
}

/// Explains what becomes of a resource's charges; with `usage`, their sums, too.
///
/// # Errors
/// See [`ExplainError`].
pub fn explain(
    basis: Basis,
    resource: ScopePath,
    when: When,
    partner: Option<PartnerId>,
    usage: Option<(&[Part], ReadOptions)>,
) -> Result<Explanation, ExplainError> {
    let period = when.period().ok_or(ExplainError::When)?;
    // A month is many charges: which of its days are whole is not asked of the month as one.
    let mut of_time = basis.policy.clone();
    if matches!(when, When::Month(_)) {
        of_time.granularity = Granularity::Proportional;
    }
    let question = Question { resource, period, partner };
    let mut explanation = Explainer::new(basis.facts, basis.roles, &of_time).explain(&question)?;
    if let Some((parts, read)) = usage {
        let month = match when {
            When::Month(month) => month,
            When::At(at) => at.month(),
        };
        let asked = Asked { parts, read, scope: &question.resource, month };
        let found = amounts(basis.facts, basis.roles, basis.policy, &asked, partner)?;
        explanation.amounts = Some(found);
    }
    Ok(explanation)
}

/// The month that `text` writes, as (year, 1 – 12).
///
/// # Errors
/// What to write instead.
pub fn month(text: &str) -> Result<(i16, i8), String> {
    let wrong = || format!("'{text}' is not a month; write YYYY-MM, for example 2026-10");
    let (year, month) = text.split_once('-').ok_or_else(wrong)?;
    if year.len() != 4 || month.len() != 2 || !text.bytes().all(|b| b.is_ascii_digit() || b == b'-')
    {
        return Err(wrong());
    }
    let month: i8 = month.parse().map_err(|_| wrong())?;
    if !(1..=12).contains(&month) {
        return Err(wrong());
    }
    Ok((year.parse().map_err(|_| wrong())?, month))
}
