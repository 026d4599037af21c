//! `pal usage`: cost exports in, what counts, and what came in how.

mod remote;

use std::io::Write;
use std::path::Path;
use std::sync::atomic::AtomicU64;

use pal_attribution::ingest::Schema;
use pal_server::{SystemRandomness, guid};
use pal_store::WithdrawError;
use pal_usage::{
    Discovered, Imported, ImportedAndRead, Inspected, Month, MonthImported, Order, Paths,
    UndoError, UsageImport, Withdrawn, discover, reason,
};
use serde::Serialize;

use crate::args::{ImportUsageArgs, KeptArgs, ListUsageArgs, TextOrJson, Usage, WithdrawUsageArgs};
use crate::clean::cell;
use crate::data_folder::{DataFolder, now, operator};
use crate::output;
use crate::printer::{Failure, Printer};
use crate::progress::{self, Of};
use crate::temporary;

pub fn run(command: &Usage, printer: &Printer) -> Result<(), Failure> {
    match command {
        Usage::Inspect(args) => super::inspect::run(args, printer),
        Usage::Import(args) => import(args, printer),
        Usage::List(args) => list(args, printer),
        Usage::Withdraw(args) => withdraw(args, printer),
    }
}

/// The other side of the decoder: a task on standard input, what came of it on standard output.
pub fn decode() -> Result<(), Failure> {
    let mut output = std::io::stdout();
    pal_usage::decode(std::io::stdin().lock(), &mut output).map_err(Failure::from)
}

/// The folder, where it is not a server that is asked.
fn local(kept: &KeptArgs) -> Option<&Path> {
    if kept.server { None } else { kept.data_dir.as_deref() }
}

fn import(args: &ImportUsageArgs, printer: &Printer) -> Result<(), Failure> {
    let found = discover(&args.paths).map_err(refused)?;
    let schema = args.usage_format.and_then(|asked| {
        Schema::NAMES
            .iter()
            .find(|(_, schema)| *schema == asked)
            .map(|(name, _)| (*name).to_owned())
    });
    let ImportedAndRead { done, inspected } = match local(&args.kept) {
        Some(folder) => import_here(args, folder, found, schema, printer)?,
        None => remote::import(args, &found, schema, printer)?,
    };
    output::to(None, |mut out| {
        match args.output {
            TextOrJson::Text => {
                if let Some(inspected) = &inspected {
                    writeln!(out, "{}", inspected.text)?;
                }
                tell(&done, &mut out)?;
            }
            TextOrJson::Json => {
                let mut shown = serde_json::to_value(&done).map_err(std::io::Error::from)?;
                if let Some(inspected) = inspected {
                    shown["inspected"] = inspected.found;
                }
                pretty(&shown, &mut out)?;
            }
        }
        Ok(out.flush()?)
    })
}

fn import_here(
    args: &ImportUsageArgs,
    folder: &Path,
    found: Discovered,
    schema: Option<String>,
    printer: &Printer,
) -> Result<ImportedAndRead, Failure> {
    let data = DataFolder::open(folder)?;
    let intake = data.intake()?;
    let parts = found.parts();
    let paths = Paths::Discovered(found);
    let inspected = match args.dry_run {
        true => {
            let found = data.wait(intake.inspect(&paths, schema.clone()));
            let (text, found) = found.map_err(refused)?;
            Some(Inspected { text, found })
        }
        false => None,
    };
    let order = Order {
        paths,
        schema,
        answers: args.counting.answers(),
        dry_run: args.dry_run,
        at: now(),
        actor: operator(),
        id: guid(&SystemRandomness::new()),
        name: name(args),
        landed: None,
    };
    // What a signal interrupts would lie there until the next import.
    temporary::note(intake.shelf.work_folder_path(&order.id));
    let rows = AtomicU64::new(0);
    let expected = parts.iter().map(|part| part.expected_rows).sum();
    let done = progress::towards(printer, &rows, Of::Rows(expected), || {
        data.wait(intake.import(order, &rows)).map_err(refused)
    });
    match done {
        Ok(done) => Ok(ImportedAndRead { done, inspected }),
        Err(failure) => {
            // What was understood helps to mend what was refused.
            if let (Some(Inspected { text, .. }), TextOrJson::Text) = (&inspected, args.output) {
                output::to(None, |mut out| Ok(writeln!(out, "{text}")?))?;
            }
            Err(failure)
        }
    }
}

/// A reason with other people's names and cells in it, safe for a terminal.
fn refused(error: impl std::fmt::Display) -> Failure {
    Failure::Failed(reason(error))
}

/// How the list calls the import: the paths as they were given.
pub fn name(args: &ImportUsageArgs) -> String {
    let paths: Vec<String> = args.paths.iter().map(|path| path.display().to_string()).collect();
    paths.join(", ")
}

fn tell(done: &Imported, out: &mut dyn Write) -> std::io::Result<()> {
    let files = if done.files == 1 { "file" } else { "files" };
    let read = format!("{} {files}, {} rows", done.files, done.rows);
    match (done.number, done.changed) {
        (Some(number), true) => writeln!(out, "import {number}: {read}")?,
        (Some(number), false) => {
            writeln!(out, "import {number}: {read}; all of it is known already")?;
        }
        (None, true) => writeln!(out, "would be imported: {read}")?,
        (None, false) => writeln!(out, "nothing would change: {read}; all of it is known already")?,
    }
    for month in &done.months {
        writeln!(out, "  {}  {}", month.month, of_month(month))?;
    }
    for note in &done.notes {
        writeln!(out, "  note: {}", cell(note))?;
    }
    Ok(())
}

fn of_month(month: &MonthImported) -> String {
    let subscriptions = [
        (month.new, "new"),
        (month.replaced, "restated"),
        (month.added, "added to"),
        (month.known, "known already"),
        (month.older_run, "known from a newer run"),
        (month.ended, "no longer in the export"),
    ];
    let told = subscriptions.iter().filter(|(count, _)| *count > 0);
    let told: Vec<String> = told.map(|(count, what)| format!("{count} {what}")).collect();
    let costs = month.costs.iter().map(|(currency, cost)| format!(", {} {currency}", short(cost)));
    format!("subscriptions: {}; {} rows{}", told.join(", "), month.rows, costs.collect::<String>())
}

/// A decimal without the zeros behind it, but for two.
fn short(cost: &str) -> String {
    let Some((whole, fraction)) = cost.split_once('.') else { return cost.to_owned() };
    let kept = fraction.trim_end_matches('0');
    format!("{whole}.{kept:0<2}")
}

fn list(args: &ListUsageArgs, printer: &Printer) -> Result<(), Failure> {
    let Some(folder) = local(&args.kept) else {
        return remote::list(args, printer);
    };
    let data = DataFolder::open(folder)?;
    if args.imports {
        let records = data.wait(data.store.usage_imports(1_000)).map_err(Failure::failed)?;
        let shown: Vec<UsageImport> = records.iter().map(Into::into).collect();
        return show(args.output, &shown, imports_table);
    }
    let counted = data.wait(data.intake()?.listed(args.known_at)).map_err(Failure::failed)?;
    let months = counted.months().map_err(Failure::failed)?;
    show(args.output, &months, months_table)
}

/// Prints a list as JSON, or as rows of a table.
pub fn show<T: Serialize>(
    style: TextOrJson,
    list: &[T],
    rows: fn(&[T]) -> Vec<Vec<String>>,
) -> Result<(), Failure> {
    output::to(None, |mut out| {
        match style {
            TextOrJson::Json => pretty(list, &mut out)?,
            TextOrJson::Text => table(&rows(list), &mut out)?,
        }
        Ok(out.flush()?)
    })
}

fn pretty(value: &(impl Serialize + ?Sized), out: &mut dyn Write) -> std::io::Result<()> {
    serde_json::to_writer_pretty(&mut *out, value)?;
    writeln!(out)
}

/// The months, a line each.
pub fn months_table(months: &[Month]) -> Vec<Vec<String>> {
    let head = ["month", "subscriptions", "rows", "cost", "edition", "complete until", "imports"];
    let mut rows = vec![head.map(str::to_owned).to_vec()];
    rows.extend(months.iter().map(|month| {
        let costs: Vec<String> = month
            .costs
            .iter()
            .map(|(currency, cost)| format!("{} {currency}", short(cost)))
            .collect();
        let imports: Vec<String> = month.imports.iter().map(ToString::to_string).collect();
        vec![
            month.month.clone(),
            month.subscriptions.to_string(),
            month.rows.to_string(),
            costs.join(" + "),
            month.edition.to_string(),
            month.complete_until.clone(),
            imports.join(","),
        ]
    }));
    rows
}

/// The imports, a line each.
pub fn imports_table(imports: &[UsageImport]) -> Vec<Vec<String>> {
    let head = ["number", "at", "state", "rows", "files", "reason"];
    let mut rows = vec![head.map(str::to_owned).to_vec()];
    rows.extend(imports.iter().map(|import| {
        vec![
            import.number.to_string(),
            cell(&import.at),
            cell(&import.state),
            import.rows.to_string(),
            cell(&import.name),
            cell(import.reason.as_deref().unwrap_or_default()),
        ]
    }));
    rows
}

fn table(rows: &[Vec<String>], out: &mut dyn Write) -> std::io::Result<()> {
    let columns = rows.first().map_or(0, Vec::len);
    let width = |at: usize| rows.iter().map(|row| row[at].chars().count()).max().unwrap_or(0);
    let widths: Vec<usize> = (0..columns).map(width).collect();
    for row in rows {
        let cells: Vec<String> =
            row.iter().zip(&widths).map(|(text, width)| format!("{text:<width$}")).collect();
        writeln!(out, "{}", cells.join("  ").trim_end())?;
    }
    Ok(())
}

fn withdraw(args: &WithdrawUsageArgs, printer: &Printer) -> Result<(), Failure> {
    let Withdrawn { pieces, rows } = match local(&args.kept) {
        None => remote::withdraw(args, printer)?,
        Some(folder) => {
            let data = DataFolder::open(folder)?;
            let done = data.wait(data.intake()?.withdraw(args.number, now(), operator()));
            let done = done.map_err(|error| match error {
                UndoError::Withdraw(WithdrawError::NoImport(_)) => {
                    Failure::NotFound(error.to_string())
                }
                error => refused(error),
            })?;
            let (pieces, rows) = done.ended;
            Withdrawn { pieces, rows }
        }
    };
    printer.info(format!(
        "import {} is withdrawn: {rows} rows of {pieces} months and subscriptions no longer count through it",
        args.number
    ));
    Ok(())
}
