//! Files that damage, lie or swell, sent to a service in every way there is: it lives, it answers
//! others, what counts stays what it was, and whoever sent them is told why (P14, T53 – T55, T58, T63).

mod archives;
mod folders;
mod parquet;
mod reads;
mod text;
mod thrift;

use std::cell::RefCell;
use std::path::PathBuf;

use serde_json::Value;

use crate::support::Folder;
use crate::support::running::Answer;
use crate::table::Table;
use crate::usage::kept::{names, number};
use crate::usage::upload::{packed, upload};
use crate::usage::watched::Watched;
use crate::usage::world::world;
use reads::Reads;

/// Most memory of the service itself, MiB. Decoders have their own limit.
const MEMORY_MIB: u64 = 400;

/// What becomes of something hostile.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Outcome {
    Refused,
    /// Refused where it is given; where a folder is watched, the rest of it may still come.
    Waits,
    /// Refused where it is given; passed over where a folder is watched.
    Ignored,
    /// Only for those who give it themselves.
    Given,
    /// It holds nothing.
    Nothing,
    /// Refused, or what is known already.
    Any,
}

/// Files that come together.
#[derive(Debug, Clone)]
struct Variant {
    name: String,
    files: Vec<(String, Vec<u8>)>,
    says: String,
    outcome: Outcome,
}

impl Variant {
    fn file(name: &str, content: impl Into<Vec<u8>>) -> Self {
        let files = vec![(name.to_owned(), content.into())];
        Self { name: name.to_owned(), files, says: name.to_owned(), outcome: Outcome::Refused }
    }

    /// The answer names the line.
    fn in_line_4(self) -> Self {
        let says = format!("{}:4: ", self.name);
        Self { says, ..self }
    }

    fn says(self, says: &str) -> Self {
        Self { says: says.to_owned(), ..self }
    }

    const fn with(mut self, outcome: Outcome) -> Self {
        self.outcome = outcome;
        self
    }

    fn waits(self) -> Self {
        self.with(Outcome::Waits)
    }

    fn ignored(self) -> Self {
        self.with(Outcome::Ignored)
    }

    fn given(self) -> Self {
        self.with(Outcome::Given)
    }

    fn nothing(self) -> Self {
        self.with(Outcome::Nothing)
    }

    fn any(self) -> Self {
        self.with(Outcome::Any)
    }

    /// What is wrong with this end of it; `why` = it was refused.
    fn judge(&self, how: &str, why: Option<&str>) -> Option<String> {
        let wrong = match (why, self.outcome) {
            (None, Outcome::Nothing | Outcome::Any) => return None,
            (None, _) => "was taken".to_owned(),
            (Some(why), Outcome::Nothing) => format!("was refused: {why}"),
            (Some(why), of) if of != Outcome::Any && !why.contains(&self.says) => {
                format!("without {}: {why}", self.says)
            }
            (Some(why), _) if why.contains(|c: char| c.is_control()) => {
                format!("not safe: {why:?}")
            }
            (Some(why), _) if why.len() > 10_000 => format!("{} bytes of reason", why.len()),
            _ => return None,
        };
        Some(format!("{} {how}: {wrong}", self.name))
    }
}

/// The world that counts while all this comes.
fn world_of_counted() -> Table {
    world(4)
}

fn counted() -> Vec<u8> {
    world_of_counted().csv()
}

/// The service, and what counts in it.
struct Siege {
    watched: Watched,
    counts: Value,
    wrong: RefCell<Vec<String>>,
}

impl Siege {
    fn begin() -> Self {
        let operator = format!(
            "[\"{}/{}\"]",
            crate::support::running::TENANT,
            crate::support::running::object(0)
        );
        let watched = Watched::with(&[
            ("operators", &operator),
            ("usage.watch_seconds", "1"),
            ("usage.decode_memory_mib", "512"),
        ]);
        let mut siege = Self { watched, counts: Value::Null, wrong: RefCell::default() };
        let answer = siege.upload(&packed(&[("counted.csv".to_owned(), counted())]));
        assert_eq!(answer.status, 200, "{answer:?}");
        siege.counts = siege.months();
        siege
    }

    fn months(&self) -> Value {
        let answer = self.watched.service.client(0).ask("GET", "/api/v1/usage").unwrap();
        assert_eq!(answer.status, 200, "{answer:?}");
        answer.json()["value"].clone()
    }

    /// It lives, and what counts is what it was.
    fn assert_unmoved(&self, what: &str) {
        let service = &self.watched.service;
        assert!(service.is_ready(), "{what}: not ready\n{}", service.log());
        let counts = (self.months() != self.counts).then(|| format!("{what} counts"));
        self.wrong.borrow_mut().extend(counts);
    }

    fn upload(&self, archive: &[u8]) -> Answer {
        upload(&self.watched.service, "name=hostile", archive)
    }

    fn uploaded(&self, variant: &Variant) {
        let answer = self.upload(&packed(&variant.files));
        let wrong = match answer.status {
            200 => variant.judge("uploaded", None),
            400..500 => variant.judge("uploaded", Some(&message(&answer))),
            _ => Some(format!("{} uploaded: {answer:?}", variant.name)),
        };
        self.wrong.borrow_mut().extend(wrong);
    }

    /// By the program, beside the service.
    fn given(&self, variant: &Variant) {
        let folder = PathBuf::from(self.watched.service.data()).join("../given");
        for (name, content) in &variant.files {
            let path = folder.join(name);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(path, content).unwrap();
        }
        let path = folder.join(&variant.name);
        self.import(&path.to_string_lossy(), |why| {
            self.wrong.borrow_mut().extend(variant.judge("given", why));
        });
        std::fs::remove_dir_all(folder).unwrap();
    }

    fn import(&self, path: &str, judge: impl FnOnce(Option<&str>)) {
        let data = self.watched.service.data();
        let command = ["--only-show-errors", "usage", "import", path, "--data-dir", &data];
        let output = self.watched.service.pal(&command);
        let said = String::from_utf8(output.stderr).unwrap();
        match output.status.code() {
            Some(0) => judge(None),
            Some(1) => judge(Some(said.strip_prefix("ERROR: ").unwrap().trim_end_matches('\n'))),
            other => panic!("{path}: {other:?} {said}"),
        }
    }

    /// Lays all into the watched folder, each in a folder of its own, and waits for their end.
    fn landed(&mut self, variants: &[Variant]) {
        for (n, variant) in variants.iter().enumerate() {
            for (name, content) in &variant.files {
                self.watched.land(&format!("h{n:03}/{name}"), content);
            }
        }
        self.watched.look_twice();
        for (n, variant) in variants.iter().enumerate() {
            let folder = format!("h{n:03}/");
            let wrong = self.end_of(variant, &folder);
            self.wrong.borrow_mut().extend(wrong);
        }
        for n in 0..variants.len() {
            std::fs::remove_dir_all(self.watched.path(&format!("h{n:03}"))).unwrap();
        }
        // What was laid as a mark counts now.
        self.counts = self.months();
    }

    /// What is wrong with what became of something in the watched folder.
    fn end_of(&self, variant: &Variant, folder: &str) -> Option<String> {
        if matches!(variant.outcome, Outcome::Waits | Outcome::Ignored) {
            let told = self.watched.service.log().contains(folder);
            let right = told == (variant.outcome == Outcome::Waits);
            let listed = self.watched.imports(folder);
            let wrong = || format!("{} did not wait: {told} {listed:?}", variant.name);
            return (!listed.is_empty() || !right).then(wrong);
        }
        let import = self.watched.wait(folder);
        match import["state"].as_str().unwrap() {
            "refused" => variant.judge("landed", import["reason"].as_str()),
            "unchanged" => variant.judge("landed", None),
            _ => Some(format!("{} landed: {import}", variant.name)),
        }
    }

    /// The most memory that the service had at any time, MiB.
    fn memory(&self) -> u64 {
        let path = format!("/proc/{}/status", self.watched.service.id());
        let status = std::fs::read_to_string(path).unwrap();
        let line = status.lines().find(|line| line.starts_with("VmHWM")).unwrap();
        line.split_whitespace().nth(1).unwrap().parse::<u64>().unwrap() >> 10
    }

    fn end(self) {
        let service = &self.watched.service;
        assert_eq!(*self.wrong.borrow(), Vec::<String>::new());
        println!("most memory of the service: {} MiB", self.memory());
        assert!(self.memory() < MEMORY_MIB, "{} MiB", self.memory());
        let data = PathBuf::from(service.data());
        for folder in [data.clone(), data.join("charges"), data.join("..")] {
            let found = names(&folder);
            assert!(!found.iter().any(|name| name.starts_with("core")), "{found:?}");
        }
        let log = service.log();
        assert!(!log.contains("panicked"), "{log}");
        service.assert_audit_is_whole();
    }
}

/// The sentence of an error.
fn message(answer: &Answer) -> String {
    let text = answer.json()["error"]["message"].as_str().map(str::to_owned);
    text.unwrap_or_else(|| panic!("no message: {answer:?}"))
}

/// Each in one way of three; in the long run, each in all of them.
fn attack(variants: &[Variant]) {
    let all_ways = number("PAL_BOMBS", 0) > 0;
    let mut siege = Siege::begin();
    let reads = Reads::begin(&siege.watched.service);
    let mut landing = Vec::new();
    for (n, variant) in variants.iter().enumerate() {
        let own = variant.outcome != Outcome::Given;
        let ways = [n % 3 == 0 || !own, n % 3 == 1 && own, n % 3 == 2 && own];
        if ways[0] || all_ways {
            siege.uploaded(variant);
        }
        if ways[1] || all_ways {
            siege.given(variant);
        }
        siege.assert_unmoved(&variant.name);
        if ways[2] || (all_ways && own) {
            landing.push(variant.clone());
        }
    }
    siege.landed(&landing);
    reads.end();
    siege.end();
}

#[test]
fn t58_cells_that_mean_nothing() {
    attack(&text::of_cells());
}

#[test]
fn t54_files_that_are_no_tables() {
    attack(&text::of_files());
}

#[test]
fn t55_gzip_that_is_damaged_or_swells() {
    attack(&text::of_gzip(number("PAL_BOMBS", 0) > 0));
}

#[test]
fn t53_parquet_that_is_damaged_or_swells() {
    attack(&parquet::all());
}

#[test]
fn t55_manifests_that_lie() {
    attack(&folders::manifests());
}

#[test]
fn t55_archives_that_lead_elsewhere() {
    let siege = Siege::begin();
    let reads = Reads::begin(&siege.watched.service);
    for archive in archives::all() {
        let answer = siege.upload(&archive.bytes);
        let of = Variant::file(archive.name, "").says(archive.says);
        let wrong = match answer.status {
            400..500 => of.judge("uploaded", Some(&message(&answer))),
            _ => Some(format!("{}: {answer:?}", archive.name)),
        };
        siege.wrong.borrow_mut().extend(wrong);
        siege.assert_unmoved(archive.name);
    }
    let desks = names(&PathBuf::from(siege.watched.service.data()).join("charges"));
    assert!(!desks.iter().any(|name| name.starts_with(".import-")), "{desks:?}");
    reads.end();
    siege.end();
}

#[test]
fn t55_what_is_no_file() {
    let mut siege = Siege::begin();
    let given = PathBuf::from(siege.watched.service.data()).join("../kinds");
    for (name, says) in folders::kinds(&given) {
        siege.import(&given.join(name).to_string_lossy(), |why| {
            assert!(why.is_some_and(|why| why.contains(says)), "{name}: {why:?}");
        });
    }
    siege.import("/dev/zero", |why| assert!(why.unwrap().contains("is not cost data"), "{why:?}"));
    folders::kinds(&siege.watched.path("kinds"));
    for (n, target) in [Some("/etc/passwd"), Some("/dev/zero"), None].into_iter().enumerate() {
        folders::run_of(&siege.watched.path(&format!("run-{n}")), target);
        let path = siege.watched.path(&format!("run-{n}"));
        siege.import(&path.to_string_lossy(), |why| {
            assert!(why.unwrap().contains("part_0.csv is not a file"), "{why:?}");
        });
    }
    siege.watched.look_twice();
    assert_eq!(siege.watched.imports("kinds"), Vec::<Value>::new());
    assert_eq!(siege.watched.imports("run-"), Vec::<Value>::new());
    siege.end();
}

/// What is read on this machine is read in a process with a limit: whatever a file says of its size, the
/// command ends with a reason.
#[test]
#[cfg(target_os = "linux")]
fn t53_local_commands_are_confined() {
    let mut folder = Folder::new();
    folder.compared = false;
    folder.done(&["demo", "demo"]);
    let mut ended = 0;
    for Variant { name, files, .. } in parquet::claims() {
        let [(path, bytes)] = files.as_slice() else { continue };
        folder.write(path, bytes);
        for args in [
            &["report", "--facts", "demo/facts.jsonl", "--usage", path][..],
            &["usage", "inspect", path],
        ] {
            let mut command = folder.command();
            let done = command.args(args).env("PAL_MEMORY_MIB", "600").output().unwrap();
            let said = String::from_utf8_lossy(&done.stderr);
            assert!(matches!(done.status.code(), Some(0 | 1)), "{name}: {} {said}", done.status);
            assert!(!said.contains("panicked"), "{name}: {said}");
            ended += usize::from(said.contains("PAL_MEMORY_MIB=1200"));
        }
    }
    assert!(ended > 0, "no file needed more than it may have");
}
