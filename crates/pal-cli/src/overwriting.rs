//! No command writes over what it reads, by whatever name: a report over the cost exports that it was made
//! of would be the end of both.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use crate::output::folder_of;
use crate::printer::Failure;

/// Which file a path leads to, through symbolic links, and by any of its names.
#[derive(PartialEq, Eq)]
struct Identity(
    #[cfg(unix)] (u64, u64),
    /// Where the system tells no more, its path.
    #[cfg(not(unix))]
    PathBuf,
);

impl Identity {
    #[cfg(unix)]
    fn of(path: &Path) -> io::Result<Self> {
        use std::os::unix::fs::MetadataExt;
        fs::metadata(path).map(|found| Self((found.dev(), found.ino())))
    }

    #[cfg(not(unix))]
    fn of(path: &Path) -> io::Result<Self> {
        path.canonicalize().map(Self)
    }
}

/// Refuses an output that is one of the inputs, or a file in one of them that is a folder. What is not there
/// yet cannot be lost.
pub fn refuse_over<'a>(
    output: &Path,
    inputs: impl IntoIterator<Item = &'a Path>,
) -> Result<(), Failure> {
    let Ok(target) = Identity::of(output) else { return Ok(()) };
    for input in inputs {
        if let Some(found) = found_in(&target, input) {
            return Err(Failure::Usage(format!(
                "{} is {}, which this command reads: writing there would destroy it; name another \
                 file",
                output.display(),
                if found == output { "an input".to_owned() } else { found.display().to_string() }
            )));
        }
    }
    Ok(())
}

/// Refuses two outputs in one file.
pub fn refuse_same(one: &Path, other: &Path) -> Result<(), Failure> {
    let place = |path: &Path| {
        let parent = folder_of(path).canonicalize().ok();
        parent.map(|parent| parent.join(path.file_name().unwrap_or_default()))
    };
    let same = |one: &Path, other: &Path| match (Identity::of(one), Identity::of(other)) {
        (Ok(one), Ok(other)) => one == other,
        _ => place(one).is_some_and(|place_of_one| Some(place_of_one) == place(other)),
    };
    match same(one, other) {
        true => Err(Failure::Usage(format!(
            "{} and {} are the same file: name two",
            one.display(),
            other.display()
        ))),
        false => Ok(()),
    }
}

/// Refuses to replace a file that may be dear to somebody, unless they say so.
pub fn refuse_existing(path: &Path, force: bool) -> Result<(), Failure> {
    if force || fs::symlink_metadata(path).is_err() {
        return Ok(());
    }
    Err(Failure::Usage(format!(
        "{} is there already, and nothing was written; name another file, or replace this one with \
         --force",
        path.display()
    )))
}

/// The path by which the file is found at or below an input. What cannot be looked at is told by whoever
/// reads it.
fn found_in(target: &Identity, input: &Path) -> Option<PathBuf> {
    let mut left = vec![input.to_owned()];
    while let Some(path) = left.pop() {
        if Identity::of(&path).is_ok_and(|found| found == *target) {
            return Some(path);
        }
        // Links to folders are not followed: they could go round. The input itself may be one.
        let looked = if path == input { fs::metadata(&path) } else { fs::symlink_metadata(&path) };
        if looked.is_ok_and(|found| found.is_dir()) {
            let entries = fs::read_dir(&path).into_iter().flatten().flatten();
            left.extend(entries.map(|entry| entry.path()));
        }
    }
    None
}
