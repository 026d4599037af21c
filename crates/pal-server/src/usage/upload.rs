//! Cost exports that arrive as one tar archive: `FOLDER/FILE`, regular files only.
//!
//! Exports that belong together (a manifest and its files) are in one folder. A file `names.json`, if
//! it comes first, says how files are called in messages and lists: an object with the path in the
//! archive as name and the shown name as value.

use std::collections::HashMap;
use std::fs::File;
use std::io::{self, Read};
use std::path::{Component, Path, PathBuf};

use pal_attribution::ingest::{DiscoverError, Part, discover};

/// Most files in an archive.
const FILES: usize = 10_000;
/// Most bytes of `names.json`.
const NAMES: u64 = 4 << 20;
/// The entry with names.
pub const NAMES_FILE: &str = "names.json";

/// Why an archive is refused.
#[derive(Debug, thiserror::Error)]
pub enum UploadError {
    /// It is not what it should be.
    #[error("{0}")]
    Refused(String),
    /// What is in it.
    #[error(transparent)]
    Discover(#[from] DiscoverError),
    /// It cannot be read, or not be kept.
    #[error("the upload broke off or cannot be kept: {0}")]
    Io(#[from] io::Error),
}

/// Files of an archive, in a folder.
pub struct Unpacked {
    folder: PathBuf,
    names: HashMap<String, String>,
}

/// Unpacks an archive into `folder`.
///
/// # Errors
/// See [`UploadError`]. What was written so far is of no use.
pub fn unpack(archive: impl Read, folder: &Path) -> Result<Unpacked, UploadError> {
    let refuse = |why: String| UploadError::Refused(format!("the upload is refused: {why}"));
    let mut names = HashMap::new();
    let mut count = 0;
    let mut archive = tar::Archive::new(archive);
    for entry in archive.entries()? {
        let mut entry = entry?;
        let path = entry.path()?.into_owned();
        let kind = entry.header().entry_type();
        if kind.is_dir() {
            continue;
        }
        if !kind.is_file() {
            return Err(refuse(format!("{} is not a regular file", path.display())));
        }
        count += 1;
        if count > FILES {
            return Err(refuse(format!("it has more than {FILES} files")));
        }
        if path == Path::new(NAMES_FILE) {
            let mut text = Vec::new();
            entry.take(NAMES).read_to_end(&mut text)?;
            names = serde_json::from_slice(&text)
                .map_err(|error| refuse(format!("{NAMES_FILE}: {error}")))?;
            continue;
        }
        let parts: Option<Vec<_>> = path
            .components()
            .map(|part| match part {
                Component::Normal(name) => Some(name),
                _ => None,
            })
            .collect();
        let Some([parent, name]) = parts.as_deref().and_then(|parts| parts.first_chunk::<2>())
        else {
            return Err(refuse(format!("{} is not FOLDER/FILE", path.display())));
        };
        if parts.as_ref().is_some_and(|parts| parts.len() != 2) {
            return Err(refuse(format!("{} is not FOLDER/FILE", path.display())));
        }
        let parent = folder.join(parent);
        std::fs::create_dir_all(&parent)?;
        // Never over another one: an archive may name a file twice.
        let mut file = File::create_new(parent.join(name))
            .map_err(|_| refuse(format!("{} is in it twice", path.display())))?;
        io::copy(&mut entry, &mut file)?;
    }
    Ok(Unpacked { folder: folder.to_owned(), names })
}

impl Unpacked {
    /// The cost data in it, under the names that its sender knows.
    ///
    /// # Errors
    /// It holds none, or a run that is not whole.
    pub fn parts(&self) -> Result<Vec<Part>, UploadError> {
        let found = discover(std::slice::from_ref(&self.folder));
        let mut parts =
            found.map_err(|error| UploadError::Refused(self.shown(&error.to_string())))?;
        for part in &mut parts {
            part.name = self.shown(&part.name);
        }
        Ok(parts)
    }

    /// A text with the sender's names for the files.
    fn shown(&self, text: &str) -> String {
        let own = format!("{}/", self.folder.display());
        let mut text = text.replace(&own, "").replace(&own[..own.len() - 1], "the upload");
        for (path, name) in &self.names {
            if text.contains(path.as_str()) {
                let name: String = name.chars().filter(|c| !c.is_control()).take(400).collect();
                text = text.replace(path.as_str(), &name);
            }
        }
        text
    }
}
