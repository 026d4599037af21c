//! The register of usage: what goes in comes out, and stays.

use std::collections::BTreeSet;

use pal_model::Instant;
use pal_store::{
    ChargeFile, CountChange, CountedRecord, ImportState, LivePiece, NewContent, NewCounted,
    NewPiece, NewStatement, PieceContent, PieceRecord, PieceRef, ReadFile, StatementRecord, Store,
    UsageImport, UsageMonth,
};

use super::{actor, at, backends, may, reopened};

pub const MAY: UsageMonth = (2026, 5);
pub const JUNE: UsageMonth = (2026, 6);

/// Equal exactly if place and content are.
pub fn digest(subject: &str, content: u64) -> [u8; 32] {
    let mut digest = [0; 32];
    let text = format!("{content} {subject}");
    for (to, from) in digest.iter_mut().zip(text.bytes()) {
        *to = from;
    }
    digest
}

/// As many rows as `content` says, of a statement of the import.
pub fn piece(statement: usize, month: UsageMonth, subject: &str, content: u64) -> NewPiece {
    let content = NewContent {
        month,
        subject: subject.to_owned(),
        account: "123".to_owned(),
        file: 0,
        row_groups: Vec::new(),
        rows: content,
        days: format!("days of {content}"),
        digest: digest(subject, content),
    };
    NewPiece { statement, content: PieceContent::New(content) }
}

pub const fn same(statement: usize, other: i64) -> NewPiece {
    NewPiece { statement, content: PieceContent::Same(other) }
}

/// The content of a piece that is new.
pub fn content(piece: &mut NewPiece) -> &mut NewContent {
    match &mut piece.content {
        PieceContent::New(content) => content,
        PieceContent::Same(other) => panic!("the same as {other}"),
    }
}

/// An import on a day of May of statements and pieces, none of which counts. Its files have names of
/// their own, and each piece a row group.
pub async fn import(
    store: &dyn Store,
    day: u32,
    statements: &[&str],
    pieces: Vec<NewPiece>,
) -> UsageImport {
    let version = store.usage_statements().await.unwrap().version;
    let name = format!("{day}.csv");
    let charges = ChargeFile { name: format!("{day}.parquet"), sha256: [day as u8; 32], bytes: 9 };
    let mut import = UsageImport {
        at: may(day),
        actor: actor(),
        name: name.clone(),
        landed: None,
        version,
        outcome: format!(r#"{{"day":{day}}}"#),
        rows: 7,
        read: vec![(0, ReadFile { name, sha256: [day as u8 + 100; 32], bytes: 7, rows: 3 })],
        charges: vec![charges],
        statements: statements
            .iter()
            .map(|s| NewStatement { terms: format!("terms of {s}"), series: (*s).to_owned() })
            .collect(),
        pieces,
        counts: CountChange::default(),
    };
    for (group, piece) in (0..).zip(&mut import.pieces) {
        if let PieceContent::New(content) = &mut piece.content {
            content.row_groups = vec![group];
        }
    }
    import
}

/// Counts all rows of a piece.
pub fn whole(piece: PieceRef, rows: u64) -> NewCounted {
    NewCounted {
        piece,
        selection: None,
        rows,
        first: at("2026-05-01T00:00:00Z"),
        last: at("2026-05-31T23:59:59.123456789Z"),
        costs: vec![("EUR".to_owned(), format!("{rows}.000000000000000001"))],
    }
}

/// The import with its new pieces counted whole, and counts that end.
pub fn counting(mut import: UsageImport, end: &[i64]) -> UsageImport {
    let pieces = import.pieces.iter().enumerate();
    let begin = pieces.filter_map(|(at, piece)| match &piece.content {
        PieceContent::New(content) => Some(whole(PieceRef::New(at), content.rows)),
        PieceContent::Same(_) => None,
    });
    import.counts = CountChange { end: end.to_owned(), begin: begin.collect() };
    import
}

/// An import whose pieces count.
pub async fn count(store: &dyn Store, day: u32, pieces: Vec<NewPiece>) {
    let import = counting(import(store, day, &["k"], pieces).await, &[]);
    store.import_usage(import).await.unwrap();
}

/// Month, subject, rows of what counts.
pub async fn counted(store: &dyn Store, known_at: Option<Instant>) -> Vec<(i8, String, u64)> {
    let pieces = store.usage(known_at).await.unwrap().pieces;
    pieces.into_iter().map(|p| (p.month.1, p.subject, p.rows)).collect()
}

pub fn rows(pieces: &[(i8, &str, u64)]) -> Vec<(i8, String, u64)> {
    pieces.iter().map(|(month, subject, rows)| (*month, (*subject).to_owned(), *rows)).collect()
}

/// Everything about usage that can be asked.
pub async fn all(store: &dyn Store) -> String {
    let (now, imports) = (store.usage(None).await.unwrap(), store.usage_imports(99).await.unwrap());
    let statements = store.usage_statements().await.unwrap();
    let numbers: Vec<i64> = statements.statements.iter().map(|s| s.number).collect();
    let months = [(2026, 4), MAY, JUNE];
    let pieces = store.usage_pieces(&numbers, &months).await.unwrap();
    let counted = store.usage_counted(&months).await.unwrap();
    let files = store.charge_files().await.unwrap();
    let revision = store.revision().await.unwrap();
    format!("{now:?}\n{imports:?}\n{files:?}\n{statements:?}\n{pieces:?}\n{counted:?}\n{revision}")
}

/// All comes out as it went in, after a restart too; an end is never cut short.
#[tokio::test]
async fn everything_is_kept() {
    for kept in backends() {
        let store = kept.store.as_ref();
        let pieces = vec![piece(0, MAY, "a", 9), piece(1, JUNE, "", 2), piece(1, MAY, "", 3)];
        let mut first = import(store, 1, &["one", "two", "none"], pieces).await;
        first.landed = Some("entry 1".to_owned());
        content(&mut first.pieces[0]).row_groups = vec![7, 3];
        let unused = ChargeFile { name: "unused.parquet".to_owned(), ..first.charges[0].clone() };
        first.charges.push(unused);
        let mut first = counting(first, &[]);
        let selection = vec![(7, 0, 2), (3, 5, 1), (7, 4, 1)];
        first.counts.begin[0] =
            NewCounted { selection: Some(selection.clone()), ..whole(PieceRef::New(0), 4) };
        let done = store.import_usage(first.clone()).await.unwrap();
        assert_eq!((done.number, done.state), (1, ImportState::Counted));
        assert_eq!((done.known, done.revision), (Some(may(1)), 1));
        let (name, landed) = ("refused.csv".to_owned(), Some("entry 2".to_owned()));
        let why = "row 7: no cost".to_owned();
        assert_eq!(store.refuse_usage(may(3), actor(), name, landed, why).await.unwrap(), 2);
        let before = all(store).await;
        let kept = reopened(kept);
        let store = kept.store.as_ref();
        assert_eq!(all(store).await, before);

        let usage = store.usage(None).await.unwrap();
        let places: Vec<_> = usage.pieces.iter().map(|p| (p.month, p.subject.as_str())).collect();
        assert_eq!(places, [(MAY, ""), (MAY, "a"), (JUNE, "")]);
        let expected = LivePiece {
            number: 1,
            piece: 1,
            statement: 1,
            import: 1,
            series: "one".to_owned(),
            month: MAY,
            subject: "a".to_owned(),
            account: "123".to_owned(),
            file: "1.parquet".to_owned(),
            row_groups: vec![7, 3],
            selection: Some(selection.clone()),
            rows: 4,
            digest: digest("a", 9),
            first: at("2026-05-01T00:00:00Z"),
            last: at("2026-05-31T23:59:59.1234568Z"),
            costs: vec![("EUR".to_owned(), "4.000000000000000001".to_owned())],
            known: may(1),
            edition: 1,
        };
        assert_eq!(usage.pieces[1], expected);
        assert_eq!((&*usage.pieces[2].series, &usage.pieces[2].selection), ("two", &None));
        let listed = store.usage_imports(9).await.unwrap();
        assert_eq!(listed.iter().map(|i| i.number).collect::<Vec<_>>(), [2, 1]);
        let [refused, counted] = &listed[..] else { panic!("{listed:?}") };
        assert_eq!((refused.state, refused.at), (ImportState::Refused, may(3)));
        assert_eq!(refused.reason.as_deref(), Some("row 7: no cost"));
        assert_eq!(refused.outcome, "{}");
        assert_eq!((counted.state, counted.rows, counted.at), (ImportState::Counted, 7, may(1)));
        assert_eq!((&counted.outcome, &counted.name), (&first.outcome, &first.name));
        assert_eq!(counted.read, [first.read[0].1.clone()]);
        assert_eq!(store.usage_imports(1).await.unwrap(), listed[..1]);
        for (entry, has_landed) in [("entry 1", true), ("entry 2", true), ("entry 3", false)] {
            assert_eq!(store.usage_landed(entry).await.unwrap(), has_landed, "{entry}");
        }
        assert_eq!(store.charge_files().await.unwrap(), first.charges[..1], "those with pieces");
        assert_eq!(store.revision().await.unwrap(), usage.revision);
    }
}

/// The rule reads statements, their pieces and what is counted.
#[tokio::test]
async fn the_rule_reads_what_is_stated() {
    for kept in backends() {
        let store = kept.store.as_ref();
        let pieces = vec![piece(0, MAY, "a", 9), piece(1, JUNE, "", 2), piece(1, MAY, "", 3)];
        let mut first = counting(import(store, 1, &["one", "two"], pieces).await, &[]);
        first.counts.begin.remove(2);
        store.import_usage(first).await.unwrap();
        let second = import(store, 2, &["three"], vec![piece(0, JUNE, "a", 1)]).await;
        let done = store.import_usage(second).await.unwrap();
        assert_eq!((done.state, done.known), (ImportState::Unchanged, None));
        assert_eq!(done.revision, 1, "what counts is as before");

        let read = store.usage_statements().await.unwrap().statements;
        let statement = |number, import, series: &str, months: &[UsageMonth]| StatementRecord {
            number,
            import,
            at: may(import as u32),
            terms: format!("terms of {series}"),
            series: series.to_owned(),
            months: months.to_owned(),
        };
        let expected = [
            statement(1, 1, "one", &[MAY]),
            statement(2, 1, "two", &[MAY, JUNE]),
            statement(3, 2, "three", &[JUNE]),
        ];
        assert_eq!(read, expected);
        let record =
            |number, statement, month, subject: &str, rows: u64, file: u32, group| PieceRecord {
                number,
                statement,
                month,
                subject: subject.to_owned(),
                account: "123".to_owned(),
                file: format!("{file}.parquet"),
                row_groups: vec![group],
                rows,
                days: format!("days of {rows}"),
                digest: digest(subject, rows),
            };
        let [a, b, c, d] = [
            record(1, 1, MAY, "a", 9, 1, 0),
            record(2, 2, JUNE, "", 2, 1, 1),
            record(3, 2, MAY, "", 3, 1, 2),
            record(4, 3, JUNE, "a", 1, 2, 0),
        ];
        let of = async |statements: &[i64], months: &[UsageMonth]| {
            store.usage_pieces(statements, months).await.unwrap()
        };
        assert_eq!(of(&[3, 1, 2, 1, 9], &[JUNE, MAY, JUNE]).await, [a, b.clone(), c.clone(), d]);
        assert_eq!(of(&[2], &[MAY]).await, [c]);
        assert_eq!(of(&[1, 2], &[JUNE]).await, [b]);
        assert_eq!((of(&[], &[MAY]).await, of(&[1], &[]).await), (vec![], vec![]));
        let live =
            |number, piece, statement| CountedRecord { number, piece, statement, selection: None };
        assert_eq!(
            store.usage_counted(&[JUNE, MAY]).await.unwrap(),
            [live(1, 1, 1), live(2, 2, 2)]
        );
        assert_eq!(store.usage_counted(&[JUNE]).await.unwrap(), [live(2, 2, 2)]);
        assert_eq!(store.usage_counted(&[]).await.unwrap(), []);
    }
}

/// Equal pieces share their rows, whatever statement they are of, withdrawn or not.
#[tokio::test]
async fn equal_pieces_share_their_rows() {
    for kept in backends() {
        let store = kept.store.as_ref();
        let first = import(store, 1, &["one"], vec![piece(0, MAY, "a", 5)]).await;
        store.import_usage(counting(first, &[])).await.unwrap();
        let mut second = import(store, 2, &["two"], vec![same(0, 1), piece(0, MAY, "b", 6)]).await;
        second.counts.end.push(1);
        second.counts.begin.push(whole(PieceRef::New(0), 5));
        store.import_usage(second).await.unwrap();
        let version = store.usage_statements().await.unwrap().version;
        let nothing = CountChange::default();
        store.withdraw_usage(1, may(3), actor(), version, nothing).await.unwrap();
        let third = import(store, 4, &["three"], vec![same(0, 2), same(0, 3)]).await;
        store.import_usage(third).await.unwrap();

        let pieces = store.usage_pieces(&[1, 2, 3], &[MAY]).await.unwrap();
        let told: Vec<_> =
            pieces.iter().map(|p| (p.number, p.statement, &*p.subject, &*p.file)).collect();
        let expected = [
            (1, 1, "a", "1.parquet"),
            (2, 2, "a", "1.parquet"),
            (3, 2, "b", "2.parquet"),
            (4, 3, "a", "1.parquet"),
            (5, 3, "b", "2.parquet"),
        ];
        assert_eq!(told, expected);
        for other in [1, 3] {
            let expected = PieceRecord { number: 1, statement: 1, ..pieces[other].clone() };
            assert_eq!(pieces[0], expected);
        }
        let live = &store.usage(None).await.unwrap().pieces[0];
        assert_eq!((live.number, live.piece, live.statement, live.import), (2, 2, 2, 2));
        assert_eq!((&*live.series, &*live.file), ("two", "1.parquet"));
        let names: BTreeSet<_> =
            store.charge_files().await.unwrap().into_iter().map(|file| file.name).collect();
        assert_eq!(names, ["1.parquet", "2.parquet"].map(str::to_owned).into());
    }
}
