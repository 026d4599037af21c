//! Which files of the paths a user gave are read: data files, folders of them, and exports as
//! Azure delivers them, where only the newest finished run of a month counts.

use std::collections::{BTreeMap, HashSet};
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

mod error;
mod landed;
mod manifest;
mod runs;

pub use error::DiscoverError;
pub use landed::{Landed, landed};

use manifest::Manifest;
use pal_attribution::ingest::{Container, Part};

/// A path under its two names: where it is, and as the user sees it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
struct Place {
    path: PathBuf,
    shown: PathBuf,
}

impl Place {
    fn name(&self) -> String {
        self.shown.display().to_string()
    }

    /// Something in this folder.
    fn join(&self, name: impl AsRef<Path>) -> Self {
        Self { path: self.path.join(&name), shown: self.shown.join(&name) }
    }

    /// The folder of this file.
    fn folder(&self) -> Self {
        let up = |path: &Path| path.parent().map(Path::to_path_buf).unwrap_or_default();
        let shown = up(&self.shown);
        let shown = if shown.as_os_str().is_empty() { PathBuf::from(".") } else { shown };
        Self { path: up(&self.path), shown }
    }

    fn unreadable(&self, source: io::Error) -> DiscoverError {
        DiscoverError::Unreadable { name: self.name(), source }
    }
}

/// What the paths hold, before runs are chosen.
#[derive(Default)]
struct Found {
    manifests: BTreeMap<PathBuf, Manifest>,
    files: Vec<(Place, Container)>,
}

/// The files behind `paths`, sorted by path, each once.
///
/// A path is a data file (`.csv`, `.csv.gz`, `.parquet`), the `manifest.json` of an export run, or
/// a folder. In a folder, entries that begin with `.` or `_` and symbolic links are passed over.
/// Of several runs of one export and month, wherever they are given, only the newest is read.
///
/// # Errors
/// [`DiscoverError`]: a path cannot be read or holds no cost data; a run is not complete; two
/// exports hold the same money.
pub fn discover(paths: &[PathBuf]) -> Result<Vec<Part>, DiscoverError> {
    let mut found = Found::default();
    for path in paths {
        let given = Place { path: path.clone(), shown: path.clone() };
        let canonical = fs::canonicalize(path).map_err(|source| given.unreadable(source))?;
        let place = Place { path: canonical, shown: path.clone() };
        let kind = fs::metadata(&place.path).map_err(|source| place.unreadable(source))?;
        if kind.is_dir() {
            found.add_folder(&place)?;
        } else if kind.is_file() {
            found.add_file(place)?;
        } else {
            return Err(DiscoverError::NotData { name: place.name() });
        }
    }
    found.into_parts()
}

impl Found {
    /// A file that the user named.
    fn add_file(&mut self, place: Place) -> Result<(), DiscoverError> {
        if extension(&place.path) == Some("json".to_owned()) {
            let manifest = Manifest::read(&place)?;
            if manifest.dataset.is_none() {
                return Err(DiscoverError::NotCost { name: place.name(), kind: manifest.kind });
            }
            self.add_manifest(manifest);
            return Ok(());
        }
        match container(&place, true)? {
            Some(container) => self.files.push((place, container)),
            None => return Err(DiscoverError::NotData { name: place.name() }),
        }
        Ok(())
    }

    /// A folder that the user named.
    fn add_folder(&mut self, root: &Place) -> Result<(), DiscoverError> {
        let mut manifests = Vec::new();
        let mut files = Vec::new();
        for place in walk(root)? {
            if is_manifest(&place.path) {
                manifests.push(Manifest::read(&place)?);
            } else if let Some(container) = container(&place, false)? {
                files.push((place, container));
            }
        }
        if manifests.is_empty() {
            if let Some((file, _)) = files.iter().find(|(file, _)| run_period(&file.path).is_some())
            {
                return Err(period_without_manifest(file));
            }
            if files.is_empty() {
                return Err(DiscoverError::NoData { name: root.name() });
            }
            self.files.append(&mut files);
            return Ok(());
        }
        // The files of an export come back from its manifest, or belong to an older run.
        let listed: HashSet<PathBuf> = manifests.iter().flat_map(Manifest::files).collect();
        if let Some((file, _)) = files.iter().find(|(file, _)| !listed.contains(&file.path)) {
            return Err(DiscoverError::NoManifest { name: file.name() });
        }
        if manifests.iter().all(|manifest| manifest.dataset.is_none()) {
            return Err(DiscoverError::NoData { name: root.name() });
        }
        for manifest in manifests {
            self.add_manifest(manifest);
        }
        Ok(())
    }

    /// Once, under the name that was given first.
    fn add_manifest(&mut self, manifest: Manifest) {
        self.manifests.entry(manifest.place.path.clone()).or_insert(manifest);
    }

    /// The parts of the newest runs, and the files that belong to no run.
    fn into_parts(self) -> Result<Vec<Part>, DiscoverError> {
        let listed: HashSet<PathBuf> = self.manifests.values().flat_map(Manifest::files).collect();
        let mut parts = runs::parts(self.manifests.into_values())?;
        // A shell pattern may name the files of old runs one by one beside the manifests.
        let loose = self.files.into_iter().filter(|(place, _)| !listed.contains(&place.path));
        parts.extend(loose.map(|(place, container)| Part {
            name: place.name(),
            ..Part::new(place.path, container)
        }));
        parts.sort_by(|a, b| a.path.cmp(&b.path));
        parts.dedup_by(|later, first| later.path == first.path);
        Ok(parts)
    }
}

/// All files under a folder, by path.
fn walk(root: &Place) -> Result<Vec<Place>, DiscoverError> {
    let mut folders = vec![root.clone()];
    let mut files = Vec::new();
    while let Some(folder) = folders.pop() {
        let unreadable = |source| folder.unreadable(source);
        for entry in fs::read_dir(&folder.path).map_err(unreadable)? {
            let entry = entry.map_err(unreadable)?;
            let name = entry.file_name();
            if name.as_encoded_bytes().starts_with(b".")
                || name.as_encoded_bytes().starts_with(b"_")
            {
                continue;
            }
            let place = folder.join(&name);
            // The kind of the entry itself: a symbolic link is neither.
            let kind = entry.file_type().map_err(|source| place.unreadable(source))?;
            if kind.is_dir() {
                folders.push(place);
            } else if kind.is_file() {
                files.push(place);
            }
        }
    }
    files.sort();
    Ok(files)
}

/// How a file is packed: by its first bytes, else by its name; `None`: no data file.
///
/// In a folder (`named` is false) a name of another kind (`notes.parquet.bak`) is left alone.
fn container(place: &Place, named: bool) -> Result<Option<Container>, DiscoverError> {
    let by_name = extension(&place.path);
    let other = by_name.is_some_and(|name| !matches!(name.as_str(), "csv" | "gz" | "parquet"));
    if other && !named {
        return Ok(None);
    }
    Container::of(&place.path).map_err(|source| place.unreadable(source))
}

/// The last extension, ASCII lower-case.
fn extension(path: &Path) -> Option<String> {
    Some(path.extension()?.to_str()?.to_ascii_lowercase())
}

fn is_manifest(path: &Path) -> bool {
    path.file_name().is_some_and(|name| name.eq_ignore_ascii_case("manifest.json"))
}

/// The deepest folder on the way that is named like the period of an export run.
///
/// Azure writes `<export>/20260701-20260731/<submitted>/<run>/`: data below such a folder and no
/// manifest is a run that has not finished, or half a copy of one.
fn run_period(path: &Path) -> Option<&Path> {
    path.ancestors().skip(1).find(|folder| {
        let name = folder.file_name().and_then(|name| name.to_str()).unwrap_or_default();
        name.split_once('-').is_some_and(|(from, to)| is_day(from) && is_day(to) && from <= to)
    })
}

/// `20260731`.
fn is_day(text: &str) -> bool {
    let number = |range: std::ops::Range<usize>| text.get(range)?.parse::<i16>().ok();
    let date = || {
        let (month, day) = (number(4..6)?, number(6..8)?);
        let (month, day) = (i8::try_from(month).ok()?, i8::try_from(day).ok()?);
        jiff::civil::Date::new(number(0..4)?, month, day).ok()
    };
    text.len() == 8 && text.bytes().all(|b| b.is_ascii_digit()) && date().is_some()
}

fn period_without_manifest(file: &Place) -> DiscoverError {
    let folder = run_period(&file.path).and_then(Path::file_name).unwrap_or_default();
    DiscoverError::UnfinishedFolder {
        name: file.name(),
        folder: folder.to_string_lossy().into_owned(),
    }
}

#[cfg(test)]
mod tests;
