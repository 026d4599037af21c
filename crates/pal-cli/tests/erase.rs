//! `pal erase person`: it shows what goes, erases only when told to, and works beside a running service.

use std::fs;
use std::path::Path;
use std::process::Output;

use serde_json::json;

use crate::support::running::{Running, TENANT, UTRECHT};

const PERSON: &str = "bec40000-1000-4000-8000-00000000a22a";

fn texts(output: &Output) -> (Option<i32>, String, String) {
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    (output.status.code(), text(&output.stdout), text(&output.stderr))
}

/// Whether the name is in a file of a folder, in any case.
fn is_in(folder: &Path, name: &str) -> bool {
    fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).any(|path| {
        if path.is_dir() {
            return is_in(&path, name);
        }
        let bytes = fs::read(&path).unwrap().to_ascii_lowercase();
        bytes.windows(name.len()).any(|window| window == name.as_bytes())
    })
}

#[test]
fn p1_a_person_is_erased_beside_a_running_service() {
    let mut service = Running::new(1, &[]);
    service.client(0).link("PUT", Some(UTRECHT)).unwrap();
    let fact = json!({
        "kind": "principal", "tenant": TENANT, "object": PERSON, "type": "User",
        "name": "Anna Zoltar", "signInName": "zoltar@measured.example",
    });
    fs::write(service.folder().join("anna.jsonl"), format!("{fact}\n")).unwrap();
    let data = service.data();
    let imported = service.pal(&["import", "facts", "anna.jsonl", "--data-dir", &data]);
    assert!(imported.status.success(), "{imported:?}");
    let account = format!("{TENANT}/{PERSON}");
    let erase = |account: &str, more: &[&str]| {
        let mut args = vec!["erase", "person", account, "--data-dir", &data];
        args.extend(more);
        texts(&service.pal(&args))
    };

    let (status, shown, said) = erase(&account, &[]);
    assert_eq!(status, Some(0), "{said}");
    let expected = format!(
        "account       {account}\nname          Anna Zoltar\nsign-in name  zoltar@measured.example\nfacts         1\n"
    );
    assert_eq!(shown, expected);
    assert!(is_in(Path::new(&data), "zoltar"), "nothing was asked to go yet");

    let (status, shown, said) = erase(&account, &["--yes"]);
    assert_eq!(
        (status, shown),
        (Some(0), format!("account       {account}\nfacts         1\n")),
        "{said}"
    );
    assert!(!is_in(Path::new(&data), "zoltar"));

    // The service goes on, with everything that is no name.
    service.client(0).link("DELETE", Some(UTRECHT)).unwrap();
    let stranger = format!("{TENANT}/bec40000-1000-4000-8000-00000000ffff");
    assert_eq!(erase(&stranger, &["--yes"]).0, Some(3));
    let application = format!("{TENANT}/{}", crate::support::running::object(0));
    assert_eq!(erase(&application, &["--yes"]).0, Some(1));
    assert_eq!(erase("anna", &["--yes"]).0, Some(2));
    service.stop();
    service.assert_audit_is_whole();
}
