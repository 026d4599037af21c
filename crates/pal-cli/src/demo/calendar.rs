//! The six months of the demo, May to October 2026, as days counted from 1 May. No clock is read.

/// Month number and days; one month more than has usage, because a period ends where the next
/// begins.
const MONTHS: [(u32, u32); 7] = [(5, 31), (6, 30), (7, 31), (8, 31), (9, 30), (10, 31), (11, 30)];

/// 1 May 2026 is a Friday; 0 is Monday.
const FIRST_WEEKDAY: u32 = 4;

/// The months that have usage.
pub const FIRST_MONTH: u32 = 5;
pub const LAST_MONTH: u32 = 10;

#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Day(u32);

pub const FIRST_DAY: Day = day(5, 1);
pub const LAST_DAY: Day = day(10, 31);

/// `day(5, 1)` is the first. Days outside the table run on from its end.
pub const fn day(month: u32, day: u32) -> Day {
    let mut number = day - 1;
    let mut i = 0;
    while i < MONTHS.len() && MONTHS[i].0 < month {
        number += MONTHS[i].1;
        i += 1;
    }
    Day(number)
}

pub fn days_in(month: u32) -> u32 {
    MONTHS.iter().find(|(number, _)| *number == month).map_or(30, |(_, days)| *days)
}

impl Day {
    pub fn number(self) -> u32 {
        self.0
    }

    /// Months since May.
    pub fn months_in(self) -> u32 {
        self.date().0 - FIRST_MONTH
    }

    pub fn is_sunday(self) -> bool {
        self.weekday() == 6
    }

    pub fn is_weekend(self) -> bool {
        self.weekday() >= 5
    }

    /// Midnight UTC at which the day begins, as an export writes it.
    pub fn start(self) -> String {
        let (month, day) = self.date();
        format!("2026-{month:02}-{day:02}T00:00:00Z")
    }

    pub fn end(self) -> String {
        Self(self.0 + 1).start()
    }

    fn weekday(self) -> u32 {
        (self.0 + FIRST_WEEKDAY) % 7
    }

    fn date(self) -> (u32, u32) {
        let mut left = self.0;
        for (month, days) in MONTHS {
            if left < days {
                return (month, left + 1);
            }
            left -= days;
        }
        (12, left + 1)
    }
}
