//! The documents are true: every command they show runs here and prints what they show, every link
//! leads somewhere, and the reference pages name everything that the program has.
//!
//! A fenced block marked `console` holds commands behind `$ ` and what they print: standard output,
//! or all that a terminal shows. `...` on a line of its own stands for any lines. A status other than
//! 0 is shown by `$ echo $?` as the next command. A fenced block marked with `file=NAME` is a file
//! that commands find under that name.
//!
//! Commands run in one folder, page by page, that holds the demo (`pal-demo`), two snapshots of Azure
//! (`snapshot-…`) and exports (`costs`). `PAL_DOCS_DIR` names a folder to use and to keep: for
//! writing documents.

mod page;
mod reference;

use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, bail, ensure};

use crate::support::assert_agreement;
use page::{Block, Page, Step};

/// Commands that documents show and this test does not run, and what does.
const RUN_ELSEWHERE: &[(&str, &str)] = &[
    ("az ", "`cargo xtask clients`; `az_commands_are_those_of_the_clients` compares the words"),
    ("pal dev", "this test starts it for what follows"),
    ("pal serve", "tests/chaos and `cargo xtask clients`"),
    ("cargo xtask clients", "CI: `cargo xtask test` ends with it"),
    ("cargo xtask bench service", "by hand: it takes minutes"),
    ("cargo xtask dev", "CI"),
    ("cargo xtask check-deps", "CI: `cargo xtask test` begins with it"),
    ("cargo xtask test", "CI: this test is part of it"),
    ("cargo xtask bench attribution", "by hand: it takes minutes and fetches the peers"),
    ("cargo build", "CI"),
    ("cargo install", "whoever installs"),
    ("cargo test", "CI"),
    ("cargo deny", "CI"),
    ("git clone", "whoever reads this"),
];

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

/// The documents: those in the root, and all below `docs`.
fn pages() -> anyhow::Result<Vec<Page>> {
    let root = root();
    let mut folders = vec![root.join("docs")];
    let mut paths = Vec::new();
    let markdown = |path: &Path| path.extension().is_some_and(|extension| extension == "md");
    for entry in fs::read_dir(&root)? {
        let path = entry?.path();
        if markdown(&path) {
            paths.push(path);
        }
    }
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(&folder).with_context(|| folder.display().to_string())? {
            let path = entry?.path();
            if path.is_dir() {
                folders.push(path);
            } else if markdown(&path) {
                paths.push(path);
            }
        }
    }
    paths.sort();
    paths.iter().map(|path| Page::read(&root, path)).collect()
}

/// A folder to run commands in; removed at the end, unless it was asked for.
struct Workshop {
    dir: PathBuf,
    service: Service,
    _temporary: Option<tempfile::TempDir>,
}

impl Workshop {
    fn open() -> anyhow::Result<Self> {
        let workshop = if let Some(dir) = std::env::var_os("PAL_DOCS_DIR") {
            Self {
                service: Service::start(Path::new(&dir))?,
                dir: PathBuf::from(dir),
                _temporary: None,
            }
        } else {
            let temporary = tempfile::tempdir()?;
            let dir = temporary.path().to_owned();
            Self { service: Service::start(&dir)?, dir, _temporary: Some(temporary) }
        };
        for (from, to) in [
            ("pal-attribution/tests/fixtures/azure/2026-09-01", "snapshot-2026-09-01"),
            ("pal-attribution/tests/fixtures/azure/2026-09-02", "snapshot-2026-09-02"),
            ("pal-usage/tests/fixtures/exports", "costs"),
        ] {
            copy(&root().join("crates").join(from), &workshop.dir.join(to))?;
        }
        Ok(workshop)
    }

    /// Runs a command as a shell would; standard output and status.
    fn run(&self, command: &str) -> anyhow::Result<(String, i32)> {
        let bin = Path::new(env!("CARGO_BIN_EXE_pal")).parent().context("no folder")?;
        let mut paths = vec![bin.to_owned()];
        paths.extend(std::env::split_paths(&std::env::var_os("PATH").unwrap_or_default()));
        let command = command.replace(SHOWN, &self.service.url);
        let done = Command::new("sh")
            .args(["-c", &command])
            .current_dir(&self.dir)
            .env("PATH", std::env::join_paths(paths)?)
            .env("COLUMNS", "100")
            .env("PAL_CONFIG_DIR", self.dir.join("settings"))
            .output()?;
        let text = String::from_utf8(done.stdout).context("not UTF-8")?;
        Ok((text.replace(&self.service.url, SHOWN), done.status.code().unwrap_or(-1)))
    }
}

/// The address that documents show; the service of the workshop has another port.
const SHOWN: &str = "https://localhost:8443";

/// `pal dev --data-dir pal-demo`, as the documents start it, on a port of its own.
struct Service {
    process: std::process::Child,
    url: String,
}

impl Service {
    fn start(dir: &Path) -> anyhow::Result<Self> {
        let told = dir.join("pal-demo/dev.json");
        if told.exists() {
            fs::remove_file(&told)?;
        }
        let process = Command::new(env!("CARGO_BIN_EXE_pal"))
            .args(["dev", "--data-dir", "pal-demo", "--listen", "127.0.0.1:0"])
            .current_dir(dir)
            .stderr(std::process::Stdio::null())
            .spawn()?;
        let mut service = Self { process, url: String::new() };
        for _ in 0..600 {
            if let Ok(text) = fs::read_to_string(&told) {
                let dev: serde_json::Value = serde_json::from_str(&text)?;
                dev["url"].as_str().context("dev.json has no url")?.clone_into(&mut service.url);
                return Ok(service);
            }
            ensure!(service.process.try_wait()?.is_none(), "pal dev has ended");
            std::thread::sleep(std::time::Duration::from_millis(50));
        }
        bail!("pal dev is not ready")
    }
}

impl Drop for Service {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

fn copy(from: &Path, to: &Path) -> anyhow::Result<()> {
    fs::create_dir_all(to)?;
    for entry in fs::read_dir(from)? {
        let entry = entry?;
        let target = to.join(entry.file_name());
        if entry.file_type()?.is_dir() {
            copy(&entry.path(), &target)?;
        } else {
            fs::copy(entry.path(), target)?;
        }
    }
    Ok(())
}

#[test]
#[cfg(unix)]
fn commands_print_what_the_documents_show() -> anyhow::Result<()> {
    let workshop = Workshop::open()?;
    let pages = pages()?;
    let mut files: Vec<(&str, &str)> = Vec::new();
    for (page, block) in pages.iter().flat_map(|p| p.blocks.iter().map(move |b| (p, b))) {
        let Block::File { line, name, text } = block else { continue };
        let twice = files.iter().any(|(known, other)| known == name && other != text);
        ensure!(!twice, "{}:{line}: another file is called {name}", page.name);
        let path = workshop.dir.join(name);
        fs::create_dir_all(path.parent().context("no folder")?)?;
        fs::write(path, text)?;
        files.push((name, text));
    }
    let (mut wrong, mut count) = (String::new(), 0);
    for (page, block) in pages.iter().flat_map(|p| p.blocks.iter().map(move |b| (p, b))) {
        let Block::Console { steps } = block else { continue };
        for step in steps {
            count += 1;
            if let Err(problem) = check(&workshop, step) {
                writeln!(wrong, "{}:{}: {problem:#}\n", page.name, step.line)?;
            }
        }
    }
    ensure!(wrong.is_empty(), "documents that are not true:\n\n{wrong}");
    // A change of the marks must not turn the test off.
    ensure!(count > 30, "only {count} commands found");
    assert_agreement(&workshop.dir);
    Ok(())
}

fn check(workshop: &Workshop, step: &Step) -> anyhow::Result<()> {
    let command = &step.command;
    if RUN_ELSEWHERE.iter().any(|(known, _)| command.starts_with(known)) {
        return Ok(());
    }
    ensure!(
        command.starts_with("pal "),
        "`{command}` is neither run here nor listed as run elsewhere"
    );
    // As a terminal shows it, in the order in which it was written.
    let as_shown = format!("{{ {command}\n}} 2>&1");
    // A link is set once, facts are not replaced unasked, and a secret is added once.
    let once = ["pal managementpartner", "pal import azure-snapshot"];
    let once = once.iter().any(|known| command.starts_with(known)) || command.contains(" --add");
    let (out, status) = workshop.run(if once { &as_shown } else { command })?;
    let all = if once { out.clone() } else { workshop.run(&as_shown)?.0 };
    let wanted = step.status;
    ensure!(status == wanted, "`{command}` ended with {status}, shown is {wanted}\n{all}");
    let shown = |text: &str| page::matches(&step.output, text);
    if step.output.is_empty() || shown(&out) || shown(&all) {
        return Ok(());
    }
    bail!("`{command}` prints\n{all}\nshown is\n{}", step.output.join("\n"))
}

/// A command in a block that is not run would be a promise that nobody keeps.
#[test]
fn commands_of_pal_are_in_blocks_that_run() -> anyhow::Result<()> {
    for page in pages()? {
        for block in &page.blocks {
            let Block::Other { line, language, text } = block else { continue };
            let shown = text.lines().any(|line| line.trim_start().starts_with("pal "));
            let shell = matches!(language.as_str(), "" | "sh" | "bash" | "shell");
            ensure!(!(shell && shown), "{}:{line}: mark this block `console`", page.name);
        }
    }
    Ok(())
}

#[test]
fn links_lead_somewhere() -> anyhow::Result<()> {
    let root = root();
    for page in pages()? {
        let folder = root.join(&page.name);
        let folder = folder.parent().context("no folder")?;
        for (line, target) in &page.links {
            let (file, heading) = target.split_once('#').unwrap_or((target.as_str(), ""));
            let path = if file.is_empty() { root.join(&page.name) } else { folder.join(file) };
            ensure!(path.exists(), "{}:{line}: nothing at {target}", page.name);
            if !heading.is_empty() {
                let known = Page::read(&root, &path)?.headings;
                ensure!(
                    known.iter().any(|h| h == heading),
                    "{}:{line}: no heading {target}",
                    page.name
                );
            }
        }
    }
    Ok(())
}

/// A test is named as `FILE.rs::NAME`, or as the name of a scenario.
#[test]
fn tests_that_security_names_are_there() -> anyhow::Result<()> {
    let text = fs::read_to_string(root().join("SECURITY.md"))?;
    let named = text.split('`').skip(1).step_by(2).filter(|name| name.starts_with("pal-"));
    let mut seen = 0;
    for name in named {
        let (path, test) = name.split_once("::").unwrap_or((name, ""));
        let path = root().join("crates").join(path);
        let code = fs::read_to_string(&path).with_context(|| name.to_owned())?;
        ensure!(
            test.is_empty() || code.contains(&format!("fn {test}(")),
            "{name} is named in SECURITY.md and is not there"
        );
        seen += 1;
    }
    ensure!(seen > 100, "the names of tests were not found in SECURITY.md");
    Ok(())
}

/// Every command of az that a document shows is one that the real az runs, word for word up to its
/// first value.
#[test]
fn az_commands_are_those_of_the_clients() -> anyhow::Result<()> {
    let script = fs::read_to_string(root().join("tests/clients/az/sequence.py"))?;
    let script = script.replace("mp, ", "\"managementpartner\", ");
    let mut count = 0;
    for page in pages()? {
        for block in &page.blocks {
            let text = match block {
                Block::Other { text, .. } => text.clone(),
                Block::Console { steps } => {
                    let commands: Vec<&str> = steps.iter().map(|s| s.command.as_str()).collect();
                    commands.join("\n")
                }
                Block::File { .. } => continue,
            };
            for line in text.lines().filter_map(|line| line.trim_start().strip_prefix("az ")) {
                if page.name.contains("export-from-azure") {
                    continue; // against Azure itself
                }
                let words = line.split_whitespace().take_while(|word| !word.starts_with('-'));
                let quoted: Vec<String> = words.map(|word| format!("\"{word}\"")).collect();
                let known = script.contains(&quoted.join(", "));
                ensure!(known, "{}: tests/clients/az does not run `az {line}`", page.name);
                count += 1;
            }
        }
    }
    ensure!(count > 10, "only {count} commands of az found");
    Ok(())
}
