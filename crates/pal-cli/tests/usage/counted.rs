//! What counts once, in situations that Azure and people make: each folder is counted in the order of
//! its import, and all folders together by `pal report` on files, with the same balance.

use crate::usage::kept::Kept;

const HEADER: &str = "ChargePeriodStart,ChargePeriodEnd,SubAccountId,ResourceId,ChargeCategory,EffectiveCost,BillingCurrency\n";
const ACCOUNT: &str = "/providers/Microsoft.Billing/billingAccounts/4711";
const ONE: &str = "fab00000-5000-4000-8000-000000000001";
const TWO: &str = "fab00000-5000-4000-8000-000000000002";

/// A use of a subscription on a day of October.
fn usage(day: u8, subscription: &str, cost: &str) -> String {
    let resource = format!("/subscriptions/{subscription}/resourceGroups/g/providers/a/b/c");
    let (from, to) = (format!("2026-10-{day:02}"), format!("2026-10-{:02}", day + 1));
    format!("{from}T00:00:00Z,{to}T00:00:00Z,{subscription},{resource},Usage,{cost},EUR\n")
}

/// A charge without subscription.
fn tax(day: u8, cost: &str) -> String {
    let (from, to) = (format!("2026-10-{day:02}"), format!("2026-10-{:02}", day + 1));
    format!("{from}T00:00:00Z,{to}T00:00:00Z,,,Tax,{cost},EUR\n")
}

/// A run of an export in a folder: scope, dataset, submitted time, declared period.
struct Run<'r> {
    folder: &'r str,
    scope: &'r str,
    dataset: &'r str,
    submitted: &'r str,
    period: (&'r str, &'r str),
}

fn run<'r>(folder: &'r str, scope: &'r str, submitted: &'r str) -> Run<'r> {
    Run { folder, scope, dataset: "FocusCost", submitted, period: ("2026-10-01", "2026-10-31") }
}

impl Run<'_> {
    fn write(&self, kept: &Kept, rows: &str) {
        let csv = format!("{HEADER}{rows}");
        let manifest = serde_json::json!({
            "blobs": [{ "blobName": "part.csv", "byteCount": csv.len() }],
            "exportConfig": {
                "exportName": "costs", "dataVersion": "1.2", "type": self.dataset,
                "resourceId": format!("{}/providers/Microsoft.CostManagement/exports/costs", self.scope),
            },
            "runInfo": {
                "runId": self.folder, "submittedTime": self.submitted,
                "startDate": format!("{}T00:00:00", self.period.0),
                "endDate": format!("{}T00:00:00", self.period.1),
            },
        });
        kept.write(&format!("{}/part.csv", self.folder), csv);
        kept.write(&format!("{}/manifest.json", self.folder), manifest.to_string());
    }
}

fn file(kept: &Kept, name: &str, rows: &str) {
    kept.write(name, format!("{HEADER}{rows}"));
}

/// The total of a balance.
fn total(balance: &str) -> String {
    let mut lines = balance.lines().filter(|line| line.contains(",total,"));
    let total = lines.next().map_or("none", |line| line.rsplit(',').next().unwrap());
    assert_eq!(lines.next(), None, "one month and currency");
    total.trim_end_matches('0').trim_end_matches('.').to_owned()
}

fn kept_total(kept: &Kept) -> String {
    total(&kept.folder.done(&["report", "--data-dir", "data", "--balance"]))
}

/// `pal report` on files says the same as the data folder.
fn assert_total(kept: &Kept, expected: &str, paths: &[&str]) {
    assert_eq!(kept_total(kept), expected);
    let report = ["report", "--facts", "demo/facts.jsonl", "--balance", "--usage"];
    assert_eq!(total(&kept.folder.done(&[&report[..], paths].concat())), expected);
}

#[test]
fn an_early_file_and_the_run_with_more_tax() {
    let kept = Kept::new();
    let early = usage(1, ONE, "10") + &tax(1, "19");
    file(&kept, "early.csv", &early);
    kept.taken(&["early.csv"]);
    run("r", ACCOUNT, "2026-10-03T04:00:00Z").write(&kept, &(early + &tax(2, "7")));
    kept.taken(&["r"]);
    assert_total(&kept, "36", &["early.csv", "r"]);
}

#[test]
fn a_restated_file_with_tax_counts_instead() {
    let kept = Kept::new();
    run("r", ACCOUNT, "2026-10-03T04:00:00Z").write(&kept, &(usage(1, ONE, "10") + &tax(1, "19")));
    kept.taken(&["r"]);
    file(&kept, "corrected.csv", &(usage(1, ONE, "11") + &tax(1, "20")));
    let why = kept.refused(&["corrected.csv"]);
    assert!(why.contains("corrected.csv:") && why.contains("--restate"), "{why}");
    kept.taken(&["corrected.csv", "--restate"]);
    assert_eq!(kept_total(&kept), "31");
    run("r2", ACCOUNT, "2026-10-04T04:00:00Z").write(&kept, &(usage(1, ONE, "12") + &tax(1, "21")));
    kept.taken(&["r2"]);
    assert_eq!(kept_total(&kept), "33");
}

#[test]
fn added_rows_are_those_of_a_later_run_that_states_them() {
    let kept = Kept::new();
    run("r1", ACCOUNT, "2026-10-02T04:00:00Z").write(&kept, &usage(1, ONE, "10"));
    kept.taken(&["r1"]);
    file(&kept, "second.csv", &usage(1, ONE, "50"));
    kept.taken(&["second.csv", "--add"]);
    assert_eq!(kept_total(&kept), "60");
    let whole = usage(1, ONE, "10") + &usage(1, ONE, "50");
    run("r2", ACCOUNT, "2026-10-03T04:00:00Z").write(&kept, &whole);
    kept.taken(&["r2"]);
    assert_eq!(kept_total(&kept), "60");
}

#[test]
fn nested_scopes_count_once_and_what_one_drops_the_other_states() {
    let kept = Kept::new();
    let both = usage(1, ONE, "10") + &usage(1, TWO, "20");
    run("a1", ACCOUNT, "2026-10-03T04:00:00Z").write(&kept, &(both + &tax(1, "19")));
    kept.taken(&["a1"]);
    let profile = format!("{ACCOUNT}/billingProfiles/p");
    run("p1", &profile, "2026-10-03T05:00:00Z")
        .write(&kept, &(usage(1, ONE, "10") + &tax(1, "19")));
    kept.taken(&["p1"]);
    assert_total(&kept, "49", &["a1", "p1"]);
    run("a2", ACCOUNT, "2026-10-04T04:00:00Z").write(&kept, &(usage(1, TWO, "20") + &tax(1, "19")));
    kept.taken(&["a2"]);
    assert_total(&kept, "49", &["a1", "p1", "a2"]);
}

#[test]
fn weekly_shorter_and_late_runs_take_away_only_what_they_cover() {
    let kept = Kept::new();
    let week = |folder, submitted, period| Run { period, ..run(folder, ACCOUNT, submitted) };
    week("w1", "2026-10-08T04:00:00Z", ("2026-10-01", "2026-10-07"))
        .write(&kept, &usage(1, ONE, "10"));
    week("w2", "2026-10-15T04:00:00Z", ("2026-10-08", "2026-10-14"))
        .write(&kept, &usage(8, ONE, "50"));
    kept.taken(&["w2"]);
    kept.taken(&["w1"]);
    assert_total(&kept, "60", &["w1", "w2"]);
    // Two runs that both have the first of the month, the one because its end is inclusive.
    week("sep", "2026-10-02T04:00:00Z", ("2026-09-01", "2026-09-30"))
        .write(&kept, &usage(1, ONE, "10"));
    kept.taken(&["sep"]);
    assert_total(&kept, "60", &["w1", "w2", "sep"]);
}

#[test]
fn copies_count_once_and_files_that_share_rows_are_a_question() {
    let kept = Kept::new();
    let rows = usage(1, ONE, "10") + &usage(2, ONE, "7");
    file(&kept, "in/usage.csv", &rows);
    file(&kept, "in/usage (1).csv", &rows);
    let told = kept.taken(&["in"]);
    assert!(told.contains("is a copy of"), "{told}");
    assert_total(&kept, "17", &["in"]);
    file(&kept, "parts/1.csv", &(rows.clone() + &usage(3, ONE, "1")));
    file(&kept, "parts/2.csv", &(usage(1, ONE, "10") + &usage(3, ONE, "2")));
    let why = kept.refused(&["parts"]);
    assert!(why.contains("share rows") && why.contains("--parts"), "{why}");
}

#[test]
fn datasets_of_one_scope_are_chosen() {
    let kept = Kept::new();
    run("focus", ACCOUNT, "2026-10-03T04:00:00Z").write(&kept, &usage(1, ONE, "10"));
    kept.taken(&["focus"]);
    let amortized =
        Run { dataset: "AmortizedCost", ..run("amortized", ACCOUNT, "2026-10-03T05:00:00Z") };
    amortized.write(&kept, &usage(1, ONE, "9"));
    let why = kept.refused(&["amortized"]);
    assert!(why.contains("--dataset"), "{why}");
    kept.taken(&["amortized", "--dataset", "focus"]);
    assert_eq!(kept_total(&kept), "10");
    let report = ["report", "--facts", "demo/facts.jsonl", "--balance", "--dataset", "amortized"];
    let balance = kept.folder.done(&[&report[..], &["--usage", "focus", "amortized"]].concat());
    assert_eq!(total(&balance), "9");
}

#[test]
fn a_run_with_a_header_only_is_a_question() {
    let kept = Kept::new();
    run("r1", ACCOUNT, "2026-10-03T04:00:00Z").write(&kept, &usage(1, ONE, "10"));
    kept.taken(&["r1"]);
    run("r2", ACCOUNT, "2026-10-04T04:00:00Z").write(&kept, "");
    let why = kept.refused(&["r2"]);
    assert!(why.contains("2026-10-01") && why.contains("--accept-empty"), "{why}");
    assert_eq!(kept_total(&kept), "10");
}

#[test]
fn a_withdrawal_brings_back_what_others_state() {
    let kept = Kept::new();
    file(&kept, "hand.csv", &usage(1, ONE, "10"));
    kept.taken(&["hand.csv"]);
    run("r1", ACCOUNT, "2026-10-03T04:00:00Z").write(&kept, &usage(1, ONE, "10"));
    kept.taken(&["r1"]);
    kept.folder.done(&["usage", "withdraw", "1", "--data-dir", "data"]);
    assert_eq!(kept_total(&kept), "10");
    run("r2", ACCOUNT, "2026-10-04T04:00:00Z").write(&kept, &usage(1, ONE, "12"));
    kept.taken(&["r2"]);
    assert_eq!(kept_total(&kept), "12");
    kept.folder.done(&["usage", "withdraw", "3", "--data-dir", "data"]);
    assert_eq!(kept_total(&kept), "10");
    kept.assert_whole();
}

/// Two accounts with equal rows: what counts of one is not taken for what counts of the other.
#[test]
fn accounts_with_equal_tax_keep_their_own() {
    let kept = Kept::new();
    let other = "/providers/Microsoft.Billing/billingAccounts/4712";
    run("b1", other, "2026-10-03T04:00:00Z").write(&kept, &tax(1, "19"));
    run("a1", ACCOUNT, "2026-10-03T04:00:00Z").write(&kept, &tax(1, "19"));
    run("b2", other, "2026-10-04T04:00:00Z").write(&kept, &tax(1, "20"));
    for folder in ["b1", "a1", "b2"] {
        kept.taken(&[folder]);
    }
    assert_total(&kept, "39", &["b1", "a1", "b2"]);
    kept.folder.done(&["usage", "withdraw", "3", "--data-dir", "data"]);
    assert_total(&kept, "38", &["b1", "a1"]);
    kept.assert_whole();
}
