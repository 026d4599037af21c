//! How fast the service is, beside the floors of the machine it runs on. `cargo xtask bench service`
//! builds and starts it; README.md says how to read what it prints.

mod client;
mod commits;
mod floor;
mod imports;
mod issuer;
mod load;
mod measure;
mod mixed;
mod process;
mod sqlite;
mod world;

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::{Context, Result, bail};

/// As the program that is measured.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// What `run` was asked for.
pub struct Wanted {
    /// The program.
    pub pal: PathBuf,
    /// Counted seconds of each measurement in each round.
    pub seconds: u64,
    /// Connections of the load.
    pub connections: usize,
    /// Principals.
    pub owners: usize,
    /// Where the disk is that is measured.
    pub dir: PathBuf,
    /// Lines of the facts, and rows of the usage, that are imported beside a load.
    pub facts: usize,
    pub usage_rows: usize,
    /// The one part that is measured, instead of all.
    pub only: Option<String>,
}

fn main() -> ExitCode {
    match begin() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            measure::say(&format!("ERROR: {error:#}"));
            ExitCode::FAILURE
        }
    }
}

fn begin() -> Result<()> {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = args.iter().map(String::as_str).collect();
    match words[..] {
        ["run", ref rest @ ..] => {
            // The load must not take both cores from the server: one thread is enough for it.
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
            let wanted = wanted(rest)?;
            runtime.block_on(async {
                match wanted.only.as_deref() {
                    None => {
                        measure::run(&wanted).await?;
                        imports::run(&wanted).await
                    }
                    Some("imports") => imports::run(&wanted).await,
                    Some("mixed") => mixed::alone(&wanted).await,
                    Some(other) => bail!("`--only {other}`: imports or mixed"),
                }
            })
        }
        ["floor", address, issuer, keys, tls] => {
            let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
            let served = floor::serve(address.parse()?, issuer, Path::new(keys), Path::new(tls));
            runtime.block_on(served)
        }
        _ => bail!("start this by: cargo xtask bench service"),
    }
}

/// What was asked for.
fn wanted(args: &[&str]) -> Result<Wanted> {
    let mut wanted = Wanted {
        pal: PathBuf::new(),
        seconds: 3,
        connections: 64,
        owners: 2_048,
        dir: std::env::temp_dir(),
        facts: 1_000_000,
        usage_rows: 1_000_000,
        only: None,
    };
    for pair in args.chunks(2) {
        let [name, value] = pair else { bail!("`{}` needs a value", pair.join(" ")) };
        let number = || value.parse().with_context(|| format!("`{value}` is not a number"));
        match *name {
            "--pal" => wanted.pal = PathBuf::from(value),
            "--dir" => wanted.dir = PathBuf::from(value),
            "--seconds" => wanted.seconds = value.parse()?,
            "--connections" => wanted.connections = number()?,
            "--owners" => wanted.owners = number()?,
            "--facts" => wanted.facts = number()?,
            "--usage-rows" => wanted.usage_rows = number()?,
            "--only" => wanted.only = Some((*value).to_owned()),
            _ => bail!("unknown argument `{name}`"),
        }
    }
    if wanted.seconds > 4 {
        bail!("more than 4 seconds each would take longer than a minute and a half in all");
    }
    if wanted.owners < 2 * wanted.connections {
        bail!("each connection needs a principal that reads and one that writes");
    }
    Ok(wanted)
}
