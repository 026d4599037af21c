//! What an import did, for people and programs.

use std::collections::BTreeMap;
use std::fmt::Display;

use crate::charges::Decoded;
use pal_model::Money;
use pal_store::{ImportState, PieceOutcome, UsageImported};
use serde::{Deserialize, Serialize};

use crate::counted::month_text;
use crate::intake::IntakeError;

/// What an import did, or (`number` is absent) would do.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Imported {
    /// Its number.
    pub number: Option<i64>,
    /// Whether what counts has changed.
    pub changed: bool,
    /// Files that were read.
    pub files: u64,
    /// Rows in them.
    pub rows: u64,
    /// By month, oldest first.
    pub months: Vec<MonthImported>,
}

/// What became of a month.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct MonthImported {
    /// `YYYY-MM`.
    pub month: String,
    /// Subscriptions of which nothing was known.
    pub new: u64,
    /// Subscriptions whose rows were known already.
    pub known: u64,
    /// Subscriptions whose rows replace others.
    pub replaced: u64,
    /// Subscriptions to whose rows others were added.
    pub added: u64,
    /// Subscriptions of which a newer run of the export is known.
    pub older_run: u64,
    /// Subscriptions that the newer run of the export no longer has.
    pub ended: u64,
    /// Rows that count now and did not before.
    pub rows: u64,
    /// Their effective cost by currency.
    pub costs: BTreeMap<String, String>,
}

/// Most characters of a reason.
const REASON: usize = 2_000;

/// Why something was refused, as one line that is safe to show and keep: names and cells of other
/// people's files are in it (T63).
pub fn reason(error: impl Display) -> String {
    let turns = |c: char| matches!(c, '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
    let text = error.to_string();
    let mut rest = text.chars();
    let safe = |c: char| if c.is_control() || turns(c) { char::REPLACEMENT_CHARACTER } else { c };
    let mut line: String = rest.by_ref().take(REASON).map(safe).collect();
    if rest.next().is_some() {
        line.push('…');
    }
    line
}

/// A month, and its costs while they are added up.
type Tally<'d> = (MonthImported, BTreeMap<&'d str, Money>);

/// What is told of an import.
pub(super) fn told(decoded: &Decoded, done: &UsageImported) -> Result<Imported, IntakeError> {
    let mut months: BTreeMap<(i16, i8), Tally> = BTreeMap::new();
    for (piece, outcome) in decoded.pieces.iter().zip(&done.outcomes) {
        let (month, costs) = months.entry(piece.month).or_insert_with(|| empty(piece.month));
        let (tally, counts) = match outcome {
            PieceOutcome::New => (&mut month.new, true),
            PieceOutcome::Known => (&mut month.known, false),
            PieceOutcome::Replaced => (&mut month.replaced, true),
            PieceOutcome::Added => (&mut month.added, true),
            PieceOutcome::OlderRun => (&mut month.older_run, false),
        };
        *tally += 1;
        if counts {
            month.rows += piece.rows;
            for (currency, cost) in &piece.costs {
                let sum = costs.entry(currency).or_default();
                *sum = sum.plus(cost.parse()?)?;
            }
        }
    }
    for (month, _) in &done.ended {
        months.entry(*month).or_insert_with(|| empty(*month)).0.ended += 1;
    }
    let month = |(mut month, costs): Tally| {
        month.costs = costs.into_iter().map(|(c, cost)| (c.to_owned(), cost.to_string())).collect();
        month
    };
    Ok(Imported {
        number: done.number,
        changed: done.state == ImportState::Counted,
        files: decoded.read.len() as u64,
        rows: decoded.read.iter().map(|file| file.rows).sum(),
        months: months.into_values().map(month).collect(),
    })
}

fn empty<'d>(month: (i16, i8)) -> Tally<'d> {
    let month = MonthImported {
        month: month_text(month),
        new: 0,
        known: 0,
        replaced: 0,
        added: 0,
        older_run: 0,
        ended: 0,
        rows: 0,
        costs: BTreeMap::new(),
    };
    (month, BTreeMap::new())
}
