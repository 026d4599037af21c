//! `pal alerts`.

mod remote;

use std::io::Write;
use std::sync::atomic::AtomicU64;

use pal_attribution::alerts::{
    Alert, COLUMNS, Limits, TwoMonths, alerts, not_looked_at, row, two_months, write_csv,
};
use pal_attribution::answer::Basis;
use pal_attribution::engine::Usage;
use pal_attribution::ingest::ReadOptions;
use pal_model::Instant;

use super::report::failure;
use crate::args::{AlertsArgs, AlertsFormat};
use crate::clean::cell;
use crate::printer::{Failure, Printer};
use crate::{clock, inputs, output, progress};

/// Exit status 0 whatever is found: alerts are data.
pub fn run(args: &AlertsArgs, printer: &Printer) -> Result<(), Failure> {
    if args.server {
        return remote::run(args, printer);
    }
    let now = args.at.map_or_else(now, Ok)?;
    let roles = inputs::roles()?;
    let policy = inputs::policy(&args.policy)?;
    let facts = inputs::facts(&args.facts(), &roles, printer)?;
    let basis = Basis { facts: &facts, roles: &roles, policy: &policy };
    let credit = credit(args, basis, now, printer)?;
    let limits = Limits { within_days: args.within, drop_percent: args.drop };
    let found = alerts(basis, now, &limits, credit.as_ref());
    let rows: Vec<Cells> = found.iter().map(cleaned).collect();
    print(args.format, &rows, |out| serde_json::to_writer_pretty(out, &found))?;
    for (code, why) in not_looked_at(&facts, now, credit.as_ref()) {
        printer.info(format!("{code} is not looked at: {why}"));
    }
    printer.info(format!(
        "policy {} (revision {}); {} facts at {now}; {} alerts",
        policy.name,
        policy.revision,
        facts.len(),
        found.len()
    ));
    Ok(())
}

fn now() -> Result<Instant, Failure> {
    Instant::from_nanoseconds(i128::from(clock::now()) * 1_000_000_000)
        .ok_or_else(|| Failure::Failed("the clock is out of range; give --at".to_owned()))
}

/// The credit of two months, where there is usage.
fn credit(
    args: &AlertsArgs,
    basis: Basis,
    now: Instant,
    printer: &Printer,
) -> Result<Option<TwoMonths>, Failure> {
    let (schema, files) = (args.usage_format, &args.files);
    let usage = inputs::usage_if_any(&args.usage, schema, files, &args.facts(), printer)?;
    let Some(inputs::Usage { parts, files: _files }) = usage else { return Ok(None) };
    let read = ReadOptions::of(args.usage_format);
    let rows = AtomicU64::new(0);
    progress::counting(printer, &rows, || {
        two_months(basis, Usage::Parts(&parts), read, &rows, now).map(Some).map_err(failure)
    })
}

pub type Cells = [String; COLUMNS.len()];

/// Prints alerts, as rows or as what `json` writes.
pub fn print(
    format: AlertsFormat,
    rows: &[Cells],
    json: impl FnOnce(&mut dyn Write) -> serde_json::Result<()>,
) -> Result<(), Failure> {
    output::to(None, |mut out| {
        match format {
            AlertsFormat::Table => table(rows, &mut out)?,
            AlertsFormat::Csv => write_csv(rows.iter().cloned(), &mut out)?,
            AlertsFormat::Json => {
                json(&mut out).map_err(std::io::Error::from)?;
                writeln!(out)?;
            }
        }
        Ok(out.flush()?)
    })
}

/// The cells of an alert. Names in it were chosen by others: they must not steer a terminal.
fn cleaned(alert: &Alert) -> Cells {
    row(alert).map(|text| cell(&text))
}

/// Lines, with a word behind those whose start is assumed.
fn marked(facts: &str, assumed: &str) -> String {
    let is_assumed = |line: &&str| !line.is_empty() && assumed.split("; ").any(|one| one == *line);
    let mark = |line: &str| match is_assumed(&line) {
        true => format!("{line} (assumed)"),
        false => line.to_owned(),
    };
    facts.split("; ").map(mark).collect::<Vec<_>>().join("; ")
}

/// Code, severity, time, lines and message; ids are in the message.
fn table(rows: &[Cells], out: &mut dyn Write) -> std::io::Result<()> {
    let mut lines: Vec<[String; 5]> =
        vec![["code", "severity", "at", "facts", "message"].map(str::to_owned)];
    lines.extend(rows.iter().map(|row| {
        let [code, severity, at, _, _, _, _, _, message, facts, assumed] = row;
        let facts = marked(facts, assumed);
        [code.clone(), severity.clone(), at.clone(), facts, message.clone()]
    }));
    let width = |at: usize| lines.iter().map(|line| line[at].chars().count()).max().unwrap_or(0);
    // The last column is long and needs no space behind it.
    let widths = [width(0), width(1), width(2), width(3), lines[0][4].len()];
    lines.insert(1, std::array::from_fn(|at| "-".repeat(widths[at])));
    for line in lines {
        let cells = line.iter().zip(&widths).map(|(cell, width)| format!("{cell:<width$}"));
        writeln!(out, "{}", cells.collect::<Vec<_>>().join("  ").trim_end())?;
    }
    Ok(())
}
