//! `pal restore`: a backup, checked file by file, as a data folder.

use std::collections::BTreeMap;
use std::fmt::Write;
use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};

use pal_model::Instant;
use pal_server::store_options;
use pal_store::{DATABASE, SqliteStore};
use pal_usage::charges::file_digest;
use tempfile::TempDir;

use super::archive::{self, ArchiveFault, is_plain};
use super::cannot;
use super::manifest::{Entry, Manifest};
use super::target::{is_archive, is_empty_folder, sync_parent, write_private};
use crate::args::server::RestoreArgs;
use crate::data_folder::now;
use crate::output::folder_of;
use crate::printer::{Failure, Printer};
use crate::temporary;

pub fn restore(args: &RestoreArgs, printer: &Printer) -> Result<(), Failure> {
    let folder = &args.data_dir;
    if folder.exists() && !is_empty_folder(folder) {
        return Err(Failure::Failed(format!(
            "{} is not empty; a backup is restored into a new folder only, so that nothing is mixed or \
             lost: name another, or move this one away",
            folder.display()
        )));
    }
    let parent = folder_of(folder);
    fs::create_dir_all(parent).map_err(|error| cannot("write", parent, &error))?;
    let staging = temporary::folder_in(parent).map_err(|error| cannot("write", parent, &error))?;
    let manifest = match is_archive(&args.from) {
        true => unpack(&args.from, staging.path())?,
        false => copy(&args.from, staging.path())?,
    };
    check(&args.from, staging.path(), &manifest)?;
    let taken_at: Instant = manifest.taken_at.parse().map_err(|_| not_one(&args.from))?;
    pal_store::record_restore(staging.path(), manifest.record, &manifest.hash, taken_at, now())
        .map_err(Failure::failed)?;
    if manifest.secrets {
        // What was put back is signed at once: it cannot be changed unseen before the service starts.
        let store = SqliteStore::open(staging.path(), store_options()).map_err(Failure::failed)?;
        store.checkpoint(now()).map_err(Failure::failed)?;
    }
    place(staging, folder).map_err(|error| cannot("write", folder, &error))?;
    printer.info(summary(&manifest, folder));
    Ok(())
}

fn summary(manifest: &Manifest, folder: &Path) -> String {
    let mut text = format!(
        "{}: restored to record {} of the audit log, as the backup of {} had it",
        folder.display(),
        manifest.record,
        manifest.taken_at
    );
    if !manifest.secrets {
        text.push_str(
            "\nThe backup has no secrets: put the folders keys and tls back before the service starts.",
        );
    }
    if let Some(objects) = manifest.objects.as_ref().filter(|objects| !objects.copied) {
        let _ = write!(
            text,
            "\n{} charge files are in {}, and are fetched from there when they are needed.",
            objects.files.len(),
            objects.place
        );
    }
    text
}

/// The files of an archive.
fn unpack(from: &Path, staging: &Path) -> Result<Manifest, Failure> {
    let file = File::open(from).map_err(|error| cannot("read", from, &error))?;
    archive::unpack(file, |name, content| write_private(staging, name, content)).map_err(
        |fault| match fault {
            ArchiveFault::Io(error) => cannot("read", from, &error),
            ArchiveFault::Foreign(name) => Failure::Failed(format!(
                "{} holds {}, which no backup of a data folder has; nothing was restored",
                from.display(),
                name.display()
            )),
        },
    )?;
    read_manifest(from, &staging.join(Manifest::NAME))
}

/// The files of a folder that its manifest names.
fn copy(from: &Path, staging: &Path) -> Result<Manifest, Failure> {
    let manifest = read_manifest(from, &from.join(Manifest::NAME))?;
    for entry in &manifest.files {
        let name = PathBuf::from(&entry.path);
        if !is_plain(&name) {
            return Err(not_one(from));
        }
        let path = from.join(&name);
        let copied =
            File::open(&path).and_then(|mut file| write_private(staging, &name, &mut file));
        copied.map_err(|error| cannot("read", &path, &error))?;
    }
    Ok(manifest)
}

fn read_manifest(from: &Path, path: &Path) -> Result<Manifest, Failure> {
    let text = fs::read(path).map_err(|_| not_one(from))?;
    let manifest: Manifest = serde_json::from_slice(&text).map_err(|_| not_one(from))?;
    if manifest.format != Manifest::FORMAT {
        return Err(Failure::Failed(format!(
            "{} is a backup of form {}, and this program reads form {}: use the program that made it \
             ({})",
            from.display(),
            manifest.format,
            Manifest::FORMAT,
            manifest.program
        )));
    }
    Ok(manifest)
}

/// Compares what was taken out with the manifest: each file, and none besides.
fn check(from: &Path, staging: &Path, manifest: &Manifest) -> Result<(), Failure> {
    let mut expected: BTreeMap<&str, &Entry> =
        manifest.files.iter().map(|entry| (entry.path.as_str(), entry)).collect();
    let mut found = Vec::new();
    super::below(staging, "", &mut found)?;
    for (name, path) in &found {
        if name == Manifest::NAME {
            continue;
        }
        let entry = expected.remove(name.as_str()).ok_or_else(|| differs(from, name))?;
        let digest = file_digest(path);
        let (sha256, bytes) = digest.map_err(|error| cannot("read", path, &error))?;
        if sha256 != entry.sha256 || bytes != entry.bytes {
            return Err(differs(from, name));
        }
    }
    match expected.keys().next() {
        Some(missing) => Err(differs(from, missing)),
        None if !staging.join(DATABASE).is_file() => Err(not_one(from)),
        None => {
            let path = staging.join(Manifest::NAME);
            if path.exists() {
                fs::remove_file(&path).map_err(|error| cannot("remove", &path, &error))?;
            }
            Ok(())
        }
    }
}

fn differs(from: &Path, name: &str) -> Failure {
    Failure::Failed(format!(
        "{}: {name} is not as the manifest says: the backup was changed or damaged. Nothing was \
         restored; take another backup",
        from.display()
    ))
}

fn not_one(from: &Path) -> Failure {
    Failure::Failed(format!(
        "{} is no backup of a data folder: it has no {} that can be read. 'pal backup' makes one",
        from.display(),
        Manifest::NAME
    ))
}

/// Lets the restored folder appear under its name.
fn place(staging: TempDir, folder: &Path) -> io::Result<()> {
    if folder.is_dir() {
        fs::remove_dir(folder)?;
    }
    fs::rename(staging.keep(), folder)?;
    sync_parent(folder)
}
