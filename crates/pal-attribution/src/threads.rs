//! Work on several threads.

use std::thread::{Builder, ScopedJoinHandle};

/// Does `work` on so many threads and gives back what each of them made. One of them is the caller's own:
/// where the system gives fewer than were asked for, the others do it all.
pub(crate) fn on_threads<T: Send>(threads: usize, work: impl Fn() -> T + Sync) -> Vec<T> {
    std::thread::scope(|scope| {
        let more = (1..threads).map_while(|_| Builder::new().spawn_scoped(scope, &work).ok());
        let more: Vec<ScopedJoinHandle<'_, T>> = more.collect();
        let mut done = vec![work()];
        for thread in more {
            match thread.join() {
                Ok(made) => done.push(made),
                Err(panic) => std::panic::resume_unwind(panic),
            }
        }
        done
    })
}
