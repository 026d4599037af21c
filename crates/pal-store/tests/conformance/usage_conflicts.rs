//! Usage that says otherwise than what is known: somebody has to decide.

use pal_store::OnChange::{Add, Refuse, Restate};
use pal_store::PieceOutcome::{Added, Known, New, Replaced};
use pal_store::{LivePiece, UsageImport};

use super::usage::{JUNE, MAY, all, conflicts, counted, import, loose, of, piece, rows, run, with};
use super::{backends, may};

/// T60: two sources with other rows of one month are never both counted by themselves.
#[tokio::test]
async fn t60_other_rows_of_what_is_known_need_a_decision() {
    for (known, new) in [
        (loose(), loose()),
        (loose(), run("k", MAY, 2)),
        (run("k", MAY, 2), loose()),
        (run("k", MAY, 2), run("l", MAY, 3)),
        (run("k", MAY, 2), run("k", MAY, 2)),
    ] {
        for kept in backends() {
            let store = kept.store.as_ref();
            let pieces = vec![piece(MAY, "a", 1), piece(MAY, "b", 2)];
            store.import_usage(import(1, vec![known.clone()], pieces)).await.unwrap();
            let (first, before) = (store.usage(None).await.unwrap(), all(store).await);
            let pieces = vec![
                piece(MAY, "c", 3),
                piece(MAY, "a", 10),
                piece(MAY, "b", 20),
                piece(JUNE, "a", 4),
            ];
            let again = import(2, vec![new.clone()], pieces);
            let changed = conflicts(store.import_usage(again.clone()).await);
            let told: Vec<_> =
                changed.iter().map(|c| (c.piece, c.month, c.subject.as_str())).collect();
            assert_eq!(told, [(1, MAY, "a"), (2, MAY, "b")]);
            let known: Vec<&LivePiece> = changed.iter().flat_map(|c| &c.known).collect();
            assert_eq!(known, first.pieces.iter().collect::<Vec<_>>());
            assert_eq!(all(store).await, before, "a conflict leaves nothing");
            if new.key.is_empty() {
                let done = store.import_usage(with(Add, again)).await.unwrap();
                assert_eq!(done.outcomes, [New, Added, Added, New]);
                let now = [
                    (5, "a", 1),
                    (5, "a", 10),
                    (5, "b", 2),
                    (5, "b", 20),
                    (5, "c", 3),
                    (6, "a", 4),
                ];
                assert_eq!(counted(store, None).await, rows(&now));
            } else {
                let done = store.import_usage(with(Restate, again)).await.unwrap();
                assert_eq!(done.outcomes, [New, Replaced, Replaced, New]);
                let now = [(5, "a", 10), (5, "b", 20), (5, "c", 3), (6, "a", 4)];
                assert_eq!(counted(store, None).await, rows(&now));
            }
            assert_eq!(store.usage(Some(may(1))).await.unwrap().pieces, first.pieces);
        }
    }
}

/// T60, in one import: to restate would be to choose, and the import does not say what.
#[tokio::test]
async fn t60_two_sources_of_one_import_with_other_rows_are_not_chosen_from() {
    for kept in backends() {
        let store = kept.store.as_ref();
        let two = vec![of(0, piece(MAY, "a", 1)), of(1, piece(MAY, "a", 2))];
        let two = import(1, vec![loose(), run("k", MAY, 1)], two);
        for on_change in [Refuse, Restate] {
            let changed = conflicts(store.import_usage(with(on_change, two.clone())).await);
            assert_eq!((changed.len(), changed[0].piece), (1, 1));
            let known = &changed[0].known;
            assert_eq!((known.len(), known[0].number, known[0].rows), (1, 0, 1));
            assert_eq!(known[0].file, "1.parquet");
        }
        assert_eq!(store.usage_imports(9).await.unwrap(), []);
        let done = store.import_usage(with(Add, two.clone())).await.unwrap();
        assert_eq!(done.outcomes, [New, Added]);
        // What an import states as known, none of its other sources may replace.
        let newer = vec![of(0, piece(MAY, "a", 2)), of(1, piece(MAY, "a", 3))];
        let newer = import(2, vec![loose(), run("k", MAY, 2)], newer);
        for on_change in [Refuse, Restate] {
            conflicts(store.import_usage(with(on_change, newer.clone())).await);
        }
        assert_eq!(store.import_usage(with(Add, newer)).await.unwrap().outcomes, [Known, Added]);
        assert_eq!(counted(store, None).await, rows(&[(5, "a", 1), (5, "a", 2), (5, "a", 3)]));
        // The same run with other rows contradicts itself, whatever older runs have beside it.
        let again = import(3, vec![run("k", MAY, 2)], vec![piece(MAY, "a", 4)]);
        assert_eq!(conflicts(store.import_usage(again).await)[0].known.len(), 3);
        // Retried, all of it is known, whatever the mode.
        let done = store.import_usage(with(Refuse, two)).await.unwrap();
        assert_eq!(done.outcomes, [Known, Known]);
    }
}

/// The same, in any order, when one of them is a newer run.
#[tokio::test]
async fn t60_a_newer_run_with_a_file_that_says_otherwise() {
    for kept in backends() {
        let store = kept.store.as_ref();
        let first = import(1, vec![run("k", MAY, 1)], vec![piece(MAY, "a", 1)]);
        store.import_usage(first).await.unwrap();
        let sources = vec![loose(), run("k", MAY, 2)];
        let pieces = vec![of(0, piece(MAY, "a", 2)), of(1, piece(MAY, "a", 3))];
        let reversed = pieces.iter().rev().cloned().collect();
        for pieces in [reversed, pieces] {
            let both = import(2, sources.clone(), pieces);
            for on_change in [Refuse, Restate] {
                conflicts(store.import_usage(with(on_change, both.clone())).await);
            }
            let tried = UsageImport { dry_run: true, ..with(Add, both) };
            let mut outcomes = store.import_usage(tried).await.unwrap().outcomes;
            outcomes.sort_unstable();
            assert_eq!(outcomes, [Replaced, Added]);
        }
        let both = import(2, sources, vec![piece(MAY, "a", 2), of(1, piece(MAY, "a", 3))]);
        store.import_usage(with(Add, both)).await.unwrap();
        assert_eq!(counted(store, None).await, rows(&[(5, "a", 2), (5, "a", 3)]));
    }
}

/// A newer run replaces what its older run stated, and not what was counted besides.
#[tokio::test]
async fn a_newer_run_leaves_alone_what_was_added() {
    for kept in backends() {
        let store = kept.store.as_ref();
        let k =
            |day, content| import(day, vec![run("k", MAY, day)], vec![piece(MAY, "a", content)]);
        store.import_usage(k(1, 1)).await.unwrap();
        let beside = with(Add, import(2, vec![loose()], vec![piece(MAY, "a", 2)]));
        assert_eq!(store.import_usage(beside).await.unwrap().outcomes, [Added]);
        assert_eq!(store.import_usage(k(3, 3)).await.unwrap().outcomes, [Replaced]);
        assert_eq!(counted(store, None).await, rows(&[(5, "a", 2), (5, "a", 3)]));
        let restated = with(Restate, import(4, vec![loose()], vec![piece(MAY, "a", 9)]));
        assert_eq!(store.import_usage(restated).await.unwrap().outcomes, [Replaced]);
        assert_eq!(counted(store, None).await, rows(&[(5, "a", 9)]));
    }
}
