//! The tests of this crate, but for the scenarios: those have a test for each file. They are one program, which is built and linked once.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on should stop")]

mod alerts;
mod audience;
mod causes;
mod damaged;
mod differential;
mod explained;
mod formats;
mod holdings;
mod metamorphic;
mod nested;
mod shares;
mod snapshot;
mod support;
mod unjudged;
mod view;
