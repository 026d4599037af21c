//! What counts of cost exports that lie in files, for a report that keeps nothing.

use std::path::PathBuf;
use std::sync::atomic::AtomicU64;

use pal_attribution::ingest::{Container, IngestError, Part, ReadOptions, started_between};
use pal_model::Instant;
use pal_store::PieceRef;
use tempfile::TempDir;

use crate::charges::{DecodeError, Decoded, decode};
use crate::counting::{Answers, Settings, day_of, period};
use crate::discover::{DiscoverError, Discovered, Run, discover};
use crate::ledger::{Ledger, LedgerError};
use crate::refusal::Undecided;
use crate::shelf::group_rows;
use crate::statements;
use crate::told::remarks;

/// Files to read for a report: the rows that count, each once.
pub struct FileUsage {
    pub parts: Vec<Part>,
    pub given: Vec<Part>,
    pub notes: Vec<String>,
    /// Decoded charges, while they are needed.
    _decoded: Option<TempDir>,
}

/// Why files cannot be counted.
#[derive(Debug, thiserror::Error)]
pub enum FilesError {
    #[error(transparent)]
    Discover(#[from] DiscoverError),
    #[error(transparent)]
    Decode(#[from] DecodeError),
    #[error(transparent)]
    Ingest(#[from] IngestError),
    #[error(transparent)]
    Undecided(#[from] Undecided),
    #[error(transparent)]
    Ledger(#[from] LedgerError),
    #[error("charges cannot be decoded into a temporary folder: {0}; set TMPDIR to one with room")]
    Io(#[from] std::io::Error),
}

impl FileUsage {
    /// Finds the statements behind `paths` and decides which of their rows count, by the rule of
    /// [`crate::counting`], as an import into an empty data folder would.
    ///
    /// Where nothing can be stated twice, files are read as they are; else they are decoded into a
    /// temporary folder first, and `rows` counts how far that is.
    ///
    /// # Errors
    /// See [`FilesError`].
    pub fn find(
        paths: &[PathBuf],
        options: &ReadOptions,
        answers: &Answers,
        settings: &Settings,
        rows: &AtomicU64,
    ) -> Result<Self, FilesError> {
        let found = discover(paths)?;
        let given = found.parts();
        let notes: Vec<String> = found.notes.iter().map(ToString::to_string).collect();
        if settings.ignored.is_empty() && is_plain(&found, options)? {
            return Ok(Self { parts: given.clone(), given, notes, _decoded: None });
        }
        let folder = tempfile::Builder::new().prefix("pal-usage-").tempdir()?;
        let decoded = decode(&found, options, folder.path(), rows)?;
        let (parts, more) = counted(&decoded, &folder, answers, settings)?;
        let told = remarks(&decoded).sentences();
        let notes = notes.into_iter().chain(told).chain(more).collect();
        Ok(Self { parts, given, notes, _decoded: Some(folder) })
    }
}

/// Charge files with the rows that count, and what somebody should know of it.
fn counted(
    decoded: &Decoded,
    folder: &TempDir,
    answers: &Answers,
    settings: &Settings,
) -> Result<(Vec<Part>, Vec<String>), FilesError> {
    let mut ledger = Ledger::default();
    for statement in statements::given(decoded, 1, answers) {
        ledger.add_statement(statement, true);
    }
    statements::remember_known(&mut ledger.statements, &ledger.fresh);
    for (at, piece) in decoded.pieces.iter().enumerate() {
        let file = folder.path().join(&decoded.files[piece.file].name);
        let names = (piece.subject.clone(), piece.account.clone());
        let (new, days) = (PieceRef::New(at), piece.days.clone());
        ledger.add_piece(piece.statement, new, piece.month, names, file, days, piece.digest.0);
    }
    let judged = ledger.judge(settings)?;
    let conflicts = &judged.judgement.conflicts;
    if let Some(undecided) = Undecided::new(&ledger.statements, conflicts, "Nothing was counted") {
        return Err(undecided.into());
    }
    let mut parts: Vec<Part> = Vec::new();
    for (file, rows) in judged.counted() {
        let groups = group_rows(&rows);
        match parts.iter_mut().find(|part| part.path == file) {
            Some(part) => part.row_groups.get_or_insert_default().extend(groups),
            None => {
                let name = file.file_name().unwrap_or_default().to_string_lossy().into_owned();
                let row_groups = Some(groups);
                parts.push(Part { name, row_groups, ..Part::new(file, Container::Parquet) });
            }
        }
    }
    for part in &mut parts {
        part.row_groups.get_or_insert_default().sort_by_key(|rows| rows.group);
    }
    Ok((parts, judged.notes()))
}

/// Whether nothing can be stated twice: one run, one loose file, or runs of which no two can hold the
/// same money, whose rows all lie in their periods.
fn is_plain(found: &Discovered, options: &ReadOptions) -> Result<bool, FilesError> {
    let (runs, loose) = (&found.runs, &found.loose);
    if runs.len() + loose.len() <= 1 {
        return Ok(true);
    }
    if !loose.is_empty() {
        return Ok(false);
    }
    for (at, one) in runs.iter().enumerate() {
        if runs[at + 1..].iter().any(|other| may_overlap(&one.run, &other.run)) {
            return Ok(false);
        }
        let (first, last) = declared(&one.run);
        for part in &one.parts {
            let within =
                |span: (Instant, Instant)| day_of(span.0) >= first && day_of(span.1) <= last;
            if !started_between(part, options)?.is_some_and(within) {
                return Ok(false);
            }
        }
    }
    Ok(true)
}

/// Whether two runs can state the same money.
fn may_overlap(one: &Run, other: &Run) -> bool {
    use crate::counting::{Relation, relation};
    match relation(&one.scope, &other.scope) {
        Relation::Apart => false,
        Relation::Equal if one.dataset == other.dataset => {
            let (one, other) = (declared(one), declared(other));
            one.0 <= other.1 && other.0 <= one.1
        }
        _ => true,
    }
}

/// The first and the last day that a run declares, both inside.
fn declared(run: &Run) -> (i32, i32) {
    period((run.start, run.end), run.end_is_midnight)
}
