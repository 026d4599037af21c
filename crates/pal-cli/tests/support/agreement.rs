//! `pal report` on files and an import of them agree: the same balance, or both refuse. Held for
//! whatever usage a test has put into its folder.

use std::fs;
use std::path::Path;
use std::process::{Command, Output};

/// Larger folders are left out: they are there to be killed while they are read.
const MOST_BYTES: u64 = 2 << 20;

const FACTS: &str =
    "{\"kind\":\"partner\",\"partner\":\"111111\",\"name\":\"Fjord\",\"type\":\"location\"}\n";

/// What lies in a folder: each of its folders alone, and everything together.
pub fn assert_agreement(folder: &Path) {
    let mut names = Vec::new();
    for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
        let path = entry.path();
        // A data folder holds what was imported already.
        if !path.join("charges").exists() && holds_usage(&path) {
            names.push(entry.file_name().to_str().unwrap().to_owned());
        }
    }
    names.sort();
    if bytes(folder) > MOST_BYTES {
        return;
    }
    for name in names.iter().filter(|name| folder.join(name).is_dir() && names.len() > 1) {
        compare(folder, &[name]);
    }
    if !names.is_empty() {
        compare(folder, &names);
    }
}

fn compare(folder: &Path, names: &[impl AsRef<str>]) {
    let names: Vec<&str> = names.iter().map(AsRef::as_ref).collect();
    let aside = tempfile::tempdir().unwrap();
    let facts = aside.path().join("facts.jsonl");
    fs::write(&facts, FACTS).unwrap();
    let facts = facts.to_str().unwrap();
    let data = aside.path().join("data");
    let data = data.to_str().unwrap();
    let pal = |args: &[&str]| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_pal"));
        command.current_dir(folder).arg("--only-show-errors").args(args).output().unwrap()
    };
    let report = ["report", "--facts", facts, "--balance", "--usage"];
    let on_files = pal(&[&report[..], &names].concat());
    assert!(pal(&["import", "facts", facts, "--create", "--data-dir", data]).status.success());
    let imported = pal(&[&["usage", "import", "--data-dir", data], &names[..]].concat());
    let of_import = pal(&["report", "--data-dir", data, "--balance"]);
    let agree = match (on_files.status.success(), imported.status.success()) {
        (true, true) if of_import.status.success() => on_files.stdout == of_import.stdout,
        // A data folder in which nothing counts has no balance; files have an empty one.
        (true, true) => lines(&on_files) == 1,
        (on_files, imported) => on_files == imported,
    };
    let shown = || format!("{}\n{}\n{}", said(&on_files), said(&imported), said(&of_import));
    assert!(agree, "{names:?} in {}:\n{}", folder.display(), shown());
}

fn holds_usage(path: &Path) -> bool {
    let name = path.to_string_lossy().to_ascii_lowercase();
    if path.is_dir() {
        return fs::read_dir(path).into_iter().flatten().flatten().any(|e| holds_usage(&e.path()));
    }
    [".csv", ".csv.gz", ".parquet"].iter().any(|end| name.ends_with(end))
}

fn bytes(path: &Path) -> u64 {
    let Ok(of) = path.symlink_metadata() else { return 0 };
    match of.is_dir() {
        true => fs::read_dir(path).into_iter().flatten().flatten().map(|e| bytes(&e.path())).sum(),
        false => of.len(),
    }
}

fn lines(output: &Output) -> usize {
    String::from_utf8_lossy(&output.stdout).lines().count()
}

fn said(output: &Output) -> String {
    let [out, err] = [&output.stdout, &output.stderr].map(|text| String::from_utf8_lossy(text));
    format!("{}\n{out}{err}", output.status)
}
