//! Imports that contradict themselves or what is kept: refused, and nothing is written.

use pal_store::{ChargeFile, NewCounted, PieceRef, UsageImport, UsageImportError, UsageRows};

use super::usage::{JUNE, MAY, all, content, counting, import, piece, same, whole};
use super::{at, backends};

/// One import has been counted: pieces 1 and 2, count 1 of piece 1, in two row groups of five rows.
#[tokio::test]
async fn what_contradicts_itself_is_refused_whole() {
    for kept in backends() {
        let store = kept.store.as_ref();
        let pieces = vec![piece(0, MAY, "a", 10), piece(0, MAY, "b", 2)];
        let mut first = counting(import(store, 1, &["k"], pieces).await, &[]);
        content(&mut first.pieces[0]).row_groups = vec![0, 7];
        first.counts.begin.truncate(1);
        store.import_usage(first).await.unwrap();
        let before = all(store).await;
        let good = counting(import(store, 2, &["k", "l"], vec![piece(0, MAY, "a", 10)]).await, &[]);
        for (what, says, spoil) in spoilt() {
            let mut wrong = good.clone();
            spoil(&mut wrong);
            let error = store.import_usage(wrong).await.unwrap_err();
            assert!(matches!(error, UsageImportError::Malformed(_)), "{what}: {error}");
            assert!(error.to_string().contains(says), "{what}: {error}");
            assert_eq!(all(store).await, before, "{what}");
        }
        store.import_usage(good).await.unwrap();
    }
}

type Spoil = Box<dyn Fn(&mut UsageImport)>;

fn spoilt() -> Vec<(&'static str, &'static str, Spoil)> {
    let mut all = in_pieces();
    all.extend(in_counts());
    all.extend(in_selections());
    all
}

fn in_pieces() -> Vec<(&'static str, &'static str, Spoil)> {
    fn case(
        what: &'static str,
        says: &'static str,
        spoil: impl Fn(&mut UsageImport) + 'static,
    ) -> (&'static str, &'static str, Spoil) {
        (what, says, Box::new(spoil))
    }
    vec![
        case("a piece of no statement", "piece 0 is of no statement", |i| {
            i.pieces[0].statement = 2;
        }),
        case("a file of no statement", "2.csv\" is of no statement", |i| i.read[0].0 = 2),
        case("a piece without a file", "piece 0 has no charge file", |i| {
            content(&mut i.pieces[0]).file = 1;
        }),
        case("rows that are nowhere", "has 10 rows and no row group", |i| {
            content(&mut i.pieces[0]).row_groups.clear();
        }),
        case("a month of no year", "month (2026, 13)", |i| {
            content(&mut i.pieces[0]).month = (2026, 13);
        }),
        case("two pieces of one place", "piece 1 is the second one", |i| {
            let mut other = piece(0, MAY, "a", 3);
            content(&mut other).row_groups = vec![1];
            i.pieces.push(other);
        }),
        case("two equal ones", "piece 1 is the second one", |i| i.pieces.push(same(0, 1))),
        case("two pieces in one row group", "row group 0 of \"2.parquet\"", |i| {
            let mut other = piece(0, JUNE, "a", 3);
            content(&mut other).row_groups = vec![5, 0];
            i.pieces.push(other);
        }),
        case("a row group twice", "row group 0 of \"2.parquet\"", |i| {
            content(&mut i.pieces[0]).row_groups = vec![0, 0];
        }),
        case("the same as nothing", "same as piece 9", |i| i.pieces.push(same(0, 9))),
        case("a name that is taken", "1.parquet\" already", |i| {
            "1.parquet".clone_into(&mut i.charges[0].name);
        }),
        case("a name given twice", "2.parquet\" already", |i| {
            i.charges.push(ChargeFile { sha256: [9; 32], ..i.charges[0].clone() });
            let mut other = piece(0, JUNE, "a", 3);
            content(&mut other).file = 1;
            content(&mut other).row_groups = vec![0];
            i.pieces.push(other);
        }),
        case("a size of a file", "2^63", |i| i.charges[0].bytes = u64::MAX),
        case("a size of a file read", "2^63", |i| i.read[0].1.bytes = 1 << 63),
        case("rows of a file read", "2^63", |i| i.read[0].1.rows = 1 << 63),
        case("rows of a piece", "2^63", |i| content(&mut i.pieces[0]).rows = 1 << 63),
        case("rows of the import", "2^63", |i| i.rows = 1 << 63),
    ]
}

fn in_counts() -> Vec<(&'static str, &'static str, Spoil)> {
    fn case(
        what: &'static str,
        says: &'static str,
        spoil: impl Fn(&mut UsageImport) + 'static,
    ) -> (&'static str, &'static str, Spoil) {
        (what, says, Box::new(spoil))
    }
    let begin = |piece, rows| move |i: &mut UsageImport| i.counts.begin.push(whole(piece, rows));
    vec![
        case("an end of nothing", "count 9 is to end", |i| i.counts.end.push(9)),
        case("an end twice", "count 1 is to end", |i| i.counts.end = vec![1, 1]),
        case("an end of what begins", "count 2 is to end", |i| i.counts.end.push(2)),
        case("a count of no piece", "no such piece", begin(PieceRef::New(1), 1)),
        case("a count of no kept piece", "no such piece", begin(PieceRef::Kept(9), 1)),
        case("a piece twice", "it counts already", begin(PieceRef::New(0), 10)),
        case("a piece that counts", "it counts already", begin(PieceRef::Kept(1), 10)),
        case("a new piece by its number", "it counts already", begin(PieceRef::Kept(3), 10)),
        case("an end before the start", "end before they start", |i| {
            i.counts.begin[0].last = at("2026-04-30T23:59:59.9999999Z");
        }),
        case("fewer rows than count", "9 rows of it", |i| i.counts.begin[0].rows = 9),
        case("more rows than count", "11 rows of it", |i| i.counts.begin[0].rows = 11),
    ]
}

/// Of piece 1, whose count ends.
fn in_selections() -> Vec<(&'static str, &'static str, Spoil)> {
    fn case(
        what: &'static str,
        says: &'static str,
        rows: u64,
        selection: &'static [UsageRows],
    ) -> (&'static str, &'static str, Spoil) {
        let spoil = move |import: &mut UsageImport| {
            import.counts.end.push(1);
            let selection = Some(selection.to_vec());
            let new = NewCounted { selection, ..whole(PieceRef::Kept(1), rows) };
            import.counts.begin.push(new);
        };
        (what, says, Box::new(spoil))
    }
    vec![
        case("another row group", "row group 1 is not of it", 2, &[(0, 0, 1), (1, 0, 1)]),
        case("a row twice", "row 2 of row group 7", 5, &[(7, 2, 2), (7, 0, 3)]),
        case("a row in another row", "row 1 of row group 7", 5, &[(7, 0, 4), (7, 1, 1)]),
        case("no rows", "no row of it", 0, &[]),
        case("rows of no length", "no row of it", 0, &[(7, 0, 0)]),
        case("other rows than said", "3 rows of it", 3, &[(7, 0, 2)]),
        case("more rows than it has", "it has 10 rows", 11, &[(0, 0, 6), (7, 0, 5)]),
        case(
            "rows at the end of numbers",
            "it has 10 rows",
            4_294_967_295,
            &[(0, 4_294_967_295, 4_294_967_295)],
        ),
    ]
}
