//! Connections: how many there are, whose they are, and that each of them gets somewhere.
//!
//! # The idea
//!
//! A connection costs memory and a place, whether its client does anything or not. So places are counted,
//! in all and for each address, before a handshake is paid for (T62). And each connection must get on:
//!
//! - While no request is under way, the next one has to come within `http.header_seconds`. What is no
//!   request does not count: not the first bytes of one, and no PING of HTTP/2.
//! - While an answer waits to be taken, its client has to take a piece of it within `http.body_seconds`. A
//!   client of HTTP/2 that opens no window, or one of HTTP/1.1 that does not read, takes none.
//! - While more than 256 KiB of answers wait for a client, its next requests are not begun.
//!
//! Whoever does not get on loses the connection. Answers that take long to make are not the client's
//! fault: while one is made, nothing is measured here.

mod accept;
mod addresses;
mod error_form;
mod heads;
mod progress;
mod service;
mod stream;

pub use accept::{ConnectionLimiter, MonitoringAcceptor};
pub use addresses::{Addresses, AnonymousLimiter};
pub use heads::HEADERS;
pub use progress::ClientTimeouts;
#[cfg(feature = "fuzzing")]
pub use progress::Progress;
#[cfg(feature = "fuzzing")]
pub use {service::RequestGuard, stream::MonitoredStream};
