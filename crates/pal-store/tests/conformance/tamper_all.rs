//! Every table and every column: whatever is changed, taken out, put in or rolled back by other means
//! is found (P13, T67). What there is to try is read from the schema.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use pal_model::PrivacyLevel;
use pal_store::LinkAction::{Create, Delete, Update};
use pal_store::audit::covered::{TABLES, Table};
use pal_store::{
    App, CountChange, DATABASE, Login, NewCounted, NewPortalSession, NewRefreshToken, PieceRef,
    PrivacyChange, SqliteOptions, SqliteStore, Store,
};
use rusqlite::ErrorCode::{ConstraintViolation, TypeMismatch};
use rusqlite::types::Value;
use rusqlite::{Connection, params_from_iter};
use tempfile::TempDir;

use super::usage::{JUNE, MAY, counting, piece, same, whole};
use super::{ADA, CONTOSO, FABRIKAM, FACTS, OPS, actor, ada, change, id, import, may, usage, who};

const EVE: &str = "fab00000-1000-4000-8000-000000000e5e";

/// A data folder in two states: everything that can change has changed from one to the other.
pub struct Evidence {
    pub folder: TempDir,
    /// Copies of the database.
    pub earlier: PathBuf,
    now: PathBuf,
}

fn principal(object: &str, rest: &str) -> String {
    format!(
        "{{\"kind\":\"principal\",\"tenant\":\"{FABRIKAM}\",\"object\":\"{object}\",\"type\":\"User\"{rest}}}\n"
    )
}

fn session(n: u8, login: Option<&str>) -> NewPortalSession {
    NewPortalSession {
        hash: [n; 32],
        login: login.map(|login| (login.to_owned(), "hash 1".to_owned())),
        account: ada(),
        issuer: "issuer".to_owned(),
        created: may(2),
        ends: may(if n == 9 { 3 } else { 20 }),
    }
}

fn token(n: u8, days: u32) -> NewRefreshToken {
    NewRefreshToken {
        hash: [n; 32],
        family: [n; 16],
        upn: "ada@contoso.example".to_owned(),
        client: "client".to_owned(),
        expires: may(days),
    }
}

fn app(n: u8, secret: &str) -> App {
    let client = format!("7a110000-7000-4000-8000-0000000000{n:02}").parse().unwrap();
    let principal = who(FABRIKAM, OPS);
    App { client, principal, secret_hashes: vec![secret.to_owned()], certificates: Vec::new() }
}

async fn put_login(store: &dyn Store, upn: &str, hash: &str, objects: &[&str], day: u32) {
    let accounts = objects.iter().map(|object| who(FABRIKAM, object)).collect();
    let login = Login { upn: upn.to_owned(), password_hash: hash.to_owned(), accounts };
    store.put_login(login, may(day), actor()).await.unwrap();
}

/// The first state: some of everything.
async fn begin(store: &dyn Store) {
    let more = principal(EVE, ",\"from\":\"2026-01-01T00:00:00Z\"");
    import(store, &format!("{FACTS}{more}"), may(1)).await.unwrap();
    store.begin_serving(may(1)).await.unwrap();
    for owner in [ada(), who(FABRIKAM, EVE)] {
        change(store, owner, Create(id("5127255")), may(2)).await.unwrap();
    }
    let objects = [ADA, EVE];
    put_login(store, "ada@contoso.example", "hash 1", &objects, 2).await;
    put_login(store, "eve@contoso.example", "hash 1", &[EVE], 2).await;
    for n in 1..3 {
        store.put_app(app(n, "secret 1"), may(2), actor()).await.unwrap();
    }
    for (n, login) in [(1, None), (2, Some("ada@contoso.example")), (3, None), (9, None)] {
        assert!(store.keep_portal_session(session(n, login)).await.unwrap());
    }
    for (n, days) in [(1, 30), (2, 30), (3, 4)] {
        store.keep_refresh_token(token(n, days)).await.unwrap();
    }
    let pieces = vec![piece(0, MAY, "a", 1), piece(1, MAY, "b", 2)];
    let mut first = counting(usage::import(store, 3, &["k", "l"], pieces).await, &[]);
    first.landed = Some("entry 1".to_owned());
    store.import_usage(first).await.unwrap();
    usage::count(store, 4, vec![piece(0, JUNE, "c", 3)]).await;
}

/// The second state: what can change has changed.
async fn go_on(store: &dyn Store) {
    change(store, ada(), Update(id("5127256")), may(5)).await.unwrap();
    change(store, who(FABRIKAM, EVE), Delete(None), may(5)).await.unwrap();
    let off = principal(EVE, ",\"enabled\":false,\"from\":\"2026-05-06T00:00:00Z\"");
    let tenant = format!("{{\"kind\":\"tenant\",\"tenant\":\"{CONTOSO}\"}}\n");
    import(store, &format!("{off}{tenant}"), may(6)).await.unwrap();
    let (tenant, level) = (FABRIKAM.parse().unwrap(), PrivacyLevel::Masked);
    let change = PrivacyChange { tenant, level, at: may(6), actor: actor() };
    assert!(store.set_privacy(change).await.unwrap());
    put_login(store, "eve@contoso.example", "hash 2", &[ADA], 7).await;
    store.put_app(app(2, "secret 2"), may(7), actor()).await.unwrap();
    assert!(store.switch_portal_session([2; 32], who(FABRIKAM, EVE)).await.unwrap());
    store.end_portal_session([3; 32]).await.unwrap();
    let late = NewPortalSession { created: may(8), ..session(4, None) };
    assert!(store.keep_portal_session(late).await.unwrap());
    store.use_portal_session([1; 32], may(8)).await.unwrap();
    store.rotate_refresh_token([1; 32], "client", [11; 32], may(8)).await.unwrap();
    store.revoke_refresh_family([2; 16]).await.unwrap();
    let pieces = vec![piece(0, MAY, "a", 5), same(0, 2)];
    let mut newer = counting(usage::import(store, 9, &["k"], pieces).await, &[1, 2]);
    let selection = Some(vec![(0, 1, 2)]);
    newer.counts.begin[0] = NewCounted { selection, ..whole(PieceRef::New(0), 2) };
    newer.counts.begin.push(whole(PieceRef::New(1), 2));
    store.import_usage(newer).await.unwrap();
    let (name, landed) = ("x".to_owned(), Some("entry 2".to_owned()));
    store.refuse_usage(may(9), actor(), name, landed, "row 7".to_owned()).await.unwrap();
    let version = store.usage_statements().await.unwrap().version;
    let counts = CountChange { end: vec![3], begin: vec![] };
    store.withdraw_usage(2, may(10), actor(), version, counts).await.unwrap();
    let unchanged = usage::import(store, 10, &["m"], vec![same(0, 3)]).await;
    store.import_usage(unchanged).await.unwrap();
    let asked = pal_store::FactsAt { known_at: Some(may(11)), ..Default::default() };
    store.facts(asked).await.unwrap();
}

impl Evidence {
    pub async fn gathered() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let (earlier, now) = (folder.path().join("earlier.db"), folder.path().join("now.db"));
        let store = SqliteStore::open(folder.path(), SqliteOptions::default()).unwrap();
        begin(&store).await;
        store.checkpoint(may(4)).unwrap().unwrap();
        copy(&folder.path().join(DATABASE), &earlier);
        go_on(&store).await;
        store.checkpoint(may(12)).unwrap().unwrap();
        drop(store);
        copy(&folder.path().join(DATABASE), &now);
        Self { folder, earlier, now }
    }

    /// What is found after an edit of a copy that is opened with the earlier one beside it; `None` =
    /// the database does not allow the edit.
    pub fn found(
        &self,
        edit: impl FnOnce(&Connection) -> rusqlite::Result<()>,
    ) -> Option<Vec<String>> {
        for end in ["", "-wal", "-shm"] {
            let _ = std::fs::remove_file(self.folder.path().join(format!("{DATABASE}{end}")));
        }
        let path = self.folder.path().join(DATABASE);
        std::fs::copy(&self.now, &path).unwrap();
        let c = Connection::open(&path).unwrap();
        c.execute_batch("PRAGMA foreign_keys = OFF; PRAGMA ignore_check_constraints = ON").unwrap();
        c.execute("ATTACH ?1 AS earlier", [self.earlier.to_str().unwrap()]).unwrap();
        if let Err(error) = edit(&c) {
            let code = error.sqlite_error_code();
            let refused = [Some(ConstraintViolation), Some(TypeMismatch)].contains(&code);
            assert!(refused, "{error}");
            return None;
        }
        drop(c);
        Some(match pal_store::audit::verify(self.folder.path(), None, None) {
            Ok(report) => report.findings.iter().map(ToString::to_string).collect(),
            Err(error) => vec![error.to_string()],
        })
    }
}

fn copy(database: &Path, to: &Path) {
    let c = Connection::open(database).unwrap();
    c.execute("VACUUM INTO ?1", [to.to_str().unwrap()]).unwrap();
}

/// A table as it is: names of columns, how many of them are the key, and the rows.
struct Content {
    columns: Vec<String>,
    key: Vec<usize>,
    rows: Vec<Vec<Value>>,
}

fn columns(c: &Connection, table: &str) -> Vec<(String, bool)> {
    let mut statement =
        c.prepare("SELECT name, pk > 0 FROM pragma_table_info(?1) ORDER BY cid").unwrap();
    let rows = statement.query_map([table], |r| Ok((r.get(0)?, r.get(1)?))).unwrap();
    rows.collect::<Result<_, _>>().unwrap()
}

fn content(database: &Path, table: &str) -> Content {
    let c = Connection::open(database).unwrap();
    let described = columns(&c, table);
    let key = described.iter().enumerate().filter(|(_, (_, key))| *key).map(|(at, _)| at).collect();
    let mut statement = c.prepare(&format!("SELECT * FROM {table}")).unwrap();
    let read = |r: &rusqlite::Row| (0..described.len()).map(|at| r.get(at)).collect();
    let rows = statement.query_map([], read).unwrap().collect::<Result<_, _>>().unwrap();
    Content { columns: described.iter().map(|(name, _)| name.clone()).collect(), key, rows }
}

impl Content {
    fn key(&self, row: &[Value]) -> Vec<Value> {
        self.key.iter().map(|at| row[*at].clone()).collect()
    }

    /// `WHERE` for a row, its values beginning at a number.
    fn which(&self, first: usize) -> String {
        let part = |(n, at): (usize, &usize)| format!("{} = ?{}", self.columns[*at], first + n);
        self.key.iter().enumerate().map(part).collect::<Vec<_>>().join(" AND ")
    }
}

/// Other values than one.
fn others(value: &Value) -> Vec<Value> {
    match value {
        Value::Null => {
            vec![Value::Integer(1), Value::Text("x".to_owned()), Value::Blob(vec![1; 32])]
        }
        Value::Integer(n) => {
            let next = Value::Integer(n.wrapping_add(1));
            vec![Value::Integer(1i64.wrapping_sub(*n)), next, Value::Null]
        }
        Value::Real(_) => panic!("there is no column of this kind"),
        Value::Text(text) => {
            vec![Value::Text(format!("{text}x")), Value::Text(String::new()), Value::Null]
        }
        Value::Blob(bytes) => {
            let flipped =
                bytes.iter().enumerate().map(|(at, byte)| if at == 0 { byte ^ 1 } else { *byte });
            vec![Value::Blob(flipped.collect()), Value::Null]
        }
    }
}

fn put_in(c: &Connection, table: &str, row: &[Value]) -> rusqlite::Result<()> {
    let places: Vec<String> = (1..=row.len()).map(|n| format!("?{n}")).collect();
    let sql = format!("INSERT INTO {table} VALUES ({})", places.join(", "));
    c.execute(&sql, params_from_iter(row)).map(|_| ())
}

fn take_out(c: &Connection, table: &str, content: &Content, row: &[Value]) -> rusqlite::Result<()> {
    let sql = format!("DELETE FROM {table} WHERE {}", content.which(1));
    c.execute(&sql, params_from_iter(content.key(row))).map(|_| ())
}

/// A table or column without a verdict stops here: say in `audit::covered` how it is covered.
#[tokio::test]
async fn every_column_has_a_verdict() {
    let evidence = Evidence::gathered().await;
    let c = Connection::open(&evidence.now).unwrap();
    let sql = "SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite_%'";
    let mut statement = c.prepare(sql).unwrap();
    let there: BTreeSet<String> =
        statement.query_map([], |r| r.get(0)).unwrap().collect::<Result<_, _>>().unwrap();
    let judged: BTreeSet<String> = TABLES.iter().map(|table| table.name.to_owned()).collect();
    assert_eq!(there, judged);
    for table in TABLES {
        let there: Vec<String> =
            columns(&c, table.name).into_iter().map(|(name, _)| name).collect();
        let free = table.free.iter().map(|(name, reason)| {
            assert!(reason.len() > 20, "{}.{name} needs a reason", table.name);
            *name
        });
        let mut judged: Vec<&str> = table.covered.iter().copied().chain(free).collect();
        let mut named: Vec<&str> = there.iter().map(String::as_str).collect();
        judged.sort_unstable();
        named.sort_unstable();
        assert_eq!(judged, named, "columns of {}", table.name);
    }
}

/// A few rows from all over a table; with `PAL_TAMPER=all` every one.
fn some(rows: &[Vec<Value>]) -> impl Iterator<Item = &Vec<Value>> {
    let all = std::env::var("PAL_TAMPER").is_ok_and(|asked| asked == "all");
    let step = if all { 1 } else { rows.len().div_ceil(4) };
    rows.iter().step_by(step)
}

fn is_free(table: &Table, column: &str) -> bool {
    table.free.iter().any(|(name, _)| *name == column)
}

#[tokio::test]
async fn t67_every_change_deletion_insertion_and_rollback_is_found() {
    let evidence = Evidence::gathered().await;
    assert_eq!(evidence.found(|_| Ok(())), Some(Vec::new()), "an untouched folder is whole");
    let (mut missed, mut tried) = (Vec::new(), 0);
    for table in TABLES {
        let (then, now) =
            (content(&evidence.earlier, table.name), content(&evidence.now, table.name));
        assert!(!now.rows.is_empty(), "nothing is in {}: put something there", table.name);
        let mut judge = |what: String, found: Option<Vec<String>>| {
            tried += usize::from(found.is_some());
            if found.as_ref().is_some_and(Vec::is_empty) {
                missed.push(format!("{}: {what}", table.name));
            }
            found.is_some()
        };
        for (at, column) in now.columns.iter().enumerate().filter(|(_, name)| !is_free(table, name))
        {
            let mut changed = false;
            for row in some(&now.rows) {
                for other in others(&row[at]).into_iter().filter(|other| *other != row[at]) {
                    let sql =
                        format!("UPDATE {} SET {column} = ?1 WHERE {}", table.name, now.which(2));
                    let values = std::iter::once(other.clone()).chain(now.key(row));
                    let done =
                        evidence.found(|c| c.execute(&sql, params_from_iter(values)).map(|_| ()));
                    changed |= judge(format!("{column} of {:?} is {other:?}", now.key(row)), done);
                }
            }
            assert!(changed, "{}.{column} was not tried", table.name);
        }
        for row in some(&now.rows) {
            let done = evidence.found(|c| take_out(c, table.name, &now, row));
            assert!(judge(format!("{:?} taken out", now.key(row)), done));
            judge(
                format!("a copy of {:?}", now.key(row)),
                put_in_anew(&evidence, table.name, &now, row),
            );
        }
        roll_back(&evidence, table, &then, &now, &mut judge);
    }
    assert!(missed.is_empty(), "not found, of {tried}:\n{}", missed.join("\n"));
    assert!(tried > 500, "{tried}");
}

/// Puts a row in beside one, with another key, and other texts where the database asks for them.
fn put_in_anew(
    evidence: &Evidence,
    table: &str,
    now: &Content,
    row: &[Value],
) -> Option<Vec<String>> {
    let another = |value: &Value| match value {
        Value::Integer(number) => Value::Integer(number.wrapping_add(500)),
        other => others(other).swap_remove(0),
    };
    let mut by_key = row.to_vec();
    for at in &now.key {
        by_key[*at] = another(&row[*at]);
    }
    let all = row.iter().map(|value| match value {
        Value::Null => Value::Null,
        value => another(value),
    });
    let all: Vec<Value> = all.collect();
    let done = evidence
        .found(|c| put_in(c, table, &by_key))
        .or_else(|| evidence.found(|c| put_in(c, table, &all)));
    assert!(done.is_some(), "nothing could be put into {table}");
    done
}

/// Each row, and the whole table, as it was before.
fn roll_back(
    evidence: &Evidence,
    table: &Table,
    then: &Content,
    now: &Content,
    judge: &mut impl FnMut(String, Option<Vec<String>>) -> bool,
) {
    let name = table.name;
    let covered = |row: &[Value]| -> Vec<Value> {
        let values = row.iter().zip(&now.columns).filter(|(_, column)| !is_free(table, column));
        values.map(|(value, _)| value.clone()).collect()
    };
    let mut differs = false;
    for row in &then.rows {
        let current = now.rows.iter().find(|other| now.key(other) == then.key(row));
        if current.is_some_and(|current| covered(current) == covered(row)) {
            continue;
        }
        differs = true;
        let done = evidence.found(|c| {
            take_out(c, name, now, row)?;
            put_in(c, name, row)
        });
        assert!(judge(format!("{:?} rolled back", then.key(row)), done));
    }
    differs |= then.rows.len() != now.rows.len();
    assert!(differs, "nothing has changed in {name} between the two states: change something");
    let done = evidence.found(|c| {
        c.execute_batch(&format!(
            "DELETE FROM main.{name}; INSERT INTO main.{name} SELECT * FROM earlier.{name}"
        ))
    });
    assert!(judge("all of it rolled back".to_owned(), done));
}

/// A trigger could change what is written later.
#[tokio::test]
async fn t67_a_changed_schema_is_found() {
    let evidence = Evidence::gathered().await;
    for sql in [
        "CREATE TRIGGER t AFTER INSERT ON fact BEGIN UPDATE link SET partner = 1; END",
        "DROP INDEX fact_account",
        "ALTER TABLE link ADD COLUMN a TEXT",
    ] {
        let found = evidence.found(|c| c.execute_batch(sql)).unwrap();
        assert!(found.iter().any(|f| f.contains("version")), "{sql}: {found:?}");
    }
}
