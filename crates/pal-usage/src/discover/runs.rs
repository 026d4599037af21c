//! The files of manifests: whole, and those of a run once.

use std::collections::BTreeMap;
use std::fs;
use std::io;

use pal_attribution::ingest::Part;

use super::manifest::{Blob, Content, Manifest};
use super::note::Note;
use super::run::RunFiles;
use super::walk::container;
use super::{DiscoverError, Discovered};
use crate::charges::file_digest;

/// Adds what the manifests list.
pub(super) fn add(
    manifests: impl Iterator<Item = Manifest>,
    found: &mut Discovered,
) -> Result<(), DiscoverError> {
    for manifest in manifests.filter(Manifest::has_charges) {
        let parts = parts(&manifest)?;
        let name = || manifest.place.name();
        for blob in &manifest.repeated {
            let file = blob.name.clone();
            found.notes.push(Note::ListedTwice { manifest: name(), file });
        }
        if !manifest.has_sizes() {
            found.notes.push(Note::NoSizes { manifest: name() });
        }
        match manifest.content {
            Content::Run(run) => found.runs.push(RunFiles {
                run,
                parts,
                folder: manifest.place.folder().name(),
                manifest: manifest.place.path,
            }),
            Content::Loose(lacks) => {
                found.notes.push(Note::NoRun { manifest: name(), lacks });
                found.loose.extend(parts);
            }
            Content::Nothing | Content::Other(_) => {}
        }
    }
    once(found)
}

/// Of copies of a run the first is kept; copies that differ are refused.
fn once(found: &mut Discovered) -> Result<(), DiscoverError> {
    let mut kept: BTreeMap<(String, &'static str, String), RunFiles> = BTreeMap::new();
    let mut order = Vec::new();
    for files in std::mem::take(&mut found.runs) {
        let run = &files.run;
        let key = (run.scope.clone(), run.dataset.code(), run.id.clone());
        let Some(first) = kept.get(&key) else {
            order.push(key.clone());
            kept.insert(key, files);
            continue;
        };
        if !first.run.says_the_same(run) || contents(first)? != contents(&files)? {
            return Err(DiscoverError::Copies {
                run: run.id.clone(),
                first: first.folder.clone(),
                second: files.folder,
            });
        }
        found.notes.push(Note::SameRun {
            run: run.id.clone(),
            read: first.folder.clone(),
            other: files.folder,
        });
    }
    found.runs = order.iter().filter_map(|key| kept.remove(key)).collect();
    Ok(())
}

/// Sizes and SHA-256 of a run's files.
fn contents(files: &RunFiles) -> Result<Vec<(u64, String)>, DiscoverError> {
    let content = |part: &Part| {
        let unreadable = |source| DiscoverError::Unreadable { name: part.name.clone(), source };
        file_digest(&part.path).map(|(sha256, bytes)| (bytes, sha256)).map_err(unreadable)
    };
    let mut contents: Vec<_> = files.parts.iter().map(content).collect::<Result<_, _>>()?;
    contents.sort_unstable();
    Ok(contents)
}

/// The files of a manifest, if all are there and whole.
fn parts(manifest: &Manifest) -> Result<Vec<Part>, DiscoverError> {
    check(manifest)?;
    let (mut parts, mut total) = (Vec::new(), 0);
    let mut sizes: BTreeMap<&str, u64> = BTreeMap::new();
    for blob in &manifest.blobs {
        let (part, bytes) = part(manifest, blob)?;
        total += bytes;
        sizes.insert(&blob.name, bytes);
        parts.push(part);
    }
    // A manifest that names a file twice may have counted it twice, too.
    let twice: u64 = manifest.repeated.iter().filter_map(|blob| sizes.get(&*blob.name)).sum();
    match manifest.byte_count {
        Some(expected) if expected != total && expected != total + twice => {
            let reason = format!("its files have {total} bytes, its manifest says {expected}");
            Err(incomplete(manifest, reason))
        }
        _ => Ok(parts),
    }
}

fn check(manifest: &Manifest) -> Result<(), DiscoverError> {
    let known =
        |format: &str| ["csv", "parquet"].iter().any(|known| format.eq_ignore_ascii_case(known));
    if let Some(format) = manifest.format.as_deref().filter(|format| !known(format)) {
        return Err(DiscoverError::Manifest {
            name: manifest.place.name(),
            reason: format!("its files are {format}, not CSV or Parquet"),
        });
    }
    let (listed, once) = (manifest.listed, manifest.blobs.len() as u64);
    match manifest.blob_count {
        Some(expected) if expected != listed && expected != once => {
            let reason = format!("its manifest lists {listed} files and counts {expected}");
            Err(incomplete(manifest, reason))
        }
        _ => Ok(()),
    }
}

fn part(manifest: &Manifest, blob: &Blob) -> Result<(Part, u64), DiscoverError> {
    let place = manifest.place.folder().join(&blob.name);
    let bytes = match fs::symlink_metadata(&place.path) {
        Ok(entry) if entry.is_file() => entry.len(),
        Ok(_) => return Err(incomplete(manifest, format!("{} is not a file", blob.name))),
        Err(why) if why.kind() == io::ErrorKind::NotFound => {
            return Err(incomplete(manifest, format!("{} is missing", blob.name)));
        }
        Err(why) => return Err(place.unreadable(why)),
    };
    if let Some(expected) = blob.bytes.filter(|&expected| expected != bytes) {
        let reason = format!("{} has {bytes} bytes instead of {expected}", blob.name);
        return Err(incomplete(manifest, reason));
    }
    let Some(container) = container(&place, true)? else {
        return Err(DiscoverError::NotData { name: place.name() });
    };
    let part = Part {
        name: place.name(),
        expected_rows: blob.rows,
        expected_bytes: blob.bytes,
        dataset: manifest.dataset.clone(),
        ..Part::new(place.path, container)
    };
    Ok((part, bytes))
}

fn incomplete(manifest: &Manifest, reason: String) -> DiscoverError {
    let folder = manifest.place.folder().name();
    match &manifest.content {
        Content::Run(run) => DiscoverError::Incomplete {
            run: run.id.clone(),
            export: run.export.clone(),
            period: run.period(),
            folder,
            reason,
        },
        _ => DiscoverError::IncompleteFolder { folder, reason },
    }
}
