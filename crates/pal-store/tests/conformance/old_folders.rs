//! Data folders of earlier versions open; what their logs say holds, and from the first start of this
//! version on everything is covered.

use std::path::Path;

use pal_store::LinkAction::Delete;
use pal_store::audit::Finding;
use pal_store::{DATABASE, FactStore, FactsAt, SignInStore, SqliteOptions, SqliteStore, Store};
use rusqlite::Connection;
use tempfile::TempDir;

use super::usage::{MAY, piece};
use super::{ada, change, import, may, usage};

/// A folder as version 4 left it: made by a program of that time, with `pal import facts`, `pal serve`,
/// `pal credential` and `pal usage import`.
fn version_4() -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    let c = Connection::open(folder.path().join(DATABASE)).unwrap();
    c.execute_batch(include_str!("old/version-4.sql")).unwrap();
    let kept = [
        ("kept.jsonl", include_str!("old/version-4-checkpoints.jsonl")),
        ("kept.pub", include_str!("old/version-4-audit.pub")),
    ];
    for (name, text) in kept {
        std::fs::write(folder.path().join(name), text).unwrap();
    }
    // Another key than the one that signed what was kept: that one is not in the fixture.
    std::fs::create_dir_all(folder.path().join("keys")).unwrap();
    pal_store::Seal::make(&folder.path().join("keys/audit.key")).unwrap();
    folder
}

/// A folder as version 10 left it: facts, links, sessions and usage in every state that they can have.
fn version_10() -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    let c = Connection::open(folder.path().join(DATABASE)).unwrap();
    c.execute_batch(include_str!("old/version-10.sql")).unwrap();
    let kept = [
        ("kept.jsonl", include_str!("old/version-10-checkpoints.jsonl")),
        ("kept.pub", include_str!("old/version-10-audit.pub")),
    ];
    for (name, text) in kept {
        std::fs::write(folder.path().join(name), text).unwrap();
    }
    std::fs::create_dir_all(folder.path().join("keys")).unwrap();
    let key = include_bytes!("old/version-10-audit.key");
    std::fs::write(folder.path().join("keys/audit.key"), key).unwrap();
    std::fs::copy(folder.path().join("kept.pub"), folder.path().join("keys/audit.pub")).unwrap();
    std::fs::create_dir_all(folder.path().join("audit")).unwrap();
    let own = folder.path().join("audit/checkpoints.jsonl");
    std::fs::copy(folder.path().join("kept.jsonl"), own).unwrap();
    folder
}

fn findings(folder: &Path) -> Vec<Finding> {
    let (kept, key) = (folder.join("kept.jsonl"), folder.join("kept.pub"));
    pal_store::audit::verify(folder, Some(&kept), Some(&key)).unwrap().findings
}

async fn facts(store: &dyn Store, known_at: Option<&str>) -> String {
    let known_at = known_at.map(super::at);
    store.facts(FactsAt { known_at, tenant: None, links: true }).await.unwrap().text
}

#[tokio::test]
async fn a_folder_of_version_4_is_whole_before_and_after_its_migration() {
    let folder = version_4();
    assert_eq!(findings(folder.path()), [], "before");
    let store = SqliteStore::open(folder.path(), SqliteOptions::default()).unwrap();
    assert_eq!(findings(folder.path()), [], "after");
    let earlier = facts(&store, Some("2026-11-29T23:46:32Z")).await;
    assert!(!earlier.contains("\"enabled\":false") && earlier.contains("5127255"), "{earlier}");
    // It goes on, and stays whole.
    let last = store.facts(FactsAt::default()).await.unwrap();
    assert!(last.text.contains("\"enabled\":false"), "{}", last.text);
    let on = "{\"kind\":\"principal\",\"tenant\":\"fab00000-0000-4000-8000-000000000000\",\"object\":\"fab00000-1000-4000-8000-000000000ada\",\"type\":\"User\",\"from\":\"2026-11-01T00:00:00Z\"}\n";
    import(&store, on, may(1)).await.unwrap();
    change(&store, ada(), Delete(None), super::at("2026-12-01T00:00:00Z")).await.unwrap();
    usage::count(&store, 2, vec![piece(0, MAY, "a", 1)]).await;
    store.checkpoint(may(2)).unwrap().unwrap();
    assert!(store.facts(FactsAt::default()).await.unwrap().known_at > last.known_at);
    assert_eq!(findings(folder.path()), [], "and on");
    assert_eq!(facts(&store, Some("2026-11-29T23:46:32Z")).await, earlier);
    drop(store);
    let store = SqliteStore::open(folder.path(), SqliteOptions::default()).unwrap();
    assert_eq!(findings(folder.path()), [], "opened again");
    drop(store);
}

/// The facts that were known at each instant are the same lines, before and after rows have numbers of changes.
#[tokio::test]
async fn a_folder_of_version_10_says_the_same_of_every_instant() {
    let folder = version_10();
    assert_eq!(findings(folder.path()), [], "before");
    let lines = |ticks: i64| -> Vec<String> {
        let c = Connection::open(folder.path().join(DATABASE)).unwrap();
        let sql =
            "SELECT line FROM fact WHERE known <= ?1 AND (superseded IS NULL OR superseded > ?1)
                   ORDER BY kind, subject, begins, ends";
        let mut statement = c.prepare(sql).unwrap();
        statement.query_map([ticks], |r| r.get(0)).unwrap().map(Result::unwrap).collect()
    };
    let instants = ["2026-05-05T00:00:00Z", "2026-05-06T00:00:00Z", "2026-05-07T00:00:00Z"];
    let day = 864_000_000_000;
    let fifth = 17_779_392_000_000_000;
    let expected: Vec<Vec<String>> = (0..3).map(|days| lines(fifth + days * day)).collect();
    assert_ne!(expected[0], expected[1]);
    let store = SqliteStore::open(folder.path(), SqliteOptions::default()).unwrap();
    for (instant, expected) in instants.iter().zip(expected) {
        let known_at = Some(super::at(instant));
        let read = store.facts(FactsAt { known_at, tenant: None, links: false }).await.unwrap();
        let found: Vec<&str> = read.text.lines().collect();
        assert_eq!(found.len(), expected.len(), "{instant}");
        for (found, expected) in found.iter().zip(&expected) {
            assert!(found.starts_with(expected.trim_end_matches('}')), "{found}\n{expected}");
        }
    }
    assert_eq!(findings(folder.path()), [], "after");
}

/// A secret of an earlier version goes on to sign in, as the first of a list.
#[tokio::test]
async fn secrets_of_a_folder_of_version_4_are_kept() {
    let folder = version_4();
    let c = Connection::open(folder.path().join(DATABASE)).unwrap();
    let sql = "INSERT INTO app VALUES
        (x'7a110000700040008000000000000001', x'fab00000000040008000000000000000', zeroblob(16), ?1, '[\"PEM\"]'),
        (x'7a110000700040008000000000000002', x'fab00000000040008000000000000000', zeroblob(16), NULL, '[]')";
    c.execute(sql, ["hash"]).unwrap();
    drop(c);
    let store = SqliteStore::open(folder.path(), SqliteOptions::default()).unwrap();
    for (client, hashes, certificates) in [
        ("7a110000-7000-4000-8000-000000000001", vec!["hash"], vec!["PEM"]),
        ("7a110000-7000-4000-8000-000000000002", vec![], vec![]),
    ] {
        let app = store.app(client.parse().unwrap(), None).await.unwrap().unwrap();
        assert_eq!(app.secret_hashes, hashes);
        assert_eq!(app.certificates, certificates);
    }
    assert_eq!(findings(folder.path()), []);
}

#[tokio::test]
async fn t67_what_an_earlier_version_left_is_covered_from_the_first_start() {
    for sql in [
        "UPDATE fact SET line = replace(line, 'Utrecht', 'Malmö') WHERE kind = 'partner'",
        "UPDATE fact SET ended = NULL WHERE ended IS NOT NULL",
        "UPDATE fact SET ended = ended + 1 WHERE ended IS NOT NULL",
        "UPDATE fact SET begun = 99 WHERE n = 1",
        "UPDATE fact SET begun = 1 WHERE n = 1",
        "UPDATE fact SET known = 1 WHERE n = 1",
        "UPDATE fact_change SET known = known + 1 WHERE n = 1",
        "UPDATE fact_change SET known = known + 1 WHERE n = 0",
        "DELETE FROM fact_change WHERE n = 1",
        "INSERT INTO fact_change VALUES (99, 1)",
        "DELETE FROM fact WHERE n = 1",
        "UPDATE login SET password_hash = 'x'",
        "UPDATE usage_import SET name = 'x'",
        "UPDATE usage_import SET withdrawn = NULL",
        "UPDATE usage_import SET reason = 'x'",
        "UPDATE usage_read SET bytes = 1",
        "UPDATE counter SET serving_since = NULL",
        "UPDATE counter SET known = 0",
        "UPDATE audit SET detail = '{}' WHERE n = 4",
        "UPDATE audit SET evidence = NULL WHERE evidence IS NOT NULL",
        "INSERT INTO portal_session VALUES (zeroblob(32), NULL, zeroblob(16), zeroblob(16), 'x', 1, 1, 9)",
        // As if it were of a version that covers less.
        "PRAGMA user_version = 4; UPDATE login SET password_hash = 'x'",
    ] {
        for folder in [version_4(), version_10()] {
            drop(SqliteStore::open(folder.path(), SqliteOptions::default()).unwrap());
            let c = Connection::open(folder.path().join(DATABASE)).unwrap();
            c.execute_batch(sql).unwrap();
            drop(c);
            assert_ne!(findings(folder.path()), [], "{sql}");
        }
    }
}

/// Digests of earlier versions are over many rows at once; those of a row that was erased since cannot be made again.
#[tokio::test]
async fn a_person_is_erased_from_a_folder_of_an_earlier_version() {
    let folder = version_10();
    let store = SqliteStore::open(folder.path(), SqliteOptions::default()).unwrap();
    let accounts = vec![ada()];
    let erasure = pal_store::PersonErasure { accounts, at: may(9), actor: super::actor() };
    let erased = pal_store::ErasureStore::erase_person(&store, erasure).await.unwrap();
    assert_eq!((erased.person.facts, erased.not_overwritten), (1, None));
    assert_eq!(findings(folder.path()), []);
    drop(store);
}
