//! `cargo xtask fuzz`: the fuzz targets, built once and run for a time each.
//!
//! The targets are ordinary programs with libFuzzer inside. The compiler of the stable toolchain marks every branch
//! for it (`-C passes=sancov-module`), as `cargo fuzz` does, so that the fuzzer sees which inputs reach new code.

use std::collections::VecDeque;
use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::{Mutex, PoisonError};
use std::{env, thread};

use anyhow::{Context, Result, bail};

use crate::{cargo, root, say};

const SECONDS: u64 = 60;

/// How the compiler marks branches and comparisons for libFuzzer.
const MARKS: &str = "-Cpasses=sancov-module -Cllvm-args=-sanitizer-coverage-level=4 \
                     -Cllvm-args=-sanitizer-coverage-inline-8bit-counters \
                     -Cllvm-args=-sanitizer-coverage-pc-table \
                     -Cllvm-args=-sanitizer-coverage-trace-compares";

/// Longest inputs in bytes, where they are not [`LONGEST`].
const LENGTHS: [(&str, u32); 5] = [
    ("cost_gzip", 16_384),
    ("cost_parquet", 32_768),
    ("charge_file", 16_384),
    ("snapshot", 32_768),
    ("upload", 32_768),
];
const LONGEST: u32 = 8_192;

/// What is to be done.
struct Order {
    seconds: u64,
    /// Run on this file only, in place of fuzzing.
    input: Option<PathBuf>,
    targets: Vec<String>,
}

impl Order {
    fn read(args: &[String], known: &[String]) -> Result<Self> {
        let mut order = Self { seconds: SECONDS, input: None, targets: Vec::new() };
        let mut words = args.iter();
        while let Some(word) = words.next() {
            let mut value = || words.next().with_context(|| format!("{word} needs a value"));
            match word.as_str() {
                "--seconds" => order.seconds = value()?.parse().context("--seconds: no number")?,
                "--input" => order.input = Some(fs::canonicalize(value()?)?),
                name if known.iter().any(|known| known == name) => {
                    order.targets.push(name.to_owned());
                }
                other => bail!("there is no fuzz target {other}; known are {}", known.join(", ")),
            }
        }
        if order.targets.is_empty() {
            order.targets = known.to_vec();
        }
        if order.input.is_some() && order.targets.len() != 1 {
            bail!("an input is read by one target: name it");
        }
        Ok(order)
    }
}

/// Where the targets are built and run.
struct Place {
    root: PathBuf,
    /// A target folder of its own: everything in it is built with marks.
    folder: PathBuf,
    programs: PathBuf,
}

/// Builds targets and runs them.
pub fn run(args: &[String]) -> Result<()> {
    let root = root()?;
    let order = Order::read(args, &known(&root)?)?;
    let target = env::var_os("CARGO_TARGET_DIR").map_or_else(|| root.join("target"), PathBuf::from);
    let (folder, host) = (root.join(target).join("fuzz"), host()?);
    let programs = folder.join(&host).join("fuzz");
    let place = Place { root, folder, programs };
    place.build(&host, &order.targets)?;
    if let Some(input) = &order.input {
        let name = &order.targets[0];
        return crate::run(place.program(name)?.args(LIMITS).arg(input));
    }
    let waiting = Mutex::new(order.targets.iter().collect::<VecDeque<_>>());
    let failed = Mutex::new(Vec::new());
    let next = || waiting.lock().unwrap_or_else(PoisonError::into_inner).pop_front();
    thread::scope(|scope| {
        for _ in 0..thread::available_parallelism().map_or(1, usize::from) {
            scope.spawn(|| {
                while let Some(name) = next() {
                    if let Err(error) = place.fuzz(name, order.seconds) {
                        say(&format!("{error:#}"));
                        failed.lock().unwrap_or_else(PoisonError::into_inner).push(name.clone());
                    }
                }
            });
        }
    });
    let failed = failed.into_inner().unwrap_or_else(PoisonError::into_inner);
    if failed.is_empty() { Ok(()) } else { bail!("fuzz targets failed: {}", failed.join(", ")) }
}

/// A damaged file must not cost more than this: memory in MiB, and seconds.
const LIMITS: [&str; 2] = ["-rss_limit_mb=512", "-timeout=10"];

/// The targets there are, by name.
fn known(root: &Path) -> Result<Vec<String>> {
    let mut names = Vec::new();
    for entry in fs::read_dir(root.join("fuzz/targets"))? {
        let path = entry?.path();
        names.extend(path.file_stem().map(|name| name.to_string_lossy().into_owned()));
    }
    names.sort();
    Ok(names)
}

/// The triple of this machine: with a target named, only what runs in it is marked, and not what runs while building.
fn host() -> Result<String> {
    let output = Command::new("rustc").arg("-vV").output().context("cannot start rustc")?;
    let text = String::from_utf8(output.stdout)?;
    let line = text.lines().find_map(|line| line.strip_prefix("host: "));
    line.map(str::to_owned).context("rustc does not say what it runs on")
}

impl Place {
    fn build(&self, host: &str, targets: &[String]) -> Result<()> {
        let mut build = cargo(&["build", "--profile", "fuzz", "--package", "pal-fuzz"])?;
        build.args(["--features", "libfuzzer", "--target", host]);
        build.args(targets.iter().flat_map(|name| ["--bin", name]));
        crate::run(build.env("RUSTFLAGS", MARKS).env("CARGO_TARGET_DIR", &self.folder))
    }

    /// A folder of a target, made if it is not there.
    fn own(&self, what: &str, name: &str) -> Result<PathBuf> {
        let folder = self.folder.join(what).join(name);
        fs::create_dir_all(&folder).with_context(|| format!("cannot make {}", folder.display()))?;
        Ok(folder)
    }

    /// The program of a target, whose temporary files are in a folder that is emptied before each run.
    fn program(&self, name: &str) -> Result<Command> {
        let temporary = self.own("temporary", name)?;
        fs::remove_dir_all(&temporary)?;
        fs::create_dir_all(&temporary)?;
        let mut program = Command::new(self.programs.join(name));
        program.env("TMPDIR", temporary).env("RUST_BACKTRACE", "1");
        Ok(program)
    }

    /// Runs a target for a time, from the seeds, the inputs that once failed, and what earlier runs found.
    fn fuzz(&self, name: &str, seconds: u64) -> Result<()> {
        let (corpus, seeds) = (self.own("corpus", name)?, self.own("seeds", name)?);
        let found = self.own("found", name)?;
        let log = self.own("log", "")?.join(format!("{name}.log"));
        let longest = LENGTHS.iter().find(|(other, _)| *other == name).map_or(LONGEST, |l| l.1);
        let mut program = self.program(name)?;
        program.env("PAL_FUZZ_SEEDS", &seeds).args(LIMITS).args([
            format!("-max_total_time={seconds}"),
            format!("-max_len={longest}"),
            format!("-artifact_prefix={}/", found.display()),
            "-print_final_stats=1".to_owned(),
        ]);
        program.arg(&corpus).arg(&seeds);
        let regressions = self.root.join("fuzz/regressions").join(name);
        if regressions.is_dir() {
            program.arg(regressions);
        }
        let output = File::create(&log)?;
        program.stdout(output.try_clone()?).stderr(output);
        let status = program.status().with_context(|| format!("cannot start {name}"))?;
        let text = String::from_utf8_lossy(&fs::read(&log)?).into_owned();
        if status.success() {
            say(&format!("{name}: {}", outcome(&text)));
            return Ok(());
        }
        let file = text.lines().find_map(|line| line.split("Test unit written to ").nth(1));
        let again = file.map_or_else(String::new, |file| {
            format!(
                "\nThe input is {file}. To read it again: cargo xtask fuzz {name} --input {file}\n\
                 When the fault is mended, keep it in fuzz/regressions/{name}."
            )
        });
        bail!(
            "{name}: {status}\n{}\nAll that it printed is in {}{again}",
            why(&text),
            log.display()
        )
    }
}

/// How much was tried, and how much of the program it reached.
fn outcome(log: &str) -> String {
    let stat = |name: &str| {
        let line = log.lines().find_map(|line| line.strip_prefix(name));
        line.map_or("?", str::trim).to_owned()
    };
    let reached = log.lines().rev().find_map(|line| {
        let after = line.split(" cov: ").nth(1)?;
        after.split_whitespace().next()
    });
    format!(
        "{} inputs, {} a second, {} places reached, {} MiB at most",
        stat("stat::number_of_executed_units:"),
        stat("stat::average_exec_per_sec:"),
        reached.unwrap_or("?"),
        stat("stat::peak_rss_mb:"),
    )
}

/// The lines of a log that say why a target ended: from the panic on, else from the report of libFuzzer.
fn why(log: &str) -> String {
    let lines: Vec<&str> = log.lines().collect();
    let starts = |line: &&str| line.contains("panicked at") || line.contains("ERROR: libFuzzer");
    let from = lines.iter().position(starts).unwrap_or(lines.len().saturating_sub(20));
    lines[from..].iter().take(20).copied().collect::<Vec<_>>().join("\n")
}
