//! The folder of the client: known clouds, sign-ins, and the lock that keeps two commands from
//! writing at once.

use std::fs::{self, File};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::printer::Failure;

/// The folder; made when something is written.
#[derive(Debug, Clone)]
pub struct ConfigDir(PathBuf);

/// Held while the files of the folder are read and written anew; ends when dropped.
#[derive(Debug)]
pub struct Lock {
    _file: File,
}

impl ConfigDir {
    /// `PAL_CONFIG_DIR`, or the platform's folder for settings.
    ///
    /// # Errors
    ///
    /// When neither is known.
    pub fn find() -> Result<Self, Failure> {
        let set =
            |name| std::env::var_os(name).filter(|value| !value.is_empty()).map(PathBuf::from);
        if let Some(dir) = set("PAL_CONFIG_DIR") {
            return Ok(Self(dir));
        }
        let base = if cfg!(windows) {
            set("APPDATA")
        } else if cfg!(target_os = "macos") {
            set("HOME").map(|home| home.join("Library/Application Support"))
        } else {
            set("XDG_CONFIG_HOME").or_else(|| set("HOME").map(|home| home.join(".config")))
        };
        let base = base.ok_or_else(|| {
            Failure::failed(
                "There is no home folder to keep clouds and sign-ins in. Set PAL_CONFIG_DIR to a folder of your own.",
            )
        })?;
        Ok(Self(base.join("openpal")))
    }

    /// Waits until no other command holds the folder.
    ///
    /// # Errors
    ///
    /// When the folder cannot be made or locked.
    pub fn lock(&self) -> Result<Lock, Failure> {
        self.make()?;
        let path = self.0.join("lock");
        let locked = File::options().create(true).append(true).open(&path).and_then(|file| {
            file.lock()?;
            Ok(file)
        });
        Ok(Lock { _file: locked.map_err(|error| cannot("lock", &path, &error))? })
    }

    /// What a file holds; `None` without it.
    ///
    /// # Errors
    ///
    /// When it cannot be read or does not hold what it should.
    pub fn read<T: DeserializeOwned>(&self, name: &str) -> Result<Option<T>, Failure> {
        let path = self.0.join(name);
        match fs::read(&path) {
            // The reader's own words could quote a secret: they are not handed on (T52).
            Ok(bytes) => serde_json::from_slice(&bytes).map(Some).map_err(|_| {
                Failure::failed(format!(
                    "The file {} is damaged. Remove it and run the command again.",
                    path.display()
                ))
            }),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(cannot("read", &path, &error)),
        }
    }

    /// Writes a file that only its owner can read, whole or not at all (T52).
    ///
    /// # Errors
    ///
    /// When it cannot be written.
    pub fn write<T: Serialize>(&self, name: &str, content: &T) -> Result<(), Failure> {
        self.make()?;
        let path = self.0.join(name);
        let write = || -> io::Result<()> {
            // Temporary files are readable by their owner only from the beginning.
            let mut file = tempfile::NamedTempFile::new_in(&self.0)?;
            serde_json::to_writer_pretty(&mut file, content)?;
            file.write_all(b"\n")?;
            file.as_file().sync_all()?;
            file.persist(&path)?;
            Ok(())
        };
        write().map_err(|error| cannot("write", &path, &error))
    }

    fn make(&self) -> Result<(), Failure> {
        make_private(&self.0).map_err(|error| cannot("make", &self.0, &error))
    }
}

/// Makes a folder, and those that it is in, readable by their owner only.
#[cfg(unix)]
pub fn make_private(dir: &Path) -> io::Result<()> {
    use std::os::unix::fs::DirBuilderExt;
    fs::DirBuilder::new().recursive(true).mode(0o700).create(dir)
}

#[cfg(not(unix))]
pub fn make_private(dir: &Path) -> io::Result<()> {
    fs::create_dir_all(dir)
}

fn cannot(what: &str, path: &Path, error: &io::Error) -> Failure {
    Failure::failed(format!("Cannot {what} {}: {error}", path.display()))
}
