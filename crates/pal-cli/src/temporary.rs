//! Temporary files that go with the program, also when it is told to stop (Ctrl-C, SIGTERM): large ones
//! would stay for ever where nobody looks, or beside a report as if they were one.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};

use tempfile::{NamedTempFile, TempDir};
use tokio::runtime::{Builder, Runtime};

/// Set for a second process: how the names of its temporary files begin, so that the first process can
/// remove them where the second one was killed and could not.
pub const PREFIX: &str = "PAL_TEMPORARY_PREFIX";

/// What is to go when the program is told to stop.
static BEGUN: Mutex<Vec<PathBuf>> = Mutex::new(Vec::new());

fn begun() -> MutexGuard<'static, Vec<PathBuf>> {
    BEGUN.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Everything temporary of this process is in one folder from here on, which goes with the value or with a
/// signal. Where there can be no such folder, whoever needs room says so.
pub fn begin() -> Option<TempDir> {
    let folder = folder()?;
    tempfile::env::override_temp_dir(folder.path()).ok()?;
    note(folder.path().to_owned());
    // Without it a signal ends the program as it ends others.
    let _ = remove_when_stopped();
    Some(folder)
}

/// A folder for temporary files.
pub fn folder() -> Option<TempDir> {
    tempfile::Builder::new().prefix("pal-").tempdir().ok()
}

fn remove_when_stopped() -> io::Result<()> {
    let runtime = Builder::new_current_thread().enable_all().build()?;
    let stopped = stop_signal(&runtime)?;
    let wait = move || {
        let status = runtime.block_on(stopped);
        // Held to the end, so that nothing is begun any more.
        let begun = begun();
        for path in begun.iter() {
            let _ = fs::remove_file(path).or_else(|_| fs::remove_dir_all(path));
        }
        leave(status);
    };
    std::thread::Builder::new().name("stop".to_owned()).spawn(wait).map(drop)
}

/// Something that is to go with a signal; its owner removes it otherwise.
pub fn note(path: PathBuf) {
    begun().push(path);
}

/// A file that is to become a result in this folder.
pub fn file_in(folder: &Path) -> io::Result<NamedTempFile> {
    let mut begun = begun();
    let prefix = std::env::var(PREFIX).unwrap_or_else(|_| ".tmp".to_owned());
    let file = tempfile::Builder::new().prefix(&prefix).tempfile_in(folder)?;
    begun.push(file.path().to_owned());
    Ok(file)
}

/// Removes the files in a folder whose names begin so.
pub fn remove_begun_with(prefix: &str, folder: &Path) {
    for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
        if entry.file_name().as_encoded_bytes().starts_with(prefix.as_bytes()) {
            let _ = fs::remove_file(entry.path());
        }
    }
}

/// A folder that is to become a result in this folder.
pub fn folder_in(folder: &Path) -> io::Result<TempDir> {
    let mut begun = begun();
    let made = TempDir::new_in(folder)?;
    begun.push(made.path().to_owned());
    Ok(made)
}

/// The signal's number beyond 128, as shells have it.
#[expect(clippy::exit, reason = "the thread that works cannot be asked to stop")]
fn leave(status: i32) {
    std::process::exit(status)
}

#[cfg(unix)]
fn stop_signal(runtime: &Runtime) -> io::Result<impl Future<Output = i32> + Send + 'static> {
    use tokio::signal::unix::{SignalKind, signal};
    let _inside = runtime.enter();
    let mut terminate = signal(SignalKind::terminate())?;
    let mut interrupt = signal(SignalKind::interrupt())?;
    Ok(async move {
        tokio::select! {
            _ = terminate.recv() => 128 + 15,
            _ = interrupt.recv() => 128 + 2,
        }
    })
}

#[cfg(not(unix))]
#[expect(clippy::unnecessary_wraps, reason = "as on Unix")]
fn stop_signal(_: &Runtime) -> io::Result<impl Future<Output = i32> + Send + 'static> {
    Ok(async {
        let _ = tokio::signal::ctrl_c().await;
        128 + 2
    })
}
