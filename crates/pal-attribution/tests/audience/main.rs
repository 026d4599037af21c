//! What readers are told: never anything of others, and always the truth about their own.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on should stop")]

mod generated;
mod shown;
