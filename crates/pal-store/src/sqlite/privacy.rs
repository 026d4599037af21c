//! What partners see of a directory, set by its auditor: a fact from now on.

use pal_model::{Fact, Instant, Interval, Privacy, PrivacyLevel, TenantId, fold};
use rusqlite::{Connection, params};
use serde_json::json;

use super::evidence::Evidence;
use super::fact_line::{Line, place};
use super::known::{self, next_known};
use super::value::{instant, ticks};
use super::{audit, bump, fact_log};
use crate::{AuditAction, FactImportError, ImportSummary, PrivacyChange, PrivacyError, StoreError};

/// States the level from now on; whether that is another than before.
pub fn set(c: &Connection, change: &PrivacyChange) -> Result<bool, PrivacyError> {
    let (tenant, level, at) = (change.tenant, change.level, ticks(known::now(change.at)));
    let from = instant(at);
    let stated = stated(c, tenant)?;
    if let Some(later) = stated.iter().map(|line| line.during.from()).find(|begins| *begins > from)
    {
        return Err(PrivacyError::Later(later));
    }
    let holds = stated.iter().find(|line| line.during.contains(from));
    let before = holds.map_or_else(PrivacyLevel::default, level_of);
    let stays = holds.is_none_or(|line| line.during.to() == Instant::MAX);
    if before == level && stays {
        return Ok(false);
    }
    let during = Interval::new(from, Instant::MAX)
        .map_err(|error| StoreError::Unusable(error.to_string()))?;
    let line = Line::new("the level".to_owned(), Fact::Privacy(Privacy { tenant, level }), during);
    let (known, number) = (next_known(c, change.at)?, fact_log::new_change(c)?);
    place(c, &line, number, None, &mut ImportSummary::default()).map_err(unusable)?;
    let detail = json!({
        "tenant": tenant.to_string(), "level": level.name(), "levelBefore": before.name(),
    });
    let entry = audit::Entry {
        at,
        actor: &change.actor,
        action: AuditAction::PrivacySet,
        target: None,
        detail: &detail.to_string(),
        versions: (None, None),
    };
    bump(c)?;
    let digests = fact_log::rows_of(c, number)?;
    let evidence = Evidence::of_facts(fact_log::publish(c, number, known, digests)?);
    audit::append_with(c, &entry, evidence)?;
    Ok(true)
}

/// What is known of a directory's level now, whenever it holds.
fn stated(c: &Connection, tenant: TenantId) -> Result<Vec<Line>, StoreError> {
    let mut statement = c.prepare_cached(
        "SELECT line FROM fact_now WHERE kind = 'privacy' AND subject = ?1
         ORDER BY begins",
    )?;
    let lines = statement.query_map(params![fold(&tenant.to_string())], |r| r.get(0))?;
    let lines: Vec<String> = lines.collect::<Result<_, _>>()?;
    lines.iter().map(|text| Line::stored(text)).collect()
}

fn level_of(line: &Line) -> PrivacyLevel {
    if let Fact::Privacy(fact) = &line.fact { fact.level } else { PrivacyLevel::default() }
}

/// What the store itself has written it can read.
fn unusable(error: FactImportError) -> StoreError {
    match error {
        FactImportError::Store(error) => error,
        other => StoreError::Unusable(format!("a stored fact cannot be read: {other}")),
    }
}
