//! `pal explain`.

use pal_attribution::explain::{Asked, Explainer, NoAnswer, Question, amounts, instant};
use pal_attribution::ingest::ReadOptions;
use pal_attribution::policy::Granularity;
use pal_model::{Instant, Interval, ScopePath};

use super::report::failure;
use crate::args::{ExplainArgs, TextOrJson};
use crate::printer::{Failure, Printer};
use crate::{inputs, output};

pub fn run(args: &ExplainArgs, printer: &Printer) -> Result<(), Failure> {
    let resource: ScopePath =
        args.resource.parse().map_err(|e| Failure::Usage(format!("--resource: {e}")))?;
    let roles = inputs::roles()?;
    let policy = inputs::policy(&args.policy)?;
    let facts = inputs::facts(&args.facts, &roles, printer)?;
    let question = Question { resource, period: period(args)?, partner: args.partner };
    // A month is many charges: which of its days are whole is not asked of the month as one.
    let mut of_time = policy.clone();
    if args.month.is_some() {
        of_time.granularity = Granularity::Proportional;
    }
    let mut explanation =
        Explainer::new(&facts, &roles, &of_time).explain(&question).map_err(|e| match e {
            NoAnswer::UnknownSubscription(_) | NoAnswer::UnknownPartner(_) => {
                Failure::NotFound(e.to_string())
            }
            NoAnswer::NoSubscription(_) => Failure::Usage(e.to_string()),
        })?;
    if !args.usage.is_empty() {
        let month = args.month.unwrap_or_else(|| question.period.from().month());
        let asked = Asked {
            parts: &inputs::usage(&args.usage)?,
            read: ReadOptions { schema: args.usage_format },
            scope: &question.resource,
            month,
        };
        let found = amounts(&facts, &roles, &policy, &asked, args.partner).map_err(failure)?;
        explanation.amounts = Some(found);
    }
    output::to(None, |mut out| {
        match args.format {
            TextOrJson::Text => write!(out, "{explanation}")?,
            TextOrJson::Json => {
                serde_json::to_writer_pretty(&mut out, &explanation)
                    .map_err(std::io::Error::from)?;
                writeln!(out)?;
            }
        }
        Ok(out.flush()?)
    })
}

/// An instant, or a whole month.
fn period(args: &ExplainArgs) -> Result<Interval, Failure> {
    let wrong = || Failure::Usage("the time asked about is out of range".to_owned());
    if let Some(at) = args.at {
        return instant(at).ok_or_else(wrong);
    }
    let (year, month) = args.month.ok_or_else(wrong)?;
    let first = |year: i16, month: i8| -> Result<Instant, Failure> {
        format!("{year:04}-{month:02}-01T00:00:00Z").parse().map_err(|_| wrong())
    };
    let next = if month == 12 { (year + 1, 1) } else { (year, month + 1) };
    Interval::new(first(year, month)?, first(next.0, next.1)?).map_err(|_| wrong())
}
