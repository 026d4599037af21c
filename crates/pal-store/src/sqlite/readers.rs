//! Connections for short reads.
//!
//! A read waits for the disk, and for a lock when the log is reset: never on a thread that serves other
//! requests. So many run at a time; the others wait in the order in which they came.

use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};

use rusqlite::Connection;
use tokio::sync::Semaphore;

use super::connect;
use crate::StoreError;

/// Reads at a time, each with a connection and a thread of its own.
const READERS: usize = 16;

/// Hands out connections.
pub struct Readers {
    idle: Arc<Idle>,
    places: Arc<Semaphore>,
}

struct Idle {
    path: PathBuf,
    connections: Mutex<Vec<Connection>>,
}

impl Readers {
    pub fn of(path: PathBuf) -> Self {
        let idle = Arc::new(Idle { path, connections: Mutex::default() });
        Self { idle, places: Arc::new(Semaphore::new(READERS)) }
    }

    /// Runs a read. A caller that goes away while it waits for a place has not read.
    pub async fn read<T: Send + 'static>(
        &self,
        read: impl FnOnce(&Connection) -> Result<T, StoreError> + Send + 'static,
    ) -> Result<T, StoreError> {
        let idle = self.idle.clone();
        let gone = |why: &dyn std::fmt::Display| StoreError::Unavailable(why.to_string());
        let place = self.places.clone().acquire_owned().await.map_err(|why| gone(&why))?;
        let done = tokio::task::spawn_blocking(move || {
            let _place = place;
            idle.read(read)
        });
        done.await.unwrap_or_else(|error| Err(gone(&error)))
    }

    /// The same for a caller that is no task.
    pub fn read_now<T>(
        &self,
        read: impl FnOnce(&Connection) -> Result<T, StoreError>,
    ) -> Result<T, StoreError> {
        self.idle.read(read)
    }
}

impl Idle {
    /// With a small cache: there are many, and the system keeps the pages for all of them.
    fn open(&self) -> Result<Connection, StoreError> {
        let connection = connect::open(&self.path)?;
        connection.execute_batch("PRAGMA cache_size = -2000")?;
        Ok(connection)
    }

    fn read<T>(
        &self,
        read: impl FnOnce(&Connection) -> Result<T, StoreError>,
    ) -> Result<T, StoreError> {
        let idle = self.connections.lock().unwrap_or_else(PoisonError::into_inner).pop();
        let connection = match idle {
            Some(connection) => connection,
            None => self.open()?,
        };
        let done = read(&connection);
        let mut connections = self.connections.lock().unwrap_or_else(PoisonError::into_inner);
        if connections.len() < READERS {
            connections.push(connection);
        }
        done
    }
}
