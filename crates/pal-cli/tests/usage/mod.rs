//! Usage through the real program: that it counts once, that what counted stays what it was, that it
//! is taken in by itself, and that hostile files cost nobody but their sender.
//!
//! Small by default. `PAL_KILLS` kills more imports, over larger files; `PAL_BOMBS` sends the bombs
//! that take a minute; `PAL_STORIES` plays more stories; `PAL_SEED` makes it another run.
//! `cargo xtask test --slow` sets them.
#![cfg(unix)]
#![expect(clippy::print_stdout, reason = "what was measured is shown with --nocapture")]

mod agreed;
mod configured;
mod counted;
mod hostile;
mod idempotent;
mod kept;
mod killed;
mod overlap;
mod reproducible;
mod restated;
mod stories;
pub mod upload;
mod watched;
pub mod world;
