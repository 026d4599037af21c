//! Exports and files as they are delivered, through the engine: what counts of them, in the figures of
//! a report.

use std::path::PathBuf;

use crate::support::manifest;
use crate::worlds::case::Case;
use crate::worlds::charges::table_of;
use crate::worlds::run::{Folder, Setup};
use crate::worlds::table::{AZURE, Style, Table, gzip, styles};
use serde_json::json;

const TENANT: &str = "22222222-bbbb-4000-8000-000000000001";
const APP: &str = "11111111-aaaa-4000-8000-000000000001";
const WEB: &str = "/subscriptions/11111111-aaaa-4000-8000-000000000001/resourceGroups/Rg-App/providers/Microsoft.Compute/virtualMachines/Web-1";

/// One partner is Owner of everything.
fn everywhere() -> Setup {
    let lines = [
        json!({"kind": "partner", "partner": "111111", "type": "location", "name": "North"}),
        json!({"kind": "tenant", "tenant": TENANT, "name": "of app"}),
        json!({"kind": "subscription", "tenant": TENANT, "subscription": APP, "name": "app"}),
        json!({"kind": "principal", "tenant": TENANT, "object": APP, "type": "User"}),
        json!({"kind": "link", "tenant": TENANT, "object": APP, "partner": "111111"}),
        json!({"kind": "roleAssignment", "tenant": TENANT, "id": "a", "principal": APP,
            "role": "Owner", "scope": "/"}),
    ];
    Setup::new(&lines.map(|line| line.to_string() + "\n").concat())
}

/// So many equal rows of FOCUS: 31.00 a day.
fn focus(rows: usize) -> Table {
    let cells = [
        ("ChargePeriodStart", "2026-07-10T00:00:00Z"),
        ("ChargePeriodEnd", "2026-07-11T00:00:00Z"),
        ("EffectiveCost", "31"),
        ("BilledCost", "99"),
        ("BillingCurrency", "EUR"),
        ("ChargeCategory", "Usage"),
        ("x_PublisherCategory", "Cloud Provider"),
        ("ResourceId", WEB),
        ("SubAccountId", "/subscriptions/11111111-aaaa-4000-8000-000000000001"),
        ("x_ResourceGroupName", "Rg-App"),
    ];
    Table {
        header: cells.map(|(name, _)| name.to_owned()).to_vec(),
        rows: vec![cells.map(|(_, text)| Some(text.to_owned())).to_vec(); rows],
    }
}

fn run(setup: &Setup, paths: &[PathBuf]) -> Result<String, String> {
    setup.run_parts(&pal_usage::discover(paths).map_err(|error| error.to_string())?.parts())
}

/// The total lines of the balance.
fn totals(printed: &str) -> Vec<&str> {
    printed.lines().filter(|line| line.contains(",total,")).collect()
}

/// Runs as Azure lays them out, each in parts of every container.
#[test]
fn export_layout_in_any_container() {
    let setup = everywhere();
    let half = focus(2);
    let csv = half.csv();
    let zstd = Style { compression: styles()[1].compression, ..AZURE };
    for (name, bytes) in [
        ("part_0.csv", csv.clone()),
        ("part_0.csv.gz", gzip(&csv)),
        ("part_0.snappy.parquet", half.parquet(&AZURE)),
        ("part_0.parquet", half.parquet(&zstd)),
    ] {
        let folder = Folder::new();
        let at = "daily/20260701-20260731/202608020300/5-newest";
        let names = [name.to_owned(), name.replace('0', "1")];
        for name in &names {
            folder.file(&format!("{at}/{name}"), &bytes);
        }
        let files: Vec<_> = names.iter().map(|n| (n.as_str(), bytes.len(), 2)).collect();
        // Without a zone, as Azure writes it.
        let text =
            manifest("5-newest", "2026-08-02T03:00:00.2762452Z", "2026-07-01T00:00:00", &files);
        let text = folder.file(&format!("{at}/manifest.json"), text);
        let found = run(&setup, &[folder.path().to_owned()]).unwrap();
        assert_eq!(totals(&found), ["2026-07,EUR,total,,4,124.000000000000000000"], "{name}");
        assert_eq!(run(&setup, &[text]).unwrap(), found, "{name}, by manifest");
    }
}

/// Files add up as parts of a report. The same path is the same file, though.
#[test]
fn files_add_up_and_a_path_counts_once() {
    let folder = Folder::new();
    let csv = focus(3).csv();
    let (a, b) = (folder.file("a.csv", &csv), folder.file("b.csv", &csv));
    let found = run(&everywhere(), &[a.clone(), b, a]).unwrap();
    assert!(found.contains(",total,,6,186.0"), "{found}");
}

/// A path given twice, a file and its folder.
#[test]
fn given_again_changes_nothing() {
    for seed in 3_000..3_020 {
        let case = Case::new(seed);
        let setup = Setup { policy: case.policy.clone(), ..Setup::new(&case.text()) };
        let folder = Folder::new();
        let csv = table_of(&case.charges).csv();
        let plain = folder.file("a.csv", &csv);
        let expected = run(&setup, std::slice::from_ref(&plain)).unwrap();
        let dotted = folder.path().join("./a.csv");
        let again = run(&setup, &[plain.clone(), plain.clone(), dotted]).unwrap();
        assert_eq!(again, expected, "world {seed}");
        let again = run(&setup, &[folder.path().to_owned(), plain]).unwrap();
        assert_eq!(again, expected, "world {seed}");
    }
}
