//! Applications that sign in at the embedded issuer, and how one secret or certificate of theirs takes the
//! place of another.

use pal_model::{Guid, Instant, Principal, TenantId};
use rusqlite::{Connection, OptionalExtension, params};
use serde_json::json;

use super::audit;
use super::digest::joined;
use super::evidence::{Evidence, Sealed};
use super::session_log::SessionLog;
use super::value::{blob, pair, ticks};
use crate::seal::hex;
use crate::{
    Actor, App, AuditAction, Credential, CredentialChange, CredentialError, CredentialKind,
    StoreError,
};

/// An application's service principal.
pub fn app(c: &Connection, id: Guid, tenant: Option<TenantId>) -> Result<Option<App>, StoreError> {
    let mut statement = c.prepare_cached(
        "SELECT tenant, object, secret_hashes, certificates FROM app
         WHERE client = ?1 AND (?2 IS NULL OR tenant = ?2) ORDER BY tenant LIMIT 1",
    )?;
    let row = statement.query_row(params![blob(id), tenant.map(blob)], |r| {
        let texts = [r.get::<_, String>(2)?, r.get::<_, String>(3)?];
        Ok((r.get(0)?, r.get(1)?, texts))
    });
    let Some((tenant, object, [secrets, certificates])) = row.optional()? else { return Ok(None) };
    let list = |text: &str| {
        let list = serde_json::from_str::<Vec<String>>(text);
        list.map_err(|error| StoreError::Unusable(format!("a stored list of credentials: {error}")))
    };
    let (secret_hashes, certificates) = (list(&secrets)?, list(&certificates)?);
    Ok(Some(App { client: id, principal: pair(tenant, object), secret_hashes, certificates }))
}

/// Sets an application's service principal.
pub fn put(c: &Connection, app: &App, at: Instant, actor: &Actor) -> Result<(), StoreError> {
    keep(c, app)?;
    record_change(c, app, &json!({ "client": app.client.to_string() }), at, actor)
}

fn keep(c: &Connection, app: &App) -> Result<(), StoreError> {
    c.execute(
        "INSERT OR REPLACE INTO app (client, tenant, object, secret_hashes, certificates)
         VALUES (?1, ?2, ?3, ?4, ?5)",
        params![
            blob(app.client),
            blob(app.principal.tenant),
            blob(app.principal.object),
            json!(app.secret_hashes).to_string(),
            json!(app.certificates).to_string(),
        ],
    )?;
    Ok(())
}

fn record_change(
    c: &Connection,
    app: &App,
    what: &serde_json::Value,
    at: Instant,
    actor: &Actor,
) -> Result<(), StoreError> {
    record(c, at, actor, Some(app.principal), &what.to_string(), SessionLog::default())
}

impl App {
    /// Most secrets: each wrong one that somebody sends costs as many hashes.
    pub const SECRETS: usize = 2;
    /// Most certificates.
    pub const CERTIFICATES: usize = 8;

    /// What it signs in with, the oldest of each kind first.
    pub fn credentials(&self) -> Vec<Credential> {
        let of = |kind| move |text: &String| Credential { id: id_of(text), kind };
        let secrets = self.secret_hashes.iter().map(of(CredentialKind::Secret));
        secrets.chain(self.certificates.iter().map(of(CredentialKind::Certificate))).collect()
    }
}

/// Names a credential and says nothing of it: a hash has its own salt.
fn id_of(text: &str) -> String {
    hex(&joined(&[text.trim().as_bytes()])[..6])
}

/// Changes what an application signs in with, judged and written in one transaction.
pub fn change(
    c: &Connection,
    client: Guid,
    who: Principal,
    change: CredentialChange,
    at: Instant,
    actor: &Actor,
) -> Result<App, CredentialError> {
    let found = app(c, client, Some(who.tenant))?.filter(|app| app.principal == who);
    let mut app = found.ok_or(CredentialError::NoApp)?;
    let what = match change {
        CredentialChange::Add { secret_hash, certificates } => {
            app.secret_hashes.extend(secret_hash);
            let fresh = certificates.into_iter().map(|pem| (id_of(&pem), pem));
            for (id, pem) in fresh.collect::<Vec<_>>() {
                if !app.credentials().iter().any(|known| known.id == id) {
                    app.certificates.push(pem);
                }
            }
            let (secrets, certificates) = (app.secret_hashes.len(), app.certificates.len());
            if secrets > App::SECRETS || certificates > App::CERTIFICATES {
                return Err(CredentialError::TooMany);
            }
            json!({ "client": client.to_string(), "change": "add" })
        }
        CredentialChange::Remove(id) => {
            if !app.credentials().iter().any(|credential| credential.id == id) {
                return Err(CredentialError::NoCredential(id));
            }
            app.secret_hashes.retain(|hash| id_of(hash) != id);
            app.certificates.retain(|pem| id_of(pem) != id);
            if app.credentials().is_empty() {
                return Err(CredentialError::Last(id));
            }
            json!({ "client": client.to_string(), "change": "remove", "credential": id })
        }
    };
    keep(c, &app)?;
    record_change(c, &app, &what, at, actor)?;
    Ok(app)
}

/// Appends a record of who can sign in.
pub fn record(
    c: &Connection,
    at: Instant,
    actor: &Actor,
    target: Option<Principal>,
    detail: &str,
    log: SessionLog,
) -> Result<(), StoreError> {
    let (at, action) = (ticks(at), AuditAction::CredentialSet);
    let entry = audit::Entry { at, actor, action, target, detail, versions: (None, None) };
    let evidence = log.evidence(Evidence::of_tables(c, Sealed::Credentials)?);
    audit::append_with(c, &entry, evidence).map(|_| ())
}
