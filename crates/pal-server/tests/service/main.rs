//! The service as its callers see it, without a socket.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on should stop")]

mod authorization;
mod chosen;
mod clients;
mod explain;
mod matrix;
mod metadata;
mod new_enemy;
mod operators;
mod own_access;
mod pages;
mod privacy;
mod reports;
mod sight;
mod support;
mod visible;
mod wire;
