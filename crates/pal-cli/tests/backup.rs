//! A backup is the folder of one instant, made while others write; what is put back is whole, and
//! what was changed or lost is refused.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Output;
use std::sync::atomic::{AtomicBool, Ordering};

use serde_json::Value;

use crate::support::running::{Running, UTRECHT};
use crate::usage::world::world;

fn said(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

/// The data folder `data` of a service that has stopped, with links and three months of usage.
struct Folder(Running);

impl Folder {
    fn path(&self) -> &Path {
        self.0.folder()
    }

    fn pal(&self, args: &[&str]) -> Output {
        self.0.pal(args)
    }

    fn done(&self, args: &[&str]) -> String {
        let done = self.pal(args);
        assert!(done.status.success(), "{args:?}: {}", said(&done));
        String::from_utf8(done.stdout).unwrap()
    }
}

fn data() -> Folder {
    let mut service = Running::new(2, &[]);
    service.client(0).link("PUT", Some(UTRECHT)).unwrap();
    service.stop();
    let folder = Folder(service);
    fs::write(folder.path().join("costs.csv"), world(40).csv()).unwrap();
    folder.done(&["usage", "import", "costs.csv", "--data-dir", "data"]);
    folder
}

fn backup(folder: &Folder, to: &str) {
    folder.done(&["backup", "--data-dir", "data", "--to", to]);
}

/// What must be the same before and after: figures, and facts with links.
fn holds(folder: &Folder, data: &str) -> [String; 3] {
    let by = "month,partner_id,subscription_id,currency";
    [
        folder.done(&["report", "--data-dir", data, "--group-by", by]),
        folder.done(&["report", "--data-dir", data, "--balance"]),
        folder.done(&["export", "facts", "--data-dir", data]),
    ]
}

fn files_below(path: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(path).unwrap().map(|entry| entry.unwrap().path());
    entries.flat_map(|path| if path.is_dir() { files_below(&path) } else { vec![path] }).collect()
}

#[test]
fn what_is_restored_is_what_was_there() {
    let folder = data();
    let before = holds(&folder, "data");
    for (to, back) in [("copy", "one"), ("copy.tar.zst", "two")] {
        backup(&folder, to);
        folder.done(&["restore", "--from", to, "--data-dir", back]);
        assert_eq!(holds(&folder, back), before, "{to}");
        let verified = folder.pal(&["audit", "verify", "--data-dir", back]);
        let text = String::from_utf8(verified.stdout).unwrap();
        assert!(verified.status.success(), "{text}");
        assert!(text.starts_with("restored to record "), "{text}");
        // It goes on: an import, and another backup.
        let again = ["usage", "import", "costs.csv", "--data-dir", back, "--output", "json"];
        let done: Value = serde_json::from_str(&folder.done(&again)).unwrap();
        assert_eq!(done["changed"], false, "{done}");
    }
    // Never over anything.
    for args in [
        ["backup", "--data-dir", "data", "--to", "copy"],
        ["backup", "--data-dir", "data", "--to", "copy.tar.zst"],
        ["restore", "--from", "copy", "--data-dir", "data"],
    ] {
        assert_eq!(folder.pal(&args).status.code(), Some(1), "{args:?}");
    }
    assert_eq!(holds(&folder, "data"), before);
}

#[test]
fn a_backup_beside_writers_is_of_one_instant() {
    let _alone = crate::support::running::alone();
    let mut service = Running::new(6, &[]);
    let stop = AtomicBool::new(false);
    std::thread::scope(|scope| {
        for owner in 0..6 {
            let (stop, mut client) = (&stop, service.client(owner));
            scope.spawn(move || {
                while !stop.load(Ordering::Relaxed) {
                    client.link("PUT", Some(UTRECHT)).unwrap();
                    client.link("DELETE", Some(UTRECHT)).unwrap();
                }
            });
        }
        let data = service.data();
        for round in 0..4 {
            let to = format!("backup-{round}.tar.zst");
            let done = service.pal(&["backup", "--data-dir", &data, "--to", &to]);
            assert!(done.status.success(), "{}", said(&done));
        }
        stop.store(true, Ordering::Relaxed);
    });
    service.stop();
    service.assert_audit_is_whole();
    let copy = format!("{}/audit/checkpoints.jsonl", service.data());
    for round in 0..4 {
        let (from, to) = (format!("backup-{round}.tar.zst"), format!("restored-{round}"));
        let done = service.pal(&["restore", "--from", &from, "--data-dir", &to]);
        assert!(done.status.success(), "{}", said(&done));
        // The checkpoints that were kept elsewhere know of more than was restored.
        for more in [&[][..], &["--checkpoints", &copy]] {
            let verify = ["audit", "verify", "--data-dir", &to];
            let done = service.pal(&[&verify[..], more].concat());
            let text = String::from_utf8_lossy(&done.stdout).into_owned();
            assert!(done.status.success() && text.contains("restored to record "), "{text}");
        }
    }
}

#[test]
fn a_changed_backup_is_refused_and_nothing_is_restored() {
    let folder = data();
    backup(&folder, "copy");
    let copy = folder.path().join("copy");
    let names: Vec<PathBuf> = files_below(&copy);
    assert!(names.len() > 6, "{names:?}");
    for name in &names {
        let whole = fs::read(name).unwrap();
        let mut bytes = whole.clone();
        let at = bytes.len() / 2;
        bytes[at] ^= 1;
        fs::write(name, &bytes).unwrap();
        let changed = folder.pal(&["restore", "--from", "copy", "--data-dir", "back"]);
        fs::remove_file(name).unwrap();
        let missing = folder.pal(&["restore", "--from", "copy", "--data-dir", "back"]);
        fs::write(name, &whole).unwrap();
        assert_eq!(missing.status.code(), Some(1), "{name:?}");
        // A manifest has words that may differ; then it is still one, of the same files.
        if !name.ends_with("manifest.json") {
            assert_eq!(changed.status.code(), Some(1), "{name:?}");
            assert!(said(&changed).contains("is not as the manifest says"), "{}", said(&changed));
        }
        let back = folder.path().join("back");
        if back.exists() {
            fs::remove_dir_all(back).unwrap();
        }
    }
    let left: Vec<_> =
        fs::read_dir(folder.path()).unwrap().map(|e| e.unwrap().file_name()).collect();
    assert!(!left.iter().any(|name| name.to_string_lossy().starts_with(".tmp")), "{left:?}");
}

#[test]
fn a_backup_without_secrets_has_none_and_says_so() {
    let folder = data();
    let args = ["backup", "--data-dir", "data", "--to", "copy", "--without-secrets"];
    folder.done(&args);
    let keys = files_below(&folder.path().join("copy/keys"));
    assert_eq!(keys, [folder.path().join("copy/keys/audit.pub")]);
    let manifest = fs::read(folder.path().join("copy/manifest.json")).unwrap();
    let manifest: Value = serde_json::from_slice(&manifest).unwrap();
    assert_eq!(manifest["secrets"], false);
    folder.done(&["restore", "--from", "copy", "--data-dir", "back"]);
    // The key of the audit log is not made anew where there was one.
    let refused = folder.pal(&["import", "facts", "facts.jsonl", "--data-dir", "back"]);
    assert_eq!(refused.status.code(), Some(1));
    assert!(said(&refused).contains("back/keys/audit.key is missing"), "{}", said(&refused));
    fs::copy(folder.path().join("data/keys/audit.key"), folder.path().join("back/keys/audit.key"))
        .unwrap();
    folder.done(&["import", "facts", "facts.jsonl", "--data-dir", "back"]);
}

#[test]
fn a_folder_that_lost_its_database_is_not_filled_anew() {
    let folder = data();
    fs::rename(folder.path().join("data/openpal.db"), folder.path().join("kept.db")).unwrap();
    for create in [&["--create"][..], &[]] {
        let args = ["import", "facts", "facts.jsonl", "--data-dir", "data"];
        let refused = folder.pal(&[&args[..], create].concat());
        assert_eq!(refused.status.code(), Some(1), "{create:?}");
        assert!(!folder.path().join("data/openpal.db").exists());
    }
    let text =
        said(&folder.pal(&["import", "facts", "facts.jsonl", "--create", "--data-dir", "data"]));
    assert!(text.contains("data/openpal.db is missing") && text.contains("pal restore"), "{text}");
}
