//! `pal report`.

use std::sync::atomic::{AtomicU64, Ordering};

use pal_attribution::answer::{Basis, write_report};
use pal_attribution::engine::{EngineError, Options};
use pal_attribution::ingest::ReadOptions;
use pal_model::KeyColumn;

use crate::args::ReportArgs;
use crate::printer::{Failure, Printer};
use crate::{inputs, output, progress};

pub fn run(args: &ReportArgs, printer: &Printer) -> Result<(), Failure> {
    if args.facts.server {
        return super::remote::report(args, printer);
    }
    let keys = keys(&args.group_by)?;
    let roles = inputs::roles()?;
    let policy = inputs::policy(&args.policy)?;
    let facts = inputs::facts(&args.facts, &roles, printer)?;
    let parts = inputs::usage(&args.usage.usage, args.facts.data_dir.as_deref())?;
    let rows = AtomicU64::new(0);
    let mut options = Options::new(&rows);
    options.month = args.month;
    options.read = ReadOptions { schema: args.usage.usage_format };
    if let Some(threads) = args.threads {
        options.threads = threads.get();
    }
    let basis = Basis { facts: &facts, roles: &roles, policy: &policy };
    let count = progress::counting(printer, &rows, || {
        output::to(args.output.as_deref(), |out| {
            let keys = (!args.balance).then_some(keys.as_slice());
            write_report(basis, &parts, keys, &options, args.format, out).map_err(failure)
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
