//! What can be wrong with a log and with what it covers, and what should be known of it.

use std::fmt;
use std::path::PathBuf;

use pal_model::Principal;

/// Something that was changed by other means, or is not there. Records are named by their numbers.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Finding {
    #[error("record {record} is missing")]
    RecordMissing { record: i64 },
    #[error("record {record} was changed")]
    RecordChanged { record: i64 },
    #[error("record {record} does not follow the one before it")]
    RecordDoesNotFollow { record: i64 },
    #[error("record {record} does not say what it did")]
    RecordWithoutDetail { record: i64 },
    #[error("record {record} does not say what it left")]
    RecordWithoutEvidence { record: i64 },
    #[error("record {record} names nobody")]
    RecordWithoutOwner { record: i64 },
    #[error("the log ends with record {last} and should end with {expected}")]
    LogEnds { last: i64, expected: i64 },

    #[error("there are no checkpoints at {}", file.display())]
    NoCheckpoints { file: PathBuf },
    #[error("line {line} of the checkpoints {why}")]
    CheckpointLine { line: usize, why: &'static str },
    #[error("record {record} is not the one of its checkpoint")]
    NotOfItsCheckpoint { record: i64 },
    #[error("record {record} has a checkpoint and is not in the log: its end is gone")]
    EndGone { record: i64 },
    #[error("the checkpoint of record {signed} was signed, and is not in {}", file.display())]
    CheckpointGone { signed: i64, file: PathBuf },
    #[error(
        "record {record} tells of a checkpoint that was signed with another key than that of the data folder"
    )]
    OtherKey { record: i64 },
    #[error("record {record} says that record {restored} was restored, and does not follow it")]
    RestoredElsewhere { record: i64, restored: i64 },

    #[error("the {kind} {name} is none that version {version} has")]
    SchemaAdded { kind: String, name: String, version: i64 },
    #[error("the {kind} {name} of version {version} is not there")]
    SchemaGone { kind: String, name: String, version: i64 },
    #[error("the table {table} is not as record {record} left it")]
    TableChanged { table: &'static str, record: i64 },
    #[error("{rows} rows of {table} are not those of the log")]
    RowsChanged { table: &'static str, rows: usize },
    #[error("{rows} rows of {table} are in the log and not there")]
    RowsGone { table: &'static str, rows: usize },
    #[error(
        "the counters (revision, last instant, since when it serves, checkpoints) are not those of the last record"
    )]
    Counters,

    #[error(
        "the history of the link of {owner} does not have version {version} as record {record} made it"
    )]
    LinkHistory { owner: Principal, version: i64, record: i64 },
    #[error("record {record} makes version {version} of a link that was at {last:?}")]
    LinkVersion { record: i64, version: i64, last: Option<i64> },
    #[error("the link of {owner} is not what the log says")]
    LinkChanged { owner: Principal },
    #[error("the link of {owner} is in the log and not in the register")]
    LinkGone { owner: Principal },
    #[error("the history has {found} versions, and the log made {logged}")]
    LinkVersions { found: i64, logged: i64 },

    #[error("the facts of earlier versions are not those that record {record} found")]
    EarlierFacts { record: i64 },
    #[error("the changes of facts of earlier versions are not those that record {record} found")]
    EarlierChanges { record: i64 },
    #[error("the instant of what earlier versions left was changed")]
    EarlierInstant,
    #[error("the facts that record {record} brought are not those it has")]
    FactsBrought { record: i64 },
    #[error("the facts that record {record} ended are not those it has")]
    FactsEnded { record: i64 },
    #[error("record {record} does not fit the facts before it")]
    FactsBefore { record: i64 },
    #[error("the change of facts of record {record} has another instant")]
    FactsInstant { record: i64 },
    #[error("fact {fact} is not as its erasure left it")]
    ErasedFact { fact: i64 },
    #[error("{found} facts have ended, and the log has {logged}")]
    FactsEndedCount { found: i64, logged: i64 },
    #[error("the digest of all facts is not that of the log")]
    FactsDigest,

    #[error("record {record} is of usage, and its tables are gone")]
    UsageGone { record: i64 },
    #[error("what record {record} counted of the usage is not what it says")]
    UsageCounted { record: i64 },
    #[error("what record {record} ended of the usage is not what it says")]
    UsageEnded { record: i64 },
    #[error("{what} of import {import} is not as record {record} made it")]
    ImportChanged { what: &'static str, import: i64, record: i64 },
    #[error("import {import} is not listed as record {record} made it")]
    ImportListed { import: i64, record: i64 },
    #[error("import {import} is not withdrawn as record {record} has it")]
    ImportWithdrawn { import: i64, record: i64 },
    #[error("the pieces of import {import} are not those of record {record}")]
    ImportPieces { import: i64, record: i64 },

    /// How many of something there are.
    #[error("there are {found} {what}, and the log has {logged}")]
    Count { what: &'static str, found: i64, logged: i64 },
}

/// A backup was put back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Restoration {
    /// The last record that the backup had.
    pub record: i64,
    /// When the backup was made, RFC 3339.
    pub taken_at: String,
    /// How many checkpoints are of what came after it.
    pub checkpoints_given_up: usize,
}

impl fmt::Display for Restoration {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { record, taken_at, checkpoints_given_up: lost } = self;
        write!(f, "restored to record {record}, as the backup of {taken_at} had it")?;
        if *lost > 0 {
            write!(f, "; {lost} checkpoints are of what came after it and was given up")?;
        }
        Ok(())
    }
}
