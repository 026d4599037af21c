//! The measurements, one after the other, and the table.

use std::io::Write;
use std::path::Path;
use std::process::Command;
use std::time::{Duration, Instant};

use anyhow::{Result, ensure};

use crate::Wanted;
use crate::client::{Connection, Target};
use crate::commits::commits;
use crate::load::{Load, Requests, Seen};
use crate::process::{Process, own_cpu};
use crate::world::{World, free_address, link, request, writes};
use crate::{load, mixed, sqlite};

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
#[derive(Clone, Copy)]
struct Measured {
    seen: Seen,
    /// Processor time of the server and of the load, cores.
    server: f64,
    load: f64,
}

/// What is measured in turn: machines have moods, so neighbours are compared, more than once.
const ROUNDS: usize = 5;

/// Measures everything and prints it.
///
/// # Errors
/// A process does not run, or answers otherwise than it should.
pub async fn run(wanted: &Wanted) -> Result<()> {
    let begun = Instant::now();
    let folder = tempfile::Builder::new().prefix("openpal-bench-").tempdir_in(&wanted.dir)?;
    let world = World::new(folder.path(), &wanted.pal, wanted.owners, 0)?;
    let address = free_address()?;
    let mut service = world.serve(&wanted.pal, address)?;
    let target = world.wait(&mut service, address, "/readyz").await?;
    // Half of the principals read the link that they have, the others write.
    let (readers, writers) = world.tokens.split_at(wanted.owners / 2);
    create(readers, &target, wanted.connections).await?;
    let (floor, floor_target) = http_floor(&world, folder.path()).await?;

    let get = |token: &String| vec![request("GET", &link(None), token)];
    let constant = |token: &String| vec![request("GET", "/constant", token)];
    let mut reading = split(readers, wanted, get);
    let mut asking = split(readers, wanted, constant);
    let mut writing = split(writers, wanted, |token| writes(token));
    let mut rounds = Vec::new();
    for _ in 0..ROUNDS {
        let (reads, rest) = measure(wanted, &target, reading, &service).await?;
        reading = rest;
        let (constant, rest) = measure(wanted, &floor_target, asking, &floor).await?;
        asking = rest;
        let before = commits(&world.data().join("openpal.db"))?;
        let writing_begun = Instant::now();
        let (durable, rest) = measure(wanted, &target, writing, &service).await?;
        writing = rest;
        let made = commits(&world.data().join("openpal.db"))?.wrapping_sub(before);
        // Commits are counted over the warm-up too, answers are not.
        let share = Duration::from_secs(wanted.seconds).as_secs_f64()
            / writing_begun.elapsed().as_secs_f64();
        let batch = (f64::from(durable.seen.answers) / (f64::from(made) * share)).max(1.0);
        let owners = u32::try_from(writers.len())?;
        let half = Duration::from_millis(wanted.seconds * 500);
        let rows = sqlite::writes(folder.path(), batch.round() as u32, owners, half)?;
        let syncs = sqlite::syncs(folder.path(), Duration::from_millis(500))?;
        rounds.push(Round { reads, constant, durable, batch, rows, syncs });
    }
    print(wanted, &rounds, service.memory());
    drop(floor);
    mixed::run(wanted, &world, &service, &target).await?;
    drop(service);
    mixed::many_facts(wanted, folder.path()).await?;
    say(&format!("\n{:.0} s in all", begun.elapsed().as_secs_f64()));
    Ok(())
}

/// The principals, dealt to the connections.
fn split(
    tokens: &[String],
    wanted: &Wanted,
    requests: impl Fn(&String) -> Vec<Vec<u8>>,
) -> Vec<InTurn> {
    let mut all: Vec<InTurn> =
        (0..wanted.connections).map(|_| InTurn { principals: Vec::new(), at: 0 }).collect();
    for (n, token) in tokens.iter().enumerate() {
        all[n % wanted.connections].principals.push(requests(token));
    }
    all
}

async fn measure(
    wanted: &Wanted,
    target: &Target,
    requests: Vec<InTurn>,
    server: &Process,
) -> Result<(Measured, Vec<InTurn>)> {
    let time = Duration::from_secs(wanted.seconds);
    let load = Load { connections: wanted.connections, warm_up: time / 4, time };
    let before = (server.cpu(), own_cpu());
    let begun = Instant::now();
    let (seen, rest) = load::run(&load, target, requests).await?;
    let took = begun.elapsed().as_secs_f64();
    let cores = |now: Option<f64>, before: Option<f64>| {
        now.zip(before).map_or(f64::NAN, |(now, before)| (now - before) / took)
    };
    let (server, load) = (cores(server.cpu(), before.0), cores(own_cpu(), before.1));
    Ok((Measured { seen, server, load }, rest))
}

/// A link for each, not measured.
async fn create(tokens: &[String], target: &Target, connections: usize) -> Result<()> {
    let mut tasks = Vec::new();
    for first in 0..connections {
        let mine: Vec<String> = tokens.iter().skip(first).step_by(connections).cloned().collect();
        let target = target.clone();
        tasks.push(tokio::spawn(async move {
            let mut connection = Connection::open(&target).await?;
            for token in mine {
                let request = request("PUT", &link(Some(5_127_255)), &token);
                let answer = connection.ask(&request).await?;
                let body = String::from_utf8_lossy(answer.body).into_owned();
                ensure!(answer.status == 200, "PUT: {}: {body}", answer.status);
            }
            Ok(())
        }));
    }
    for task in tasks {
        task.await??;
    }
    Ok(())
}

async fn http_floor(world: &World, folder: &Path) -> Result<(Process, Target)> {
    let keys = folder.join("keys.json");
    std::fs::write(&keys, world.issuer.keys())?;
    let address = free_address()?;
    let mut command = Command::new(std::env::current_exe()?);
    command.args(["floor", &address.to_string(), world.issuer.url()]);
    command.arg(&keys).arg(world.data().join("tls"));
    let mut server = Process::start(&mut command, &folder.join("floor.log"))?;
    let target = world.wait(&mut server, address, "/constant").await?;
    Ok((server, target))
}

/// Figures of neighbours in time.
struct Round {
    reads: Measured,
    constant: Measured,
    durable: Measured,
    batch: f64,
    rows: f64,
    syncs: f64,
}

/// The middle of the rounds.
fn middle(rounds: &[Round], figure: impl Fn(&Round) -> f64) -> f64 {
    let mut all: Vec<f64> = rounds.iter().map(figure).collect();
    all.sort_by(f64::total_cmp);
    all[all.len() / 2]
}

fn print(wanted: &Wanted, rounds: &[Round], memory: Option<u64>) {
    let cores = std::thread::available_parallelism().map_or(0, usize::from);
    say(&format!(
        "{cores} cores, shared by server and load; {} connections, TLS, kept open; {} principals; \
         the middle of {ROUNDS} rounds",
        wanted.connections, wanted.owners
    ));
    say("");
    say("                                  per second    p50 ms    p99 ms   server   load (cores)");
    row("GET own link", rounds, |round| round.reads);
    row("  floor: constant, token check", rounds, |round| round.constant);
    row("PUT, PATCH, DELETE, durable", rounds, |round| round.durable);
    let name = format!("  floor: SQLite, {:.0} a commit", middle(rounds, |round| round.batch));
    say(&format!("{name:<32} {:>11.0}", middle(rounds, |round| round.rows)));
    let syncs = middle(rounds, |round| round.syncs);
    say(&format!("{:<32} {syncs:>11.0}", "  fdatasync alone"));
    if let Some(memory) = memory {
        say(&format!("memory of the service afterwards: {memory} MiB"));
    }
    say("");
    let part = |round: &Round| round.reads.seen.rate / round.constant.seen.rate;
    verdict("reads, part of their floor", rounds, part, 0.60);
    let part = |round: &Round| round.durable.seen.rate / round.rows;
    verdict("writes, part of their floor", rounds, part, 0.60);
    let rate = middle(rounds, |round| round.durable.seen.rate);
    if syncs >= 300.0 {
        let holds = if rate >= 2_000.0 { "yes" } else { "NO" };
        say(&format!("writes a second at least 2,000: {rate:.0}  {holds}"));
    } else {
        say(&format!(
            "writes a second: {rate:.0}; 2,000 are asked for where fdatasync gives 300 or more"
        ));
    }
}

fn row(name: &str, rounds: &[Round], of: impl Fn(&Round) -> Measured) {
    let figure = |figure: fn(&Measured) -> f64| middle(rounds, |round| figure(&of(round)));
    let (rate, p50) = (figure(|m| m.seen.rate), figure(|m| m.seen.p50));
    let (p99, server, load) = (figure(|m| m.seen.p99), figure(|m| m.server), figure(|m| m.load));
    say(&format!("{name:<32} {rate:>11.0} {p50:>9.1} {p99:>9.1} {server:>8.2} {load:>6.2}"));
}

fn verdict(name: &str, rounds: &[Round], part: impl Fn(&Round) -> f64, wanted: f64) {
    let ratio = middle(rounds, &part);
    let least = rounds.iter().map(&part).fold(f64::INFINITY, f64::min);
    let most = rounds.iter().map(&part).fold(0.0, f64::max);
    let holds = if ratio >= wanted { "yes" } else { "NO" };
    let [ratio, wanted, least, most] = [ratio, wanted, least, most].map(|part| part * 100.0);
    say(&format!(
        "{name} at least {wanted:.0} %: {ratio:.0} %  {holds}  (rounds: {least:.0} to {most:.0} %)"
    ));
}
