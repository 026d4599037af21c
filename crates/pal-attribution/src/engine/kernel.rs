//! The row loop of one thread: codes in, pre-groups out.

use std::ops::RangeInclusive;
use std::sync::{Arc, Mutex};

use hashbrown::HashMap;
use pal_model::{ChargeTraits, Interval, Months};

use super::lock;
use super::names::Names;
use super::resolve::{Class, Head, Resolver};
use super::table::{AddError, Dim, Groups, Key};
use crate::access::Outcome;
use crate::ingest::{Batch, Codes, NONE};

#[derive(Debug, Clone)]
pub(super) struct Grouping {
    pub dims: [bool; Dim::COUNT],
    /// Group by balance line instead of outcome.
    pub balance: bool,
    /// Count only charges that start in these months.
    pub months: Option<Months>,
    /// Exclusion code (from 1) of each combination of traits; 0 = consumed.
    pub exclusions: Vec<u8>,
}

/// Bits of a packed month and currency that are the currency's.
pub(super) const CURRENCY_BITS: u32 = 14;

/// Months are counted from here: in 18 bits they reach from the year −9999 to 9999.
const MONTH_ZERO: i32 = 10_000 * 12;

pub(super) fn month_code((year, month): (i16, i8)) -> u32 {
    (i32::from(year) * 12 + i32::from(month) - 1 + MONTH_ZERO) as u32
}

/// The month behind a code.
pub(super) fn month_of(code: u32) -> (i16, i8) {
    let months = code.cast_signed() - MONTH_ZERO;
    (months.div_euclid(12) as i16, months.rem_euclid(12) as i8 + 1)
}

/// The month behind a code, `YYYY-MM`.
pub(super) fn month_text(code: u32) -> String {
    let (year, month) = month_of(code);
    format!("{year:04}-{month:02}")
}

/// Balance lines as codes: exclusions from 1, then these.
pub(super) const CREDITED: u32 = 100;
/// First code of the reasons why nobody is credited.
pub(super) const UNCREDITED: u32 = 101;

/// One thread's state. It copies what it has asked of the shared resolver.
pub(super) struct Kernel<'k, 'a> {
    grouping: &'k Grouping,
    codes: &'k Codes,
    resolver: &'k Resolver<'a>,
    names: &'k Mutex<Names<'a>>,
    pub groups: Groups,
    keys: Vec<(Key, i128)>,
    /// Periods, each with the code of its month.
    periods: Vec<(Interval, u32)>,
    /// Periods in order of their starts.
    by_start: Vec<u32>,
    classes: Vec<u32>,
    /// Heads by resource: what is needed of them less often.
    heads: Vec<Head>,
    bare_heads: HashMap<(u32, u32), Head>,
    /// Classes, each with the stretch of time asked for last and its outcome.
    class_data: Vec<Option<LastStretch>>,
    /// Outcome by period, then class: rows of a period often come together.
    outcomes: Vec<Vec<u32>>,
    /// Room left for `outcomes`; hourly exports of large estates need more than is good for them.
    room: usize,
    /// Outcome by class and period, once the room is used up.
    sparse: HashMap<(u32, u32), u32>,
    /// Balance line by outcome.
    lines: Vec<u32>,
    /// Whether a deny is left open, by outcome.
    leaves_open: Vec<bool>,
    /// The outcome of the row looked at last, if a balance is made.
    last: u32,
    subscription_names: HashMap<(u32, u32), u32>,
}

/// A class, and what was found of it last: the next period often lies in the same stretch.
type LastStretch = (Arc<Class>, Option<(Interval, u32)>);

const UNASKED: u32 = u32::MAX;

/// Most outcomes a thread keeps in tables by period and class: 64 MiB.
const DENSE_OUTCOMES: usize = 16 << 20;

impl<'k, 'a> Kernel<'k, 'a> {
    pub fn new(
        grouping: &'k Grouping,
        codes: &'k Codes,
        resolver: &'k Resolver<'a>,
        names: &'k Mutex<Names<'a>>,
        limit: usize,
    ) -> Self {
        Self {
            grouping,
            codes,
            resolver,
            names,
            groups: Groups::new(limit),
            keys: Vec::new(),
            periods: Vec::new(),
            by_start: Vec::new(),
            classes: Vec::new(),
            heads: Vec::new(),
            bare_heads: HashMap::new(),
            class_data: Vec::new(),
            outcomes: Vec::new(),
            room: DENSE_OUTCOMES,
            sparse: HashMap::new(),
            lines: Vec::new(),
            leaves_open: Vec::new(),
            last: Resolver::UNKNOWN,
            subscription_names: HashMap::new(),
        }
    }

    pub fn add(&mut self, batch: &Batch) -> Result<(), AddError> {
        self.prepare(batch)?;
        let asked = self.asked_months();
        // Keys first, groups after: look-ups that do not wait for each other overlap.
        let mut keys = std::mem::take(&mut self.keys);
        for row in 0..batch.len() {
            let month = self.month(batch, row);
            if !asked.contains(&month) {
                continue;
            }
            keys.extend(self.key(batch, row, month).map(|key| (key, batch.cost[row])));
        }
        let added = keys.drain(..).try_for_each(|(key, cost)| self.groups.add(&key, cost));
        self.keys = keys;
        added
    }

    /// Learns what is new in a batch, before its rows are looked at.
    pub fn prepare(&mut self, batch: &Batch) -> Result<(), AddError> {
        let known = self.codes.periods.since(self.periods.len());
        self.periods.extend(known.into_iter().map(|p| (p, month_code(p.from().month()))));
        if self.outcomes.len() < self.periods.len() {
            self.outcomes.resize(self.periods.len(), Vec::new());
            self.by_start = (0..self.periods.len() as u32).collect();
            self.by_start.sort_by_key(|&period| self.periods[period as usize].0.from());
        }
        if batch.currency.iter().any(|code| *code >= 1 << CURRENCY_BITS) {
            return Err(AddError::Currencies);
        }
        Ok(())
    }

    /// The codes of the months asked for.
    pub fn asked_months(&self) -> RangeInclusive<u32> {
        let codes = |months: Months| month_code(months.first())..=month_code(months.last());
        self.grouping.months.map_or(0..=u32::MAX, codes)
    }

    /// The code of a row's month.
    pub fn month(&self, batch: &Batch, row: usize) -> u32 {
        self.periods[batch.period[row] as usize].1
    }

    /// The code of the subscription that a row's resource is in; `None` = the row is excluded, and
    /// nobody asks.
    pub fn located(&mut self, batch: &Batch, row: usize) -> Option<u32> {
        if self.grouping.exclusions[traits_index(batch.traits[row])] != 0 {
            return None;
        }
        let (resource, billed) = (batch.resource[row], (batch.group[row], batch.subscription[row]));
        self.class(resource, billed);
        Some(self.head(resource, billed).subscription)
    }

    /// The group of a row; `None` = the row does not show in this report.
    #[expect(
        clippy::inline_always,
        reason = "two row loops: a call for each row costs 4 % of a report"
    )]
    #[inline(always)]
    pub fn key(&mut self, batch: &Batch, row: usize, month: u32) -> Option<Key> {
        let mut key = Key::default();
        key[Dim::MonthCurrency as usize] = month << CURRENCY_BITS | batch.currency[row];
        let excluded = self.grouping.exclusions[traits_index(batch.traits[row])];
        if excluded != 0 {
            self.last = Resolver::UNKNOWN;
            key[Dim::Outcome as usize] = u32::from(excluded);
            return self.grouping.balance.then_some(key);
        }
        let (resource, period) = (batch.resource[row], batch.period[row]);
        let billed = (batch.group[row], batch.subscription[row]);
        let class = self.class(resource, billed);
        let (outcome, line) = self.outcome(class, period);
        if self.grouping.balance {
            self.last = outcome;
            key[Dim::Outcome as usize] = line;
            return Some(key);
        }
        if line != CREDITED {
            return None;
        }
        let dims = self.grouping.dims;
        key[Dim::Outcome as usize] = outcome;
        if dims[Dim::Subscription as usize] || dims[Dim::SubscriptionName as usize] {
            let subscription = match billed.1 {
                NONE => self.head(resource, billed).subscription,
                billed => billed,
            };
            if dims[Dim::Subscription as usize] {
                key[Dim::Subscription as usize] = subscription;
            }
            if dims[Dim::SubscriptionName as usize] {
                key[Dim::SubscriptionName as usize] = self.subscription_name(subscription, period);
            }
        }
        if dims[Dim::Group as usize] {
            key[Dim::Group as usize] = match billed.0 {
                NONE => self.head(resource, billed).group,
                billed => billed,
            };
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

    /// The outcome of the last row of a balance, if it left a deny open.
    pub fn open(&self) -> Option<u32> {
        let open = self.leaves_open.get(self.last as usize).copied().unwrap_or_default();
        open.then_some(self.last)
    }

    fn class(&mut self, resource: u32, billed: (u32, u32)) -> u32 {
        if resource == NONE {
            return self.head(resource, billed).class;
        }
        match self.classes.get(resource as usize) {
            Some(&class) if class != UNASKED => class,
            _ => self.ask_head(resource),
        }
    }

    #[cold]
    fn ask_head(&mut self, resource: u32) -> u32 {
        let at = resource as usize;
        if self.classes.len() <= at {
            let size = (at + 1).next_power_of_two();
            self.classes.resize(size, UNASKED);
            self.heads.resize(size, Head { class: UNASKED, subscription: NONE, group: NONE });
        }
        let head = self.resolver.head(resource, NONE, NONE);
        self.heads[at] = head;
        self.classes[at] = head.class;
        head.class
    }

    /// The head of a row whose class has been asked for, or which names no resource.
    fn head(&mut self, resource: u32, (group, subscription): (u32, u32)) -> Head {
        if resource != NONE {
            return self.heads[resource as usize];
        }
        let resolver = self.resolver;
        *self
            .bare_heads
            .entry((group, subscription))
            .or_insert_with(|| resolver.head(NONE, group, subscription))
    }

    /// Outcome and balance line.
    fn outcome(&mut self, class: u32, period: u32) -> (u32, u32) {
        match self.outcomes[period as usize].get(class as usize) {
            Some(&known) if known != UNASKED => (known, self.lines[known as usize]),
            _ => self.ask_outcome(class, period),
        }
    }

    #[cold]
    fn ask_outcome(&mut self, class: u32, period: u32) -> (u32, u32) {
        let (class_at, period_at) = (class as usize, period as usize);
        if let Some(&known) = self.sparse.get(&(class, period)) {
            return (known, self.lines[known as usize]);
        }
        if self.class_data.len() <= class_at {
            self.class_data.resize(class_at + 1, None);
        }
        let resolver = self.resolver;
        let (data, last) =
            self.class_data[class_at].get_or_insert_with(|| (resolver.class(class), None));
        let window = resolver.window(self.periods[period_at].0);
        let inside = |same: &Interval| same.from() <= window.from() && window.to() <= same.to();
        let (outcome, same) = match *last {
            Some((same, outcome)) if inside(&same) => (outcome, None),
            _ => resolver.outcome(data, self.periods[period_at].0),
        };
        *last = same.map(|same| (same, outcome)).or(*last);
        if self.lines.len() <= outcome as usize {
            let fresh = resolver.outcomes(self.lines.len());
            let line = |o: &Arc<Outcome>| o.reason.map_or(CREDITED, |r| UNCREDITED + r as u32);
            self.lines.extend(fresh.iter().map(line));
            self.leaves_open.extend(fresh.iter().map(|o| !o.open.is_empty()));
        }
        if !self.remember(class_at, period_at, outcome) {
            self.sparse.insert((class, period), outcome);
        } else if let Some(same) = same {
            // The class will be asked for its other periods, too.
            let first =
                self.by_start.partition_point(|&p| self.periods[p as usize].0.from() < same.from());
            for at in first..self.by_start.len() {
                let other = self.by_start[at] as usize;
                let window = resolver.window(self.periods[other].0);
                if self.periods[other].0.from() >= same.to() {
                    break;
                }
                let inside = same.from() <= window.from() && window.to() <= same.to();
                if inside && !self.remember(class_at, other, outcome) {
                    break;
                }
            }
        }
        (outcome, self.lines[outcome as usize])
    }

    /// Keeps an outcome where the row loop looks first; whether there was room.
    fn remember(&mut self, class: usize, period: usize, outcome: u32) -> bool {
        let by_class = &mut self.outcomes[period];
        if by_class.len() <= class {
            let more = (class + 1).next_power_of_two() - by_class.len();
            if more > self.room {
                return false;
            }
            self.room -= more;
            by_class.resize(by_class.len() + more, UNASKED);
        }
        by_class[class] = outcome;
        true
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
