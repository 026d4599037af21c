//! Everything at once: owners who change links, readers of reports, imports of facts and usage, floods and clients that
//! stall, and a disk that takes nothing for a while. Nothing that was acknowledged is lost, reads go on all the time, and
//! memory does not grow.
//!
//! Ten seconds by default. `PAL_SOAK` is the number of seconds: `cargo xtask test --slow` runs twenty minutes.

use std::fmt::Write as _;
use std::io::Write;
use std::net::TcpStream;
use std::process::Command;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use serde_json::json;

use super::owner::Owner;
use super::streams::{begin, get};
use crate::support::running::{Client, Dice, Running, TENANT, alone, connect, number, object};
use crate::usage::world::world;

const OWNERS: usize = 8;
const READERS: usize = 4;
const STALLED: usize = 20;
/// From this length on memory is judged: before, it has not settled.
const JUDGED: Duration = Duration::from_mins(10);
const WARM_UP: Duration = Duration::from_mins(2);
const REPORT: &str = "/api/v1/reports?group_by=month,partner_id,subscription_id";

/// What is done until the end, and what was seen of it.
struct Soak<'s> {
    service: &'s Running,
    begun: Instant,
    length: Duration,
    /// How often the disk has stopped to take something, or begun to again: while it is odd, writes may be refused.
    disk: AtomicUsize,
    reads: Mutex<Vec<Duration>>,
    writes: Mutex<Vec<Duration>>,
    reports: Mutex<Vec<Duration>>,
    refused_reports: AtomicUsize,
    refused_writes: AtomicUsize,
    imports: AtomicUsize,
    stalled: AtomicUsize,
    /// Mebibytes, by second.
    memory: Mutex<Vec<(Duration, usize)>>,
}

impl Soak<'_> {
    /// Whether the disk took everything since it was in a state.
    fn has_taken_all_since(&self, state: usize) -> bool {
        state.is_multiple_of(2) && self.disk.load(Ordering::SeqCst) == state
    }

    fn goes_on(&self) -> bool {
        self.begun.elapsed() < self.length
    }

    /// Changes a link every tenth of a second. A change that is refused is looked at before the next one.
    fn write(&self, owner: &mut Owner, mut dice: Dice) {
        while self.goes_on() {
            let disk = self.disk.load(Ordering::SeqCst);
            let begun = Instant::now();
            let is_answered = owner.write(&mut dice);
            let took = begun.elapsed();
            if owner.pending.is_some() {
                // A connection that was idle for too long, because the machine was busy, is closed.
                assert!(is_answered || self.service.is_ready(), "gone\n{}", self.service.log());
                let may_fail = !is_answered || !self.has_taken_all_since(disk);
                assert!(may_fail, "a change was refused\n{}", self.service.log());
                if is_answered {
                    self.refused_writes.fetch_add(1, Ordering::Relaxed);
                }
                owner.look();
            } else {
                self.writes.lock().unwrap().push(took);
            }
            std::thread::sleep(Duration::from_millis(100));
        }
    }

    /// Reads the own link and a report, over and over.
    fn read(&self, mut own: Client, mut operator: Client) {
        while self.goes_on() {
            let begun = Instant::now();
            let link = own.link("GET", None).or_else(|_| own.link("GET", None)).unwrap();
            assert!([200, 404].contains(&link.status), "{link:?}");
            self.reads.lock().unwrap().push(begun.elapsed());
            let begun = Instant::now();
            let report = operator.ask("GET", REPORT).or_else(|_| operator.ask("GET", REPORT));
            let report = report.unwrap();
            match report.status {
                200 => self.reports.lock().unwrap().push(begun.elapsed()),
                // A read of money is in the audit log, or is none.
                503 => _ = self.refused_reports.fetch_add(1, Ordering::Relaxed),
                _ => panic!("{report:?}"),
            }
            std::thread::sleep(Duration::from_millis(20));
        }
    }

    /// Imports facts by another process, and usage by an upload.
    fn import(&self) {
        let archive = crate::usage::upload::packed(&[("costs.csv".to_owned(), world(200).csv())]);
        let data = self.service.data();
        for round in 0.. {
            if !self.goes_on() {
                return;
            }
            let facts: String = (0..2_000).fold(String::new(), |mut lines, n| {
                let fact = json!({
                    "kind": "principal", "tenant": TENANT, "type": "User", "name": format!("{round}"),
                    "object": format!("bec40000-7000-4000-8000-{n:012x}"),
                });
                let _ = writeln!(lines, "{fact}");
                lines
            });
            std::fs::write(self.service.folder().join("more.jsonl"), facts).unwrap();
            let disk = self.disk.load(Ordering::SeqCst);
            let done = self.service.pal(&["import", "facts", "more.jsonl", "--data-dir", &data]);
            // The other process has a disk all the time.
            assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
            let upload = self.service.client(0).upload("/api/v1/usage/imports", &archive).unwrap();
            let may_fail = !self.has_taken_all_since(disk);
            assert!(upload.status < 300 || (may_fail && upload.status == 503), "{upload:?}");
            self.imports.fetch_add(1, Ordering::Relaxed);
            std::thread::sleep(Duration::from_secs(1));
        }
    }

    /// Opens connections that never finish a request or take an answer, and asks without a token.
    fn flood(&self) {
        while self.goes_on() {
            let half = |_| -> std::io::Result<TcpStream> {
                let mut stream = connect(self.service.address())?;
                stream.write_all(b"GET /healthz HTTP/1.1\r\nHo")?;
                Ok(stream)
            };
            let halves: Vec<_> = (0..STALLED).map(half).collect();
            let stalled: Vec<_> = (0..STALLED).map(|_| begin(self.service, 0)).collect();
            for mut stream in &stalled {
                for number in 0..32 {
                    // It may be closed before all are sent.
                    let _ = stream.write_all(&get(2 * number + 1, "/api/v1/openapi.json"));
                }
            }
            self.stalled.fetch_add(halves.len() + stalled.len(), Ordering::Relaxed);
            for _ in 0..200 {
                let asked = self.service.client_without_token().link("GET", None).unwrap();
                assert!([401, 429].contains(&asked.status), "{asked:?}");
            }
            std::thread::sleep(Duration::from_secs(1));
        }
    }

    /// For a twentieth of the time, and half way, no file of the service may grow.
    fn fill_the_disk(&self) {
        let limit = |most: &str| {
            let id = self.service.id().to_string();
            let mut command = Command::new("prlimit");
            command.args(["--pid", &id, &format!("--fsize={most}")]);
            assert!(command.status().unwrap().success());
        };
        std::thread::sleep(self.length / 2);
        self.disk.store(1, Ordering::SeqCst);
        limit("0:unlimited");
        std::thread::sleep(self.length / 20);
        limit("unlimited:unlimited");
        // What was begun without a disk may still be answered.
        std::thread::sleep(Duration::from_secs(1));
        self.disk.store(2, Ordering::SeqCst);
    }

    fn measure(&self) {
        while self.goes_on() {
            let status = std::fs::read_to_string(format!("/proc/{}/status", self.service.id()));
            let status = status.unwrap_or_default();
            let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
            let kib = line.and_then(|line| line.trim().strip_suffix("kB")?.trim().parse().ok());
            if let Some(kib) = kib {
                let kib: usize = kib;
                self.memory.lock().unwrap().push((self.begun.elapsed(), kib >> 10));
            }
            std::thread::sleep(Duration::from_secs(1));
        }
    }

    fn print(&self, owners: &[Owner]) {
        let spread = |name: &str, took: &Mutex<Vec<Duration>>| {
            let mut took = took.lock().unwrap().clone();
            took.sort();
            let Some(longest) = took.last() else { return println!("{name}: none") };
            let at = |part: usize| took[(took.len() - 1) * part / 100];
            println!(
                "{name}: {}, p50 {:?}, p99 {:?}, longest {longest:?}",
                took.len(),
                at(50),
                at(99)
            );
        };
        spread("reads", &self.reads);
        spread("writes", &self.writes);
        spread("reports", &self.reports);
        let figure = |figure: &AtomicUsize| figure.load(Ordering::Relaxed);
        println!(
            "{} changes acknowledged, {} refused without a disk, {} reports refused, {} imports, {} clients stalled",
            owners.iter().map(Owner::changes).sum::<usize>(),
            figure(&self.refused_writes),
            figure(&self.refused_reports),
            figure(&self.imports),
            figure(&self.stalled),
        );
    }

    /// The most memory of the last third is about that of the first third after the warm-up.
    fn judge_memory(&self) {
        let memory = self.memory.lock().unwrap();
        let most = |from: Duration, to: Duration| {
            let within = memory.iter().filter(|(at, _)| (from..to).contains(at));
            within.map(|(_, mib)| *mib).max().unwrap_or_default()
        };
        let third = self.length.saturating_sub(WARM_UP) / 3;
        let (first, last) =
            (most(WARM_UP, WARM_UP + third), most(self.length.saturating_sub(third), self.length));
        println!(
            "most memory: {} MiB; after the warm-up {first}, at the end {last}",
            most(Duration::ZERO, self.length)
        );
        if self.length >= JUDGED {
            assert!(last <= first + first / 5 + 8, "memory grew from {first} to {last} MiB");
        }
    }
}

#[test]
#[cfg(target_os = "linux")]
fn everything_at_once_loses_nothing_and_takes_no_more_memory() {
    let _alone = alone();
    let operator = format!("[\"{TENANT}/{}\"]", object(0));
    let mut service = Running::new(
        OWNERS + READERS,
        &[("operators", &operator), ("http.header_seconds", "10"), ("http.body_seconds", "10")],
    );
    service.stop();
    // A file that may not grow is an error and not the end of the process.
    let log = std::fs::File::create(service.folder().join("log")).unwrap();
    service.start_through("trap '' XFSZ; exec \"$0\" \"$@\"", log.into(), &[]);
    let mut owners: Vec<Owner> = (0..OWNERS).map(|n| Owner::new(service.client(n))).collect();
    let soak = Soak {
        service: &service,
        begun: Instant::now(),
        length: Duration::from_secs(number("PAL_SOAK", 10) as u64),
        disk: AtomicUsize::new(0),
        reads: Mutex::default(),
        writes: Mutex::default(),
        reports: Mutex::default(),
        refused_reports: AtomicUsize::new(0),
        refused_writes: AtomicUsize::new(0),
        imports: AtomicUsize::new(0),
        stalled: AtomicUsize::new(0),
        memory: Mutex::default(),
    };
    std::thread::scope(|scope| {
        let soak = &soak;
        for (at, owner) in owners.iter_mut().enumerate() {
            scope.spawn(move || soak.write(owner, Dice::new(at as u64 + 1)));
        }
        for reader in 0..READERS {
            let (own, operator) = (service.client(OWNERS + reader), service.client(0));
            scope.spawn(move || soak.read(own, operator));
        }
        scope.spawn(|| soak.import());
        scope.spawn(|| soak.flood());
        scope.spawn(|| soak.fill_the_disk());
        scope.spawn(|| soak.measure());
    });
    soak.print(&owners);
    soak.judge_memory();
    let refused = soak.refused_writes.load(Ordering::Relaxed);
    assert!(refused > 0, "the disk was never full");
    service.stop();
    service.assert_audit_is_whole();
    for (owner, history) in owners.iter().zip(service.histories(OWNERS)) {
        assert!(owner.changes() > 0);
        owner.assert_kept(&history);
    }
}
