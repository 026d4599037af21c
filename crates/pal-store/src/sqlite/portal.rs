//! Sessions of the portal: the hash of a browser's cookie, and the account it stands for.

use async_trait::async_trait;
use pal_model::{Instant, Principal};
use rusqlite::{Connection, OptionalExtension, params};

use super::SqliteStore;
use super::known;
use super::session_log::{PORTAL, SessionLog, TOKENS, hashes};
use super::value::{blob, instant, pair, ticks};
use crate::{NewPortalSession, PortalSession, PortalStore, StoreError};

#[async_trait]
impl PortalStore for SqliteStore {
    async fn keep_portal_session(&self, session: NewPortalSession) -> Result<bool, StoreError> {
        self.writer.write(move |c| keep(c, &session)).await
    }

    async fn portal_session(&self, hash: [u8; 32]) -> Result<Option<PortalSession>, StoreError> {
        self.read(move |c| find(c, hash)).await
    }

    async fn use_portal_session(&self, hash: [u8; 32], at: Instant) -> Result<(), StoreError> {
        self.writer.write(move |c| touch(c, hash, at)).await
    }

    async fn switch_portal_session(
        &self,
        hash: [u8; 32],
        to: Principal,
    ) -> Result<bool, StoreError> {
        self.writer.write(move |c| switch(c, hash, to)).await
    }

    async fn end_portal_session(&self, hash: [u8; 32]) -> Result<(), StoreError> {
        self.writer.write(move |c| end(c, hash)).await
    }

    async fn end_portal_sessions(&self, hash: [u8; 32]) -> Result<(), StoreError> {
        self.writer.write(move |c| end_all(c, hash)).await
    }
}

/// Keeps a session, unless the password was changed meanwhile.
pub fn keep(c: &Connection, new: &NewPortalSession) -> Result<bool, StoreError> {
    let mut log = SessionLog::default();
    // What is over is no use to anybody.
    let over = ticks(new.created);
    let ended = c.prepare_cached("DELETE FROM portal_session WHERE ends <= ?1")?.execute([over])?;
    if ended > 0 {
        log.over(PORTAL, over);
    }
    let (login, password_hash) = new.login.as_ref().map(|(upn, hash)| (upn, hash)).unzip();
    let kept = c
        .prepare_cached(
            "INSERT INTO portal_session (hash, login, tenant, object, issuer, created, used, ends)
             SELECT ?1, ?2, ?3, ?4, ?5, ?6, ?6, ?7
             WHERE ?2 IS NULL OR EXISTS (
                 SELECT 1 FROM login JOIN login_account USING (upn)
                 WHERE upn = ?2 AND password_hash = ?8 AND tenant = ?3 AND object = ?4)",
        )?
        .execute(params![
            new.hash,
            login,
            blob(new.account.tenant),
            blob(new.account.object),
            new.issuer,
            ticks(new.created),
            ticks(new.ends),
            password_hash,
        ])?;
    log.put(c, PORTAL, &new.hash)?;
    log.record(c, Some(new.account), over)?;
    Ok(kept == 1)
}

/// The time of a change whose caller does not say it.
fn moment(c: &Connection) -> Result<i64, StoreError> {
    Ok(ticks(known::now(instant(known::last_known(c)?))))
}

/// A session, however old it is.
pub fn find(c: &Connection, hash: [u8; 32]) -> Result<Option<PortalSession>, StoreError> {
    let mut statement = c.prepare_cached(
        "SELECT login, tenant, object, issuer, created, used, ends FROM portal_session
         WHERE hash = ?1",
    )?;
    let read = |r: &rusqlite::Row| {
        Ok(PortalSession {
            login: r.get(0)?,
            account: pair(r.get(1)?, r.get(2)?),
            issuer: r.get(3)?,
            created: instant(r.get(4)?),
            used: instant(r.get(5)?),
            ends: instant(r.get(6)?),
        })
    };
    Ok(statement.query_row([hash], read).optional()?)
}

/// A session was used.
pub fn touch(c: &Connection, hash: [u8; 32], at: Instant) -> Result<(), StoreError> {
    c.prepare_cached("UPDATE portal_session SET used = max(used, ?2) WHERE hash = ?1")?
        .execute(params![hash, ticks(at)])?;
    Ok(())
}

/// Another account of the same person.
pub fn switch(c: &Connection, hash: [u8; 32], to: Principal) -> Result<bool, StoreError> {
    let switched = c
        .prepare_cached(
            "UPDATE portal_session SET tenant = ?2, object = ?3 WHERE hash = ?1 AND EXISTS (
                 SELECT 1 FROM login_account AS a
                 WHERE a.upn = portal_session.login AND a.tenant = ?2 AND a.object = ?3)",
        )?
        .execute(params![hash, blob(to.tenant), blob(to.object)])?;
    if switched == 1 {
        let mut log = SessionLog::default();
        log.put(c, PORTAL, &hash)?;
        log.record(c, Some(to), moment(c)?)?;
    }
    Ok(switched == 1)
}

/// Ends a session.
pub fn end(c: &Connection, hash: [u8; 32]) -> Result<(), StoreError> {
    let Some(session) = find(c, hash)? else { return Ok(()) };
    c.prepare_cached("DELETE FROM portal_session WHERE hash = ?1")?.execute([hash])?;
    let mut log = SessionLog::default();
    log.gone(PORTAL, &hash);
    log.record(c, Some(session.account), moment(c)?)
}

/// Ends every session of a session's person, and their refresh tokens.
pub fn end_all(c: &Connection, hash: [u8; 32]) -> Result<(), StoreError> {
    let Some(session) = find(c, hash)? else { return Ok(()) };
    let mut log = SessionLog::default();
    if let Some(login) = session.login {
        // The rows of refresh tokens stay, so that a later use is still known as one.
        let unused = hashes(c, TOKENS, "upn = ?1 COLLATE NOCASE AND used = 0", [&login])?;
        c.execute("UPDATE refresh_token SET used = 1 WHERE upn = ?1 COLLATE NOCASE", [&login])?;
        for token in unused {
            log.put(c, TOKENS, &token)?;
        }
        end_login(c, &login, &mut log)?;
    } else {
        let account = params![blob(session.account.tenant), blob(session.account.object)];
        log.take_out(c, PORTAL, "login IS NULL AND tenant = ?1 AND object = ?2", account)?;
    }
    log.record(c, Some(session.account), moment(c)?)
}

/// Ends every session of a person at the embedded issuer.
pub fn end_login(c: &Connection, login: &str, log: &mut SessionLog) -> Result<(), StoreError> {
    log.take_out(c, PORTAL, "login = ?1", params![login])
}
