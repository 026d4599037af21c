//! Work that keeps a processor busy: so much of it at a time, and no longer than somebody waits for it.
//!
//! # The idea
//!
//! A report uses every processor for as long as it takes, and memory for what it groups. A hundred at
//! once would take a hundred times the memory, and each of them a hundred times as long, so that nobody
//! got one. So there are as many places as processors, and whoever comes when all are taken waits for a
//! moment; who would wait longer, or beside too many others, is told at once to come again: `503` with
//! `Retry-After`. What was admitted is answered about as fast as on an idle machine: for a report, a moment is half of
//! the time that reports have lately taken, so that waiting never takes longer than the work itself.
//!
//! Where the caller hangs up, or the answer has taken too long, the work is told to stop.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::Duration;

use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::task::JoinError;
use tokio::time::{Instant, timeout};

/// Works that take next to nothing are not worth a refusal.
const SHORTEST: Duration = Duration::from_millis(100);

/// The queues of a service.
pub struct Workload {
    /// Reports, balances, explanations, alerts.
    pub reports: Queue,
    /// Lists made from facts alone.
    pub lists: Queue,
    /// Answers that are written as fast as they are read, by however slow a reader.
    pub downloads: Queue,
}

impl Workload {
    /// For so many processors.
    pub fn new(processors: usize) -> Self {
        Self {
            reports: Queue::new(processors.max(2), 16, Duration::from_millis(500)).impatient(),
            lists: Queue::new(processors.max(2), 64, Duration::from_secs(2)),
            downloads: Queue::new(32, 0, Duration::ZERO),
        }
    }

    /// What each queue has to do, by its name.
    pub fn loads(&self) -> [(&'static str, Load); 3] {
        [
            ("reports", self.reports.load()),
            ("lists", self.lists.load()),
            ("downloads", self.downloads.load()),
        ]
    }
}

/// How much there is to do in a queue.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Load {
    /// Requests that have a place, or wait for one.
    pub length: usize,
    /// How many were refused since the start.
    pub refused: u64,
}

/// Places for one kind of work.
pub struct Queue {
    places: Arc<Semaphore>,
    waiting: Semaphore,
    /// Places of both kinds.
    all: usize,
    refused: AtomicU64,
    longest: Duration,
    /// How long the work has lately taken, microseconds; `None` = waiting does not depend on it.
    usual: Option<Arc<AtomicU64>>,
}

/// There is no place, and was none for as long as a request may wait. Nothing was done.
#[derive(Debug, Clone, Copy)]
pub struct Busy;

/// A place for work, given back when it is dropped.
pub struct Place {
    _permit: OwnedSemaphorePermit,
    begun: Instant,
    usual: Option<Arc<AtomicU64>>,
}

impl Drop for Place {
    fn drop(&mut self) {
        let Some(usual) = &self.usual else { return };
        let took = u64::try_from(self.begun.elapsed().as_micros()).unwrap_or(u64::MAX);
        // Two that end at once may lose one of the two: it is an average.
        let before = usual.load(Ordering::Relaxed);
        usual.store((before / 4 * 3).saturating_add(took / 4), Ordering::Relaxed);
    }
}

impl Queue {
    /// With so many places, and so many who wait for one for at most so long.
    pub fn new(places: usize, waiting: usize, longest: Duration) -> Self {
        let all = places + waiting;
        let (places, waiting) = (Arc::new(Semaphore::new(places)), Semaphore::new(waiting));
        Self { places, waiting, all, refused: AtomicU64::new(0), longest, usual: None }
    }

    /// The same, where nobody waits for longer than half of what the work has lately taken.
    fn impatient(self) -> Self {
        let twice = u64::try_from(2 * self.longest.as_micros()).unwrap_or(u64::MAX);
        Self { usual: Some(Arc::new(AtomicU64::new(twice))), ..self }
    }

    /// The longest time that a request waits now.
    fn patience(&self) -> Duration {
        let Some(usual) = &self.usual else { return self.longest };
        let half = Duration::from_micros(usual.load(Ordering::Relaxed) / 2);
        half.clamp(SHORTEST.min(self.longest), self.longest)
    }

    fn load(&self) -> Load {
        let free = self.places.available_permits() + self.waiting.available_permits();
        let refused = self.refused.load(Ordering::Relaxed);
        Load { length: self.all.saturating_sub(free), refused }
    }

    /// A place, at once or in a moment.
    ///
    /// # Errors
    /// Too many others are before this request.
    pub async fn admit(&self) -> Result<Place, Busy> {
        let admitted = self.admitted().await;
        if admitted.is_err() {
            self.refused.fetch_add(1, Ordering::Relaxed);
        }
        admitted
    }

    async fn admitted(&self) -> Result<Place, Busy> {
        if let Ok(place) = self.places.clone().try_acquire_owned() {
            return Ok(self.place(place));
        }
        let Ok(_waiting) = self.waiting.try_acquire() else { return Err(Busy) };
        match timeout(self.patience(), self.places.clone().acquire_owned()).await {
            Ok(Ok(place)) => Ok(self.place(place)),
            Ok(Err(_)) | Err(_) => Err(Busy),
        }
    }

    fn place(&self, permit: OwnedSemaphorePermit) -> Place {
        Place { _permit: permit, begun: Instant::now(), usual: self.usual.clone() }
    }
}

impl Place {
    /// Does work on a thread of its own. What it is handed says whether to stop; it is set when the
    /// future is dropped, because then nobody waits any more.
    ///
    /// # Errors
    /// The work panicked.
    pub async fn run<T: Send + 'static>(
        self,
        work: impl FnOnce(&AtomicBool) -> T + Send + 'static,
    ) -> Result<T, JoinError> {
        let stop_on_drop = StopOnDrop::default();
        let stop = stop_on_drop.stop();
        let done = tokio::task::spawn_blocking(move || {
            let _place = self;
            work(&stop)
        });
        let done = done.await;
        drop(stop_on_drop);
        done
    }
}

/// Tells work to stop when this is dropped: then nobody waits for its answer any more.
#[derive(Default)]
pub struct StopOnDrop(Arc<AtomicBool>);

impl StopOnDrop {
    /// Is set when nobody waits any more.
    pub fn stop(&self) -> Arc<AtomicBool> {
        self.0.clone()
    }
}

impl Drop for StopOnDrop {
    fn drop(&mut self) {
        self.0.store(true, Ordering::Relaxed);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn nobody_waits_for_longer_than_half_of_what_the_work_takes() {
        let longest = Duration::from_millis(500);
        let queue = Queue::new(1, 1, longest).impatient();
        assert_eq!(queue.patience(), longest, "nothing is known yet");
        let usual = queue.usual.clone().unwrap();
        for (took, waits) in [(300, 150), (50, 100), (60_000, 500)] {
            usual.store(took * 1_000, Ordering::Relaxed);
            assert_eq!(queue.patience(), Duration::from_millis(waits), "{took}");
        }
        usual.store(400_000, Ordering::Relaxed);
        drop(queue.admit().await.unwrap());
        let after = queue.patience();
        assert!(after < Duration::from_millis(200) && after >= SHORTEST, "{after:?}");
        assert_eq!(Queue::new(1, 1, longest).patience(), longest);
    }
}
