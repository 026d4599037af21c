use serde_json::{Value, json};
use tempfile::TempDir;

use super::*;

const SCOPE: &str = "/providers/Microsoft.Billing/billingAccounts/1/providers";

/// Files in a temporary folder.
struct Tree(TempDir);

impl Tree {
    fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    fn file(&self, path: &str, bytes: impl AsRef<[u8]>) -> &Self {
        let path = self.0.path().join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, bytes).unwrap();
        self
    }

    fn run(&self, folder: &str, manifest: &Value) -> &Self {
        self.file(&format!("{folder}/manifest.json"), manifest.to_string())
    }

    fn discover(&self, paths: &[&str]) -> Result<Vec<Part>, DiscoverError> {
        let paths: Vec<PathBuf> = paths.iter().map(|path| self.0.path().join(path)).collect();
        discover(&paths)
    }

    /// Names below the temporary folder.
    fn names(&self, paths: &[&str]) -> Vec<String> {
        let parts = self.discover(paths).unwrap();
        let prefix = format!("{}/", self.0.path().display());
        parts.into_iter().map(|part| part.name.replace(&prefix, "")).collect()
    }

    fn refused(&self, paths: &[&str]) -> String {
        let prefix = format!("{}/", self.0.path().display());
        self.discover(paths).unwrap_err().to_string().replace(&prefix, "")
    }
}

/// A manifest of export `name` with one CSV file of three bytes.
fn manifest(name: &str, kind: &str, run: &str, submitted: &str) -> Value {
    json!({
        "manifestVersion": "2024-04-01",
        "byteCount": 3, "blobCount": 1, "dataRowCount": 1,
        "exportConfig": {
            "exportName": name, "type": kind, "dataVersion": "1.0r2",
            "resourceId": format!("{SCOPE}/Microsoft.CostManagement/exports/{name}"),
        },
        "deliveryConfig": {"fileFormat": "Csv", "compressionMode": "None"},
        "runInfo": {"runId": run, "submittedTime": submitted, "startDate": "2026-07-01T00:00:00"},
        "blobs": [{"blobName": format!("../../etc/{run}.csv"), "byteCount": 3, "dataRowCount": 1}],
    })
}

fn focus(run: &str, submitted: &str) -> Value {
    manifest("daily", "FocusCost", run, submitted)
}

#[test]
fn single_files_by_name_or_content() {
    let tree = Tree::new();
    tree.file("a.CSV", "x").file("b.csv.gz", b"\x1f\x8b\x08").file("c.snappy.parquet", b"PAR1");
    tree.file("d.data", b"PAR1").file("e.csv", b"\x1f\x8b").file("f.txt", "x");
    let parts = tree.discover(&["e.csv", "b.csv.gz", "c.snappy.parquet", "d.data", "a.CSV"]);
    let parts = parts.unwrap();
    let containers: Vec<Container> = parts.iter().map(|part| part.container).collect();
    let (csv, gzip, parquet) = (Container::Csv, Container::CsvGzip, Container::Parquet);
    assert_eq!(containers, [csv, gzip, parquet, parquet, gzip]);
    assert!(parts.iter().all(|p| p.dataset.is_none() && p.expected_rows.is_none()));
    assert!(tree.refused(&["f.txt"]).starts_with("f.txt is not cost data: give a .csv"));
    let missing = tree.refused(&["none.csv"]);
    assert!(missing.starts_with("cannot read none.csv: No such file"), "{missing}");
}

#[test]
fn a_plain_folder_is_read_whole_and_each_file_once() {
    let tree = Tree::new();
    tree.file("in/b.csv", "x").file("in/sub/a.parquet", b"PAR1").file("in/README.md", "x");
    tree.file("in/.hidden.csv", "x").file("in/_SUCCESS", "").file("in/_delta_log/0.csv", "x");
    tree.file("in/old.parquet.bak", b"PAR1").file("in/part-0", b"PAR1");
    let all = ["in/b.csv", "in/part-0", "in/sub/a.parquet"];
    assert_eq!(tree.names(&["in"]), all);
    assert_eq!(tree.names(&["in/sub", "in", "in/b.csv", "in/sub/a.parquet"]), all);
}

#[cfg(unix)]
#[test]
fn symbolic_links_in_folders_are_not_followed() {
    let tree = Tree::new();
    tree.file("in/a.csv", "x").file("out/b.csv", "x");
    let link = |from: &str, to: &str| {
        std::os::unix::fs::symlink(tree.0.path().join(from), tree.0.path().join(to)).unwrap();
    };
    link("out/b.csv", "in/b.csv");
    link("in", "in/again");
    link("in", "named");
    assert_eq!(tree.names(&["in"]), ["in/a.csv"]);
    // One that the user names is what the user means, under that name.
    assert_eq!(tree.names(&["named"]), ["named/a.csv"]);
    assert_eq!(tree.names(&["in", "named"]).len(), 1);
}

#[test]
fn folders_without_data_are_refused() {
    let tree = Tree::new();
    tree.file("in/notes.txt", "x");
    let why = tree.refused(&["in"]);
    assert!(why.starts_with("no cost data in in: looked in it and below for .csv"), "{why}");
}

#[test]
fn only_the_newest_run_of_a_month_is_read() {
    let tree = Tree::new();
    let (old, new) = (focus("r1", "2026-07-11T03:00:12.276245Z"), {
        let mut new = focus("r2", "2026-07-11T03:00:12.2762451Z");
        new["runInfo"]["startDate"] = json!("2026-07-01T00:00:00+00:00");
        new["exportConfig"]["resourceId"] =
            json!(format!("{SCOPE}/microsoft.costmanagement/EXPORTS/DAILY"));
        new
    });
    let mut june = focus("r3", "2026-07-01T03:00:00.1234567Z");
    june["runInfo"]["startDate"] = json!("2026-06-01T00:00:00Z");
    tree.run("in/p/old", &old); // Its file is gone: superseded runs are not looked at.
    tree.run("in/p/new", &new).file("in/p/new/r2.csv", "abc");
    tree.run("in/q/june", &june).file("in/q/june/r3.csv", "abc");
    assert_eq!(tree.names(&["in"]), ["in/p/new/r2.csv", "in/q/june/r3.csv"]);
    let part = tree.discover(&["in"]).unwrap().remove(0);
    assert_eq!((part.expected_rows, part.expected_bytes), (Some(1), Some(3)));
    let dataset = part.dataset.unwrap();
    assert_eq!((dataset.kind.code(), dataset.data_version.as_str()), ("FocusCost", "1.0r2"));
}

#[test]
fn runs_are_compared_across_paths_and_shell_patterns() {
    let tree = Tree::new();
    tree.run("in/old", &focus("r1", "2026-07-11T03:00:00Z")).file("in/old/r1.csv", "abc");
    tree.run("in/new", &focus("r2", "2026-07-12T03:00:00Z")).file("in/new/r2.csv", "abc");
    let new = ["in/new/r2.csv"];
    assert_eq!(tree.names(&["in/old", "in/new"]), new);
    assert_eq!(tree.names(&["in/new/manifest.json", "in/old/manifest.json"]), new);
    assert_eq!(tree.names(&["in", "in/old", "in/old/r1.csv", "in/old/manifest.json"]), new);
    // Alone, an older run is what the user asks for.
    assert_eq!(tree.names(&["in/old"]), ["in/old/r1.csv"]);
}

#[test]
fn the_greater_run_id_breaks_a_tie() {
    let tree = Tree::new();
    let at = "2026-07-11T03:00:00Z";
    tree.run("in/a", &focus("r2", at)).file("in/a/r2.csv", "abc");
    tree.run("in/b", &focus("r1", at)).file("in/b/r1.csv", "abc");
    assert_eq!(tree.names(&["in"]), ["in/a/r2.csv"]);
}

#[test]
fn an_incomplete_newest_run_is_refused_by_name() {
    let tree = Tree::new();
    tree.run("in/old", &focus("r1", "2026-07-11T03:00:00Z")).file("in/old/r1.csv", "abc");
    tree.run("in/new", &focus("r2", "2026-07-12T03:00:00Z"));
    assert_eq!(
        tree.refused(&["in"]),
        "run r2 of export daily for 2026-07 in in/new is incomplete: r2.csv is missing; wait for \
         the export to finish or give the older run's folder"
    );
    tree.file("in/new/r2.csv", "ab");
    assert!(tree.refused(&["in"]).contains("r2.csv has 2 bytes instead of 3;"));
    tree.file("in/new/r2.csv", "abc");
    assert_eq!(tree.names(&["in"]), ["in/new/r2.csv"]);
    let mut counts = focus("r2", "2026-07-12T03:00:00Z");
    counts["blobCount"] = json!(2);
    tree.run("in/new", &counts);
    assert!(tree.refused(&["in"]).contains("its manifest lists 1 files and counts 2;"));
    counts["blobCount"] = json!(1);
    counts["byteCount"] = json!(4);
    tree.run("in/new", &counts);
    assert!(tree.refused(&["in"]).contains("its files have 3 bytes, its manifest says 4;"));
}

#[test]
fn older_manifests_have_no_counts() {
    let tree = Tree::new();
    let mut old = focus("r1", "2024-02-03T18:33:03.1032074Z");
    for counts in ["byteCount", "blobCount", "dataRowCount", "deliveryConfig", "manifestVersion"] {
        old.as_object_mut().unwrap().remove(counts);
    }
    old["blobs"] = json!([{"blobName": "x/r1.csv"}]);
    old["exportConfig"].as_object_mut().unwrap().remove("resourceId");
    let text = format!("\u{feff}{old}");
    tree.file("in/manifest.json", text).file("in/r1.csv", "abcd");
    let part = tree.discover(&["in"]).unwrap().remove(0);
    assert_eq!((part.expected_rows, part.expected_bytes), (None, None));
}

#[test]
fn data_without_manifest_is_no_complete_run() {
    let tree = Tree::new();
    tree.run("in/a", &focus("r1", "2026-07-11T03:00:00Z")).file("in/a/r1.csv", "abc");
    tree.file("in/b/part_0_0001.csv", "abc");
    let why = tree.refused(&["in"]);
    assert!(why.starts_with("in/b/part_0_0001.csv has no manifest.json that lists it"), "{why}");
    // Without any manifest the name of the run folder gives it away, from above and from below.
    tree.file("out/20260701-20260731/202607110300/g/part_0_0001.csv", "abc");
    for path in ["out", "out/20260701-20260731/202607110300/g"] {
        let why = tree.refused(&[path]);
        assert!(why.contains("(20260701-20260731) without manifest.json"), "{why}");
    }
    assert_eq!(tree.names(&["out/20260701-20260731/202607110300/g/part_0_0001.csv"]).len(), 1);
    tree.file("own/20261301-20260731/a.csv", "x").file("own/2026-07/a.csv", "x");
    assert_eq!(tree.names(&["own"]).len(), 2);
}

#[test]
fn the_same_money_twice_is_refused() {
    let at = "2026-07-11T03:00:00Z";
    for (name, kind) in [("actual", "ActualCost"), ("daily2", "FocusCost")] {
        let tree = Tree::new();
        tree.run("in/a", &manifest("daily", "FocusCost", "r1", at)).file("in/a/r1.csv", "abc");
        let mut other = manifest(name, kind, "r2", at);
        tree.run("in/b", &other).file("in/b/r2.csv", "abc");
        let why = tree.refused(&["in"]);
        assert!(why.contains("export daily (FocusCost) in in/a"), "{why}");
        assert!(why.contains(&format!("export {name} ({kind}) in in/b")), "{why}");
        assert!(why.contains("both hold 2026-07 of /providers/microsoft.billing"), "{why}");
        // Another month or another scope is other money.
        other["runInfo"]["startDate"] = json!("2026-06-01");
        assert_eq!(tree.run("in/b", &other).names(&["in"]).len(), 2);
        let mut other = manifest(name, kind, "r2", at);
        other["exportConfig"]["resourceId"] =
            json!("/subscriptions/1/providers/Microsoft.CostManagement/exports/x");
        assert_eq!(tree.run("in/b", &other).names(&["in"]).len(), 2);
    }
}

#[test]
fn runs_of_parts_of_a_month_do_not_replace_each_other() {
    let tree = Tree::new();
    let mut second = focus("r2", "2026-07-12T03:00:00Z");
    second["runInfo"]["startDate"] = json!("2026-07-06T00:00:00Z");
    tree.run("in/a", &focus("r1", "2026-07-05T03:00:00Z")).file("in/a/r1.csv", "abc");
    tree.run("in/b", &second).file("in/b/r2.csv", "abc");
    let why = tree.refused(&["in"]);
    assert!(why.contains("(2026-07-01, 2026-07-06)"), "{why}");
}

#[test]
fn exports_of_other_things() {
    let tree = Tree::new();
    let prices = manifest("prices", "PriceSheet", "r9", "2026-07-11T03:00:00Z");
    tree.run("in/prices", &prices).file("in/prices/r9.csv", "abc");
    assert!(tree.refused(&["in"]).starts_with("no cost data in in"));
    let why = tree.refused(&["in/prices/manifest.json"]);
    assert!(why.contains("type PriceSheet, which holds no charges"), "{why}");
    tree.run("in/a", &focus("r1", "2026-07-11T03:00:00Z")).file("in/a/r1.csv", "abc");
    assert_eq!(tree.names(&["in"]), ["in/a/r1.csv"]);
    let strange = manifest("new", "CarbonCost", "r8", "2026-07-11T03:00:00Z");
    tree.run("in/c", &strange);
    let why = tree.refused(&["in"]);
    assert!(
        why.contains("in/c/manifest.json: exportConfig.type 'CarbonCost' is not known"),
        "{why}"
    );
}

#[test]
fn manifests_that_cannot_be_used_are_named() {
    let tree = Tree::new();
    let good = || focus("r1", "2026-07-11T03:00:00Z");
    let with = |pointer: &str, value: Value| {
        let mut bad = good();
        *bad.pointer_mut(pointer).unwrap() = value;
        bad.to_string()
    };
    for (text, reason) in [
        ("{".to_owned(), "it is no manifest of an export"),
        ("{}".to_owned(), "missing field `exportConfig`"),
        (with("/runInfo/startDate", json!("07/01/2026")), "'07/01/2026' is not a date"),
        (with("/runInfo/submittedTime", json!("soon")), "'soon' is not an instant"),
        (with("/deliveryConfig/fileFormat", json!("Json")), "its files are Json, not CSV"),
        (with("/blobs/0/blobName", json!("a/..")), "'a/..' names no file"),
        (with("/blobs", json!([{"blobName": "a/x.csv"}, {"blobName": "b/x.csv"}])), "x.csv twice"),
    ] {
        tree.file("in/manifest.json", text).file("in/r1.csv", "abc");
        let why = tree.refused(&["in/manifest.json"]);
        assert!(why.starts_with("cannot use in/manifest.json: ") && why.contains(reason), "{why}");
    }
}

#[test]
fn the_sample_export() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/exports");
    let parts = discover(std::slice::from_ref(&root)).unwrap();
    let rows: Vec<Option<u64>> = parts.iter().map(|part| part.expected_rows).collect();
    assert_eq!(rows, [None, Some(2), Some(2)]);
}
