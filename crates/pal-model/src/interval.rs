//! Instants, half-open intervals and sets of them.

use std::fmt;
use std::str::FromStr;

use jiff::{Timestamp, tz::TimeZone};

/// Why a text or a pair of instants is not a time.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum IntervalError {
    /// Not RFC 3339 with an offset.
    #[error("'{0}' is not an instant (expected RFC 3339 in UTC, for example 2026-10-01T00:00:00Z)")]
    Instant(String),
    /// The end is not after the start.
    #[error("'to' ({to}) is not after 'from' ({from})")]
    Order {
        /// The start.
        from: Instant,
        /// The end.
        to: Instant,
    },
}

/// A point in time, UTC, to the nanosecond.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Instant(Timestamp);

/// Nanoseconds of a day.
const DAY: i128 = 86_400_000_000_000;

impl Instant {
    /// "Has always held."
    pub const MIN: Self = Self(Timestamp::MIN);
    /// "Still holds."
    pub const MAX: Self = Self(Timestamp::MAX);

    /// From nanoseconds since 1970; `None` outside the years −9999 to 9999.
    pub fn from_nanoseconds(nanoseconds: i128) -> Option<Self> {
        Timestamp::from_nanosecond(nanoseconds).ok().map(Self)
    }

    /// Nanoseconds since 1970.
    pub fn nanoseconds(self) -> i128 {
        self.0.as_nanosecond()
    }

    /// Whole seconds since 1970, as tokens count them.
    pub fn unix_seconds(self) -> i64 {
        (self.nanoseconds().div_euclid(1_000_000_000)) as i64
    }

    /// Midnight of the UTC day this instant is in.
    #[must_use]
    pub fn day_start(self) -> Self {
        let ns = self.nanoseconds();
        Self::from_nanoseconds(ns - ns.rem_euclid(DAY)).unwrap_or(Self::MIN)
    }

    /// The first midnight at or after this instant.
    #[must_use]
    pub fn day_end(self) -> Self {
        let ns = self.nanoseconds();
        Self::from_nanoseconds(ns + (-ns).rem_euclid(DAY)).unwrap_or(Self::MAX)
    }

    /// The calendar month in UTC as (year, month 1 – 12).
    pub fn month(self) -> (i16, i8) {
        let date = self.0.to_zoned(TimeZone::UTC).date();
        (date.year(), date.month())
    }
}

impl FromStr for Instant {
    type Err = IntervalError;

    fn from_str(text: &str) -> Result<Self, IntervalError> {
        text.parse().map(Self).map_err(|_| IntervalError::Instant(text.chars().take(80).collect()))
    }
}

impl fmt::Display for Instant {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// A half-open, non-empty interval `[from, to)`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Interval {
    from: Instant,
    to: Instant,
}

impl Interval {
    /// All time.
    pub const ALL: Self = Self { from: Instant::MIN, to: Instant::MAX };

    /// `[from, to)`.
    ///
    /// # Errors
    /// `to` is not after `from`.
    pub fn new(from: Instant, to: Instant) -> Result<Self, IntervalError> {
        if to <= from { Err(IntervalError::Order { from, to }) } else { Ok(Self { from, to }) }
    }

    /// The first instant.
    pub const fn from(self) -> Instant {
        self.from
    }

    /// The first instant after.
    pub const fn to(self) -> Instant {
        self.to
    }

    /// Whether `instant` lies inside.
    pub fn contains(self, instant: Instant) -> bool {
        self.from <= instant && instant < self.to
    }

    /// What both share.
    pub fn intersect(self, other: Self) -> Option<Self> {
        Self::new(self.from.max(other.from), self.to.min(other.to)).ok()
    }

    /// Whether they share an instant.
    pub fn overlaps(self, other: Self) -> bool {
        self.intersect(other).is_some()
    }

    /// Length in nanoseconds.
    pub fn length(self) -> i128 {
        self.to.nanoseconds() - self.from.nanoseconds()
    }

    /// The whole UTC days this interval touches (granularity `whole-day`, R34).
    #[must_use]
    pub fn whole_days(self) -> Self {
        Self { from: self.from.day_start(), to: self.to.day_end() }
    }
}

impl fmt::Display for Interval {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (self.from == Instant::MIN, self.to == Instant::MAX) {
            (true, true) => f.write_str("always"),
            (true, false) => write!(f, "until {}", self.to),
            (false, true) => write!(f, "since {}", self.from),
            (false, false) => write!(f, "{} to {}", self.from, self.to),
        }
    }
}

/// A set of instants: disjoint intervals in order, neighbours merged.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash)]
pub struct IntervalSet(Vec<Interval>);

impl IntervalSet {
    /// No instant.
    pub const EMPTY: Self = Self(Vec::new());

    /// Every instant.
    pub fn all() -> Self {
        Self(vec![Interval::ALL])
    }

    /// Whether it holds no instant.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The intervals, in order.
    pub fn iter(&self) -> std::slice::Iter<'_, Interval> {
        self.0.iter()
    }

    /// Whether `instant` is in the set.
    pub fn contains(&self, instant: Instant) -> bool {
        let next = self.0.partition_point(|i| i.from <= instant);
        next > 0 && self.0[next - 1].contains(instant)
    }

    /// Whether any instant of `interval` is in the set.
    pub fn overlaps(&self, interval: Interval) -> bool {
        let first = self.0.partition_point(|i| i.to <= interval.from);
        self.0.get(first).is_some_and(|i| i.overlaps(interval))
    }

    /// Instants in either set.
    #[must_use]
    pub fn union(&self, other: &Self) -> Self {
        self.0.iter().chain(&other.0).copied().collect()
    }

    /// Instants in both sets.
    #[must_use]
    pub fn intersect(&self, other: &Self) -> Self {
        let (mut a, mut b, mut out) = (0, 0, Vec::new());
        while let (Some(x), Some(y)) = (self.0.get(a), other.0.get(b)) {
            out.extend(x.intersect(*y));
            if x.to <= y.to { a += 1 } else { b += 1 }
        }
        Self(out)
    }

    /// Instants of this set inside `interval`.
    #[must_use]
    pub fn clip(&self, interval: Interval) -> Self {
        let first = self.0.partition_point(|i| i.to <= interval.from);
        Self(self.0[first..].iter().map_while(|i| i.intersect(interval)).collect())
    }

    /// Instants of this set that are not in `other`.
    #[must_use]
    pub fn subtract(&self, other: &Self) -> Self {
        self.intersect(&other.complement())
    }

    /// Instants not in the set.
    #[must_use]
    pub fn complement(&self) -> Self {
        let mut out = Vec::with_capacity(self.0.len() + 1);
        let mut from = Instant::MIN;
        for interval in &self.0 {
            out.extend(Interval::new(from, interval.from));
            from = interval.to;
        }
        out.extend(Interval::new(from, Instant::MAX));
        Self(out)
    }

    /// Total length in nanoseconds.
    pub fn length(&self) -> i128 {
        self.0.iter().map(|i| i.length()).sum()
    }
}

impl<'a> IntoIterator for &'a IntervalSet {
    type Item = &'a Interval;
    type IntoIter = std::slice::Iter<'a, Interval>;

    fn into_iter(self) -> Self::IntoIter {
        self.iter()
    }
}

impl From<Interval> for IntervalSet {
    fn from(interval: Interval) -> Self {
        Self(vec![interval])
    }
}

impl FromIterator<Interval> for IntervalSet {
    fn from_iter<T: IntoIterator<Item = Interval>>(intervals: T) -> Self {
        let mut sorted: Vec<Interval> = intervals.into_iter().collect();
        sorted.sort_unstable();
        let mut out: Vec<Interval> = Vec::with_capacity(sorted.len());
        for interval in sorted {
            match out.last_mut() {
                Some(last) if interval.from <= last.to => last.to = last.to.max(interval.to),
                _ => out.push(interval),
            }
        }
        Self(out)
    }
}

#[cfg(test)]
mod tests;
