//! An import of usage: judged and written in one transaction.

use std::collections::{BTreeMap, BTreeSet};

use pal_model::Instant;
use rusqlite::{Connection, OptionalExtension, Row, params};

use super::known::{last_known, next_known};
use super::usage_rules::{Ground, Held, Judged, Run, judge, month};
use super::value::{instant, ticks};
use super::{bump, revision, usage_list, usage_log};
use crate::{
    ChangedPiece, ChargeFile, ImportState, LivePiece, NewPiece, StoreError, UsageImport,
    UsageImportError, UsageImported,
};

/// Why the transaction is rolled back.
pub enum Undone {
    /// It was to be tried only.
    DryRun(UsageImported),
    Failed(UsageImportError),
}

impl From<StoreError> for Undone {
    fn from(error: StoreError) -> Self {
        Self::Failed(error.into())
    }
}

impl From<UsageImportError> for Undone {
    fn from(error: UsageImportError) -> Self {
        Self::Failed(error)
    }
}

/// Takes usage in, whole or not at all: the caller rolls back on an error.
pub fn import(c: &Connection, import: &UsageImport) -> Result<UsageImported, Undone> {
    check(import)?;
    let before = revision(c)?;
    let ground = gather(c, import)?;
    let judged = judge(import, &ground);
    if !judged.changed.is_empty() {
        return Err(UsageImportError::Changed(changed(c, import, &judged)?).into());
    }
    let changes = !judged.replaced.is_empty()
        || !judged.ended.is_empty()
        || (0..import.pieces.len()).any(|piece| judged.counts(piece));
    let state = if changes { ImportState::Counted } else { ImportState::Unchanged };
    let number = usage_list::record(c, import, state, &judged)?;
    let known = if changes { next_known(c, import.at) } else { last_known(c) }?;
    for n in judged.replaced.iter().chain(&judged.ended) {
        supersede(c, *n, known)?;
    }
    let files = files(c, import, &judged)?;
    for (at, piece) in import.pieces.iter().enumerate().filter(|(at, _)| judged.counts(*at)) {
        let file = files.get(&piece.file).copied().unwrap_or_default();
        insert(c, import, at, piece, (number, file, known))?;
    }
    attribute(c, import, &judged)?;
    let revision = if changes { bump(c)? } else { before };
    usage_log::imported(c, import, number, changes.then_some(known))?;
    let mut done = UsageImported {
        number: Some(number),
        ended: ended(&ground, &judged),
        outcomes: judged.outcomes,
        state,
        revision,
    };
    if import.dry_run {
        (done.number, done.revision) = (None, before);
        return Err(Undone::DryRun(done));
    }
    Ok(done)
}

/// Whether the import says one thing only.
fn check(import: &UsageImport) -> Result<(), UsageImportError> {
    let wrong = |text: String| Err(UsageImportError::Malformed(text));
    let is_month = |month: (i16, i8)| (1..=12).contains(&month.1);
    let mut runs = BTreeSet::new();
    for source in &import.sources {
        let Some(run) = &source.run else { continue };
        if !is_month(run.month) {
            return wrong(format!("run {} is of month {:?}", run.id, run.month));
        }
        if !runs.insert((&source.key, run.month)) {
            return wrong(format!(
                "two runs of export {} for month {:?}: import the newest one only",
                source.key, run.month
            ));
        }
    }
    let mut pieces = BTreeSet::new();
    for (at, piece) in import.pieces.iter().enumerate() {
        if piece.source >= import.sources.len() || piece.file >= import.charges.len() {
            return wrong(format!("piece {at} has no source or no file"));
        }
        if !is_month(piece.month) {
            return wrong(format!("piece {at} is of month {:?}", piece.month));
        }
        if !pieces.insert((piece.source, piece.month, &piece.subject)) {
            return wrong(format!(
                "piece {at} is the second one of its source for {} in {:?}",
                piece.subject, piece.month
            ));
        }
    }
    let sizes = import.read.iter().flat_map(|file| [file.bytes, file.rows]);
    let sizes = sizes.chain(import.charges.iter().map(|file| file.bytes));
    let mut sizes = sizes.chain(import.pieces.iter().map(|piece| piece.rows));
    if sizes.any(|size| i64::try_from(size).is_err()) {
        return wrong("a file or piece has more than 2^63 bytes or rows".to_owned());
    }
    Ok(())
}

/// Everything that the rules ask about.
fn gather(c: &Connection, import: &UsageImport) -> Result<Ground, StoreError> {
    const HELD: &str = "SELECT n, source, run_month, run_submitted, run_id, month, subject, digest
                        FROM usage_piece WHERE superseded IS NULL AND";
    let mut ground = Ground::default();
    let mut equal = c.prepare_cached(&format!("{HELD} digest = ?1"))?;
    let mut same = c.prepare_cached(&format!("{HELD} month = ?1 AND subject = ?2"))?;
    for piece in &import.pieces {
        for held in equal.query_map([piece.digest], held)? {
            ground.held.extend([held?]);
        }
        for held in same.query_map(params![month(piece.month), piece.subject], held)? {
            ground.held.extend([held?]);
        }
    }
    let mut of_run = c.prepare_cached(&format!("{HELD} source = ?1 AND run_month = ?2"))?;
    let mut newest = c.prepare_cached(
        "SELECT usage_run.submitted, usage_run.id
         FROM usage_run JOIN usage_import ON usage_import.n = usage_run.import
         WHERE usage_run.source = ?1 AND usage_run.month = ?2 AND usage_import.withdrawn IS NULL
         ORDER BY usage_run.submitted DESC, usage_run.id DESC LIMIT 1",
    )?;
    for source in &import.sources {
        let Some(run) = &source.run else {
            ground.newest.push(None);
            continue;
        };
        let month = month(run.month);
        for held in of_run.query_map(params![source.key, month], held)? {
            ground.held.extend([held?]);
        }
        let row = newest.query_row(params![source.key, month], |r| {
            Ok(Run { month, submitted: r.get(0)?, id: r.get(1)? })
        });
        ground.newest.push(row.optional()?);
    }
    Ok(ground)
}

fn held(r: &Row) -> rusqlite::Result<(i64, Held)> {
    let (month, submitted, id) = (r.get(2)?, r.get(3)?, r.get(4)?);
    let run = match (month, submitted, id) {
        (Some(month), Some(submitted), Some(id)) => Some(Run { month, submitted, id }),
        _ => None,
    };
    let (month, subject, digest) = (r.get(5)?, r.get(6)?, r.get(7)?);
    Ok((r.get(0)?, Held { source: r.get(1)?, run, month, subject, digest }))
}

/// What has to be decided, with what is known of it.
fn changed(
    c: &Connection,
    import: &UsageImport,
    judged: &Judged,
) -> Result<Vec<ChangedPiece>, StoreError> {
    let mut changed = Vec::new();
    for (at, held, mates) in &judged.changed {
        let Some(piece) = import.pieces.get(*at) else { continue };
        let mut known = Vec::new();
        for n in held {
            known.extend(usage_list::piece(c, *n)?);
        }
        known.extend(mates.iter().filter_map(|mate| unnumbered(import, import.pieces.get(*mate)?)));
        let (month, subject) = (piece.month, piece.subject.clone());
        changed.push(ChangedPiece { month, subject, piece: *at, known });
    }
    Ok(changed)
}

/// A piece of the import itself, as if it counted.
fn unnumbered(import: &UsageImport, piece: &NewPiece) -> Option<LivePiece> {
    Some(LivePiece {
        number: 0,
        import: 0,
        source_key: import.sources.get(piece.source)?.key.clone(),
        month: piece.month,
        subject: piece.subject.clone(),
        file: import.charges.get(piece.file)?.name.clone(),
        row_groups: piece.row_groups.clone(),
        rows: piece.rows,
        digest: piece.digest,
        first: piece.first,
        last: piece.last,
        costs: piece.costs.clone(),
        known: import.at,
        edition: 0,
    })
}

fn ended(ground: &Ground, judged: &Judged) -> Vec<((i16, i8), String)> {
    let held = judged.ended.iter().filter_map(|n| ground.held.get(n));
    let mut ended: Vec<_> =
        held.map(|held| (usage_list::month(held.month), held.subject.clone())).collect();
    ended.sort();
    ended
}

/// A piece counts no more.
pub fn supersede(c: &Connection, n: i64, known: i64) -> Result<(), StoreError> {
    c.prepare_cached("UPDATE usage_piece SET superseded = ?2 WHERE n = ?1")?
        .execute(params![n, known])?;
    Ok(())
}

/// The numbers of the files that hold something that counts, by their place in the import.
fn files(
    c: &Connection,
    import: &UsageImport,
    judged: &Judged,
) -> Result<BTreeMap<usize, i64>, Undone> {
    let pieces = import.pieces.iter().enumerate();
    let used: BTreeSet<usize> =
        pieces.filter(|(at, _)| judged.counts(*at)).map(|(_, piece)| piece.file).collect();
    let mut numbers = BTreeMap::new();
    for at in used {
        let Some(file) = import.charges.get(at) else { continue };
        numbers.insert(at, file_number(c, file)?);
    }
    Ok(numbers)
}

fn file_number(c: &Connection, file: &ChargeFile) -> Result<i64, Undone> {
    let bytes = signed(file.bytes);
    let find = || -> Result<Option<(i64, [u8; 32], i64)>, StoreError> {
        let mut statement =
            c.prepare_cached("SELECT n, sha256, bytes FROM charge_file WHERE name = ?1")?;
        let row = statement.query_row([&file.name], |r| Ok((r.get(0)?, r.get(1)?, r.get(2)?)));
        Ok(row.optional()?)
    };
    match find()? {
        Some((n, sha256, size)) if (sha256, size) == (file.sha256, bytes) => Ok(n),
        Some(_) => Err(UsageImportError::Malformed(format!(
            "there is a charge file {} with another content; reports may need it: take another name",
            file.name
        ))
        .into()),
        None => Ok(usage_list::run(
            c,
            "INSERT INTO charge_file (name, sha256, bytes) VALUES (?1, ?2, ?3)",
            params![file.name, file.sha256, bytes],
        )?),
    }
}

fn insert(
    c: &Connection,
    import: &UsageImport,
    at: usize,
    piece: &NewPiece,
    (number, file, known): (i64, i64, i64),
) -> Result<(), Undone> {
    let Some(source) = import.sources.get(piece.source) else {
        return Err(UsageImportError::Malformed(format!("piece {at} has no source")).into());
    };
    let run = source.run.as_ref().map(Run::new);
    let json = |error: serde_json::Error| StoreError::Unavailable(error.to_string());
    let row_groups = serde_json::to_string(&piece.row_groups).map_err(json)?;
    let costs = serde_json::to_string(&piece.costs).map_err(json)?;
    usage_list::run(
        c,
        "INSERT INTO usage_piece (import, source, run_month, run_submitted, run_id, month, subject,
            file, row_groups, rows, digest, first, last, costs, known)
         VALUES (?1,?2,?3,?4,?5,?6,?7,?8,?9,?10,?11,?12,?13,?14,?15)",
        params![
            number,
            source.key,
            run.as_ref().map(|run| run.month),
            run.as_ref().map(|run| run.submitted),
            run.as_ref().map(|run| &run.id),
            month(piece.month),
            piece.subject,
            file,
            row_groups,
            signed(piece.rows),
            piece.digest,
            ticks(piece.first),
            ticks_up(piece.last),
            costs,
            known,
        ],
    )?;
    Ok(())
}

/// What newer runs state as older ones did is theirs.
fn attribute(c: &Connection, import: &UsageImport, judged: &Judged) -> Result<(), StoreError> {
    for (n, source) in &judged.moved {
        let source = import.sources.get(*source);
        let Some(run) = source.and_then(|source| source.run.as_ref()) else { continue };
        let run = Run::new(run);
        c.prepare_cached(
            "UPDATE usage_piece SET run_month = ?2, run_submitted = ?3, run_id = ?4 WHERE n = ?1",
        )?
        .execute(params![n, run.month, run.submitted, run.id])?;
    }
    Ok(())
}

/// The tick at or after an instant: an end must not come before what it ends.
fn ticks_up(at: Instant) -> i64 {
    let down = ticks(at);
    if instant(down) < at { down.saturating_add(1) } else { down }
}

/// A size that [`check`] has let pass.
pub fn signed(size: u64) -> i64 {
    i64::try_from(size).unwrap_or(i64::MAX)
}
