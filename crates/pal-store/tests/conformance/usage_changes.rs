//! Changes of what counts: each is decided from what is there, has an instant of its own, and
//! leaves what was known as it was.

use std::sync::Arc;

use pal_store::{
    CountChange, ImportState, LivePiece, PieceRef, SqliteOptions, SqliteStore, Store, UsageImport,
    UsageImportError, WithdrawError,
};

use super::usage::{MAY, all, counted, counting, import, piece, rows, same, whole};
use super::{actor, at, backends, may, reopened};

/// Day of the clock, subject and content of what begins, what ends.
type Change = (u32, &'static [(&'static str, u64)], &'static [i64]);

/// P10: each change has an instant of its own, whatever the clock does, and what was known at one
/// stays for ever; editions count the changes of a month and subject.
#[tokio::test]
async fn p10_what_was_known_stays_known() {
    for kept in backends() {
        let store = kept.store.as_ref();
        let changes: [Change; 5] = [
            (5, &[("a", 1), ("b", 1)], &[]),
            (2, &[("a", 2)], &[1]),
            (5, &[("a", 3)], &[]),
            (9, &[], &[3]),
            (9, &[("a", 4)], &[4]),
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
        for (n, (day, begin, end)) in (10..).zip(changes) {
            let pieces = begin.iter().map(|(subject, content)| piece(0, MAY, subject, *content));
            let given = import(store, n, &["k"], pieces.collect()).await;
            let given = UsageImport { at: may(day), ..counting(given, end) };
            let done = store.import_usage(given).await.unwrap();
            let (expected, known) = (expected[seen.len()], at(known[seen.len()]));
            assert_eq!((done.state, done.known), (ImportState::Counted, Some(known)));
            let now = store.usage(None).await.unwrap();
            let told: Vec<_> =
                now.pieces.iter().map(|p| (p.subject.as_str(), p.rows, p.edition)).collect();
            assert_eq!(told, expected, "{known}");
            seen.push((known, now.pieces));
            for (known_at, pieces) in &seen {
                let then = store.usage(Some(*known_at)).await.unwrap().pieces;
                assert_eq!(&then, pieces, "{known_at}");
            }
        }
        assert_eq!(counted(store, Some(may(4))).await, rows(&[]));
        assert_eq!(store.revision().await.unwrap(), 5);
        let kept = reopened(kept);
        for (known_at, pieces) in &seen {
            assert_eq!(&kept.store.usage(Some(*known_at)).await.unwrap().pieces, pieces);
        }
    }
}

/// A change that was decided from other statements than those that are there is refused.
#[tokio::test]
async fn a_change_is_decided_from_what_is_there() {
    for kept in backends() {
        let store = kept.store.as_ref();
        let empty = counting(import(store, 1, &["k"], vec![piece(0, MAY, "a", 1)]).await, &[]);
        store.import_usage(empty.clone()).await.unwrap();
        let first = store.usage_statements().await.unwrap().version;
        let decided = import(store, 2, &["k"], vec![piece(0, MAY, "a", 2)]).await;
        let nothing = CountChange::default;

        // A refusal brings no statement.
        let (name, why) = ("x".to_owned(), "row 7".to_owned());
        store.refuse_usage(may(2), actor(), name, None, why).await.unwrap();
        assert_eq!(store.usage_statements().await.unwrap().version, first);
        // An import that changes nothing of what counts does.
        let unchanged = import(store, 3, &["k"], vec![same(0, 1)]).await;
        store.import_usage(unchanged).await.unwrap();
        let second = store.usage_statements().await.unwrap().version;
        let before = all(store).await;
        for stale in [empty, decided] {
            let error = store.import_usage(stale).await.unwrap_err();
            assert!(matches!(error, UsageImportError::Moved), "{error}");
        }
        let error = store.withdraw_usage(3, may(4), actor(), first, nothing()).await.unwrap_err();
        assert!(matches!(error, WithdrawError::Moved), "{error}");
        assert_eq!(all(store).await, before);
        // A withdrawal does, too.
        store.withdraw_usage(3, may(4), actor(), second, nothing()).await.unwrap();
        let error = store.withdraw_usage(1, may(4), actor(), second, nothing()).await.unwrap_err();
        assert!(matches!(error, WithdrawError::Moved), "{error}");
        let third = store.usage_statements().await.unwrap().version;
        assert!(third != second && third != first && second != first);
    }
}

/// Of those that decide at once one is first, and the others decide again.
#[tokio::test(flavor = "multi_thread")]
async fn two_imports_at_once_count_once() {
    for kept in backends() {
        // A process beside this one.
        let other: Arc<dyn Store> =
            Arc::new(SqliteStore::open(kept.folder.path(), SqliteOptions::default()).unwrap());
        let tasks: Vec<_> = [&kept.store, &other, &kept.store]
            .into_iter()
            .zip([100, 120, 140])
            .map(|(store, day)| tokio::spawn(count_once(store.clone(), day)))
            .collect();
        for task in tasks {
            task.await.unwrap();
        }
        let expected: Vec<_> = (0..8).map(|n| (5, format!("subject {n}"), 1)).collect();
        assert_eq!(counted(kept.store.as_ref(), None).await, expected);
        assert_eq!(kept.store.revision().await.unwrap(), 8);
        assert_eq!(kept.store.usage_imports(99).await.unwrap().len(), 24);
    }
}

/// Imports each subject with the rule "what counts already counts no second time".
async fn count_once(store: Arc<dyn Store>, name: u32) {
    for subject in 0..8 {
        let subject = format!("subject {subject}");
        loop {
            let mut given =
                import(store.as_ref(), 1, &["k"], vec![piece(0, MAY, &subject, 1)]).await;
            given.charges[0].name = format!("{name} {subject}");
            let counts = counted(store.as_ref(), None).await;
            if !counts.iter().any(|(_, other, _)| *other == subject) {
                given = counting(given, &[]);
            }
            match store.import_usage(given).await {
                Ok(_) => break,
                Err(UsageImportError::Moved) => {}
                Err(other) => panic!("{other}"),
            }
        }
    }
}

#[tokio::test]
async fn a_withdrawn_import_counts_no_more() {
    for kept in backends() {
        let store = kept.store.as_ref();
        let pieces = vec![piece(0, MAY, "a", 1), piece(0, MAY, "b", 2)];
        store.import_usage(counting(import(store, 1, &["k"], pieces).await, &[])).await.unwrap();
        let pieces = vec![piece(0, MAY, "b", 3), piece(0, MAY, "c", 4)];
        store.import_usage(counting(import(store, 2, &["k"], pieces).await, &[2])).await.unwrap();
        store.refuse_usage(may(2), actor(), "x".to_owned(), None, "no".to_owned()).await.unwrap();
        let version = store.usage_statements().await.unwrap().version;
        let at_2 = store.usage(Some(may(2))).await.unwrap();
        assert_eq!(counted(store, None).await, rows(&[(5, "a", 1), (5, "b", 3), (5, "c", 4)]));

        // What is not there, was refused, would still count, or would count without a statement.
        let before = all(store).await;
        let change = |end: &[i64], begin: &[(PieceRef, u64)]| CountChange {
            end: end.to_owned(),
            begin: begin.iter().map(|(piece, rows)| whole(*piece, *rows)).collect(),
        };
        for (number, counts, says) in [
            (7, change(&[], &[]), "there is no import 7"),
            (3, change(&[], &[]), "import 3 was refused"),
            (2, change(&[3], &[]), "count 4 is of import 2"),
            (2, change(&[], &[]), "count 3 is of import 2"),
            (2, change(&[3, 4], &[(PieceRef::New(0), 3)]), "no new pieces"),
            (2, change(&[3, 4], &[(PieceRef::Kept(3), 3)]), "its import is withdrawn"),
            (2, change(&[3, 4, 2], &[]), "count 2 is to end and does not hold"),
        ] {
            let done = store.withdraw_usage(number, may(3), actor(), version, counts).await;
            let error = done.unwrap_err();
            assert!(!matches!(error, WithdrawError::Store(_)), "{error}");
            assert!(error.to_string().contains(says), "{error}");
            assert_eq!(all(store).await, before);
        }
        // What it had replaced counts again, because the rule says so; the clock went back.
        let counts = change(&[3, 4], &[(PieceRef::Kept(2), 2)]);
        let done = store.withdraw_usage(2, may(1), actor(), version, counts).await.unwrap();
        assert_eq!((done.ended, done.begun, done.revision), ((2, 7), (1, 2), 3));
        assert_eq!(done.known, at("2026-05-02T00:00:00.0000001Z"));
        assert_eq!(counted(store, None).await, rows(&[(5, "a", 1), (5, "b", 2)]));
        assert_eq!(store.usage(Some(may(2))).await.unwrap().pieces, at_2.pieces);
        let editions: Vec<_> =
            store.usage(None).await.unwrap().pieces.iter().map(|p| p.edition).collect();
        assert_eq!(editions, [1, 3]);
        let read = store.usage_statements().await.unwrap();
        assert_eq!(read.statements.iter().map(|s| s.number).collect::<Vec<_>>(), [1]);
        let listed = store.usage_imports(9).await.unwrap();
        let withdrawn: Vec<_> = listed.iter().map(|import| import.withdrawn).collect();
        assert_eq!(withdrawn, [None, Some(done.known), None]);
        let again = store.withdraw_usage(2, may(3), actor(), read.version, change(&[], &[])).await;
        assert!(matches!(again.unwrap_err(), WithdrawError::AlreadyWithdrawn(2)));
        // Nothing that is withdrawn is counted by a later import.
        let mut later = import(store, 4, &["k"], vec![]).await;
        later.counts.begin.push(whole(PieceRef::Kept(3), 3));
        let error = store.import_usage(later).await.unwrap_err().to_string();
        assert!(error.contains("its import is withdrawn"), "{error}");
    }
}

/// Whoever watches the service is told how much there is.
#[tokio::test]
async fn figures_count_what_is_there() {
    for kept in backends() {
        let store = kept.store.as_ref();
        let before = store.figures().await.unwrap();
        assert_eq!((before.facts, before.links, before.imports.len()), (0, 0, 0));
        assert_eq!(before.checkpoint, None);
        let one = counting(import(store, 1, &["k"], vec![piece(0, MAY, "a", 1)]).await, &[]);
        let rows = one.rows;
        store.import_usage(one).await.unwrap();
        for day in [2, 3] {
            let (name, why) = ("x".to_owned(), "no".to_owned());
            store.refuse_usage(may(day), actor(), name, None, why).await.unwrap();
        }
        let after = store.figures().await.unwrap();
        assert_eq!(after.audit_records, before.audit_records + 3);
        assert_eq!(after.unsigned_records, before.unsigned_records + 3);
        let of = |state| after.imports.iter().find(|imports| imports.state == state).unwrap();
        let (counted, refused) = (of(ImportState::Counted), of(ImportState::Refused));
        assert_eq!((counted.number, counted.rows, counted.last), (1, rows, may(1)));
        assert_eq!((refused.number, refused.rows, refused.last), (2, 0, may(3)));
        assert_eq!(store.waiting_changes(), 0);
    }
}
