//! Threads for short reads, each with a connection of its own.
//!
//! A read waits for the disk, and for a lock when the log is reset: never on a thread that serves other
//! requests. A few threads do all of them, because a read takes microseconds and waking a thread for it
//! takes longer: while there is work a thread goes on with the next read without being woken.

use std::collections::VecDeque;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError, mpsc};
use std::thread::JoinHandle;

use rusqlite::Connection;
use tokio::sync::oneshot;

use super::connect;
use crate::StoreError;

/// Threads. A read that takes long does not run here, so a few keep each other's waits for the disk apart.
const THREADS: usize = 4;

type Job = Box<dyn FnOnce(Result<&Connection, StoreError>) + Send>;

/// Hands reads to the threads.
pub struct Readers {
    queue: Arc<Queue>,
    threads: Vec<JoinHandle<()>>,
}

#[derive(Default)]
struct Queue {
    state: Mutex<State>,
    work: Condvar,
}

#[derive(Default)]
struct State {
    jobs: VecDeque<Job>,
    idle: usize,
    is_closed: bool,
}

impl Readers {
    /// Starts the threads; each opens the database with its first read.
    pub fn start(path: &Path) -> Result<Self, StoreError> {
        let queue = Arc::new(Queue::default());
        let mut threads = Vec::new();
        for _ in 0..THREADS {
            let (queue, path) = (queue.clone(), path.to_owned());
            let thread = std::thread::Builder::new().name("reader".to_owned());
            let thread = thread.spawn(move || queue.work_off(&path));
            threads.push(thread.map_err(|error| StoreError::Unavailable(error.to_string()))?);
        }
        Ok(Self { queue, threads })
    }

    /// Runs a read.
    pub async fn read<T: Send + 'static>(
        &self,
        read: impl FnOnce(&Connection) -> Result<T, StoreError> + Send + 'static,
    ) -> Result<T, StoreError> {
        let (answer, waiting) = oneshot::channel();
        self.queue.push(Box::new(move |connection| {
            // Nobody may be waiting any more.
            drop(answer.send(connection.and_then(read)));
        }));
        waiting.await.unwrap_or_else(|_| Err(ended()))
    }

    /// The same for a caller that is no task.
    pub fn read_now<T: Send + 'static>(
        &self,
        read: impl FnOnce(&Connection) -> Result<T, StoreError> + Send + 'static,
    ) -> Result<T, StoreError> {
        let (answer, waiting) = mpsc::sync_channel(1);
        self.queue.push(Box::new(move |connection| drop(answer.send(connection.and_then(read)))));
        waiting.recv().unwrap_or_else(|_| Err(ended()))
    }
}

fn ended() -> StoreError {
    StoreError::Unavailable("a read ended early".to_owned())
}

impl Drop for Readers {
    /// Waits for the reads that have begun.
    fn drop(&mut self) {
        self.queue.state().is_closed = true;
        self.queue.work.notify_all();
        for thread in self.threads.drain(..) {
            let _ = thread.join();
        }
    }
}

impl Queue {
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn push(&self, job: Job) {
        let mut state = self.state();
        state.jobs.push_back(job);
        let wake = state.idle > 0;
        drop(state);
        if wake {
            self.work.notify_one();
        }
    }

    fn next(&self) -> Option<Job> {
        let mut state = self.state();
        loop {
            if let Some(job) = state.jobs.pop_front() {
                return Some(job);
            }
            if state.is_closed {
                return None;
            }
            state.idle += 1;
            state = self.work.wait(state).unwrap_or_else(PoisonError::into_inner);
            state.idle -= 1;
        }
    }

    fn work_off(&self, path: &Path) {
        let mut connection = None;
        while let Some(job) = self.next() {
            let opened = match &connection {
                Some(open) => Ok(open),
                None => open(path).map(|open| &*connection.insert(open)),
            };
            // A fault in one read is not the end of all others.
            let done = catch_unwind(AssertUnwindSafe(|| job(opened)));
            if done.is_err() {
                connection = None;
            }
        }
    }
}

/// With a small cache: the system keeps the pages for all of them.
fn open(path: &Path) -> Result<Connection, StoreError> {
    let connection = connect::open(path)?;
    connection.execute_batch("PRAGMA cache_size = -4000")?;
    Ok(connection)
}
