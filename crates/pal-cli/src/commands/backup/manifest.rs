//! What a backup says of itself: every file with its size and digest.

use serde::{Deserialize, Serialize};

/// The file `manifest.json` of a backup.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Manifest {
    pub format: u32,
    pub program: String,
    /// RFC 3339.
    pub taken_at: String,
    /// The last record of the audit log.
    pub record: i64,
    /// The hash of that record, hexadecimal.
    pub hash: String,
    /// The last checkpoint that is in it, as its file has it.
    pub last_checkpoint: Option<String>,
    pub secrets: bool,
    /// The charge files of an object store.
    pub objects: Option<Objects>,
    /// Every file of the backup but this one.
    pub files: Vec<Entry>,
}

impl Manifest {
    pub const FORMAT: u32 = 1;
    pub const NAME: &str = "manifest.json";
}

/// Charge files that an object store keeps.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Objects {
    /// The URL of the store, without secrets.
    pub place: String,
    /// Whether they are in the backup, too, below `charges`.
    pub copied: bool,
    pub files: Vec<Entry>,
}

#[derive(Debug, Clone, Serialize, Deserialize, PartialEq, Eq)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Entry {
    /// Its path in the data folder, with slashes.
    pub path: String,
    pub bytes: u64,
    /// Hexadecimal.
    pub sha256: String,
}
