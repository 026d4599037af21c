//! `pal erase person`.

use std::io::Write;

use pal_model::Principal;
use pal_store::{EraseError, Person, PersonErasure};

use crate::args::server::ErasePersonArgs;
use crate::data_folder::{DataFolder, now, operator};
use crate::output;
use crate::printer::{Failure, Printer};

/// Shows what is kept of a person, or erases it.
pub fn person(args: &ErasePersonArgs, printer: &Printer) -> Result<(), Failure> {
    let data = DataFolder::open(&args.data_dir)?;
    let found = data.wait(data.store.person(&args.account)).map_err(not_erased)?;
    if !args.yes {
        show(&found)?;
        printer.instruction("Nothing was changed. Erasing cannot be undone; --yes erases.");
        return Ok(());
    }
    let erasure = PersonErasure { accounts: args.account.clone(), at: now(), actor: operator() };
    let erased = data.wait(data.store.erase_person(erasure)).map_err(not_erased)?;
    // Of what is erased, only identifiers are shown.
    let Person { accounts, facts, .. } = erased.person;
    show(&Person { accounts, facts, ..Person::default() })?;
    if let Some(why) = erased.not_overwritten {
        return Err(Failure::Failed(format!(
            "the person is erased, but bytes of the names may still be in the files of {}: {why}; run the \
             command again to overwrite them",
            args.data_dir.display()
        )));
    }
    printer.info(
        "Erased. Backups made before still have the names: erase them there too, or delete them.",
    );
    Ok(())
}

fn show(person: &Person) -> Result<(), Failure> {
    let Person { accounts, names, sign_in_names, logins, facts } = person;
    output::to(None, |mut out| {
        // As the command takes them.
        for Principal { tenant, object } in accounts {
            writeln!(out, "account       {tenant}/{object}")?;
        }
        for (what, names) in [("name", names), ("sign-in name", sign_in_names), ("sign-in", logins)]
        {
            for name in names {
                writeln!(out, "{what:<13} {name}")?;
            }
        }
        writeln!(out, "facts         {facts}")?;
        Ok(out.flush()?)
    })
}

fn not_erased(error: EraseError) -> Failure {
    match error {
        EraseError::Unknown(who) => Failure::NotFound(format!(
            "nothing is known of the account {who}, and nothing was erased; check the IDs with 'pal \
             export facts'"
        )),
        EraseError::NotAPerson(who) => Failure::Failed(format!(
            "{who} is a group or an application, and nothing was erased; name the accounts of persons"
        )),
        EraseError::Store(error) => Failure::failed(error),
    }
}
