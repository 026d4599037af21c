//! What was known at an instant is reported in the same bytes for ever: whatever happens later,
//! wherever and in whichever language, with any number of threads (P10).

use serde_json::json;

use crate::usage::kept::{Kept, now};
use crate::usage::world::{row, table};

/// A report: its arguments, and its bytes.
struct Told {
    args: Vec<String>,
    bytes: Vec<u8>,
}

/// What happens to a data folder, in this order; further events are `later`.
fn begin(kept: &Kept) {
    kept.taken(&["demo/usage/contoso-focus-eur"]);
    kept.taken(&["demo/usage/contoso-focus-usd"]);
    facts(kept, "first.jsonl", "2026-07-01T00:00:00Z");
    let more = table((0..30).map(|n| row(7, n % 4, n)).collect());
    kept.write("july.csv", more.csv()).taken(&["july.csv", "--add"]);
}

/// Facts of a person with a link, and of access, from an instant on.
fn facts(kept: &Kept, name: &str, from: &str) {
    let tenant = "fab00000-0000-4000-8000-000000000000";
    let object = format!("fab00000-1000-4000-8000-{:012}", name.len());
    let scope = "/subscriptions/fab00000-5000-4000-8000-000000000001";
    let lines = [
        json!({"kind": "principal", "tenant": tenant, "object": object, "type": "User", "from": from}),
        json!({"kind": "roleAssignment", "tenant": tenant, "id": name, "principal": object,
            "role": "Owner", "scope": scope, "from": from}),
    ];
    kept.write(name, lines.map(|line| format!("{line}\n")).concat());
    kept.folder.done(&["import", "facts", name, "--data-dir", "data"]);
}

/// The instants at which something of the usage became known.
fn instants(kept: &Kept) -> Vec<String> {
    let imports = kept.imports();
    imports.iter().map(|import| import["at"].as_str().unwrap().to_owned()).collect()
}

/// Twenty forms of report for each instant.
fn forms(known_at: &str) -> Vec<Vec<String>> {
    let months = [&["--month", "2026-07"][..], &["--month", "2026-10"], &[]];
    let keys = [
        "partner_id,currency",
        "month,partner_id,customer_tenant_id,subscription_id,resource_group,currency",
        "resource_id,service_category,service_name,partner_id,currency",
    ];
    let policies = ["pal", "incentive", "pec"];
    let mut all = Vec::new();
    for (m, month) in months.iter().enumerate() {
        for (k, keys) in keys.iter().enumerate() {
            for (p, policy) in policies.iter().enumerate() {
                // Every pair of two of the three.
                if (m + k + p) % 3 == 2 {
                    continue;
                }
                let form = ["csv", "json"][(m + p) % 2];
                let own = ["--group-by", keys, "--policy", policy, "--format", form];
                all.push([&own[..], month].concat());
            }
        }
        all.push([&["--balance"], *month].concat());
    }
    let whole = |args: Vec<&str>| {
        let start = ["report", "--data-dir", "data", "--known-at", known_at];
        start.into_iter().chain(args).map(str::to_owned).collect()
    };
    all.into_iter().map(whole).collect()
}

fn report(kept: &Kept, args: &[String], how: &[&str], environment: &[(&str, &str)]) -> Vec<u8> {
    let mut command = kept.folder.command();
    command.args(args).args(how).envs(environment.iter().copied());
    let output = command.output().unwrap();
    assert!(output.status.success(), "{args:?}: {}", crate::usage::kept::said(&output));
    output.stdout
}

/// Imports, restatements, withdrawals, facts: none of it was known before.
fn later(kept: &Kept) {
    let rows = |shift: usize| table((0..60).map(|n| row(7 + n % 4, n % 4, n + shift)).collect());
    kept.write("more.csv", rows(0).csv());
    let why = kept.refused(&["more.csv"]);
    assert!(why.contains("has other rows for"), "{why}");
    kept.taken(&["more.csv", "--add"]);
    kept.write("changed.csv", rows(5).csv()).taken(&["changed.csv", "--restate"]);
    facts(kept, "third one.jsonl", "2026-05-01T00:00:00Z");
    let number = kept.imports()[0]["number"].to_string();
    kept.folder.done(&["usage", "withdraw", &number, "--data-dir", "data"]);
    kept.taken(&["demo/usage/contoso-focus-eur", "--restate"]);
}

#[test]
fn reports_of_what_was_known_never_change() {
    let kept = Kept::new();
    begin(&kept);
    let mut told = Vec::new();
    // With each import, and with all that came after the last.
    let mut known = instants(&kept);
    facts(&kept, "second.jsonl", "2026-06-01T00:00:00Z");
    known.push(now());
    kept.folder.done(&["usage", "withdraw", "3", "--data-dir", "data"]);
    known.push(now());
    std::thread::sleep(std::time::Duration::from_millis(20));
    for (n, args) in known.iter().flat_map(|known| forms(known)).enumerate() {
        let threads = ["1", "2", "7"][n % 3];
        told.push(Told { bytes: report(&kept, &args, &["--threads", threads], &[]), args });
    }
    assert!(told.len() >= 100, "{}", told.len());
    let rich = told.iter().filter(|told| told.bytes.len() > 300).count();
    assert!(rich > 60, "{rich} reports say something");
    let before = kept.totals();
    later(&kept);
    assert_ne!(kept.totals(), before, "what is known now has changed");
    for (n, told) in told.iter().enumerate() {
        let threads = ["3", "1", "2"][n % 3];
        let environment = [
            ("TZ", ["Asia/Tokyo", "America/St_Johns", "UTC"][n % 3]),
            ("LANG", ["tr_TR.UTF-8", "de_DE.UTF-8", "C"][n % 3]),
            ("LC_ALL", ["tr_TR.UTF-8", "ar_EG.UTF-8", "C"][n % 3]),
        ];
        let again = report(&kept, &told.args, &["--threads", threads], &environment);
        assert!(again == told.bytes, "{:?}", told.args);
    }
    // Somewhere else, from a copy of the folder.
    let elsewhere = kept.copy();
    for told in told.iter().step_by(5) {
        assert!(report(&elsewhere, &told.args, &[], &[]) == told.bytes, "{:?}", told.args);
    }
    kept.assert_whole();
}
