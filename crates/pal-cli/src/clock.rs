//! The clock of the client: tokens end.

/// Seconds since 1970.
#[expect(clippy::disallowed_methods, reason = "the client's one clock")]
pub fn now() -> i64 {
    jiff::Timestamp::now().as_second()
}
