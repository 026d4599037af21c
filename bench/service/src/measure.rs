//! The measurements, one after the other, and the table.

use std::io::Write;
use std::path::Path;
use std::process::Command;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};

use crate::Wanted;
use crate::client::Target;
use crate::commits::commits;
use crate::load::{Load, Requests, Seen};
use crate::process::{Process, own_cpu};
use crate::world::{World, free_address, link, request, writes};
use crate::{load, sqlite};

/// A line of standard output.
pub fn say(text: &str) {
    // Nothing can be said when it is closed.
    let _ = writeln!(std::io::stdout(), "{text}");
}

/// The requests of one connection: those of its principals, each in its own order, in turn.
struct InTurn {
    principals: Vec<Vec<Vec<u8>>>,
    at: usize,
}

impl Requests for InTurn {
    fn next(&mut self) -> &[u8] {
        let (round, who) = (self.at / self.principals.len(), self.at % self.principals.len());
        self.at += 1;
        let mine = &self.principals[who];
        &mine[round % mine.len()]
    }
}

/// A measurement, with what it cost.
struct Measured {
    seen: Seen,
    /// Processor time of the server and of the load, cores.
    server: Option<f64>,
    load: Option<f64>,
}

/// Measures everything and prints it.
///
/// # Errors
/// A process does not run, or answers otherwise than it should.
pub async fn run(wanted: &Wanted) -> Result<()> {
    let begun = Instant::now();
    let folder = tempfile::Builder::new().prefix("openpal-bench-").tempdir_in(&wanted.dir)?;
    let time = Duration::from_secs(wanted.seconds);
    let load = Load { connections: wanted.connections, warm_up: Duration::from_secs(1), time };
    let world = World::new(folder.path(), &wanted.pal, wanted.owners)?;

    let address = free_address()?;
    let mut service = world.serve(&wanted.pal, address)?;
    let target = world.wait(&mut service, address, "/readyz").await?;
    // The keys of the issuer are fetched at the first token, before the crowd.
    once(&world, &target, 1, 1, "PUT").await?;
    once(&world, &target, 1, 1, "DELETE").await?;
    once(&world, &target, wanted.connections, wanted.owners, "PUT").await?;
    let own = |token: &String| vec![request("GET", &link(None), token)];
    let reads = measure(&load, &target, split(&world, wanted, own), &service).await?;
    once(&world, &target, wanted.connections, wanted.owners, "DELETE").await?;
    let database = world.data().join("openpal.db");
    let before = commits(&database)?;
    let cycle = |token: &String| writes(token);
    let writes_begun = Instant::now();
    let durable = measure(&load, &target, split(&world, wanted, cycle), &service).await?;
    let made = commits(&database)?.wrapping_sub(before);
    // Commits are counted over the warm-up too, answers are not.
    let share = time.as_secs_f64() / writes_begun.elapsed().as_secs_f64().max(0.001);
    let batch = (f64::from(durable.seen.answers) / (f64::from(made) * share)).max(1.0);
    let memory = service.memory();
    drop(service);

    let floor = http_floor(wanted, &world, &load, folder.path()).await?;
    let short = Duration::from_secs(wanted.seconds.div_ceil(2));
    let syncs = sqlite::syncs(folder.path(), short.min(Duration::from_secs(3)))?;
    let owners = u32::try_from(wanted.owners)?;
    let rows = sqlite::writes(folder.path(), batch.round() as u32, owners, short)?;
    let found = Found { reads, durable, floor, batch, syncs, rows, memory };
    found.print(wanted);
    say(&format!("\n{:.0} s in all", begun.elapsed().as_secs_f64()));
    Ok(())
}

/// The principals, dealt to the connections.
fn split(
    world: &World,
    wanted: &Wanted,
    requests: impl Fn(&String) -> Vec<Vec<u8>>,
) -> Vec<InTurn> {
    let mut all: Vec<InTurn> =
        (0..wanted.connections).map(|_| InTurn { principals: Vec::new(), at: 0 }).collect();
    for (n, token) in world.tokens.iter().enumerate() {
        all[n % wanted.connections].principals.push(requests(token));
    }
    all
}

async fn measure(
    load: &Load,
    target: &Target,
    requests: Vec<InTurn>,
    server: &Process,
) -> Result<Measured> {
    let before = (server.cpu(), own_cpu());
    let begun = Instant::now();
    let seen = load::run(load, target, requests).await?;
    let took = begun.elapsed().as_secs_f64();
    let cores = |now: Option<f64>, before: Option<f64>| Some((now? - before?) / took);
    Ok(Measured { seen, server: cores(server.cpu(), before.0), load: cores(own_cpu(), before.1) })
}

/// One write of each of the first principals, not measured.
async fn once(
    world: &World,
    target: &Target,
    connections: usize,
    owners: usize,
    method: &'static str,
) -> Result<()> {
    let mut tasks = Vec::new();
    for first in 0..connections {
        let tokens: Vec<String> =
            world.tokens[..owners].iter().skip(first).step_by(connections).cloned().collect();
        let target = target.clone();
        tasks.push(tokio::spawn(async move {
            let mut connection = crate::client::Connection::open(&target).await?;
            for token in tokens {
                let request = request(method, &link(Some(5_127_255)), &token);
                let answer = connection.ask(&request).await?;
                let body = String::from_utf8_lossy(answer.body).into_owned();
                ensure!(answer.status == 200, "{method}: {}: {body}", answer.status);
            }
            Ok(())
        }));
    }
    for task in tasks {
        task.await??;
    }
    Ok(())
}

async fn http_floor(
    wanted: &Wanted,
    world: &World,
    load: &Load,
    folder: &Path,
) -> Result<Measured> {
    let keys = folder.join("keys.json");
    std::fs::write(&keys, world.issuer.keys())?;
    let address = free_address()?;
    let mut command = Command::new(std::env::current_exe()?);
    command.args(["floor", &address.to_string(), world.issuer.url()]);
    command.arg(&keys).arg(world.data().join("tls"));
    let mut server = Process::start(&mut command, &folder.join("floor.log"))?;
    let target = world.wait(&mut server, address, "/constant").await?;
    let constant = |token: &String| vec![request("GET", "/constant", token)];
    measure(load, &target, split(world, wanted, constant), &server)
        .await
        .context("the floor of HTTP")
}

/// All figures.
struct Found {
    reads: Measured,
    durable: Measured,
    floor: Measured,
    batch: f64,
    syncs: f64,
    rows: f64,
    memory: Option<u64>,
}

impl Found {
    fn print(&self, wanted: &Wanted) {
        let cores = std::thread::available_parallelism().map_or(0, usize::from);
        say(&format!(
            "{cores} cores, shared by server and load; {} connections, TLS, kept open; {} principals",
            wanted.connections, wanted.owners
        ));
        say("");
        say(
            "                                 per second    p50 ms    p99 ms   server   load (cores)",
        );
        row("GET own link", &self.reads);
        row("  floor: constant, token check", &self.floor);
        row("PUT, PATCH, DELETE, durable", &self.durable);
        let name = format!("  floor: SQLite, {:.0} a commit", self.batch);
        say(&format!("{name:<32} {:>11.0}", self.rows));
        say(&format!("{:<32} {:>11.0}", "  fdatasync alone", self.syncs));
        if let Some(memory) = self.memory {
            say(&format!("memory of the service afterwards: {memory} MiB"));
        }
        say("");
        verdict("reads, part of their floor", self.reads.seen.rate / self.floor.seen.rate, 0.60);
        verdict("writes, part of their floor", self.durable.seen.rate / self.rows, 0.60);
        let rate = self.durable.seen.rate;
        if self.syncs >= 300.0 {
            let holds = if rate >= 2_000.0 { "yes" } else { "NO" };
            say(&format!("writes a second at least 2,000: {rate:.0}  {holds}"));
        } else {
            say(&format!(
                "writes a second: {rate:.0}; 2,000 are asked for where fdatasync gives 300 or more"
            ));
        }
    }
}

fn row(name: &str, measured: &Measured) {
    let Seen { rate, p50, p99, .. } = measured.seen;
    let cores =
        |part: Option<f64>| part.map_or_else(|| "-".to_owned(), |part| format!("{part:.2}"));
    let (server, load) = (cores(measured.server), cores(measured.load));
    say(&format!("{name:<32} {rate:>11.0} {p50:>9.1} {p99:>9.1} {server:>8} {load:>6}"));
}

fn verdict(name: &str, ratio: f64, wanted: f64) {
    let holds = if ratio >= wanted { "yes" } else { "NO" };
    let (ratio, wanted) = (ratio * 100.0, wanted * 100.0);
    say(&format!("{name} at least {wanted:.0} %: {ratio:.0} %  {holds}"));
}
