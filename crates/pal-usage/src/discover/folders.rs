//! What the folder of a data file says of it: which manifest lists it, and whether it is of a run that has none.

use std::collections::{HashMap, HashSet};
use std::path::{Path, PathBuf};

use super::manifest::Manifest;
use super::{DiscoverError, ShownPath};

/// Which folders have a manifest, and which files are in one.
pub struct Folders {
    listed: HashSet<PathBuf>,
    /// Whether the manifest of a folder lists its files.
    listing: HashMap<PathBuf, bool>,
}

/// What a data file is to the manifests around it.
pub enum Rank {
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
    pub fn of(manifests: &mut Vec<Manifest>) -> Self {
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

    pub fn rank(&self, file: &Path) -> Rank {
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

pub fn period_without_manifest(file: &ShownPath) -> DiscoverError {
    let folder = run_period(&file.path).and_then(Path::file_name).unwrap_or_default();
    DiscoverError::UnfinishedFolder {
        name: file.name(),
        folder: folder.to_string_lossy().into_owned(),
    }
}
