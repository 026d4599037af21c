//! Why paths cannot be read as cost data.

use std::io;

/// Why paths cannot be read as cost data. Each names the file or folder as the user gave it.
#[derive(Debug, thiserror::Error)]
pub enum DiscoverError {
    /// The operating system refuses.
    #[error("cannot read {name}: {source}; check the path and its permissions")]
    Unreadable {
        /// The path.
        name: String,
        /// The reason.
        source: io::Error,
    },
    /// A file of another kind.
    #[error(
        "{name} is not cost data: give a .csv, .csv.gz or .parquet file, the manifest.json of an \
         export run, or a folder"
    )]
    NotData {
        /// The file.
        name: String,
    },
    /// An export of something else.
    #[error(
        "{name} describes an export of type {kind}, which holds no charges: give a cost export"
    )]
    NotCost {
        /// The manifest.
        name: String,
        /// Its dataset type.
        kind: String,
    },
    /// Nothing in a folder.
    #[error(
        "no cost data in {name}: looked in it and below for .csv, .csv.gz and .parquet files and \
         for the manifest.json of cost exports (names that begin with '.' or '_' and symbolic \
         links are passed over)"
    )]
    NoData {
        /// The folder.
        name: String,
    },
    /// A manifest that cannot be used.
    #[error("cannot use {name}: {reason}; fetch it again, or leave this run out")]
    Manifest {
        /// The manifest.
        name: String,
        /// What is wrong.
        reason: String,
    },
    /// A run that is not whole.
    #[error(
        "run {run} of export {export} ({period}) in {folder} is incomplete: {reason}; wait for the \
         export or the copy to finish, fetch it again, or leave this folder out"
    )]
    Incomplete {
        /// Its id.
        run: String,
        /// The export's name.
        export: String,
        /// The days that it declares.
        period: String,
        /// Where it is.
        folder: String,
        /// What is missing.
        reason: String,
    },
    /// Files of a manifest that tells no run, and not all are there.
    #[error(
        "{folder} is incomplete: {reason}; wait for the export or the copy to finish, fetch it \
         again, or leave this folder out"
    )]
    IncompleteFolder {
        /// Where they are.
        folder: String,
        /// What is missing.
        reason: String,
    },
    /// Data beside exports, but part of none.
    #[error(
        "{name} has no manifest.json that lists it: the run is not complete, or the file is not \
         part of an export; wait for the export to finish, or give the folders of complete runs"
    )]
    NoManifest {
        /// The file.
        name: String,
    },
    /// The folder of a run, without its manifest.
    #[error(
        "{name} is in a run folder of an export ({folder}) without manifest.json: the run is not \
         complete; wait for the export to finish, copy the manifest too, or name the files one by \
         one"
    )]
    UnfinishedFolder {
        /// The file.
        name: String,
        /// The folder's name.
        folder: String,
    },
    /// Two copies of one run that are not equal.
    #[error(
        "run {run} is in {first} and in {second}, and they differ: one of them is damaged or was \
         changed; fetch the run again, or give only the right one"
    )]
    Copies {
        /// Its id.
        run: String,
        /// The one folder.
        first: String,
        /// The other.
        second: String,
    },
}
