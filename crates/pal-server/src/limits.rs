//! How much one caller may ask: ARM's hourly buckets, and a tighter one for link writes (T30).
//!
//! Buckets belong to the pair (tenant, object) and are measured on the monotonic clock, so that a
//! clock that jumps neither opens nor shuts them for hours.

use std::num::NonZeroU32;
use std::time::Duration;

use governor::clock::{Clock, DefaultClock};
use governor::middleware::StateInformationMiddleware;
use governor::state::keyed::DashMapStateStore;
use governor::{Quota, RateLimiter};
use pal_model::Principal;

type Buckets =
    RateLimiter<Principal, DashMapStateStore<Principal>, DefaultClock, StateInformationMiddleware>;

/// A read or a write, in ARM's counting.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Access {
    /// GET.
    Read,
    /// PUT, PATCH, DELETE.
    Write,
}

/// How many.
#[derive(Debug, Clone, Copy)]
pub struct Quotas {
    /// GET requests an hour.
    pub reads_per_hour: NonZeroU32,
    /// PUT, PATCH and DELETE requests an hour.
    pub writes_per_hour: NonZeroU32,
    /// Link changes a minute, and as many questions about partner IDs.
    pub link_writes_per_minute: NonZeroU32,
    /// Link changes a day, and as many questions about partner IDs.
    pub link_writes_per_day: NonZeroU32,
}

/// Bounds of a body.
#[derive(Debug, Clone, Copy)]
pub struct Bounds {
    /// Most bytes.
    pub bytes: usize,
    /// Longest time from head to end.
    pub time: Duration,
}

/// Too much: come back after this time.
#[derive(Debug, Clone, Copy)]
pub struct TooMany {
    /// When the next request will be taken, in seconds, at least 1.
    pub retry_after: u64,
}

/// The buckets.
pub struct Limits {
    clock: DefaultClock,
    reads: Buckets,
    writes: Buckets,
    link_writes: [Buckets; 2],
    lookups: [Buckets; 2],
}

impl Limits {
    /// Full buckets.
    pub fn new(quotas: Quotas) -> Self {
        let buckets = |quota| RateLimiter::keyed(quota).with_middleware();
        let few = || {
            let day = Duration::from_hours(24) / quotas.link_writes_per_day.get();
            let per_day =
                Quota::with_period(day).map(|q| q.allow_burst(quotas.link_writes_per_day));
            let per_minute = Quota::per_minute(quotas.link_writes_per_minute);
            [buckets(per_minute), buckets(per_day.unwrap_or(per_minute))]
        };
        Self {
            clock: DefaultClock::default(),
            reads: buckets(Quota::per_hour(quotas.reads_per_hour)),
            writes: buckets(Quota::per_hour(quotas.writes_per_hour)),
            link_writes: few(),
            lookups: few(),
        }
    }

    /// Takes one from the caller's bucket; how many are left.
    ///
    /// # Errors
    /// The bucket is empty.
    pub fn take(&self, caller: Principal, access: Access) -> Result<u32, TooMany> {
        let buckets = match access {
            Access::Read => &self.reads,
            Access::Write => &self.writes,
        };
        self.take_from(buckets, caller)
    }

    /// Takes one from the caller's link writes.
    ///
    /// # Errors
    /// A bucket is empty.
    pub fn take_link_write(&self, caller: Principal) -> Result<(), TooMany> {
        self.link_writes.iter().try_for_each(|buckets| self.take_from(buckets, caller).map(|_| ()))
    }

    /// Takes one from the caller's questions about partner IDs: an attempt to link tells no more.
    ///
    /// # Errors
    /// A bucket is empty.
    pub fn take_lookup(&self, caller: Principal) -> Result<(), TooMany> {
        self.lookups.iter().try_for_each(|buckets| self.take_from(buckets, caller).map(|_| ()))
    }

    fn take_from(&self, buckets: &Buckets, caller: Principal) -> Result<u32, TooMany> {
        match buckets.check_key(&caller) {
            Ok(left) => Ok(left.remaining_burst_capacity()),
            Err(not_until) => {
                let wait = not_until.wait_time_from(self.clock.now());
                Err(TooMany { retry_after: wait.as_secs() + 1 })
            }
        }
    }

    /// Forgets callers whose buckets are full again.
    pub fn forget_idle(&self) {
        let few = self.link_writes.iter().chain(&self.lookups);
        for buckets in [&self.reads, &self.writes].into_iter().chain(few) {
            buckets.retain_recent();
            buckets.shrink_to_fit();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn caller(object: u8) -> Principal {
        let guid = format!("c0750000-1000-4000-8000-0000000000{object:02}");
        Principal::new(
            "c0750000-0000-4000-8000-000000000000".parse().unwrap(),
            guid.parse().unwrap(),
        )
    }

    #[test]
    fn t30_link_writes_are_few_and_each_caller_has_its_own() {
        let few = |n| NonZeroU32::new(n).unwrap();
        let limits = Limits::new(Quotas {
            reads_per_hour: few(15_000),
            writes_per_hour: few(1_200),
            link_writes_per_minute: few(20),
            link_writes_per_day: few(200),
        });
        for _ in 0..20 {
            limits.take_link_write(caller(1)).unwrap();
        }
        let refused = limits.take_link_write(caller(1)).unwrap_err();
        assert!((1..=4).contains(&refused.retry_after), "{refused:?}");
        limits.take_link_write(caller(2)).unwrap();
        assert_eq!(limits.take(caller(1), Access::Read).unwrap(), 14_999);
        assert_eq!(limits.take(caller(1), Access::Write).unwrap(), 1_199);
    }
}
