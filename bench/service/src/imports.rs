//! Links read and changed while a long import runs: nobody waits for it.

use std::process::{Command, Stdio};
use std::time::Instant;

use anyhow::{Context, Result, ensure};

use crate::Wanted;
use crate::client::Target;
use crate::measure::say;
use crate::mixed::{at, print, until};
use crate::world::{World, free_address, link, request, writes};

/// The most that a read and a write may take, at the 99th percentile, milliseconds.
const READ: f64 = 50.0;
const WRITE: f64 = 250.0;

/// Connections that read, and as many that write.
const EACH: usize = 8;

/// Measures imports of facts and of usage, by another process into the folder that the service has open.
///
/// # Errors
/// A process does not run, or answers otherwise than it should.
pub async fn run(wanted: &Wanted) -> Result<()> {
    let folder = tempfile::Builder::new().prefix("openpal-bench-").tempdir_in(&wanted.dir)?;
    let world = World::new(folder.path(), &wanted.pal, 2 * EACH, 0)?;
    let address = free_address()?;
    let mut service = world.serve(&wanted.pal, address)?;
    let target = world.wait(&mut service, address, "/readyz").await?;
    let import = world.facts_import(&wanted.pal, wanted.facts)?;
    beside(&world, &target, &format!("{} facts", wanted.facts), import).await?;
    let import = world.usage_import(&wanted.pal, wanted.usage_rows)?;
    beside(&world, &target, &format!("{} rows of usage", wanted.usage_rows), import).await
}

async fn beside(world: &World, target: &Target, name: &str, mut import: Command) -> Result<()> {
    say("");
    say(&format!(
        "{EACH} connections that read links, {EACH} that change them, during an import of {name}:"
    ));
    let (readers, writers) = world.tokens.split_at(EACH);
    let reading =
        readers.iter().map(|token| vec![("link read", vec![request("GET", &link(None), token)])]);
    let writing = writers.iter().map(|token| vec![("link changed", writes(token))]);
    let begun = Instant::now();
    import.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::piped());
    let child = import.spawn().context("cannot start the import")?;
    let mut ended = None;
    let end = async {
        let waited = tokio::task::spawn_blocking(move || child.wait_with_output());
        ended = Some(waited.await);
    };
    let seen = until(target, reading.chain(writing).collect(), end).await?;
    let output = ended.context("the import has not ended")???;
    ensure!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    say(&format!("the import took {:.1} s", begun.elapsed().as_secs_f64()));
    print(&seen);
    for (kind, most) in [("link read", READ), ("link changed", WRITE)] {
        let p99 = seen.get(kind).map_or(f64::NAN, |kind| at(&kind.answered, 99));
        let slowest = seen.get(kind).map_or(f64::NAN, |kind| at(&kind.answered, 100));
        let holds = if p99 <= most { "yes" } else { "NO" };
        say(&format!(
            "{kind}, p99 at most {most:.0} ms: {p99:.1} ms, the slowest {slowest:.0} ms  {holds}"
        ));
    }
    Ok(())
}
