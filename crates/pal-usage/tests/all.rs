//! The tests of this crate. They are one program, which is built and linked once.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on should stop")]

mod charge_files;
mod delivered;
mod statements;
mod support;
#[path = "../../pal-attribution/tests/support/mod.rs"]
#[expect(dead_code, reason = "the tests of the rules use more of it")]
mod worlds;
