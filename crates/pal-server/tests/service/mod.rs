//! The service as its callers see it, without a socket.

mod authorization;
mod busy;
mod chosen;
mod clients;
mod erased;
mod explain;
mod matrix;
mod metadata;
mod metrics;
mod new_enemy;
mod operators;
mod own_access;
mod pages;
mod privacy;
mod reports;
mod shared_facts;
mod sight;
pub mod support;
mod visible;
mod wire;
