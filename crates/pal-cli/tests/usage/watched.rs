//! What lands in the watched folder is taken in by itself: whole, once, or refused with a reason.

use std::io::Write;
use std::path::PathBuf;
use std::time::{Duration, Instant};

use serde_json::Value;

use crate::support::running::Running;
use crate::usage::world::{manifest, row, table};

/// A service that looks every second, and its watched folder.
pub struct Watched {
    pub service: Running,
    marks: usize,
}

impl Watched {
    pub fn new() -> Self {
        Self::with(&[("usage.watch_seconds", "1")])
    }

    pub fn with(settings: &[(&str, &str)]) -> Self {
        Self { service: Running::new(2, settings), marks: 0 }
    }

    pub fn path(&self, name: &str) -> PathBuf {
        PathBuf::from(self.service.data()).join("usage").join(name)
    }

    /// A file at once, as somebody moves it there.
    pub fn land(&self, name: &str, content: impl AsRef<[u8]>) {
        let (path, beside) = (self.path(name), self.path(".landing"));
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(&beside, content).unwrap();
        std::fs::rename(beside, path).unwrap();
    }

    /// The imports of this name, oldest first.
    pub fn imports(&self, name: &str) -> Vec<Value> {
        let list = ["usage", "list", "--imports", "-o", "json", "--data-dir"];
        let output = self.service.pal(&[&list[..], &[&self.service.data()]].concat());
        assert!(output.status.success(), "{}", crate::usage::kept::said(&output));
        let mut imports: Vec<Value> = serde_json::from_slice(&output.stdout).unwrap();
        imports.retain(|import| import["name"].as_str().unwrap().contains(name));
        imports.reverse();
        imports
    }

    /// Waits for an import of this name; it.
    pub fn wait(&self, name: &str) -> Value {
        let begun = Instant::now();
        loop {
            if let Some(import) = self.imports(name).pop() {
                return import;
            }
            let late = begun.elapsed() > Duration::from_mins(1);
            assert!(!late, "{name} was not taken\n{}", self.service.log());
            std::thread::sleep(Duration::from_millis(100));
        }
    }

    /// Until the service has looked twice: a file that lands now is taken at the second look.
    pub fn look_twice(&mut self) {
        self.marks += 1;
        let name = format!("marks/{}", self.marks);
        let mark = table(vec![row(1, 0, 100 + self.marks)]);
        self.land(&format!("{name}/mark.csv"), mark.csv());
        let landed = self.wait(&name);
        // Another mark of the same month says otherwise, and is refused: it was looked at.
        assert!(landed["state"] == "counted" || landed["state"] == "refused", "{landed}");
    }
}

/// A name and what is under it.
type Named<C> = (String, C);

/// The files of a run of June, and its manifest.
fn run(folder: &str) -> (Vec<Named<Vec<u8>>>, Named<String>) {
    let part = |of: usize| table((0..20).map(|n| row(6, of, n)).collect()).csv();
    let files: Vec<Named<Vec<u8>>> =
        (0..2).map(|of| (format!("{folder}/part_{of}.csv"), part(of))).collect();
    let sizes = [("part_0.csv", files[0].1.len()), ("part_1.csv", files[1].1.len())];
    let text = manifest("daily", 6, "r1", "2026-07-01T03:00:00Z", &sizes);
    (files, (format!("{folder}/manifest.json"), text))
}

#[test]
fn a_run_is_taken_when_its_manifest_has_landed() {
    let mut watched = Watched::new();
    let folder = "daily/20260601-20260630/202607010300/r1";
    let (files, (name, text)) = run(folder);
    for (name, content) in files {
        watched.land(&name, content);
    }
    watched.look_twice();
    assert_eq!(watched.imports("daily"), Vec::<Value>::new(), "before its manifest");
    watched.land(&name, text);
    let import = watched.wait("daily");
    assert_eq!((&import["state"], &import["rows"]), (&"counted".into(), &40.into()));
    watched.look_twice();
    assert_eq!(watched.imports("daily").len(), 1, "once");
    watched.service.stop();
    watched.service.start();
    watched.look_twice();
    assert_eq!(watched.imports("daily").len(), 1, "not again after a restart");
}

#[test]
fn a_run_that_is_not_complete_waits() {
    let mut watched = Watched::new();
    let folder = "daily/20260601-20260630/202607010300/r1";
    let (mut files, (name, text)) = run(folder);
    let (late, content) = files.pop().unwrap();
    for (name, content) in files {
        watched.land(&name, content);
    }
    watched.land(&name, text);
    watched.look_twice();
    watched.land(&late, &content[..content.len() / 2]);
    watched.look_twice();
    assert_eq!(watched.imports("daily"), Vec::<Value>::new(), "half of it is there");
    let waits = watched.service.log().matches("part_1.csv is missing").count();
    assert_eq!(waits, 1, "the log says it once\n{}", watched.service.log());
    watched.land(&late, content);
    let import = watched.wait("daily");
    assert_eq!((&import["state"], &import["rows"]), (&"counted".into(), &40.into()));
}

#[test]
fn what_is_damaged_is_refused_once_with_its_reason() {
    let mut watched = Watched::new();
    let (files, (name, text)) = run("a");
    let mut damaged = files[0].1.clone();
    let at = damaged.iter().position(|byte| *byte == b'\n').unwrap() + 3;
    damaged[at] = b'x';
    watched.land("a/part_0.csv", damaged);
    watched.land("a/part_1.csv", &files[1].1);
    watched.land(&name, &text);
    watched.land("b/manifest.json", &text[..text.len() / 2]);
    watched.land("c/manifest.json", text.replace("FocusCost", "Invented"));
    for (name, why) in [
        ("a", "part_0.csv:2: column ChargePeriodStart"),
        ("b/manifest.json", "it is no manifest of an export"),
        ("c/manifest.json", "exportConfig.type 'Invented' is not known"),
    ] {
        let import = watched.wait(name);
        assert_eq!(import["state"], "refused", "{import}");
        assert!(import["reason"].as_str().unwrap().contains(why), "{import}");
    }
    watched.look_twice();
    for name in ["a", "b/manifest.json", "c/manifest.json"] {
        let refused = watched.imports(name);
        let refused = refused.iter().filter(|import| import["name"] == name).count();
        assert_eq!(refused, 1, "{name}");
    }
    // What is mended is looked at anew.
    watched.land("a/part_0.csv", &files[0].1);
    let begun = Instant::now();
    while watched.imports("a").iter().all(|import| import["state"] != "counted") {
        assert!(begun.elapsed() < Duration::from_mins(1), "{}", watched.service.log());
        std::thread::sleep(Duration::from_millis(100));
    }
}

#[test]
fn loose_files_are_taken_when_they_stand_still() {
    let mut watched = Watched::new();
    let csv = table((0..200).map(|n| row(6, n % 3, n)).collect()).csv();
    watched.land("loose/a.csv", "");
    let mut file =
        std::fs::OpenOptions::new().append(true).open(watched.path("loose/a.csv")).unwrap();
    let step = csv.len() / 60;
    for piece in csv.chunks(step) {
        file.write_all(piece).unwrap();
        std::thread::sleep(Duration::from_millis(50));
    }
    drop(file);
    let import = watched.wait("loose");
    assert_eq!((&import["state"], &import["rows"]), (&"counted".into(), &200.into()));
    watched.look_twice();
    assert_eq!(watched.imports("loose").len(), 1);
}

/// Files of a folder, of which some are no use: the others count, and each refusal is in the list once, by its file.
#[test]
fn a_bad_file_holds_up_no_good_one() {
    let mut watched = Watched::new();
    let part = |of: usize| table((0..20).map(|n| row(6, of, n)).collect()).csv();
    let damaged = |text: &[u8]| {
        let mut bytes = text.to_vec();
        let at = bytes.iter().position(|byte| *byte == b'\n').unwrap() + 3;
        bytes[at] = b'x';
        bytes
    };
    let names = ["a.csv", "b.csv", "c.csv", "d.csv", "e.csv"];
    for (of, name) in names.iter().enumerate() {
        let good = part(of);
        let bad = matches!(*name, "b.csv" | "d.csv");
        watched.land(&format!("mixed/{name}"), if bad { damaged(&good) } else { good });
    }
    // A run elsewhere with a torn manifest, and nothing but a bad file, are no obstacle.
    watched.land("other/manifest.json", "{\"blobs");
    watched.land("alone/bad.csv", "no,cost\n1,2\n");
    let counted = watched.wait("mixed/e.csv");
    assert_eq!((&counted["state"], &counted["rows"]), (&"counted".into(), &60.into()));
    assert_eq!(counted["name"], "mixed/a.csv, mixed/c.csv, mixed/e.csv");
    watched.wait("alone/bad.csv");
    watched.look_twice();
    for name in ["mixed/b.csv", "mixed/d.csv", "alone/bad.csv", "other/manifest.json"] {
        let refused = watched.imports(name);
        assert_eq!(refused.len(), 1, "{name}: {refused:?}");
        assert_eq!((&refused[0]["state"], &refused[0]["name"]), (&"refused".into(), &name.into()));
        let file = name.rsplit('/').next().unwrap();
        assert!(refused[0]["reason"].as_str().unwrap().contains(file), "{refused:?}");
    }
    // One is mended: it counts, and the other is not told of again.
    watched.land("mixed/b.csv", part(1));
    let begun = Instant::now();
    loop {
        let all = watched.imports("mixed/b.csv");
        let last = all.last().unwrap();
        if last["state"] == "counted" {
            assert_eq!((all.len(), last["rows"].as_u64()), (2, Some(80)), "{all:?}");
            break;
        }
        assert!(begun.elapsed() < Duration::from_mins(1), "{}", watched.service.log());
        std::thread::sleep(Duration::from_millis(100));
    }
    watched.look_twice();
    let refused = watched.imports("mixed/d.csv");
    assert_eq!(refused.iter().filter(|import| import["state"] == "refused").count(), 1);
}

/// A folder that the system does not read is told of in the log, once, and the rest is taken in.
#[test]
fn a_folder_that_cannot_be_read_holds_up_nothing() {
    let mut watched = Watched::new();
    watched.land("deep/note.txt", "");
    // Deeper than a path can say: nobody can read it by its path, not even root.
    let name = "d".repeat(250);
    let script =
        format!("cd \"$1\" && for i in $(seq 20); do mkdir {name} && cd {name} || exit 1; done");
    let folder = watched.path("deep");
    let made = std::process::Command::new("bash").args(["-c", &script, "-"]).arg(&folder).status();
    assert!(made.unwrap().success());
    watched.land("good/a.csv", table((0..20).map(|n| row(6, 1, n)).collect()).csv());
    let import = watched.wait("good/a.csv");
    assert_eq!(import["state"], "counted");
    watched.look_twice();
    let log = watched.service.log();
    assert_eq!(log.matches("usage waits").count(), 1, "{log}");
    let gone = std::process::Command::new("rm").arg("-rf").arg(&folder).status();
    assert!(gone.unwrap().success());
}
