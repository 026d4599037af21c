//! What counts: the pieces known at an instant, as parts to read and as months to show.

use std::collections::{BTreeMap, BTreeSet};

use pal_attribution::ingest::Part;
use pal_model::{Instant, Money, MoneyError, Months};
use pal_store::{LivePiece, UsageAt};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::Shelf;

#[derive(Debug, Clone)]
pub struct Counted {
    /// The revision it was read at.
    pub revision: i64,
    pub pieces: Vec<LivePiece>,
}

/// How far what is known reaches.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Freshness {
    /// Every source that states the newest month has charges up to here; absent = no usage.
    pub complete_until: Option<String>,
    /// As it was known then.
    pub known_at: String,
    pub revision: i64,
}

/// A month of usage.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Month {
    /// `YYYY-MM`.
    pub month: String,
    /// Billed subscriptions.
    pub subscriptions: u64,
    /// Rows.
    pub rows: u64,
    /// Effective cost by currency, 18 fraction digits.
    pub costs: BTreeMap<String, String>,
    /// How often what is known of a subscription was stated, at most: 1 = never restated.
    pub edition: u32,
    /// The latest end of a charge.
    pub complete_until: String,
    /// Since when all of it is known.
    pub known: String,
    /// The imports that brought it.
    pub imports: Vec<i64>,
}

impl Counted {
    pub fn new(at: UsageAt) -> Self {
        Self { revision: at.revision, pieces: at.pieces }
    }

    /// The pieces that have charges of some months; `None` = of all.
    pub fn of_months(&self, months: Option<Months>) -> impl Iterator<Item = &LivePiece> {
        self.pieces.iter().filter(move |piece| {
            months.is_none_or(|months| {
                // A charge belongs to the month of its start, which is before the last end.
                piece.first.month() <= months.last() && months.first() <= piece.last.month()
            })
        })
    }

    /// What a report of some months reads.
    ///
    /// # Errors
    /// A charge file is missing.
    pub fn parts(&self, shelf: &Shelf, months: Option<Months>) -> std::io::Result<Vec<Part>> {
        shelf.parts(self.of_months(months))
    }

    /// How far a report of some months (`None` = of all) reaches.
    pub fn complete_until(&self, months: Option<Months>) -> Option<Instant> {
        let newest = self.of_months(months).map(|piece| piece.month).max()?;
        let mut ends: BTreeMap<&str, Instant> = BTreeMap::new();
        for piece in self.of_months(months).filter(|piece| piece.month == newest) {
            let end = ends.entry(&piece.series).or_insert(piece.last);
            *end = piece.last.max(*end);
        }
        ends.into_values().min()
    }

    /// The months, oldest first.
    ///
    /// # Errors
    /// A month's cost is beyond what can be counted with.
    pub fn months(&self) -> Result<Vec<Month>, MoneyError> {
        let mut months: BTreeMap<(i16, i8), Vec<&LivePiece>> = BTreeMap::new();
        for piece in &self.pieces {
            months.entry(piece.month).or_default().push(piece);
        }
        months.into_iter().map(|(month, pieces)| Month::of(month, &pieces)).collect()
    }
}

impl Month {
    fn of(month: (i16, i8), pieces: &[&LivePiece]) -> Result<Self, MoneyError> {
        let mut costs: BTreeMap<&str, Money> = BTreeMap::new();
        for (currency, cost) in pieces.iter().flat_map(|piece| &piece.costs) {
            let sum = costs.entry(currency).or_default();
            *sum = sum.plus(cost.parse()?)?;
        }
        let subjects: BTreeSet<&str> = pieces.iter().map(|piece| piece.subject.as_str()).collect();
        let imports: BTreeSet<i64> = pieces.iter().map(|piece| piece.import).collect();
        let latest = |of: fn(&LivePiece) -> Instant| {
            pieces.iter().map(|piece| of(piece)).max().unwrap_or(Instant::MIN).to_string()
        };
        Ok(Self {
            month: month_text(month),
            subscriptions: subjects.len() as u64,
            rows: pieces.iter().map(|piece| piece.rows).sum(),
            costs: costs.into_iter().map(|(c, cost)| (c.to_owned(), cost.to_string())).collect(),
            edition: pieces.iter().map(|piece| piece.edition).max().unwrap_or(1),
            complete_until: latest(|piece| piece.last),
            known: latest(|piece| piece.known),
            imports: imports.into_iter().collect(),
        })
    }
}

/// `2026-07`.
pub(super) fn month_text((year, month): (i16, i8)) -> String {
    format!("{year:04}-{month:02}")
}
