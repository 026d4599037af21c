//! The same content counts once, however it comes (P9).

use crate::table::{AZURE, Cost, Style, Table, Time, gzip, styles};
use crate::usage::kept::{Kept, said};
use crate::usage::world::{manifest, row, table, world};

/// A folder in which a world counts, the world, and what counts.
fn counted(each: usize) -> (Kept, Table, String) {
    let kept = Kept::new();
    let world = world(each);
    kept.write("usage.csv", world.csv());
    kept.taken(&["usage.csv"]);
    let totals = kept.totals();
    assert!(totals.lines().count() > 50, "{totals}");
    (kept, world, totals)
}

/// Nothing changed, and the last import says so.
fn assert_known(kept: &Kept, totals: &str, how: &str) {
    assert_eq!(kept.totals(), totals, "{how}");
    assert_eq!(kept.imports().last().unwrap()["state"], "unchanged", "{how}");
    assert_eq!(kept.litter(), Vec::<String>::new(), "{how}");
}

#[test]
fn the_same_again_renamed_packed_split_and_reordered() {
    let (kept, mut world, totals) = counted(40);
    kept.taken(&["usage.csv"]);
    assert_known(&kept, &totals, "again");
    let csv = world.csv();
    kept.write("other/name of it.CSV", &csv).taken(&["other/name of it.CSV"]);
    assert_known(&kept, &totals, "renamed");
    kept.write("usage.csv.gz", gzip(&csv)).taken(&["usage.csv.gz"]);
    assert_known(&kept, &totals, "compressed");
    // Twice in one call is one file; a copy of it is not.
    kept.taken(&["usage.csv", "./usage.csv", "other/../usage.csv"]);
    assert_known(&kept, &totals, "by three names");
    world.rows.reverse();
    kept.write("reordered.csv", world.csv()).taken(&["reordered.csv"]);
    assert_known(&kept, &totals, "reordered");
    for (n, rows) in world.rows.chunks(37).enumerate() {
        let piece = table(rows.to_vec());
        match n % 3 {
            0 => kept.write(&format!("split/{n}.csv"), piece.csv()),
            1 => kept.write(&format!("split/{n}.csv.gz"), gzip(&piece.csv())),
            _ => kept.write(&format!("split/deep/{n}.parquet"), piece.parquet(&AZURE)),
        };
    }
    kept.taken(&["split"]);
    assert_known(&kept, &totals, "split");
    for cells in world.rows.iter_mut().step_by(2) {
        for cell in [6, 7, 8] {
            cells[cell] = cells[cell].as_ref().map(|text| text.to_ascii_uppercase());
        }
    }
    kept.write("casing.csv", world.csv()).taken(&["casing.csv"]);
    assert_known(&kept, &totals, "in another casing");
    kept.assert_whole();
}

#[test]
fn the_same_as_parquet_of_every_kind() {
    let (kept, world, totals) = counted(20);
    let fits = |style: &Style| style.cost != Cost::Double && style.time != Time::Date;
    for (n, style) in styles().into_iter().filter(fits).enumerate() {
        let name = format!("{n}.parquet");
        kept.write(&name, world.parquet(&style)).taken(&[&name]);
        assert_known(&kept, &totals, &format!("{style:?}"));
    }
}

/// A file that is there twice, under two names, counts once, and the copy is named.
#[test]
fn a_copy_beside_its_original_is_not_counted_twice() {
    let (kept, world, totals) = counted(5);
    kept.write("copies/a.csv", world.csv()).write("copies/b.csv", world.csv());
    kept.taken(&["copies"]);
    assert_eq!(kept.totals(), totals);
}

/// Loose files first, then the folder that the export delivered, and the other way round.
#[test]
fn runs_after_loose_files_and_loose_files_after_runs() {
    let kept = Kept::new();
    let month = |month| {
        let rows = (0..3).flat_map(|of| (0..30).map(move |n| row(month, of, n)));
        table(rows.chain((0..4).map(|n| row(month, 3, n))).collect()).csv()
    };
    for at in 6..=8 {
        let csv = month(at);
        kept.write(&format!("loose/{at}.csv"), &csv);
        let folder = format!("runs/daily/2026{at:02}01-2026{at:02}28/r{at}");
        let submitted = format!("2026-{:02}-03T04:05:06.7890123Z", at + 1);
        let files = [("part_0.csv", csv.len())];
        kept.write(&format!("{folder}/part_0.csv"), &csv);
        let manifest = manifest("daily", at, &format!("r{at}"), &submitted, &files);
        kept.write(&format!("{folder}/manifest.json"), manifest);
    }
    let other = kept.copy();
    kept.taken(&["loose"]);
    let totals = kept.totals();
    kept.taken(&["runs"]);
    assert_known(&kept, &totals, "runs after loose files");
    other.taken(&["runs"]);
    assert_eq!(other.totals(), totals, "runs only");
    other.taken(&["loose"]);
    assert_known(&other, &totals, "loose files after runs");
}

#[test]
fn the_demo_twice_as_it_is_delivered() {
    let kept = Kept::new();
    kept.taken(&["demo/usage"]);
    let totals = kept.totals();
    let files = ["report", "--facts", "demo/facts.jsonl", "--usage", "demo/usage", "--balance"];
    let direct = kept.folder.done(&files);
    assert!(totals.contains(&direct), "{direct}\n{totals}");
    kept.taken(&["demo/usage"]);
    assert_known(&kept, &totals, "again");
    for part in ["contoso-focus-eur", "contoso-focus-usd"] {
        kept.taken(&[&format!("demo/usage/{part}")]);
        assert_known(&kept, &totals, part);
    }
    kept.assert_whole();
}

/// Two programs import one file at the same moment: one of them counts it, both say so.
#[test]
fn two_at_once_count_once() {
    let empty = Kept::new();
    empty.write("usage.csv", world(30).csv());
    let alone = empty.copy();
    alone.taken(&["usage.csv"]);
    let totals = alone.totals();
    let (mut first_won, mut kept) = (0, empty.copy());
    for round in 0..20 {
        if round % 2 == 0 {
            kept = empty.copy();
        }
        let start = || {
            let mut command = kept.importing(&["usage.csv"]);
            command.stdout(std::process::Stdio::piped()).stderr(std::process::Stdio::piped());
            command.spawn().unwrap()
        };
        let both = [start(), start()].map(|child| child.wait_with_output().unwrap());
        for output in &both {
            assert!(output.status.success(), "round {round}: {}", said(output));
        }
        assert_eq!(kept.totals(), totals, "round {round}");
        assert_eq!(kept.litter(), Vec::<String>::new(), "round {round}");
        let counted = kept.imports().iter().filter(|one| one["state"] == "counted").count();
        assert_eq!(counted, 1, "round {round}");
        first_won += usize::from(kept.imports()[0]["state"] == "counted");
        kept.assert_whole();
    }
    assert_eq!(first_won, 20);
}
