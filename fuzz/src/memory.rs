//! How much memory a reader takes, measured by the allocator.
//!
//! libFuzzer looks at the resident size of the process once a second, so it does not see memory that is asked for and
//! given back at once, nor memory that is never written to. This allocator counts every byte that is asked for. It
//! does not see what C libraries ask for (`SQLite`, Zstandard, aws-lc); for those there is libFuzzer's limit.

use std::sync::{Mutex, PoisonError};

use peak_alloc::PeakAlloc;

#[global_allocator]
static ALLOCATOR: PeakAlloc = PeakAlloc;

/// The counter is one for the whole process, and tests run in several threads.
static MEASURED: Mutex<()> = Mutex::new(());

/// The most memory that a reader may hold at a time: a fixed part, for buffers and tables, and a part for each byte
/// of the input.
#[derive(Debug, Clone, Copy)]
pub struct Bound {
    /// In KiB.
    pub fixed: usize,
    /// In bytes for each byte of the input.
    pub each: usize,
}

impl Bound {
    /// Runs a reader over an input of so many bytes.
    ///
    /// # Panics
    /// The reader held more than it may.
    pub fn check(self, length: usize, read: impl FnOnce()) {
        let _one = MEASURED.lock().unwrap_or_else(PoisonError::into_inner);
        let before = ALLOCATOR.current_usage();
        ALLOCATOR.reset_peak_usage();
        read();
        let held = ALLOCATOR.peak_usage().saturating_sub(before);
        let most = self.fixed * 1_024 + self.each * length;
        assert!(
            held <= most,
            "the reader held {held} bytes for an input of {length}, and {most} are allowed"
        );
    }
}
