//! Facts and links for a reader that keeps them: everything once, and then what changes.
//!
//! Rows of `fact` are never changed or deleted but for the end of their being known, and whatever ends
//! one adds another. So no fact has changed while the last row is the same. Of links the history says
//! which accounts have a version that became known later.

use pal_model::{Instant, Interval, Link, Principal, Source, Stated};
use rusqlite::{Connection, Row, params};

use super::known::last_known;
use super::value::{instant, pair, partner, ticks};
use super::{fact_log, facts};
use crate::{FactsAt, FactsNews, FactsPosition, FactsRead, LinksByAccount, StoreError};

/// What changed after a position, or everything, of one moment.
pub fn read(
    c: &Connection,
    after: Option<FactsPosition>,
    known_at: Option<Instant>,
) -> Result<FactsRead, StoreError> {
    let transaction = c.unchecked_transaction()?;
    let c = &transaction;
    let last = last_known(c)?;
    let position = FactsPosition { fact: fact_log::last(c)?, links: last };
    // What is put into an empty store may have been known before.
    let follows = |after: &FactsPosition| known_at.is_none() && after.fact == position.fact;
    let news = match after.filter(|after| follows(after) && after.fact > 0) {
        Some(after) => FactsNews::Links(changed(c, after.links)?),
        None => {
            let text = facts::read(c, FactsAt { known_at, tenant: None, links: false })?;
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
    let mut statement = c.prepare_cached(
        "SELECT tenant, object, partner, updated, known, active,
                lead(updated) OVER (PARTITION BY tenant, object ORDER BY version)
         FROM link_history WHERE known <= ?1 AND (?2 IS NULL OR tenant = ?2)
         ORDER BY tenant, object, version",
    )?;
    let mut all = LinksByAccount::new();
    let mut rows = statement.query(params![known_at, tenant])?;
    while let Some(row) = rows.next()? {
        add(&mut all, row)?;
    }
    Ok(all)
}

/// The links of the accounts of which a version became known after an instant.
fn changed(c: &Connection, after: i64) -> Result<LinksByAccount, StoreError> {
    let mut statement = c.prepare_cached(
        "SELECT tenant, object, partner, updated, known, active,
                lead(updated) OVER (PARTITION BY tenant, object ORDER BY version)
         FROM link_history
         WHERE (tenant, object) IN (SELECT tenant, object FROM link_history WHERE known > ?1)
         ORDER BY tenant, object, version",
    )?;
    let mut all = LinksByAccount::new();
    let mut rows = statement.query(params![after])?;
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
    if !active {
        return Ok(());
    }
    let Principal { tenant, object } = owner;
    let known: i64 = row.get(4)?;
    let wrong = |error: pal_model::IntervalError| StoreError::Unusable(error.to_string());
    links.push(Stated {
        fact: Link { tenant, object, partner: partner(row.get(2)?)? },
        during: Interval::new(instant(row.get(3)?), next.map_or(Instant::MAX, instant))
            .map_err(wrong)?,
        recorded_at: (known > i64::MIN).then(|| instant(known)),
        // Whoever keeps the links counts their lines.
        source: Source { file: 0, line: 0 },
    });
    Ok(())
}
