//! The same money by two ways whose pieces do not meet: loose files, then runs of exports. Whether it
//! is refused or known, it must not count twice (P9).

use crate::usage::kept::Kept;
use crate::usage::world::{Cells, manifest, row, table};

/// A run of an export and month with these rows, in a folder.
fn deliver(kept: &Kept, folder: &str, export: &str, month: usize, rows: Vec<Cells>) {
    let csv = table(rows).csv();
    let submitted = format!("2026-{:02}-02T03:00:00Z", month + 1);
    kept.write(&format!("{folder}/part_0.csv"), &csv);
    let text = manifest(export, month, "r1", &submitted, &[("part_0.csv", csv.len())]);
    kept.write(&format!("{folder}/manifest.json"), text);
}

/// Rows of no subscription, first in loose files of two exports, then in their runs.
#[test]
fn rows_of_no_subscription_of_two_exports() {
    let kept = Kept::new();
    let rows = |export: usize| (0..4).map(|n| row(6, 3, 10 * export + n)).collect::<Vec<_>>();
    for export in [1, 2] {
        kept.write(&format!("loose/{export}.csv"), table(rows(export)).csv());
        deliver(&kept, &format!("runs/{export}"), &format!("e{export}"), 6, rows(export));
    }
    kept.taken(&["loose"]);
    let totals = kept.totals();
    kept.importing(&["runs"]).output().unwrap();
    assert_eq!(kept.totals(), totals);
}

/// A charge of June that came late, with July's run: loose it is a row of June, of the run one of July.
#[test]
fn a_late_charge_in_the_run_of_the_next_month() {
    let kept = Kept::new();
    let late = || vec![row(6, 0, 77)];
    kept.write("loose/june.csv", table((0..9).map(|n| row(6, 0, n)).collect()).csv());
    kept.write("loose/july.csv", table(late()).csv());
    deliver(&kept, "july", "daily", 7, late());
    kept.taken(&["loose"]);
    let totals = kept.totals();
    kept.importing(&["july"]).output().unwrap();
    assert_eq!(kept.totals(), totals);
}
