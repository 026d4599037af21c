//! An import of usage, written in one transaction: its statements, their pieces, and what counts
//! because of them.

use std::collections::{BTreeMap, HashSet};

use async_trait::async_trait;
use pal_model::Instant;
use rusqlite::{Connection, OptionalExtension, params};

use super::known::{next_known, now};
use super::usage_counts::{self, Wrong};
use super::value::{instant, json, run, ticks};
use super::{SqliteStore, aside, connect, usage_list};
use super::{bump, revision, usage_log, usage_read};
use crate::{
    Actor, ChargeFile, CountChange, CountedRecord, ImportState, NewContent, PieceContent,
    PieceRecord, StoreError, UsageAt, UsageImport, UsageImportError, UsageImportRecord,
    UsageImported, UsageMonth, UsageStatements, UsageStore, UsageVersion, WithdrawError, Withdrawn,
};

#[async_trait]
impl UsageStore for SqliteStore {
    async fn usage_statements(&self) -> Result<UsageStatements, StoreError> {
        let path = self.path.clone();
        aside(move || usage_read::statements(&connect::open(&path)?)).await
    }

    async fn usage_pieces(
        &self,
        statements: &[i64],
        months: &[UsageMonth],
    ) -> Result<Vec<PieceRecord>, StoreError> {
        let (path, statements, months) =
            (self.path.clone(), statements.to_owned(), months.to_owned());
        aside(move || usage_read::pieces(&connect::open(&path)?, &statements, &months)).await
    }

    async fn usage_counted(&self, months: &[UsageMonth]) -> Result<Vec<CountedRecord>, StoreError> {
        let (path, months) = (self.path.clone(), months.to_owned());
        aside(move || usage_read::counted(&connect::open(&path)?, &months)).await
    }

    async fn import_usage(&self, import: UsageImport) -> Result<UsageImported, UsageImportError> {
        self.writer.write(move |c| self::import(c, &import)).await
    }

    async fn refuse_usage(
        &self,
        at: Instant,
        actor: Actor,
        name: String,
        landed: Option<String>,
        reason: String,
    ) -> Result<i64, StoreError> {
        let record = move |c: &Connection| {
            usage_list::refuse(c, at, &actor, (&name, &reason), landed.as_deref())
        };
        self.writer.write(record).await
    }

    async fn usage(&self, known_at: Option<Instant>) -> Result<UsageAt, StoreError> {
        self.pinned(known_at).await?;
        let path = self.path.clone();
        aside(move || usage_read::snapshot(&connect::open(&path)?, known_at)).await
    }

    async fn usage_imports(&self, limit: u32) -> Result<Vec<UsageImportRecord>, StoreError> {
        self.read(move |c| usage_list::imports(c, limit)).await
    }

    async fn usage_landed(&self, fingerprint: &str) -> Result<bool, StoreError> {
        let fingerprint = fingerprint.to_owned();
        self.read(move |c| usage_list::landed(c, &fingerprint)).await
    }

    async fn withdraw_usage(
        &self,
        number: i64,
        at: Instant,
        actor: Actor,
        version: UsageVersion,
        counts: CountChange,
    ) -> Result<Withdrawn, WithdrawError> {
        let withdraw =
            move |c: &Connection| usage_list::withdraw(c, number, (at, &actor), version, &counts);
        self.writer.write(withdraw).await
    }

    async fn charge_files(&self) -> Result<Vec<ChargeFile>, StoreError> {
        self.read(usage_list::charge_files).await
    }
}

impl From<Wrong> for UsageImportError {
    fn from(wrong: Wrong) -> Self {
        match wrong {
            Wrong::Malformed(text) => Self::Malformed(text),
            Wrong::Store(error) => Self::Store(error),
        }
    }
}

/// Takes usage in, whole or not at all: the caller rolls back on an error.
pub fn import(c: &Connection, import: &UsageImport) -> Result<UsageImported, UsageImportError> {
    if import.version != usage_read::version(c)? {
        return Err(UsageImportError::Moved);
    }
    let changes = !import.counts.end.is_empty() || !import.counts.begin.is_empty();
    let state = if changes { ImportState::Counted } else { ImportState::Unchanged };
    let known = changes.then(|| next_known(c, import.at)).transpose()?;
    // An import is listed with the instant at which it became known: asked for that, it is there.
    let at = known.unwrap_or_else(|| ticks(now(import.at)));
    let number = list(c, import, at, state)?;
    let statements = state_all(c, import, number)?;
    read_files(c, import, number, &statements)?;
    let pieces = bring(c, import, number, &statements)?;
    if let Some(known) = known {
        usage_counts::change(c, &import.counts, &pieces, known)?;
    }
    let revision = if changes { bump(c)? } else { revision(c)? };
    usage_log::imported(c, import, number, known)?;
    Ok(UsageImported { number, state, known: known.map(instant), revision })
}

/// A size as it is kept.
fn size(of: &str, size: u64) -> Result<i64, Wrong> {
    i64::try_from(size)
        .map_err(|_| Wrong::Malformed(format!("{of} has a size of {size}, more than 2^63")))
}

/// Puts the import into the list; its number.
fn list(c: &Connection, import: &UsageImport, at: i64, state: ImportState) -> Result<i64, Wrong> {
    Ok(run(
        c,
        "INSERT INTO usage_import (at, name, state, landed, rows, outcome)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
        params![
            at,
            import.name,
            state.name(),
            import.landed,
            size("the import", import.rows)?,
            import.outcome,
        ],
    )?)
}

/// Keeps the statements; their numbers.
fn state_all(c: &Connection, import: &UsageImport, number: i64) -> Result<Vec<i64>, StoreError> {
    let statements = import.statements.iter().map(|statement| {
        let sql = "INSERT INTO usage_statement (import, series, terms) VALUES (?1, ?2, ?3)";
        run(c, sql, params![number, statement.series, statement.terms])
    });
    statements.collect()
}

fn read_files(
    c: &Connection,
    import: &UsageImport,
    number: i64,
    statements: &[i64],
) -> Result<(), Wrong> {
    for (place, (statement, file)) in import.read.iter().enumerate() {
        let Some(statement) = statements.get(*statement) else {
            return Err(Wrong::Malformed(format!("the file {:?} is of no statement", file.name)));
        };
        run(
            c,
            "INSERT INTO usage_read (import, place, name, sha256, bytes, rows, statement)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
            params![
                number,
                size("the list of files", place as u64)?,
                file.name,
                file.sha256,
                size(&file.name, file.bytes)?,
                size(&file.name, file.rows)?,
                statement,
            ],
        )?;
    }
    Ok(())
}

/// Keeps the pieces with what is new of their content; their numbers.
fn bring(
    c: &Connection,
    import: &UsageImport,
    number: i64,
    statements: &[i64],
) -> Result<Vec<i64>, Wrong> {
    let mut bringing =
        Bringing { c, import, number, files: BTreeMap::new(), groups: HashSet::new() };
    let (mut pieces, mut places) = (Vec::with_capacity(import.pieces.len()), HashSet::new());
    for (at, piece) in import.pieces.iter().enumerate() {
        let Some(statement) = statements.get(piece.statement).copied() else {
            return Err(Wrong::Malformed(format!("piece {at} is of no statement")));
        };
        let Content { number, month, subject, account } = match &piece.content {
            PieceContent::New(content) => bringing.content(at, content)?,
            PieceContent::Same(other) => same(c, at, *other)?,
        };
        let sql = "INSERT INTO usage_piece (statement, month, content) VALUES (?1, ?2, ?3)";
        pieces.push(run(c, sql, params![statement, month, number])?);
        if let Some((_, month, subject, account)) =
            places.replace((statement, month, subject, account))
        {
            return Err(Wrong::Malformed(format!(
                "piece {at} is the second one of its statement for {month}, subscription \
                 {subject:?}, billing account {account:?}"
            )));
        }
    }
    Ok(pieces)
}

/// A content that is kept.
struct Content {
    number: i64,
    month: i64,
    subject: String,
    account: String,
}

struct Bringing<'i> {
    c: &'i Connection,
    import: &'i UsageImport,
    number: i64,
    /// Numbers of the files kept so far, by their place in the import.
    files: BTreeMap<usize, i64>,
    /// Row groups that have their content.
    groups: HashSet<(usize, u32)>,
}

impl Bringing<'_> {
    fn content(&mut self, at: usize, content: &NewContent) -> Result<Content, Wrong> {
        let malformed = |what: String| Wrong::Malformed(format!("piece {at} {what}"));
        if !(1..=12).contains(&content.month.1) {
            return Err(malformed(format!("is of month {:?}", content.month)));
        }
        let Some(file) = self.import.charges.get(content.file) else {
            return Err(malformed("has no charge file".to_owned()));
        };
        if content.rows > 0 && content.row_groups.is_empty() {
            return Err(malformed(format!("has {} rows and no row group", content.rows)));
        }
        for group in &content.row_groups {
            if !self.groups.insert((content.file, *group)) {
                return Err(malformed(format!(
                    "has row group {group} of {:?}, which is taken already",
                    file.name
                )));
            }
        }
        let file = match self.files.get(&content.file) {
            Some(number) => *number,
            None => {
                let number = keep_file(self.c, file)?;
                self.files.insert(content.file, number);
                number
            }
        };
        let number = run(
            self.c,
            "INSERT INTO usage_content (import, subject, account, file, row_groups, rows, digest)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
            params![
                self.number,
                content.subject,
                content.account,
                file,
                json(&content.row_groups)?,
                size("a piece", content.rows)?,
                content.digest,
            ],
        )?;
        let days = "INSERT INTO usage_days (content, days) VALUES (?1, ?2)";
        run(self.c, days, params![number, content.days])?;
        let (subject, account) = (content.subject.clone(), content.account.clone());
        Ok(Content { number, month: usage_read::month_number(content.month), subject, account })
    }
}

/// The content of a piece that is kept.
fn same(c: &Connection, at: usize, other: i64) -> Result<Content, Wrong> {
    let mut statement = c.prepare_cached(
        "SELECT k.n, p.month, k.subject, k.account
         FROM usage_piece p JOIN usage_content k ON k.n = p.content WHERE p.n = ?1",
    )?;
    let content = statement.query_row([other], |r| {
        Ok(Content { number: r.get(0)?, month: r.get(1)?, subject: r.get(2)?, account: r.get(3)? })
    });
    content.optional()?.ok_or_else(|| {
        Wrong::Malformed(format!("piece {at} is the same as piece {other}, and there is none"))
    })
}

fn keep_file(c: &Connection, file: &ChargeFile) -> Result<i64, Wrong> {
    let mut named = c.prepare_cached("SELECT 1 FROM charge_file WHERE name = ?1")?;
    if named.exists([&file.name])? {
        return Err(Wrong::Malformed(format!(
            "there is a charge file {:?} already, and reports may need it: take another name",
            file.name
        )));
    }
    Ok(run(
        c,
        "INSERT INTO charge_file (name, sha256, bytes) VALUES (?1, ?2, ?3)",
        params![file.name, file.sha256, size(&file.name, file.bytes)?],
    )?)
}
