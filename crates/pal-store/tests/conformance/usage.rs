//! Which pieces of usage count: each rule, and what leaves nothing behind.

use pal_model::Instant;
use pal_store::OnChange::{Add, Refuse, Restate};
use pal_store::PieceOutcome::{Known, New, OlderRun, Replaced};
use pal_store::{
    ChangedPiece, ChargeFile, ImportState, NewPiece, OnChange, ReadFile, Store, UsageImport,
    UsageImportError, UsageImported, UsageRun, UsageSource,
};

use super::{actor, at, backends, may};

pub const MAY: (i16, i8) = (2026, 5);
pub const JUNE: (i16, i8) = (2026, 6);

/// Rows that are equal exactly if place and content are.
pub fn digest(month: (i16, i8), subject: &str, content: u64) -> [u8; 64] {
    let mut digest = [0; 64];
    let text = format!("{month:?} {subject} {content}");
    for (to, from) in digest.iter_mut().zip(text.bytes()) {
        *to = from;
    }
    digest
}

/// A piece of the first source, in the first file.
pub fn piece(month: (i16, i8), subject: &str, content: u64) -> NewPiece {
    NewPiece {
        source: 0,
        month,
        subject: subject.to_owned(),
        file: 0,
        row_groups: vec![0, 2],
        rows: content,
        digest: digest(month, subject, content),
        first: at("2026-05-01T00:00:00Z"),
        last: at("2026-05-31T23:59:59.123456789Z"),
        costs: vec![("EUR".to_owned(), format!("{content}.000000000000000001"))],
    }
}

pub fn of(source: usize, piece: NewPiece) -> NewPiece {
    NewPiece { source, ..piece }
}

pub fn loose() -> UsageSource {
    UsageSource { key: String::new(), run: None }
}

/// A run for a month, submitted on a day of May.
pub fn run(key: &str, month: (i16, i8), day: u32) -> UsageSource {
    let run = UsageRun { id: format!("run {day}"), submitted: may(day), month };
    UsageSource { key: key.to_owned(), run: Some(run) }
}

/// An import on a day of May; its files have names of their own.
pub fn import(day: u32, sources: Vec<UsageSource>, pieces: Vec<NewPiece>) -> UsageImport {
    let name = format!("{day}.csv");
    let charges = ChargeFile { name: format!("{day}.parquet"), sha256: [day as u8; 32], bytes: 9 };
    UsageImport {
        at: may(day),
        actor: actor(),
        name: name.clone(),
        landed: None,
        on_change: Refuse,
        dry_run: false,
        sources,
        read: vec![ReadFile { name, sha256: [day as u8 + 100; 32], bytes: 7, rows: 3 }],
        charges: vec![charges],
        pieces,
    }
}

pub fn with(on_change: OnChange, import: UsageImport) -> UsageImport {
    UsageImport { on_change, ..import }
}

/// Month, subject, rows of what counts.
pub async fn counted(store: &dyn Store, known_at: Option<Instant>) -> Vec<(i8, String, u64)> {
    let pieces = store.usage(known_at).await.unwrap().pieces;
    pieces.into_iter().map(|p| (p.month.1, p.subject, p.rows)).collect()
}

pub fn rows(pieces: &[(i8, &str, u64)]) -> Vec<(i8, String, u64)> {
    pieces.iter().map(|(month, subject, rows)| (*month, (*subject).to_owned(), *rows)).collect()
}

pub fn conflicts(result: Result<UsageImported, UsageImportError>) -> Vec<ChangedPiece> {
    match result.unwrap_err() {
        UsageImportError::Changed(changed) => changed,
        other => panic!("{other}"),
    }
}

/// Everything about usage that can be asked.
pub async fn all(store: &dyn Store) -> String {
    let (now, imports) = (store.usage(None).await.unwrap(), store.usage_imports(99).await.unwrap());
    let files = store.charge_files().await.unwrap();
    format!("{now:?}\n{imports:?}\n{files:?}\n{}", store.revision().await.unwrap())
}

/// P9: the same rows count once, whatever brings them.
#[tokio::test]
async fn p9_equal_rows_count_once() {
    for kept in backends() {
        let store = kept.store.as_ref();
        let first = import(1, vec![loose()], vec![piece(MAY, "a", 1), piece(MAY, "b", 2)]);
        let done = store.import_usage(first.clone()).await.unwrap();
        assert_eq!((done.number, done.revision), (Some(1), 1));
        assert_eq!((done.outcomes, done.state), (vec![New, New], ImportState::Counted));
        let before = store.usage(None).await.unwrap();
        // Again; under another name, by an export, in another order; with any mode.
        let export = vec![piece(MAY, "b", 2), piece(MAY, "a", 1)];
        for (n, again) in (2..).zip([
            first.clone(),
            with(Restate, import(2, vec![loose()], export.clone())),
            with(Add, import(3, vec![run("k", MAY, 1)], export)),
        ]) {
            let done = store.import_usage(again).await.unwrap();
            assert_eq!(done.number, Some(n));
            assert_eq!((done.outcomes, done.state), (vec![Known; 2], ImportState::Unchanged));
            assert_eq!((done.ended, done.revision), (vec![], 1));
            assert_eq!(store.usage(None).await.unwrap(), before);
        }
        // Twice in one import: the first one counts.
        let twice = [of(0, piece(JUNE, "a", 5)), of(1, piece(JUNE, "a", 5))];
        let twice = import(4, vec![loose(), run("k", JUNE, 1)], twice.to_vec());
        let done = store.import_usage(twice).await.unwrap();
        assert_eq!(done.outcomes, [New, Known]);
        assert_eq!(counted(store, None).await, rows(&[(5, "a", 1), (5, "b", 2), (6, "a", 5)]));
        // The same rows under another name of their subscription.
        let renamed = NewPiece { subject: "z".to_owned(), ..piece(MAY, "a", 1) };
        let done = store.import_usage(import(5, vec![loose()], vec![renamed])).await.unwrap();
        assert_eq!(done.outcomes, [Known]);
        // Files that hold nothing that counts are nobody's.
        let names: Vec<_> =
            store.charge_files().await.unwrap().into_iter().map(|file| file.name).collect();
        assert_eq!(names, ["1.parquet", "4.parquet"]);
    }
}

/// Run 1: A, B. Run 2: A, another B. Run 3: B as in run 2. Then run 2 once more.
#[tokio::test]
async fn a_newer_run_states_its_month_anew() {
    for kept in backends() {
        let store = kept.store.as_ref();
        let day = |day, pieces: &[NewPiece]| import(day, vec![run("k", MAY, day)], pieces.to_vec());
        let (a, b, changed) = (piece(MAY, "a", 1), piece(MAY, "b", 2), piece(MAY, "b", 3));
        let other = import(1, vec![run("other", MAY, 1)], vec![piece(MAY, "z", 9)]);
        store.import_usage(other).await.unwrap();
        let done = store.import_usage(day(1, &[a.clone(), b.clone()])).await.unwrap();
        assert_eq!(done.outcomes, [New, New]);
        let second = day(2, &[a.clone(), changed.clone()]);
        let done = store.import_usage(second.clone()).await.unwrap();
        assert_eq!((done.outcomes, done.ended), (vec![Known, Replaced], vec![]));
        let third = day(3, std::slice::from_ref(&changed));
        let done = store.import_usage(third).await.unwrap();
        assert_eq!((done.outcomes, done.state), (vec![Known], ImportState::Counted));
        assert_eq!(done.ended, [(MAY, "a".to_owned())]);
        let now = rows(&[(5, "b", 3), (5, "z", 9)]);
        assert_eq!(counted(store, None).await, now);
        // Late or again: what a newer run has overtaken does not count, equal or not.
        for (late, outcomes) in [
            (day(1, &[a.clone(), b.clone()]), vec![OlderRun, OlderRun]),
            (second, vec![OlderRun, Known]),
            (with(Restate, day(1, &[a, b.clone()])), vec![OlderRun, OlderRun]),
            (with(Add, day(2, &[b])), vec![OlderRun]),
        ] {
            let done = store.import_usage(late).await.unwrap();
            assert_eq!((done.outcomes, done.ended), (outcomes, vec![]));
            assert_eq!(done.state, ImportState::Unchanged);
            assert_eq!(counted(store, None).await, now);
        }
        // Every state that there was can still be asked for.
        let (a1, z9) = ((5, "a", 1), (5, "z", 9));
        assert_eq!(counted(store, Some(may(1))).await, rows(&[z9]));
        let soon = at("2026-05-01T00:00:00.0000001Z");
        assert_eq!(counted(store, Some(soon)).await, rows(&[a1, (5, "b", 2), z9]));
        assert_eq!(counted(store, Some(may(2))).await, rows(&[a1, (5, "b", 3), z9]));
        assert_eq!(counted(store, Some(may(3))).await, now);
        assert_eq!(counted(store, Some(at("2026-04-30T23:59:59Z"))).await, rows(&[]));
    }
}

/// What a run states as an older one did is its own: the same run cannot say otherwise, and a run
/// of the same export and month that has it no longer ends it.
#[tokio::test]
async fn what_a_newer_run_states_too_is_of_that_run() {
    for kept in backends() {
        let store = kept.store.as_ref();
        let day = |day, pieces: &[NewPiece]| import(day, vec![run("k", MAY, day)], pieces.to_vec());
        store.import_usage(day(1, &[piece(MAY, "a", 1)])).await.unwrap();
        store.import_usage(day(2, &[piece(MAY, "a", 1)])).await.unwrap();
        let changed = conflicts(store.import_usage(day(2, &[piece(MAY, "a", 2)])).await);
        assert_eq!((changed.len(), changed[0].known[0].import), (1, 1));
        // The same run with less: nothing ends, a run is whole.
        let done = store.import_usage(day(2, &[])).await.unwrap();
        assert_eq!((done.ended, done.state), (vec![], ImportState::Unchanged));
        let done = store.import_usage(day(3, &[])).await.unwrap();
        assert_eq!((done.ended, done.state), (vec![(MAY, "a".to_owned())], ImportState::Counted));
        assert_eq!(counted(store, None).await, rows(&[]));
        // Of two that were submitted at once, the greater id is the newer.
        let mut twin = day(3, &[piece(MAY, "a", 4)]);
        twin.sources[0].run.as_mut().unwrap().id = "run 2".to_owned();
        assert_eq!(store.import_usage(twin.clone()).await.unwrap().outcomes, [OlderRun]);
        twin.sources[0].run.as_mut().unwrap().id = "run 4".to_owned();
        assert_eq!(store.import_usage(twin).await.unwrap().outcomes, [New]);
    }
}

/// An export delivers late charges of May with June: both of its months count, each restated by
/// its own runs only.
#[tokio::test]
async fn runs_of_one_export_for_two_months_do_not_replace_each_other() {
    for kept in backends() {
        let store = kept.store.as_ref();
        let months = vec![run("k", MAY, 1), run("k", JUNE, 2)];
        let late = piece(MAY, "a", 2);
        let pieces = vec![piece(MAY, "a", 1), of(1, late), of(1, piece(JUNE, "a", 3))];
        let done = store.import_usage(import(2, months, pieces)).await.unwrap();
        assert_eq!(done.outcomes, [New, New, New]);
        let late = vec![piece(MAY, "a", 20), piece(JUNE, "a", 3)];
        let done = store.import_usage(import(3, vec![run("k", JUNE, 3)], late)).await.unwrap();
        assert_eq!((done.outcomes, done.ended), (vec![Replaced, Known], vec![]));
        assert_eq!(counted(store, None).await, rows(&[(5, "a", 1), (5, "a", 20), (6, "a", 3)]));
        let june = import(4, vec![run("k", JUNE, 4)], vec![piece(JUNE, "a", 3)]);
        assert_eq!(store.import_usage(june).await.unwrap().ended, [(MAY, "a".to_owned())]);
        assert_eq!(counted(store, None).await, rows(&[(5, "a", 1), (6, "a", 3)]));
        // A loose file against both: all of the month is restated.
        let all = import(5, vec![loose()], vec![piece(MAY, "a", 7)]);
        assert_eq!(conflicts(store.import_usage(all.clone()).await)[0].known.len(), 1);
        assert_eq!(store.import_usage(with(Restate, all)).await.unwrap().outcomes, [Replaced]);
        assert_eq!(counted(store, None).await, rows(&[(5, "a", 7), (6, "a", 3)]));
    }
}

/// What another export states, too, stays with the first one.
#[tokio::test]
async fn another_export_with_equal_rows_does_not_take_them_over() {
    for kept in backends() {
        let store = kept.store.as_ref();
        let day = |key, day, content| {
            import(day, vec![run(key, MAY, day)], vec![piece(MAY, "a", content)])
        };
        store.import_usage(day("k", 1, 1)).await.unwrap();
        assert_eq!(store.import_usage(day("l", 4, 1)).await.unwrap().outcomes, [Known]);
        assert_eq!(store.import_usage(day("k", 2, 2)).await.unwrap().outcomes, [Replaced]);
        conflicts(store.import_usage(day("l", 5, 3)).await);
    }
}

/// What a file of the same import states does not end; a late run ends nothing either.
#[tokio::test]
async fn only_the_newest_run_ends_and_nothing_that_its_import_states() {
    for kept in backends() {
        let store = kept.store.as_ref();
        let k = |day| import(day, vec![run("k", MAY, day)], vec![]);
        let a = piece(MAY, "a", 1);
        store.import_usage(UsageImport { pieces: vec![a.clone()], ..k(1) }).await.unwrap();
        let beside = import(3, vec![loose(), run("k", MAY, 3)], vec![a]);
        for (given, ends) in [(beside, 0), (k(2), 0), (k(4), 1)] {
            let done = store.import_usage(given).await.unwrap();
            assert_eq!(done.ended.len(), ends);
        }
    }
}

/// A dry run says what would be, and leaves nothing.
#[tokio::test]
async fn a_dry_run_leaves_nothing() {
    for kept in backends() {
        let store = kept.store.as_ref();
        let runs = |day| vec![run("k", MAY, day)];
        let first = import(1, runs(1), vec![piece(MAY, "a", 1), piece(MAY, "b", 1)]);
        let second = import(2, runs(2), vec![piece(MAY, "a", 2), piece(MAY, "c", 1)]);
        let wrong = import(3, vec![loose()], vec![piece(MAY, "a", 3)]);
        for given in [first, second] {
            let before = all(store).await;
            let tried = UsageImport { dry_run: true, ..given.clone() };
            let tried = store.import_usage(tried).await.unwrap();
            assert_eq!(all(store).await, before);
            let done = store.import_usage(given).await.unwrap();
            assert_eq!((tried.number, tried.revision), (None, done.revision - 1));
            let told =
                |done: &UsageImported| (done.outcomes.clone(), done.ended.clone(), done.state);
            assert_eq!(told(&tried), told(&done));
        }
        let before = all(store).await;
        conflicts(store.import_usage(UsageImport { dry_run: true, ..wrong }).await);
        assert_eq!(all(store).await, before);
    }
}

/// An import that says two things is refused whole.
#[tokio::test]
async fn what_contradicts_itself_is_refused() {
    for kept in backends() {
        let store = kept.store.as_ref();
        let a = piece(MAY, "a", 1);
        store.import_usage(import(1, vec![loose()], vec![a.clone()])).await.unwrap();
        let before = all(store).await;
        let b = piece(MAY, "b", 1);
        let runs = vec![run("k", MAY, 1), run("k", MAY, 2)];
        let mut other_content = import(1, vec![loose()], vec![b.clone()]);
        other_content.charges[0].sha256 = [0; 32];
        let thirteen = NewPiece { month: (2026, 13), ..b.clone() };
        for (wrong, says) in [
            (import(2, vec![], vec![b.clone()]), "no source"),
            (import(2, vec![loose()], vec![NewPiece { file: 1, ..b.clone() }]), "no file"),
            (import(2, vec![loose()], vec![b.clone(), piece(MAY, "b", 2)]), "the second one"),
            (import(2, runs, vec![b.clone()]), "two runs of export k"),
            (import(2, vec![loose()], vec![thirteen]), "is of month"),
            (import(2, vec![loose()], vec![NewPiece { rows: u64::MAX, ..b }]), "2^63"),
            (other_content, "1.parquet with another content"),
        ] {
            let error = store.import_usage(wrong).await.unwrap_err();
            assert!(matches!(error, UsageImportError::Malformed(_)), "{error}");
            assert!(error.to_string().contains(says), "{error}");
            assert_eq!(all(store).await, before);
        }
    }
}
