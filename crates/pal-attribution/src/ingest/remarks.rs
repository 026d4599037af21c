//! What people should know of the rows that were read, although nothing is wrong with them.

use std::fmt;
use std::ops::{Add, AddAssign};
use std::sync::atomic::{AtomicU64, Ordering};

use serde::{Deserialize, Serialize};

/// How many rows there is something to say of.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Remarks {
    /// Amounts with more than 18 fraction digits, rounded once.
    pub rounded: u64,
    /// Rows of actual exports that a reservation or savings plan priced: counted as billed.
    pub billed_commitments: u64,
}

impl Add for Remarks {
    type Output = Self;

    fn add(self, other: Self) -> Self {
        Self {
            rounded: self.rounded.saturating_add(other.rounded),
            billed_commitments: self.billed_commitments.saturating_add(other.billed_commitments),
        }
    }
}

impl AddAssign for Remarks {
    fn add_assign(&mut self, other: Self) {
        *self = *self + other;
    }
}

impl Remarks {
    /// What to tell people, a sentence for each thing there is to say.
    pub fn sentences(self) -> Vec<String> {
        let rounded = (self.rounded > 0).then(|| {
            format!(
                "{} with more than 18 fraction digits, each rounded once",
                amounts(self.rounded)
            )
        });
        let billed = (self.billed_commitments > 0).then(|| {
            format!(
                "{} that a reservation or savings plan priced, counted as billed: this is an export \
                 of actual cost; give an amortized or FOCUS export to count the effective cost",
                rows(self.billed_commitments)
            )
        });
        rounded.into_iter().chain(billed).collect()
    }
}

impl fmt::Display for Remarks {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.sentences().join("; "))
    }
}

fn amounts(count: u64) -> String {
    if count == 1 { "1 amount".to_owned() } else { format!("{count} amounts") }
}

fn rows(count: u64) -> String {
    if count == 1 { "1 row".to_owned() } else { format!("{count} rows") }
}

/// Remarks that threads make while they read.
#[derive(Debug, Default)]
pub struct Remarked {
    rounded: AtomicU64,
    billed_commitments: AtomicU64,
}

impl Remarked {
    pub fn so_far(&self) -> Remarks {
        Remarks {
            rounded: self.rounded.load(Ordering::Relaxed),
            billed_commitments: self.billed_commitments.load(Ordering::Relaxed),
        }
    }

    pub fn add(&self, more: Remarks) {
        if more.rounded > 0 {
            self.rounded.fetch_add(more.rounded, Ordering::Relaxed);
        }
        if more.billed_commitments > 0 {
            self.billed_commitments.fetch_add(more.billed_commitments, Ordering::Relaxed);
        }
    }
}
