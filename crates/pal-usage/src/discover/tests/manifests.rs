//! Manifests in their several forms.

use super::*;

#[test]
fn periods_are_the_days_as_written() {
    let tree = Tree::new();
    for (start, end, expected) in [
        ("2026-07-01T00:00:00", "2026-07-31T00:00:00", ("2026-07-01", "2026-07-31", true)),
        ("2026-07-01T00:00:00+02:00", "2026-08-01T00:00:00Z", ("2026-07-01", "2026-08-01", true)),
        ("2026-07-01T22:00:00-07:00", "2026-07-31T23:59:59Z", ("2026-07-01", "2026-07-31", false)),
        ("2026-07-01", "2026-07-31", ("2026-07-01", "2026-07-31", true)),
        (
            "2026-07-01 00:00:00",
            "2026-08-01T00:00:00.0000000+14:00",
            ("2026-07-01", "2026-08-01", true),
        ),
        ("2024-02-05T00:00Z", "", ("2024-02-05", "2024-02-29", true)),
    ] {
        let mut run = focus("r1", "2026-07-11T03:00:00Z");
        run["runInfo"]["startDate"] = json!(start);
        run["runInfo"]["endDate"] = json!(end);
        let found = tree.one_run(&run);
        let (start, end) = (found.start.to_string(), found.end.to_string());
        assert_eq!((start.as_str(), end.as_str(), found.end_is_midnight), expected);
    }
    let run = tree.one_run(&focus("r1", "2026-07-11T03:00:00Z"));
    assert_eq!((run.end.to_string().as_str(), run.end_is_midnight), ("2026-07-31", true));
}

#[test]
fn a_run_is_read_from_what_it_printed() {
    let tree = Tree::new();
    let run = tree.one_run(&focus("r1", "2026-07-11T03:00:00.1234567Z"));
    let text = serde_json::to_string(&run).unwrap();
    assert!(text.contains("\"submitted\":\"2026-07-11T03:00:00.1234567Z\""), "{text}");
    assert_eq!(serde_json::from_str::<Run>(&text).unwrap(), run);
}

#[test]
fn scopes_and_their_accounts() {
    let tree = Tree::new();
    let export = "providers/Microsoft.CostManagement/exports/x";
    for (scope, expected, account) in [
        ("/subscriptions/AB-1/", "/subscriptions/ab-1", None),
        ("subscriptions/AB-1/resourceGroups/Ö", "/subscriptions/ab-1/resourcegroups/ö", None),
        (
            "/providers/Microsoft.Billing/billingAccounts/A:b_2019-05-31/billingProfiles/P",
            "/providers/microsoft.billing/billingaccounts/a:b_2019-05-31/billingprofiles/p",
            Some("a:b_2019-05-31"),
        ),
    ] {
        let mut run = focus("r1", "2026-07-11T03:00:00Z");
        run["exportConfig"]["resourceId"] = json!(format!("{scope}/{export}"));
        let run = tree.one_run(&run);
        assert_eq!((run.scope.as_str(), run.account.as_deref()), (expected, account));
    }
}

#[test]
fn files_of_a_manifest_that_tells_no_run_are_loose() {
    let remove = |manifest: &mut Value, object: &str, member: &str| {
        manifest[object].as_object_mut().unwrap().remove(member);
    };
    for (object, member, told) in [
        ("exportConfig", "resourceId", "what was exported"),
        ("exportConfig", "type", "which kind of export"),
        ("runInfo", "submittedTime", "when it was ordered"),
        ("runInfo", "startDate", "which days it is of"),
    ] {
        let tree = Tree::new();
        let mut manifest = focus("r1", "2026-07-11T03:00:00Z");
        remove(&mut manifest, object, member);
        tree.run("in", &manifest).file("in/r1.csv", "abc");
        let found = tree.discover(&["in"]).unwrap();
        assert_eq!((found.runs.len(), found.loose.len()), (0, 1), "{member}");
        assert_eq!(found.loose[0].expected_bytes, Some(3));
        assert!(tree.notes(&["in"])[0].starts_with("in/manifest.json does not say"));
        assert!(tree.notes(&["in"])[0].contains(told));
        tree.file("in/r1.csv", "ab");
        let why = tree.refused(&["in"]);
        assert!(why.starts_with("in is incomplete: r1.csv has 2 bytes instead of 3;"), "{why}");
    }
    let tree = Tree::new();
    for no_scope in ["", "daily", "/providers/Microsoft.CostManagement/exports/daily"] {
        let mut manifest = focus("r1", "2026-07-11T03:00:00Z");
        manifest["exportConfig"]["resourceId"] = json!(no_scope);
        tree.run("in", &manifest).file("in/r1.csv", "abc");
        assert!(tree.discover(&["in"]).unwrap().runs.is_empty(), "{no_scope}");
    }
}

#[test]
fn early_exports_have_a_manifest_of_another_name_and_form() {
    let tree = Tree::new();
    let manifest = json!({
        "manifestVersion": "2021-01-01", "dataFormat": "csv", "blobCount": 1, "byteCount": 3,
        "dataRowCount": 1,
        "blobs": [{"blobName": "cost/20260701-20260731/202608010307/g/000001.csv",
            "byteCount": 3, "dataRowCount": 1, "headerRowCount": 1}],
    });
    let folder = "in/20260701-20260731/202608010307/g";
    for name in ["_manifest.json", "manifest.json", "_Manifest.json"] {
        let tree = Tree::new();
        tree.file(&format!("{folder}/{name}"), manifest.to_string());
        tree.file(&format!("{folder}/000001.csv"), "abc");
        for path in ["in", folder, &format!("{folder}/{name}")] {
            let found = tree.discover(&[path]).unwrap();
            assert_eq!((found.runs.len(), found.loose.len()), (0, 1), "{name} {path}");
            assert_eq!(found.loose[0].expected_rows, Some(1));
        }
    }
    // Beside a manifest that lists files the other one tells nothing more.
    tree.run("both", &focus("r1", "2026-07-11T03:00:00Z")).file("both/r1.csv", "abc");
    tree.file("both/_manifest.json", "{}");
    assert_eq!(tree.discover(&["both"]).unwrap().runs.len(), 1);
}

#[test]
fn what_a_hub_has_ingested_is_loose() {
    let tree = Tree::new();
    let folder = "hub/Costs/2026/07/subscriptions/s";
    tree.file(&format!("{folder}/manifest.json"), " {} ");
    tree.file(&format!("{folder}/a__part_0.snappy.parquet"), b"PAR1");
    for path in ["hub", folder, &format!("{folder}/manifest.json")] {
        let found = tree.discover(&[path]).unwrap();
        assert_eq!((found.runs.len(), found.loose.len(), found.notes.len()), (0, 1, 0), "{path}");
    }
}

#[test]
fn manifests_that_cannot_be_used_are_named() {
    let tree = Tree::new();
    let good = || focus("r1", "2026-07-11T03:00:00Z");
    let good = || {
        let mut good = good();
        good["runInfo"]["endDate"] = json!("2026-08-01T00:00:00Z");
        good
    };
    let with = |pointer: &str, value: Value| {
        let mut bad = good();
        *bad.pointer_mut(pointer).unwrap() = value;
        bad.to_string()
    };
    for (text, reason) in [
        ("{".to_owned(), "it is no manifest of an export"),
        ("{\"name\": \"app\"}".to_owned(), "missing field `blobs`"),
        (with("/runInfo/startDate", json!("2026-09-01")), "ends before it begins"),
        (with("/runInfo/startDate", json!("07/01/2026")), "'07/01/2026' is not a date"),
        (with("/runInfo/submittedTime", json!("soon")), "'soon' is not an instant"),
        (with("/deliveryConfig/fileFormat", json!("Json")), "its files are Json, not CSV"),
        (with("/blobs/0/blobName", json!("a/..")), "'a/..' names no file"),
        (
            with("/blobs", json!([{"blobName": "a/x.csv"}, {"blobName": "b/x.csv"}])),
            "two different files x.csv",
        ),
    ] {
        tree.file("in/manifest.json", text).file("in/r1.csv", "abc");
        let why = tree.refused(&["in/manifest.json"]);
        assert!(why.starts_with("cannot use in/manifest.json: ") && why.contains(reason), "{why}");
    }
}
