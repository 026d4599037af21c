//! What the rule says, as a change of what counts.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::path::PathBuf;

use pal_model::{Instant, Money, MoneyError};
use pal_store::{CountChange, CountedRecord, NewCounted, PieceRef, UsageRows};

use super::ranges::{all_rows, as_rows, joined, row_at};
use super::rows::ChargeRows;
use super::{Ledger, LedgerError, Stored};
use crate::charges::{Day as DayIndex, StoredRow, Sum};
use crate::counting::{Day, Judgement, Reason, Verdict};

/// A billed subscription with its rows by day, and which of them where not all.
type RowsKey = (String, Vec<(Day, u64, Sum, u64)>, Option<(PathBuf, Vec<UsageRows>)>);

/// Which rows of a piece count; `None` = all.
type Selection = Option<Vec<UsageRows>>;

pub struct JudgedLedger<'l> {
    pub(super) ledger: &'l Ledger,
    pub judgement: Judgement,
    pub(super) rows: ChargeRows<'l>,
}

pub type Subject = ((i16, i8), String);

#[derive(Debug, Default)]
pub struct Change {
    pub end: Vec<i64>,
    pub begin: Vec<NewCounted>,
    /// What became of each month and subscription that the new statements have rows of.
    pub outcomes: BTreeMap<Subject, Outcome>,
    /// Months and subscriptions of which nothing counts any more.
    pub ended: BTreeSet<Subject>,
    /// Rows and cost by month that count now and did not before.
    pub gained: BTreeMap<(i16, i8), Gained>,
}

impl Change {
    pub fn commit(&self) -> CountChange {
        CountChange { end: self.end.clone(), begin: self.begin.clone() }
    }
}

/// Rows, and their cost by currency.
#[derive(Debug, Default, Clone)]
pub struct Gained {
    pub rows: u64,
    pub costs: BTreeMap<String, Money>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Outcome {
    /// Counted; nothing else counted of it.
    New,
    /// The same rows count already, or others that stand for them.
    Known,
    /// Counted instead of other rows.
    Replaced,
    /// Counted beside other rows.
    Added,
    /// Not counted: a newer run states the days.
    OlderRun,
}

impl Outcome {
    pub const ALL: [(&str, Self); 5] = [
        ("new", Self::New),
        ("known", Self::Known),
        ("replaced", Self::Replaced),
        ("added", Self::Added),
        ("olderRun", Self::OlderRun),
    ];
}

impl JudgedLedger<'_> {
    pub fn counted(&self) -> Vec<(PathBuf, Vec<UsageRows>)> {
        let pieces = self.ledger.stored.iter().enumerate();
        let counted = pieces.filter_map(|(at, stored)| {
            let rows = self.selection(at)?.unwrap_or_else(|| all_rows(&stored.days));
            Some((stored.file.clone(), rows))
        });
        counted.collect()
    }

    /// What somebody should know of it, though it needs no decision.
    pub fn notes(&self) -> Vec<String> {
        let mut notes = Vec::new();
        let statements = &self.ledger.statements;
        let name = |at: usize| statements[at].loose().map_or("", |file| &file.name);
        for (copy, of) in &self.judgement.copies {
            if self.ledger.fresh.contains(copy) {
                notes.push(format!("{} is a copy of {}: it is left out", name(*copy), name(*of)));
            }
        }
        for at in &self.ledger.fresh {
            if let Some(run) = statements[*at].run().filter(|run| run.by_rows) {
                notes.push(format!(
                    "most rows of run {} of export {} lie outside its declared period: it covers the \
                     days that its rows name",
                    run.id, run.export
                ));
            }
        }
        let equal = self.equal_outside();
        if equal > 0 {
            notes.push(format!(
                "{equal} rows outside the period of their run equal rows that count: they are left out"
            ));
        }
        notes
    }

    /// Rows of new runs outside of their period that are equal to rows that count.
    fn equal_outside(&self) -> u64 {
        let mut equal = 0;
        for (piece, verdicts) in self.ledger.pieces.iter().zip(&self.judgement.verdicts) {
            let run = self.ledger.statements[piece.statement].run();
            let Some(run) = run.filter(|_| self.ledger.fresh.contains(&piece.statement)) else {
                continue;
            };
            for (rows, verdict) in piece.days.iter().zip(verdicts) {
                if !run.covered.has(rows.day) {
                    equal += match verdict {
                        Verdict::Not(Reason::Equal) => rows.rows,
                        Verdict::Partly(places) => rows.rows - places.len() as u64,
                        Verdict::Counts | Verdict::Not(_) => 0,
                    };
                }
            }
        }
        equal
    }

    /// How what counts has to change, given what counts now of the pieces of these months.
    ///
    /// # Errors
    /// Rows cannot be read; a sum is too large.
    pub fn change(&self, counted: &[CountedRecord]) -> Result<Change, LedgerError> {
        let places = self.kept_places();
        let selections: Vec<_> =
            (0..self.ledger.pieces.len()).map(|at| self.selection(at)).collect();
        let mut change = Change::default();
        let (mut before, mut known) = (BTreeSet::new(), BTreeSet::new());
        let (mut staying, mut settled) = (BTreeSet::new(), BTreeSet::new());
        let mut free: HashMap<RowsKey, Vec<i64>> = HashMap::new();
        for record in counted {
            let Some(&piece) = places.get(&record.piece) else { continue };
            before.insert(self.subject(piece));
            match &selections[piece] {
                Some(selection) if *selection == record.selection => {
                    staying.insert(record.number);
                    settled.insert(piece);
                    known.insert(self.subject(piece));
                }
                // Other rows of the piece count: this count ends, and nobody else takes it over, since a
                // piece counts once.
                Some(_) => {}
                None => {
                    let key = self.rows_key(piece, &record.selection);
                    free.entry(key).or_default().push(record.number);
                }
            }
        }
        let mut begun = Vec::new();
        for (piece, selection) in selections.into_iter().enumerate() {
            let Some(selection) = selection.filter(|_| !settled.contains(&piece)) else { continue };
            match free.get_mut(&self.rows_key(piece, &selection)).and_then(Vec::pop) {
                Some(number) => {
                    staying.insert(number);
                    known.insert(self.subject(piece));
                }
                None => begun.push((piece, selection)),
            }
        }
        let mut ended: BTreeSet<Subject> = BTreeSet::new();
        // What counts of a statement that is no longer given ends, too.
        for record in counted.iter().filter(|record| !staying.contains(&record.number)) {
            change.end.push(record.number);
            ended.extend(places.get(&record.piece).map(|piece| self.subject(*piece)));
        }
        for (piece, selection) in &begun {
            let new = self.begin(*piece, selection.clone())?;
            let gained = change.gained.entry(self.ledger.stored[*piece].month).or_default();
            gained.rows += new.rows;
            for (currency, cost) in &new.costs {
                let sum = gained.costs.entry(currency.clone()).or_default();
                *sum = sum.plus(cost.parse()?)?;
            }
            change.begin.push(new);
        }
        let begun: BTreeSet<usize> = begun.into_iter().map(|(piece, _)| piece).collect();
        self.outcomes(&before, &begun, &ended, &mut change);
        let after: BTreeSet<Subject> =
            begun.iter().map(|piece| self.subject(*piece)).chain(known).collect();
        change.ended = ended.difference(&after).cloned().collect();
        Ok(change)
    }

    /// What pieces with equal rows have in common, whoever states them. Where some rows of a piece
    /// count, they are told apart by where they are.
    fn rows_key(&self, piece: usize, selection: &Selection) -> RowsKey {
        let stored = &self.ledger.stored[piece];
        let subject = self.ledger.pieces[piece].subject.clone();
        let rows = |day: &DayIndex| (day.day, day.rows, day.sum, day.marks);
        let place = selection.clone().map(|rows| (stored.file.clone(), rows));
        (subject, stored.days.iter().map(rows).collect(), place)
    }

    fn kept_places(&self) -> HashMap<i64, usize> {
        let kept = |(at, stored): (usize, &Stored)| match stored.piece {
            PieceRef::Kept(number) => Some((number, at)),
            PieceRef::New(_) => None,
        };
        self.ledger.stored.iter().enumerate().filter_map(kept).collect()
    }

    fn subject(&self, piece: usize) -> Subject {
        (self.ledger.stored[piece].month, self.ledger.pieces[piece].subject.clone())
    }

    fn outcomes(
        &self,
        before: &BTreeSet<Subject>,
        begun: &BTreeSet<usize>,
        ended: &BTreeSet<Subject>,
        change: &mut Change,
    ) {
        let mut overtaken: BTreeMap<Subject, bool> = BTreeMap::new();
        let mut counts: BTreeSet<Subject> = BTreeSet::new();
        for (at, piece) in self.ledger.pieces.iter().enumerate() {
            if !self.ledger.fresh.contains(&piece.statement) {
                continue;
            }
            let subject = self.subject(at);
            if begun.contains(&at) {
                counts.insert(subject.clone());
            }
            let verdicts = &self.judgement.verdicts[at];
            let is_old = verdicts.contains(&Verdict::Not(Reason::Overtaken));
            *overtaken.entry(subject).or_default() |= is_old;
        }
        for (subject, is_old) in overtaken {
            let outcome = match counts.contains(&subject) {
                true if ended.contains(&subject) => Outcome::Replaced,
                true if before.contains(&subject) => Outcome::Added,
                true => Outcome::New,
                false if is_old => Outcome::OlderRun,
                false => Outcome::Known,
            };
            change.outcomes.insert(subject, outcome);
        }
    }

    /// The rows of a piece that count: `None` = none, `Some(None)` = all.
    fn selection(&self, piece: usize) -> Option<Selection> {
        let verdicts = &self.judgement.verdicts[piece];
        if verdicts.iter().all(|verdict| *verdict == Verdict::Counts) {
            return Some(None);
        }
        let mut chosen: Vec<UsageRows> = Vec::new();
        for (day, verdict) in self.ledger.stored[piece].days.iter().zip(verdicts) {
            match verdict {
                Verdict::Counts => chosen.extend(day.ranges.iter().map(|range| as_rows(*range))),
                Verdict::Partly(places) => {
                    chosen.extend(places.iter().filter_map(|at| row_at(&day.ranges, *at)));
                }
                Verdict::Not(_) => {}
            }
        }
        (!chosen.is_empty()).then(|| Some(joined(chosen)))
    }

    fn begin(&self, piece: usize, selection: Selection) -> Result<NewCounted, LedgerError> {
        let stored = &self.ledger.stored[piece];
        let mut total = Total::default();
        for (day, verdict) in stored.days.iter().zip(&self.judgement.verdicts[piece]) {
            match verdict {
                Verdict::Counts => total.add_day(day)?,
                Verdict::Partly(places) => {
                    let rows = self.rows.stored(piece, day.day)?;
                    for row in places.iter().filter_map(|at| rows.get(*at as usize)) {
                        total.add_row(row)?;
                    }
                }
                Verdict::Not(_) => {}
            }
        }
        let (first, last) = total.span.unwrap_or((Instant::MIN, Instant::MIN));
        let costs = total.costs.into_iter().map(|(currency, cost)| (currency, cost.to_string()));
        let (piece, rows, costs) = (stored.piece, total.rows, costs.collect());
        Ok(NewCounted { piece, selection, rows, first, last, costs })
    }
}

#[derive(Default)]
struct Total {
    rows: u64,
    span: Option<(Instant, Instant)>,
    costs: BTreeMap<String, Money>,
}

impl Total {
    fn add(&mut self, rows: u64, first: Instant, last: Instant) {
        self.rows += rows;
        let span = self.span.get_or_insert((first, last));
        *span = (span.0.min(first), span.1.max(last));
    }

    fn add_day(&mut self, day: &DayIndex) -> Result<(), MoneyError> {
        self.add(day.rows, day.first, day.last);
        for (currency, cost) in &day.costs {
            let sum = self.costs.entry(currency.clone()).or_default();
            *sum = sum.plus(*cost)?;
        }
        Ok(())
    }

    fn add_row(&mut self, row: &StoredRow) -> Result<(), MoneyError> {
        self.add(1, row.first, row.last);
        let sum = self.costs.entry(row.currency.to_string()).or_default();
        *sum = sum.plus(row.cost)?;
        Ok(())
    }
}
