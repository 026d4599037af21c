//! A line on standard error that counts rows while a long reading lasts, or bytes on their way.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use indicatif::{ProgressBar, ProgressStyle};

use crate::printer::Printer;

#[derive(Clone, Copy)]
pub enum Of {
    /// Rows, of so many, if that is known.
    Rows(Option<u64>),
    Bytes(u64),
}

/// Runs `work` while the counter is shown, on a terminal only, and only after half a second.
pub fn counting<T>(printer: &Printer, rows: &AtomicU64, work: impl FnOnce() -> T) -> T {
    towards(printer, rows, Of::Rows(None), work)
}

/// The same, of something else, or with how many there will be.
pub fn towards<T>(printer: &Printer, count: &AtomicU64, of: Of, work: impl FnOnce() -> T) -> T {
    if !printer.progress() {
        return work();
    }
    let done = std::sync::Mutex::new(false);
    let finished = std::sync::Condvar::new();
    std::thread::scope(|scope| {
        scope.spawn(|| {
            let style = ProgressStyle::with_template(match of {
                Of::Rows(Some(_)) => {
                    "{spinner} {wide_bar} {human_pos} of {human_len} rows, {eta} left"
                }
                Of::Rows(None) => "{spinner} {human_pos} rows",
                Of::Bytes(_) => "{spinner} {wide_bar} {bytes} of {total_bytes} sent, {eta} left",
            });
            let mut bar: Option<ProgressBar> = None;
            let mut ended = done.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
            while !*ended {
                let wait = Duration::from_millis(if bar.is_none() { 500 } else { 100 });
                let (guard, timeout) = finished
                    .wait_timeout(ended, wait)
                    .unwrap_or_else(std::sync::PoisonError::into_inner);
                ended = guard;
                if timeout.timed_out() {
                    // Hidden by itself when standard error is no terminal.
                    let bar = bar.get_or_insert_with(|| match of {
                        Of::Rows(Some(all)) | Of::Bytes(all) => ProgressBar::new(all),
                        Of::Rows(None) => ProgressBar::new_spinner(),
                    });
                    if let Ok(style) = &style {
                        bar.set_style(style.clone());
                    }
                    bar.set_position(count.load(Ordering::Relaxed));
                    bar.tick();
                }
            }
            if let Some(bar) = bar {
                bar.finish_and_clear();
            }
        });
        let result = work();
        *done.lock().unwrap_or_else(std::sync::PoisonError::into_inner) = true;
        finished.notify_all();
        result
    })
}
