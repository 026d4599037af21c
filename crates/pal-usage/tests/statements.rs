//! What is decoded of a statement: accounts, billing periods and invoices, ranges of rows.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::atomic::AtomicU64;

use pal_attribution::ingest::ReadOptions;
use pal_usage::charges::{Decoded, Family, RowRange, Source, decode, stored_rows};

use crate::support::manifest;
use crate::worlds::run::Folder;

fn decoded(paths: &[PathBuf], out: &Path) -> Decoded {
    let found = pal_usage::discover(paths).unwrap();
    decode(&found, &ReadOptions::default(), out, &AtomicU64::new(0)).unwrap()
}

const HEADER: &str = "ChargePeriodStart,ChargePeriodEnd,EffectiveCost,BillingCurrency,\
                      ChargeCategory,ResourceId,SubAccountId,BillingAccountId,BillingPeriodStart,\
                      InvoiceId\n";

/// A row of a day of July: subscription, cost, account, billing period, invoice.
fn row(day: u8, subscription: &str, cost: &str, statement: [&str; 3]) -> String {
    let [account, period, invoice] = statement;
    format!(
        "2026-07-{day:02}T00:00:00Z,2026-07-{:02}T00:00:00Z,{cost},EUR,Usage,,{subscription},\
         {account},{period},{invoice}\n",
        day + 1
    )
}

#[test]
fn rows_are_asked_for_in_any_order() {
    let folder = Folder::new();
    let rows: String = (1..=9).map(|day| row(day, "s", &format!("{day}"), ["", "", ""])).collect();
    let csv = folder.file("a.csv", format!("{HEADER}{rows}"));
    let out = tempfile::tempdir().unwrap();
    let found = decoded(&[csv], out.path());
    let file = out.path().join(&found.files[0].name);
    let range = |start, rows| RowRange { row_group: 0, start, rows };
    let asked = [range(7, 2), range(0, 3), range(2, 2), range(5, 0), range(3, 1)];
    let costs: Vec<String> = stored_rows(&file, &asked)
        .unwrap()
        .iter()
        .map(|row| row.cost.to_string().split('.').next().unwrap().to_owned())
        .collect();
    assert_eq!(costs, ["8", "9", "1", "2", "3", "3", "4", "4"]);
    assert!(stored_rows(&file, &[]).unwrap().is_empty());
    for outside in [range(8, 2), RowRange { row_group: 1, start: 0, rows: 1 }] {
        assert!(stored_rows(&file, &[outside]).is_err());
    }
}

/// Rows that only billing period or invoice tell apart have one digest and other marks.
#[test]
fn twins_are_told_apart_by_their_marks() {
    let folder = Folder::new();
    let statements = [
        ["", "2026-07-01", "g1"],
        ["", "2026-08-01", "g1"],
        ["", "2026-07-01", "G2"],
        ["", "", ""],
    ];
    let files: Vec<PathBuf> = statements
        .iter()
        .enumerate()
        .map(|(at, of)| {
            folder.file(&format!("{at}.csv"), format!("{HEADER}{}", row(5, "s", "1", *of)))
        })
        .collect();
    let out = tempfile::tempdir().unwrap();
    let found = decoded(&files, out.path());
    let sums: BTreeSet<String> =
        found.pieces.iter().map(|piece| piece.days[0].sum.to_string()).collect();
    let marks: BTreeSet<u64> = found.pieces.iter().map(|piece| piece.days[0].marks).collect();
    assert_eq!((found.pieces.len(), sums.len(), marks.len()), (4, 1, 4));
    let digests: BTreeSet<_> = found.pieces.iter().map(|piece| piece.digest).collect();
    assert_eq!(digests.len(), 4);
    let stored = |piece: &pal_usage::charges::Piece| {
        let file = out.path().join(&found.files[piece.file].name);
        let row = stored_rows(&file, &piece.days[0].ranges).unwrap().remove(0);
        [row.billing_period, row.invoice].map(|text| text.map(|text| text.to_string()))
    };
    let some = |text: &str| Some(text.to_owned());
    assert_eq!(stored(&found.pieces[2]), [some("2026-07-01"), some("g2")]);
    assert_eq!(stored(&found.pieces[3]), [None, None]);
}

/// A row's account is that of its column, else that of the run's scope; pieces are apart by it.
#[test]
fn pieces_are_apart_by_billing_account() {
    let folder = Folder::new();
    let full = "/providers/Microsoft.Billing/billingAccounts/ONE";
    let csv = [
        HEADER.to_owned(),
        row(1, "s", "1", ["", "", ""]),
        row(2, "s", "2", ["one", "", ""]),
        row(3, "s", "3", [full, "", ""]),
        row(4, "s", "4", ["two", "", ""]),
        row(4, "", "5", ["two", "", ""]),
    ]
    .concat();
    let accounts = |decoded: &Decoded| -> Vec<(String, String, u64)> {
        let of = |p: &pal_usage::charges::Piece| (p.subject.clone(), p.account.clone(), p.rows);
        decoded.pieces.iter().map(of).collect()
    };
    let some = |subject: &str, account: &str, rows| (subject.to_owned(), account.to_owned(), rows);
    let loose = folder.file("loose/a.csv", &csv);
    let out = tempfile::tempdir().unwrap();
    let found = decoded(&[loose], out.path());
    assert_eq!(
        accounts(&found),
        [some("", "two", 1), some("s", "", 1), some("s", "one", 2), some("s", "two", 1)]
    );
    assert!(found.statements[0].names_account);
    let text = manifest("r", "2026-08-01T03:00:00Z", "2026-07-01", &[("a.csv", csv.len(), 5)]);
    folder.file("run/manifest.json", text.replace("billingAccounts/1/", "billingAccounts/One/"));
    folder.file("run/a.csv", &csv);
    let out = tempfile::tempdir().unwrap();
    let found = decoded(&[folder.path().join("run")], out.path());
    assert_eq!(accounts(&found), [some("", "two", 1), some("s", "one", 3), some("s", "two", 1)]);
}

/// Runs come first, each with all of its files; every loose file is by itself.
#[test]
fn statements_are_runs_and_loose_files() {
    let folder = Folder::new();
    let csv = format!("{HEADER}{}", row(1, "s", "1", ["", "", ""]));
    let native = "Date,Cost,BillingCurrency,ChargeType,ResourceId,SubscriptionId,PricingModel\n\
                  7/1/2026,0,EUR,Usage,,s,Reservation\n7/1/2026,1,EUR,Usage,,s,OnDemand\n";
    folder.file("a.csv", &csv);
    folder.file("b.csv", native);
    let files = [("p0.csv", csv.len(), 1), ("p1.csv", csv.len(), 1)];
    folder.file("run/manifest.json", manifest("r", "2026-08-01T03:00:00Z", "2026-07-01", &files));
    folder.file("run/p0.csv", &csv);
    folder.file("run/p1.csv", &csv);
    let out = tempfile::tempdir().unwrap();
    let found = decoded(&[folder.path().to_owned()], out.path());
    let read: Vec<usize> = found.statements.iter().map(|statement| statement.read.len()).collect();
    assert_eq!(read, [2, 1, 1]);
    assert!(matches!(&found.statements[0].source, Source::Run(run) if run.id == "r"));
    let families: Vec<Family> = found.statements[1..]
        .iter()
        .filter_map(|statement| match &statement.source {
            Source::Loose { family, .. } => Some(*family),
            Source::Run(_) => None,
        })
        .collect();
    assert_eq!(families, [Family::Focus, Family::CostManagement]);
    let priced: Vec<u64> = found.statements.iter().map(|s| s.commitment_priced).collect();
    assert_eq!(priced, [0, 0, 1]);
    let text = serde_json::to_string(&found).unwrap();
    assert_eq!(serde_json::from_str::<Decoded>(&text).unwrap(), found);
}
