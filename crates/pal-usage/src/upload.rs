//! Cost exports that arrive as one tar archive: `FOLDER/FILE`, regular files only.
//!
//! Exports that belong together (a manifest and its files) are in one folder. A file `names.json`, if
//! it comes first, says how files are called in messages and lists: an object with the path in the
//! archive as name and the shown name as value.

use std::collections::HashMap;
use std::ffi::OsStr;
use std::fs::File;
use std::io::{self, Read, Write};
use std::path::{Component, Path, PathBuf};

use crate::{DiscoverError, Discovered, discover};

/// Most files in an archive.
const FILES: usize = 10_000;
/// Most bytes of `names.json`.
const NAMES: u64 = 4 << 20;
/// Most bytes of a path, and of what an archive says of an entry before it.
const SAID: u64 = 64 << 10;
pub const NAMES_FILE: &str = "names.json";

#[derive(Debug, thiserror::Error)]
pub enum UploadError {
    #[error("{0}")]
    Refused(String),
    #[error(transparent)]
    Discover(#[from] DiscoverError),
    #[error("the upload broke off or is no tar archive: {0}")]
    Io(#[from] io::Error),
    #[error("the upload cannot be kept: {0}")]
    NotStored(io::Error),
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
    let not_text = || refuse("a path in it is not UTF-8".to_owned());
    let mut names = HashMap::new();
    let mut count = 0;
    let mut long: Option<PathBuf> = None;
    let mut archive = tar::Archive::new(Ending { inner: archive, zeros: 0 });
    // Raw: the library would read a path of any length into memory.
    for entry in archive.entries()?.raw(true) {
        let mut entry = entry?;
        let kind = entry.header().entry_type();
        if kind.is_gnu_longname() || kind.is_pax_local_extensions() {
            long = said_path(&mut entry)?.or(long);
            continue;
        }
        let path = match long.take() {
            Some(path) => path,
            None => path_of(&entry.path_bytes()).ok_or_else(not_text)?,
        };
        if kind.is_dir() || kind.is_pax_global_extensions() {
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
        let Some((parent, name)) = folder_and_file(&path) else {
            return Err(refuse(format!("{} is not FOLDER/FILE", path.display())));
        };
        let parent = folder.join(parent);
        // The names are the sender's; all else that can go wrong here is not.
        let cannot = |error: io::Error| match error.kind() {
            io::ErrorKind::AlreadyExists => refuse(format!("{} is in it twice", path.display())),
            io::ErrorKind::InvalidFilename | io::ErrorKind::InvalidInput => {
                refuse(format!("{}: {error}", path.display()))
            }
            _ => UploadError::NotStored(error),
        };
        std::fs::create_dir_all(&parent).map_err(cannot)?;
        // Never over another one: an archive may name a file twice.
        keep(&mut entry, File::create_new(parent.join(name)).map_err(cannot)?)?;
    }
    let mut rest = archive.into_inner();
    io::copy(&mut rest, &mut io::sink())?;
    // Whoever cannot read a file on the way stops sending: half of the files must not count.
    if rest.zeros < END {
        return Err(refuse("it ends before the archive does; send it again".to_owned()));
    }
    Ok(Unpacked { folder: folder.to_owned(), names })
}

/// Copies an entry, and knows which side failed.
fn keep(entry: &mut impl Read, mut file: File) -> Result<(), UploadError> {
    let mut buffer = vec![0; 1 << 16];
    loop {
        match entry.read(&mut buffer) {
            Ok(0) => return Ok(()),
            Ok(count) => file.write_all(&buffer[..count]).map_err(UploadError::NotStored)?,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error.into()),
        }
    }
}

/// Zeros at the end of an archive.
const END: u64 = 1_024;

/// A reader that knows how many zeros it has read last.
struct Ending<R> {
    inner: R,
    zeros: u64,
}

impl<R: Read> Read for Ending<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.inner.read(buffer)?;
        let zeros = buffer[..count].iter().rev().take_while(|byte| **byte == 0).count();
        self.zeros = if zeros == count { self.zeros + zeros as u64 } else { zeros as u64 };
        Ok(count)
    }
}

/// The two parts of a path that leads nowhere else.
fn folder_and_file(path: &Path) -> Option<(&OsStr, &OsStr)> {
    let mut parts = path.components();
    match (parts.next()?, parts.next()?, parts.next()) {
        (Component::Normal(folder), Component::Normal(file), None) => Some((folder, file)),
        _ => None,
    }
}

/// The path of the entry that follows, if this one says it.
fn said_path(entry: &mut tar::Entry<impl Read>) -> Result<Option<PathBuf>, UploadError> {
    let refuse = |why: &str| UploadError::Refused(format!("the upload is refused: {why}"));
    let gnu = entry.header().entry_type().is_gnu_longname();
    let mut text = Vec::new();
    entry.take(SAID + 1).read_to_end(&mut text)?;
    if text.len() as u64 > SAID {
        return Err(refuse("it has a path of more than 64 KiB"));
    }
    if gnu {
        let end = text.iter().position(|byte| *byte == 0).unwrap_or(text.len());
        return path_of(&text[..end]).map(Some).ok_or_else(|| refuse("a path in it is not UTF-8"));
    }
    let mut path = None;
    for said in tar::PaxExtensions::new(&text) {
        let said = said?;
        match said.key_bytes() {
            b"path" => {
                let found =
                    path_of(said.value_bytes()).ok_or_else(|| refuse("a path in it is not UTF-8"));
                path = Some(found?);
            }
            b"size" => return Err(refuse("a file in it is larger than 8 GiB")),
            _ => {}
        }
    }
    Ok(path)
}

fn path_of(bytes: &[u8]) -> Option<PathBuf> {
    std::str::from_utf8(bytes).ok().map(PathBuf::from)
}

impl Unpacked {
    /// The cost data in it, under the names that its sender knows.
    ///
    /// # Errors
    /// It holds none, or a run that is not whole.
    pub fn found(&self) -> Result<Discovered, UploadError> {
        let found = discover(std::slice::from_ref(&self.folder));
        let mut found = found.map_err(|error| match error {
            DiscoverError::Unreadable { source, .. } => UploadError::NotStored(source),
            error => UploadError::Refused(self.shown(&error.to_string())),
        })?;
        for part in found.parts_mut() {
            part.name = self.shown(&part.name);
        }
        for files in &mut found.runs {
            files.folder = self.shown(&files.folder);
        }
        for note in &mut found.notes {
            note.rename(|name| self.shown(name));
        }
        Ok(found)
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_folder_that_takes_no_files_is_not_the_senders_fault() {
        let mut header = tar::Header::new_gnu();
        header.set_size(2);
        header.set_mode(0o644);
        let mut archive = tar::Builder::new(Vec::new());
        archive.append_data(&mut header, "costs/part.csv", &b"a\n"[..]).unwrap();
        let archive = archive.into_inner().unwrap();
        let folder = tempfile::NamedTempFile::new().unwrap();
        let error = unpack(&archive[..], folder.path()).err().unwrap();
        assert!(matches!(error, UploadError::NotStored(_)), "{error}");
        let error = unpack(&archive[..512], tempfile::tempdir().unwrap().path()).err().unwrap();
        assert!(matches!(error, UploadError::Io(_) | UploadError::Refused(_)), "{error}");
    }
}
