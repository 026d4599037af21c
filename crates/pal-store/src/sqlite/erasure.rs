//! Erasing a person: names go, identifiers stay.
//!
//! # The idea
//!
//! Reports must stay what they were, and the audit log must still be whole. Both need identifiers and times, and no
//! name. So a row of facts keeps its place, its times and the fields that reports are made of, and loses the others. The
//! record of the erasure has the digests that each row had before and has since: `audit::verify` puts the former in the
//! place of the latter when it compares the rows with the record that brought them.
//!
//! The erasure is a change of facts that brings no rows. Everybody who keeps facts in memory reads them anew, and an
//! import that began before begins again.
//!
//! `SQLite` leaves old bytes in free space and in its write-ahead log. The database is written anew at the end, and the
//! log is emptied.
//!
//! # Worked example
//!
//! Record 5 brought fact 12, `{…,"name":"Ann Smit","signInName":"ann@fabrikam.example"}`, with the digest of the
//! digests of rows 11, 12 and 13. Ann is erased: fact 12 is `{…}` from now on, with another digest. Record 80, of the
//! erasure, says `{"fact":12,"before":"aa…","since":"bb…"}`. To verify record 5 is to find `bb…` for row 12, and to go
//! on with `aa…`.

use std::collections::BTreeSet;
use std::path::Path;
use std::time::Duration;

use async_trait::async_trait;
use pal_model::{Fact, Instant, Principal, PrincipalKind, is_same_name};
use rusqlite::{Connection, params};
use serde_json::json;

use super::audit::{self, Entry};
use super::evidence::{ErasedFact, Evidence, Sealed};
use super::fact_line::Line;
use super::known::next_known;
use super::session_log::{PORTAL, SessionLog};
use super::value::{blob, instant, pair, ticks};
use super::writer::Writer;
use super::{SqliteStore, bump, connect, fact_import, fact_log, sign_in};
use crate::seal::hex;
use crate::{AuditAction, EraseError, Erased, ErasureStore, Person, PersonErasure, StoreError};

/// How often, and after what time, emptying the log is tried again while somebody reads an earlier state.
const ATTEMPTS: usize = 50;
const PAUSE: Duration = Duration::from_millis(200);

/// A person, and what becomes of the rows of facts.
struct Plan {
    person: Person,
    /// The row, the place of its account in the person, and its new line.
    rows: Vec<(i64, usize, String)>,
}

#[async_trait]
impl ErasureStore for SqliteStore {
    async fn person(&self, accounts: &[Principal]) -> Result<Person, EraseError> {
        let (path, accounts) = (self.path.clone(), accounts.to_owned());
        let read = move || person(&connect::open(&path)?, &accounts);
        let done = tokio::task::spawn_blocking(read).await;
        done.unwrap_or_else(|error| Err(StoreError::Unavailable(error.to_string()).into()))
    }

    async fn erase_person(&self, erasure: PersonErasure) -> Result<Erased, EraseError> {
        let (path, writer) = (self.path.clone(), self.writer.clone());
        let done = tokio::task::spawn_blocking(move || erase(&path, &writer, erasure)).await;
        done.unwrap_or_else(|error| Err(StoreError::Unknown(error.to_string()).into()))
    }

    async fn erased(&self, who: Principal) -> Result<Option<Instant>, StoreError> {
        self.read(move |c| erased(c, who)).await
    }
}

/// What is kept of a person.
fn person(c: &Connection, accounts: &[Principal]) -> Result<Person, EraseError> {
    Ok(plan(c, accounts)?.person)
}

/// Erases a person. Blocks until it is durable and no file has the names any more.
fn erase(path: &Path, writer: &Writer, erasure: PersonErasure) -> Result<Erased, EraseError> {
    let _lock = fact_import::lock(path)?;
    let reader = connect::open(path)?;
    fact_import::take_out_leftovers(&reader, writer)?;
    let Plan { person, rows } = plan(&reader, &erasure.accounts)?;
    drop(reader);
    let erased = person.clone();
    writer.write_now(move |c| write(c, &erased, &rows, &erasure))?;
    Ok(Erased { person, not_overwritten: overwrite(path) })
}

/// When an account was erased last.
fn erased(c: &Connection, who: Principal) -> Result<Option<Instant>, StoreError> {
    let mut statement = c.prepare_cached(&format!(
        "SELECT max(at) FROM audit
         WHERE {} AND target_tenant = ?1 AND target_object = ?2",
        fact_log::is_erasure()
    ))?;
    let values = params![blob(who.tenant), blob(who.object)];
    let at: Option<i64> = statement.query_row(values, |r| r.get(0))?;
    Ok(at.map(instant))
}

fn plan(c: &Connection, accounts: &[Principal]) -> Result<Plan, EraseError> {
    let mut person = Person::default();
    let mut found: BTreeSet<Principal> = accounts.iter().copied().collect();
    // Each turn adds accounts that share something with one that is there, until none is added.
    while found.len() > person.accounts.len() {
        person = named(c, &found)?;
        found.extend(accounts_of(c, &person)?);
    }
    for account in accounts {
        check(c, *account)?;
    }
    let rows = rows(c, &person.accounts)?;
    person.facts = rows.len();
    Ok(Plan { person, rows })
}

/// Refuses an account of which nothing is known, and one that is no person's.
fn check(c: &Connection, who: Principal) -> Result<(), EraseError> {
    let stated = facts_of(c, who)?;
    let is_other = |line: &Line| matches!(&line.fact, Fact::Principal(fact) if fact.kind != PrincipalKind::User);
    if stated.iter().any(is_other) {
        return Err(EraseError::NotAPerson(who));
    }
    if stated.is_empty() && sign_in::names_of(c, who)?.is_empty() {
        return Err(EraseError::Unknown(who));
    }
    Ok(())
}

/// What was ever stated of an account.
fn facts_of(c: &Connection, who: Principal) -> Result<Vec<Line>, StoreError> {
    let sql = "SELECT line FROM fact WHERE kind = 'principal' AND tenant = ?1 AND object = ?2
               ORDER BY n";
    let mut statement = c.prepare_cached(sql)?;
    let values = params![blob(who.tenant), blob(who.object)];
    let lines = statement.query_map(values, |r| r.get::<_, String>(0))?;
    lines.map(|line| Line::stored(&line?)).collect()
}

/// What facts and the embedded issuer call some accounts.
fn named(c: &Connection, accounts: &BTreeSet<Principal>) -> Result<Person, StoreError> {
    let [mut names, mut sign_in_names, mut logins] = [(); 3].map(|()| BTreeSet::new());
    for who in accounts {
        for line in facts_of(c, *who)? {
            if let Fact::Principal(fact) = line.fact {
                names.extend(fact.name);
                sign_in_names.extend(fact.sign_in_name);
            }
        }
        logins.extend(sign_in::names_of(c, *who)?);
    }
    Ok(Person {
        accounts: accounts.iter().copied().collect(),
        names: names.into_iter().collect(),
        sign_in_names: sign_in_names.into_iter().collect(),
        logins: logins.into_iter().collect(),
        facts: 0,
    })
}

/// The accounts that sign in by a name of the person.
fn accounts_of(c: &Connection, person: &Person) -> Result<Vec<Principal>, StoreError> {
    let mut found = Vec::new();
    for name in &person.logins {
        found.extend(sign_in::login(c, name)?.into_iter().flat_map(|login| login.accounts));
    }
    let addresses = person.names.iter().filter(|name| is_address(name));
    let known: Vec<&String> =
        addresses.chain(&person.sign_in_names).chain(&person.logins).collect();
    let mut statement = c.prepare_cached(
        "SELECT tenant, object, json_extract(line, '$.signInName'), json_extract(line, '$.name')
         FROM fact WHERE kind = 'principal'",
    )?;
    let mut rows = statement.query([])?;
    while let Some(row) = rows.next()? {
        let sign_in_name: Option<String> = row.get(2)?;
        let name: Option<String> = row.get(3)?;
        let mut names = sign_in_name.into_iter().chain(name.filter(|name| is_address(name)));
        if names.any(|name| known.iter().any(|known| is_same_name(known, &name))) {
            found.push(pair(row.get(0)?, row.get(1)?));
        }
    }
    Ok(found)
}

/// Whether a display name is an address, and so names one person.
fn is_address(name: &str) -> bool {
    name.contains('@')
}

/// The rows that lose something: those about an account, and others that name it and say more than facts have.
fn rows(c: &Connection, accounts: &[Principal]) -> Result<Vec<(i64, usize, String)>, StoreError> {
    let (mut rows, mut seen) = (Vec::new(), BTreeSet::new());
    let mut statement =
        c.prepare_cached("SELECT n, line FROM fact WHERE instr(lower(line), ?1) ORDER BY n")?;
    for (place, who) in accounts.iter().enumerate() {
        let mut found = statement.query([who.object.to_string()])?;
        while let Some(row) = found.next()? {
            let (n, text): (i64, String) = (row.get(0)?, row.get(1)?);
            let reduced = Line::stored(&text)?.without_names(accounts);
            if reduced != text && seen.insert(n) {
                rows.push((n, place, reduced));
            }
        }
    }
    Ok(rows)
}

/// Writes everything in one transaction, which the caller rolls back on an error.
fn write(
    c: &Connection,
    person: &Person,
    rows: &[(i64, usize, String)],
    erasure: &PersonErasure,
) -> Result<(), EraseError> {
    let (change, known) = (fact_log::new_change(c)?, next_known(c, erasure.at)?);
    let mut facts = vec![Vec::new(); person.accounts.len()];
    for (n, place, line) in rows {
        let before = fact_log::row(c, *n)?;
        c.prepare_cached("UPDATE fact SET line = ?2 WHERE n = ?1")
            .and_then(|mut update| update.execute(params![n, line]))
            .map_err(StoreError::from)?;
        let since = fact_log::row(c, *n)?;
        facts[*place].push(ErasedFact { fact: *n, before: hex(&before), since: hex(&since) });
    }
    let log = end_sign_in(c, person)?;
    bump(c)?;
    let digests = fact_log::rows_of(c, change)?;
    let mut evidence = Evidence {
        facts: Some(fact_log::publish(c, change, known, digests)?),
        ..log.evidence(Evidence::of_tables(c, Sealed::Credentials)?)
    };
    for (account, facts) in person.accounts.iter().zip(facts) {
        evidence.erased = facts;
        let detail = json!({
            "facts": evidence.erased.len(),
            "signIns": person.logins.len(),
            "accounts": person.accounts.len(),
        });
        let entry = Entry {
            at: ticks(erasure.at),
            actor: &erasure.actor,
            action: AuditAction::PersonErase,
            target: Some(*account),
            detail: &detail.to_string(),
            versions: (None, None),
        };
        audit::append_with(c, &entry, std::mem::take(&mut evidence))?;
    }
    Ok(())
}

/// Takes the person's sign-ins, tokens and sessions away.
fn end_sign_in(c: &Connection, person: &Person) -> Result<SessionLog, StoreError> {
    let mut log = SessionLog::default();
    for login in &person.logins {
        sign_in::remove(c, login, &mut log)?;
    }
    for who in &person.accounts {
        let account = params![blob(who.tenant), blob(who.object)];
        log.take_out(c, PORTAL, "tenant = ?1 AND object = ?2", account)?;
    }
    Ok(log)
}

/// Writes the database anew and empties its log; why it could not.
fn overwrite(path: &Path) -> Option<String> {
    let empty = || -> Result<bool, StoreError> {
        let c = connect::open(path)?;
        c.execute_batch("VACUUM")?;
        for _ in 0..ATTEMPTS {
            let sql = "PRAGMA wal_checkpoint(TRUNCATE)";
            if c.query_row(sql, [], |r| r.get::<_, i64>(0))? == 0 {
                return Ok(true);
            }
            std::thread::sleep(PAUSE);
        }
        Ok(false)
    };
    match empty() {
        Ok(true) => None,
        Ok(false) => Some("somebody still reads an earlier state of the database".to_owned()),
        Err(error) => Some(error.to_string()),
    }
}
