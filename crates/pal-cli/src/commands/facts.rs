//! `pal import facts` and `pal export facts`.

use std::io::Write;
use std::path::Path;

use pal_store::{FactImport, FactsAt, Store};
use serde_json::Value;

use super::remote::{Fields, Service};
use crate::args::server::{ExportFactsArgs, ImportFactsArgs};
use crate::data_folder::{DataFolder, now, operator};
use crate::printer::{Failure, Printer};
use crate::{inputs, output};

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
    let [added, replaced, ended, unchanged, revision] = match &args.kept.data_dir {
        Some(folder) => into_folder(folder, args.create, &name, &text)?,
        None => into_service(text, printer)?,
    };
    printer.info(format!(
        "{name}: {added} facts added, {replaced} replaced, {ended} ended, {unchanged} were there \
         already; revision {revision}"
    ));
    Ok(())
}

fn into_folder(folder: &Path, create: bool, name: &str, text: &str) -> Result<[u64; 5], Failure> {
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
    Ok([done.added, done.replaced, done.ended, done.unchanged, revision])
}

fn into_service(text: String, printer: &Printer) -> Result<[u64; 5], Failure> {
    let service = Service::open(printer)?;
    // Its length is told before it: a service that takes less says so at once.
    let answer = service.upload(PATH, &Vec::new(), "application/jsonl", text.into())?;
    let done: Value = serde_json::from_slice(&answer).map_err(Failure::failed)?;
    Ok(["added", "replaced", "ended", "unchanged", "revision"]
        .map(|name| done[name].as_u64().unwrap_or_default()))
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
    let wanted = FactsAt { known_at: args.known_at, tenant: None, links: true };
    let facts = data.wait(data.store.facts(wanted)).map_err(Failure::failed)?;
    output::to(args.output.as_deref(), |mut out| {
        out.write_all(facts.text.as_bytes())?;
        Ok(out.flush()?)
    })
}
