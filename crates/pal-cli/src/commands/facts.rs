//! `pal import facts` and `pal export facts`.

use std::io::Write;

use pal_store::{FactImport, FactsAt, Store};

use crate::args::server::{ExportFactsArgs, ImportFactsArgs};
use crate::data_folder::{DataFolder, now, operator};
use crate::printer::{Failure, Printer};
use crate::{inputs, output};

/// Takes a file of facts into a data folder, whole or not at all.
pub fn import(args: &ImportFactsArgs, printer: &Printer) -> Result<(), Failure> {
    let name = args.file.display().to_string();
    let bytes = std::fs::read(&args.file)
        .map_err(|error| Failure::Failed(format!("cannot read {name}: {error}")))?;
    let text = String::from_utf8(bytes).map_err(|error| {
        let valid = error.utf8_error().valid_up_to();
        let line = error.as_bytes()[..valid].split(|byte| *byte == b'\n').count();
        Failure::Failed(format!("{name}:{line}: not UTF-8 text"))
    })?;
    let roles = inputs::roles()?;
    let data = if args.create {
        DataFolder::create(&args.data_dir)?
    } else {
        DataFolder::open(&args.data_dir)?
    };
    let import = FactImport {
        name: &name,
        text: &text,
        at: now(),
        actor: operator(),
        check: Box::new(move |facts| roles.resolve_names(facts)),
    };
    let done = data.wait(data.store.import_facts(import)).map_err(Failure::failed)?;
    printer.info(format!(
        "{name}: {} facts added, {} replaced, {} ended, {} were there already; revision {}",
        done.added, done.replaced, done.ended, done.unchanged, done.revision
    ));
    Ok(())
}

/// Writes the facts of a data folder.
pub fn export(args: &ExportFactsArgs) -> Result<(), Failure> {
    let data = DataFolder::open(&args.data_dir)?;
    let wanted = FactsAt { known_at: args.known_at, tenant: None, links: true };
    let facts = data.wait(data.store.facts(wanted)).map_err(Failure::failed)?;
    output::to(args.output.as_deref(), |mut out| {
        out.write_all(facts.text.as_bytes())?;
        Ok(out.flush()?)
    })
}
