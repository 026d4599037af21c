//! Equal input gives equal bytes: whatever the threads, the time zone, the language, the order.

use std::fmt::Write;
use std::process::Stdio;

use crate::support::Folder;

const ALL_KEYS: &str = "month,partner_id,partner_name,partner_global_id,association_type,\
    admin_type,pec_eligible,duplicate_in_global,customer_tenant_id,customer_tenant_name,\
    subscription_id,subscription_name,resource_group,resource_id,service_category,service_name,\
    currency";

fn demo() -> Folder {
    let folder = Folder::new();
    folder.done(&["demo", "demo"]);
    folder
}

const INPUTS: [&str; 5] = ["report", "--facts", "demo/facts.jsonl", "--usage", "demo/usage"];

#[test]
fn threads_time_zone_and_language_change_nothing() {
    let folder = demo();
    for form in [
        &["--group-by", ALL_KEYS][..],
        &["--format", "json"],
        &["--format", "parquet"],
        &["--format", "table", "--policy", "pec"],
        &["--balance"],
    ] {
        let args = [&INPUTS[..], form].concat();
        let expected = folder.pal(&args).stdout;
        assert!(expected.len() > 500, "{form:?}");
        for threads in ["1", "2", "7"] {
            for (zone, language) in [("UTC", "C"), ("Asia/Tokyo", "tr_TR.UTF-8")] {
                let mut command = folder.command();
                command.args(&args).args(["--threads", threads]);
                command.env("TZ", zone).env("LANG", language).env("LC_ALL", language);
                assert!(command.output().unwrap().stdout == expected, "{form:?} {threads} {zone}");
            }
        }
    }
}

#[test]
fn the_order_of_files_and_lines_changes_nothing() {
    let folder = demo();
    let args = |facts: &[&str], usage: &[&str]| {
        let keys = ["--group-by", ALL_KEYS];
        let command = [&["report", "--facts"], facts, &["--usage"], usage, &keys];
        folder.done(&command.concat())
    };
    let expected = args(&["demo/facts.jsonl"], &["demo/usage"]);
    let text = std::fs::read_to_string(folder.path().join("demo/facts.jsonl")).unwrap();
    let lines: Vec<&str> = text.lines().collect();
    let (mut a, mut b) = (String::new(), String::new());
    for (at, line) in lines.iter().rev().enumerate() {
        writeln!(if at % 3 == 0 { &mut a } else { &mut b }, "{line}").unwrap();
    }
    folder.write("a.jsonl", a).write("b.jsonl", b);
    let exports: Vec<String> = std::fs::read_dir(folder.path().join("demo/usage"))
        .unwrap()
        .map(|entry| format!("demo/usage/{}", entry.unwrap().file_name().display()))
        .collect();
    let mut exports: Vec<&str> = exports.iter().map(String::as_str).collect();
    exports.sort_unstable();
    assert!(exports.len() > 1);
    let forth = args(&["a.jsonl", "b.jsonl"], &exports);
    exports.reverse();
    exports.push("demo/usage");
    let back = args(&["b.jsonl", "a.jsonl", "b.jsonl"], &exports);
    assert_eq!(forth, expected);
    assert_eq!(back, expected);
}

#[test]
fn a_closed_pipe_ends_quietly() {
    let folder = demo();
    let mut command = folder.command();
    command.args([&INPUTS[..], &["--group-by", ALL_KEYS]].concat());
    let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    drop(child.stdout.take());
    let output = child.wait_with_output().unwrap();
    assert_eq!(String::from_utf8_lossy(&output.stderr), "");
    assert_eq!(output.status.code(), Some(0));
}

#[test]
fn explanations_agree_with_the_report() {
    let folder = demo();
    let report =
        [&INPUTS[..], &["--month", "2026-10", "--group-by", "resource_id,partner_id,currency"]];
    let mut asked = 0;
    for line in folder.done(&report.concat()).lines().skip(1).step_by(5) {
        let cells: Vec<&str> = line.split(',').collect();
        if cells[0].is_empty() {
            continue;
        }
        let text = folder.done(&[
            "explain",
            "--facts",
            "demo/facts.jsonl",
            "--usage",
            "demo/usage",
            "--month",
            "2026-10",
            "--resource",
            cells[0],
            "--partner",
            cells[1],
        ]);
        let credited = format!("\n{} {} credited to {}", cells[5], cells[2], cells[1]);
        assert!(text.contains(&credited) && text.contains("CREDITED"), "{line}\n{text}");
        assert!(text.contains(", equal\n") && !text.contains("NOT equal"), "{text}");
        asked += 1;
    }
    assert!(asked > 5);
}
