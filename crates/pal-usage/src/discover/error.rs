//! Why paths cannot be read as cost data.

use std::io;

/// Why paths cannot be read as cost data. Each names the file or folder as the user gave it.
#[derive(Debug, thiserror::Error)]
pub enum DiscoverError {
    #[error("cannot read {name}: {source}; check the path and its permissions")]
    Unreadable { name: String, source: io::Error },
    #[error(
        "{name} is not cost data: give a .csv, .csv.gz or .parquet file, the manifest.json of an \
         export run, or a folder"
    )]
    NotData { name: String },
    #[error(
        "{name} describes an export of type {kind}, which holds no charges: give a cost export"
    )]
    NotCost { name: String, kind: String },
    #[error(
        "no cost data in {name}: looked in it and below for .csv, .csv.gz and .parquet files and \
         for the manifest.json of cost exports (names that begin with '.' or '_' and symbolic \
         links are passed over)"
    )]
    NoData {
        /// The folder.
        name: String,
    },
    #[error("cannot use {name}: {reason}; fetch it again, or leave this run out")]
    Manifest { name: String, reason: String },
    #[error(
        "run {run} of export {export} ({period}) in {folder} is incomplete: {reason}; wait for the \
         export or the copy to finish, fetch it again, or leave this folder out"
    )]
    Incomplete { run: String, export: String, period: String, folder: String, reason: String },
    #[error(
        "{folder} is incomplete: {reason}; wait for the export or the copy to finish, fetch it \
         again, or leave this folder out"
    )]
    IncompleteFolder { folder: String, reason: String },
    #[error(
        "{name} has no manifest.json that lists it: the run is not complete, or the file is not \
         part of an export; wait for the export to finish, or give the folders of complete runs"
    )]
    NoManifest { name: String },
    #[error(
        "{name} is in a run folder of an export ({folder}) without manifest.json: the run is not \
         complete; wait for the export to finish, copy the manifest too, or name the files one by \
         one"
    )]
    UnfinishedFolder {
        name: String,
        /// The folder's name.
        folder: String,
    },
    #[error(
        "run {run} is in {first} and in {second}, and they differ: one of them is damaged or was \
         changed; fetch the run again, or give only the right one"
    )]
    Copies {
        run: String,
        /// The one folder.
        first: String,
        second: String,
    },
}
