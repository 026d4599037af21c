//! Whoever changes the past is found out, and where (P13, T67).

use std::path::Path;

use pal_store::LinkAction::{Create, Delete, Update};
use pal_store::audit::Finding;
use pal_store::{DATABASE, SqliteOptions, SqliteStore};
use rusqlite::Connection;
use tempfile::TempDir;

use super::{FACTS, ada, change, id, import, may};

/// A folder with six changes of a link, signed after the fourth and at the end; records 6 and 9 say
/// that it was signed.
async fn folder() -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    let store = SqliteStore::open(folder.path(), SqliteOptions::default()).unwrap();
    import(&store, FACTS, may(1)).await.unwrap();
    for (day, action) in [
        (2, Create(id("5127255"))),
        (3, Update(id("5127256"))),
        (4, Delete(None)),
        (5, Create(id("5127255"))),
    ] {
        change(&store, ada(), action, may(day)).await.unwrap();
    }
    store.checkpoint(may(5)).unwrap().unwrap();
    for (day, partner) in [(6, "5127256"), (7, "5127255")] {
        change(&store, ada(), Update(id(partner)), may(day)).await.unwrap();
    }
    store.checkpoint(may(8)).unwrap().unwrap();
    assert!(store.checkpoint(may(8)).unwrap().is_none(), "nothing new, nothing to sign");
    folder
}

fn findings(folder: &Path) -> Vec<String> {
    let found = pal_store::audit::verify(folder, None, None).unwrap().findings;
    found.iter().map(ToString::to_string).collect()
}

fn edit(folder: &Path, sql: &str) {
    Connection::open(folder.join(DATABASE)).unwrap().execute_batch(sql).unwrap();
}

#[tokio::test]
async fn an_untouched_log_is_whole() {
    let folder = folder().await;
    let report = pal_store::audit::verify(folder.path(), None, None).unwrap();
    assert!(report.is_whole(), "{report}");
    assert_eq!((report.records, report.checkpoints, report.links), (9, 2, 1));
}

#[tokio::test]
async fn t67_every_change_by_other_means_is_found() {
    for (what, sql, says) in [
        (
            "a field",
            "UPDATE audit SET detail = replace(detail, '5127256', '5127255') WHERE n = 3",
            "record 3 was changed",
        ),
        ("who did it", "UPDATE audit SET request = 'x' WHERE n = 4", "record 4 was changed"),
        ("a record in the middle gone", "DELETE FROM audit WHERE n = 4", "record 4 is missing"),
        (
            "the end gone",
            "DELETE FROM audit WHERE n >= 7",
            "record 8 has a checkpoint and is not in the log",
        ),
        (
            "two swapped",
            "UPDATE audit SET n = 90 WHERE n = 3; UPDATE audit SET n = 3 WHERE n = 4; UPDATE audit SET n = 4 WHERE n = 90",
            "record 3",
        ),
        (
            "one put in",
            "INSERT INTO audit SELECT 10, at, actor_tenant, actor_object, client, token, request, action, target_tenant, target_object, detail, version_before, version_after, previous, hash, evidence FROM audit WHERE n = 9",
            "record 10",
        ),
        ("the link", "UPDATE link SET partner = 5127256", "is not what the log says"),
        ("the link's version", "UPDATE link SET version = 5", "is not what the log says"),
        ("the link gone", "DELETE FROM link", "in the log and not in the register"),
        (
            "a link put in",
            "INSERT INTO link VALUES (randomblob(16), randomblob(16), 5127255, 1, 0, 0, 1)",
            "is not what the log says",
        ),
        (
            "the history's end",
            "UPDATE link_history SET partner = 5127256 WHERE version = 6",
            "history",
        ),
        (
            "the history's middle",
            "UPDATE link_history SET partner = 5127255 WHERE version = 2",
            "history",
        ),
        (
            "the history's times",
            "UPDATE link_history SET updated = updated - 1 WHERE version = 3",
            "history",
        ),
        (
            "since when the history knows",
            "UPDATE link_history SET known = 0 WHERE version = 3",
            "history",
        ),
        (
            "a version of the history put in",
            "INSERT INTO link_history SELECT tenant, object, 7, partner, updated, known, active FROM link_history WHERE version = 6",
            "the history has 7 versions",
        ),
        ("a version of the history gone", "DELETE FROM link_history WHERE version = 2", "history"),
    ] {
        let folder = folder().await;
        edit(folder.path(), sql);
        let found = findings(folder.path());
        assert!(found.iter().any(|finding| finding.contains(says)), "{what}: {found:?}");
    }
}

/// Whoever can write the database can make a new chain; the checkpoints outside show it.
#[tokio::test]
async fn t67_a_log_written_anew_does_not_fit_its_checkpoints() {
    let (old, new) = (folder().await, tempfile::tempdir().unwrap());
    {
        let store = SqliteStore::open(new.path(), SqliteOptions::default()).unwrap();
        import(&store, FACTS, may(1)).await.unwrap();
        for day in 2..8 {
            let action = if day == 2 { Create(id("5127255")) } else { Update(id("5127256")) };
            change(&store, ada(), action, may(day)).await.unwrap();
        }
        store.checkpoint(may(8)).unwrap();
    }
    assert!(findings(new.path()).is_empty(), "by itself it is whole");
    let kept = old.path().join("audit/checkpoints.jsonl");
    let key = old.path().join("keys/audit.pub");
    let report = pal_store::audit::verify(new.path(), Some(&kept), Some(&key)).unwrap();
    let is_of_it = |found: &Finding| matches!(found, Finding::NotOfItsCheckpoint { .. });
    assert!(report.findings.iter().any(is_of_it), "{report}");
}

#[tokio::test]
async fn t67_an_old_copy_put_back_is_found() {
    let folder = folder().await;
    let copy = folder.path().join("copy.db");
    edit(folder.path(), &format!("VACUUM INTO '{}'", copy.display()));
    {
        let store = SqliteStore::open(folder.path(), SqliteOptions::default()).unwrap();
        change(&store, ada(), Delete(None), may(9)).await.unwrap();
        store.checkpoint(may(9)).unwrap().unwrap();
    }
    assert!(findings(folder.path()).is_empty());
    for end in ["", "-wal", "-shm"] {
        let _ = std::fs::remove_file(folder.path().join(format!("{DATABASE}{end}")));
    }
    std::fs::rename(copy, folder.path().join(DATABASE)).unwrap();
    let found = findings(folder.path());
    assert!(found.iter().any(|f| f.contains("record 10 has a checkpoint")), "{found:?}");
}

#[tokio::test]
async fn t67_checkpoints_that_are_gone_or_forged_are_found() {
    let folder = folder().await;
    let path = folder.path().join("audit/checkpoints.jsonl");
    let text = std::fs::read_to_string(&path).unwrap();
    std::fs::write(&path, text.replacen("\"number\":5", "\"number\":4", 1)).unwrap();
    let found = findings(folder.path());
    assert!(found.iter().any(|f| f.contains("line 1") && f.contains("not signed")), "{found:?}");
    std::fs::remove_file(&path).unwrap();
    let found = findings(folder.path());
    assert!(found.iter().any(|f| f.contains("no checkpoints")), "{found:?}");
}

#[tokio::test]
async fn what_cannot_be_opened_is_said() {
    let folder = folder().await;
    edit(folder.path(), "PRAGMA user_version = 99");
    let error = SqliteStore::open(folder.path(), SqliteOptions::default()).err().unwrap();
    assert!(error.to_string().contains("made by a newer program"), "{error}");
    let other = tempfile::tempdir().unwrap();
    std::fs::write(other.path().join(DATABASE), "this is no database, and long enough to show it")
        .unwrap();
    let error = SqliteStore::open(other.path(), SqliteOptions::default()).err().unwrap();
    assert!(error.to_string().contains("damaged"), "{error}");
}
