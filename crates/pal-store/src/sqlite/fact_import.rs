//! Imports of facts: a change of many rows beside changes of links, which wait for none of it.
//!
//! # The idea
//!
//! One connection writes, and whatever it does holds up every change of a link. A file of a million facts takes many
//! seconds to write, so it is written in parts, each a short transaction. The rows of a part carry the number of their
//! change. Nobody sees them: what is read are rows whose change is in `fact_change`. When all parts are there, they are
//! read back and checked by the rules between facts, on a connection for reading. Then one small transaction puts the
//! number into `fact_change`, with the instant from which it is known, and appends the record to the log. From that
//! commit on, all of it is seen.
//!
//! A file that is refused, and one whose import ended with the process, leaves rows that nobody sees. The import that
//! refuses takes them out; else the next import does.
//!
//! # Worked example
//!
//! Change 7 is the last one. An import gets the number 8, writes 400 parts, and marks the rows that it corrects as ended
//! by 8. A reader asks for an account: a row that 8 has brought is not seen, and a row that 8 has ended is, because 8 is
//! not in `fact_change`. In the meantime a customer sets what partners see. That change gets the number 9 and is seen at
//! once. The import finds at its end that 9 came after it had begun, so its rows may be wrong: it takes them out and
//! begins again, as 10. Before the first start of a service nobody waits, and all is one transaction.

use std::fs::File;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use pal_model::{Fact, Facts, Instant, Link};
use rusqlite::{Connection, params};
use serde_json::json;

use super::digest::Digest;
use super::evidence::Evidence;
use super::fact_line::{Line, place};
use super::known::next_known;
use super::value::ticks;
use super::writer::Writer;
use super::{audit, bump, connect, fact_log, facts_read, imported_links};
use crate::{
    Actor, AuditAction, FactCheck, FactImport, FactImportError, FactsAt, ImportSummary, StoreError,
};

/// Lines that are read from the file before they are written.
const PART: usize = 10_000;

/// The time after which a transaction that writes lines ends; the rest of the lines go into the next one.
const HELD: Duration = Duration::from_millis(50);

/// Rows that one transaction takes out: some 20 ms of the writer.
const ROWS: i64 = 1000;

/// How often an import begins again because other facts were changed meanwhile.
const ATTEMPTS: usize = 3;

/// A file of facts, and how it is to be checked.
pub struct Import {
    name: String,
    text: String,
    at: Instant,
    actor: Actor,
    check: FactCheck,
}

/// The links of a file, with their lines.
type Links = Vec<(Link, Line)>;

impl Import {
    pub fn new(import: FactImport) -> Arc<Self> {
        let FactImport { name, text, at, actor, check } = import;
        Arc::new(Self { name: name.to_owned(), text: text.to_owned(), at, actor, check })
    }

    /// Takes the file in, whole or not at all. Blocks until it is durable.
    pub fn run(
        self: Arc<Self>,
        path: &Path,
        writer: &Writer,
    ) -> Result<ImportSummary, FactImportError> {
        Facts::default().read(&self.name, &self.text, None)?;
        let _lock = lock(path)?;
        let reader = connect::open(path)?;
        take_out_leftovers(&reader, writer)?;
        let mut done = if serves(&reader)? {
            self.in_parts(&reader, writer)?
        } else {
            let import = self.clone();
            writer.write_now(move |c| import.at_once(c))?
        };
        done.unknown_partners = imported_links::unknown_partners(&reader)?;
        Ok(done)
    }

    /// Writes everything in one transaction, which the caller rolls back on an error.
    fn at_once(&self, c: &Connection) -> Result<ImportSummary, FactImportError> {
        let (change, known) = (fact_log::new_change(c)?, next_known(c, self.at)?);
        // What is first put into an empty store that does not serve yet was known as its lines say, or always.
        // Everything later becomes known now: what was known earlier is what it was.
        let first = super::revision(c)? == 0;
        let mut done = ImportSummary::default();
        let mut links = Vec::new();
        for part in self.parts() {
            let lines = self.read(part, &mut links)?;
            for line in &lines {
                // The first facts were known as each line says, or always.
                let known = first.then(|| line.recorded.map_or(i64::MIN, ticks));
                place(c, line, change, known, &mut done)?;
            }
        }
        let (added, unchanged) =
            imported_links::import(c, links, &self.actor, (!first).then_some(known))?;
        done.added += added;
        done.unchanged += unchanged;
        self.check(c, change)?;
        let digests = fact_log::rows_of(c, change)?;
        Ok(self.publish(c, change, known, (digests, &audit::content_hash(&self.text)), done)?)
    }

    /// Writes in parts, and lets the change be seen by one small commit.
    fn in_parts(
        self: &Arc<Self>,
        reader: &Connection,
        writer: &Writer,
    ) -> Result<ImportSummary, FactImportError> {
        let content = audit::content_hash(&self.text);
        for _ in 0..ATTEMPTS {
            let before = fact_log::last_change(reader)?;
            let change = writer.write_now(begin)?;
            let done = self.stage(reader, writer, change);
            let seen = done.and_then(|(digests, done)| {
                let (import, content) = (self.clone(), content.clone());
                writer.write_now(move |c| {
                    if fact_log::last_change(c)? != before {
                        return Ok(None);
                    }
                    let known = next_known(c, import.at)?;
                    Ok(Some(import.publish(c, change, known, (digests, &content), done)?))
                })
            });
            match seen {
                Ok(Some(done)) => return Ok(done),
                Ok(None) => take_out(writer, change)?,
                Err(error) => {
                    // What cannot be taken out now, the next import takes out.
                    let _ = take_out(writer, change);
                    return Err(error);
                }
            }
        }
        Err(StoreError::Unavailable(format!(
            "other facts were changed during the import, {ATTEMPTS} times; import the file again"
        ))
        .into())
    }

    /// Writes all parts and checks what the facts will be; the digests of what was written.
    fn stage(
        self: &Arc<Self>,
        reader: &Connection,
        writer: &Writer,
        change: i64,
    ) -> Result<((Digest, Digest), ImportSummary), FactImportError> {
        let mut done = ImportSummary::default();
        let mut links = Vec::new();
        for part in self.parts() {
            done = write_lines(writer, self.read(part, &mut links)?, change, done)?;
        }
        done.unchanged += imported_links::skip(reader, &links)?;
        self.check(reader, change)?;
        Ok((fact_log::rows_of(reader, change)?, done))
    }

    /// The file in parts: the number of the first line, and the lines.
    fn parts(&self) -> impl Iterator<Item = Vec<(usize, &str)>> {
        let mut lines = self.text.lines().enumerate().filter(|(_, line)| !line.trim().is_empty());
        std::iter::from_fn(move || {
            let part: Vec<_> = lines.by_ref().take(PART).collect();
            (!part.is_empty()).then_some(part)
        })
    }

    /// Reads the lines of a part; links apart from the others.
    fn read(
        &self,
        part: Vec<(usize, &str)>,
        links: &mut Links,
    ) -> Result<Vec<Line>, FactImportError> {
        let mut lines = Vec::with_capacity(part.len());
        for (at, text) in part {
            let line = Line::read(format!("{}:{}", self.name, at + 1), text)?;
            match &line.fact {
                Fact::Link(link) => links.push((link.clone(), line)),
                _ => lines.push(line),
            }
        }
        Ok(lines)
    }

    /// Checks all facts as they will be once a change is seen.
    fn check(&self, c: &Connection, change: i64) -> Result<(), FactImportError> {
        let at = FactsAt { known_at: None, tenant: None, links: true };
        let all = facts_read::text(c, at, Some(change))?;
        let mut facts = Facts::default();
        facts.read("the facts after the import", &all, None)?;
        drop(all);
        (self.check)(&mut facts)?;
        Ok(facts.check()?)
    }

    /// Lets a change be seen, and records it.
    fn publish(
        &self,
        c: &Connection,
        change: i64,
        known: i64,
        (digests, content): ((Digest, Digest), &str),
        mut done: ImportSummary,
    ) -> Result<ImportSummary, StoreError> {
        let detail = json!({
            "added": done.added, "replaced": done.replaced, "ended": done.ended,
            "unchanged": done.unchanged, "content": content,
        });
        let entry = audit::Entry {
            at: ticks(self.at),
            actor: &self.actor,
            action: AuditAction::FactsImport,
            target: None,
            detail: &detail.to_string(),
            versions: (None, None),
        };
        let changed = done.added + done.replaced + done.ended > 0;
        let evidence = if changed {
            Evidence::of_facts(fact_log::publish(c, change, known, digests)?)
        } else {
            Evidence::default()
        };
        c.execute("UPDATE counter SET fact_staged = NULL WHERE id = 1", [])?;
        done.revision = bump(c)?;
        audit::append_with(c, &entry, evidence)?;
        Ok(done)
    }
}

/// Lets one import or erasure at a time write, of whichever process: the system gives a lock back when a process ends.
pub fn lock(database: &Path) -> Result<File, StoreError> {
    let path = database.with_extension("facts.lock");
    let file = File::options().create(true).truncate(false).write(true).open(&path);
    let locked = file.and_then(|file| file.lock().map(|()| file));
    locked.map_err(|error| StoreError::Unavailable(format!("{}: {error}", path.display())))
}

fn serves(c: &Connection) -> Result<bool, StoreError> {
    let sql = "SELECT serving_since IS NOT NULL FROM counter WHERE id = 1";
    Ok(c.query_row(sql, [], |r| r.get(0))?)
}

/// Gives a number to a change that is about to be written in parts.
fn begin(c: &Connection) -> Result<i64, StoreError> {
    let change = fact_log::new_change(c)?;
    c.execute("UPDATE counter SET fact_staged = ?1 WHERE id = 1", [change])?;
    Ok(change)
}

/// Writes lines in as many transactions as it takes. Between them the lock is free for as long as it was held, because a
/// service in another process tries again and again to get it.
fn write_lines(
    writer: &Writer,
    lines: Vec<Line>,
    change: i64,
    mut done: ImportSummary,
) -> Result<ImportSummary, FactImportError> {
    let lines: Arc<[Line]> = lines.into();
    let mut written = 0;
    while written < lines.len() {
        let lines = lines.clone();
        let begun;
        (begun, written, done) = writer.write_now(move |c| {
            let begun = std::time::Instant::now();
            while written < lines.len() && begun.elapsed() < HELD {
                place(c, &lines[written], change, None, &mut done)?;
                written += 1;
            }
            Ok::<_, FactImportError>((begun, written, done))
        })?;
        std::thread::sleep(begun.elapsed());
    }
    Ok(done)
}

/// Takes out what an import has left that ended with its process.
pub fn take_out_leftovers(reader: &Connection, writer: &Writer) -> Result<(), StoreError> {
    let sql = "SELECT fact_staged FROM counter WHERE id = 1";
    match reader.query_row(sql, [], |r| r.get::<_, Option<i64>>(0))? {
        Some(change) => take_out(writer, change),
        None => Ok(()),
    }
}

/// Takes out the rows of a change, unless it is seen: the writer may not know whether its last commit is there.
fn take_out(writer: &Writer, change: i64) -> Result<(), StoreError> {
    const STEPS: [&str; 2] = [
        "UPDATE fact SET ended = NULL WHERE n IN (
             SELECT n FROM fact WHERE ended = ?1
               AND NOT EXISTS (SELECT 1 FROM fact_change WHERE fact_change.n = ?1) LIMIT ?2)",
        "DELETE FROM fact WHERE n IN (
             SELECT n FROM fact WHERE begun = ?1
               AND NOT EXISTS (SELECT 1 FROM fact_change WHERE fact_change.n = ?1) LIMIT ?2)",
    ];
    for sql in STEPS {
        let step = move |c: &Connection| -> Result<usize, StoreError> {
            Ok(c.prepare_cached(sql)?.execute(params![change, ROWS])?)
        };
        while writer.write_now(step)? > 0 {}
    }
    writer.write_now(move |c| {
        let sql = "UPDATE counter SET fact_staged = NULL WHERE id = 1 AND fact_staged = ?1";
        c.execute(sql, [change]).map(|_| ()).map_err(StoreError::from)
    })
}
