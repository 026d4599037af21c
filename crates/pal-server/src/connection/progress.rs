//! What is known of how a connection gets on.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::Notify;
use tokio::time::Instant;

/// Most bytes of answers that wait for a client before its next request is begun.
const WAITING: u64 = 256 << 10;
/// How often a connection is looked at while a request is under way.
const LOOK: Duration = Duration::from_secs(1);

/// How long a client may take.
#[derive(Debug, Clone, Copy)]
pub struct ClientTimeouts {
    /// For the next request.
    pub request: Duration,
    /// For a piece of an answer.
    pub piece: Duration,
}

/// One connection, as its stream and its requests see it.
pub struct Progress {
    timeouts: ClientTimeouts,
    state: Mutex<State>,
    taken: Notify,
}

struct State {
    /// Requests that have begun and of which the answer has not been handed over whole.
    under_way: usize,
    /// Since when there is none.
    idle_since: Instant,
    /// Since when a piece of an answer waits to be taken, by answer.
    offered: HashMap<u64, Instant>,
    /// Bytes of answers that have been made and not handed over.
    waiting: u64,
    /// How many requests have begun.
    begun: u64,
    /// The number of a request that can be read in two ways.
    ambiguous: Option<u64>,
}

impl Progress {
    pub fn new(timeouts: ClientTimeouts) -> Arc<Self> {
        let state = State {
            under_way: 0,
            idle_since: Instant::now(),
            offered: HashMap::new(),
            waiting: 0,
            begun: 0,
            ambiguous: None,
        };
        Arc::new(Self { timeouts, state: Mutex::new(state), taken: Notify::new() })
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A request begins; it ends when what is returned is dropped.
    pub fn begin(self: &Arc<Self>) -> ActiveRequest {
        let mut state = self.state();
        state.under_way += 1;
        state.begun += 1;
        let is_ambiguous = state.ambiguous == Some(state.begun);
        ActiveRequest { of: self.clone(), number: state.begun, waiting: 0, is_ambiguous }
    }

    /// Whether a request is under way.
    pub fn is_under_way(&self) -> bool {
        self.state().under_way > 0
    }

    /// The head of the request of this number has both a length and an encoding. The first has the number 1.
    pub fn is_ambiguous(&self, request: u64) {
        self.state().ambiguous = Some(request);
    }

    /// Waits until the client has taken enough of what was made for it.
    pub async fn until_taken(&self) {
        loop {
            let taken = self.taken.notified();
            if self.state().waiting <= WAITING {
                return;
            }
            taken.await;
        }
    }

    /// `None` = the client has had its time; else when to look again.
    pub fn look_again(&self, now: Instant) -> Option<Instant> {
        let state = self.state();
        if state.under_way == 0 {
            let end = state.idle_since + self.timeouts.request;
            return (now < end).then_some(end);
        }
        let first = state.offered.values().min();
        let stalled = first.is_some_and(|since| now >= *since + self.timeouts.piece);
        (!stalled).then_some(now + LOOK)
    }
}

/// A request and its answer.
pub struct ActiveRequest {
    of: Arc<Progress>,
    number: u64,
    waiting: u64,
    /// Whether its head has both a length and an encoding.
    pub is_ambiguous: bool,
}

impl ActiveRequest {
    /// So many bytes of the answer have been made and wait.
    pub fn holds(&mut self, bytes: u64) {
        self.of.state().waiting += bytes;
        self.waiting += bytes;
    }

    /// A piece was handed over: the next one is asked for when the client has taken it.
    pub fn offers(&mut self, bytes: u64) {
        let bytes = bytes.min(self.waiting);
        self.waiting -= bytes;
        let mut state = self.of.state();
        state.waiting -= bytes;
        state.offered.insert(self.number, Instant::now());
        drop(state);
        self.of.taken.notify_waiters();
    }

    /// The client has taken what was handed over.
    pub fn taken(&self) {
        self.of.state().offered.remove(&self.number);
    }
}

impl Drop for ActiveRequest {
    fn drop(&mut self) {
        let mut state = self.of.state();
        state.offered.remove(&self.number);
        state.waiting -= self.waiting;
        state.under_way -= 1;
        state.idle_since = Instant::now();
        drop(state);
        self.of.taken.notify_waiters();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const PATIENCE: ClientTimeouts =
        ClientTimeouts { request: Duration::from_secs(10), piece: Duration::from_secs(30) };

    #[test]
    fn a_connection_without_a_request_has_its_time() {
        let progress = Progress::new(PATIENCE);
        let created = Instant::now();
        assert!(progress.look_again(created).unwrap() <= created + PATIENCE.request);
        assert_eq!(progress.look_again(created + PATIENCE.request), None);
        let request = progress.begin();
        let later = created + Duration::from_secs(1_000);
        assert_eq!(progress.look_again(later), Some(later + LOOK), "an answer may take its time");
        drop(request);
        assert!(progress.look_again(created).is_some());
        assert_eq!(progress.look_again(later), None);
    }

    #[test]
    fn a_piece_that_nobody_takes_ends_the_connection() {
        let progress = Progress::new(PATIENCE);
        let mut stalled = progress.begin();
        let mut other = progress.begin();
        stalled.offers(0);
        other.offers(0);
        other.taken();
        let end = Instant::now() + PATIENCE.piece;
        assert!(progress.look_again(end - Duration::from_secs(1)).is_some());
        assert_eq!(progress.look_again(end), None);
        stalled.taken();
        assert!(progress.look_again(end).is_some());
    }

    #[tokio::test]
    async fn the_next_request_waits_for_what_was_made_to_be_taken() {
        let progress = Progress::new(PATIENCE);
        let mut large = progress.begin();
        large.holds(WAITING);
        progress.until_taken().await;
        large.holds(1);
        let waits = tokio::time::timeout(Duration::from_millis(20), progress.until_taken());
        assert!(waits.await.is_err());
        let waits = tokio::spawn({
            let progress = progress.clone();
            async move { progress.until_taken().await }
        });
        tokio::task::yield_now().await;
        large.offers(1);
        waits.await.unwrap();
        drop(large);
        assert_eq!(progress.state().waiting, 0);
    }
}
