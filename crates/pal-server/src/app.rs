//! What every handler shares.

use std::sync::Arc;

use aws_lc_rs::rand::{SecureRandom, SystemRandom};
use pal_identity::Verifier;
use pal_issuer::{Issuer, Random};
use pal_model::{Guid, Instant, Principal};
use pal_store::{PartnerRules, SqliteOptions, Store};

use crate::authority::Authority;
use crate::limits::{Bounds, Limits};
use crate::live::Live;
use crate::metrics::Metrics;
use crate::seals::{PageSeal, Pseudonyms};
use crate::work::Workload;

/// Where the time comes from.
pub trait Clock: Send + Sync {
    fn now(&self) -> Instant;
}

/// The clock of the machine: the one place that reads it.
#[derive(Debug, Clone, Copy, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    #[expect(clippy::disallowed_methods, reason = "the one clock; everybody else is handed it")]
    fn now(&self) -> Instant {
        let now = jiff::Timestamp::now().as_nanosecond();
        Instant::from_nanoseconds(now).unwrap_or(Instant::MIN)
    }
}

/// How a store is opened by a program: with the machine's clock.
pub fn store_options() -> SqliteOptions {
    SqliteOptions { clock: Some(Arc::new(|| SystemClock.now())), ..SqliteOptions::default() }
}

#[derive(Default)]
pub struct SystemRandomness(SystemRandom);

impl SystemRandomness {
    /// The system's generator.
    pub fn new() -> Self {
        Self(SystemRandom::new())
    }
}

impl Random for SystemRandomness {
    fn fill(&self, bytes: &mut [u8]) {
        // AWS-LC's generator does not fail once it is seeded; a zero secret must never go out.
        assert!(self.0.fill(bytes).is_ok(), "the system has no randomness");
    }
}

pub struct App {
    pub store: Arc<dyn Store>,
    pub verifier: Arc<Verifier>,
    pub issuer: Option<Arc<Issuer>>,
    pub clock: Arc<dyn Clock>,
    /// Secrets and ids.
    pub random: Arc<dyn Random>,
    /// The public address, without a slash at the end. Never taken from a request (T31).
    pub base: String,
    /// Whether `base` is this machine only.
    pub loopback: bool,
    /// Where clients get tokens.
    pub authority: Authority,
    /// Which partner IDs may be linked.
    pub partners: PartnerRules,
    /// How much a caller may ask.
    pub limits: Limits,
    /// Who may read everything.
    pub operators: Vec<Principal>,
    /// Names of customers who show only their sum.
    pub pseudonyms: Pseudonyms,
    pub pages: PageSeal,
    pub facts_body: Bounds,
    /// The folder of the operator's own policies.
    pub policies: std::path::PathBuf,
    /// Most bytes of one upload of cost exports.
    pub max_upload_bytes: u64,
    /// Places for what keeps processors busy.
    pub work: Workload,
    pub metrics: Metrics,
    /// Facts and usage as they are now.
    pub live: Live,
}

impl App {
    pub fn now(&self) -> Instant {
        self.clock.now()
    }

    pub fn guid(&self) -> String {
        guid(self.random.as_ref())
    }
}

pub fn guid(random: &dyn Random) -> String {
    let mut bytes = [0; 16];
    random.fill(&mut bytes);
    Guid::from_random(u128::from_be_bytes(bytes)).to_string()
}
