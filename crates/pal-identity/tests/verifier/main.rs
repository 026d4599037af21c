//! Who is believed: good tokens, more than a hundred forged ones, keys that come and go.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on should stop")]

mod forged;
mod good;
mod id_tokens;
mod keys;
mod support;
