//! Commands on local files destroy nothing that they were not told to: neither what they read, nor what
//! somebody else may have written, and they leave nothing behind when they are interrupted.
#![cfg(unix)]

use std::os::unix::fs::symlink;
use std::path::Path;
use std::process::{Child, Command, Output, Stdio};
use std::time::{Duration, Instant};

use crate::support::Folder;

fn said(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

/// The demo's facts and one of its cost files, and other names of them.
fn world() -> Folder {
    let mut folder = Folder::new();
    folder.compared = false;
    folder.done(&["demo", "demo"]);
    let at = |name: &str| folder.path().join(name);
    let part = find(&at("demo/usage"), "part_0_0001.csv").unwrap();
    std::fs::copy(part, at("costs.csv")).unwrap();
    std::fs::copy(at("demo/facts.jsonl"), at("facts.jsonl")).unwrap();
    symlink("costs.csv", at("link.csv")).unwrap();
    std::fs::hard_link(at("costs.csv"), at("hard.csv")).unwrap();
    folder
}

fn find(folder: &Path, name: &str) -> Option<std::path::PathBuf> {
    std::fs::read_dir(folder).unwrap().find_map(|entry| {
        let path = entry.unwrap().path();
        match path.is_dir() {
            true => find(&path, name),
            false => (path.file_name().unwrap() == name).then_some(path),
        }
    })
}

#[test]
fn no_report_is_written_over_what_it_is_made_of() {
    let folder = world();
    let at = |name: &str| folder.path().join(name);
    let manifest = find(&at("demo/usage"), "manifest.json").unwrap();
    let manifest = manifest.to_str().unwrap();
    let part = manifest.replace("manifest.json", "part_0_0001.csv");
    folder.done(&["import", "facts", "facts.jsonl", "--data-dir", "data", "--create"]);
    folder.done(&["attest", "key", "key"]);
    let costs = ["--facts", "facts.jsonl", "--usage", "costs.csv"];
    let cases: &[(&[&str], &str)] = &[
        (&costs, "costs.csv"),
        (&costs, "./demo/../costs.csv"),
        (&costs, "link.csv"),
        (&costs, "hard.csv"),
        (&costs, "facts.jsonl"),
        (&["--facts", "facts.jsonl", "--usage", "link.csv"], "costs.csv"),
        (&["--facts", "facts.jsonl", "--usage", "hard.csv"], "link.csv"),
        (&["--facts", "facts.jsonl", "--usage", manifest], &part),
        (&["--facts", "facts.jsonl", "--usage", "demo/usage"], &part),
        (&["--data-dir", "data", "--usage", "costs.csv"], "data/openpal.db"),
    ];
    let files = ["costs.csv", "facts.jsonl", "data/openpal.db", &part];
    let content = || files.map(|name| std::fs::read(at(name)).unwrap());
    let before = content();
    for (inputs, output) in cases {
        let args = [&["report"], *inputs, &["--output", output]].concat();
        let refused = folder.pal(&args);
        assert_eq!(refused.status.code(), Some(2), "{args:?}: {}", said(&refused));
        let says = said(&refused);
        assert!(
            says.contains("which this command reads: writing there would destroy it"),
            "{says}"
        );
        assert_eq!(content(), before, "{args:?}");
    }
    let attested = |output: &str, attest: &str| {
        let more = ["--output", output, "--attest", attest, "--attest-key", "key"];
        let done = folder.pal(&[&["report"], &costs[..], &more].concat());
        (done.status.code(), said(&done))
    };
    for (output, attest) in [("r.csv", "costs.csv"), ("r.csv", "key"), ("r.csv", "./r.csv")] {
        let (status, says) = attested(output, attest);
        assert_eq!(status, Some(2), "{output} {attest}: {says}");
    }
    assert_eq!(attested("r.csv", "r.json"), (Some(0), String::new()));
    // An earlier report is replaced, and so is one that is a link to it.
    symlink("r.csv", at("latest.csv")).unwrap();
    for output in ["r.csv", "latest.csv"] {
        folder.done(&[&["report"], &costs[..], &["--output", output]].concat());
    }
    assert_eq!(content(), before);
    let device = folder.pal(&[&["report"], &costs[..], &["--output", "/dev/null"]].concat());
    assert!(said(&device).contains("it is no file"), "{}", said(&device));
}

#[test]
fn an_export_of_facts_is_not_written_over_the_data_folder() {
    let folder = world();
    folder.done(&["import", "facts", "facts.jsonl", "--data-dir", "data", "--create"]);
    let args = ["export", "facts", "--data-dir", "data", "--output"];
    let refused = folder.pal(&[&args[..], &["data/openpal.db"]].concat());
    assert_eq!(refused.status.code(), Some(2), "{}", said(&refused));
    folder.done(&[&args[..], &["out.jsonl"]].concat());
    folder.done(&[&args[..], &["out.jsonl"]].concat());
}

#[test]
fn facts_are_replaced_with_force_only() {
    let folder = world();
    let at = |name: &str| folder.path().join(name);
    // Its own files are written again; another's are not.
    folder.done(&["demo", "demo"]);
    let own = "{\"kind\":\"partner\",\"partner\":\"1\",\"type\":\"location\"}\n";
    folder.write("demo/facts.jsonl", own);
    let part = find(&at("demo/usage"), "part_0_0001.csv").unwrap();
    std::fs::remove_file(&part).unwrap();
    let refused = folder.pal(&["demo", "demo"]);
    assert_eq!(refused.status.code(), Some(1));
    assert!(said(&refused).contains("'pal demo demo --force'"), "{}", said(&refused));
    assert_eq!(std::fs::read_to_string(at("demo/facts.jsonl")).unwrap(), own);
    assert!(!part.exists(), "nothing was written");
    folder.done(&["demo", "demo", "--force"]);
    assert_ne!(std::fs::read_to_string(at("demo/facts.jsonl")).unwrap(), own);

    folder.write(
        "snapshot/subscriptions.json",
        "{\"value\":[{\"id\":\"/subscriptions/11111111-aaaa-4000-8000-000000000001\",\
          \"subscriptionId\":\"11111111-aaaa-4000-8000-000000000001\",\"displayName\":\"app\",\
          \"state\":\"Enabled\",\"tenantId\":\"22222222-bbbb-4000-8000-000000000001\"}]}",
    );
    let import = ["import", "azure-snapshot", "snapshot", "--taken-at", "2026-11-01T06:00:00Z"];
    let imported = |more: &[&str]| folder.pal(&[&import[..], more].concat());
    let first = imported(&["--output", "first.jsonl"]);
    assert_eq!(first.status.code(), Some(0), "{}", said(&first));
    let again = imported(&["--output", "first.jsonl"]);
    assert_eq!(again.status.code(), Some(2));
    assert!(said(&again).contains("first.jsonl is there already"), "{}", said(&again));
    let forced = imported(&["--output", "first.jsonl", "--force"]);
    assert_eq!(forced.status.code(), Some(0), "{}", said(&forced));
    // What is read is not replaced, with force neither.
    symlink("first.jsonl", at("alias.jsonl")).unwrap();
    for over in ["first.jsonl", "alias.jsonl", "snapshot/subscriptions.json"] {
        let refused = imported(&["--previous", "first.jsonl", "--output", over, "--force"]);
        assert_eq!(refused.status.code(), Some(2), "{over}");
        assert!(said(&refused).contains("which this command reads"), "{}", said(&refused));
    }
}

/// Starts a command with temporary files in `tmp`, and waits until something lies where `begun` looks for it.
fn at_work(folder: &Folder, args: &[&str], begun: impl Fn() -> bool) -> Child {
    let mut command = folder.command();
    command.args(args).env("TMPDIR", folder.path().join("tmp"));
    let mut child = command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
    let start = Instant::now();
    while !begun() {
        assert!(child.try_wait().unwrap().is_none(), "{args:?} ended before it was told to");
        assert!(start.elapsed() < Duration::from_mins(1), "{args:?}");
        std::thread::sleep(Duration::from_millis(1));
    }
    child
}

fn send(signal: &str, process: u32) {
    let told = Command::new("kill").args([signal, &process.to_string()]).status().unwrap();
    assert!(told.success());
}

/// Starts a command, and tells it to stop while it is at work.
fn interrupted(folder: &Folder, args: &[&str], signal: &str, begun: impl Fn() -> bool) -> i32 {
    let mut child = at_work(folder, args, begun);
    send(signal, child.id());
    child.wait().unwrap().code().unwrap()
}

/// The process that another one started and waits for.
#[cfg(target_os = "linux")]
fn child_of(parent: u32) -> u32 {
    let processes = std::fs::read_dir("/proc").unwrap().flatten();
    let ids = processes.filter_map(|entry| entry.file_name().to_str()?.parse::<u32>().ok());
    let mut children = ids.filter(|id| {
        // The fields after the name, which is in brackets: the state, the parent.
        let stat = std::fs::read_to_string(format!("/proc/{id}/stat")).unwrap_or_default();
        let fields = stat.rsplit_once(") ").map_or("", |(_, fields)| fields);
        fields.split(' ').nth(1) == Some(&parent.to_string())
    });
    children.next().unwrap()
}

fn names(folder: &Path) -> Vec<String> {
    let entries = std::fs::read_dir(folder).into_iter().flatten().flatten();
    entries.map(|entry| entry.file_name().to_string_lossy().into_owned()).collect()
}

/// Whether a name somewhere below a folder begins so.
fn is_below(folder: &Path, begin: &str) -> bool {
    names(folder).iter().any(|name| {
        let path = folder.join(name);
        name.starts_with(begin) || (path.is_dir() && is_below(&path, begin))
    })
}

/// A world of which a command makes a report for seconds, and folders for results and temporary files.
/// Also a file of fewer rows.
fn long_work() -> (Folder, String) {
    let mut folder = Folder::new();
    folder.compared = false;
    folder.done(&["demo", "demo"]);
    let usage = folder.path().join("demo/usage");
    let text = std::fs::read_to_string(find(&usage, "part_0_0001.csv").unwrap()).unwrap();
    let (header, rows) = text.split_once('\n').unwrap();
    let many = format!("{header}\n{}", rows.repeat(400_000 / rows.lines().count() + 1));
    folder.write("many/a.csv", &many);
    for name in ["tmp", "out"] {
        std::fs::create_dir(folder.path().join(name)).unwrap();
    }
    (folder, text)
}

#[test]
#[cfg(target_os = "linux")]
fn a_report_whose_process_is_killed_leaves_no_temporary_file() {
    let (folder, _) = long_work();
    let at = |name: &str| folder.path().join(name);
    let others = at("out/.pal-of-somebody-else");
    std::fs::write(&others, "kept").unwrap();
    let args =
        ["report", "--facts", "demo/facts.jsonl", "--usage", "many/a.csv", "--output", "out/r.csv"];
    let mut report = at_work(&folder, &args, || names(&at("out")).len() > 1);
    // As the kernel does when memory runs out: no handler runs.
    send("-KILL", child_of(report.id()));
    assert_eq!(report.wait().unwrap().code(), Some(1));
    assert_eq!(names(&at("out")), [".pal-of-somebody-else"]);
    assert_eq!(names(&at("tmp")), [""; 0]);
}

#[test]
fn an_interrupted_command_leaves_no_temporary_file() {
    let (folder, text) = long_work();
    let at = |name: &str| folder.path().join(name);
    let many = std::fs::read_to_string(at("many/a.csv")).unwrap();
    let facts = ["report", "--facts", "demo/facts.jsonl", "--usage"];
    for (signal, status) in [("-INT", 130), ("-TERM", 143)] {
        // One file is read as it is, into a file that becomes the report.
        let args = [&facts[..], &["many/a.csv", "--output", "out/r.csv"]].concat();
        let ended = interrupted(&folder, &args, signal, || !names(&at("out")).is_empty());
        assert_eq!((ended, names(&at("out"))), (status, vec![]), "{signal}");
        assert_eq!(names(&at("tmp")), [""; 0], "{signal}");
        // Two could state the same money, and are decoded first.
        folder.write("two/a.csv", &many).write("two/b.csv", &text);
        let decoding = || is_below(&at("tmp"), "pal-usage-");
        let args = [&facts[..], &["two", "--output", "out/r.csv"]].concat();
        assert_eq!(interrupted(&folder, &args, signal, decoding), status);
        assert_eq!((names(&at("tmp")), names(&at("out"))), (vec![], vec![]), "{signal}");
        // An import decodes into the data folder.
        let data = format!("data{signal}");
        let made = ["import", "facts", "demo/facts.jsonl", "--create", "--data-dir", &data];
        folder.done(&made);
        let charges = at(&data).join("charges");
        let desk = || names(&charges).iter().any(|name| name.starts_with(".import-"));
        let args = ["usage", "import", "many/a.csv", "--data-dir", &data];
        assert_eq!(interrupted(&folder, &args, signal, desk), status);
        assert!(!desk(), "{:?}", names(&charges));
    }
}
