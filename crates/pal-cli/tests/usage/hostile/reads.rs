//! Somebody who reads a link all the while.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use crate::support::running::{Running, UTRECHT};

pub struct Reads {
    stop: Arc<AtomicBool>,
    reader: JoinHandle<Vec<Duration>>,
}

impl Reads {
    pub fn begin(service: &Running) -> Self {
        let mut client = service.client(1);
        let linked = client.link("PUT", Some(UTRECHT)).unwrap();
        assert_eq!(linked.status, 200, "{linked:?}");
        let stop = Arc::new(AtomicBool::new(false));
        let stopped = stop.clone();
        let reader = std::thread::spawn(move || {
            let mut took = Vec::new();
            while !stopped.load(Ordering::Relaxed) {
                let begun = Instant::now();
                let answer = client.link("GET", None).unwrap();
                took.push(begun.elapsed());
                assert_eq!((answer.status, answer.partner()), (200, UTRECHT), "{answer:?}");
                std::thread::sleep(Duration::from_millis(5));
            }
            took
        });
        Self { stop, reader }
    }

    /// All were answered; how long that took.
    pub fn end(self) {
        self.stop.store(true, Ordering::Relaxed);
        let mut took = self.reader.join().unwrap();
        took.sort();
        let at = |part: usize| took[(took.len() - 1) * part / 1_000];
        println!(
            "{} reads of a link meanwhile: {:?} (middle), {:?} (p99), {:?} (longest)",
            took.len(),
            at(500),
            at(990),
            at(1_000)
        );
    }
}
