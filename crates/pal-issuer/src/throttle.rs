//! Wrong credentials cost time: the next try of the same name, or from the same address, must wait
//! longer with each failure (T51).

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use pal_model::Instant;

const FREE_NAME: u32 = 5;
const FREE_ADDRESS: u32 = 50;
/// Longest pause in seconds.
const LONGEST: i64 = 300;
const FORGET: i64 = 3_600;
/// Most names remembered.
const MOST: usize = 100_000;

#[derive(Default)]
pub struct Throttle(Mutex<HashMap<[u8; 32], Failures>>);

#[derive(Clone, Copy)]
struct Failures {
    count: u32,
    last: i64,
}

impl Failures {
    fn pause(self, free: u32) -> i64 {
        let over = self.count.saturating_sub(free);
        if over == 0 { 0 } else { (1i64 << over.min(16)).min(LONGEST) }
    }
}

/// What a try is counted under: hashes, so that a name is not kept, and takes no more room than
/// another.
pub struct Keys {
    pub name: [u8; 32],
    pub address: [u8; 32],
}

impl Throttle {
    /// How long to wait before the next try, in seconds.
    pub fn wait(&self, keys: &Keys, now: Instant) -> Option<u64> {
        let now = now.unix_seconds();
        let known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let left = |key: &[u8; 32], free: u32| {
            let failures = known.get(key)?;
            let left = failures.last + failures.pause(free) - now;
            // A clock that went back must not lock anybody out for longer than the pause.
            (1..=LONGEST).contains(&left).then_some(left.unsigned_abs())
        };
        left(&keys.name, FREE_NAME).max(left(&keys.address, FREE_ADDRESS))
    }

    pub fn failed(&self, keys: &Keys, now: Instant) {
        let now = now.unix_seconds();
        let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if known.len() >= MOST {
            known.retain(|_, failures| now - failures.last < FORGET);
        }
        for key in [keys.name, keys.address] {
            let failures = known.entry(key).or_insert(Failures { count: 0, last: now });
            if now - failures.last >= FORGET {
                failures.count = 0;
            }
            failures.count += 1;
            failures.last = now;
        }
    }

    pub fn succeeded(&self, keys: &Keys) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).remove(&keys.name);
    }
}
