//! Damaged files can make the decoder of a library panic: that is the file's fault, and refused as such.

use std::cell::Cell;
use std::panic::{AssertUnwindSafe, catch_unwind};

use super::{IngestError, Part};

thread_local! {
    static DECODING: Cell<bool> = const { Cell::new(false) };
}

/// Whether this thread is inside the decoder of somebody's file: a panic there is told as the file's
/// damage, and needs no message of its own.
pub fn is_decoding() -> bool {
    DECODING.get()
}

pub(super) fn decoding<T>(decode: impl FnOnce() -> T) -> T {
    DECODING.set(true);
    let decoded = decode();
    DECODING.set(false);
    decoded
}

pub(super) fn guarded<T>(
    part: &Part,
    open: impl FnOnce() -> Result<T, IngestError>,
) -> Result<T, IngestError> {
    let opened = catch_unwind(AssertUnwindSafe(open));
    DECODING.set(false);
    opened.unwrap_or_else(|_| Err(damaged(part)))
}

pub(super) fn damaged(part: &Part) -> IngestError {
    IngestError::File { file: part.name.clone(), reason: "its data is damaged".to_owned() }
}
