//! Calendar months, UTC, and ranges of them.

use std::fmt;
use std::str::FromStr;

/// Months from one to another, both included; each (year, 1 – 12).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Months {
    first: (i16, i8),
    last: (i16, i8),
}

impl Months {
    /// One month.
    pub const fn one(month: (i16, i8)) -> Self {
        Self { first: month, last: month }
    }

    /// The first.
    pub const fn first(self) -> (i16, i8) {
        self.first
    }

    /// The last.
    pub const fn last(self) -> (i16, i8) {
        self.last
    }

    /// Whether a month is one of them.
    pub fn contains(self, month: (i16, i8)) -> bool {
        self.first <= month && month <= self.last
    }
}

impl FromStr for Months {
    type Err = String;

    /// `2026-05`, or `2026-05..2026-10`.
    fn from_str(text: &str) -> Result<Self, String> {
        let Some((first, last)) = text.split_once("..") else { return month(text).map(Self::one) };
        let end = |text: &str| {
            month(text).map_err(|error| {
                format!("{error}; a range has a first and a last month, 2026-05..2026-10")
            })
        };
        let (first, last) = (end(first)?, end(last)?);
        if first > last {
            let range = Self { first: last, last: first };
            let text: String = text.chars().take(80).collect();
            return Err(format!("'{text}' ends before it begins; write {range}"));
        }
        Ok(Self { first, last })
    }
}

impl fmt::Display for Months {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let ((year, month), (last_year, last)) = (self.first, self.last);
        write!(f, "{year:04}-{month:02}")?;
        if self.first == self.last {
            return Ok(());
        }
        write!(f, "..{last_year:04}-{last:02}")
    }
}

/// The month that `text` writes, as (year, 1 – 12).
///
/// # Errors
/// What to write instead.
pub fn month(text: &str) -> Result<(i16, i8), String> {
    let wrong = || {
        let text: String = text.chars().take(80).collect();
        format!("'{text}' is not a month; write YYYY-MM, for example 2026-10")
    };
    let (year, month) = text.split_once('-').ok_or_else(wrong)?;
    if year.len() != 4 || month.len() != 2 || !text.bytes().all(|b| b.is_ascii_digit() || b == b'-')
    {
        return Err(wrong());
    }
    let month: i8 = month.parse().map_err(|_| wrong())?;
    if !(1..=12).contains(&month) {
        return Err(wrong());
    }
    Ok((year.parse().map_err(|_| wrong())?, month))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranges_have_two_ends_in_order() {
        for (text, first, last) in [
            ("2026-05", (2026, 5), (2026, 5)),
            ("2026-05..2026-05", (2026, 5), (2026, 5)),
            ("2025-11..2026-02", (2025, 11), (2026, 2)),
        ] {
            let months: Months = text.parse().unwrap();
            assert_eq!((months.first(), months.last()), (first, last), "{text}");
        }
        let months: Months = "2025-11..2026-02".parse().unwrap();
        let inside = [(2025, 10), (2025, 11), (2025, 12), (2026, 1), (2026, 2), (2026, 3)];
        let inside = inside.map(|month| months.contains(month));
        assert_eq!(inside, [false, true, true, true, true, false]);
        assert_eq!(months.to_string(), "2025-11..2026-02");
        assert_eq!("2026-05..2026-05".parse::<Months>().unwrap().to_string(), "2026-05");
        for text in [
            "",
            "..",
            "2026-05..",
            "..2026-05",
            "2026-05..2026-13",
            "2026-05...2026-06",
            "2026-5",
            "2026-05-2026-06",
            "2026-05..2026-06..2026-07",
            "2026-05 .. 2026-06",
        ] {
            assert!(text.parse::<Months>().is_err(), "{text}");
        }
        let error = "2026-06..2026-05".parse::<Months>().unwrap_err();
        assert_eq!(error, "'2026-06..2026-05' ends before it begins; write 2026-05..2026-06");
    }
}
