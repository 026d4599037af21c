use serde_json::{Value, json};
use tempfile::TempDir;

use super::*;

mod manifests;

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

    fn discover(&self, paths: &[&str]) -> Result<Discovered, DiscoverError> {
        let paths: Vec<PathBuf> = paths.iter().map(|path| self.0.path().join(path)).collect();
        discover(&paths)
    }

    /// Names below the temporary folder.
    fn names(&self, paths: &[&str]) -> Vec<String> {
        let parts = self.discover(paths).unwrap().parts();
        let prefix = format!("{}/", self.0.path().display());
        parts.into_iter().map(|part| part.name.replace(&prefix, "")).collect()
    }

    /// What is told of what is found.
    fn notes(&self, paths: &[&str]) -> Vec<String> {
        let prefix = format!("{}/", self.0.path().display());
        let notes = self.discover(paths).unwrap().notes;
        notes.iter().map(|note| note.to_string().replace(&prefix, "")).collect()
    }

    /// The run of a manifest with one file, `r1.csv`.
    fn one_run(&self, manifest: &Value) -> Run {
        self.run("one", manifest).file("one/r1.csv", "abc");
        let mut found = self.discover(&["one"]).unwrap();
        assert_eq!((found.runs.len(), found.loose.len()), (1, 0));
        found.runs.remove(0).run
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
    let parts = parts.unwrap().loose;
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
fn every_run_is_found() {
    let tree = Tree::new();
    let (old, new) = (focus("r1", "2026-07-11T03:00:12.276245Z"), {
        let mut new = focus("r2", "2026-07-11T03:00:12.2762451Z");
        new["exportConfig"]["resourceId"] =
            json!(format!("{SCOPE}/microsoft.costmanagement/EXPORTS/DAILY"));
        new
    });
    tree.run("in/p/old", &old).file("in/p/old/r1.csv", "abc");
    tree.run("in/p/new", &new).file("in/p/new/r2.csv", "abc").file("in/other.csv", "x");
    let all = ["in/other.csv", "in/p/new/r2.csv", "in/p/old/r1.csv"];
    assert_eq!(tree.names(&["in"]), all);
    assert_eq!(tree.names(&["in", "in/p", "in/p/old/r1.csv", "in/p/old/manifest.json"]), all);
    let found = tree.discover(&["in"]).unwrap();
    assert_eq!((found.runs.len(), found.loose.len(), found.notes.len()), (2, 1, 0));
    let (first, second) = (&found.runs[0].run, &found.runs[1].run);
    assert_eq!((first.id.as_str(), second.id.as_str()), ("r2", "r1"));
    assert_eq!(first.scope, second.scope);
    assert_eq!(first.scope, "/providers/microsoft.billing/billingaccounts/1");
    assert_eq!(first.account.as_deref(), Some("1"));
    assert!(first.submitted > second.submitted);
    let part = &found.runs[0].parts[0];
    assert_eq!((part.expected_rows, part.expected_bytes), (Some(1), Some(3)));
    let dataset = part.dataset.as_ref().unwrap();
    assert_eq!((dataset.kind.code(), dataset.data_version.as_str()), ("FocusCost", "1.0r2"));
}

#[test]
fn a_run_that_is_there_twice_is_read_once() {
    let tree = Tree::new();
    let run = focus("r1", "2026-07-11T03:00:00Z");
    tree.run("in/a", &run).file("in/a/r1.csv", "abc");
    tree.run("in/b", &run).file("in/b/r1.csv", "abc");
    assert_eq!(tree.names(&["in"]), ["in/a/r1.csv"]);
    assert_eq!(
        tree.notes(&["in"]),
        ["run r1 is in in/a and in in/b with the same contents; it is read once"]
    );
    tree.file("in/b/r1.csv", "abd");
    let why = tree.refused(&["in"]);
    assert!(why.starts_with("run r1 is in in/a and in in/b, and they differ"), "{why}");
    // The same files under another period are no copy either.
    let mut other = run;
    other["runInfo"]["endDate"] = json!("2026-07-05T00:00:00");
    tree.run("in/b", &other).file("in/b/r1.csv", "abc");
    assert!(tree.refused(&["in"]).contains("they differ"));
}

#[test]
fn a_file_that_is_named_twice_is_read_once() {
    let tree = Tree::new();
    let blob = |bytes: Option<u64>| json!({"blobName": "x/r1.csv", "byteCount": bytes});
    for (count, bytes) in [(json!(1), json!(3)), (json!(2), json!(6)), (Value::Null, Value::Null)] {
        let mut run = focus("r1", "2026-07-11T03:00:00Z");
        run["blobs"] = json!([blob(Some(3)), blob(None)]);
        (run["blobCount"], run["byteCount"]) = (count, bytes);
        tree.run("in", &run).file("in/r1.csv", "abc");
        assert_eq!(tree.names(&["in"]), ["in/r1.csv"]);
        assert_eq!(tree.notes(&["in"]), ["in/manifest.json names r1.csv twice; it is read once"]);
    }
    let mut run = focus("r1", "2026-07-11T03:00:00Z");
    run["blobs"] = json!([blob(Some(3)), blob(Some(4))]);
    tree.run("in", &run);
    assert!(tree.refused(&["in"]).contains("it lists two different files r1.csv"));
}

#[cfg(unix)]
#[test]
fn a_hard_link_is_the_same_file() {
    let tree = Tree::new();
    tree.file("in/a.csv", "x").run("in/run", &focus("r1", "2026-07-11T03:00:00Z"));
    tree.file("in/run/r1.csv", "abc");
    for (from, to) in [("in/a.csv", "in/b.csv"), ("in/run/r1.csv", "in/c.csv")] {
        fs::hard_link(tree.0.path().join(from), tree.0.path().join(to)).unwrap();
    }
    assert_eq!(tree.names(&["in"]), ["in/a.csv", "in/run/r1.csv"]);
    assert_eq!(
        tree.notes(&["in"]),
        [
            "in/b.csv is the same file as in/a.csv; it is read once",
            "in/c.csv is the same file as in/run/r1.csv; it is read once"
        ]
    );
}

#[test]
fn an_incomplete_run_is_refused_by_name() {
    let tree = Tree::new();
    tree.run("in/new", &focus("r2", "2026-07-12T03:00:00Z"));
    assert_eq!(
        tree.refused(&["in"]),
        "run r2 of export daily (2026-07-01 to 2026-07-31) in in/new is incomplete: r2.csv is \
         missing; wait for the export or the copy to finish, fetch it again, or leave this folder \
         out"
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
fn a_manifest_without_sizes_is_read_with_a_warning() {
    let tree = Tree::new();
    let mut old = focus("r1", "2024-02-03T18:33:03.1032074Z");
    for counts in ["byteCount", "blobCount", "dataRowCount", "deliveryConfig", "manifestVersion"] {
        old.as_object_mut().unwrap().remove(counts);
    }
    old["blobs"] = json!([{"blobName": "x/r1.csv"}]);
    tree.file("in/manifest.json", format!("\u{feff}{old}")).file("in/r1.csv", "abcd");
    let found = tree.discover(&["in"]).unwrap();
    let part = &found.runs[0].parts[0];
    assert_eq!((part.expected_rows, part.expected_bytes), (None, None));
    assert!(tree.notes(&["in"])[0].starts_with("in/manifest.json names no sizes"));
    // A total is a size, too.
    old["byteCount"] = json!(4);
    tree.run("in", &old);
    assert!(tree.notes(&["in"]).is_empty());
}

#[test]
fn data_without_manifest_is_no_complete_run() {
    let tree = Tree::new();
    tree.run("in/a", &focus("r1", "2026-07-11T03:00:00Z")).file("in/a/r1.csv", "abc");
    // Elsewhere in the tree a file is a loose one, but not in the folder of a run.
    tree.file("in/b/by-hand.csv", "abc");
    assert_eq!(tree.discover(&["in"]).unwrap().loose.len(), 1);
    for beside in ["in/a/part_1.csv", "in/a/sub/part_1.csv"] {
        let file = tree.file(beside, "abc").0.path().join(beside);
        let why = tree.refused(&["in"]);
        assert!(why.starts_with(&format!("{beside} has no manifest.json that lists it")), "{why}");
        fs::remove_file(file).unwrap();
    }
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
fn what_has_landed_is_each_manifest_and_each_folder_of_loose_files() {
    let tree = Tree::new();
    tree.run("in/p/old", &focus("r1", "2026-07-11T03:00:00Z")).file("in/p/old/r1.csv", "abc");
    tree.run("in/p/new", &focus("r2", "2026-07-12T03:00:00Z")).file("in/p/new/r2.csv", "abc");
    let mut no_sizes = focus("r3", "2026-07-13T03:00:00Z");
    no_sizes.as_object_mut().unwrap().remove("byteCount");
    no_sizes["blobs"] = json!([{"blobName": "x/r3.csv"}]);
    tree.run("in/p/sizes", &no_sizes).file("in/p/sizes/r3.csv", "abc");
    tree.file("in/hub/manifest.json", "{}").file("in/hub/a.parquet", b"PAR1");
    tree.file("in/q/a.csv", "x").file("in/q/b.csv", "x").file("in/p/old/late.csv", "x");
    tree.file("in/torn/manifest.json", "{\"blobs").file("in/torn/r4.csv", "abc");
    tree.file("in/20260701-20260731/g/part.csv", "x");
    let look = || landed(&tree.0.path().join("in")).unwrap();
    let found: Vec<_> = look().into_iter().map(|entry| (entry.name, entry.has_sizes)).collect();
    let expected = [
        ("hub/a.parquet", false),
        ("p/new", true),
        ("p/old", true),
        ("p/sizes", false),
        ("q/a.csv, q/b.csv", false),
        ("torn/manifest.json", false),
    ];
    assert_eq!(found, expected.map(|(name, sizes)| (name.to_owned(), sizes)));
    // The fingerprint changes with any file of an entry, and each entry is what `discover` takes.
    let before = look();
    tree.file("in/p/new/r2.csv", "abcd").file("in/q/b.csv", "xy");
    let changed: Vec<bool> =
        before.iter().zip(look()).map(|(a, b)| a.fingerprint != b.fingerprint).collect();
    assert_eq!(changed, [false, true, false, false, true, false]);
    assert_eq!(discover(&before[2].paths()).unwrap().runs.len(), 1);
    assert_eq!(discover(&before[4].paths()).unwrap().loose.len(), 2);
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
fn the_sample_export() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/exports");
    let found = discover(std::slice::from_ref(&root)).unwrap();
    let rows: Vec<Option<u64>> = found.parts().iter().map(|part| part.expected_rows).collect();
    assert_eq!(rows, [None, Some(2), Some(2), Some(2)]);
    assert_eq!(found.runs.len(), 3);
}
