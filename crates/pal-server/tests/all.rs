//! The tests of this crate. They are one program, which is built and linked once.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on should stop")]

mod config_page;
mod issuer;
#[cfg(feature = "object-store")]
mod object_store;
mod openapi;
mod portal;
mod service;
mod setup;
mod support;
