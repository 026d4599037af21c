//! What people should know of what was found, although it can be read.

use std::fmt;

use serde::{Deserialize, Serialize};

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Note {
    /// A manifest names a file twice; it is read once.
    ListedTwice { manifest: String, file: String },
    /// A manifest names no sizes, so whether its files are whole cannot be seen.
    NoSizes { manifest: String },
    /// A manifest does not say enough of a run, so its files are read as loose files.
    NoRun { manifest: String, lacks: Lack },
    /// A run is there twice with the same contents; it is read once.
    SameRun {
        run: String,
        /// The folder that is read.
        read: String,
        other: String,
    },
    /// Two names of one file (a hard link); it is read once.
    SameFile { read: String, other: String },
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Lack {
    /// `exportConfig.type`.
    Dataset,
    /// A scope in `exportConfig.resourceId`.
    Scope,
    /// `runInfo.submittedTime`.
    Submitted,
    /// `runInfo.startDate`.
    Period,
}

impl fmt::Display for Lack {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Dataset => "which kind of export it is of (exportConfig.type)",
            Self::Scope => "what was exported (exportConfig.resourceId)",
            Self::Submitted => "when it was ordered (runInfo.submittedTime)",
            Self::Period => "which days it is of (runInfo.startDate)",
        })
    }
}

impl Note {
    /// Calls the files and folders in it by other names.
    pub(crate) fn rename(&mut self, name: impl Fn(&str) -> String) {
        let (first, second) = match self {
            Self::ListedTwice { manifest, file } => (manifest, Some(file)),
            Self::NoSizes { manifest } | Self::NoRun { manifest, .. } => (manifest, None),
            Self::SameRun { read, other, .. } | Self::SameFile { read, other } => {
                (read, Some(other))
            }
        };
        *first = name(first);
        if let Some(second) = second {
            *second = name(second);
        }
    }
}

impl fmt::Display for Note {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::ListedTwice { manifest, file } => {
                write!(f, "{manifest} names {file} twice; it is read once")
            }
            Self::NoSizes { manifest } => write!(
                f,
                "{manifest} names no sizes, so whether its files are whole cannot be seen: make sure \
                 that they are not still being copied"
            ),
            Self::NoRun { manifest, lacks } => {
                write!(f, "{manifest} does not say {lacks}, so its files are read as loose files")
            }
            Self::SameRun { run, read, other } => write!(
                f,
                "run {run} is in {read} and in {other} with the same contents; it is read once"
            ),
            Self::SameFile { read, other } => {
                write!(f, "{other} is the same file as {read}; it is read once")
            }
        }
    }
}
