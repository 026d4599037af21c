//! Many connections at once, for a time; rates and latencies of what they did.

use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};
use tokio::sync::Barrier;

use crate::client::{Connection, Target};

/// How to load.
#[derive(Clone)]
pub struct Load {
    /// Connections, each with one request under way.
    pub connections: usize,
    /// Not counted.
    pub warm_up: Duration,
    /// Counted.
    pub time: Duration,
}

/// What was seen.
#[derive(Debug, Clone, Copy)]
pub struct Seen {
    /// Answers in the time that counts.
    pub answers: u32,
    /// Answers a second.
    pub rate: f64,
    /// Half were faster, milliseconds.
    pub p50: f64,
    /// 99 of 100 were faster, milliseconds.
    pub p99: f64,
}

/// The requests of one connection, in turn, for ever.
pub trait Requests: Send + 'static {
    /// The next request.
    fn next(&mut self) -> &[u8];
}

/// Runs the load, and gives the lists back for the next time. Every answer must be 200: a rate of
/// refusals is no rate.
///
/// # Errors
/// A connection breaks, or an answer is another than 200.
pub async fn run<R: Requests>(
    load: &Load,
    target: &Target,
    requests: Vec<R>,
) -> Result<(Seen, Vec<R>)> {
    ensure!(requests.len() == load.connections, "one list of requests for each connection");
    let barrier = Arc::new(Barrier::new(load.connections));
    let mut tasks = Vec::new();
    for list in requests {
        tasks.push(tokio::spawn(one(load.clone(), target.clone(), list, barrier.clone())));
    }
    let (mut all, mut rest) = (Vec::new(), Vec::new());
    for task in tasks {
        let (seen, list) = task.await.context("a connection's task ended")??;
        all.extend(seen);
        rest.push(list);
    }
    all.sort_unstable();
    ensure!(!all.is_empty(), "nothing was answered in the time that counts");
    let at = |percent: usize| f64::from(all[(all.len() - 1) * percent / 100]) / 1_000.0;
    let answers = u32::try_from(all.len()).context("too many answers to count")?;
    let rate = f64::from(answers) / load.time.as_secs_f64();
    Ok((Seen { answers, rate, p50: at(50), p99: at(99) }, rest))
}

/// One connection; latencies in microseconds.
async fn one<R: Requests>(
    load: Load,
    target: Target,
    mut requests: R,
    barrier: Arc<Barrier>,
) -> Result<(Vec<u32>, R)> {
    let opened = Connection::open(&target).await;
    // Everybody must arrive, or nobody would start.
    barrier.wait().await;
    let mut connection = opened.context("cannot connect")?;
    let counted = Instant::now() + load.warm_up;
    let end = counted + load.time;
    let mut seen = Vec::with_capacity(1 << 14);
    loop {
        let request = requests.next();
        let begun = Instant::now();
        let answer = connection.ask(request).await.context("a request was not answered")?;
        let now = Instant::now();
        ensure!(
            answer.status == 200,
            "{} instead of 200: {}",
            answer.status,
            String::from_utf8_lossy(answer.body)
        );
        if now >= end {
            return Ok((seen, requests));
        }
        if now >= counted {
            let took = now.duration_since(begun).as_micros();
            seen.push(u32::try_from(took).unwrap_or(u32::MAX));
        }
    }
}
