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
use pal_model::{
    Fact, FactError, FactLine, FactProblem, Facts, Instant, Interval, Link, Principal, fold,
};
use rusqlite::{Connection, params};
use serde_json::{Map, Value, json};

use super::evidence::Evidence;
use super::known::{last_known, next_known};
use super::value::{blob, instant, pair, partner, ticks};
use super::{SqliteStore, aside, connect, privacy};
use super::{audit, bump, fact_log, imported_links};
use crate::{
    Actor, AuditAction, FactCheck, FactImport, FactImportError, FactStore, FactsAt, FactsText,
    ImportSummary, PrivacyChange, PrivacyError, StoreError,
};

#[async_trait]
impl FactStore for SqliteStore {
    async fn import_facts(&self, import: FactImport<'_>) -> Result<ImportSummary, FactImportError> {
        let FactImport { name, text, at, actor, check } = import;
        let (name, text) = (name.to_owned(), text.to_owned());
        self.writer.write(move |c| self::import(c, &name, &text, at, &actor, &check)).await
    }

    async fn facts(&self, at: FactsAt) -> Result<FactsText, StoreError> {
        self.pin(at.known_at).await?;
        let path = self.path.clone();
        aside(move || snapshot(&connect::open(&path)?, at)).await
    }

    async fn set_privacy(&self, change: PrivacyChange) -> Result<bool, PrivacyError> {
        self.writer.write(move |c| privacy::set(c, &change)).await
    }
}

/// One line of an import. It is kept as it is written, with fields that nobody knows.
pub struct Line {
    pub place: String,
    pub fact: Fact,
    pub during: Interval,
    pub recorded: Option<Instant>,
    assumed: bool,
    /// The line without the times that are columns.
    object: Map<String, Value>,
}

impl Line {
    pub fn new(place: String, fact: Fact, during: Interval) -> Self {
        let object = fact.object();
        Self { place, fact, during, recorded: None, assumed: false, object }
    }

    /// Reads a line that [`Facts::read`] has taken.
    pub fn read(place: String, text: &str) -> Result<Self, FactError> {
        let text = text.trim_start_matches('\u{feff}');
        let line = FactLine::read(text).and_then(|line| {
            let object = serde_json::from_str(text);
            Ok((line, object.map_err(|error| FactProblem::Json(error.to_string()))?))
        });
        let (line, mut object): (FactLine, Map<String, Value>) =
            line.map_err(|problem| FactError { place: place.clone(), problem })?;
        for column in ["from", "to", "recordedAt"] {
            object.shift_remove(column);
        }
        let FactLine { fact, during, recorded_at: recorded, mark } = line;
        Ok(Self { place, fact, during, recorded, assumed: mark.assumed, object })
    }

    /// Reads a line that the store has taken.
    pub fn stored(text: &str) -> Result<Self, StoreError> {
        Self::read("a stored fact".to_owned(), text)
            .map_err(|error| StoreError::Unusable(format!("a stored fact cannot be read: {error}")))
    }

    /// The domain of a directory, folded.
    fn domain(&self) -> Option<String> {
        let Fact::Tenant(tenant) = &self.fact else { return None };
        tenant.domain.as_deref().map(fold)
    }

    /// The line as it is kept: without `recordedAt`, which is a column.
    fn text(&self, during: Interval) -> String {
        let mut object = self.object.clone();
        if during.from() > Instant::MIN {
            object.insert("from".to_owned(), during.from().to_string().into());
        }
        if during.to() < Instant::MAX {
            object.insert("to".to_owned(), during.to().to_string().into());
        }
        Value::Object(object).to_string()
    }
}

/// Folds subjects and domains that an older program folded by A to Z alone. Only those change that
/// have other letters, too.
pub fn fold_again(c: &Connection) -> Result<(), StoreError> {
    let mut statement =
        c.prepare("SELECT n, line FROM fact WHERE length(CAST(line AS BLOB)) > length(line)")?;
    let rows = statement.query_map([], |r| Ok((r.get(0)?, r.get(1)?)))?;
    let rows: Vec<(i64, String)> = rows.collect::<Result<_, _>>()?;
    let mut update = c.prepare("UPDATE fact SET subject = ?2, domain = ?3 WHERE n = ?1")?;
    for (n, text) in rows {
        let line = Line::stored(&text)?;
        update.execute(params![n, line.fact.subject(), line.domain()])?;
    }
    Ok(())
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
    let all = read(c, FactsAt { known_at: None, tenant: None, links: true })?;
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

/// Puts one fact among those of the same subject.
pub fn place(
    c: &Connection,
    line: &Line,
    known: i64,
    now: i64,
    done: &mut ImportSummary,
) -> Result<(), FactImportError> {
    let mut statement = c
        .prepare_cached(
            "SELECT n, line FROM fact WHERE kind = ?1 AND subject = ?2 AND superseded IS NULL",
        )
        .map_err(StoreError::from)?;
    let rows = statement
        .query_map(params![line.fact.kind(), line.fact.subject()], |r| Ok((r.get(0)?, r.get(1)?)))
        .and_then(Iterator::collect::<Result<Vec<(i64, String)>, _>>)
        .map_err(StoreError::from)?;
    let own = line.text(line.during);
    if rows.iter().any(|(_, text)| *text == own) {
        done.unchanged += 1;
        return Ok(());
    }
    // A snapshot assumes a partner that nothing describes; what is known of it goes before.
    if matches!(line.fact, Fact::Partner(_)) && line.assumed && !rows.is_empty() {
        done.unchanged += 1;
        return Ok(());
    }
    let mut replaced = false;
    for (n, text) in rows {
        let stated = Line::stored(&text)?;
        if stated.during.from() == line.during.from() {
            supersede(c, n, now)?;
            replaced = true;
            continue;
        }
        if stated.during.intersect(line.during).is_none() {
            continue;
        }
        if stated.during.from() > line.during.from() {
            return Err(FactImportError::Refused(format!(
                "{}: this {} is stated from {} already; end this line there, or state that one again",
                line.place,
                line.fact.kind(),
                stated.during.from()
            )));
        }
        let cut = Interval::new(stated.during.from(), line.during.from());
        if let Ok(cut) = cut {
            supersede(c, n, now)?;
            insert(c, &stated, cut, known)?;
            done.ended += 1;
        }
    }
    if replaced {
        done.replaced += 1;
    } else {
        done.added += 1;
    }
    Ok(insert(c, line, line.during, known)?)
}

fn supersede(c: &Connection, n: i64, now: i64) -> Result<(), StoreError> {
    c.prepare_cached("UPDATE fact SET superseded = ?2 WHERE n = ?1")?.execute(params![n, now])?;
    Ok(())
}

fn insert(c: &Connection, line: &Line, during: Interval, known: i64) -> Result<(), StoreError> {
    let id = |name: &str| {
        let text = line.object.get(name).and_then(Value::as_str)?;
        text.parse::<pal_model::Guid>().ok().map(blob)
    };
    let number = match &line.fact {
        Fact::Partner(fact) => Some(fact.partner.number().cast_signed()),
        _ => None,
    };
    c.prepare_cached(
        "INSERT INTO fact (kind, subject, tenant, object, domain, partner, begins, ends, known, line)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)",
    )?
    .execute(params![
        line.fact.kind(),
        line.fact.subject(),
        id("tenant"),
        id("object"),
        line.domain(),
        number,
        ticks(during.from()),
        ticks(during.to()),
        known,
        line.text(during),
    ])?;
    Ok(())
}

/// The facts as they were known, one a line.
pub fn read(c: &Connection, at: FactsAt) -> Result<String, StoreError> {
    let known_at = at.known_at.map_or(i64::MAX, ticks);
    let mut text = String::new();
    let mut statement = c.prepare_cached(
        "SELECT line, known FROM fact
         WHERE known <= ?1 AND (superseded IS NULL OR superseded > ?1)
           AND (?2 IS NULL OR tenant = ?2 OR kind = 'partner')
         ORDER BY kind, subject, begins, ends",
    )?;
    let tenant = at.tenant.map(blob);
    let mut rows = statement.query(params![known_at, tenant])?;
    while let Some(row) = rows.next()? {
        let (line, known): (String, i64) = (row.get(0)?, row.get(1)?);
        push(&mut text, &line, known);
    }
    if at.links {
        links(c, known_at, tenant, &mut text)?;
    }
    Ok(text)
}

fn push(text: &mut String, line: &str, known: i64) {
    text.push_str(line.strip_suffix('}').unwrap_or(line));
    if known > i64::MIN {
        text.push_str(",\"recordedAt\":\"");
        text.push_str(&instant(known).to_string());
        text.push('"');
    }
    text.push_str("}\n");
}

/// Link facts from the history: each active version holds until the next one.
fn links(
    c: &Connection,
    known_at: i64,
    tenant: Option<[u8; 16]>,
    text: &mut String,
) -> Result<(), StoreError> {
    let mut statement = c.prepare_cached(
        "SELECT tenant, object, partner, updated, known, active,
                lead(updated) OVER (PARTITION BY tenant, object ORDER BY version)
         FROM link_history WHERE known <= ?1 AND (?2 IS NULL OR tenant = ?2)
         ORDER BY tenant, object, version",
    )?;
    let mut rows = statement.query(params![known_at, tenant])?;
    while let Some(r) = rows.next()? {
        let (active, next): (bool, Option<i64>) = (r.get(5)?, r.get(6)?);
        if !active {
            continue;
        }
        let Principal { tenant, object } = pair(r.get(0)?, r.get(1)?);
        let mut line = Fact::Link(Link { tenant, object, partner: partner(r.get(2)?)? }).object();
        line.insert("from".to_owned(), instant(r.get(3)?).to_string().into());
        line.extend(next.map(|next| ("to".to_owned(), instant(next).to_string().into())));
        push(text, &Value::Object(line).to_string(), r.get(4)?);
    }
    Ok(())
}

/// Facts and the revision they are of, in one snapshot.
pub fn snapshot(c: &Connection, at: FactsAt) -> Result<FactsText, StoreError> {
    let transaction = c.unchecked_transaction()?;
    let revision = super::revision(&transaction)?;
    let known_at = at.known_at.map_or_else(|| last_known(&transaction).map(instant), Ok)?;
    let text = read(&transaction, at)?;
    transaction.finish()?;
    Ok(FactsText { text, revision, known_at })
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
