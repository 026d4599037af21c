//! Data folders of earlier versions, brought to this one.

use std::path::Path;

use pal_store::{
    CountChange, DATABASE, ImportState, SqliteOptions, SqliteStore, Store, UsageStore,
    WithdrawError,
};
use rusqlite::Connection;
use tempfile::TempDir;

use super::usage::{MAY, counted, counting, import, piece, rows};
use super::wrong;
use super::{actor, may};

const MIGRATIONS: [&str; 4] = [
    include_str!("../../migrations/sqlite/0001_begin.sql"),
    include_str!("../../migrations/sqlite/0002_usage.sql"),
    include_str!("../../migrations/sqlite/0003_portal.sql"),
    include_str!("../../migrations/sqlite/0004_privacy.sql"),
];

/// A folder of a version of the tables, with some data.
fn folder(version: i64, data: &str) -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    let old = Connection::open(folder.path().join(DATABASE)).unwrap();
    for migration in MIGRATIONS.iter().take(version as usize) {
        old.execute_batch(migration).unwrap();
    }
    old.execute_batch(data).unwrap();
    old.pragma_update(None, "user_version", version).unwrap();
    // A folder that was in use has a key.
    std::fs::create_dir_all(folder.path().join("keys")).unwrap();
    pal_store::Seal::make(&folder.path().join("keys/audit.key")).unwrap();
    folder
}

fn open(folder: &Path) -> SqliteStore {
    SqliteStore::open(folder, SqliteOptions::default()).unwrap()
}

/// A folder of a version without usage opens, keeps what it has, and can be verified before that.
#[tokio::test]
async fn a_folder_without_usage_opens() {
    let folder = folder(1, "UPDATE counter SET revision = 41");
    assert_eq!(wrong(folder.path()), []);
    let store = open(folder.path());
    assert_eq!(store.usage(None).await.unwrap().revision, 41);
    let first = import(&store, 1, &["k"], vec![piece(0, MAY, "a", 1)]).await;
    store.import_usage(counting(first, &[])).await.unwrap();
    assert_eq!(store.revision().await.unwrap(), 42);
    drop(store);
    assert_eq!(wrong(folder.path()), []);
}

/// What an earlier version imported stays listed, counts no more, and can be imported again, also by
/// itself from a watched folder. The log still proves what it can.
#[tokio::test]
async fn usage_of_an_earlier_version_is_listed_and_counts_no_more() {
    let folder = folder(4, include_str!("earlier/version_4.sql"));
    assert_eq!(wrong(folder.path()), [], "before it is brought to this version");
    for sql in [
        "UPDATE usage_piece SET costs = '[]' WHERE n = 5",
        "UPDATE usage_piece SET superseded = 1 WHERE n = 5",
        "UPDATE usage_import SET rows = 8 WHERE n = 1",
        "UPDATE usage_import SET withdrawn = NULL WHERE n = 3",
    ] {
        let folder = self::folder(4, &format!("{}{sql}", include_str!("earlier/version_4.sql")));
        assert_ne!(wrong(folder.path()), [], "{sql}");
    }
    let store = open(folder.path());
    assert_eq!(counted(&store, None).await, rows(&[]));
    assert_eq!(store.usage_statements().await.unwrap().statements, []);
    assert_eq!(store.charge_files().await.unwrap(), []);
    assert_eq!(store.revision().await.unwrap(), 6, "what counts has changed");
    let listed = store.usage_imports(9).await.unwrap();
    let earlier = "imported by an earlier version; import these files again";
    let told: Vec<_> = listed
        .iter()
        .map(|i| (i.number, i.state, i.reason.as_deref(), i.withdrawn, i.rows, i.read.len()))
        .collect();
    let (counted_then, unchanged) = (ImportState::Counted, ImportState::Unchanged);
    let ten = Some(may(10));
    let expected = [
        (6, unchanged, Some(earlier), ten, 5, 1),
        (5, counted_then, Some(earlier), ten, 5, 1),
        (4, ImportState::Refused, Some("row 7"), None, 0, 0),
        (3, counted_then, None, Some(may(5)), 4, 1),
        (2, counted_then, Some(earlier), ten, 4, 1),
        (1, counted_then, Some(earlier), ten, 3, 1),
    ];
    assert_eq!(told, expected);
    assert!(listed.iter().all(|import| import.outcome == "{}"));
    assert!(!store.usage_landed("entry 1").await.unwrap(), "it is to be imported again");
    let version = store.usage_statements().await.unwrap().version;
    let nothing = CountChange::default();
    let error = store.withdraw_usage(1, may(11), actor(), version, nothing).await.unwrap_err();
    assert!(matches!(error, WithdrawError::AlreadyWithdrawn(1)), "{error}");
    let mut again = import(&store, 9, &["k"], vec![piece(0, MAY, "a", 1)]).await;
    again.landed = Some("entry 1".to_owned());
    let done = store.import_usage(counting(again, &[])).await.unwrap();
    assert_eq!((done.number, done.revision), (7, 7));
    assert!(done.known.unwrap() > may(10), "an instant of its own");
    assert!(store.usage_landed("entry 1").await.unwrap());
    drop(store);
    assert_eq!(wrong(folder.path()), []);
    for sql in [
        "UPDATE usage_import SET name = 'y' WHERE n = 1",
        "UPDATE usage_import SET withdrawn = NULL WHERE n = 1",
        "UPDATE usage_import SET withdrawn = withdrawn + 1 WHERE n = 1",
        "UPDATE usage_import SET withdrawn = withdrawn + 1 WHERE n = 3",
        "UPDATE usage_import SET reason = NULL WHERE n = 2",
        "UPDATE usage_import SET reason = 'y' WHERE n = 2",
        "UPDATE usage_import SET reason = (SELECT reason FROM usage_import WHERE n = 1) WHERE n = 3",
        "UPDATE usage_import SET state = 'counted' WHERE n = 4",
        "UPDATE usage_import SET rows = 8 WHERE n = 5",
        "UPDATE usage_import SET outcome = '{\"a\":1}' WHERE n = 6",
        "UPDATE usage_read SET statement = 1 WHERE import = 1",
        "UPDATE usage_read SET rows = 8 WHERE import = 2",
        "PRAGMA foreign_keys = OFF; DELETE FROM usage_import WHERE n = 6",
    ] {
        let path = folder.path().join(DATABASE);
        let connection = Connection::open(&path).unwrap();
        connection.execute_batch("PRAGMA wal_checkpoint(TRUNCATE)").unwrap();
        let whole = std::fs::read(&path).unwrap();
        connection.execute_batch(sql).unwrap();
        drop(connection);
        assert_ne!(wrong(folder.path()), [], "{sql}");
        std::fs::write(&path, whole).unwrap();
    }
    assert_eq!(wrong(folder.path()), []);
}
