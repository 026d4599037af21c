//! The service as people will break it: processes killed, clients that hang up, clients that never
//! finish, bytes that mean two things, secrets and forged lines. Real processes, real sockets.
//!
//! Small by default. `PAL_KILLS`, `PAL_STORM`, `PAL_HISTORIES`, `PAL_SOAK` make it long; `PAL_SEED` makes it
//! another one. `cargo xtask test --slow` sets them.
#![cfg(unix)]
#![expect(clippy::print_stdout, reason = "what was measured is shown with --nocapture")]

mod daily;
mod date_ahead;
mod embedded;
mod hang_up;
mod kill;
mod linearizable_http;
mod log_lines;
mod owner;
mod secrets;
mod slow_clients;
mod smuggling;
mod soak;
mod story;
mod streams;
mod surroundings;
