//! Which cost exports and files are behind the paths that a user gave: every run of an export as Azure
//! delivers it, and every other data file. What of them counts is another question.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use pal_attribution::ingest::{Container, Part};
use serde::{Deserialize, Serialize};

mod error;
mod folders;
mod landed;
mod manifest;
mod note;
mod run;
mod runs;
mod walk;

pub use error::DiscoverError;
pub use landed::{Landed, LandedFile, landed};
pub use note::{Lack, Note};
pub use run::{Run, RunFiles};

use folders::{Folders, Rank, period_without_manifest};
use manifest::{Content, Manifest};
use walk::{container, extension, is_manifest, walk};

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

#[cfg(test)]
mod tests;
