//! Charge files: what was decoded once reports as the exports it came from, and is known again
//! however it comes.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on should stop")]

#[path = "../../pal-attribution/tests/support/case.rs"]
#[expect(dead_code, reason = "shared with tests that need more of it")]
mod case;
#[path = "../../pal-attribution/tests/support/charges.rs"]
#[expect(dead_code, reason = "shared with tests that need more of it")]
mod charges;
#[path = "../../pal-attribution/tests/support/run.rs"]
mod run;
mod support;
#[path = "../../pal-attribution/tests/support/table.rs"]
mod table;
#[path = "../../pal-attribution/tests/support/world.rs"]
mod world;

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::atomic::AtomicU64;

use pal_attribution::ingest::{Container, Part, ReadOptions};
use pal_model::{Charge, Money};
use pal_usage::charges::{Decoded, Unit, decode, differences, file_digest};

use case::{Case, Dice};
use charges::{loose_styles, table_of};
use run::{Folder, Setup};
use support::manifest;
use table::gzip;

fn decoded(paths: &[PathBuf], out: &Path) -> Result<Decoded, String> {
    let parts = pal_usage::discover(paths).map_err(|error| error.to_string())?;
    let rows = AtomicU64::new(0);
    let options = ReadOptions::default();
    let decoded = decode(&parts, &options, out, &rows).map_err(|error| error.to_string())?;
    assert_eq!(decoded.pieces.iter().map(|piece| piece.rows).sum::<u64>(), rows.into_inner());
    Ok(decoded)
}

/// The charge files as parts, with the pieces that `keep` wants.
fn parts(decoded: &Decoded, folder: &Path, keep: impl Fn(usize) -> bool) -> Vec<Part> {
    let part = |(at, file): (usize, &pal_usage::charges::WrittenFile)| {
        let pieces = decoded.pieces.iter().enumerate();
        let mine = pieces.filter(|(place, piece)| piece.file == at && keep(*place));
        let mut row_groups: Vec<usize> =
            mine.flat_map(|(_, piece)| piece.row_groups.clone()).collect();
        row_groups.sort_unstable();
        Part {
            row_groups: Some(row_groups),
            name: file.name.clone(),
            ..Part::new(folder.join(&file.name), Container::Parquet)
        }
    };
    decoded.files.iter().enumerate().map(part).collect()
}

fn digests(decoded: &Decoded) -> BTreeSet<(String, String)> {
    let of = |p: &pal_usage::charges::Piece| (p.subject.clone(), p.digest.clone());
    decoded.pieces.iter().map(of).collect()
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
fn the_same_content_has_the_same_digests() {
    for seed in 72_000..72_030 {
        let mut dice = Dice::new(seed);
        let mut case = Case::new(seed);
        let first = Folder::new();
        let csv = table_of(&case.charges).csv();
        let out = tempfile::tempdir().unwrap();
        let expected = decoded(&[first.file("a.csv", &csv)], out.path()).unwrap();
        dice.shuffle(&mut case.charges);
        case.recase(&mut |text| match dice.below(2) {
            0 => world::casing::upper(text),
            _ => text.to_owned(),
        });
        let middle = dice.below(case.charges.len() as u64) as usize;
        let (some, others) = case.charges.split_at(middle);
        let second = Folder::new();
        second.file("other/z.csv.gz", gzip(&table_of(some).csv()));
        let style = *dice.pick(&loose_styles());
        second.file("x.parquet", table_of(others).parquet(&style));
        let out = tempfile::tempdir().unwrap();
        let again = decoded(&[second.path().to_owned()], out.path()).unwrap();
        assert_eq!(digests(&again), digests(&expected), "world {seed}");
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
        let known_digests = digests(&known);
        let other: Vec<_> = (fresh.pieces.iter())
            .filter(|p| !known_digests.contains(&(p.subject.clone(), p.digest.clone())))
            .collect();
        assert_eq!(other.len(), 1, "world {seed}");
        let place = |p: &pal_usage::charges::Piece| {
            (p.month, &p.subject) == (other[0].month, &other[0].subject)
        };
        let parts_known = parts(&known, out.path(), |at| place(&known.pieces[at]));
        let unit = Unit { source: None, month: other[0].month, subject: other[0].subject.clone() };
        let fresh_parts = pal_usage::discover(&[changed]).unwrap();
        let options = ReadOptions::default();
        let found = differences(&parts_known, &fresh_parts, &options, &unit, 5).unwrap();
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
    let manifest = manifest(
        "r",
        "2026-11-01T03:00:00Z",
        "2026-10-01T00:00:00",
        &[("part_0.csv", csv.len(), case.charges.len())],
    );
    folder.file("daily/20261001-20261031/r/manifest.json", manifest);
    let out = tempfile::tempdir().unwrap();
    let found = decoded(&[folder.path().to_owned()], out.path()).unwrap();
    let run = found.sources[0].as_ref().unwrap();
    assert_eq!((run.export.as_str(), run.month), ("daily", (2026, 10)));
    let months: BTreeSet<_> = case.charges.iter().map(|c| c.period.from().month()).collect();
    let of_pieces: BTreeSet<_> = found.pieces.iter().map(|piece| piece.month).collect();
    assert_eq!(of_pieces, months);
    assert_eq!(found.files.len(), months.len());
    assert!(found.pieces.iter().all(|p| !p.subject.is_empty()), "rows without one name the scope");
}
