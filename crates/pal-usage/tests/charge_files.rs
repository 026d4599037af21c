//! Charge files: what was decoded once reports as the exports it came from, and is known again
//! however it comes.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::sync::atomic::AtomicU64;

use pal_attribution::ingest::{Container, GroupRows, Part, ReadOptions};
use pal_model::{Charge, Money};
use pal_usage::charges::{
    Decoded, RowRange, Sought, Sum, decode, file_digest, locate, stored_groups, stored_rows,
};

use crate::support::manifest;
use crate::worlds::case::{Case, Dice};
use crate::worlds::charges::{loose_styles, table_of};
use crate::worlds::run::{Folder, Setup};
use crate::worlds::table::gzip;

fn decoded(paths: &[PathBuf], out: &Path) -> Result<Decoded, String> {
    let found = pal_usage::discover(paths).map_err(|error| error.to_string())?;
    let rows = AtomicU64::new(0);
    let options = ReadOptions::default();
    let decoded = decode(&found, &options, out, &rows).map_err(|error| error.to_string())?;
    assert_eq!(decoded.pieces.iter().map(|piece| piece.rows).sum::<u64>(), rows.into_inner());
    Ok(decoded)
}

/// The charge files as parts, with the pieces that `keep` wants.
fn parts(decoded: &Decoded, folder: &Path, keep: impl Fn(usize) -> bool) -> Vec<Part> {
    let part = |(at, file): (usize, &pal_usage::charges::WrittenFile)| {
        let pieces = decoded.pieces.iter().enumerate();
        let mine = pieces.filter(|(place, piece)| piece.file == at && keep(*place));
        let mut row_groups: Vec<u32> =
            mine.flat_map(|(_, piece)| piece.row_groups.clone()).collect();
        row_groups.sort_unstable();
        let row_groups =
            row_groups.into_iter().map(|group| GroupRows::all(group as usize)).collect();
        Part {
            row_groups: Some(row_groups),
            name: file.name.clone(),
            ..Part::new(folder.join(&file.name), Container::Parquet)
        }
    };
    decoded.files.iter().enumerate().map(part).collect()
}

/// Subject, account and day.
type Place = (String, String, i32);

/// What the days of all statements hold: rows, sum, marks, costs.
fn days(decoded: &Decoded) -> BTreeMap<Place, (u64, Sum, u64, BTreeMap<String, i128>)> {
    let mut days: BTreeMap<Place, (u64, Sum, u64, BTreeMap<String, i128>)> = BTreeMap::new();
    for piece in &decoded.pieces {
        for day in &piece.days {
            let place = (piece.subject.clone(), piece.account.clone(), day.day);
            let (rows, sum, marks, costs) = days.entry(place).or_default();
            *rows += day.rows;
            *sum = sum.plus(&day.sum);
            *marks = marks.wrapping_add(day.marks);
            for (currency, cost) in &day.costs {
                *costs.entry(currency.clone()).or_default() += cost.units();
            }
        }
    }
    days
}

/// Days since 1 January 1970.
fn day_of(charge: &Charge) -> i32 {
    (charge.period.from().nanoseconds().div_euclid(86_400_000_000_000)) as i32
}

#[test]
fn a_report_of_charge_files_is_the_report_of_the_exports() {
    let mut told = 0;
    for seed in 70_000..70_060 {
        let case = Case::folded(seed);
        let setup = Setup { policy: case.policy.clone(), ..Setup::new(&case.text()) };
        let folder = Folder::new();
        let csv = folder.file("in/a.csv", table_of(&case.charges).csv());
        let out = tempfile::tempdir().unwrap();
        let found = decoded(std::slice::from_ref(&csv), out.path()).unwrap();
        let expected = setup.run(&[csv]).unwrap();
        let whole = parts(&found, out.path(), |_| true);
        assert_eq!(setup.run_parts(&whole).unwrap(), expected, "world {seed}");
        for (file, part) in found.files.iter().zip(&whole) {
            assert_eq!(file_digest(&part.path).unwrap(), (file.sha256.clone(), file.bytes));
        }
        told += u64::from(expected.lines().count() > 6);
    }
    assert!(told > 20, "{told} worlds told something");
}

#[test]
fn a_part_of_the_pieces_is_the_report_of_their_rows() {
    for seed in 71_000..71_040 {
        let case = Case::folded(seed);
        let setup = Setup { policy: case.policy.clone(), ..Setup::new(&case.text()) };
        let folder = Folder::new();
        let csv = folder.file("in/a.csv", table_of(&case.charges).csv());
        let out = tempfile::tempdir().unwrap();
        let found = decoded(&[csv], out.path()).unwrap();
        let of = |charge: &Charge| {
            let subject = charge.subscription.clone().unwrap_or_default().to_ascii_lowercase();
            (charge.period.from().month(), subject)
        };
        let kept: Vec<_> = found.pieces.iter().map(|p| (p.month, p.subject.clone())).collect();
        let kept: BTreeSet<_> = kept.into_iter().step_by(2).collect();
        let rows: Vec<Charge> =
            case.charges.iter().filter(|charge| kept.contains(&of(charge))).cloned().collect();
        let expected = setup.run(&[folder.file("in/b.csv", table_of(&rows).csv())]).unwrap();
        let half = parts(&found, out.path(), |piece| piece % 2 == 0);
        assert_eq!(setup.run_parts(&half).unwrap(), expected, "world {seed}");
    }
}

/// The same rows, however they are named, packed, split and ordered.
#[test]
fn the_same_content_has_the_same_sums() {
    for seed in 72_000..72_030 {
        let mut dice = Dice::new(seed);
        let mut case = Case::new(seed);
        let first = Folder::new();
        let csv = table_of(&case.charges).csv();
        let out = tempfile::tempdir().unwrap();
        let one = decoded(&[first.file("a.csv", &csv)], out.path()).unwrap();
        let expected = days(&one);
        dice.shuffle(&mut case.charges);
        case.recase(&mut |text| match dice.below(2) {
            0 => text.to_ascii_uppercase(),
            _ => text.to_owned(),
        });
        let shuffled = Folder::new();
        let csv = shuffled.file("b.csv.gz", gzip(&table_of(&case.charges).csv()));
        let out = tempfile::tempdir().unwrap();
        let other = decoded(&[csv], out.path()).unwrap();
        let digests = |decoded: &Decoded| -> Vec<_> {
            decoded.pieces.iter().map(|p| (p.month, p.subject.clone(), p.digest)).collect()
        };
        assert_eq!(digests(&other), digests(&one), "world {seed}");
        let middle = dice.below(case.charges.len() as u64) as usize;
        let (some, others) = case.charges.split_at(middle);
        let second = Folder::new();
        second.file("other/z.csv.gz", gzip(&table_of(some).csv()));
        let style = *dice.pick(&loose_styles());
        second.file("x.parquet", table_of(others).parquet(&style));
        let out = tempfile::tempdir().unwrap();
        let again = decoded(&[second.path().to_owned()], out.path()).unwrap();
        assert_eq!(again.statements.len(), 2, "each loose file is a statement");
        assert_eq!(days(&again), expected, "world {seed}");
    }
}

/// The days of a piece are all of its rows, each once, and a selection reads just its rows.
#[test]
fn ranges_of_days_are_their_rows() {
    for seed in 75_000..75_040 {
        let case = Case::folded(seed);
        let setup = Setup { policy: case.policy.clone(), ..Setup::new(&case.text()) };
        let folder = Folder::new();
        let csv = folder.file("in/a.csv", table_of(&case.charges).csv());
        let out = tempfile::tempdir().unwrap();
        let found = decoded(&[csv], out.path()).unwrap();
        let mut selected: BTreeMap<usize, Vec<RowRange>> = BTreeMap::new();
        for piece in &found.pieces {
            let file = out.path().join(&found.files[piece.file].name);
            let whole = stored_groups(&file, &piece.row_groups).unwrap();
            assert_eq!(whole.len() as u64, piece.rows);
            let mut in_days = Vec::new();
            for day in &piece.days {
                let rows = stored_rows(&file, &day.ranges).unwrap();
                assert_eq!(rows.len() as u64, day.rows, "world {seed}");
                assert_eq!(Sum::of(rows.iter().map(|row| &row.digest)), day.sum, "world {seed}");
                assert_eq!(rows.iter().map(|row| row.first).min(), Some(day.first));
                assert_eq!(rows.iter().map(|row| row.last).max(), Some(day.last));
                let total: i128 = rows.iter().map(|row| row.cost.units()).sum();
                assert_eq!(day.costs.iter().map(|(_, cost)| cost.units()).sum::<i128>(), total);
                in_days.extend(rows);
                if day.day % 2 == 0 {
                    selected.entry(piece.file).or_default().extend(&day.ranges);
                }
            }
            assert_eq!(in_days, whole, "within a row group rows stand by day");
        }
        let even: Vec<Charge> =
            case.charges.iter().filter(|charge| day_of(charge) % 2 == 0).cloned().collect();
        if even.is_empty() {
            continue;
        }
        let expected = setup.run(&[folder.file("in/b.csv", table_of(&even).csv())]).unwrap();
        let part = |(file, mut ranges): (usize, Vec<RowRange>)| {
            ranges.sort_unstable();
            let groups =
                ranges.chunk_by(|a, b| a.row_group == b.row_group).map(|group| GroupRows {
                    group: group[0].row_group as usize,
                    rows: Some(group.iter().map(|r| (r.start.into(), r.rows.into())).collect()),
                });
            Part {
                row_groups: Some(groups.collect()),
                ..Part::new(out.path().join(&found.files[file].name), Container::Parquet)
            }
        };
        let parts: Vec<Part> = selected.into_iter().map(part).collect();
        assert_eq!(setup.run_parts(&parts).unwrap(), expected, "world {seed}");
    }
}

#[test]
fn a_changed_row_is_named() {
    for seed in 73_000..73_020 {
        let case = Case::folded(seed);
        let folder = Folder::new();
        let out = tempfile::tempdir().unwrap();
        let csv = folder.file("a/a.csv", table_of(&case.charges).csv());
        let known = decoded(&[csv], out.path()).unwrap();
        let mut charges = case.charges.clone();
        let at = seed as usize % charges.len();
        charges[at].cost = Money::from_units(charges[at].cost.units() ^ 1);
        let changed = folder.file("b/changed.csv", table_of(&charges).csv());
        let again = tempfile::tempdir().unwrap();
        let fresh = decoded(std::slice::from_ref(&changed), again.path()).unwrap();
        let (before, after) = (days(&known), days(&fresh));
        let other: Vec<_> = after.iter().filter(|(place, day)| before[*place] != **day).collect();
        assert_eq!(other.len(), 1, "world {seed}");
        let (subject, _, day) = other[0].0;
        let mut rows = Vec::new();
        for piece in known.pieces.iter().filter(|piece| piece.subject == *subject) {
            let file = out.path().join(&known.files[piece.file].name);
            for found in piece.days.iter().filter(|found| found.day == *day) {
                let stored = stored_rows(&file, &found.ranges).unwrap();
                rows.extend(stored.into_iter().map(|row| row.digest));
            }
        }
        let sought =
            Sought { subject: subject.clone(), account: None, days: vec![*day], known: rows };
        let parts = pal_usage::discover(&[changed]).unwrap().parts();
        let found = locate(&parts, &ReadOptions::default(), &sought, 5).unwrap();
        assert_eq!((found.unknown, found.missing), (1, 1), "world {seed}");
        // Every row has one line more than its number: tags hold a line break.
        assert_eq!(found.places.len(), 1);
        assert!(found.places[0].contains("changed.csv:"), "{found:?}");
    }
}

#[test]
fn a_late_charge_is_of_its_own_month_also_in_a_run() {
    let case = Case::folded(74_000);
    let folder = Folder::new();
    let csv = table_of(&case.charges).csv();
    folder.file("daily/20261001-20261031/r/part_0.csv", &csv);
    let files = [("part_0.csv", csv.len(), case.charges.len())];
    let text = manifest("r", "2026-11-01T03:00:00Z", "2026-10-01T00:00:00", &files);
    folder.file("daily/20261001-20261031/r/manifest.json", text);
    let out = tempfile::tempdir().unwrap();
    let found = decoded(&[folder.path().to_owned()], out.path()).unwrap();
    assert_eq!(found.statements.len(), 1);
    let months: BTreeSet<_> = case.charges.iter().map(|c| c.period.from().month()).collect();
    let of_pieces: BTreeSet<_> = found.pieces.iter().map(|piece| piece.month).collect();
    assert_eq!(of_pieces, months);
    assert_eq!(found.files.len(), months.len());
    assert!(found.pieces.iter().all(|piece| piece.account == "1"), "the account of the scope");
}

/// Files that Arrow wrote, with its schema in the footer, are in data folders.
#[test]
fn charge_files_of_before_are_read() {
    let fixtures = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures");
    let out = tempfile::tempdir().unwrap();
    let found = decoded(&[fixtures.join("exports")], out.path()).unwrap();
    assert_eq!(found.files.len(), 2);
    let rows = |file: &Path, groups: &[u32]| {
        let rows = stored_groups(file, groups).unwrap();
        let mut rows: Vec<String> = rows.iter().map(|row| format!("{row:?}")).collect();
        rows.sort();
        rows
    };
    for (at, file) in found.files.iter().enumerate() {
        let mine = found.pieces.iter().filter(|piece| piece.file == at);
        let groups: Vec<u32> = mine.flat_map(|piece| piece.row_groups.clone()).collect();
        let now = rows(&out.path().join(&file.name), &groups);
        assert_eq!(rows(&fixtures.join("charges").join(&file.name), &groups), now);
        assert!(!now.is_empty());
    }
}
