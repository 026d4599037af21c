//! The tests of this crate. They are one program, which is built and linked once.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on should stop")]

mod conformance;
