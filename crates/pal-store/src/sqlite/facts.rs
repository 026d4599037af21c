//! Facts with two times: when they hold, and when they were what we knew.
//!
//! # The idea
//!
//! A row of `fact` is never changed, except that it may come to an end of being known
//! (`superseded`). To correct or end a fact is to supersede its row and add others. A report of
//! what was known at an instant reads the rows that were known then, and stays the same for ever.
//!
//! # Worked example
//!
//! On 1 May we are told "Cem is enabled from 1 March". On 10 July: "Cem is disabled from 9 July".
//! The row of March is superseded at 10 July by one that says "from 1 March to 9 July", and a row
//! "disabled from 9 July" is added; both are known from 10 July. Asked on 20 July, Cem is disabled
//! since the 9th. Asked what was known on 9 July, Cem is enabled.

use async_trait::async_trait;
use pal_model::{Fact, Facts, Instant};
use rusqlite::{Connection, params};
use serde_json::json;

use super::evidence::Evidence;
use super::fact_line::{Line, place};
use super::known::next_known;
use super::value::ticks;
use super::{SqliteStore, aside, connect, facts_read, privacy};
use super::{audit, bump, fact_log, imported_links};
use crate::{
    Actor, AuditAction, FactCheck, FactImport, FactImportError, FactStore, FactsAt, FactsPosition,
    FactsRead, FactsText, ImportSummary, PrivacyChange, PrivacyError, StoreError,
};

#[async_trait]
impl FactStore for SqliteStore {
    async fn import_facts(&self, import: FactImport<'_>) -> Result<ImportSummary, FactImportError> {
        let FactImport { name, text, at, actor, check } = import;
        let (name, text) = (name.to_owned(), text.to_owned());
        self.writer.write(move |c| self::import(c, &name, &text, at, &actor, &check)).await
    }

    async fn read_facts(
        &self,
        after: Option<FactsPosition>,
        known_at: Option<Instant>,
    ) -> Result<FactsRead, StoreError> {
        self.pinned(known_at).await?;
        let path = self.path.clone();
        aside(move || facts_read::read(&connect::open(&path)?, after, known_at)).await
    }

    async fn pin(&self, at: Instant) -> Result<(), StoreError> {
        self.pinned(Some(at)).await
    }

    async fn facts(&self, at: FactsAt) -> Result<FactsText, StoreError> {
        self.pinned(at.known_at).await?;
        let path = self.path.clone();
        aside(move || facts_read::snapshot(&connect::open(&path)?, at)).await
    }

    async fn set_privacy(&self, change: PrivacyChange) -> Result<bool, PrivacyError> {
        self.writer.write(move |c| privacy::set(c, &change)).await
    }
}

/// Takes a file in, whole or not at all: the caller rolls back on an error.
pub fn import(
    c: &Connection,
    name: &str,
    text: &str,
    at: Instant,
    actor: &Actor,
    check: &FactCheck,
) -> Result<ImportSummary, FactImportError> {
    Facts::default().read(name, text, None)?;
    let served: Option<i64> = c
        .query_row("SELECT serving_since FROM counter WHERE id = 1", [], |r| r.get(0))
        .map_err(StoreError::from)?;
    let (tick, before) = (next_known(c, at)?, fact_log::last(c)?);
    // What is first put into an empty store that does not serve yet was known as its lines say, or
    // always. Everything later becomes known now: what was known earlier is what it was.
    let first = served.is_none() && super::revision(c)? == 0;
    let mut done = ImportSummary::default();
    let mut links = Vec::new();
    for (at_line, line) in text.lines().enumerate().filter(|(_, line)| !line.trim().is_empty()) {
        let line = Line::read(format!("{name}:{}", at_line + 1), line)?;
        if let Fact::Link(link) = &line.fact {
            links.push((link.clone(), line));
            continue;
        }
        let known = if first { line.recorded.map_or(i64::MIN, ticks) } else { tick };
        place(c, &line, known, tick, &mut done)?;
    }
    let (added, unchanged) = if served.is_some() {
        (0, imported_links::skip(c, &links)?)
    } else {
        imported_links::import(c, links, actor, (!first).then_some(tick))?
    };
    done.added += added;
    done.unchanged += unchanged;
    let all = facts_read::text(c, FactsAt { known_at: None, tenant: None, links: true })?;
    let mut facts = Facts::default();
    facts.read("the facts after the import", &all, None)?;
    check(&mut facts)?;
    facts.check()?;
    let detail = json!({
        "added": done.added, "replaced": done.replaced, "ended": done.ended,
        "unchanged": done.unchanged, "content": super::audit::content_hash(text),
    });
    let entry = audit::Entry {
        at: ticks(at),
        actor,
        action: AuditAction::FactsImport,
        target: None,
        detail: &detail.to_string(),
        versions: (None, None),
    };
    done.revision = bump(c)?;
    done.unknown_partners = imported_links::unknown_partners(c)?;
    let evidence = Evidence::of_facts(fact_log::changed(c, before, tick)?);
    audit::append_with(c, &entry, evidence)?;
    Ok(done)
}

/// Since when the store serves.
pub fn begin_serving(c: &Connection, at: Instant) -> Result<(), StoreError> {
    let since = ticks(at);
    let begun = c.execute(
        "UPDATE counter SET serving_since = ?1 WHERE id = 1 AND serving_since IS NULL",
        params![since],
    )?;
    if begun > 0 {
        let detail = json!({ "change": "serving", "since": since });
        audit::append_state(c, since, &detail, Evidence::default())?;
    }
    Ok(())
}
