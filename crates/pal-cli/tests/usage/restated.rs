//! What was counted is not changed without a word, and what was reported stays what it was (P10).

use pal_usage::Imported;
use serde_json::Value;

use crate::table::Table;
use crate::usage::kept::{Kept, names};
use crate::usage::world::{manifest, row, table, world};

/// The world in `usage.csv`, counted, and the same with one row changed in `changed.csv`.
fn counted() -> (Kept, Table) {
    let kept = Kept::new();
    let mut world = world(20);
    kept.write("usage.csv", world.csv()).taken(&["usage.csv"]);
    // Row 30 is in line 32.
    world.rows[30][2] = Some("12.5".to_owned());
    kept.write("changed.csv", world.csv());
    (kept, world)
}

/// All that could have changed: what counts with its times, what was taken in, the files.
fn everything(kept: &Kept) -> String {
    let mut files = names(&kept.path("data/charges"));
    files.sort();
    let months = Value::Array(kept.months(&[]));
    format!("{}\n{months}\n{:?}\n{files:?}", kept.totals(), kept.imports())
}

/// All that is known.
const NOW: &str = "";

fn report(kept: &Kept, known_at: &str) -> String {
    let keys = "month,partner_id,subscription_id,resource_id,currency";
    let mut report = vec!["report", "--data-dir", "data"];
    if known_at != NOW {
        report.extend(["--known-at", known_at]);
    }
    let rows = kept.folder.done(&[&report[..], &["--group-by", keys]].concat());
    rows + &kept.folder.done(&[&report[..], &["--balance"]].concat())
}

/// Since when the last of what counts is known.
fn known(kept: &Kept) -> String {
    let months = kept.months(&[]);
    months.iter().map(|month| month["known"].as_str().unwrap().to_owned()).max().unwrap()
}

fn editions(kept: &Kept) -> Vec<u64> {
    kept.months(&[]).iter().map(|month| month["edition"].as_u64().unwrap()).collect()
}

/// Months and subscriptions whose rows were replaced.
fn replaced(done: &Imported) -> u64 {
    done.months.iter().map(|month| month.replaced).sum()
}

#[test]
fn a_changed_row_is_refused_by_its_place() {
    let (kept, _) = counted();
    let before = everything(&kept);
    let why = kept.refused(&["changed.csv"]);
    assert!(why.contains("changed.csv:32"), "{why}");
    assert!(why.contains("subscription fab00000-5000-4000-8000-000000000002 on 2026-06-"), "{why}");
    assert!(why.contains("1 row is not among those that count"), "{why}");
    assert!(why.contains("1 row is counted and not in these files"), "{why}");
    assert!(why.contains("--restate") && why.contains("--add"), "{why}");
    assert!(!why.trim_end().contains('\n'), "{why}");
    assert_eq!(everything(&kept), before);
    kept.assert_whole();
}

#[test]
fn a_day_less_says_nothing_and_a_row_more_is_refused() {
    let (kept, _) = counted();
    let before = everything(&kept);
    let mut world = world(20);
    let cut = world.rows.remove(7);
    world.rows.extend([cut.clone(), cut.clone()]);
    let last = world.rows.len() + 1;
    let why = kept.write("more.csv", world.csv()).refused(&["more.csv"]);
    let place = format!("1 row is not among those that count: more.csv:{last}");
    assert!(why.contains(&place), "{why}");
    assert_eq!(everything(&kept), before);
    // A file without all rows of a subscription and day does not say that there are none.
    let totals = kept.totals();
    let of_day = |row: &crate::usage::world::Cells| (row[0].clone(), row[7].clone());
    world.rows.retain(|row| of_day(row) != of_day(&cut));
    kept.write("less.csv", world.csv()).taken(&["less.csv"]);
    assert_eq!(kept.totals(), totals);
}

#[test]
fn a_restatement_is_a_new_edition_and_old_reports_stay() {
    let (kept, world) = counted();
    let then = known(&kept);
    let before = report(&kept, &then);
    let done = kept.outcome(&["changed.csv", "--restate"]);
    assert!(done.changed && done.months[1..].iter().all(|month| month.known > 0), "{done:?}");
    assert_eq!(replaced(&done), 1, "{done:?}");
    assert_eq!(editions(&kept), [2, 1, 1]);
    assert_eq!(report(&kept, &then), before);
    // What counts now is what counts where only the new file was ever seen.
    let fresh = Kept::new();
    fresh.write("changed.csv", world.csv()).taken(&["changed.csv"]);
    let now = report(&kept, NOW);
    assert_eq!(now, report(&fresh, NOW));
    assert_ne!(now, before);
    let list = ["usage", "list", "--data-dir", "data", "-o", "json", "--known-at", &then];
    let old: Value = serde_json::from_str(&kept.folder.done(&list)).unwrap();
    assert_eq!(old[0]["edition"], 1);
    // Back again: edition 3, the first bytes.
    kept.taken(&["usage.csv", "--restate"]);
    assert_eq!(editions(&kept), [3, 1, 1]);
    assert_eq!(report(&kept, NOW), before);
    assert_eq!(report(&kept, &then), before);
    kept.assert_whole();
}

#[test]
fn added_rows_count_besides() {
    let (kept, _) = counted();
    let then = known(&kept);
    let before = report(&kept, &then);
    let more = table((0..10).map(|n| row(6, 0, 1_000 + n)).collect());
    kept.write("more.csv", more.csv());
    kept.refused(&["more.csv"]);
    kept.taken(&["more.csv", "--add"]);
    let totals = kept.totals();
    let mut world = world(20);
    world.rows.extend(more.rows);
    let fresh = Kept::new();
    fresh.write("usage.csv", world.csv()).taken(&["usage.csv"]);
    assert_eq!(report(&kept, NOW), report(&fresh, NOW), "both count");
    kept.taken(&["more.csv", "--add"]);
    assert_eq!(kept.totals(), totals, "the same addition again");
    assert_eq!(report(&kept, &then), before);
}

/// A run of June with the rows of these subscriptions, of which one is changed.
fn deliver(kept: &Kept, run: &str, submitted: &str, of: &[usize], cost: Option<&str>) -> String {
    let rows = of.iter().flat_map(|of| (0..12).map(|n| row(6, *of, n)));
    let mut table = table(rows.collect());
    if let Some(cost) = cost {
        table.rows[3][2] = Some(cost.to_owned());
    }
    let csv = table.csv();
    let folder = format!("runs/{run}");
    kept.write(&format!("{folder}/part_0.csv"), &csv);
    let text = manifest("daily", 6, run, submitted, &[("part_0.csv", csv.len())]);
    kept.write(&format!("{folder}/manifest.json"), text);
    folder
}

#[test]
fn a_newer_run_replaces_an_older_one_changes_nothing() {
    let kept = Kept::new();
    let first = deliver(&kept, "r1", "2026-07-01T03:00:00Z", &[0, 1, 3], None);
    let second = deliver(&kept, "r2", "2026-07-02T03:00:00.1234567Z", &[0, 1], Some("7.75"));
    kept.taken(&[&first]);
    let then = known(&kept);
    let before = report(&kept, &then);
    let done = kept.outcome(&[&second]);
    assert_eq!((done.months[0].replaced, done.months[0].ended), (1, 1), "{done:?}");
    let fresh = Kept::new();
    let alone = deliver(&fresh, "r2", "2026-07-02T03:00:00.1234567Z", &[0, 1], Some("7.75"));
    fresh.taken(&[&alone]);
    let now = report(&kept, NOW);
    assert_eq!(now, report(&fresh, NOW));
    assert_eq!(report(&kept, &then), before);
    let totals = kept.totals();
    let done = kept.outcome(&[&first]);
    assert!(!done.changed, "{done:?}");
    assert_eq!(kept.totals(), totals, "the older run again");
    kept.taken(&["runs"]);
    assert_eq!(kept.totals(), totals, "both together");
    // The same run says something else.
    deliver(&kept, "r2", "2026-07-02T03:00:00.1234567Z", &[0, 1], Some("8.75"));
    let before = everything(&kept);
    let why = kept.refused(&[&second]);
    assert!(why.contains("run r2 of export daily") && why.contains("differ"), "{why}");
    assert_eq!(everything(&kept), before);
    kept.assert_whole();
}

#[test]
fn a_dry_run_shows_what_would_be_and_changes_nothing() {
    let (kept, world) = counted();
    let before = everything(&kept);
    let would = kept.outcome(&["changed.csv", "--dry-run", "--restate"]);
    assert_eq!((would.number, would.changed, replaced(&would)), (None, true, 1), "{would:?}");
    let would = kept.outcome(&["usage.csv", "--dry-run"]);
    assert_eq!((would.number, would.changed), (None, false), "{would:?}");
    let why = kept.refused(&["changed.csv", "--dry-run"]);
    assert!(why.contains("changed.csv:32"), "{why}");
    let mut bad = table(world.rows[..9].to_vec());
    bad.rows[2][2] = Some("much".to_owned());
    bad.rows[4][0] = Some("2026-02-30".to_owned());
    bad.rows[7][4] = None;
    kept.write("bad.csv", bad.csv());
    let output = kept.importing(&["bad.csv", "--dry-run"]).output().unwrap();
    assert_eq!(output.status.code(), Some(1));
    let told = crate::usage::kept::said(&output);
    for place in ["bad.csv:4", "bad.csv:6", "bad.csv:9"] {
        assert!(told.contains(place), "{told}");
    }
    for of in ["'much'", "2026-02-30", "BillingCurrency"] {
        assert!(told.contains(of), "{told}");
    }
    assert_eq!(everything(&kept), before);
}

#[test]
fn a_withdrawal_ends_what_an_import_brought() {
    let (kept, _) = counted();
    let then = known(&kept);
    let (before, totals) = (report(&kept, &then), kept.totals());
    let only = row(9, 0, 5);
    kept.write("september.csv", table(vec![only]).csv()).taken(&["september.csv"]);
    assert_ne!(kept.totals(), totals);
    let later = known(&kept);
    let with = report(&kept, &later);
    kept.folder.done(&["usage", "withdraw", "2", "--data-dir", "data"]);
    assert_eq!(kept.totals(), totals, "withdrawn");
    assert_eq!(kept.imports()[1]["state"], "withdrawn");
    assert_eq!(report(&kept, &then), before);
    assert_eq!(report(&kept, &later), with, "what was known stays known");
    let status = |number: &str| {
        kept.folder.pal(&["usage", "withdraw", number, "--data-dir", "data"]).status.code()
    };
    assert_eq!((status("2"), status("99")), (Some(1), Some(3)));
    // It can come again.
    kept.taken(&["september.csv"]);
    let months = kept.months(&[]);
    assert_eq!(
        (months[3]["month"].as_str(), months[3]["rows"].as_u64()),
        (Some("2026-09"), Some(1))
    );
    kept.assert_whole();
}
