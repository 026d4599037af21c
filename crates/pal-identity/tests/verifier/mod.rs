//! Who is believed: good tokens, more than a hundred forged ones, keys that come and go.

mod forged;
mod good;
mod id_tokens;
mod keys;
mod support;
