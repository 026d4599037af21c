//! Files for readers that take paths, and inputs that stand for several files.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::LazyLock;

use tempfile::TempDir;

static FOLDER: LazyLock<TempDir> = LazyLock::new(|| tempfile::tempdir().unwrap());

/// A file with this content, in a folder of this process.
pub fn file(name: &str, content: &[u8]) -> PathBuf {
    let path = FOLDER.path().join(name);
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::write(&path, content).unwrap();
    path
}

/// An empty folder of this name.
pub fn folder(name: &str) -> PathBuf {
    let path = FOLDER.path().join(name);
    if path.exists() {
        fs::remove_dir_all(&path).unwrap();
    }
    fs::create_dir_all(&path).unwrap();
    path
}

/// The line that begins a file in an input of several: `=== NAME`.
const BEGINS: &[u8] = b"=== ";

/// The files that an input stands for; what is before the first one is not one.
pub fn parts(input: &[u8]) -> Vec<(String, Vec<u8>)> {
    let mut parts: Vec<(String, Vec<u8>)> = Vec::new();
    for line in input.split_inclusive(|byte| *byte == b'\n') {
        if let Some(name) = line.strip_prefix(BEGINS) {
            let name = String::from_utf8_lossy(name.trim_ascii()).into_owned();
            parts.push((name, Vec::new()));
        } else if let Some((_, content)) = parts.last_mut() {
            content.extend_from_slice(line);
        }
    }
    parts
}

/// The input that stands for these files.
pub fn joined<'f>(files: impl IntoIterator<Item = (&'f str, Vec<u8>)>) -> Vec<u8> {
    let mut input = Vec::new();
    for (name, content) in files {
        input.extend_from_slice(BEGINS);
        input.extend_from_slice(name.as_bytes());
        input.push(b'\n');
        input.extend_from_slice(&content);
        if content.last().is_some_and(|last| *last != b'\n') {
            input.push(b'\n');
        }
    }
    input
}

/// Writes the files of an input into an empty folder. A name that leads elsewhere, or that the system does not take,
/// is left out: whoever made the folder could not have written it either.
pub fn unpacked(name: &str, input: &[u8]) -> PathBuf {
    let folder = folder(name);
    for (name, content) in parts(input) {
        let plain = name.len() < 200
            && !name.is_empty()
            && name.split('/').all(|part| !matches!(part, "" | "." | ".."));
        let path = folder.join(&name);
        if plain && fs::create_dir_all(path.parent().unwrap()).is_ok() {
            let _ = fs::write(path, content);
        }
    }
    folder
}

/// A folder of the repository.
pub fn repository(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap().join(path)
}

/// The files below a folder of the repository, by name, with their paths in it.
pub fn fixtures(path: &str) -> Vec<(String, Vec<u8>)> {
    let root = repository(path);
    let mut found = Vec::new();
    let mut folders = vec![root.clone()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(&folder).unwrap_or_else(|e| panic!("{}: {e}", folder.display())) {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else {
                let name = path.strip_prefix(&root).unwrap().to_string_lossy().into_owned();
                found.push((name, fs::read(&path).unwrap()));
            }
        }
    }
    found.sort();
    found
}

/// The contents of fixtures whose names end so.
pub fn contents(path: &str, end: &str) -> Vec<Vec<u8>> {
    fixtures(path)
        .into_iter()
        .filter(|(name, _)| name.ends_with(end))
        .map(|(_, content)| content)
        .collect()
}
