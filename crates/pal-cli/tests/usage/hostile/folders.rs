//! Manifests that lie, and folders in which not everything is a file.

use std::os::unix::fs::symlink;
use std::path::Path;
use std::process::Command;

use serde_json::{Value, json};

use super::Variant;
use crate::usage::world::{manifest, row, table};

fn csv() -> Vec<u8> {
    table((0..6).map(|n| row(6, 0, n)).collect()).csv()
}

/// A run whose manifest was changed.
fn changed(name: &str, change: impl FnOnce(&mut Value)) -> Variant {
    let sizes = [("part_0.csv", csv().len())];
    let text = manifest(&format!("of-{name}"), 6, "r1", "2026-07-01T03:00:00Z", &sizes);
    let mut manifest: Value = serde_json::from_str(&text).unwrap();
    change(&mut manifest);
    written(name, manifest.to_string())
}

/// A run whose manifest is this.
fn written(name: &str, manifest: impl Into<Vec<u8>>) -> Variant {
    let files = vec![
        (format!("{name}/manifest.json"), manifest.into()),
        (format!("{name}/part_0.csv"), csv()),
    ];
    Variant { files, ..Variant::file(name, "") }
}

/// Runs that are refused; those that seem to be on their way wait where a folder is watched.
pub fn manifests() -> Vec<Variant> {
    let blob = |name: &str, at: &str| {
        let at = at.to_owned();
        changed(name, move |m| m["blobs"][0]["blobName"] = at.into())
    };
    let mut all = vec![
        changed("rows-wrong", |m| m["blobs"][0]["dataRowCount"] = 7.into()).says("part_0.csv"),
        changed("rows-many", |m| m["blobs"][0]["dataRowCount"] = u64::MAX.into()),
        changed("rows-negative", |m| m["blobs"][0]["dataRowCount"] = (-1).into()),
        changed("rows-a-text", |m| m["blobs"][0]["dataRowCount"] = "six".into()),
        changed("size-wrong", |m| m["blobs"][0]["byteCount"] = 5.into()).waits(),
        changed("size-many", |m| m["blobs"][0]["byteCount"] = u64::MAX.into()).waits(),
        changed("sum-wrong", |m| m["byteCount"] = 5.into()).waits(),
        changed("count-wrong", |m| m["blobCount"] = 5.into()).waits(),
        changed("twice", |m| {
            let blob = m["blobs"][0].clone();
            m["blobs"].as_array_mut().unwrap().push(blob);
        }),
        changed("no-blobs", |m| m["blobs"] = Value::Null),
        changed("type-unknown", |m| m["exportConfig"]["type"] = "Secrets\u{1b}[2J\n".into()),
        changed("type-prices", |m| m["exportConfig"]["type"] = "PriceSheet".into())
            .says("no cost data in")
            .ignored(),
        changed("format", |m| m["deliveryConfig"]["fileFormat"] = "Xlsx".into()),
        changed("month-13", |m| m["runInfo"]["startDate"] = "2026-13-01".into()),
        changed("far", |m| m["runInfo"]["startDate"] = "99999-01-01".into()),
        changed("submitted", |m| m["runInfo"]["submittedTime"] = "yesterday".into()),
        changed("nameless", |m| m["exportConfig"] = json!({"type": "FocusCost"})),
        changed("named-by-colours", |m| {
            m["exportConfig"]["exportName"] = "\u{1b}[31m\r\nERROR\u{7}".into();
            m["blobCount"] = 9.into();
        })
        .waits(),
        blob("up", "../../../../../../etc/passwd").waits(),
        blob("up-by-backslash", "..\\..\\secret.csv").waits(),
        blob("absolute", "/etc/passwd").waits(),
        blob("address", "https://evil.example/part_9.csv").waits(),
        blob("dots", "a/.."),
        blob("dot", "."),
        blob("no-name", ""),
        blob("zero", "a\0.csv").waits(),
        blob("long", &"x".repeat(5_000)).waits(),
        written("cut", &manifest("d", 6, "r", "2026-07-01T03:00:00Z", &[])[..90]),
        written("empty", ""),
        written("deep", "[".repeat(200_000)),
        written("deep-within", format!("{{\"a\":{}1{}}}", "[".repeat(9_999), "]".repeat(9_999))),
        written("20-mib", format!("{{\"a\": \"{}\"}}", "x".repeat(20 << 20))),
        written("not-utf-8", b"{\"exportConfig\": \"\xff\xfe\"}".to_vec()),
        written("list", "[1, 2, 3]"),
    ];
    let names = (0..150_000).map(|n| json!({"blobName": format!("{n}.csv")}));
    let names = Value::Array(names.collect());
    all.push(changed("many", |m| m["blobs"] = names).waits());
    let two = vec![
        ("doubled/a/manifest.json".to_owned(), of("a", "FocusCost")),
        ("doubled/a/part_0.csv".to_owned(), csv()),
        ("doubled/b/manifest.json".to_owned(), of("b", "ActualCost")),
        ("doubled/b/part_0.csv".to_owned(), csv()),
    ];
    // Each of two is taken by itself where they land; which is known by then is not double money.
    all.push(Variant { files: two, ..Variant::file("doubled", "") }.given());
    all
}

/// A run of another kind of export of one scope.
fn of(export: &str, kind: &str) -> Vec<u8> {
    let text = manifest("daily", 6, export, "2026-07-01T03:00:00Z", &[("part_0.csv", csv().len())]);
    let mut manifest: Value = serde_json::from_str(&text).unwrap();
    manifest["exportConfig"]["type"] = kind.into();
    manifest.to_string().into_bytes()
}

/// Things that are no files, in a folder; what a person may name of them, and the answer.
pub fn kinds(folder: &Path) -> Vec<(&'static str, &'static str)> {
    std::fs::create_dir_all(folder.join("named.csv")).unwrap();
    let pipe = Command::new("mkfifo").arg(folder.join("pipe.csv")).status().unwrap();
    assert!(pipe.success());
    symlink("/etc/passwd", folder.join("passwd.csv")).unwrap();
    symlink("/dev/zero", folder.join("zero.csv")).unwrap();
    symlink("/dev/zero", folder.join("zero.csv.gz")).unwrap();
    symlink("loop.csv", folder.join("loop.csv")).unwrap();
    symlink("..", folder.join("up")).unwrap();
    vec![
        ("named.csv", "no cost data in"),
        ("pipe.csv", "is not cost data"),
        ("zero.csv", "is not cost data"),
        ("loop.csv", "cannot read"),
        ("gone.csv", "cannot read"),
        (".", "no cost data in"),
    ]
}

/// A run whose file is something else.
pub fn run_of(folder: &Path, target: Option<&str>) {
    std::fs::create_dir_all(folder).unwrap();
    let text = manifest("daily", 6, "r1", "2026-07-01T03:00:00Z", &[("part_0.csv", csv().len())]);
    match target {
        Some(target) => symlink(target, folder.join("part_0.csv")).unwrap(),
        None => {
            let made = Command::new("mkfifo").arg(folder.join("part_0.csv")).status().unwrap();
            assert!(made.success());
        }
    }
    std::fs::write(folder.join("manifest.json"), text).unwrap();
}
