//! Who can sign in at the embedded issuer, and refresh tokens: hashes only.

use async_trait::async_trait;
use pal_model::{Guid, Instant, Principal, TenantId, is_same_name};
use rusqlite::{Connection, OptionalExtension, params};
use serde_json::json;

use super::SqliteStore;
use super::apps::{self, record};
use super::known;
use super::session_log::{SessionLog, TOKENS, hashes};
use super::value::{blob, instant, pair, ticks};
use crate::{
    Actor, App, CredentialChange, CredentialError, Login, NewRefreshToken, RefreshError,
    RefreshToken, SignInStore, StoreError,
};

#[async_trait]
impl SignInStore for SqliteStore {
    async fn login(&self, upn: &str) -> Result<Option<Login>, StoreError> {
        let upn = upn.to_owned();
        self.read(move |c| login(c, &upn)).await
    }

    async fn login_of(&self, account: Principal) -> Result<Option<Login>, StoreError> {
        self.read(move |c| login_of(c, account)).await
    }

    async fn app(&self, client: Guid, tenant: Option<TenantId>) -> Result<Option<App>, StoreError> {
        self.read(move |c| apps::app(c, client, tenant)).await
    }

    async fn put_login(&self, login: Login, at: Instant, actor: Actor) -> Result<(), StoreError> {
        self.writer.write(move |c| put_login(c, &login, at, &actor)).await
    }

    async fn put_app(&self, app: App, at: Instant, actor: Actor) -> Result<(), StoreError> {
        self.writer.write(move |c| apps::put(c, &app, at, &actor)).await
    }

    async fn change_credentials(
        &self,
        client: Guid,
        who: Principal,
        change: CredentialChange,
        at: Instant,
        actor: Actor,
    ) -> Result<App, CredentialError> {
        let change = move |c: &Connection| apps::change(c, client, who, change, at, &actor);
        self.writer.write(change).await
    }

    async fn keep_refresh_token(&self, token: NewRefreshToken) -> Result<(), StoreError> {
        self.writer.write(move |c| keep_first(c, &token)).await
    }

    async fn refresh_token_owner(&self, token: [u8; 32]) -> Result<Option<String>, StoreError> {
        self.read(move |c| owner(c, token)).await
    }

    async fn rotate_refresh_token(
        &self,
        token: [u8; 32],
        client: &str,
        successor: [u8; 32],
        now: Instant,
    ) -> Result<RefreshToken, RefreshError> {
        let client = client.to_owned();
        let rotate = move |c: &Connection| rotate(c, token, &client, successor, now);
        match self.writer.write(rotate).await? {
            Rotated::Done(token) => Ok(token),
            Rotated::Invalid => Err(RefreshError::Invalid),
            Rotated::Reused => Err(RefreshError::Reused),
        }
    }

    async fn revoke_refresh_family(&self, family: [u8; 16]) -> Result<(), StoreError> {
        self.writer.write(move |c| revoke(c, family)).await
    }
}

/// A person by sign-in name.
pub fn login(c: &Connection, upn: &str) -> Result<Option<Login>, StoreError> {
    let mut statement = c.prepare_cached("SELECT upn, password_hash FROM login WHERE upn = ?1")?;
    let upn = kept_name(c, upn)?;
    let row = statement.query_row([upn], |r| Ok((r.get(0)?, r.get(1)?))).optional()?;
    let Some((upn, password_hash)) = row else { return Ok(None) };
    let upn: String = upn;
    let mut statement =
        c.prepare_cached("SELECT tenant, object FROM login_account WHERE upn = ?1 ORDER BY place")?;
    let rows = statement.query_map([&upn], |r| Ok((r.get(0)?, r.get(1)?)))?;
    let mut accounts = Vec::new();
    for row in rows {
        let (tenant, object) = row?;
        accounts.push(pair(tenant, object));
    }
    Ok(Some(Login { upn, password_hash, accounts }))
}

/// A sign-in name as it is kept. The database compares A to Z without case; a name with other
/// letters is looked for among all, of which the embedded issuer has few.
fn kept_name(c: &Connection, upn: &str) -> Result<String, StoreError> {
    if upn.is_ascii() {
        return Ok(upn.to_owned());
    }
    let mut statement = c.prepare_cached("SELECT upn FROM login")?;
    let mut rows = statement.query([])?;
    while let Some(row) = rows.next()? {
        let kept: String = row.get(0)?;
        if is_same_name(&kept, upn) {
            return Ok(kept);
        }
    }
    Ok(upn.to_owned())
}

/// The sign-in names of an account, in their order.
pub fn names_of(c: &Connection, account: Principal) -> Result<Vec<String>, StoreError> {
    let mut statement = c.prepare_cached(
        "SELECT upn FROM login_account WHERE tenant = ?1 AND object = ?2 ORDER BY upn",
    )?;
    let values = params![blob(account.tenant), blob(account.object)];
    let names = statement.query_map(values, |r| r.get(0))?;
    Ok(names.collect::<Result<_, _>>()?)
}

/// The person behind an account.
pub fn login_of(c: &Connection, account: Principal) -> Result<Option<Login>, StoreError> {
    names_of(c, account)?.first().map_or(Ok(None), |upn| login(c, upn))
}

/// Sets a person.
pub fn put_login(
    c: &Connection,
    login: &Login,
    at: Instant,
    actor: &Actor,
) -> Result<(), StoreError> {
    let mut log = SessionLog::default();
    remove(c, &kept_name(c, &login.upn)?, &mut log)?;
    c.execute(
        "INSERT INTO login (upn, password_hash) VALUES (?1, ?2)",
        params![login.upn, login.password_hash],
    )?;
    for (place, account) in login.accounts.iter().enumerate() {
        c.execute(
            "INSERT INTO login_account (upn, place, tenant, object) VALUES (?1, ?2, ?3, ?4)",
            params![
                login.upn,
                i64::try_from(place).unwrap_or(i64::MAX),
                blob(account.tenant),
                blob(account.object)
            ],
        )?;
    }
    let detail = json!({ "accounts": login.accounts.len() }).to_string();
    record(c, at, actor, login.accounts.first().copied(), &detail, log)
}

/// Takes away a person's sign-in, with its tokens and sessions.
pub fn remove(c: &Connection, upn: &str, log: &mut SessionLog) -> Result<(), StoreError> {
    c.execute("DELETE FROM login WHERE upn = ?1", [upn])?;
    log.take_out(c, TOKENS, "upn = ?1 COLLATE NOCASE", params![upn])?;
    super::portal::end_login(c, upn, log)
}

/// Appends what became of a person's tokens.
fn record_tokens(
    c: &Connection,
    upn: &str,
    log: SessionLog,
    at: Option<Instant>,
) -> Result<(), StoreError> {
    let who = login(c, upn)?.and_then(|login| login.accounts.first().copied());
    let at = at.map_or_else(|| known::last_known(c).map(|last| known::now(instant(last))), Ok)?;
    log.record(c, who, ticks(at))
}

/// The sign-in name of a token that has not been used.
pub fn owner(c: &Connection, token: [u8; 32]) -> Result<Option<String>, StoreError> {
    let mut statement =
        c.prepare_cached("SELECT upn FROM refresh_token WHERE hash = ?1 AND used = 0")?;
    Ok(statement.query_row([token], |r| r.get(0)).optional()?)
}

/// Keeps a token of a family.
fn keep(c: &Connection, token: &NewRefreshToken) -> Result<(), StoreError> {
    c.prepare_cached(
        "INSERT INTO refresh_token (hash, family, upn, client, expires) VALUES (?1, ?2, ?3, ?4, ?5)",
    )?
    .execute(params![token.hash, token.family, token.upn, token.client, ticks(token.expires)])?;
    Ok(())
}

pub fn keep_first(c: &Connection, token: &NewRefreshToken) -> Result<(), StoreError> {
    keep(c, token)?;
    let mut log = SessionLog::default();
    log.put(c, TOKENS, &token.hash)?;
    record_tokens(c, &token.upn, log, None)
}

/// How a rotation ends; a reuse is no failure of the transaction: the revocation must stay.
pub enum Rotated {
    Done(RefreshToken),
    Invalid,
    Reused,
}

/// No refresh token is kept for longer: the 30 days of the issuer, and one for clocks that differ.
const LONGEST_DAYS: i64 = 31;

const fn ticks_of_days(days: i64) -> i64 {
    days * 86_400 * 10_000_000
}

/// Uses up a token, keeps the next.
pub fn rotate(
    c: &Connection,
    token: [u8; 32],
    client: &str,
    successor: [u8; 32],
    now: Instant,
) -> Result<Rotated, RefreshError> {
    let row = c
        .prepare_cached(
            "SELECT family, upn, client, expires, used FROM refresh_token WHERE hash = ?1",
        )
        .and_then(|mut statement| {
            let read = |r: &rusqlite::Row| {
                Ok((r.get(0)?, r.get(1)?, r.get(2)?, r.get::<_, i64>(3)?, r.get::<_, bool>(4)?))
            };
            statement.query_row([token], read).optional()
        })
        .map_err(StoreError::from)?;
    let Some((family, upn, owner, expires, used)) = row else { return Ok(Rotated::Invalid) };
    let owner: String = owner;
    // One that ends later than any can was kept while the clock was ahead: it would live for years.
    let (now_is, longest) = (ticks(now), ticks_of_days(LONGEST_DAYS));
    if owner != client || expires <= now_is || expires > now_is.saturating_add(longest) {
        return Ok(Rotated::Invalid);
    }
    if used {
        revoke(c, family)?;
        return Ok(Rotated::Reused);
    }
    c.execute("UPDATE refresh_token SET used = 1 WHERE hash = ?1", [token])
        .map_err(StoreError::from)?;
    let next =
        NewRefreshToken { hash: successor, family, upn, client: owner, expires: instant(expires) };
    keep(c, &next)?;
    let mut log = SessionLog::default();
    log.put(c, TOKENS, &token)?;
    log.put(c, TOKENS, &successor)?;
    // Families that are over are no use to anybody.
    let ended = c
        .prepare_cached("DELETE FROM refresh_token WHERE expires < ?1")
        .and_then(|mut statement| statement.execute([ticks(now)]))
        .map_err(StoreError::from)?;
    if ended > 0 {
        log.over(TOKENS, ticks(now) - 1);
    }
    record_tokens(c, &next.upn, log, Some(now))?;
    let NewRefreshToken { upn, client, expires, .. } = next;
    Ok(Rotated::Done(RefreshToken { family, upn, client, expires }))
}

/// Ends a family. Its rows stay, so that a later use is still known as one.
pub fn revoke(c: &Connection, family: [u8; 16]) -> Result<(), StoreError> {
    let unused = hashes(c, TOKENS, "family = ?1 AND used = 0", [family])?;
    c.prepare_cached("UPDATE refresh_token SET used = 1 WHERE family = ?1")?.execute([family])?;
    let mut log = SessionLog::default();
    for token in &unused {
        log.put(c, TOKENS, token)?;
    }
    let sql = "SELECT upn FROM refresh_token WHERE family = ?1 LIMIT 1";
    let upn: Option<String> = c.query_row(sql, [family], |r| r.get(0)).optional()?;
    upn.map_or(Ok(()), |upn| record_tokens(c, &upn, log, None))
}
