//! `pal backup` and `pal restore`: a data folder as a copy that can be checked, and back.
//!
//! A backup is made while a service runs. The database is copied at one instant; charge files are
//! never changed once they are named in it; of the checkpoints those are taken that this database
//! knows. So the copy is what the folder was at that instant, and `pal audit verify` says so.

mod archive;
mod manifest;
mod restore;
mod target;

use std::fmt::Write;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use pal_model::Instant;
use pal_store::{ChargeFile, DATABASE, DatabaseCopy, hex};
use pal_usage::Home;

use crate::args::server::BackupArgs;
use crate::data_folder::{now, runtime};
use crate::output::folder_of;
use crate::printer::{Failure, Printer};
use crate::temporary;
use manifest::{Entry, Manifest, Objects};
use target::Target;

pub use restore::restore;

/// Secrets of an installation: who has them can sign tokens, checkpoints and connections.
const SECRET_FOLDERS: [&str; 2] = ["keys", "tls"];
/// The public half of the audit key, with which anybody checks checkpoints.
const PUBLIC_KEY: &str = "keys/audit.pub";
const CHECKPOINTS: &str = "audit/checkpoints.jsonl";

pub fn backup(args: &BackupArgs, printer: &Printer) -> Result<(), Failure> {
    let at = now();
    let folder = &args.data_dir;
    // Before anything is copied: it may be there already.
    let mut target = Target::create(&args.to)?;
    // Beside the backup, where there is room for as much.
    let staging = temporary::folder_in(folder_of(&args.to));
    let staging = staging.map_err(|error| cannot("write beside", &args.to, &error))?;
    let database = staging.path().join(DATABASE);
    let copy = pal_store::copy_database(folder, &database).map_err(Failure::failed)?;
    let checkpoints = staging.path().join("checkpoints.jsonl");
    let last = write_checkpoints(folder, &checkpoints, copy.checkpoints)?;
    let mut files: Vec<(String, PathBuf)> = vec![(DATABASE.to_owned(), database)];
    if last.is_some() {
        files.push((CHECKPOINTS.to_owned(), checkpoints));
    }
    files.extend(own_files(folder, args.without_secrets)?);
    let (charges, objects) = charges(args, &copy, staging.path())?;
    let mut entries = Vec::new();
    for (name, from) in files {
        entries.push(target.add(&name, &from)?);
    }
    for (charge, from) in charges {
        let name = format!("charges/{}", charge.name);
        let entry = target.add(&name, &from)?;
        if entry.sha256 != hex(&charge.sha256) || entry.bytes != charge.bytes {
            return Err(damaged(&from));
        }
        entries.push(entry);
    }
    let manifest = manifest(args, &copy, at, last, objects, entries);
    target.finish(&manifest)?;
    printer.info(summary(&manifest, &args.to));
    Ok(())
}

fn manifest(
    args: &BackupArgs,
    copy: &DatabaseCopy,
    at: Instant,
    last_checkpoint: Option<String>,
    objects: Option<Objects>,
    files: Vec<Entry>,
) -> Manifest {
    Manifest {
        format: Manifest::FORMAT,
        program: env!("CARGO_PKG_VERSION").to_owned(),
        taken_at: at.to_string(),
        record: copy.record,
        hash: copy.hash.clone(),
        last_checkpoint,
        secrets: !args.without_secrets,
        objects,
        files,
    }
}

fn summary(manifest: &Manifest, to: &Path) -> String {
    let bytes: u64 = manifest.files.iter().map(|file| file.bytes).sum();
    let mut text = format!(
        "{}: {} files, {bytes} bytes, up to record {} of the audit log",
        to.display(),
        manifest.files.len(),
        manifest.record
    );
    if !manifest.secrets {
        text.push_str(
            "\nWithout secrets: the folders keys and tls are left out. Keep them elsewhere; a restored \
             folder serves only with them.",
        );
    }
    if let Some(objects) = manifest.objects.as_ref().filter(|objects| !objects.copied) {
        let count = objects.files.len();
        let _ = write!(
            text,
            "\n{count} charge files stay in {}: the backup lists them with their hashes, and \
             --with-objects copies them.",
            objects.place
        );
    }
    text
}

/// The checkpoints that this database knows of; the last of them.
fn write_checkpoints(folder: &Path, to: &Path, count: usize) -> Result<Option<String>, Failure> {
    let from = folder.join(CHECKPOINTS);
    if count == 0 {
        return Ok(None);
    }
    let text = fs::read_to_string(&from).map_err(|error| cannot("read", &from, &error))?;
    let lines: Vec<&str> = text.lines().take(count).collect();
    if lines.len() < count {
        return Err(Failure::Failed(format!(
            "{} has {} checkpoints and the audit log knows of {count}: it was shortened. Put it back \
             from the copy that is kept elsewhere, and see 'pal audit verify'",
            from.display(),
            lines.len()
        )));
    }
    let kept: String = lines.iter().flat_map(|line| [line, "\n"]).collect();
    fs::write(to, kept).map_err(|error| cannot("write", to, &error))?;
    Ok(lines.last().map(|line| (*line).to_owned()))
}

/// What a data folder has beside its database and charges: configuration, policies, keys.
fn own_files(folder: &Path, without_secrets: bool) -> Result<Vec<(String, PathBuf)>, Failure> {
    let mut found = Vec::new();
    for name in ["openpal.toml", "dev.json", "charges/home"] {
        let path = folder.join(name);
        if path.is_file() {
            found.push((name.to_owned(), path));
        }
    }
    let secrets = SECRET_FOLDERS.into_iter().filter(|_| !without_secrets);
    for name in secrets.chain(["policies"]) {
        below(folder, name, &mut found)?;
    }
    let public = folder.join(PUBLIC_KEY);
    if without_secrets && public.is_file() {
        found.push((PUBLIC_KEY.to_owned(), public));
    }
    Ok(found)
}

/// Every file below `folder`, or below the folder `name` in it, by its path from `folder`.
fn below(folder: &Path, name: &str, found: &mut Vec<(String, PathBuf)>) -> Result<(), Failure> {
    let path = folder.join(name);
    if !path.is_dir() {
        return Ok(());
    }
    let read = || -> std::io::Result<Vec<fs::DirEntry>> { fs::read_dir(&path)?.collect() };
    let mut entries = read().map_err(|error| cannot("read", &path, &error))?;
    entries.sort_by_key(fs::DirEntry::file_name);
    for entry in entries {
        let file = entry.file_name();
        let file = file.to_str().ok_or_else(|| {
            Failure::Failed(format!("{} has a name that is not Unicode", entry.path().display()))
        })?;
        let name = if name.is_empty() { file.to_owned() } else { format!("{name}/{file}") };
        match entry.path().is_dir() {
            true => below(folder, &name, found)?,
            false => found.push((name, entry.path())),
        }
    }
    Ok(())
}

type Charge = (ChargeFile, PathBuf);

/// The charge files to copy, and what of them an object store keeps.
fn charges(
    args: &BackupArgs,
    copy: &DatabaseCopy,
    staging: &Path,
) -> Result<(Vec<Charge>, Option<Objects>), Failure> {
    let loaded = pal_server::config::load_folder(&args.data_dir);
    let settings = loaded.map_err(|error| Failure::Usage(error.to_string()))?.settings;
    let home = settings.home().map_err(Failure::failed)?;
    let local = args.data_dir.join("charges");
    let Some(home) = home else {
        let at = |charge: &ChargeFile| (charge.clone(), local.join(&charge.name));
        return Ok((copy.charges.iter().map(at).collect(), None));
    };
    let entry = |charge: &ChargeFile| Entry {
        path: charge.name.clone(),
        bytes: charge.bytes,
        sha256: hex(&charge.sha256),
    };
    let objects = Objects {
        place: home.place().to_owned(),
        copied: args.with_objects,
        files: copy.charges.iter().map(entry).collect(),
    };
    let charges = match args.with_objects {
        true => fetch(&home, &copy.charges, &local, staging)?,
        false => Vec::new(),
    };
    Ok((charges, Some(objects)))
}

/// Charge files of an object store: those that the data folder has as a cache, the others fetched.
fn fetch(
    home: &Arc<dyn Home>,
    charges: &[ChargeFile],
    local: &Path,
    staging: &Path,
) -> Result<Vec<Charge>, Failure> {
    let runtime = runtime()?;
    let mut found = Vec::new();
    for charge in charges {
        let mut path = local.join(&charge.name);
        if !path.is_file() {
            path = staging.join(&charge.name);
            fs::File::create(&path).map_err(|error| cannot("write", &path, &error))?;
            let got = runtime.block_on(home.get(&charge.name, &path, charge.bytes));
            got.map_err(|error| {
                let place = home.place();
                Failure::Failed(format!("cannot fetch {} from {place}: {error}", charge.name))
            })?;
        }
        found.push((charge.clone(), path));
    }
    Ok(found)
}

fn damaged(path: &Path) -> Failure {
    Failure::Failed(format!(
        "{} is not the file that was counted: it was changed or damaged. No backup was made; put the \
         right file back first",
        path.display()
    ))
}

fn cannot(what: &str, path: &Path, error: &dyn std::fmt::Display) -> Failure {
    Failure::Failed(format!("cannot {what} {}: {error}", path.display()))
}
