//! What is in a folder where exports land by themselves: each entry can be used or not on its own.

use std::collections::{BTreeMap, HashSet};
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::time::UNIX_EPOCH;

use aws_lc_rs::digest::{Context, SHA256};

use super::manifest::Manifest;
use super::{DiscoverError, Place, container, is_manifest, run_period, walk};
use crate::charges::hexadecimal;

/// A run of an export, or the loose files of a folder.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Landed {
    /// What to give to [`super::discover`].
    pub paths: Vec<PathBuf>,
    /// The way from the watched folder.
    pub name: String,
    /// Whether a manifest says what belongs to it.
    pub is_run: bool,
    /// Changes when a file of it does; hexadecimal.
    pub fingerprint: String,
}

/// The newest run of each export and month, manifests that are no use, and loose files by folder;
/// files in the folder of a run that has no manifest yet, and files beside a manifest that does not
/// list them, are left out. By name.
///
/// # Errors
/// The folder cannot be read.
pub fn landed(root: &Path) -> Result<Vec<Landed>, DiscoverError> {
    let given = Place { path: root.to_owned(), shown: root.to_owned() };
    let path = fs::canonicalize(root).map_err(|source| given.unreadable(source))?;
    let place = Place { path, shown: PathBuf::new() };
    let mut newest: BTreeMap<(String, String), Manifest> = BTreeMap::new();
    let mut listed: HashSet<PathBuf> = HashSet::new();
    let mut entries = Vec::new();
    let mut loose: BTreeMap<PathBuf, Vec<Place>> = BTreeMap::new();
    let files = walk(&place)?;
    let mut of_runs: HashSet<PathBuf> = HashSet::new();
    for place in files.iter().filter(|place| is_manifest(&place.path)) {
        of_runs.insert(place.folder().path);
        let Ok(manifest) = Manifest::read(place) else {
            // Perhaps it is still being written: then it will change.
            entries.push(entry(vec![place.clone()], place.name(), false)?);
            continue;
        };
        listed.extend(manifest.files());
        if manifest.dataset.is_none() {
            continue;
        }
        let key = (manifest.described().key, manifest.month());
        let is_newer = newest.get(&key).is_none_or(|other| {
            (manifest.submitted, &manifest.run) > (other.submitted, &other.run)
        });
        if is_newer {
            newest.insert(key, manifest);
        }
    }
    for manifest in newest.into_values() {
        let shown = |path: &Path| files.iter().find(|place| place.path == path).cloned();
        let blobs = manifest.files().filter_map(|path| shown(&path));
        let all: Vec<Place> = std::iter::once(manifest.place.clone()).chain(blobs).collect();
        let mut run = entry(all, manifest.place.folder().name(), true)?;
        run.paths.truncate(1);
        entries.push(run);
    }
    for place in files {
        let other = of_runs.contains(&place.folder().path) || listed.contains(&place.path);
        if other || run_period(&place.path).is_some() || container(&place, false)?.is_none() {
            continue;
        }
        let folder = place.path.parent().map(Path::to_owned).unwrap_or_default();
        loose.entry(folder).or_default().push(place);
    }
    for files in loose.into_values() {
        let name = files.iter().map(Place::name).collect::<Vec<_>>().join(", ");
        entries.push(entry(files, name, false)?);
    }
    entries.sort_by(|a, b| a.name.cmp(&b.name));
    Ok(entries)
}

fn entry(files: Vec<Place>, name: String, is_run: bool) -> Result<Landed, DiscoverError> {
    let mut context = Context::new(&SHA256);
    for place in &files {
        let state = state(&place.path).map_err(|source| place.unreadable(source))?;
        context.update(place.shown.as_os_str().as_encoded_bytes());
        context.update(format!("\0{state}\0").as_bytes());
    }
    let digest = context.finish();
    let fingerprint = hexadecimal(digest.as_ref());
    let paths = files.into_iter().map(|place| place.path).collect();
    Ok(Landed { paths, name, is_run, fingerprint })
}

/// Size and time of the last change.
fn state(path: &Path) -> io::Result<String> {
    let found = fs::metadata(path)?;
    let changed = found.modified()?.duration_since(UNIX_EPOCH).unwrap_or_default();
    Ok(format!("{} {}", found.len(), changed.as_nanos()))
}
