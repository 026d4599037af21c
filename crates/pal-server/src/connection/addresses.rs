//! Who is at the other end: places and anonymous requests, by address.

use std::collections::HashMap;
use std::net::{IpAddr, Ipv6Addr};
use std::num::NonZeroU32;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use axum::http::{HeaderMap, HeaderName, header};
use governor::clock::{Clock, DefaultClock};
use governor::state::keyed::DashMapStateStore;
use governor::{Quota, RateLimiter};

use crate::limits::TooMany;

const FORWARDED_FOR: HeaderName = HeaderName::from_static("x-forwarded-for");

/// Connections by address.
pub struct Addresses {
    most: usize,
    proxies: Vec<IpAddr>,
    open: Mutex<HashMap<IpAddr, usize>>,
}

/// A connection of an address, counted until it is dropped.
pub struct CountedConnection {
    of: Arc<Addresses>,
    address: Option<IpAddr>,
}

impl Addresses {
    /// At most so many each; those of trusted proxies, which connect for others, are not counted.
    pub fn new(most: usize, proxies: Vec<IpAddr>) -> Arc<Self> {
        Arc::new(Self { most, proxies, open: Mutex::default() })
    }

    /// `None` = the address has as many as it may have.
    pub fn open(self: &Arc<Self>, address: IpAddr) -> Option<CountedConnection> {
        if self.is_proxy(address) {
            return Some(CountedConnection { of: self.clone(), address: None });
        }
        let address = network(address);
        let mut open = self.state();
        let count = open.entry(address).or_default();
        if *count >= self.most {
            return None;
        }
        *count += 1;
        Some(CountedConnection { of: self.clone(), address: Some(address) })
    }

    fn state(&self) -> MutexGuard<'_, HashMap<IpAddr, usize>> {
        self.open.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn is_proxy(&self, address: IpAddr) -> bool {
        self.proxies.contains(&address.to_canonical())
    }

    /// Whose request it is: the other end, or whom a trusted proxy says it is for. Of what a client
    /// itself wrote into the header nothing is believed: the last entry is the proxy's.
    pub fn client(&self, peer: IpAddr, headers: &HeaderMap) -> IpAddr {
        let mut address = peer;
        let lines: Vec<&str> =
            headers.get_all(FORWARDED_FOR).iter().filter_map(|line| line.to_str().ok()).collect();
        let mut entries = lines.iter().rev().flat_map(|line| line.rsplit(','));
        while self.is_proxy(address) {
            let next = entries.next().and_then(|entry| entry.trim().parse().ok());
            let Some(next) = next else { break };
            address = next;
        }
        network(address)
    }
}

impl Drop for CountedConnection {
    fn drop(&mut self) {
        let Some(address) = self.address else { return };
        let mut open = self.of.state();
        if let Some(count) = open.get_mut(&address) {
            *count -= 1;
            if *count == 0 {
                open.remove(&address);
            }
        }
    }
}

/// An address, or the network of 64 bits that one client has of IPv6.
fn network(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V6(address) => {
            let [a, b, c, d, ..] = address.segments();
            Ipv6Addr::new(a, b, c, d, 0, 0, 0, 0).into()
        }
        address @ IpAddr::V4(_) => address,
    }
}

/// Requests of nobody known, by address.
pub struct AnonymousLimiter {
    clock: DefaultClock,
    buckets: RateLimiter<IpAddr, DashMapStateStore<IpAddr>, DefaultClock>,
}

impl AnonymousLimiter {
    pub fn new(per_minute: NonZeroU32) -> Arc<Self> {
        let buckets = RateLimiter::keyed(Quota::per_minute(per_minute));
        Arc::new(Self { clock: DefaultClock::default(), buckets })
    }

    /// Takes one from the address's bucket if a request brings neither a token nor a session.
    ///
    /// # Errors
    /// The bucket is empty.
    pub fn take(&self, address: IpAddr, headers: &HeaderMap) -> Result<(), TooMany> {
        if headers.contains_key(header::AUTHORIZATION) || headers.contains_key(header::COOKIE) {
            return Ok(());
        }
        self.buckets.check_key(&address).map_err(|not_until| {
            let wait = not_until.wait_time_from(self.clock.now());
            TooMany { retry_after: wait.as_secs() + 1 }
        })
    }

    /// Forgets addresses whose buckets are full again.
    pub fn forget_idle(&self) {
        self.buckets.retain_recent();
        self.buckets.shrink_to_fit();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> IpAddr {
        text.parse().unwrap()
    }

    fn forwarded(lines: &[&str]) -> HeaderMap {
        lines.iter().map(|line| (FORWARDED_FOR, line.parse().unwrap())).collect()
    }

    #[test]
    fn an_address_has_so_many_connections_and_a_proxy_any_number() {
        let addresses = Addresses::new(2, vec![at("10.0.0.1")]);
        let one = addresses.open(at("192.0.2.7")).unwrap();
        let _other = addresses.open(at("::ffff:192.0.2.7")).unwrap();
        assert!(addresses.open(at("192.0.2.7")).is_none());
        assert!(addresses.open(at("192.0.2.8")).is_some());
        drop(one);
        let again = addresses.open(at("192.0.2.7")).unwrap();
        let proxied: Vec<_> = (0..9).filter_map(|_| addresses.open(at("10.0.0.1"))).collect();
        assert_eq!(proxied.len(), 9);
        // One client has a whole network of IPv6.
        let _one = addresses.open(at("2001:db8::1")).unwrap();
        let _other = addresses.open(at("2001:db8::2")).unwrap();
        assert!(addresses.open(at("2001:db8::3")).is_none());
        drop(again);
        assert!(!addresses.state().contains_key(&at("192.0.2.8")), "kept for ever");
    }

    #[test]
    fn only_a_trusted_proxy_says_whom_it_asks_for() {
        let addresses = Addresses::new(1, vec![at("10.0.0.1"), at("10.0.0.2")]);
        let client = |peer: &str, lines: &[&str]| addresses.client(at(peer), &forwarded(lines));
        assert_eq!(client("192.0.2.7", &["198.51.100.1"]), at("192.0.2.7"));
        assert_eq!(client("10.0.0.1", &["198.51.100.1"]), at("198.51.100.1"));
        // What the client itself wrote stands before what the proxy wrote.
        assert_eq!(client("10.0.0.1", &["203.0.113.9, 198.51.100.1"]), at("198.51.100.1"));
        assert_eq!(client("10.0.0.1", &["203.0.113.9", "198.51.100.1"]), at("198.51.100.1"));
        assert_eq!(client("10.0.0.1", &["198.51.100.1, 10.0.0.2"]), at("198.51.100.1"));
        assert_eq!(client("10.0.0.1", &["nonsense"]), at("10.0.0.1"));
        assert_eq!(client("10.0.0.1", &[]), at("10.0.0.1"));
    }

    #[test]
    fn strangers_share_no_bucket_and_those_who_sign_in_need_none() {
        let anonymous = AnonymousLimiter::new(NonZeroU32::new(2).unwrap());
        let nobody = HeaderMap::new();
        for _ in 0..2 {
            anonymous.take(at("192.0.2.7"), &nobody).unwrap();
        }
        let refused = anonymous.take(at("192.0.2.7"), &nobody).unwrap_err();
        assert!((1..=31).contains(&refused.retry_after));
        anonymous.take(at("192.0.2.8"), &nobody).unwrap();
        let signed: HeaderMap =
            [(header::AUTHORIZATION, "Bearer x".parse().unwrap())].into_iter().collect();
        anonymous.take(at("192.0.2.7"), &signed).unwrap();
    }
}
