//! `pal report`.

use std::sync::atomic::{AtomicU64, Ordering};

use pal_attribution::engine::{Engine, EngineError, Options, Usage};
use pal_attribution::ingest::ReadOptions;
use pal_attribution::output::{Origin, Writer, write_balance};
use pal_model::KeyColumn;

use crate::args::ReportArgs;
use crate::printer::{Failure, Printer};
use crate::{inputs, output, progress};

pub fn run(args: &ReportArgs, printer: &Printer) -> Result<(), Failure> {
    let roles = inputs::roles()?;
    let policy = inputs::policy(&args.policy)?;
    let facts = inputs::facts(&args.facts, &roles, printer)?;
    let parts = inputs::usage(&args.usage.usage)?;
    let keys = keys(&args.group_by)?;
    let rows = AtomicU64::new(0);
    let mut options = Options::new(&rows);
    options.month = args.month;
    options.read = ReadOptions { schema: args.usage.usage_format };
    if let Some(threads) = args.threads {
        options.threads = threads.get();
    }
    let engine = Engine::new(&facts, &roles, &policy);
    let origin = Origin { policy: (policy.name.clone(), policy.revision.clone()) };
    let usage = Usage::Parts(&parts);
    let count = progress::counting(printer, &rows, || {
        output::to(args.output.as_deref(), |out| {
            if args.balance {
                let balance = engine.balance(usage, &options).map_err(failure)?;
                write_balance(args.format, &balance, &origin, out)?;
                return Ok(None);
            }
            let mut writer = Writer::report(args.format, &keys, &origin, out)?;
            let mut count = 0u64;
            let done = engine.report(usage, &keys, &options, &mut |keys, charges, cost, credit| {
                count += 1;
                Ok(writer.row(keys, charges, cost, credit)?)
            });
            done.map_err(failure)?;
            writer.finish()?;
            Ok(Some(count))
        })
    })?;
    printer.info(format!(
        "policy {} (revision {}); {} facts; {} rows of usage in {} files",
        policy.name,
        policy.revision,
        facts.len(),
        rows.load(Ordering::Relaxed),
        parts.len(),
    ));
    if count == Some(0) {
        printer.warning(
            "nothing is credited; run the same with --balance to see what becomes of the charges",
        );
    }
    Ok(())
}

fn keys(group_by: &[KeyColumn]) -> Result<Vec<KeyColumn>, Failure> {
    if group_by.is_empty() {
        return Ok(KeyColumn::DEFAULT.to_vec());
    }
    let twice = group_by.iter().enumerate().find(|(at, key)| group_by[..*at].contains(key));
    match twice {
        Some((_, key)) => Err(Failure::Usage(format!("--group-by names {key} twice"))),
        None => Ok(group_by.to_vec()),
    }
}

pub fn failure(error: EngineError) -> Failure {
    match error {
        EngineError::Io(error) => error.into(),
        error => Failure::failed(error),
    }
}
