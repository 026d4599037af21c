//! Links in a file of facts: those that people already have are taken in before the first start;
//! afterwards a link is its owner's, and an import changes none.

use std::collections::BTreeMap;

use pal_model::{Instant, Link, PartnerId, Principal};
use rusqlite::Connection;

use super::fact_line::Line;
use super::value::ticks;
use super::{audit, links};
use crate::{Actor, AuditAction, FactImportError, LinkRecord, LinkState, StoreError};

/// Writes a history for each owner; how many links are new, and how many were there. `known` is when
/// they become known; `None` = as their lines say, or always.
pub fn import(
    c: &Connection,
    lines: Vec<(Link, Line)>,
    actor: &Actor,
    known: Option<i64>,
) -> Result<(u64, u64), FactImportError> {
    let (count, mut unchanged) = (lines.len() as u64, 0);
    let mut owners: BTreeMap<Principal, Vec<(Line, PartnerId)>> = BTreeMap::new();
    for (link, line) in lines {
        if line.during.from() == Instant::MIN {
            return Err(refuse(&line, "a link that is imported needs a 'from'"));
        }
        owners.entry(link.principal()).or_default().push((line, link.partner));
    }
    for (owner, mut lines) in owners {
        lines.sort_by_key(|(line, _)| line.during.from());
        if links::current(c, owner)?.is_some() {
            if stated(c, owner, &lines)? {
                unchanged += lines.len() as u64;
                continue;
            }
            return Err(refuse(&lines[0].0, "this account has another link already"));
        }
        let overlap = lines.windows(2).find(|w| w[0].0.during.to() > w[1].0.during.from());
        if let Some(pair) = overlap {
            let place = &pair[0].0.place;
            return Err(refuse(
                &pair[1].0,
                &format!("this link begins before that of {place} ends"),
            ));
        }
        history(c, owner, &lines, actor, known)?;
    }
    Ok((count - unchanged, unchanged))
}

/// Passes over links that are active in the register, whatever their times; how many they are. Any
/// other is refused: whether it holds is for its owner to say.
pub fn skip(c: &Connection, lines: &[(Link, Line)]) -> Result<u64, FactImportError> {
    for (link, line) in lines {
        let (owner, partner) = (link.principal(), link.partner);
        let state = match links::current(c, owner)? {
            Some(link) if link.state == LinkState::Active && link.partner == partner => continue,
            Some(link) if link.state == LinkState::Active => {
                format!("is linked to {} here, not to {partner}", link.partner)
            }
            Some(_) => format!("is not linked to {partner} here: its owner has removed the link"),
            None => format!("is not linked to {partner} here"),
        };
        return Err(refuse(
            line,
            &format!(
                "{} of tenant {} {state}. Only its owner changes a link once the service has begun \
                 to serve: take this line out of the file, or leave all links out \
                 ('pal import facts --without-links')",
                owner.object, owner.tenant
            ),
        ));
    }
    Ok(lines.len() as u64)
}

/// Partners of active links, of which no fact is known: they earn no credit.
pub fn unknown_partners(c: &Connection) -> Result<Vec<PartnerId>, StoreError> {
    let mut statement = c.prepare_cached(
        "SELECT partner FROM (SELECT DISTINCT partner FROM link WHERE active = 1) AS linked
         WHERE NOT EXISTS (
             SELECT 1 FROM fact_now WHERE kind = 'partner'
             AND partner = linked.partner)
         ORDER BY partner",
    )?;
    let numbers = statement.query_map([], |r| r.get(0))?.collect::<Result<Vec<i64>, _>>()?;
    numbers.into_iter().map(super::value::partner).collect()
}

/// Whether the register says of an owner what the lines say: the same import again.
fn stated(
    c: &Connection,
    owner: Principal,
    lines: &[(Line, PartnerId)],
) -> Result<bool, StoreError> {
    let versions = links::history(c, owner)?;
    let active = |link: &&LinkRecord| link.state == LinkState::Active;
    let held: Vec<(i64, i64, PartnerId)> = versions
        .iter()
        .enumerate()
        .filter(|(_, link)| active(link))
        .map(|(at, link)| {
            let next = versions.get(at + 1).map_or(i64::MAX, |next| ticks(next.updated));
            (ticks(link.updated), next, link.partner)
        })
        .collect();
    let told: Vec<(i64, i64, PartnerId)> = lines
        .iter()
        .map(|(line, partner)| {
            let to = line.during.to();
            let to = if to == Instant::MAX { i64::MAX } else { ticks(to) };
            (ticks(line.during.from()), to, *partner)
        })
        .collect();
    Ok(held == told)
}

fn refuse(line: &Line, why: &str) -> FactImportError {
    FactImportError::Refused(format!("{}: {why}", line.place))
}

fn history(
    c: &Connection,
    owner: Principal,
    lines: &[(Line, PartnerId)],
    actor: &Actor,
    known: Option<i64>,
) -> Result<(), StoreError> {
    let mut link: Option<LinkRecord> = None;
    for (at, (line, partner)) in lines.iter().enumerate() {
        let known = known.unwrap_or_else(|| line.recorded.map_or(i64::MIN, ticks));
        let linked = link.as_ref().is_some_and(|link| link.state == LinkState::Active);
        let action = if linked { AuditAction::LinkUpdate } else { AuditAction::LinkCreate };
        let from = line.during.from();
        link =
            Some(step(c, owner, link, (*partner, LinkState::Active), from, known, action, actor)?);
        let to = line.during.to();
        let goes_on = lines.get(at + 1).is_some_and(|(next, _)| next.during.from() == to);
        if to < Instant::MAX && !goes_on {
            let ended = (*partner, LinkState::Deleted);
            let action = AuditAction::LinkDelete;
            link = Some(step(c, owner, link, ended, to, known, action, actor)?);
        }
    }
    Ok(())
}

#[expect(clippy::too_many_arguments, reason = "one version of a link has that many parts")]
fn step(
    c: &Connection,
    owner: Principal,
    before: Option<LinkRecord>,
    (partner, state): (PartnerId, LinkState),
    at: Instant,
    known: i64,
    action: AuditAction,
    actor: &Actor,
) -> Result<LinkRecord, StoreError> {
    let after = LinkRecord {
        owner,
        partner,
        partner_name: None,
        version: before.as_ref().map_or(0, |link| link.version) + 1,
        created: before.as_ref().map_or(at, |link| link.created),
        updated: at,
        state,
    };
    links::write(c, &after, known)?;
    let detail = audit::link_detail(before.as_ref(), &after, known);
    let versions = (before.map(|link| link.version), Some(after.version));
    let target = Some(owner);
    audit::append(
        c,
        &audit::Entry { at: ticks(at), actor, action, target, detail: &detail, versions },
    )?;
    Ok(after)
}
