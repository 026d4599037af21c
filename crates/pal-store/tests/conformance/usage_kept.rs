//! Usage over time: what is kept, listed, withdrawn, and found out when it is changed.

use pal_store::OnChange::{Add, Restate};
use pal_store::PieceOutcome::{Known, New, Replaced};
use pal_store::{
    DATABASE, ImportState, LivePiece, SqliteOptions, SqliteStore, Store, UsageImport, WithdrawError,
};
use rusqlite::Connection;

use super::usage::{JUNE, MAY, all, counted, digest, import, loose, of, piece, run, with};
use super::{Kept, actor, at, backends, may, reopened};

/// A piece comes out as it went in, after a restart too; an end is never cut short.
#[tokio::test]
async fn everything_is_kept() {
    for kept in backends() {
        let mut first = import(1, vec![loose(), run("k", JUNE, 1)], vec![piece(MAY, "a", 1)]);
        first.landed = Some("entry 1".to_owned());
        first.pieces.push(of(1, piece(JUNE, "@scope", 2)));
        first.pieces.push(of(1, piece(MAY, "", 3)));
        kept.store.import_usage(first.clone()).await.unwrap();
        let (at_3, name) = (may(3), "refused.csv".to_owned());
        let landed = Some("entry 2".to_owned());
        let refused =
            kept.store.refuse_usage(at_3, actor(), name, landed, "row 7: no cost".to_owned()).await;
        assert_eq!(refused.unwrap(), 2);
        let before = all(kept.store.as_ref()).await;
        let kept = reopened(kept);
        let store = kept.store.as_ref();
        assert_eq!(all(store).await, before);
        let usage = store.usage(None).await.unwrap();
        let places: Vec<_> = usage.pieces.iter().map(|p| (p.month, p.subject.as_str())).collect();
        assert_eq!(places, [(MAY, ""), (MAY, "a"), (JUNE, "@scope")]);
        let expected = LivePiece {
            number: 1,
            import: 1,
            source_key: String::new(),
            month: MAY,
            subject: "a".to_owned(),
            file: "1.parquet".to_owned(),
            row_groups: vec![0, 2],
            rows: 1,
            digest: digest(MAY, "a", 1),
            first: at("2026-05-01T00:00:00Z"),
            last: at("2026-05-31T23:59:59.1234568Z"),
            costs: vec![("EUR".to_owned(), "1.000000000000000001".to_owned())],
            known: may(1),
            edition: 1,
        };
        assert_eq!(usage.pieces[1], expected);
        assert_eq!(usage.pieces[2].source_key, "k");
        let listed = store.usage_imports(9).await.unwrap();
        assert_eq!(listed.iter().map(|i| i.number).collect::<Vec<_>>(), [2, 1]);
        let [refused, counted] = &listed[..] else { panic!("{listed:?}") };
        assert_eq!((refused.state, refused.at), (ImportState::Refused, at_3));
        assert_eq!(refused.reason.as_deref(), Some("row 7: no cost"));
        assert_eq!((counted.state, counted.rows), (ImportState::Counted, 6));
        assert_eq!((counted.pieces, counted.ended), ([3, 0, 0, 0, 0], 0));
        assert_eq!((&counted.read, &counted.name), (&first.read, &first.name));
        assert_eq!(store.usage_imports(1).await.unwrap(), listed[..1]);
        for (entry, has_landed) in [("entry 1", true), ("entry 2", true), ("entry 3", false)] {
            assert_eq!(store.usage_landed(entry).await.unwrap(), has_landed, "{entry}");
        }
        assert_eq!(store.charge_files().await.unwrap(), first.charges);
        assert_eq!(store.revision().await.unwrap(), usage.revision);
    }
}

/// P10: each change has an instant of its own, whatever the clock does, and what was known at one
/// stays for ever; editions count the changes of a month and subject.
#[tokio::test]
async fn p10_what_was_known_stays_known() {
    for kept in backends() {
        let store = kept.store.as_ref();
        let k = |day, pieces| import(day, vec![run("k", MAY, day)], pieces);
        let file = |day, content| import(day, vec![loose()], vec![piece(MAY, "a", content)]);
        let changes = [
            k(5, vec![piece(MAY, "a", 1), piece(MAY, "b", 1)]),
            UsageImport { at: may(2), ..k(6, vec![piece(MAY, "a", 2), piece(MAY, "b", 1)]) },
            with(Add, UsageImport { at: may(5), ..file(7, 3) }),
            UsageImport { at: may(9), ..k(8, vec![piece(MAY, "b", 1)]) },
            with(Restate, UsageImport { at: may(9), ..file(9, 4) }),
        ];
        let expected: [&[(&str, u64, u32)]; 5] = [
            &[("a", 1, 1), ("b", 1, 1)],
            &[("a", 2, 2), ("b", 1, 1)],
            &[("a", 2, 3), ("a", 3, 3), ("b", 1, 1)],
            &[("a", 3, 4), ("b", 1, 1)],
            &[("a", 4, 5), ("b", 1, 1)],
        ];
        let known = [
            "2026-05-05T00:00:00Z",
            "2026-05-05T00:00:00.0000001Z",
            "2026-05-05T00:00:00.0000002Z",
            "2026-05-09T00:00:00Z",
            "2026-05-09T00:00:00.0000001Z",
        ];
        let mut seen: Vec<(pal_model::Instant, Vec<LivePiece>)> = Vec::new();
        for ((change, expected), known) in changes.into_iter().zip(expected).zip(known) {
            let done = store.import_usage(change).await.unwrap();
            assert_eq!(done.state, ImportState::Counted);
            let now = store.usage(None).await.unwrap();
            let told: Vec<_> =
                now.pieces.iter().map(|p| (p.subject.as_str(), p.rows, p.edition)).collect();
            assert_eq!(told, expected, "{known}");
            seen.push((at(known), now.pieces));
            for (known_at, pieces) in &seen {
                assert_eq!(
                    &store.usage(Some(*known_at)).await.unwrap().pieces,
                    pieces,
                    "{known_at}"
                );
            }
        }
        assert_eq!(store.revision().await.unwrap(), 5);
        let kept = reopened(kept);
        for (known_at, pieces) in &seen {
            assert_eq!(&kept.store.usage(Some(*known_at)).await.unwrap().pieces, pieces);
        }
    }
}

/// Two at once: one after the other, and the second finds the first.
#[tokio::test(flavor = "multi_thread")]
async fn two_imports_at_once_count_once() {
    for kept in backends() {
        // A process beside this one.
        let other: std::sync::Arc<dyn Store> = std::sync::Arc::new(
            SqliteStore::open(kept.folder.path(), SqliteOptions::default()).unwrap(),
        );
        for round in 0..8u64 {
            let pieces = || (0..40).map(|n| piece(MAY, &format!("{round} {n}"), n)).collect();
            let tasks: Vec<_> = [&kept.store, &other, &kept.store]
                .map(|store| (store.clone(), import(1, vec![loose()], pieces())))
                .into_iter()
                .map(|(store, import)| {
                    tokio::spawn(async move { store.import_usage(import).await })
                })
                .collect();
            let mut outcomes = Vec::new();
            for task in tasks {
                let done = task.await.unwrap().unwrap();
                assert!(done.outcomes.iter().all(|outcome| *outcome == done.outcomes[0]));
                outcomes.push(done.outcomes[0]);
            }
            outcomes.sort_unstable();
            assert_eq!(outcomes, [New, Known, Known]);
        }
        assert_eq!(counted(kept.store.as_ref(), None).await.len(), 8 * 40);
        assert_eq!(kept.store.revision().await.unwrap(), 8);
    }
}

#[tokio::test]
async fn a_withdrawn_import_counts_no_more() {
    for kept in backends() {
        let store = kept.store.as_ref();
        let k = |day, pieces| import(day, vec![run("k", MAY, day)], pieces);
        let (a, b) = (piece(MAY, "a", 1), piece(MAY, "b", 2));
        let first = k(1, vec![a.clone(), b.clone()]);
        store.import_usage(first.clone()).await.unwrap();
        let second = k(2, vec![a, piece(MAY, "b", 3), piece(MAY, "c", 4)]);
        store.import_usage(second.clone()).await.unwrap();
        let (before, at_2) = (counted(store, None).await, store.usage(Some(may(2))).await.unwrap());
        let done = store.withdraw_usage(2, may(1), actor()).await.unwrap();
        assert_eq!((done.pieces, done.rows, done.revision), (2, 7, 3));
        assert_eq!(done.known, at("2026-05-02T00:00:00.0000001Z"));
        assert_eq!(counted(store, None).await, before[..1]);
        assert_eq!(store.usage(Some(may(2))).await.unwrap().pieces, at_2.pieces);
        let listed = store.usage_imports(9).await.unwrap();
        let withdrawn: Vec<_> = listed.iter().map(|import| import.withdrawn).collect();
        assert_eq!(withdrawn, [Some(done.known), None]);
        // Not twice, not what is not there, not what brought nothing.
        let again = all(store).await;
        for (number, says) in [(2, "nothing of import 2"), (7, "there is no import 7")] {
            let error = store.withdraw_usage(number, may(3), actor()).await.unwrap_err();
            assert!(!matches!(error, WithdrawError::Store(_)), "{error}");
            assert!(error.to_string().starts_with(says), "{error}");
        }
        assert_eq!(all(store).await, again);
        // Its run is as if never imported: the older one may come in again, then the newer.
        let older = store.import_usage(first).await.unwrap();
        assert_eq!((older.outcomes, older.ended), (vec![Known, New], vec![]));
        let newer = store.import_usage(second).await.unwrap();
        assert_eq!((newer.outcomes, newer.ended), (vec![Known, Replaced, New], vec![]));
        assert_eq!(counted(store, None).await, before);
        let editions: Vec<_> =
            store.usage(None).await.unwrap().pieces.iter().map(|p| p.edition).collect();
        assert_eq!(editions, [1, 5, 3]);
    }
}

/// A folder of a version without usage opens, keeps what it has, and can be verified before that.
#[tokio::test]
async fn a_folder_of_an_earlier_version_opens() {
    let folder = tempfile::tempdir().unwrap();
    let old = Connection::open(folder.path().join(DATABASE)).unwrap();
    old.execute_batch(include_str!("../../migrations/sqlite/0001_begin.sql")).unwrap();
    old.execute_batch("PRAGMA user_version = 1; UPDATE counter SET revision = 41").unwrap();
    drop(old);
    assert_eq!(wrong(folder.path()), [""; 0]);
    let store = SqliteStore::open(folder.path(), SqliteOptions::default()).unwrap();
    assert_eq!(store.usage(None).await.unwrap().revision, 41);
    store.import_usage(import(1, vec![loose()], vec![piece(MAY, "a", 1)])).await.unwrap();
    assert_eq!(store.revision().await.unwrap(), 42);
}

/// What is wrong with a log, but for its checkpoints, which are not made here.
pub fn wrong(folder: &std::path::Path) -> Vec<String> {
    let report = pal_store::audit::verify(folder, None, None).unwrap();
    report.findings.into_iter().filter(|found| !found.contains("no checkpoints")).collect()
}

/// Three imports of two files, a restatement, a refusal, a withdrawal.
async fn story() -> Kept {
    let kept = backends().pop().unwrap();
    let store = kept.store.as_ref();
    let k = |day, pieces| import(day, vec![run("k", MAY, day)], pieces);
    let (a, b) = (piece(MAY, "a", 1), piece(MAY, "b", 2));
    store.import_usage(k(1, vec![a.clone(), b])).await.unwrap();
    store.import_usage(k(2, vec![a, piece(MAY, "c", 3)])).await.unwrap();
    let late = with(Restate, import(3, vec![loose()], vec![piece(MAY, "c", 4)]));
    store.import_usage(late).await.unwrap();
    let reason = "row 7".to_owned();
    store.refuse_usage(may(4), actor(), "x".to_owned(), None, reason).await.unwrap();
    store.withdraw_usage(3, may(5), actor()).await.unwrap();
    kept
}

/// P13: usage that is changed by other means is found out.
#[tokio::test]
async fn t67_changed_usage_is_found() {
    let kept = story().await;
    assert_eq!(wrong(kept.folder.path()), [""; 0]);
    for (what, sql, says) in [
        ("rows", "UPDATE usage_piece SET rows = 9 WHERE n = 1", "pieces of import 1"),
        ("digest", "UPDATE usage_piece SET digest = zeroblob(64) WHERE n = 2", "pieces of import 1"),
        ("costs", "UPDATE usage_piece SET costs = '[]' WHERE n = 3", "pieces of import 2"),
        ("month", "UPDATE usage_piece SET month = 202606 WHERE n = 3", "pieces of import 2"),
        ("when", "UPDATE usage_piece SET known = known - 1 WHERE n = 3", "pieces of import 2"),
        ("groups", "UPDATE usage_piece SET row_groups = '[0]' WHERE n = 4", "pieces of import 3"),
        ("whose", "UPDATE usage_piece SET import = 2 WHERE n = 1", "pieces of import 1"),
        ("one gone", "DELETE FROM usage_piece WHERE n = 1", "pieces of import 1"),
        (
            "one put in",
            "INSERT INTO usage_piece SELECT 9, 4, source, NULL, NULL, NULL, month, subject, file,
             row_groups, rows, zeroblob(64), first, last, costs, known, NULL FROM usage_piece WHERE n = 1",
            "pieces of import 4",
        ),
        (
            "one of no import",
            "PRAGMA foreign_keys = OFF; INSERT INTO usage_piece SELECT 9, 9, source, NULL, NULL, NULL,
             month, subject, file, row_groups, rows, zeroblob(64), first, last, costs, known, NULL
             FROM usage_piece WHERE n = 1",
            "there are 5 pieces of usage",
        ),
        ("file", "UPDATE charge_file SET sha256 = zeroblob(32) WHERE n = 1", "pieces of import 1"),
        ("file's name", "UPDATE charge_file SET name = 'y' WHERE n = 2", "pieces of import 2"),
        ("ended", "UPDATE usage_piece SET superseded = known + 9 WHERE n = 1", "4 ended pieces"),
        ("alive", "UPDATE usage_piece SET superseded = NULL WHERE n = 2", "ended of the usage"),
        ("later", "UPDATE usage_piece SET superseded = superseded + 1 WHERE n = 4", "ended of the usage"),
        ("state", "UPDATE usage_import SET state = 'unchanged' WHERE n = 1", "import 1 is not listed"),
        ("reason", "UPDATE usage_import SET reason = 'y' WHERE n = 4", "import 4 is not listed"),
        ("read", "UPDATE usage_read SET sha256 = zeroblob(32) WHERE import = 2", "import 2 is not listed"),
        ("forgotten", "UPDATE usage_import SET withdrawn = NULL WHERE n = 3", "not withdrawn"),
        ("withdrawn", "UPDATE usage_import SET withdrawn = 1 WHERE n = 1", "2 withdrawn imports"),
        ("listed", "INSERT INTO usage_import VALUES (9, 0, '', 'counted', NULL, NULL, 0, 0, 0, 0, 0, 0, 0, NULL)", "5 imports"),
        ("all", "PRAGMA foreign_keys = OFF; DROP TABLE usage_piece", "its tables are gone"),
    ] {
        let kept = story().await;
        let Kept { store, folder } = kept;
        drop(store);
        Connection::open(folder.path().join(DATABASE)).unwrap().execute_batch(sql).unwrap();
        let found = wrong(folder.path());
        assert!(found.iter().any(|finding| finding.contains(says)), "{what}: {found:?}");
    }
}
