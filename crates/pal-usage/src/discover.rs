//! Which cost exports and files are behind the paths that a user gave: every run of an export as Azure
//! delivers it, and every other data file. What of them counts is another question.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use pal_attribution::ingest::{Container, Part};
use serde::{Deserialize, Serialize};

mod error;
mod landed;
mod manifest;
mod note;
mod run;
mod runs;

pub use error::DiscoverError;
pub use landed::{Landed, LandedFile, landed};
pub use note::{Lack, Note};
pub use run::{Run, RunFiles};

use manifest::{Content, Manifest};

/// A path under its two names: where it is, and as the user sees it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
struct ShownPath {
    path: PathBuf,
    shown: PathBuf,
}

impl ShownPath {
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

/// Everything that the paths hold; what of it counts is decided elsewhere.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Discovered {
    /// Runs of exports, each once, by the path of the manifest.
    pub runs: Vec<RunFiles>,
    /// Files that are of no run, each once, by path.
    pub loose: Vec<Part>,
    pub notes: Vec<Note>,
}

impl Discovered {
    pub fn parts(&self) -> Vec<Part> {
        let runs = self.runs.iter().flat_map(|files| &files.parts);
        let mut parts: Vec<Part> = runs.chain(&self.loose).cloned().collect();
        parts.sort_by(|a, b| a.path.cmp(&b.path));
        parts
    }

    /// The same without runs whose whole period a later submitted run of the same scope and dataset
    /// declares, too: of no row of theirs anything is left.
    #[must_use]
    pub fn without_overtaken(&self) -> Self {
        let overtakes = |newer: &Run, older: &Run| {
            (&newer.scope, newer.dataset) == (&older.scope, older.dataset)
                && (newer.submitted, &newer.id) > (older.submitted, &older.id)
                && newer.start <= older.start
                && older.end <= newer.end
        };
        let is_newest =
            |files: &&RunFiles| !self.runs.iter().any(|other| overtakes(&other.run, &files.run));
        let runs = self.runs.iter().filter(is_newest).cloned().collect();
        Self { runs, ..self.clone() }
    }

    /// All files, to be named anew.
    pub fn parts_mut(&mut self) -> impl Iterator<Item = &mut Part> {
        self.runs.iter_mut().flat_map(|files| &mut files.parts).chain(&mut self.loose)
    }
}

#[derive(Default)]
struct Search {
    manifests: BTreeMap<PathBuf, Manifest>,
    files: Vec<(ShownPath, Container)>,
}

/// Every statement behind `paths`: runs of exports, and loose files.
///
/// A path is a data file (`.csv`, `.csv.gz`, `.parquet`), the `manifest.json` (or `_manifest.json`) of
/// an export run, or a folder. In a folder, other entries that begin with `.` or `_` and symbolic
/// links are passed over.
///
/// # Errors
/// [`DiscoverError`]: a path cannot be read or holds no cost data; a run is not complete; two copies
/// of a run differ.
pub fn discover(paths: &[PathBuf]) -> Result<Discovered, DiscoverError> {
    let mut search = Search::default();
    for path in paths {
        let given = ShownPath { path: path.clone(), shown: path.clone() };
        let canonical = fs::canonicalize(path).map_err(|source| given.unreadable(source))?;
        let place = ShownPath { path: canonical, shown: path.clone() };
        let kind = fs::metadata(&place.path).map_err(|source| place.unreadable(source))?;
        if kind.is_dir() {
            search.add_folder(&place)?;
        } else if kind.is_file() {
            search.add_file(place)?;
        } else {
            return Err(DiscoverError::NotData { name: place.name() });
        }
    }
    search.into_discovered()
}

impl Search {
    fn add_file(&mut self, place: ShownPath) -> Result<(), DiscoverError> {
        if extension(&place.path) == Some("json".to_owned()) {
            let manifest = Manifest::read(&place)?;
            match &manifest.content {
                Content::Other(kind) => {
                    return Err(DiscoverError::NotCost { name: place.name(), kind: kind.clone() });
                }
                // The files beside it are what it stands for.
                Content::Nothing => return self.add_folder(&place.folder()),
                Content::Run(_) | Content::Loose(_) => self.add_manifest(manifest),
            }
            return Ok(());
        }
        match container(&place, true)? {
            Some(container) => self.files.push((place, container)),
            None => return Err(DiscoverError::NotData { name: place.name() }),
        }
        Ok(())
    }

    /// A folder that the user named.
    fn add_folder(&mut self, root: &ShownPath) -> Result<(), DiscoverError> {
        let mut manifests = Vec::new();
        let mut files = Vec::new();
        for place in walk(root)? {
            if is_manifest(&place.path) {
                manifests.push(Manifest::read(&place)?);
            } else if let Some(container) = container(&place, false)? {
                files.push((place, container));
            }
        }
        let folders = Folders::of(&mut manifests);
        let mut loose = Vec::new();
        for (file, container) in files {
            match folders.rank(&file.path) {
                Rank::Listed => {}
                Rank::Unlisted => return Err(DiscoverError::NoManifest { name: file.name() }),
                Rank::Unfinished => return Err(period_without_manifest(&file)),
                Rank::Loose => loose.push((file, container)),
            }
        }
        if loose.is_empty() && !manifests.iter().any(Manifest::has_charges) {
            return Err(DiscoverError::NoData { name: root.name() });
        }
        self.files.append(&mut loose);
        for manifest in manifests {
            self.add_manifest(manifest);
        }
        Ok(())
    }

    /// Once, under the name that was given first.
    fn add_manifest(&mut self, manifest: Manifest) {
        self.manifests.entry(manifest.place.path.clone()).or_insert(manifest);
    }

    fn into_discovered(self) -> Result<Discovered, DiscoverError> {
        let listed: HashSet<PathBuf> = self.manifests.values().flat_map(Manifest::files).collect();
        let mut found = Discovered::default();
        runs::add(self.manifests.into_values(), &mut found)?;
        // A shell pattern may name the files of runs one by one beside their manifests.
        let loose = self.files.into_iter().filter(|(place, _)| !listed.contains(&place.path));
        found.loose.extend(loose.map(|(place, container)| Part {
            name: place.name(),
            ..Part::new(place.path, container)
        }));
        found.loose.sort_by(|a, b| a.path.cmp(&b.path));
        found.loose.dedup_by(|later, first| later.path == first.path);
        found.leave_out_links()?;
        Ok(found)
    }
}

impl Discovered {
    /// Hard links are further names of a file.
    fn leave_out_links(&mut self) -> Result<(), DiscoverError> {
        let mut seen: HashMap<(u64, u64), String> = HashMap::new();
        let unreadable = |part: &Part, source| {
            Err(DiscoverError::Unreadable { name: part.name.clone(), source })
        };
        for part in self.runs.iter().flat_map(|files| &files.parts) {
            match identity(&part.path) {
                Ok(id) => seen.extend(id.map(|id| (id, part.name.clone()))),
                Err(source) => return unreadable(part, source),
            }
        }
        let mut kept = Vec::with_capacity(self.loose.len());
        for part in std::mem::take(&mut self.loose) {
            let id = match identity(&part.path) {
                Ok(id) => id,
                Err(source) => return unreadable(&part, source),
            };
            match id.and_then(|id| seen.get(&id)) {
                Some(read) => {
                    self.notes
                        .push(Note::SameFile { read: read.clone(), other: part.name.clone() });
                }
                None => {
                    seen.extend(id.map(|id| (id, part.name.clone())));
                    kept.push(part);
                }
            }
        }
        self.loose = kept;
        Ok(())
    }
}

/// What tells a file from all others, whatever its names; `None` = the system does not say.
#[cfg(unix)]
fn identity(path: &Path) -> io::Result<Option<(u64, u64)>> {
    use std::os::unix::fs::MetadataExt;
    let found = fs::metadata(path)?;
    Ok(Some((found.dev(), found.ino())))
}

#[cfg(not(unix))]
fn identity(_: &Path) -> io::Result<Option<(u64, u64)>> {
    Ok(None)
}

/// Which folders have a manifest, and which files are in one.
struct Folders {
    listed: HashSet<PathBuf>,
    /// Whether the manifest of a folder lists its files.
    listing: HashMap<PathBuf, bool>,
}

/// What a data file is to the manifests around it.
enum Rank {
    Listed,
    /// It is in the folder of a manifest that does not list it.
    Unlisted,
    /// It is in the folder of a run that has no manifest.
    Unfinished,
    /// It belongs to none.
    Loose,
}

impl Folders {
    /// Of all manifests of a tree. Of two in one folder the one that lists files is kept, or else
    /// `manifest.json` before `_manifest.json`.
    fn of(manifests: &mut Vec<Manifest>) -> Self {
        let plain = |manifest: &Manifest| {
            let name = manifest.place.path.file_name().unwrap_or_default();
            !name.as_encoded_bytes().starts_with(b"_")
        };
        let weight = |manifest: &Manifest| (manifest.is_listing(), plain(manifest));
        let mut best: HashMap<PathBuf, (bool, bool)> = HashMap::new();
        for manifest in manifests.iter() {
            let found = best.entry(manifest.place.folder().path).or_default();
            *found = weight(manifest).max(*found);
        }
        manifests
            .retain(|manifest| best.get(&manifest.place.folder().path) == Some(&weight(manifest)));
        let folder = |manifest: &Manifest| (manifest.place.folder().path, manifest.is_listing());
        Self {
            listed: manifests.iter().flat_map(Manifest::files).collect(),
            listing: manifests.iter().map(folder).collect(),
        }
    }

    fn rank(&self, file: &Path) -> Rank {
        if self.listed.contains(file) {
            return Rank::Listed;
        }
        match file.ancestors().skip(1).find_map(|folder| self.listing.get(folder)) {
            Some(true) => Rank::Unlisted,
            None if run_period(file).is_some() => Rank::Unfinished,
            Some(false) | None => Rank::Loose,
        }
    }
}

/// All files under a folder, by path.
fn walk(root: &ShownPath) -> Result<Vec<ShownPath>, DiscoverError> {
    walk_past(root, |place, source| Err(place.unreadable(source)))
}

/// The same, where `unreadable` says whether to go on after a folder that cannot be read.
fn walk_past(
    root: &ShownPath,
    mut unreadable: impl FnMut(&ShownPath, io::Error) -> Result<(), DiscoverError>,
) -> Result<Vec<ShownPath>, DiscoverError> {
    let mut folders = vec![root.clone()];
    let mut files = Vec::new();
    while let Some(folder) = folders.pop() {
        let (mut inner, mut data) = (Vec::new(), Vec::new());
        match list(&folder, &mut inner, &mut data) {
            Ok(()) => {
                folders.append(&mut inner);
                files.append(&mut data);
            }
            Err(source) => unreadable(&folder, source)?,
        }
    }
    files.sort();
    Ok(files)
}

/// The folders and the files in a folder that may hold data.
fn list(
    folder: &ShownPath,
    folders: &mut Vec<ShownPath>,
    files: &mut Vec<ShownPath>,
) -> io::Result<()> {
    for entry in fs::read_dir(&folder.path)? {
        let entry = entry?;
        let name = entry.file_name();
        let hidden =
            name.as_encoded_bytes().starts_with(b".") || name.as_encoded_bytes().starts_with(b"_");
        if hidden && !is_manifest(Path::new(&name)) {
            continue;
        }
        // The kind of the entry itself: a symbolic link is neither.
        let kind = entry.file_type()?;
        if kind.is_dir() {
            folders.push(folder.join(&name));
        } else if kind.is_file() {
            files.push(folder.join(&name));
        }
    }
    Ok(())
}

/// How a file is packed: by its first bytes, else by its name; `None`: no data file.
///
/// In a folder (`named` is false) a name of another kind (`notes.parquet.bak`) is left alone.
fn container(place: &ShownPath, named: bool) -> Result<Option<Container>, DiscoverError> {
    let other = extension(&place.path).is_some() && Container::by_name(&place.path).is_none();
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
    path.file_name().is_some_and(|name| {
        ["manifest.json", "_manifest.json"].iter().any(|known| name.eq_ignore_ascii_case(known))
    })
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

fn period_without_manifest(file: &ShownPath) -> DiscoverError {
    let folder = run_period(&file.path).and_then(Path::file_name).unwrap_or_default();
    DiscoverError::UnfinishedFolder {
        name: file.name(),
        folder: folder.to_string_lossy().into_owned(),
    }
}

#[cfg(test)]
mod tests;
