//! Facts and links for a reader that keeps them: everything once, and then what changes.
//!
//! No fact has changed while the change that was the last to be seen is the same. Of links the history says which
//! accounts have a version that became known later.

use pal_model::{Fact, Instant, Interval, Link, Principal, Source, Stated};
use rusqlite::{Connection, Params, Row, params};
use serde_json::Value;

use super::fact_line::with_times;
use super::fact_log;
use super::known::last_known;
use super::value::{blob, instant, pair, partner, ticks};
use crate::{FactsAt, FactsNews, FactsPosition, FactsRead, FactsText, LinksByAccount, StoreError};

/// What changed after a position, or everything, of one moment.
pub fn read(
    c: &Connection,
    after: Option<FactsPosition>,
    known_at: Option<Instant>,
) -> Result<FactsRead, StoreError> {
    let transaction = c.unchecked_transaction()?;
    let c = &transaction;
    let last = last_known(c)?;
    let position = FactsPosition { change: fact_log::last_change(c)?, links: last };
    let follows = |after: &FactsPosition| known_at.is_none() && after.change == position.change;
    let news = match after.filter(follows) {
        Some(after) => FactsNews::Links(changed(c, after.links)?),
        None => {
            let text = text(c, FactsAt { known_at, tenant: None, links: false }, None)?;
            FactsNews::All(text, links(c, known_at.map_or(i64::MAX, ticks), None)?)
        }
    };
    let revision = super::revision(c)?;
    transaction.finish()?;
    let known_at = known_at.unwrap_or_else(|| instant(last));
    Ok(FactsRead { revision, known_at, position, news })
}

/// Links from the history: each active version holds until the next one.
pub fn links(
    c: &Connection,
    known_at: i64,
    tenant: Option<[u8; 16]>,
) -> Result<LinksByAccount, StoreError> {
    history(c, "known <= ?1 AND (?2 IS NULL OR tenant = ?2)", params![known_at, tenant])
}

/// The links of the accounts of which a version became known after an instant.
fn changed(c: &Connection, after: i64) -> Result<LinksByAccount, StoreError> {
    let changed = "(tenant, object) IN (SELECT tenant, object FROM link_history WHERE known > ?1)";
    history(c, changed, params![after])
}

/// The links of the versions that are wanted.
fn history(
    c: &Connection,
    wanted: &str,
    values: impl Params,
) -> Result<LinksByAccount, StoreError> {
    let mut statement = c.prepare_cached(&format!(
        "SELECT tenant, object, partner, updated, known, active,
                min(updated) OVER (PARTITION BY tenant, object ORDER BY version
                                   ROWS BETWEEN 1 FOLLOWING AND UNBOUNDED FOLLOWING)
         FROM link_history WHERE {wanted} ORDER BY tenant, object, version"
    ))?;
    let mut all = LinksByAccount::new();
    let mut rows = statement.query(values)?;
    while let Some(row) = rows.next()? {
        add(&mut all, row)?;
    }
    Ok(all)
}

/// An account without an active version is there, too: it has no link any more.
fn add(all: &mut LinksByAccount, row: &Row) -> Result<(), StoreError> {
    let owner = pair(row.get(0)?, row.get(1)?);
    let links = all.entry(owner).or_default();
    let (active, next): (bool, Option<i64>) = (row.get(5)?, row.get(6)?);
    let from: i64 = row.get(3)?;
    if !active || next.is_some_and(|next| next <= from) {
        return Ok(());
    }
    let Principal { tenant, object } = owner;
    let known: i64 = row.get(4)?;
    let wrong = |error: pal_model::IntervalError| StoreError::Unusable(error.to_string());
    links.push(Stated {
        fact: Link { tenant, object, partner: partner(row.get(2)?)? },
        during: Interval::new(instant(from), next.map_or(Instant::MAX, instant)).map_err(wrong)?,
        recorded_at: (known > i64::MIN).then(|| instant(known)),
        // Whoever keeps the links counts their lines.
        source: Source { file: 0, line: 0 },
    });
    Ok(())
}

/// A number that no change has.
const NO_CHANGE: i64 = -1;

/// The facts as they were known, one a line; with `staged`, as they will be once that change is seen.
pub fn text(c: &Connection, at: FactsAt, staged: Option<i64>) -> Result<String, StoreError> {
    let known_at = at.known_at.map_or(i64::MAX, ticks);
    let mut text = String::new();
    let mut statement = c.prepare_cached(
        "SELECT line, coalesce(fact.known, brought.known) AS since
         FROM fact
         LEFT JOIN fact_change AS brought ON brought.n = fact.begun
         LEFT JOIN fact_change AS done ON done.n = fact.ended
         WHERE (fact.begun = ?3 OR brought.n IS NOT NULL AND since <= ?1)
           AND fact.ended IS NOT ?3 AND (done.known IS NULL OR done.known > ?1)
           AND (?2 IS NULL OR tenant = ?2 OR kind = 'partner')
         ORDER BY kind, subject, begins, ends",
    )?;
    let tenant = at.tenant.map(blob);
    let mut rows = statement.query(params![known_at, tenant, staged.unwrap_or(NO_CHANGE)])?;
    while let Some(row) = rows.next()? {
        let line = row.get_ref(0)?.as_str().map_err(rusqlite::Error::from)?;
        push(&mut text, line, row.get::<_, Option<i64>>(1)?.unwrap_or(i64::MIN));
    }
    if at.links {
        push_links(c, known_at, tenant, &mut text)?;
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

/// Link facts from the history, in the order of their accounts.
fn push_links(
    c: &Connection,
    known_at: i64,
    tenant: Option<[u8; 16]>,
    text: &mut String,
) -> Result<(), StoreError> {
    for stated in links(c, known_at, tenant)?.into_values().flatten() {
        let line = Value::Object(Fact::Link(stated.fact).object());
        let known = stated.recorded_at.map_or(i64::MIN, ticks);
        push(text, &with_times(line, stated.during), known);
    }
    Ok(())
}

/// Facts and the revision they are of, in one snapshot.
pub fn snapshot(c: &Connection, at: FactsAt) -> Result<FactsText, StoreError> {
    let transaction = c.unchecked_transaction()?;
    let revision = super::revision(&transaction)?;
    let known_at = at.known_at.map_or_else(|| last_known(&transaction).map(instant), Ok)?;
    let text = text(&transaction, at, None)?;
    transaction.finish()?;
    Ok(FactsText { text, revision, known_at })
}
