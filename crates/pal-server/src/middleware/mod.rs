//! What surrounds every request.

mod body;
mod envelope;
mod path;

pub use body::{Bounds, collect, drain, object};
pub use envelope::{RequestId, envelope, panicked};
pub use path::normalise;
