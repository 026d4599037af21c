//! The row loop of one thread: codes in, pre-groups out.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use pal_model::{ChargeTraits, Interval};

use super::names::Names;
use super::resolve::{Head, Resolver};
use super::table::{AddError, Dim, Groups, Key};
use crate::ingest::{Batch, Codes, NONE};

/// What the rows are grouped by.
#[derive(Debug, Clone)]
pub(super) struct Grouping {
    /// The dimensions asked for.
    pub dims: [bool; Dim::COUNT],
    /// Group by balance line instead of outcome.
    pub balance: bool,
    /// Count only charges that start in this month.
    pub month: Option<(i16, i8)>,
    /// Exclusion code (from 1) of each combination of traits; 0 = consumed.
    pub exclusions: Vec<u8>,
}

/// Bits of a packed month and currency that are the currency's.
pub(super) const CURRENCY_BITS: u32 = 14;

/// Months are counted from here: in 18 bits they reach from the year −9999 to 9999.
const MONTH_ZERO: i32 = 10_000 * 12;

/// A month as a small number.
pub(super) fn month_code((year, month): (i16, i8)) -> u32 {
    (i32::from(year) * 12 + i32::from(month) - 1 + MONTH_ZERO) as u32
}

/// The month behind a code, `YYYY-MM`.
pub(super) fn month_text(code: u32) -> String {
    let months = code as i32 - MONTH_ZERO;
    format!("{:04}-{:02}", months.div_euclid(12), months.rem_euclid(12) + 1)
}

/// Balance lines as codes: exclusions from 1, then these.
pub(super) const CREDITED: u32 = 100;
/// First code of the reasons why nobody is credited.
pub(super) const UNCREDITED: u32 = 101;

/// One thread's state. It copies what it has asked of the shared resolver.
pub(super) struct Kernel<'k, 'a> {
    grouping: &'k Grouping,
    codes: &'k Codes,
    resolver: &'k Mutex<Resolver<'a>>,
    names: &'k Mutex<Names<'a>>,
    pub groups: Groups,
    periods: Vec<(Interval, u32)>,
    heads: Vec<Option<Head>>,
    bare_heads: HashMap<(u32, u32), Head>,
    /// Outcome by class, then period.
    outcomes: Vec<Vec<u32>>,
    /// Balance line by outcome.
    lines: Vec<u32>,
    subscription_names: HashMap<(u32, u32), u32>,
}

const UNASKED: u32 = u32::MAX;

impl<'k, 'a> Kernel<'k, 'a> {
    pub fn new(
        grouping: &'k Grouping,
        codes: &'k Codes,
        resolver: &'k Mutex<Resolver<'a>>,
        names: &'k Mutex<Names<'a>>,
        limit: usize,
    ) -> Self {
        Self {
            grouping,
            codes,
            resolver,
            names,
            groups: Groups::new(limit),
            periods: Vec::new(),
            heads: Vec::new(),
            bare_heads: HashMap::new(),
            outcomes: Vec::new(),
            lines: Vec::new(),
            subscription_names: HashMap::new(),
        }
    }

    /// Adds the rows of a batch.
    pub fn add(&mut self, batch: &Batch) -> Result<(), AddError> {
        let asked = self.grouping.month.map(month_code);
        let known = self.codes.periods.since(self.periods.len());
        self.periods.extend(known.into_iter().map(|p| (p, month_code(p.from().month()))));
        if batch.currency.iter().any(|code| *code >= 1 << CURRENCY_BITS) {
            return Err(AddError::Currencies);
        }
        for row in 0..batch.len() {
            let month = self.periods[batch.period[row] as usize].1;
            if asked.is_some_and(|asked| asked != month) {
                continue;
            }
            if let Some(key) = self.key(batch, row, month) {
                self.groups.add(&key, batch.cost[row])?;
            }
        }
        Ok(())
    }

    /// The group of a row; `None` = the row does not show in this report.
    fn key(&mut self, batch: &Batch, row: usize, month: u32) -> Option<Key> {
        let mut key = Key::default();
        key[Dim::MonthCurrency as usize] = month << CURRENCY_BITS | batch.currency[row];
        let excluded = self.grouping.exclusions[traits_index(batch.traits[row])];
        if excluded != 0 {
            key[Dim::Outcome as usize] = u32::from(excluded);
            return self.grouping.balance.then_some(key);
        }
        let (resource, period) = (batch.resource[row], batch.period[row]);
        let billed = (batch.group[row], batch.subscription[row]);
        let head = self.head(resource, billed.0, billed.1);
        let (outcome, line) = self.outcome(head.class, period);
        if self.grouping.balance {
            key[Dim::Outcome as usize] = line;
            return Some(key);
        }
        if line != CREDITED {
            return None;
        }
        let dims = self.grouping.dims;
        key[Dim::Outcome as usize] = outcome;
        let subscription = if billed.1 == NONE { head.subscription } else { billed.1 };
        if dims[Dim::Subscription as usize] {
            key[Dim::Subscription as usize] = subscription;
        }
        if dims[Dim::SubscriptionName as usize] {
            key[Dim::SubscriptionName as usize] = self.subscription_name(subscription, period);
        }
        if dims[Dim::Group as usize] {
            key[Dim::Group as usize] = if billed.0 == NONE { head.group } else { billed.0 };
        }
        if dims[Dim::Resource as usize] {
            key[Dim::Resource as usize] = resource;
        }
        if dims[Dim::Category as usize] {
            key[Dim::Category as usize] = batch.category[row];
        }
        if dims[Dim::Service as usize] {
            key[Dim::Service as usize] = batch.service[row];
        }
        Some(key)
    }

    fn head(&mut self, resource: u32, group: u32, subscription: u32) -> Head {
        if resource == NONE {
            let resolver = self.resolver;
            return *self.bare_heads.entry((group, subscription)).or_insert_with(|| {
                lock(resolver).head(NONE, group, subscription)
            });
        }
        let at = resource as usize;
        if let Some(Some(head)) = self.heads.get(at) {
            return *head;
        }
        if self.heads.len() <= at {
            self.heads.resize((at + 1).next_power_of_two(), None);
        }
        let head = lock(self.resolver).head(resource, NONE, NONE);
        self.heads[at] = Some(head);
        head
    }

    /// Outcome and balance line.
    fn outcome(&mut self, class: u32, period: u32) -> (u32, u32) {
        let (class_at, period_at) = (class as usize, period as usize);
        let known = self.outcomes.get(class_at).and_then(|list| list.get(period_at));
        match known {
            Some(&known) if known != UNASKED => return (known, self.lines[known as usize]),
            _ => {}
        }
        if self.outcomes.len() <= class_at {
            self.outcomes.resize(class_at + 1, Vec::new());
        }
        if self.outcomes[class_at].len() <= period_at {
            self.outcomes[class_at].resize(self.periods.len(), UNASKED);
        }
        let mut resolver = lock(self.resolver);
        let outcome = resolver.outcome(class, self.periods[period_at].0);
        let fresh = resolver.outcomes()[self.lines.len()..].iter();
        self.lines.extend(fresh.map(|o| o.reason.map_or(CREDITED, |r| UNCREDITED + r as u32)));
        self.outcomes[class_at][period_at] = outcome;
        (outcome, self.lines[outcome as usize])
    }

    fn subscription_name(&mut self, subscription: u32, period: u32) -> u32 {
        let start = self.periods[period as usize].0.from();
        let names = self.names;
        *self
            .subscription_names
            .entry((subscription, period))
            .or_insert_with(|| lock(names).subscription(subscription, start))
    }
}

/// Traits as an index: the ten exclusion bits and the correction bit, which never excludes.
fn traits_index(traits: ChargeTraits) -> usize {
    traits.exclusion_bits() as usize
}

pub(super) fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn months_pack_and_print() {
        assert_eq!(month_text(month_code((2026, 10))), "2026-10");
        assert_eq!(month_text(month_code((1, 1))), "0001-01");
        assert!(month_code((9999, 12)) < 1 << (32 - CURRENCY_BITS));
    }
}
