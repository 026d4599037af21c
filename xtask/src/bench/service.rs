//! `cargo xtask bench service`: reads and durable writes a second, beside the floors of this machine.
//!
//! This side builds; the program in `bench/service` starts the service, the floors and the load.

use std::path::Path;
use std::process::Command;

use anyhow::{Context, Result, bail};

use super::{build, finish};

/// What can be asked for.
pub const USAGE: &str = "\
usage: cargo xtask bench service [options]

  --profile NAME     build with this profile (release); profiling is quicker to build
  --seconds N        counted seconds of each measurement in each round (3)
  --connections N    connections of the load (64)
  --owners N         principals, each with a link of its own (2048)
  --facts N          lines of the facts that are imported beside a load (1000000)
  --usage-rows N     rows of the usage that is imported beside a load (1000000)
  --only PART        imports: beside a load; mixed: everything at once, and many readers of reports
  --dir DIR          measure on the disk of this folder (the folder for temporary files)";

/// Runs it with these arguments.
///
/// # Errors
///
/// When an argument makes no sense, or a step fails.
pub fn run(args: &[String]) -> Result<()> {
    let (profile, rest) = parse(args)?;
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..").canonicalize()?;
    let pal = build(&root, &profile, "pal-cli", "pal")?;
    let bench = build(&root, &profile, "bench-service", "bench-service")?;
    finish(Command::new(bench).arg("run").arg("--pal").arg(pal).args(rest))
}

/// The profile, and what the other program takes.
fn parse(args: &[String]) -> Result<(String, Vec<String>)> {
    let (mut profile, mut rest) = ("release".to_owned(), Vec::new());
    let mut args = args.iter();
    while let Some(arg) = args.next() {
        let mut value = || args.next().with_context(|| format!("`{arg}` needs a value\n\n{USAGE}"));
        match arg.as_str() {
            "--profile" => profile.clone_from(value()?),
            "--seconds" | "--connections" | "--owners" | "--facts" | "--usage-rows" => {
                let number = value()?;
                let whole: u32 =
                    number.parse().with_context(|| format!("`{arg} {number}` is not a number"))?;
                if whole == 0 {
                    bail!("`{arg}` must be at least 1");
                }
                rest.extend([arg.clone(), number.clone()]);
            }
            "--dir" | "--only" => rest.extend([arg.clone(), value()?.clone()]),
            _ => bail!("unknown argument `{arg}`\n\n{USAGE}"),
        }
    }
    Ok((profile, rest))
}

#[cfg(test)]
mod tests {
    use super::parse;

    #[test]
    fn arguments_go_where_they_belong() {
        let words = |text: &str| text.split_whitespace().map(str::to_owned).collect::<Vec<_>>();
        let (profile, rest) = parse(&words("--seconds 3 --profile profiling --dir x")).unwrap();
        assert_eq!((profile.as_str(), rest), ("profiling", words("--seconds 3 --dir x")));
        for line in ["--seconds", "--seconds 0", "--owners many", "--fast"] {
            assert!(parse(&words(line)).is_err(), "{line}");
        }
    }
}
