//! What is in a folder where exports land by themselves: each entry can be used or not on its own.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::time::UNIX_EPOCH;

use aws_lc_rs::digest::{Context, SHA256};

use super::folders::{Folders, Rank};
use super::manifest::Manifest;
use super::walk::{container, is_manifest, walk_past};
use super::{DiscoverError, ShownPath};
use crate::charges::hexadecimal;

/// What one manifest lists, or the loose files of a folder.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Landed {
    /// What to give to [`super::discover`]: a manifest, or files of a folder.
    pub files: Vec<LandedFile>,
    /// The way from the watched folder.
    pub name: String,
    /// Whether a manifest names sizes, so that it can be seen whether all has arrived. Anything else
    /// is whole, as far as can be known, when two looks find the same.
    pub has_sizes: bool,
    /// Changes when a file of it does; hexadecimal.
    pub fingerprint: String,
}

/// A path of an entry by itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LandedFile {
    pub path: PathBuf,
    /// The way from the watched folder.
    pub name: String,
    /// Changes when this file does; that of an entry with this file alone.
    pub fingerprint: String,
}

impl Landed {
    /// What to give to [`super::discover`].
    pub fn paths(&self) -> Vec<PathBuf> {
        self.files.iter().map(|file| file.path.clone()).collect()
    }
}

/// What every manifest lists, manifests that are no use, and loose files by folder; files in the folder
/// of a run that has no manifest yet, and files beside a manifest that does not list them, are left
/// out. What cannot be read is an entry of its own, so that it stops nothing else. By name.
///
/// # Errors
/// The watched folder itself cannot be read.
pub fn landed(root: &Path) -> Result<Vec<Landed>, DiscoverError> {
    let given = ShownPath { path: root.to_owned(), shown: root.to_owned() };
    let path = fs::canonicalize(root).map_err(|source| given.unreadable(source))?;
    let place = ShownPath { path, shown: PathBuf::new() };
    let (mut entries, mut manifests) = (Vec::new(), Vec::new());
    let mut unread: HashSet<PathBuf> = HashSet::new();
    let mut unreadable = Vec::new();
    let files = walk_past(&place, |folder, source| {
        if folder.path == place.path {
            return Err(given.unreadable(source));
        }
        unreadable.push(folder.clone());
        Ok(())
    })?;
    entries.extend(
        unreadable.iter().filter_map(|folder| entry(vec![folder.clone()], folder.name(), false)),
    );
    for place in files.iter().filter(|place| is_manifest(&place.path)) {
        match Manifest::read(place) {
            Ok(manifest) => manifests.push(manifest),
            // Perhaps it is still being written: then it will change.
            Err(_) => {
                unread.insert(place.folder().path);
                entries.extend(entry(vec![place.clone()], place.name(), false));
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
        entries.extend(entry(all, name, manifest.has_sizes()).map(|mut listed| {
            listed.files.truncate(1);
            listed
        }));
    }
    let mut loose: BTreeMap<PathBuf, Vec<ShownPath>> = BTreeMap::new();
    for place in &files {
        let folder = place.folder().path;
        let other = is_manifest(&place.path)
            || unread.contains(&folder)
            || !matches!(folders.rank(&place.path), Rank::Loose);
        if other {
            continue;
        }
        match container(place, false) {
            Ok(Some(_)) => loose.entry(folder).or_default().push(place.clone()),
            Ok(None) => {}
            Err(_) => entries.extend(entry(vec![place.clone()], place.name(), false)),
        }
    }
    for files in loose.into_values() {
        let name = files.iter().map(ShownPath::name).collect::<Vec<_>>().join(", ");
        entries.extend(entry(files, name, false));
    }
    entries.sort_by(|a, b| a.name.cmp(&b.name));
    Ok(entries)
}

/// `None`: a file has gone meanwhile, and the next look sees what there is then.
fn entry(files: Vec<ShownPath>, name: String, has_sizes: bool) -> Option<Landed> {
    let mut whole = Context::new(&SHA256);
    let mut landed = Vec::with_capacity(files.len());
    for place in files {
        let state = match state(&place.path) {
            Ok(state) => state,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return None,
            Err(_) => "unreadable".to_owned(),
        };
        let mut alone = Context::new(&SHA256);
        for context in [&mut whole, &mut alone] {
            context.update(place.shown.as_os_str().as_encoded_bytes());
            context.update(format!("\0{state}\0").as_bytes());
        }
        let fingerprint = hexadecimal(alone.finish().as_ref());
        landed.push(LandedFile { name: place.name(), path: place.path, fingerprint });
    }
    let fingerprint = hexadecimal(whole.finish().as_ref());
    Some(Landed { files: landed, name, has_sizes, fingerprint })
}

/// Size and time of the last change.
fn state(path: &Path) -> io::Result<String> {
    let found = fs::metadata(path)?;
    let changed = found.modified()?.duration_since(UNIX_EPOCH).unwrap_or_default();
    Ok(format!("{} {}", found.len(), changed.as_nanos()))
}
