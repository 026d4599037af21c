//! The audit log: a record in the same transaction as each change, chained by hashes.

use aws_lc_rs::digest::{Context, SHA256};
use pal_model::Principal;
use rusqlite::{Connection, params};
use serde_json::json;

use super::evidence::Evidence;
use super::value::{blob, ticks};
use crate::{Actor, AuditAction, LinkRecord, LinkState, StoreError};

/// What is recorded.
pub struct Entry<'e> {
    pub at: i64,
    pub actor: &'e Actor,
    pub action: AuditAction,
    pub target: Option<Principal>,
    pub detail: &'e str,
    pub versions: (Option<i64>, Option<i64>),
}

impl AuditAction {
    /// The number in the log.
    pub(crate) const fn number(self) -> i64 {
        match self {
            Self::LinkCreate => 1,
            Self::LinkUpdate => 2,
            Self::LinkDelete => 3,
            Self::FactsImport => 4,
            Self::CredentialSet => 5,
            Self::ReportRead => 6,
            Self::UsageImport => 7,
            Self::UsageWithdraw => 8,
            Self::PrivacySet => 9,
            Self::StoreState => 10,
            Self::SessionChange => 11,
            Self::PersonErase => 12,
        }
    }
}

/// Adds a record to the end of the chain. The counters are as the change leaves them by then.
pub fn append(c: &Connection, entry: &Entry) -> Result<(), StoreError> {
    append_with(c, entry, Evidence::default()).map(|_| ())
}

/// Adds a record that holds more of the state than the counters; its number.
pub fn append_with(
    c: &Connection,
    entry: &Entry,
    mut evidence: Evidence,
) -> Result<i64, StoreError> {
    let (last, previous): (i64, [u8; 32]) = c
        .prepare_cached(
            "SELECT audit_number, audit_hash, revision, known, serving_since, checkpoints
             FROM counter WHERE id = 1",
        )?
        .query_row([], |r| {
            evidence.revision = r.get(2)?;
            evidence.known = r.get(3)?;
            evidence.serving = r.get(4)?;
            evidence.checkpoints = r.get(5)?;
            Ok((r.get(0)?, r.get(1)?))
        })?;
    let evidence = serde_json::to_string(&evidence)
        .map_err(|error| StoreError::Unavailable(error.to_string()))?;
    let number = last + 1;
    let actor = entry.actor.principal.map(|who| (blob(who.tenant), blob(who.object)));
    let target = entry.target.map(|who| (blob(who.tenant), blob(who.object)));
    let fields = Fields {
        number,
        at: entry.at,
        actor: actor.as_ref().map(|(t, o)| (&t[..], &o[..])),
        client: entry.actor.client.as_deref(),
        token: entry.actor.token.as_deref(),
        request: &entry.actor.request,
        action: entry.action.number(),
        target: target.as_ref().map(|(t, o)| (&t[..], &o[..])),
        detail: entry.detail,
        versions: entry.versions,
        evidence: Some(&evidence),
    };
    let hash = fields.hash(&previous);
    c.prepare_cached(
        "INSERT INTO audit VALUES (?1,?2,?3,?4,?5,?6,?7,?8,?9,?10,?11,?12,?13,?14,?15,?16)",
    )?
    .execute(params![
        number,
        entry.at,
        actor.map(|a| a.0),
        actor.map(|a| a.1),
        entry.actor.client,
        entry.actor.token,
        entry.actor.request,
        entry.action.number(),
        target.map(|t| t.0),
        target.map(|t| t.1),
        entry.detail,
        entry.versions.0,
        entry.versions.1,
        previous,
        hash,
        evidence,
    ])?;
    c.prepare_cached("UPDATE counter SET audit_number = ?1, audit_hash = ?2 WHERE id = 1")?
        .execute(params![number, hash])?;
    Ok(number)
}

/// Adds a record of the store's own state: `detail` says what has changed.
pub fn append_state(
    c: &Connection,
    at: i64,
    detail: &serde_json::Value,
    evidence: Evidence,
) -> Result<i64, StoreError> {
    let actor = Actor { principal: None, client: None, token: None, request: "store".to_owned() };
    let (action, detail) = (AuditAction::StoreState, detail.to_string());
    let (target, versions, actor, detail) = (None, (None, None), &actor, detail.as_str());
    append_with(c, &Entry { at, actor, action, target, detail, versions }, evidence)
}

/// Adds the record of a read.
pub fn append_read(c: &Connection, actor: &Actor, at: i64, detail: &str) -> Result<(), StoreError> {
    let (action, target, versions) = (AuditAction::ReportRead, None, (None, None));
    append(c, &Entry { at, actor, action, target, detail, versions })
}

/// The fields of a record, as they are hashed.
pub struct Fields<'f> {
    pub number: i64,
    pub at: i64,
    pub actor: Option<(&'f [u8], &'f [u8])>,
    pub client: Option<&'f str>,
    pub token: Option<&'f str>,
    pub request: &'f str,
    pub action: i64,
    pub target: Option<(&'f [u8], &'f [u8])>,
    pub detail: &'f str,
    pub versions: (Option<i64>, Option<i64>),
    /// `None` in records of versions without.
    pub evidence: Option<&'f str>,
}

impl Fields<'_> {
    /// SHA-256 over the hash before and every field, each with its length before it: no two
    /// records have the same encoding.
    pub fn hash(&self, previous: &[u8]) -> [u8; 32] {
        let mut hash = Context::new(&SHA256);
        let mut put = |bytes: Option<&[u8]>| {
            let length = bytes.map_or(u32::MAX, |bytes| bytes.len() as u32);
            hash.update(&length.to_be_bytes());
            hash.update(bytes.unwrap_or_default());
        };
        put(Some(previous));
        for number in
            [Some(self.number), Some(self.at), Some(self.action), self.versions.0, self.versions.1]
        {
            put(number.map(i64::to_be_bytes).as_ref().map(|bytes| &bytes[..]));
        }
        for pair in [self.actor, self.target] {
            put(pair.map(|pair| pair.0));
            put(pair.map(|pair| pair.1));
        }
        for text in [self.client, self.token, Some(self.request), Some(self.detail)] {
            put(text.map(str::as_bytes));
        }
        // A record without is hashed as the versions without did.
        if let Some(evidence) = self.evidence {
            put(Some(evidence.as_bytes()));
        }
        let mut out = [0; 32];
        out.copy_from_slice(hash.finish().as_ref());
        out
    }
}

/// What the register must be after a change, so that it can be derived again from the log.
pub fn link_detail(before: Option<&LinkRecord>, after: &LinkRecord, known: i64) -> String {
    let mut detail = json!({
        "partnerBefore": before.filter(|l| l.state == LinkState::Active).map(|l| l.partner.to_string()),
        "partner": after.partner.to_string(),
        "active": after.state == LinkState::Active,
        "created": ticks(after.created),
        "updated": ticks(after.updated),
        "known": known,
    });
    // Only a correction of a date goes back.
    if let Some(ahead) = before.filter(|before| before.updated >= after.updated) {
        detail["dateCorrected"] = ahead.updated.to_string().into();
    }
    detail.to_string()
}

/// The hash of an imported file.
pub fn content_hash(text: &str) -> String {
    crate::seal::hex(aws_lc_rs::digest::digest(&SHA256, text.as_bytes()).as_ref())
}
