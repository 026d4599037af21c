//! Everything at once: links read and changed, reports, explanations and lists; and many readers of
//! reports over many facts. What is asked is not how much is answered, but that what is accepted is
//! answered soon, and that memory stays bounded.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};

use crate::Wanted;
use crate::client::{Connection, Target};
use crate::measure::say;
use crate::process::Process;
use crate::world::{RESOURCE, World, free_address, link, request, writes};

/// A kind of request and the answers to it, milliseconds.
#[derive(Default)]
pub struct Kind {
    pub answered: Vec<f64>,
    refused: u32,
}

/// What every connection asks in turn.
pub type Turn = Vec<(&'static str, Vec<Vec<u8>>)>;

const REPORT: &str = "/api/v1/reports?group_by=month,partner_id,subscription_name";

/// Measures both with a service of its own.
///
/// # Errors
/// As [`run`].
pub async fn alone(wanted: &Wanted) -> Result<()> {
    let folder = tempfile::Builder::new().prefix("openpal-bench-").tempdir_in(&wanted.dir)?;
    let world = World::new(folder.path(), &wanted.pal, wanted.owners, 0)?;
    let address = free_address()?;
    let mut service = world.serve(&wanted.pal, address)?;
    let target = world.wait(&mut service, address, "/readyz").await?;
    run(wanted, &world, &service, &target).await?;
    drop(service);
    many_facts(wanted, folder.path()).await
}

/// Measures everything mixed and prints it.
///
/// # Errors
/// A process does not run, or answers otherwise than it should.
pub async fn run(wanted: &Wanted, world: &World, service: &Process, target: &Target) -> Result<()> {
    say("");
    say(&format!("{} connections, everything mixed, few facts:", wanted.connections));
    let turn = |n: usize| {
        let reader = &world.tokens[n];
        let writer = &world.tokens[world.tokens.len() - 1 - n];
        let operator = &world.tokens[0];
        let explain = format!("/api/v1/explain?resource={RESOURCE}&at=2026-10-05T00:00:00Z");
        vec![
            ("link read", vec![request("GET", &link(None), reader)]),
            ("link changed", writes(writer)),
            ("report", vec![request("GET", REPORT, operator)]),
            ("explanation", vec![request("GET", &explain, operator)]),
            ("own access", vec![request("GET", "/api/v1/me/access", reader)]),
        ]
    };
    let seen = load(wanted, target, (0..wanted.connections).map(turn).collect()).await?;
    print(&seen);
    verdict_memory("mixed load", service, 300);
    Ok(())
}

/// Sixteen readers of reports over a hundred thousand facts.
///
/// # Errors
/// As [`run`].
pub async fn many_facts(wanted: &Wanted, folder: &std::path::Path) -> Result<()> {
    say("");
    say("16 readers of reports, 100,000 facts, a link changed all the time:");
    let folder = folder.join("many");
    std::fs::create_dir_all(&folder)?;
    let world = World::new(&folder, &wanted.pal, 64, 100_000)?;
    let address = free_address()?;
    let mut service = world.serve(&wanted.pal, address)?;
    let target = world.wait(&mut service, address, "/readyz").await?;
    let operator = &world.tokens[0];
    let report = || vec![("report", vec![request("GET", REPORT, operator)])];
    // A report is kept until something changes: one reader alone must see changes, too.
    let beside_changes = |readers: usize| -> Vec<Turn> {
        let changes = vec![("link changed", writes(&world.tokens[1]))];
        (0..readers).map(|_| report()).chain([changes]).collect()
    };
    let alone = load(wanted, &target, beside_changes(1)).await?;
    let together = load(wanted, &target, beside_changes(16)).await?;
    print(&together);
    let p99 = |seen: &BTreeMap<&str, Kind>| seen.get("report").map(|kind| at(&kind.answered, 99));
    let (alone, together) = (p99(&alone).unwrap_or(f64::NAN), p99(&together).unwrap_or(f64::NAN));
    let holds = if together <= 3.0 * alone { "yes" } else { "NO" };
    say(&format!(
        "reports that were accepted within three times the {alone:.0} ms of one alone: \
         {together:.0} ms  {holds}"
    ));
    verdict_memory("many facts", &service, 600);
    Ok(())
}

fn verdict_memory(name: &str, service: &Process, most: u64) {
    let Some(memory) = service.peak() else { return };
    let holds = if memory <= most { "yes" } else { "NO" };
    say(&format!("{name}: most memory at most {most} MiB: {memory} MiB  {holds}"));
}

async fn load(
    wanted: &Wanted,
    target: &Target,
    turns: Vec<Turn>,
) -> Result<BTreeMap<&'static str, Kind>> {
    let time = Duration::from_secs(2 * wanted.seconds);
    until(target, turns, tokio::time::sleep(time)).await
}

/// Asks until something ends.
///
/// # Errors
/// An answer is none that is expected.
pub async fn until(
    target: &Target,
    turns: Vec<Turn>,
    end: impl Future,
) -> Result<BTreeMap<&'static str, Kind>> {
    let stop = Arc::new(AtomicBool::new(false));
    let begin = |turn| tokio::spawn(one(target.clone(), turn, stop.clone()));
    let tasks: Vec<_> = turns.into_iter().map(begin).collect();
    end.await;
    stop.store(true, Ordering::Relaxed);
    let mut all: BTreeMap<&'static str, Kind> = BTreeMap::new();
    for task in tasks {
        for (name, kind) in task.await.context("a connection's task ended")?? {
            let sum = all.entry(name).or_default();
            sum.answered.extend(kind.answered);
            sum.refused += kind.refused;
        }
    }
    for kind in all.values_mut() {
        kind.answered.sort_by(f64::total_cmp);
    }
    Ok(all)
}

async fn one(
    target: Target,
    turn: Turn,
    stop: Arc<AtomicBool>,
) -> Result<Vec<(&'static str, Kind)>> {
    let mut connection = Connection::open(&target).await.context("cannot connect")?;
    let mut seen: Vec<(&'static str, Kind)> =
        turn.iter().map(|(name, _)| (*name, Kind::default())).collect();
    for round in 0.. {
        for ((_, requests), (name, kind)) in turn.iter().zip(&mut seen) {
            if stop.load(Ordering::Relaxed) {
                return Ok(seen);
            }
            let begun = Instant::now();
            let answer = connection.ask(&requests[round % requests.len()]).await?;
            match answer.status {
                // A writer may find its link in another state than it left it.
                200 | 404 | 409 => kind.answered.push(begun.elapsed().as_secs_f64() * 1_000.0),
                503 => kind.refused += 1,
                status => {
                    let body = String::from_utf8_lossy(answer.body);
                    ensure!(false, "{name}: {status} instead of 200: {body}");
                }
            }
        }
    }
    Ok(seen)
}

pub fn print(seen: &BTreeMap<&str, Kind>) {
    say("                                    answered   refused    p50 ms    p99 ms");
    for (name, Kind { answered, refused }) in seen {
        let (p50, p99) = (at(answered, 50), at(answered, 99));
        say(&format!("{name:<32} {:>11} {refused:>9} {p50:>9.1} {p99:>9.1}", answered.len()));
    }
}

/// The figure below which so many of a hundred are.
pub fn at(sorted: &[f64], percent: usize) -> f64 {
    let last = sorted.len().saturating_sub(1);
    sorted.get(last * percent / 100).copied().unwrap_or(f64::NAN)
}
