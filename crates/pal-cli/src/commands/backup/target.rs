//! Where a backup goes: a folder, or a tar archive compressed with Zstandard. It appears under its
//! name when it is complete, and not before.

use std::fs::{self, File};
use std::io::{self, Read};
use std::path::{Path, PathBuf};

use aws_lc_rs::digest::{Context, SHA256};
use pal_store::hex;
use tempfile::{NamedTempFile, TempDir};
use zstd::stream::write::Encoder;

use super::cannot;
use super::manifest::{Entry, Manifest};
use crate::config_dir::make_private;
use crate::output::folder_of;
use crate::printer::Failure;
use crate::temporary;

pub fn is_archive(path: &Path) -> bool {
    path.file_name().and_then(|name| name.to_str()).is_some_and(|name| name.ends_with(".tar.zst"))
}

pub enum Target {
    Folder { staging: TempDir, to: PathBuf },
    Archive { tar: Box<tar::Builder<Encoder<'static, NamedTempFile>>>, to: PathBuf },
}

impl Target {
    pub fn create(to: &Path) -> Result<Self, Failure> {
        let fail = |error: io::Error| cannot("write", to, &error);
        if to.exists() && !is_empty_folder(to) {
            return Err(Failure::Failed(format!(
                "{} is there already; a backup is never written over anything: name another",
                to.display()
            )));
        }
        let parent = folder_of(to);
        fs::create_dir_all(parent).map_err(fail)?;
        let to = to.to_owned();
        if is_archive(&to) {
            let file = temporary::file_in(parent).map_err(fail)?;
            let encoder = Encoder::new(file, 3).map_err(fail)?;
            return Ok(Self::Archive { tar: Box::new(tar::Builder::new(encoder)), to });
        }
        Ok(Self::Folder { staging: temporary::folder_in(parent).map_err(fail)?, to })
    }

    /// Copies a file in; what it held.
    pub fn add(&mut self, name: &str, from: &Path) -> Result<Entry, Failure> {
        let file = File::open(from).map_err(|error| cannot("read", from, &error))?;
        let size = file.metadata().map_err(|error| cannot("read", from, &error))?.len();
        let mut read =
            HashingReader { inner: file.take(size), context: Context::new(&SHA256), bytes: 0 };
        self.write(name, size, &mut read).map_err(|error| cannot("copy", from, &error))?;
        let sha256 = hex(read.context.finish().as_ref());
        Ok(Entry { path: name.to_owned(), bytes: read.bytes, sha256 })
    }

    fn write(&mut self, name: &str, size: u64, read: &mut dyn Read) -> io::Result<()> {
        match self {
            Self::Folder { staging, .. } => write_private(staging.path(), Path::new(name), read),
            Self::Archive { tar, .. } => {
                let mut header = tar::Header::new_gnu();
                header.set_size(size);
                header.set_mode(0o600);
                tar.append_data(&mut header, name, read)
            }
        }
    }

    /// Adds the manifest, and lets the backup appear.
    pub fn finish(mut self, manifest: &Manifest) -> Result<(), Failure> {
        let text = serde_json::to_vec_pretty(manifest).map_err(Failure::failed)?;
        let size = text.len() as u64;
        let written = self.write(Manifest::NAME, size, &mut text.as_slice());
        let to = match &self {
            Self::Folder { to, .. } | Self::Archive { to, .. } => to.clone(),
        };
        written.and_then(|()| self.appear()).map_err(|error| cannot("write", &to, &error))
    }

    fn appear(self) -> io::Result<()> {
        match self {
            Self::Folder { staging, to } => {
                if to.is_dir() {
                    fs::remove_dir(&to)?;
                }
                let path = staging.keep();
                fs::rename(&path, &to)?;
                sync_parent(&to)
            }
            Self::Archive { tar, to } => {
                let file = tar.into_inner()?.finish()?;
                file.as_file().sync_all()?;
                file.persist_noclobber(&to)?;
                sync_parent(&to)
            }
        }
    }
}

pub fn is_empty_folder(path: &Path) -> bool {
    fs::read_dir(path).is_ok_and(|mut entries| entries.next().is_none())
}

/// Writes a file that is not there yet below a root, and the folders between, readable by their owner only.
pub fn write_private(root: &Path, name: &Path, read: &mut dyn Read) -> io::Result<()> {
    let path = root.join(name);
    make_private(folder_of(&path))?;
    let mut file = private_file(&path)?;
    io::copy(read, &mut file)?;
    file.sync_all()
}

fn private_file(path: &Path) -> io::Result<File> {
    let mut options = fs::OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    {
        use std::os::unix::fs::OpenOptionsExt;
        options.mode(0o600);
    }
    options.open(path)
}

/// Puts the name of a file on disk, where the system has that.
pub fn sync_parent(path: &Path) -> io::Result<()> {
    if cfg!(unix) { File::open(folder_of(path))?.sync_all() } else { Ok(()) }
}

struct HashingReader<R> {
    inner: R,
    context: Context,
    bytes: u64,
}

impl<R: Read> Read for HashingReader<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.inner.read(buffer)?;
        self.context.update(&buffer[..count]);
        self.bytes += count as u64;
        Ok(count)
    }
}
