//! A guard against ends that are none: who reads with fewer rights gets shorter lists, with status 200.

use std::collections::BTreeMap;
use std::fmt;

/// How many may be missing at once.
#[derive(Debug, Clone, Copy)]
pub struct Limit {
    /// More than this, in percent of what held, stop the import.
    pub percent: u32,
    /// Somebody looked: what is missing has ended.
    pub accepted: bool,
}

impl Default for Limit {
    fn default() -> Self {
        Self { percent: 20, accepted: false }
    }
}

/// Fewer than this are an ordinary day, however many that is in percent.
const FEW: usize = 5;
/// How many of a kind are written out.
const SHOWN: usize = 100;

#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Missing {
    /// How many held before this snapshot.
    pub held: usize,
    /// How many of them a log, a recycle bin or the service itself says ended.
    pub proven: usize,
    /// What is only missing, as it is shown.
    pub absent: Vec<String>,
}

impl Missing {
    fn is_too_much(&self, percent: u32) -> bool {
        let absent = self.absent.len();
        let share = absent as u128 * 100 > u128::from(percent) * self.held as u128;
        let all = absent >= 2 && absent + self.proven >= self.held;
        all || (absent >= FEW && share)
    }
}

/// More would end at once than is likely: the list of it, by kind.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub struct TooManyEnds {
    pub kinds: BTreeMap<String, Missing>,
    pub percent: u32,
}

/// Stops an import that would end too much.
pub fn check(kinds: &BTreeMap<String, Missing>, limit: Limit) -> Result<(), TooManyEnds> {
    let too_much = |missing: &Missing| !limit.accepted && missing.is_too_much(limit.percent);
    let kinds: BTreeMap<String, Missing> = (kinds.iter())
        .filter(|(_, missing)| too_much(missing))
        .map(|(kind, missing)| (kind.clone(), missing.clone()))
        .collect();
    if kinds.is_empty() { Ok(()) } else { Err(TooManyEnds { kinds, percent: limit.percent }) }
}

impl fmt::Display for TooManyEnds {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "too much is missing at once (all of a kind, or more than {} %), as it is when the reader \
             may see less than before; nothing was imported. If all of it has ended, import again \
             with --accept-ended. Missing:",
            self.percent
        )?;
        for (kind, Missing { held, absent, .. }) in &self.kinds {
            write!(f, "\n  {} of {held}: {kind}", absent.len())?;
            for what in absent.iter().take(SHOWN) {
                write!(f, "\n    {what}")?;
            }
            match absent.len().saturating_sub(SHOWN) {
                0 => {}
                more => write!(f, "\n    and {more} more")?,
            }
        }
        Ok(())
    }
}
