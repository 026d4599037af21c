//! What is refused, and what is only listed. How files become facts is tested in
//! `tests/snapshot.rs`.

use std::fs;
use std::path::Path;

use serde_json::{Value, json};
use tempfile::TempDir;

use super::{Options, Snapshot, SnapshotError, merge, read};

const TENANT: &str = "5a8b6c1e-3f0d-4a7b-9c55-0f1e2d3c4b5a";
const OTHER: &str = "c0ffee00-1d1d-4e4e-8f8f-101010101010";
const SUB: &str = "7d5f0e7a-91c4-4d0e-b7d1-64a1b0f0c2d3";
const USER: &str = "0b1c2d3e-4f50-4617-8293-a4b5c6d7e8f9";
const GROUP: &str = "e8b9f1a2-6c3d-4e5f-8a7b-9c0d1e2f3a4b";

fn folder(files: &[(&str, Value)]) -> TempDir {
    let dir = tempfile::tempdir().unwrap();
    for (name, value) in files {
        let path = dir.path().join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, value.to_string()).unwrap();
    }
    dir
}

/// Puts users, listed at an hour of a day, into earlier facts.
fn users(previous: &str, hour: &str, users: &[Value]) -> Result<String, SnapshotError> {
    let dir = folder(&[("users.json", list(users))]);
    let taken_at = format!("2026-09-01T{hour}:00:00Z").parse().unwrap();
    let snapshot = read(dir.path(), taken_at, Some(TENANT.parse().unwrap()))?;
    merge(Some(previous), &snapshot, &Options::default()).map(|merged| merged.text)
}

fn of(dir: &Path, tenant: Option<&str>) -> Result<Snapshot, SnapshotError> {
    let tenant = tenant.map(|tenant| tenant.parse().unwrap());
    read(dir, "2026-09-01T06:00:00Z".parse().unwrap(), tenant)
}

fn refused(files: &[(&str, Value)]) -> SnapshotError {
    of(folder(files).path(), Some(TENANT)).unwrap_err()
}

fn user(on: bool) -> Value {
    json!({"id": USER, "userPrincipalName": "u@x.example", "accountEnabled": on})
}

fn assignment(principal: &str) -> Value {
    let scope = format!("/subscriptions/{SUB}");
    json!({
        "id": format!("{scope}/providers/Microsoft.Authorization/roleAssignments/{OTHER}"),
        "type": "Microsoft.Authorization/roleAssignments",
        "scope": scope, "principalId": principal, "roleDefinitionId": GROUP,
    })
}

fn list(items: &[Value]) -> Value {
    json!({ "value": items })
}

#[test]
fn incomplete_pages_are_refused() {
    let pages = [
        json!({"value": [user(true)], "@odata.nextLink": "https://graph.microsoft.com/v1.0/users?x"}),
        json!({"value": [assignment(USER)], "nextLink": "https://management.azure.com/x"}),
    ];
    for page in pages {
        let error = refused(&[("page.json", page)]);
        assert!(matches!(error, SnapshotError::Incomplete { .. }), "{error}");
        assert!(error.to_string().starts_with("page.json: incomplete"), "{error}");
    }
}

#[test]
fn what_is_not_understood_is_refused_with_the_file() {
    for (file, word) in [
        (json!({"some": "thing"}), "no known kind"),
        (json!([1]), "no known kind"),
        (json!("text"), "neither a JSON object nor a list"),
        (json!([{"type": "Microsoft.Compute/virtualMachines", "id": "/x"}]), "virtualMachines"),
        (json!({"error": {"code": "AuthorizationFailed", "message": "no"}}), "AuthorizationFailed"),
        (list(&[json!({"id": USER, "userPrincipalName": "u"})]), "'accountEnabled' is missing"),
        (list(&[assignment("x")]), "'principalId'"),
    ] {
        let error = refused(&[("a/strange.json", file)]).to_string();
        assert!(error.starts_with("a/strange.json: ") && error.contains(word), "{error}");
    }
    let dir = tempfile::tempdir().unwrap();
    let none = of(dir.path(), None).unwrap_err();
    assert!(matches!(none, SnapshotError::Empty(_)), "{none}");
    fs::write(dir.path().join("x.json"), "{\"value\": [").unwrap();
    let cut = of(dir.path(), None).unwrap_err();
    assert!(matches!(cut, SnapshotError::Json { .. }), "{cut}");
}

#[test]
fn harmless_files_are_listed() {
    let dir = folder(&[("users.json", list(&[user(true)])), ("nothing.json", json!([]))]);
    fs::write(dir.path().join("README.md"), "x").unwrap();
    let snapshot = of(dir.path(), Some(TENANT)).unwrap();
    let ignored = merge(None, &snapshot, &Options::default()).unwrap().summary.ignored;
    assert_eq!(
        ignored,
        [
            "README.md: not a .json file",
            "nothing.json: an empty list, and its name does not say of what"
        ]
    );
}

#[test]
fn one_directory_only() {
    let listed = |tenant: &str| json!({"subscriptionId": SUB, "tenantId": tenant});
    let error = refused(&[("s.json", list(&[listed(OTHER)]))]).to_string();
    assert!(error.contains(TENANT) && error.contains(OTHER), "{error}");
    assert!(error.contains("--tenant") && error.contains("item 1 of s.json"), "{error}");
    let unknown = folder(&[("users.json", list(&[user(true)]))]);
    let error = of(unknown.path(), None).unwrap_err();
    assert!(matches!(error, SnapshotError::NoTenant), "{error}");
}

#[test]
fn files_that_contradict_each_other_are_refused() {
    let other = assignment(GROUP);
    let error =
        refused(&[("a.json", list(&[assignment(USER)])), ("b.json", list(&[other]))]).to_string();
    assert!(error.starts_with("a.json and b.json say different things"), "{error}");
    assert!(error.contains("'principal' differs"), "{error}");
}

#[test]
fn windows_powershell_writes_utf_16() {
    let dir = folder(&[("users.json", list(&[user(true)]))]);
    let text = list(&[user(false)]).to_string();
    let wide = std::iter::once(0xFEFF).chain(text.encode_utf16()).flat_map(u16::to_le_bytes);
    fs::write(dir.path().join("users.json"), wide.collect::<Vec<u8>>()).unwrap();
    let snapshot = of(dir.path(), Some(TENANT)).unwrap();
    let text = merge(None, &snapshot, &Options::default()).unwrap().text;
    assert!(text.contains("\"enabled\":false"), "{text}");
}

#[test]
fn a_snapshot_must_be_later() {
    let first = users("", "06", &[user(true)]).unwrap();
    let error = users(&first, "06", &[user(true)]).unwrap_err().to_string();
    assert!(error.contains("already know 2026-09-01T06:00:00Z"), "{error}");
    // An end that was seen counts too, although the line keeps when it became known.
    let mut other = user(true);
    other["id"] = json!(GROUP);
    other["createdDateTime"] = json!("2026-01-01T00:00:00Z");
    let both = users("", "06", &[user(true), other.clone()]).unwrap();
    let ended = users(&both, "18", &[other.clone()]).unwrap();
    assert!(ended.contains("\"to\":\"2026-09-01T18:00:00Z\",\"recordedAt\":\"2026-09-01T06"));
    let between = users(&ended, "12", &[other]);
    assert!(matches!(between, Err(SnapshotError::NotLater { .. })));
}

#[test]
fn facts_of_others_stay_as_they_are() {
    let previous = format!(
        "{{\"kind\":\"partner\", \"partner\":111111,\"type\":\"location\"}}\n\
         {{\"kind\":\"principal\",\"tenant\":\"{OTHER}\",\"object\":\"{GROUP}\",\
         \"type\":\"User\",\"recordedAt\":\"2026-12-01T00:00:00Z\"}}\n"
    );
    let merged = users(&previous, "06", &[user(true)]).unwrap();
    assert!(merged.starts_with(&previous), "{merged}");
}

#[test]
fn earlier_facts_must_be_facts() {
    let error = users("{\"kind\":\"tenant\"}", "06", &[user(true)]).unwrap_err().to_string();
    assert!(error.starts_with("earlier facts:1: "), "{error}");
}
