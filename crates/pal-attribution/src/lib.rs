//! Who is credited with which usage, and why.

pub mod access;
pub mod alerts;
pub mod answer;
pub mod engine;
pub mod explain;
pub mod ingest;
pub mod output;
pub mod policy;
pub mod reference;
pub mod reliance;
pub mod roles;
pub mod snapshot;
mod threads;

pub use access::fingerprint;
