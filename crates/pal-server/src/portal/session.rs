//! From a cookie to the account that it stands for now.

use aws_lc_rs::digest::{SHA256, digest};
use axum::http::HeaderMap;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use pal_identity::{Caller, CallerKind};
use pal_model::Instant;
use pal_store::{Account, NewPortalSession, PortalSession};

use super::cookies::{SESSION, find};
use super::{Portal, same};
use crate::App;
use crate::http::{HttpError, live};

/// How often it is kept that a session was used, in seconds: it ends that much early at most.
const KEPT_EVERY: i64 = 60;

#[derive(Clone)]
pub struct Current {
    cookie: String,
    /// SHA-256 of the cookie.
    pub hash: [u8; 32],
    pub kept: PortalSession,
    /// Its account, as the directory has it now.
    pub account: Account,
}

/// What a request's cookie stands for.
pub enum SessionState {
    Nothing,
    /// An account that may do nothing any more: the session has just been ended.
    Ended(HttpError),
    Session(Box<Current>),
}

pub fn cookie(app: &App) -> (String, [u8; 32]) {
    let mut bytes = [0; 32];
    app.random.fill(&mut bytes);
    let cookie = URL_SAFE_NO_PAD.encode(bytes);
    let hash = hash(&cookie);
    (cookie, hash)
}

fn hash(cookie: &str) -> [u8; 32] {
    let mut out = [0; 32];
    out.copy_from_slice(digest(&SHA256, cookie.as_bytes()).as_ref());
    out
}

/// The hash of the cookie of a request, whether or not there is a session.
pub fn hash_of(headers: &HeaderMap) -> Option<[u8; 32]> {
    find(headers, SESSION).filter(|cookie| cookie.len() == 43).map(hash)
}

/// What a request's cookie stands for now.
///
/// # Errors
/// The store cannot be asked.
pub async fn current(
    app: &App,
    portal: &Portal,
    headers: &HeaderMap,
) -> Result<SessionState, HttpError> {
    let Some(cookie) = find(headers, SESSION).filter(|cookie| cookie.len() == 43) else {
        return Ok(SessionState::Nothing);
    };
    let (hash, now) = (hash(cookie), app.now());
    let Some(kept) = app.store.portal_session(hash).await? else {
        return Ok(SessionState::Nothing);
    };
    if now >= end(portal, &kept) || is_ahead(portal, &kept, now) {
        app.store.end_portal_session(hash).await?;
        return Ok(SessionState::Nothing);
    }
    let account = match live(app.store.account(kept.account, now).await?) {
        Ok(account) => account,
        Err(error) => {
            app.store.end_portal_session(hash).await?;
            return Ok(SessionState::Ended(error));
        }
    };
    let cookie = cookie.to_owned();
    Ok(SessionState::Session(Box::new(Current { cookie, hash, kept, account })))
}

/// Clocks are set back by so many seconds without ending anything.
const SET_BACK: i64 = 600;

/// Whether a session began, or was used, at a time that has not come: the clock was ahead then, and the session would
/// outlast its limits by as much.
fn is_ahead(portal: &Portal, kept: &PortalSession, now: Instant) -> bool {
    let latest = after(now, SET_BACK);
    kept.used > latest || kept.ends > after(latest, portal.options.absolute_seconds)
}

/// When a session ends if it is not used again.
pub fn end(portal: &Portal, kept: &PortalSession) -> Instant {
    after(kept.used, portal.options.idle_seconds).min(kept.ends)
}

/// So many seconds later.
fn after(at: Instant, seconds: i64) -> Instant {
    let later = at.nanoseconds() + i128::from(seconds) * 1_000_000_000;
    Instant::from_nanoseconds(later).unwrap_or(Instant::MAX)
}

impl Current {
    /// What every change must bring along. It is of the session and its account: a page that was made
    /// for another directory cannot change anything in this one.
    pub fn csrf(&self, portal: &Portal) -> String {
        let who = self.kept.account;
        portal.tag("csrf", &[&self.cookie, &who.tenant.to_string(), &who.object.to_string()])
    }

    /// Whether a change was asked for by a page of this session and this directory.
    pub fn is_own(&self, portal: &Portal, csrf: &str) -> bool {
        same(csrf, &self.csrf(portal))
    }

    /// The session was used; kept once a minute, or at once.
    ///
    /// # Errors
    /// The store cannot be asked.
    pub async fn used(&mut self, app: &App, at_once: bool) -> Result<(), HttpError> {
        let now = app.now();
        if at_once || now >= after(self.kept.used, KEPT_EVERY) {
            app.store.use_portal_session(self.hash, now).await?;
            self.kept.used = self.kept.used.max(now);
        }
        Ok(())
    }

    /// As the handlers for programs know a caller. The hash stands for the token in the audit log.
    pub fn caller(&self, portal: &Portal) -> Caller {
        Caller {
            principal: self.kept.account,
            kind: CallerKind::User,
            client: Some(portal.issuer.client().to_owned()),
            token: pal_store::hex(&self.hash),
            expires: self.kept.ends,
        }
    }
}

pub fn new(
    app: &App,
    portal: &Portal,
    hash: [u8; 32],
    who: super::provider::Person,
) -> NewPortalSession {
    let created = app.now();
    NewPortalSession {
        hash,
        login: who.login,
        account: who.account,
        issuer: who.issuer,
        created,
        ends: after(created, portal.options.absolute_seconds),
    }
}
