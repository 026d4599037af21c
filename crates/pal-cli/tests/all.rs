//! The tests of this crate. They are one program, which is built and linked once.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on should stop")]

mod attest;
#[cfg(unix)]
mod backup;
mod careful;
#[cfg(unix)]
mod chaos;
mod client;
#[cfg(unix)]
#[path = "../../pal-attribution/tests/support/columns.rs"]
#[expect(dead_code, reason = "the tests of the readers use more of it")]
mod columns;
mod credential;
mod docs;
mod doctor;
#[cfg(unix)]
mod erase;
mod reads;
mod refusals;
mod reproducible;
mod snapshot;
mod support;
#[cfg(unix)]
#[path = "../../pal-attribution/tests/support/table.rs"]
mod table;
#[cfg(unix)]
mod usage;
mod welcome;
