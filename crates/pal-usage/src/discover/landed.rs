//! What is in a folder where exports land by themselves: each entry can be used or not on its own.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::time::UNIX_EPOCH;

use aws_lc_rs::digest::{Context, SHA256};

use super::manifest::Manifest;
use super::{DiscoverError, Folders, Rank, ShownPath, container, is_manifest, walk};
use crate::charges::hexadecimal;

/// What one manifest lists, or the loose files of a folder.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Landed {
    /// What to give to [`super::discover`].
    pub paths: Vec<PathBuf>,
    /// The way from the watched folder.
    pub name: String,
    /// Whether a manifest names sizes, so that it can be seen whether all has arrived. Anything else
    /// is whole, as far as can be known, when two looks find the same.
    pub has_sizes: bool,
    /// Changes when a file of it does; hexadecimal.
    pub fingerprint: String,
}

/// What every manifest lists, manifests that are no use, and loose files by folder; files in the folder
/// of a run that has no manifest yet, and files beside a manifest that does not list them, are left
/// out. By name.
///
/// # Errors
/// The folder cannot be read.
pub fn landed(root: &Path) -> Result<Vec<Landed>, DiscoverError> {
    let given = ShownPath { path: root.to_owned(), shown: root.to_owned() };
    let path = fs::canonicalize(root).map_err(|source| given.unreadable(source))?;
    let place = ShownPath { path, shown: PathBuf::new() };
    let (mut entries, mut manifests) = (Vec::new(), Vec::new());
    let mut unread: HashSet<PathBuf> = HashSet::new();
    let files = walk(&place)?;
    for place in files.iter().filter(|place| is_manifest(&place.path)) {
        match Manifest::read(place) {
            Ok(manifest) => manifests.push(manifest),
            // Perhaps it is still being written: then it will change.
            Err(_) => {
                unread.insert(place.folder().path);
                entries.push(entry(vec![place.clone()], place.name(), false)?);
            }
        }
    }
    let folders = Folders::of(&mut manifests);
    let places: HashMap<&Path, &ShownPath> =
        files.iter().map(|place| (place.path.as_path(), place)).collect();
    for manifest in manifests.iter().filter(|manifest| manifest.has_charges()) {
        let blobs = manifest.files().filter_map(|path| places.get(&*path).copied().cloned());
        let all: Vec<ShownPath> = std::iter::once(manifest.place.clone()).chain(blobs).collect();
        let name = manifest.place.folder().name();
        let mut listed = entry(all, name, manifest.has_sizes())?;
        listed.paths.truncate(1);
        entries.push(listed);
    }
    let mut loose: BTreeMap<PathBuf, Vec<ShownPath>> = BTreeMap::new();
    for place in &files {
        let folder = place.folder().path;
        let other = is_manifest(&place.path)
            || unread.contains(&folder)
            || !matches!(folders.rank(&place.path), Rank::Loose);
        if !other && container(place, false)?.is_some() {
            loose.entry(folder).or_default().push(place.clone());
        }
    }
    for files in loose.into_values() {
        let name = files.iter().map(ShownPath::name).collect::<Vec<_>>().join(", ");
        entries.push(entry(files, name, false)?);
    }
    entries.sort_by(|a, b| a.name.cmp(&b.name));
    Ok(entries)
}

fn entry(files: Vec<ShownPath>, name: String, has_sizes: bool) -> Result<Landed, DiscoverError> {
    let mut context = Context::new(&SHA256);
    for place in &files {
        let state = state(&place.path).map_err(|source| place.unreadable(source))?;
        context.update(place.shown.as_os_str().as_encoded_bytes());
        context.update(format!("\0{state}\0").as_bytes());
    }
    let digest = context.finish();
    let fingerprint = hexadecimal(digest.as_ref());
    let paths = files.into_iter().map(|place| place.path).collect();
    Ok(Landed { paths, name, has_sizes, fingerprint })
}

/// Size and time of the last change.
fn state(path: &Path) -> io::Result<String> {
    let found = fs::metadata(path)?;
    let changed = found.modified()?.duration_since(UNIX_EPOCH).unwrap_or_default();
    Ok(format!("{} {}", found.len(), changed.as_nanos()))
}
