//! What an import did, for people and programs.

use std::collections::BTreeMap;
use std::fmt::Display;

use pal_attribution::ingest::Remarks;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::counted::month_text;
use crate::charges::Decoded;
use crate::ledger::{Change, Outcome};

/// What an import did, or (`number` is absent) would do.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
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
    /// What somebody should know of it.
    #[serde(default)]
    pub notes: Vec<String>,
}

/// What an import did, and what a trial of it has understood.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct ImportedAndRead {
    /// What it did.
    #[serde(flatten)]
    pub done: Imported,
    /// What was understood; only of a trial.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub inspected: Option<Inspected>,
}

/// What was understood of files.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Inspected {
    /// For people.
    pub text: String,
    /// As `pal usage inspect` has it.
    pub found: serde_json::Value,
}

/// What became of a month.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct MonthImported {
    /// `YYYY-MM`.
    pub month: String,
    /// Subscriptions of which nothing counted.
    pub new: u64,
    /// Subscriptions whose rows counted already.
    pub known: u64,
    /// Subscriptions whose rows replace others.
    pub replaced: u64,
    /// Subscriptions to whose rows others were added.
    pub added: u64,
    /// Subscriptions of which a newer run of the export is known.
    pub older_run: u64,
    /// Subscriptions of which nothing counts any more.
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

/// What there is to say of the rows of all statements.
pub(super) fn remarks(decoded: &Decoded) -> Remarks {
    decoded.statements.iter().fold(Remarks::default(), |sum, statement| {
        let (rounded, billed_commitments) = (statement.rounded, statement.commitment_priced);
        sum + Remarks { rounded, billed_commitments }
    })
}

/// What an import did, as it is told.
pub(super) fn told(
    number: Option<i64>,
    decoded: &Decoded,
    change: &Change,
    notes: Vec<String>,
) -> Imported {
    let mut months: BTreeMap<(i16, i8), MonthImported> = BTreeMap::new();
    let mut of = |month: (i16, i8), tell: &mut dyn FnMut(&mut MonthImported)| {
        let empty = || MonthImported { month: month_text(month), ..MonthImported::default() };
        tell(months.entry(month).or_insert_with(empty));
    };
    for ((month, _), outcome) in &change.outcomes {
        of(*month, &mut |told| {
            *match outcome {
                Outcome::New => &mut told.new,
                Outcome::Known => &mut told.known,
                Outcome::Replaced => &mut told.replaced,
                Outcome::Added => &mut told.added,
                Outcome::OlderRun => &mut told.older_run,
            } += 1;
        });
    }
    for (month, _) in &change.ended {
        of(*month, &mut |told| told.ended += 1);
    }
    for (month, gained) in &change.gained {
        of(*month, &mut |told| {
            told.rows = gained.rows;
            let costs = gained.costs.iter();
            told.costs =
                costs.map(|(currency, cost)| (currency.clone(), cost.to_string())).collect();
        });
    }
    let read = || decoded.statements.iter().flat_map(|statement| &statement.read);
    Imported {
        number,
        changed: !change.begin.is_empty() || !change.end.is_empty(),
        files: read().count() as u64,
        rows: read().map(|file| file.rows).sum(),
        months: months.into_values().collect(),
        notes: remarks(decoded).sentences().into_iter().chain(notes).collect(),
    }
}

/// How many subscriptions had each outcome: what the list of imports keeps.
pub(super) fn outcome(change: &Change) -> String {
    let count = |outcome| change.outcomes.values().filter(|other| **other == outcome).count();
    let mut counts: serde_json::Map<String, serde_json::Value> =
        Outcome::ALL.iter().map(|(name, of)| ((*name).to_owned(), count(*of).into())).collect();
    counts.insert("ended".to_owned(), change.ended.len().into());
    serde_json::Value::Object(counts).to_string()
}
