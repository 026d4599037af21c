//! `pal doctor RESOURCE`: why something is missing, in short. The words are those of `pal explain`,
//! which has tests of its own; these are of the program.

use std::path::Path;
use std::process::{Command, Output};

use serde_json::Value;

const SUB: &str = "/subscriptions/fab00000-5000-4000-8000-000000000001";
const TENANT: &str = "fab00000-0000-4000-8000-000000000000";

/// Ada is linked to 5127255 and works in one group; Dara to 6203118, and works nowhere.
fn facts(folder: &Path) -> String {
    let account = |object: &str, name: &str, partner: &str| {
        format!(
            r#"{{"kind":"principal","tenant":"{TENANT}","object":"{object}","type":"User","name":"{name}"}}
{{"kind":"link","tenant":"{TENANT}","object":"{object}","partner":"{partner}"}}
{{"kind":"partner","partner":"{partner}","name":"P {partner}","type":"location"}}
"#
        )
    };
    let ada = "fab00000-1000-4000-8000-0000000000a1";
    let text = [
        format!(
            r#"{{"kind":"subscription","tenant":"{TENANT}","subscription":"fab00000-5000-4000-8000-000000000001"}}
{{"kind":"roleAssignment","tenant":"{TENANT}","id":"1","principal":"{ada}","role":"Contributor","scope":"{SUB}/resourceGroups/rg"}}
"#
        ),
        account(ada, "ada", "5127255"),
        account("fab00000-1000-4000-8000-0000000000d1", "dara", "6203118"),
    ];
    let path = folder.join("facts.jsonl");
    std::fs::write(&path, text.concat()).unwrap();
    path.display().to_string()
}

fn doctor(folder: &Path, args: &[&str]) -> Output {
    let mut pal = Command::new(env!("CARGO_BIN_EXE_pal"));
    pal.env("PAL_CONFIG_DIR", folder.join("config")).arg("doctor").args(args).output().unwrap()
}

fn out(done: &Output) -> String {
    String::from_utf8(done.stdout.clone()).unwrap()
}

#[test]
fn every_partner_in_short_and_one_in_full() {
    let folder = tempfile::tempdir().unwrap();
    let facts = facts(folder.path());
    let group = format!("{SUB}/resourceGroups/rg");
    let when = ["--facts", &facts, "--at", "2026-10-15T12:00:00Z"];
    let all = doctor(folder.path(), &[&[group.as_str()][..], &when].concat());
    let text = out(&all);
    assert!(all.status.success(), "{}", String::from_utf8_lossy(&all.stderr));
    assert!(text.contains(&format!("P 5127255 (5127255) is credited for {group} at 2026-10-15")));
    assert!(text.contains("P 6203118 (6203118) is not credited for "), "{text}");
    assert!(text.contains("  FAIL  no-access ") && !text.contains("  ok "), "{text}");
    let run = "  run   az role assignment create --assignee-object-id \
               fab00000-1000-4000-8000-0000000000d1 --assignee-principal-type User \
               --role 'Support Request Contributor' --scope ";
    assert!(text.contains(&format!("{run}{group}\n")), "{text}");
    let one = [&[group.as_str()][..], &when, &["--partner", "5127255"]].concat();
    assert!(out(&doctor(folder.path(), &one)).contains("  ok    no-role "));
}

#[test]
fn programs_get_json_and_a_status() {
    let folder = tempfile::tempdir().unwrap();
    let facts = facts(folder.path());
    let when = ["--facts", &facts, "--month", "2026-10", "--exit-code", "-o", "json"];
    let ask = |partner| {
        let done = doctor(folder.path(), &[&[SUB][..], &when, &["--partner", partner]].concat());
        let rows: Value = serde_json::from_slice(&done.stdout).unwrap();
        (done.status.code(), rows[0].clone())
    };
    let (status, row) = ask("6203118");
    assert_eq!(
        (status, &row["credited"], &row["reason"]),
        (Some(4), &false.into(), &"no-assignment".into())
    );
    assert_eq!(row["fails"][0]["code"], "no-assignment");
    assert!(row["run"][0].as_str().unwrap().starts_with("az role assignment create "), "{row:#}");
    let group = doctor(
        folder.path(),
        &[&[format!("{SUB}/resourceGroups/rg").as_str()][..], &when, &["--partner", "5127255"]]
            .concat(),
    );
    assert_eq!(group.status.code(), Some(0), "{}", out(&group));
}

/// What is pasted into a shell is one word of it.
#[test]
fn a_resource_of_many_words_is_quoted() {
    let folder = tempfile::tempdir().unwrap();
    let facts = facts(folder.path());
    let group = format!("{SUB}/resourceGroups/a'b $(id)");
    let args =
        [group.as_str(), "--facts", &facts, "--at", "2026-10-15T12:00:00Z", "--partner", "6203118"];
    let text = out(&doctor(folder.path(), &args));
    assert!(text.contains(&format!("--scope '{SUB}/resourceGroups/a'\\''b $(id)'\n")), "{text}");
}

#[test]
fn what_goes_together_is_said() {
    let folder = tempfile::tempdir().unwrap();
    let told = |args: &[&str]| {
        let done = doctor(folder.path(), args);
        (done.status.code(), String::from_utf8(done.stderr).unwrap())
    };
    let (status, text) = told(&[SUB, "--at", "2026-10-15T12:00:00Z"]);
    assert_eq!(status, Some(2));
    assert!(text.contains("--facts FILE..., --data-dir DIR or --server"), "{text}");
    assert_eq!(told(&["--month", "2026-10"]).0, Some(2), "without a resource");
    let facts = facts(folder.path());
    assert_eq!(told(&["/nowhere", "--facts", &facts]).0, Some(2));
    let unknown = "/subscriptions/fab00000-5000-4000-8000-000000000009";
    assert_eq!(told(&[unknown, "--facts", &facts]).0, Some(3));
}
