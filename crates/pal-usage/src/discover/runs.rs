//! Of several runs of one export and month the newest, whole.

use std::collections::BTreeMap;
use std::fs;
use std::io;

use pal_attribution::ingest::{DatasetKind, Part};

use super::manifest::{Blob, Manifest};
use super::{DiscoverError, container};

/// The files of the newest runs.
pub(super) fn parts(manifests: impl Iterator<Item = Manifest>) -> Result<Vec<Part>, DiscoverError> {
    let runs = newest(manifests)?;
    refuse_same_money(&runs)?;
    let mut parts = Vec::new();
    for run in &runs {
        check(run)?;
        let mut bytes = 0;
        for blob in &run.blobs {
            parts.push(part(run, blob, &mut bytes)?);
        }
        if let Some(expected) = run.byte_count.filter(|&expected| expected != bytes) {
            let reason = format!("its files have {bytes} bytes, its manifest says {expected}");
            return Err(incomplete(run, reason));
        }
    }
    Ok(parts)
}

/// One run for each export, dataset type and month, in this order.
///
/// A run replaces its whole month, so a run that begins on another day of it is no newer version:
/// taking the newest would lose days without a word.
fn newest(manifests: impl Iterator<Item = Manifest>) -> Result<Vec<Manifest>, DiscoverError> {
    let mut runs: BTreeMap<(String, DatasetKind, String), Manifest> = BTreeMap::new();
    for manifest in manifests {
        let Some(dataset) = &manifest.dataset else { continue };
        let key = (manifest.export_id.clone(), dataset.kind, manifest.month());
        let Some(other) = runs.remove(&key) else {
            runs.insert(key, manifest);
            continue;
        };
        let is_newer = (manifest.submitted, &manifest.run) > (other.submitted, &other.run);
        let (older, newer) = if is_newer { (other, manifest) } else { (manifest, other) };
        if older.start != newer.start {
            return Err(DiscoverError::Ranges {
                first: older.place.folder().name(),
                second: newer.place.folder().name(),
                export: newer.export,
                month: key.2,
                first_start: older.start,
                second_start: newer.start,
            });
        }
        runs.insert(key, newer);
    }
    Ok(runs.into_values().collect())
}

/// Two exports of one scope and month hold the same money: actual and FOCUS, say, or the old and
/// the new version of the columns.
fn refuse_same_money(runs: &[Manifest]) -> Result<(), DiscoverError> {
    let mut seen: BTreeMap<(&str, String), &Manifest> = BTreeMap::new();
    for run in runs {
        let Some(other) = seen.insert((&run.scope, run.month()), run) else { continue };
        let describe = |run: &Manifest| {
            format!("export {} ({}) in {}", run.export, run.kind, run.place.folder().name())
        };
        return Err(DiscoverError::SameMoney {
            first: describe(other),
            second: describe(run),
            month: run.month(),
            scope: run.scope.clone(),
        });
    }
    Ok(())
}

/// What the manifest alone says.
fn check(run: &Manifest) -> Result<(), DiscoverError> {
    let known =
        |format: &str| ["csv", "parquet"].iter().any(|known| format.eq_ignore_ascii_case(known));
    if let Some(format) = run.format.as_deref().filter(|format| !known(format)) {
        return Err(DiscoverError::Manifest {
            name: run.place.name(),
            reason: format!("its files are {format}, not CSV or Parquet"),
        });
    }
    let listed = run.blobs.len() as u64;
    match run.blob_count.filter(|&expected| expected != listed) {
        Some(expected) => {
            let reason = format!("its manifest lists {listed} files and counts {expected}");
            Err(incomplete(run, reason))
        }
        None => Ok(()),
    }
}

/// One file of a run; adds its size to `total`.
fn part(run: &Manifest, blob: &Blob, total: &mut u64) -> Result<Part, DiscoverError> {
    let place = run.place.folder().join(&blob.name);
    let bytes = match fs::symlink_metadata(&place.path) {
        Ok(entry) if entry.is_file() => entry.len(),
        Ok(_) => return Err(incomplete(run, format!("{} is not a file", blob.name))),
        Err(why) if why.kind() == io::ErrorKind::NotFound => {
            return Err(incomplete(run, format!("{} is missing", blob.name)));
        }
        Err(why) => return Err(place.unreadable(why)),
    };
    if let Some(expected) = blob.bytes.filter(|&expected| expected != bytes) {
        let reason = format!("{} has {bytes} bytes instead of {expected}", blob.name);
        return Err(incomplete(run, reason));
    }
    *total += bytes;
    let Some(container) = container(&place, true)? else {
        return Err(DiscoverError::NotData { name: place.name() });
    };
    Ok(Part {
        name: place.name(),
        expected_rows: blob.rows,
        expected_bytes: blob.bytes,
        dataset: run.dataset.clone(),
        run: Some(run.described()),
        ..Part::new(place.path, container)
    })
}

fn incomplete(run: &Manifest, reason: String) -> DiscoverError {
    DiscoverError::Incomplete {
        run: run.run.clone(),
        export: run.export.clone(),
        month: run.month(),
        folder: run.place.folder().name(),
        reason,
    }
}
