//! Randomness comes from the caller, so that tests can repeat it.

/// A source of random bytes fit for secrets.
pub trait Random: Send + Sync {
    fn fill(&self, bytes: &mut [u8]);
}
