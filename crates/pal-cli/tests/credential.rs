//! Secrets of an application that change without an interruption.

use std::io::Write;
use std::process::{Output, Stdio};

use crate::support::Folder;

const CLIENT: &str = "7a110000-7000-4000-8000-000000000001";
const ACCOUNT: &str = "7a110000-0000-4000-8000-000000000000/7a110000-3000-4000-8000-000000000001";

fn app(folder: &Folder, secret: &str, more: &[&str]) -> Output {
    let mut command = folder.command();
    command.args(["credential", "app", CLIENT, "--account", ACCOUNT, "--data-dir", "data"]);
    command.args(more).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().unwrap();
    // Who lists or removes reads nothing, and may be gone.
    let _ = child.stdin.take().unwrap().write_all(secret.as_bytes());
    child.wait_with_output().unwrap()
}

fn ids(folder: &Folder) -> Vec<String> {
    let listed = app(folder, "", &["--list"]);
    assert!(listed.status.success(), "{listed:?}");
    let text = String::from_utf8(listed.stdout).unwrap();
    text.lines().map(|line| line.strip_suffix(" secret").unwrap().to_owned()).collect()
}

#[test]
fn an_old_and_a_new_secret_overlap() {
    let mut folder = Folder::new();
    folder.compared = false;
    folder.done(&["demo", "demo"]);
    folder.done(&["import", "facts", "demo/facts.jsonl", "--create", "--data-dir", "data"]);
    let status = |secret: &str, more: &[&str]| {
        let done = app(&folder, secret, more);
        let said = String::from_utf8(done.stderr).unwrap();
        assert!(!said.contains("geheim"), "{said}");
        (done.status.code(), said)
    };
    let (code, said) = status("geheim 1", &["--add"]);
    assert_eq!(code, Some(3));
    assert!(said.contains("set a first one without --add"), "{said}");
    assert_eq!(status("geheim 1", &[]), (Some(0), String::new()));
    assert_eq!(status("geheim 2", &["--add"]), (Some(0), String::new()));
    let both = ids(&folder);
    assert_eq!(both.len(), 2);
    let (code, said) = status("geheim 3", &["--add"]);
    assert_eq!(code, Some(1));
    assert!(said.contains("more than 2 secrets") && said.contains("--remove"), "{said}");
    assert_eq!(status("", &["--remove", "0123456789ab"]).0, Some(3));
    assert_eq!(status("", &["--remove", &both[0]]), (Some(0), String::new()));
    assert_eq!(ids(&folder), both[1..]);
    let (code, said) = status("", &["--remove", &both[1]]);
    assert_eq!(code, Some(1));
    assert!(said.contains("is all that"), "{said}");
    // Without --add a new one replaces all at once.
    assert_eq!(status("geheim 4", &[]), (Some(0), String::new()));
    assert!(ids(&folder).len() == 1 && ids(&folder) != both[1..]);
}
