//! `pal import facts` and `pal export facts`.

use std::io::Write;
use std::path::Path;

use pal_api::FactsImported;
use pal_model::{PartnerId, UnknownPartner};
use pal_store::{FactImport, FactsAt};
use serde_json::Value;

use super::remote::{Fields, Service};
use crate::args::server::{ExportFactsArgs, ImportFactsArgs};
use crate::data_folder::{DataFolder, now, operator};
use crate::printer::{Failure, Printer};
use crate::{inputs, output, overwriting};

/// Where a service has them.
const PATH: &str = "/api/v1/facts";

/// Takes a file of facts into a data folder or a service, whole or not at all.
pub fn import(args: &ImportFactsArgs, printer: &Printer) -> Result<(), Failure> {
    let name = args.file.display().to_string();
    let bytes = std::fs::read(&args.file)
        .map_err(|error| Failure::Failed(format!("cannot read {name}: {error}")))?;
    let text = String::from_utf8(bytes).map_err(|error| {
        let valid = error.utf8_error().valid_up_to();
        let line = error.as_bytes()[..valid].split(|byte| *byte == b'\n').count();
        Failure::Failed(format!("{name}:{line}: not UTF-8 text"))
    })?;
    let (text, left_out) = if args.without_links { without_links(&text) } else { (text, 0) };
    let done = match &args.kept.data_dir {
        Some(folder) => into_folder(folder, args.create, &name, &text)?,
        None => into_service(text, printer)?,
    };
    let FactsOutcome { counts: [added, replaced, ended, unchanged, revision], unknown } = done;
    printer.info(format!(
        "{name}: {added} facts added, {replaced} replaced, {ended} ended, {unchanged} were there \
         already; revision {revision}"
    ));
    if left_out > 0 {
        printer.info(format!("{name}: {left_out} links were left out, as asked"));
    }
    for partner in unknown {
        printer.warning(UnknownPartner(partner));
    }
    Ok(())
}

/// What an import did: counts and revision, and partners of links that no fact is known of.
struct FactsOutcome {
    counts: [u64; 5],
    unknown: Vec<PartnerId>,
}

/// The lines that are no links; a line in the place of each link, so that numbers of lines stay. What
/// is no fact is left for the import to refuse.
fn without_links(text: &str) -> (String, usize) {
    let is_link = |line: &str| {
        let line = line.trim_start_matches('\u{feff}');
        serde_json::from_str::<Value>(line).is_ok_and(|fact| fact["kind"] == "link")
    };
    let mut left_out = 0;
    let mut kept = String::with_capacity(text.len());
    for line in text.split_inclusive('\n') {
        if is_link(line) {
            left_out += 1;
            kept.push('\n');
        } else {
            kept.push_str(line);
        }
    }
    (kept, left_out)
}

fn into_folder(
    folder: &Path,
    create: bool,
    name: &str,
    text: &str,
) -> Result<FactsOutcome, Failure> {
    let roles = inputs::roles()?;
    let data = if create { DataFolder::create(folder)? } else { DataFolder::open(folder)? };
    let import = FactImport {
        name,
        text,
        at: now(),
        actor: operator(),
        check: Box::new(move |facts| roles.resolve_names(facts)),
    };
    let done = data.wait(data.store.import_facts(import)).map_err(Failure::failed)?;
    let revision = u64::try_from(done.revision).unwrap_or_default();
    let counts = [done.added, done.replaced, done.ended, done.unchanged, revision];
    Ok(FactsOutcome { counts, unknown: done.unknown_partners })
}

fn into_service(text: String, printer: &Printer) -> Result<FactsOutcome, Failure> {
    let service = Service::open(printer)?;
    // Its length is told before it: a service that takes less says so at once.
    let answer = service.upload(PATH, &Vec::new(), "application/jsonl", text.into())?;
    let done: FactsImported = serde_json::from_slice(&answer).map_err(Failure::failed)?;
    let unknown = done.unknown_partners.iter();
    let unknown = unknown.filter_map(|partner| partner.partner_id.parse().ok()).collect();
    let revision = u64::try_from(done.revision).unwrap_or_default();
    let counts = [done.added, done.replaced, done.ended, done.unchanged, revision];
    Ok(FactsOutcome { counts, unknown })
}

/// Writes the facts of a data folder or a service.
pub fn export(args: &ExportFactsArgs, printer: &Printer) -> Result<(), Failure> {
    let Some(folder) = &args.kept.data_dir else {
        let known_at = args.known_at.map(|at| ("known_at", at.to_string()));
        let fields: Fields = known_at.into_iter().collect();
        let service = Service::open(printer)?;
        return output::to(args.output.as_deref(), |mut out| {
            service.download(PATH, &fields, &mut out)?;
            Ok(out.flush()?)
        });
    };
    let data = DataFolder::open(folder)?;
    if let Some(output) = &args.output {
        overwriting::refuse_over(output, [folder.as_path()])?;
    }
    let wanted = FactsAt { known_at: args.known_at, tenant: None, links: true };
    let facts = data.wait(data.store.facts(wanted)).map_err(Failure::failed)?;
    output::to(args.output.as_deref(), |mut out| {
        out.write_all(facts.text.as_bytes())?;
        Ok(out.flush()?)
    })
}
