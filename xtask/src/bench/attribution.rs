//! `cargo xtask bench attribution`: our engine beside `DuckDB` and `Polars` on the same files.
//!
//! This side prepares: the release build, the peers from `PyPI` in a virtual environment outside the
//! clone, the synthetic estate. `bench/attribution/run.py` runs everybody in turn and prints the
//! table; it is a small process of its own because a child starts with the peak memory of its parent.

use std::env;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, bail, ensure};

use super::{build, cache, finish};

/// What can be asked for.
pub const USAGE: &str = "\
usage: cargo xtask bench attribution [options]

  --rows N        usage rows to generate (10000000)
  --partners N    partners (as many as fit the estate: 150 for 10 million rows)
  --seed N        seed of the estate (7)
  --plain-ids     write resource ids without dictionary encoding
  --runs N        counted rounds, after one that warms up (5)
  --threads N     threads for every contestant (2)
  --only A,B      only these contestants, by the names in the table; OpenPAL always runs
  --keep DIR      keep the estate and the reports there; an estate made with the same options is reused";

/// The arguments, sorted by the script they go to.
#[derive(Debug, Default, PartialEq)]
struct Options {
    /// For `generate.py`.
    estate: Vec<String>,
    /// For `run.py`.
    rounds: Vec<String>,
    keep: Option<PathBuf>,
}

/// Runs it with these arguments.
///
/// # Errors
///
/// When an argument makes no sense, a step fails, or the contestants disagree.
pub fn run(args: &[String]) -> anyhow::Result<()> {
    let options = parse(args)?;
    ensure!(cfg!(unix), "the benchmark reads peak memory with wait4, which needs Linux or macOS");

    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..").canonicalize()?;
    let scripts = root.join("bench").join("attribution");
    let pal = build(&root, "release", "pal-cli", "pal")?;
    let python = python_with_peers(&scripts.join("requirements.txt"))?;
    let data = match &options.keep {
        Some(dir) => Data { dir: std::path::absolute(dir)?, temporary: false },
        None => Data {
            dir: env::temp_dir().join(format!("openpal-bench-{}", std::process::id())),
            temporary: true,
        },
    };
    let script = |name: &str| {
        let mut command = Command::new(&python);
        // No compiled scripts in the clone.
        command.env("PYTHONDONTWRITEBYTECODE", "1").arg(scripts.join(name));
        command
    };
    finish(script("generate.py").arg("--out").arg(&data.dir).args(&options.estate))?;
    finish(script("resolve.py").arg(&data.dir))?;
    finish(script("run.py").arg(&data.dir).arg("--pal").arg(&pal).args(&options.rounds))
}

/// The folder of the estate. A temporary one goes when the benchmark ends, however it ends.
struct Data {
    dir: PathBuf,
    temporary: bool,
}

impl Drop for Data {
    fn drop(&mut self) {
        if self.temporary {
            // Nothing is left to tell about it: the figures are printed already.
            drop(fs::remove_dir_all(&self.dir));
        }
    }
}

fn parse(args: &[String]) -> anyhow::Result<Options> {
    let mut options = Options::default();
    let mut args = args.iter();
    while let Some(arg) = args.next() {
        let mut value = || args.next().with_context(|| format!("`{arg}` needs a value\n\n{USAGE}"));
        match arg.as_str() {
            "--rows" | "--partners" => {
                options.estate.extend([arg.clone(), positive(arg, value()?)?]);
            }
            "--seed" => {
                let seed = value()?;
                seed.parse::<u64>().with_context(|| format!("`--seed {seed}` is not a number"))?;
                options.estate.extend([arg.clone(), seed.clone()]);
            }
            "--plain-ids" => options.estate.push(arg.clone()),
            "--runs" | "--threads" => {
                options.rounds.extend([arg.clone(), positive(arg, value()?)?]);
            }
            "--only" => options.rounds.extend([arg.clone(), value()?.clone()]),
            "--keep" => options.keep = Some(PathBuf::from(value()?)),
            _ => bail!("unknown argument `{arg}`\n\n{USAGE}"),
        }
    }
    Ok(options)
}

fn positive(name: &str, text: &str) -> anyhow::Result<String> {
    let number: u64 = text.parse().with_context(|| format!("`{name} {text}` is not a number"))?;
    ensure!(number > 0, "`{name}` must be at least 1");
    Ok(number.to_string())
}

/// A Python that can import the peers, in a folder that other runs find again.
fn python_with_peers(requirements: &Path) -> anyhow::Result<PathBuf> {
    let folder = cache()?.join("bench-attribution");
    let python = folder.join("bin").join("python");
    let wanted = fs::read(requirements)
        .with_context(|| format!("cannot read {}", requirements.display()))?;
    // Written last, so its presence says that the folder is whole.
    let stamp = folder.join("requirements.txt");
    if fs::read(&stamp).is_ok_and(|installed| installed == wanted) {
        return Ok(python);
    }
    finish(Command::new("python3").args(["-m", "venv", "--clear"]).arg(&folder))?;
    finish(
        Command::new(&python)
            .args(["-m", "pip", "install", "--quiet", "--requirement"])
            .arg(requirements),
    )?;
    fs::write(&stamp, wanted).with_context(|| format!("cannot write {}", stamp.display()))?;
    Ok(python)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(text: &str) -> Vec<String> {
        text.split_whitespace().map(str::to_owned).collect()
    }

    #[test]
    fn arguments_go_to_their_script() -> anyhow::Result<()> {
        let options = parse(&words("--rows 5 --threads 4 --partners 7 --runs 3 --keep here"))?;
        assert_eq!(options.estate, words("--rows 5 --partners 7"));
        assert_eq!(options.rounds, words("--threads 4 --runs 3"));
        assert_eq!(options.keep, Some(PathBuf::from("here")));
        Ok(())
    }

    #[test]
    fn nonsense_is_refused() {
        for line in ["--rows", "--rows many", "--runs 0", "--fast", "--seed -1"] {
            assert!(parse(&words(line)).is_err(), "{line}");
        }
    }
}
