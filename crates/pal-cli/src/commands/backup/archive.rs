//! The archive of a backup, taken apart. What it says of itself is not believed: it may be damaged, or somebody
//! else's.

use std::io::{self, Read};
use std::path::{Component, Path, PathBuf};

/// Most bytes of a path. The library would read one of any length into memory, and packed it takes next to nothing.
const PATH: u64 = 4 << 10;

/// Why an archive is not taken.
#[derive(Debug)]
pub enum ArchiveFault {
    /// It cannot be read, or a file of it cannot be kept.
    Io(io::Error),
    /// It holds what no backup of a data folder has.
    Foreign(PathBuf),
}

impl From<io::Error> for ArchiveFault {
    fn from(error: io::Error) -> Self {
        Self::Io(error)
    }
}

/// Gives every file of an archive to `keep`, under its path. Only plain files with plain names are taken out of it.
pub fn unpack(
    packed: impl Read,
    mut keep: impl FnMut(&Path, &mut dyn Read) -> io::Result<()>,
) -> Result<(), ArchiveFault> {
    let mut archive = tar::Archive::new(zstd::stream::read::Decoder::new(packed)?);
    let mut long = None;
    // Raw: long paths are entries of their own, and are read here.
    for entry in archive.entries()?.raw(true) {
        let mut entry = entry?;
        if entry.header().entry_type().is_gnu_longname() {
            long = Some(long_path(&mut entry)?);
            continue;
        }
        let name = match long.take() {
            Some(name) => name,
            None => entry.path()?.into_owned(),
        };
        if !entry.header().entry_type().is_file() || !is_plain(&name) {
            return Err(ArchiveFault::Foreign(name));
        }
        keep(&name, &mut entry)?;
    }
    Ok(())
}

fn long_path(entry: &mut impl Read) -> io::Result<PathBuf> {
    let mut bytes = Vec::new();
    entry.take(PATH + 1).read_to_end(&mut bytes)?;
    let end = bytes.iter().position(|byte| *byte == 0).unwrap_or(bytes.len());
    let text = std::str::from_utf8(&bytes[..end]).ok().filter(|text| text.len() as u64 <= PATH);
    text.map(PathBuf::from).ok_or_else(|| {
        io::Error::new(io::ErrorKind::InvalidData, "a path in it is too long or not UTF-8")
    })
}

/// Whether a path leads to a place below the folder it is joined to, whatever is there.
pub fn is_plain(name: &Path) -> bool {
    name.components().all(|part| matches!(part, Component::Normal(_)))
        && name.components().next().is_some()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn archive(entries: &[(u8, &str, &[u8])]) -> Vec<u8> {
        let mut archive = tar::Builder::new(Vec::new());
        for (kind, path, content) in entries {
            let mut header = tar::Header::new_gnu();
            header.set_entry_type(tar::EntryType::new(*kind));
            header.set_path(path).unwrap();
            header.set_size(content.len() as u64);
            header.set_cksum();
            archive.append(&header, *content).unwrap();
        }
        zstd::encode_all(&archive.into_inner().unwrap()[..], 3).unwrap()
    }

    fn names(packed: &[u8]) -> Result<Vec<PathBuf>, ArchiveFault> {
        let mut names = Vec::new();
        unpack(packed, |name, content| {
            names.push(name.to_owned());
            io::copy(content, &mut io::sink()).map(drop)
        })?;
        Ok(names)
    }

    #[test]
    fn a_long_path_is_taken_and_one_without_an_end_is_not_read() {
        let long = "charges/".to_owned() + &"x".repeat(200);
        let of = |path: &[u8]| archive(&[(b'L', "long", path), (b'0', "short", b"content")]);
        assert_eq!(names(&of(long.as_bytes())).unwrap(), [PathBuf::from(&long)]);
        let error = names(&of(&vec![b'x'; 64 << 20])).unwrap_err();
        assert!(
            matches!(&error, ArchiveFault::Io(error) if error.to_string().contains("too long"))
        );
    }

    #[test]
    fn nothing_but_plain_files_below_the_folder_is_taken() {
        for (kind, path) in [(b'2', "link"), (b'5', "folder"), (b'x', "extension")] {
            let packed = archive(&[(kind, path, b"")]);
            assert!(matches!(names(&packed), Err(ArchiveFault::Foreign(_))), "{path}");
        }
        let outside = archive(&[(b'L', "long", b"../outside"), (b'0', "short", b"")]);
        assert!(matches!(names(&outside), Err(ArchiveFault::Foreign(_))));
    }
}
