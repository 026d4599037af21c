//! What is given: statements, with the terms under which somebody gave them.

use std::collections::BTreeMap;

use jiff::civil::Date;
use pal_model::{Instant, Money};
use serde::{Deserialize, Serialize};

use super::days::{Day, Days, day_of_date};
use super::scope::account_of;
use crate::charges::{Family, Sum};

/// What an export holds of each charge.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Dataset {
    Focus,
    /// Cost Management, as billed.
    Actual,
    /// Cost Management, commitments spread over their use.
    Amortized,
    /// Cost Management, usage only.
    Usage,
}

impl Dataset {
    /// The words that options and settings use.
    pub const NAMES: [(&str, Self); 4] = [
        ("focus", Self::Focus),
        ("actual", Self::Actual),
        ("amortized", Self::Amortized),
        ("usage", Self::Usage),
    ];

    pub fn named(name: &str) -> Option<Self> {
        Self::NAMES.iter().find(|(word, _)| *word == name).map(|(_, dataset)| *dataset)
    }

    pub fn words() -> String {
        Self::NAMES.map(|(name, _)| name).join(", ")
    }

    pub const fn name(self) -> &'static str {
        match self {
            Self::Focus => "focus",
            Self::Actual => "actual",
            Self::Amortized => "amortized",
            Self::Usage => "usage",
        }
    }
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct RunTerms {
    pub export: String,
    /// What it exports, folded.
    pub scope: String,
    /// What it holds of each charge.
    pub dataset: Dataset,
    pub id: String,
    pub submitted: Submitted,
    /// The first day of the declared period.
    pub first: Day,
    /// The last day of the declared period, inside.
    pub last: Day,
    /// The days that the run states: of these, it replaces what older runs stated.
    pub covered: Days,
    /// Whether most rows lay outside the declared period, so that the rows name the days.
    pub by_rows: bool,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct LooseTerms {
    pub name: String,
    pub family: Family,
}

/// Where the rows of a statement come from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Origin {
    Run(RunTerms),
    Loose(LooseTerms),
}

/// An instant that is stored as its text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Submitted(pub Instant);

impl Serialize for Submitted {
    fn serialize<S: serde::Serializer>(&self, out: S) -> Result<S::Ok, S::Error> {
        out.collect_str(&self.0)
    }
}

impl<'de> Deserialize<'de> for Submitted {
    fn deserialize<D: serde::Deserializer<'de>>(input: D) -> Result<Self, D::Error> {
        Instant::deserialize(input).map(Self)
    }
}

/// Where rows differ from those of other statements.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum OnDifference {
    #[default]
    Refuse,
    /// These rows count instead.
    Restate,
    /// These rows count beside the others.
    Add,
}

/// A series of runs: equal scope, equal dataset.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Series {
    /// What is exported, folded.
    pub scope: String,
    /// What it holds of each charge.
    pub dataset: Dataset,
}

/// Which of two runs of a series is the newer: the later submitted one, then the greater id.
pub type Age<'r> = (Submitted, &'r str);

/// The newest run of a series that was known at some time.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct KnownRun {
    pub series: Series,
    /// When its newest run was submitted.
    pub submitted: Submitted,
    pub id: String,
}

/// What somebody said when giving an import: the same for all its statements.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Answers {
    /// What to do where rows differ.
    pub on_difference: OnDifference,
    /// For [`OnDifference::Restate`] and [`OnDifference::Add`]: the runs that were known then, those
    /// of the import itself included. A run that is newer than these may take over.
    pub known: Vec<KnownRun>,
    /// A run may end what it has no row for, and more than half of a month.
    pub accept_empty: bool,
    /// Loose files that share rows are parts of one export all the same.
    pub parts: bool,
    /// Of several datasets with the same money, this one counts.
    pub dataset: Option<Dataset>,
}

/// One run of an export, or one loose file of an import.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Statement {
    /// The import's number: later imports have greater ones.
    pub import: i64,
    /// Where the rows come from.
    pub origin: Origin,
    pub answers: Answers,
}

/// All rows of a statement, subscription and billing account that start on days of one month.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Piece {
    /// Index of its statement.
    pub statement: usize,
    /// The billed subscription, folded; empty = rows without one.
    pub subject: String,
    /// The billing account of the rows, folded; empty = the rows name none.
    pub account: String,
    /// The rows by day, in order.
    pub days: Vec<DayRows>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DayRows {
    pub day: Day,
    /// How many rows; never 0.
    pub rows: u64,
    /// Sum of the digests of the rows as attribution reads them.
    pub sum: Sum,
    /// Sum of hashes of rows with their billing period and invoice.
    pub marks: u64,
    pub costs: Vec<(String, Money)>,
}

impl Statement {
    pub fn run(&self) -> Option<&RunTerms> {
        match &self.origin {
            Origin::Run(run) => Some(run),
            Origin::Loose(_) => None,
        }
    }

    /// The loose file, if it is one.
    pub fn loose(&self) -> Option<&LooseTerms> {
        match &self.origin {
            Origin::Run(_) => None,
            Origin::Loose(loose) => Some(loose),
        }
    }
}

impl RunTerms {
    pub fn series(&self) -> Series {
        Series { scope: self.scope.clone(), dataset: self.dataset }
    }

    /// Its age among the runs of its series.
    pub fn age(&self) -> Age<'_> {
        (self.submitted, &self.id)
    }

    /// The billing account that its scope names.
    pub fn account(&self) -> Option<&str> {
        account_of(&self.scope)
    }
}

/// The days that a run states, from its declared period and the number of rows of each day; and
/// whether the rows name them, because most lie outside the declared period.
///
/// The period is from `first` to `last` by the dates as written. An end at midnight (`at_midnight`)
/// on the first day of a later month is outside; any other last day is stated only if rows name it,
/// because exports write both inclusive and exclusive ends.
///
/// A run from 1 to 5 July states 1 to 4 July, and the 5th if it has a row of that day; a run from
/// 1 July to 1 August, midnight, states July.
pub fn covered(
    (first, last): (Date, Date),
    at_midnight: bool,
    rows: &BTreeMap<Day, u64>,
) -> Covered {
    let (from, inside) = period((first, last), at_midnight);
    let is_exclusive = inside < day_of_date(last);
    let all: u64 = rows.values().sum();
    let within: u64 = rows.range(from..=inside.max(from)).map(|(_, rows)| rows).sum();
    if all > 0 && (all - within) > all / 2 {
        let days: Days = rows.keys().copied().collect();
        let (first, last) = (days.first().unwrap_or(from), days.last().unwrap_or(inside));
        return Covered { first, last, days, by_rows: true };
    }
    let mut days = Days::between(from, if is_exclusive { inside } else { inside - 1 });
    if rows.contains_key(&inside) && inside >= from {
        days = days.with(inside);
    }
    Covered { first: from, last: inside.max(from), days, by_rows: false }
}

/// The first and the last day of a period, both inside: an end at midnight on the first day of a later
/// month is outside.
pub fn period((first, last): (Date, Date), at_midnight: bool) -> (Day, Day) {
    let is_later_month = (last.year(), last.month()) > (first.year(), first.month());
    let is_exclusive = at_midnight && last.day() == 1 && is_later_month;
    (day_of_date(first), day_of_date(last) - i32::from(is_exclusive))
}

/// What [`covered`] found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Covered {
    /// The first day of the period.
    pub first: Day,
    /// The last day of the period, inside.
    pub last: Day,
    pub days: Days,
    /// Whether the rows name them.
    pub by_rows: bool,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cover(first: &str, last: &str, at_midnight: bool, rows: &[&str]) -> (String, bool) {
        let date = |text: &str| text.parse::<Date>().unwrap();
        let mut days = BTreeMap::new();
        for row in rows {
            *days.entry(day_of_date(date(row))).or_insert(0) += 1;
        }
        let found = covered((date(first), date(last)), at_midnight, &days);
        let shown = |day: Day| super::super::days::date_of(day).to_string();
        let ranges =
            found.days.ranges().iter().map(|(a, b)| format!("{}..{}", shown(*a), shown(*b)));
        (ranges.collect::<Vec<_>>().join(" "), found.by_rows)
    }

    #[test]
    fn ends_are_inclusive_only_if_rows_name_them() {
        let july = |rows: &[&str]| cover("2026-07-01", "2026-07-31", true, rows).0;
        assert_eq!(july(&[]), "2026-07-01..2026-07-30");
        assert_eq!(july(&["2026-07-31"]), "2026-07-01..2026-07-31");
        assert_eq!(cover("2026-07-01", "2026-08-01", true, &[]).0, "2026-07-01..2026-07-31");
        // A row of the first of August is late for a July that ends before it.
        let rows = ["2026-07-31", "2026-07-30", "2026-08-01"];
        assert_eq!(cover("2026-07-01", "2026-08-01", true, &rows).0, "2026-07-01..2026-07-31");
        assert_eq!(cover("2026-07-01", "2026-08-01", false, &rows).0, "2026-07-01..2026-08-01");
        assert_eq!(
            cover("2026-07-05", "2026-07-05", true, &["2026-07-05"]).0,
            "2026-07-05..2026-07-05"
        );
        assert_eq!(cover("2026-07-05", "2026-07-05", true, &[]).0, "");
        assert_eq!(
            cover("2026-05-01", "2026-07-31", true, &["2026-07-31"]).0,
            "2026-05-01..2026-07-31"
        );
    }

    #[test]
    fn rows_name_the_days_where_most_lie_outside() {
        let rows = ["2026-08-02", "2026-08-04", "2026-07-01"];
        let expected = "2026-07-01..2026-07-01 2026-08-02..2026-08-02 2026-08-04..2026-08-04";
        assert_eq!(cover("2026-07-01", "2026-07-31", true, &rows), (expected.to_owned(), true));
        // A half is not most.
        assert!(!cover("2026-07-01", "2026-07-31", true, &["2026-07-01", "2026-08-02"]).1);
    }
}
