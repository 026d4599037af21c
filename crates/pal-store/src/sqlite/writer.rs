//! The one writer: a thread that commits what is waiting in groups.
//!
//! A commit at full durability costs a wait for the disk, some milliseconds; a change costs
//! microseconds. So the writer takes everything that waits into one transaction, each change in a
//! savepoint of its own, and answers after the commit. While it waits for the disk the next group
//! gathers: the batch grows with the load by itself, and a single caller waits for nobody.
//!
//! A caller that goes away changes nothing: its change was handed over whole (P5).

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::{Receiver, SyncSender, TrySendError, sync_channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;

use rusqlite::ffi::SQLITE_IOERR_WRITE;
use rusqlite::{Connection, ErrorCode};
use tokio::sync::oneshot;

use super::known::{self, Clock};
use crate::StoreError;

/// What tells a caller how its change ended, once the commit has.
type Reply = Box<dyn FnOnce(Result<(), &Lost>) + Send>;
type Job = Box<dyn FnOnce(Result<&Connection, &Lost>) -> Reply + Send>;

/// A group that was not committed.
enum Lost {
    /// It is not there: it could not begin, or not be written.
    Undone(String),
    /// Nobody knows.
    Unknown(String),
}

impl From<&Lost> for StoreError {
    fn from(lost: &Lost) -> Self {
        match lost {
            Lost::Undone(why) => Self::Unavailable(why.clone()),
            Lost::Unknown(why) => Self::Unknown(why.clone()),
        }
    }
}

/// Hands changes to the writer.
pub struct Writer {
    jobs: Option<SyncSender<Job>>,
    thread: Option<JoinHandle<()>>,
    failed: Arc<Mutex<Option<String>>>,
    waiting: Arc<AtomicUsize>,
}

impl Writer {
    /// Starts the thread.
    pub fn start(
        connection: Connection,
        most: usize,
        clock: Option<Clock>,
    ) -> Result<Self, StoreError> {
        let (jobs, waiting) = sync_channel(most * 8);
        let failed = Arc::new(Mutex::new(None));
        let seen = failed.clone();
        let thread = std::thread::Builder::new()
            .name("writer".to_owned())
            .spawn(move || {
                known::use_clock(clock);
                work(&connection, &waiting, most, &seen);
            })
            .map_err(|error| StoreError::Unavailable(error.to_string()))?;
        Ok(Self { jobs: Some(jobs), thread: Some(thread), failed, waiting: Arc::default() })
    }

    /// How many changes wait for their turn.
    pub fn waiting(&self) -> usize {
        self.waiting.load(Ordering::Relaxed)
    }

    /// Why the writer has given up, if it has.
    pub fn failure(&self) -> Option<String> {
        self.failed.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Makes a change, all of it or nothing, and waits until it is durable.
    pub async fn write<T, E>(
        &self,
        change: impl FnOnce(&Connection) -> Result<T, E> + Send + 'static,
    ) -> Result<T, E>
    where
        T: Send + 'static,
        E: From<StoreError> + Send + 'static,
    {
        let (answer, waiting) = oneshot::channel();
        // Nobody may be waiting any more; the change stands all the same.
        self.hand_over(change, |done| drop(answer.send(done)))?;
        waiting.await.unwrap_or_else(|_| Err(ended().into()))
    }

    /// The same for a caller that is no task.
    pub fn write_now<T, E>(
        &self,
        change: impl FnOnce(&Connection) -> Result<T, E> + Send + 'static,
    ) -> Result<T, E>
    where
        T: Send + 'static,
        E: From<StoreError> + Send + 'static,
    {
        let (answer, waiting) = sync_channel(1);
        self.hand_over(change, move |done| drop(answer.send(done)))?;
        waiting.recv().unwrap_or_else(|_| Err(ended().into()))
    }

    fn hand_over<T, E>(
        &self,
        change: impl FnOnce(&Connection) -> Result<T, E> + Send + 'static,
        answer: impl FnOnce(Result<T, E>) + Send + 'static,
    ) -> Result<(), StoreError>
    where
        T: Send + 'static,
        E: From<StoreError> + Send + 'static,
    {
        let waiting = self.waiting.clone();
        let job: Job = Box::new(move |begun| {
            waiting.fetch_sub(1, Ordering::Relaxed);
            let done = match begun {
                Ok(connection) => in_savepoint(connection, change),
                Err(lost) => Err(StoreError::from(lost).into()),
            };
            Box::new(move |commit| {
                answer(match (done, commit) {
                    (Ok(_), Err(lost)) => Err(StoreError::from(lost).into()),
                    (done, _) => done,
                });
            })
        });
        let gone = || StoreError::Unavailable("the writer has stopped; restart the service".into());
        let jobs = self.jobs.as_ref().ok_or_else(gone)?;
        self.waiting.fetch_add(1, Ordering::Relaxed);
        jobs.try_send(job).map_err(|error| {
            self.waiting.fetch_sub(1, Ordering::Relaxed);
            match error {
                TrySendError::Full(_) => {
                    StoreError::Unavailable("too many changes are waiting".to_owned())
                }
                TrySendError::Disconnected(_) => gone(),
            }
        })
    }
}

fn ended() -> StoreError {
    StoreError::Unknown("the writer ended before it answered".to_owned())
}

impl Drop for Writer {
    /// Waits for what was handed over.
    fn drop(&mut self) {
        self.jobs = None;
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

fn in_savepoint<T, E: From<StoreError>>(
    connection: &Connection,
    change: impl FnOnce(&Connection) -> Result<T, E>,
) -> Result<T, E> {
    let run = |sql| -> Result<(), StoreError> {
        connection.prepare_cached(sql)?.execute([])?;
        Ok(())
    };
    run("SAVEPOINT change")?;
    let done = change(connection);
    if done.is_err() {
        run("ROLLBACK TO change")?;
    }
    run("RELEASE change")?;
    done
}

fn work(
    connection: &Connection,
    waiting: &Receiver<Job>,
    most: usize,
    failed: &Mutex<Option<String>>,
) {
    while let Ok(first) = waiting.recv() {
        let jobs = std::iter::once(first).chain(waiting.try_iter()).take(most);
        let begun = connection
            .execute_batch("BEGIN IMMEDIATE")
            .map_err(|error| Lost::Undone(error.to_string()));
        let replies: Vec<Reply> =
            jobs.map(|job| job(begun.as_ref().map(|()| connection))).collect();
        let lost = begun.map_or_else(Some, |()| commit(connection));
        if let Some(Lost::Unknown(why)) = &lost {
            // A failed sync must never be tried again as if the data were still to come.
            *failed.lock().unwrap_or_else(PoisonError::into_inner) = Some(why.clone());
        }
        for reply in replies {
            reply(lost.as_ref().map_or(Ok(()), Err));
        }
        if matches!(lost, Some(Lost::Unknown(_))) {
            return;
        }
    }
}

fn commit(connection: &Connection) -> Option<Lost> {
    let Err(error) = connection.execute_batch("COMMIT") else { return None };
    let undone = connection.execute_batch("ROLLBACK").is_ok() || connection.is_autocommit();
    let full =
        matches!(error.sqlite_error_code(), Some(ErrorCode::DiskFull | ErrorCode::DatabaseBusy));
    // The frame that makes a commit is the last that is written, so that one which could not be written makes none. SQLite
    // says so where a quota or a limit on files is reached, too. After a sync that failed, or a commit of which the index
    // could not grow, a crash may bring back what was rolled back here.
    let unwritten = error.sqlite_error().is_some_and(|e| e.extended_code == SQLITE_IOERR_WRITE);
    if undone && (full || unwritten) {
        Some(Lost::Undone(error.to_string()))
    } else {
        Some(Lost::Unknown(error.to_string()))
    }
}
