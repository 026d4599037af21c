//! Checkpoints that are emptied, cut, forged or put back are found (P13, T67).

use pal_store::LinkAction::Update;
use pal_store::audit::Finding;
use pal_store::{DATABASE, SqliteOptions, SqliteStore};

use super::tamper_all::Evidence;
use super::{ada, at, change, id, may};

/// The whole folder as it was, checkpoints and all, does not fit those that are kept elsewhere.
#[tokio::test]
async fn t67_a_folder_that_is_rolled_back_is_found_by_a_copy_elsewhere() {
    let evidence = Evidence::gathered().await;
    let folder = evidence.folder.path();
    let own = folder.join("audit/checkpoints.jsonl");
    let elsewhere = tempfile::tempdir().unwrap();
    let kept = elsewhere.path().join("kept.jsonl");
    std::fs::copy(&own, &kept).unwrap();
    let first = std::fs::read_to_string(&own).unwrap().lines().next().unwrap().to_owned() + "\n";
    std::fs::write(&own, first).unwrap();
    for end in ["", "-wal", "-shm"] {
        let _ = std::fs::remove_file(folder.join(format!("{DATABASE}{end}")));
    }
    std::fs::copy(&evidence.earlier, folder.join(DATABASE)).unwrap();
    let alone = pal_store::audit::verify(folder, None, None).unwrap();
    assert!(alone.is_whole(), "nothing in the folder can tell: {alone}");
    let found = pal_store::audit::verify(folder, Some(&kept), None).unwrap().findings;
    assert!(found.iter().any(|f| matches!(f, Finding::EndGone { .. })), "{found:?}");
}

/// The log knows of each checkpoint that was signed.
#[tokio::test]
async fn t67_checkpoints_that_are_emptied_cut_or_taken_out_are_found() {
    let evidence = Evidence::gathered().await;
    let own = evidence.folder.path().join("audit/checkpoints.jsonl");
    let text = std::fs::read_to_string(&own).unwrap();
    let lines: Vec<&str> = text.lines().collect();
    assert_eq!(lines.len(), 2);
    for (what, left) in [
        ("emptied", String::new()),
        ("a line feed", "\n".to_owned()),
        ("the last one cut", format!("{}\n", lines[0])),
        ("the last one cut short", format!("{}\n{}", lines[0], &lines[1][..20])),
        ("the first one gone", format!("{}\n", lines[1])),
        ("one twice", format!("{0}\n{0}\n", lines[1])),
    ] {
        std::fs::write(&own, left).unwrap();
        let found = evidence.found(|_| Ok(())).unwrap();
        assert!(!found.is_empty(), "{what}");
        // Nor does another start and another checkpoint make up for it.
        let store = SqliteStore::open(evidence.folder.path(), SqliteOptions::default()).unwrap();
        change(&store, ada(), Update(id("5127255")), may(13)).await.unwrap();
        store.checkpoint(at("2026-05-13T00:00:00Z")).unwrap().unwrap();
        drop(store);
        let found = pal_store::audit::verify(evidence.folder.path(), None, None).unwrap().findings;
        assert!(
            found.iter().any(|f| matches!(f, Finding::CheckpointGone { .. })),
            "{what}: {found:?}"
        );
    }
    std::fs::remove_file(&own).unwrap();
    let found = evidence.found(|_| Ok(())).unwrap();
    assert!(found.iter().any(|f| f.contains("was signed, and is not in")), "{found:?}");
}

/// A copy may be older than the log; it may not be empty or lack one in between.
#[tokio::test]
async fn t67_a_copy_of_the_checkpoints_may_be_older_and_not_thinner() {
    let evidence = Evidence::gathered().await;
    let folder = evidence.folder.path();
    let text = std::fs::read_to_string(folder.join("audit/checkpoints.jsonl")).unwrap();
    let lines: Vec<&str> = text.lines().collect();
    let kept = folder.join("kept.jsonl");
    for (copy, whole) in
        [(lines[0].to_owned(), true), (lines[1].to_owned(), false), (String::new(), false)]
    {
        std::fs::write(&kept, copy + "\n").unwrap();
        let report = pal_store::audit::verify(folder, Some(&kept), None).unwrap();
        assert_eq!(report.is_whole(), whole, "{report}");
    }
}
