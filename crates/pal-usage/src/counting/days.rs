//! UTC days as numbers, and sets of them.

use jiff::civil::Date;
use pal_model::Instant;
use serde::{Deserialize, Serialize};

/// A UTC day: days since 1970-01-01.
pub type Day = i32;

const DAY: i128 = 86_400_000_000_000;

pub fn day_of(at: Instant) -> Day {
    // Instants lie between the years -9999 and 9999: the number fits.
    Day::try_from(at.nanoseconds().div_euclid(DAY)).unwrap_or(Day::MAX)
}

/// The number of a calendar day.
pub fn day_of_date(date: Date) -> Day {
    let epoch = Date::constant(1970, 1, 1);
    date.since((jiff::Unit::Day, epoch)).map_or(0, |span| span.get_days())
}

pub fn date_of(day: Day) -> Date {
    Date::constant(1970, 1, 1).saturating_add(jiff::Span::new().days(day))
}

/// The month of a day: year, and month from 1.
pub fn month_of(day: Day) -> (i16, i8) {
    let date = date_of(day);
    (date.year(), date.month())
}

/// A set of days: sorted ranges with both ends inside, which do not touch.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Days(Vec<(Day, Day)>);

impl Days {
    /// From the first to the last day, both inside; none if the last comes before the first.
    pub fn between(first: Day, last: Day) -> Self {
        Self(if first <= last { vec![(first, last)] } else { Vec::new() })
    }

    /// The same with one more day.
    #[must_use]
    pub fn with(&self, day: Day) -> Self {
        let days = self.0.iter().copied().chain([(day, day)]);
        Self::joined(days.collect())
    }

    fn joined(mut ranges: Vec<(Day, Day)>) -> Self {
        ranges.sort_unstable();
        let mut joined: Vec<(Day, Day)> = Vec::with_capacity(ranges.len());
        for (first, last) in ranges {
            match joined.last_mut() {
                Some(before) if first <= before.1.saturating_add(1) => {
                    before.1 = before.1.max(last);
                }
                _ => joined.push((first, last)),
            }
        }
        Self(joined)
    }

    pub fn has(&self, day: Day) -> bool {
        let at = self.0.partition_point(|(_, last)| *last < day);
        self.0.get(at).is_some_and(|(first, _)| *first <= day)
    }

    /// Whether all days of another set are in this one.
    pub fn include(&self, other: &Self) -> bool {
        other.0.iter().all(|(first, last)| {
            let at = self.0.partition_point(|(_, end)| end < first);
            self.0.get(at).is_some_and(|(from, to)| from <= first && last <= to)
        })
    }

    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub fn first(&self) -> Option<Day> {
        self.0.first().map(|(first, _)| *first)
    }

    pub fn last(&self) -> Option<Day> {
        self.0.last().map(|(_, last)| *last)
    }

    /// The ranges, both ends inside.
    pub fn ranges(&self) -> &[(Day, Day)] {
        &self.0
    }

    /// All days, in order.
    pub fn iter(&self) -> impl Iterator<Item = Day> {
        self.0.iter().flat_map(|(first, last)| *first..=*last)
    }
}

impl FromIterator<Day> for Days {
    fn from_iter<I: IntoIterator<Item = Day>>(days: I) -> Self {
        Self::joined(days.into_iter().map(|day| (day, day)).collect())
    }
}
