//! The files below a folder, and which of them may hold data.

use std::fs;
use std::io;
use std::path::Path;

use pal_attribution::ingest::Container;

use super::{DiscoverError, ShownPath};

/// All files under a folder, by path.
pub fn walk(root: &ShownPath) -> Result<Vec<ShownPath>, DiscoverError> {
    walk_past(root, |place, source| Err(place.unreadable(source)))
}

/// The same, where `unreadable` says whether to go on after a folder that cannot be read.
pub fn walk_past(
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
pub fn container(place: &ShownPath, named: bool) -> Result<Option<Container>, DiscoverError> {
    let other = extension(&place.path).is_some() && Container::by_name(&place.path).is_none();
    if other && !named {
        return Ok(None);
    }
    Container::of(&place.path).map_err(|source| place.unreadable(source))
}

/// The last extension, ASCII lower-case.
pub fn extension(path: &Path) -> Option<String> {
    Some(path.extension()?.to_str()?.to_ascii_lowercase())
}

pub fn is_manifest(path: &Path) -> bool {
    path.file_name().is_some_and(|name| {
        ["manifest.json", "_manifest.json"].iter().any(|known| name.eq_ignore_ascii_case(known))
    })
}
