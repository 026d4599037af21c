//! Statements: what was signed holds, and what was changed is found.

use crate::support::Folder;

const REPORT: [&str; 11] = [
    "report",
    "--facts",
    "demo/facts.jsonl",
    "--usage",
    "demo/usage",
    "--month",
    "2026-10",
    "--output",
    "report.csv",
    "--attest",
    "report.json",
];
const VERIFY: [&str; 3] = ["attest", "verify", "report.json"];
const INPUTS: [&str; 6] =
    ["--report", "report.csv", "--facts", "demo/facts.jsonl", "--usage", "demo/usage"];

/// The demo, a key, a report and its statement.
fn attested() -> Folder {
    let folder = Folder::new();
    folder.done(&["demo", "demo"]);
    folder.done(&["attest", "key", "own.key"]);
    folder.done(&[&REPORT[..], &["--attest-key", "own.key"]].concat());
    folder
}

fn read(folder: &Folder, name: &str) -> String {
    std::fs::read_to_string(folder.path().join(name)).unwrap()
}

/// The findings of a verification that must fail.
fn findings(folder: &Folder, more: &[&str]) -> String {
    let output = folder.pal(&[&VERIFY[..], more].concat());
    assert_eq!(output.status.code(), Some(1), "{more:?}");
    String::from_utf8(output.stdout).unwrap()
}

#[test]
fn a_statement_holds_for_its_report_and_inputs() {
    let folder = attested();
    let plain = folder.done(&REPORT[..7]);
    assert_eq!(read(&folder, "report.csv"), plain, "the report is the same with a statement");
    let told = folder.done(&[&VERIFY[..], &INPUTS].concat());
    assert!(told.starts_with("a report by month, partner_id,"), "{told}");
    assert!(told.contains("of 2026-10, policy pal (revision 2026-11), by pal 0.1.0"), "{told}");
    // Under other names, in another place.
    std::fs::rename(folder.path().join("demo"), folder.path().join("moved")).unwrap();
    let moved = ["--facts", "moved/facts.jsonl", "--usage", "moved/usage"];
    folder.done(&[&VERIFY[..], &moved].concat());
    let statement: serde_json::Value = serde_json::from_str(&read(&folder, "report.json")).unwrap();
    let key = statement["publicKey"].as_str().unwrap();
    folder.done(&[&VERIFY[..], &["--public-key", key]].concat());
    folder.write("key.pub", format!("{key}\n"));
    folder.done(&[&VERIFY[..], &["--public-key", "key.pub"]].concat());
}

/// A part of a report says of what; one of everything is stated as it always was.
#[test]
fn a_statement_says_what_was_chosen() {
    let folder = attested();
    let plain = read(&folder, "report.json");
    assert!(!plain.contains("\"customer\"") && !plain.contains("\"subscription\""), "{plain}");
    let customer = "fab00000-0000-4000-8000-000000000000";
    let mut args = REPORT.to_vec();
    args[6] = "2026-09..2026-10";
    args.extend(["--attest-key", "own.key", "--customer", customer]);
    args.extend(["--subscription", "fab00000-5000-4000-8000-000000000001"]);
    folder.done(&args);
    let told = folder.done(&[&VERIFY[..], &INPUTS].concat());
    let chosen = format!(
        "of 2026-09..2026-10, only customer {customer}, only subscription \
         fab00000-5000-4000-8000-000000000001, policy pal"
    );
    assert!(told.contains(&chosen), "{told}");
    let statement = read(&folder, "report.json");
    folder.write(
        "report.json",
        statement.replacen(customer, "fab00000-0000-4000-8000-00000000000f", 1),
    );
    assert!(findings(&folder, &[]).contains("WRONG  it was changed after it was signed"));
}

#[test]
fn whatever_is_changed_is_found() {
    let folder = attested();
    let statement = read(&folder, "report.json");
    for (what, from, to) in [
        ("the policy", "\"pal\"", "\"pec\""),
        ("the month", "2026-10", "2026-09"),
        ("a column", "\"currency\"", "\"partner_name\""),
        ("a hash", "\"sha256\": \"", "\"sha256\": \"0"),
        ("the instant", "\"signedAt\": \"2", "\"signedAt\": \"1"),
        ("the signature", "\"signature\": \"", "\"signature\": \"00"),
    ] {
        assert!(statement.contains(from), "{what}");
        folder.write("report.json", statement.replacen(from, to, 1));
        let found = findings(&folder, &[]);
        assert!(found.contains("WRONG  it was changed after it was signed"), "{what}: {found}");
    }
    // Signed anew, with a key of one's own.
    folder.done(&["attest", "key", "other.key"]);
    let other = read_public(&statement);
    folder.done(&[&REPORT[..], &["--attest-key", "other.key"]].concat());
    folder.done(&VERIFY);
    let found = findings(&folder, &["--public-key", &other]);
    assert!(found.contains("it is signed with another key"), "{found}");
    // Report and inputs.
    folder.write("report.json", &statement);
    folder.write("other.csv", read(&folder, "report.csv") + "\n");
    let found = findings(&folder, &["--report", "other.csv"]);
    assert!(found.contains("other.csv is not the report that it is about"), "{found}");
    let facts = read(&folder, "demo/facts.jsonl");
    folder.write("less.jsonl", facts.lines().skip(1).collect::<Vec<_>>().join("\n"));
    let found = findings(&folder, &["--facts", "less.jsonl"]);
    assert!(found.contains("less.jsonl is not among its facts"), "{found}");
    assert!(found.contains("it was made from demo/facts.jsonl, too"), "{found}");
}

fn read_public(statement: &str) -> String {
    let value: serde_json::Value = serde_json::from_str(statement).unwrap();
    value["publicKey"].as_str().unwrap().to_owned()
}

#[test]
fn what_cannot_be_signed_is_refused_and_leaves_no_statement() {
    let folder = attested();
    std::fs::remove_file(folder.path().join("report.json")).unwrap();
    let refused = |args: &[&str], status: i32, says: &str| {
        let output = folder.pal(args);
        let text = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(status), "{args:?}: {text}");
        assert!(text.contains(says), "{args:?}: {text}");
        assert!(!folder.path().join("report.json").exists(), "{args:?}");
    };
    refused(&REPORT, 2, "--attest needs --attest-key here; 'pal attest key FILE' makes one");
    refused(&[&REPORT[..], &["--attest-key", "demo/facts.jsonl"]].concat(), 1, "demo/facts.jsonl");
    let without = [
        "report",
        "--facts",
        "demo/facts.jsonl",
        "--usage",
        "demo/usage",
        "--attest",
        "report.json",
    ];
    refused(&without, 2, "--output");
    refused(&["attest", "key", "own.key"], 1, "own.key");
    refused(&["attest", "verify", "report.csv"], 1, "report.csv is no statement");
}

/// The key of a data folder signs reports of it.
#[test]
fn a_data_folder_signs_its_own() {
    let folder = Folder::new();
    folder.done(&["demo", "demo"]);
    folder.done(&["import", "facts", "demo/facts.jsonl", "--data-dir", "data", "--create"]);
    let report = [
        "report",
        "--data-dir",
        "data",
        "--usage",
        "demo/usage",
        "--output",
        "report.csv",
        "--attest",
        "report.json",
    ];
    folder.done(&report);
    folder.done(
        &[&VERIFY[..], &["--report", "report.csv", "--public-key", "data/keys/audit.pub"]].concat(),
    );
    let statement: serde_json::Value = serde_json::from_str(&read(&folder, "report.json")).unwrap();
    assert_eq!(statement["statement"]["revision"], 1);
    assert_eq!(statement["statement"]["facts"][0]["name"], "the facts of data");
}
