//! The link register.

use async_trait::async_trait;
use pal_model::{Instant, PartnerId, Principal};
use rusqlite::{Connection, OptionalExtension, params};

use super::SqliteStore;
use super::directory;
use super::known::{self, next_known};
use super::value::{blob, instant, partner, ticks};
use super::{audit, bump};
use crate::{
    Account, AuditAction, LinkAction, LinkChange, LinkError, LinkRecord, LinkState, LinkStore,
    PartnerRules, StoreError,
};

#[async_trait]
impl LinkStore for SqliteStore {
    async fn own_link(
        &self,
        caller: Principal,
        now: Instant,
    ) -> Result<(Option<Account>, Option<LinkRecord>), StoreError> {
        self.read(move |c| own(c, caller, now)).await
    }

    async fn change_link(&self, change: LinkChange) -> Result<LinkRecord, LinkError> {
        self.writer.write(move |c| self::change(c, &change)).await
    }

    async fn link_history(&self, owner: Principal) -> Result<Vec<LinkRecord>, StoreError> {
        self.read(move |c| history(c, owner)).await
    }
}

/// The link of an owner, whatever its state, without the partner's name.
pub fn current(c: &Connection, owner: Principal) -> Result<Option<LinkRecord>, StoreError> {
    let (tenant, object) = (blob(owner.tenant), blob(owner.object));
    let mut statement = c.prepare_cached(
        "SELECT partner, version, created, updated, active FROM link
         WHERE tenant = ?1 AND object = ?2",
    )?;
    let row = statement.query_row(params![tenant, object], |r| {
        Ok((r.get(0)?, r.get(1)?, r.get(2)?, r.get(3)?, r.get(4)?))
    });
    row.optional()?.map(|row| record(owner, row)).transpose()
}

/// Partner, version, created, updated, active.
type Row = (i64, i64, i64, i64, bool);

fn record(
    owner: Principal,
    (id, version, created, updated, active): Row,
) -> Result<LinkRecord, StoreError> {
    Ok(LinkRecord {
        owner,
        partner: partner(id)?,
        partner_name: None,
        version,
        created: instant(created),
        updated: instant(updated),
        state: if active { LinkState::Active } else { LinkState::Deleted },
    })
}

/// The account of a caller at an instant and its link: one statement, so one state of the data.
pub fn own(
    c: &Connection,
    caller: Principal,
    at: Instant,
) -> Result<(Option<Account>, Option<LinkRecord>), StoreError> {
    let mut statement = c.prepare_cached(
        "SELECT (SELECT line FROM fact_now WHERE kind = 'principal'
                 AND tenant = ?1 AND object = ?2 AND begins <= ?3 AND ends > ?3),
                l.partner, l.version, l.created, l.updated, l.active,
                (SELECT line FROM fact_now WHERE kind = 'partner'
                 AND partner = l.partner AND begins <= ?3 AND ends > ?3)
         FROM (SELECT 1) LEFT JOIN link l ON l.tenant = ?1 AND l.object = ?2",
    )?;
    let (tenant, object) = (blob(caller.tenant), blob(caller.object));
    let mut rows = statement.query(params![tenant, object, ticks(at)])?;
    let Some(r) = rows.next()? else { return Ok((None, None)) };
    let text = |at: usize| -> Result<Option<&str>, StoreError> {
        Ok(r.get_ref(at)?.as_str_or_null().map_err(rusqlite::Error::from)?)
    };
    let account = text(0)?.map(|line| directory::account_of(line, caller)).transpose()?;
    let Some(id) = r.get::<_, Option<i64>>(1)? else { return Ok((account, None)) };
    let mut link = record(caller, (id, r.get(2)?, r.get(3)?, r.get(4)?, r.get(5)?))?;
    link.partner_name = text(6)?.map(directory::partner_name).transpose()?.flatten();
    Ok((account, Some(link)))
}

/// With the name that the partner has at an instant.
pub fn named(c: &Connection, mut link: LinkRecord, at: Instant) -> Result<LinkRecord, StoreError> {
    link.partner_name = directory::partner(c, link.partner, at)?.and_then(|p| p.name);
    Ok(link)
}

/// Judges and makes a change (R1, R2, R4, R7, R10; P1, P6).
pub fn change(c: &Connection, change: &LinkChange) -> Result<LinkRecord, LinkError> {
    let owner = change.owner;
    match directory::account(c, owner, change.at)? {
        Some(account) if account.may_link() => {}
        Some(account) if !account.enabled => return Err(LinkError::Disabled),
        _ => return Err(LinkError::NoAccount),
    }
    let before = current(c, owner)?;
    let active = before.as_ref().filter(|link| link.state == LinkState::Active);
    let (partner, action, state) = match (change.action, active) {
        (LinkAction::Create(_), Some(link)) => {
            let name = directory::partner(c, link.partner, change.at)?.and_then(|p| p.name);
            let since = link.updated.to_string();
            return Err(LinkError::AlreadyLinked { partner: link.partner, name, since });
        }
        (LinkAction::Create(id), None) => (id, AuditAction::LinkCreate, LinkState::Active),
        (LinkAction::Update(_) | LinkAction::Delete(_) | LinkAction::Correct(_), None) => {
            return Err(LinkError::NotLinked);
        }
        (LinkAction::Correct(id), Some(link)) if id == link.partner => {
            return correct(c, change, link);
        }
        (LinkAction::Correct(_), Some(_)) => return Err(LinkError::OtherPartner),
        (LinkAction::Update(id), Some(_)) => (id, AuditAction::LinkUpdate, LinkState::Active),
        (LinkAction::Delete(id), Some(link)) => {
            if id.is_some_and(|id| id != link.partner) {
                return Err(LinkError::OtherPartner);
            }
            (link.partner, AuditAction::LinkDelete, LinkState::Deleted)
        }
    };
    if state == LinkState::Active {
        may_be_linked(c, partner, change.at, change.rules)?;
    }
    // A link holds from its commit by the clock; when that became known never goes back, even when
    // the clock does.
    let (at, known) = (ticks(known::now(change.at)), next_known(c, change.at)?);
    let updated = before.as_ref().map_or(at, |link| at.max(ticks(link.updated) + 1));
    let after = LinkRecord {
        owner,
        partner,
        partner_name: None,
        version: before.as_ref().map_or(0, |link| link.version) + 1,
        created: before.as_ref().map_or_else(|| instant(updated), |link| link.created),
        updated: instant(updated),
        state,
    };
    record_change(c, change, action, (before.as_ref(), &after), (at, known))?;
    Ok(named(c, after, change.at)?)
}

/// Dates a link by the clock as it is now. A change never goes before the one before it, so a change that was made
/// while the clock was years ahead would hold every later one there as well. Which of the clock's two times was the wrong
/// one, only its owner knows; so it is done when the owner asks, and not by itself.
///
/// Versions go on rising. What the history said of times that have not come is overtaken: a version holds until the
/// earliest of those after it.
fn correct(
    c: &Connection,
    change: &LinkChange,
    link: &LinkRecord,
) -> Result<LinkRecord, LinkError> {
    let owner = change.owner;
    let (at, known) = (ticks(known::now(change.at)), next_known(c, change.at)?);
    let ahead = ticks(link.updated);
    if ahead <= at {
        return Err(LinkError::NotAhead { since: link.updated.to_string() });
    }
    let mut find = c
        .prepare_cached(
            "SELECT max(updated) FROM link_history
             WHERE tenant = ?1 AND object = ?2 AND updated <= ?3",
        )
        .map_err(StoreError::from)?;
    let passed: Option<i64> = find
        .query_row(params![blob(owner.tenant), blob(owner.object), at], |r| r.get(0))
        .map_err(StoreError::from)?;
    let updated = passed.map_or(at, |passed| at.max(passed + 1));
    let after = LinkRecord {
        partner_name: None,
        version: link.version + 1,
        created: link.created.min(instant(updated)),
        updated: instant(updated),
        ..link.clone()
    };
    record_change(c, change, AuditAction::LinkUpdate, (Some(link), &after), (at, known))?;
    Ok(named(c, after, change.at)?)
}

/// Writes a version, and the record of it.
fn record_change(
    c: &Connection,
    change: &LinkChange,
    action: AuditAction,
    (before, after): (Option<&LinkRecord>, &LinkRecord),
    (at, known): (i64, i64),
) -> Result<(), StoreError> {
    write(c, after, known)?;
    let detail = audit::link_detail(before, after, known);
    bump(c)?;
    audit::append(
        c,
        &audit::Entry {
            at,
            actor: &change.actor,
            action,
            target: Some(change.owner),
            detail: &detail,
            versions: (before.map(|link| link.version), Some(after.version)),
        },
    )?;
    Ok(())
}

/// Writes the current row and a new row of history.
pub fn write(c: &Connection, link: &LinkRecord, known: i64) -> Result<(), StoreError> {
    let (tenant, object) = (blob(link.owner.tenant), blob(link.owner.object));
    let number = link.partner.number().cast_signed();
    let (created, updated) = (ticks(link.created), ticks(link.updated));
    let active = link.state == LinkState::Active;
    c.prepare_cached(
        "INSERT INTO link (tenant, object, partner, version, created, updated, active)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)
         ON CONFLICT (tenant, object) DO UPDATE
         SET partner = ?3, version = ?4, created = ?5, updated = ?6, active = ?7",
    )?
    .execute(params![tenant, object, number, link.version, created, updated, active])?;
    c.prepare_cached(
        "INSERT INTO link_history (tenant, object, version, partner, updated, known, active)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
    )?
    .execute(params![tenant, object, link.version, number, updated, known, active])?;
    Ok(())
}

/// Registered, active, and a location (R7, R10).
fn may_be_linked(
    c: &Connection,
    id: PartnerId,
    at: Instant,
    rules: PartnerRules,
) -> Result<(), LinkError> {
    let Some(found) = directory::partner(c, id, at)? else {
        return match directory::any_partner(c, id)? {
            Some(known) => Err(LinkError::InactivePartner { partner: id, name: known.name }),
            None if rules.open_registration => Ok(()),
            None => Err(LinkError::UnknownPartner(id)),
        };
    };
    if found.global && !rules.allow_global {
        let locations = directory::locations(c, id, at)?;
        return Err(LinkError::GlobalPartner { partner: id, name: found.name, locations });
    }
    Ok(())
}

/// All versions, oldest first.
pub fn history(c: &Connection, owner: Principal) -> Result<Vec<LinkRecord>, StoreError> {
    let mut statement = c.prepare_cached(
        "SELECT h.partner, h.version, l.created, h.updated, h.active
         FROM link_history h JOIN link l USING (tenant, object)
         WHERE h.tenant = ?1 AND h.object = ?2 ORDER BY h.version",
    )?;
    let rows = statement.query_map(params![blob(owner.tenant), blob(owner.object)], |r| {
        Ok((r.get(0)?, r.get(1)?, r.get(2)?, r.get(3)?, r.get(4)?))
    })?;
    rows.map(|row| record(owner, row?)).collect()
}
