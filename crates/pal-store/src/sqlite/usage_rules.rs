//! Which pieces of an import count, and which that are known no longer do.
//!
//! # The idea
//!
//! Rows must count once, whatever is imported again, late, or by two ways (P9). What a piece says
//! is judged by its digest; what it may replace by where it comes from. Three things let rows take
//! the place of others without a question: they are equal, nothing is known of their month and
//! subject, or a newer run of the same export and month states them. Everything else somebody has
//! to decide ([`OnChange`]).
//!
//! # Worked example
//!
//! Run 1 of an export has May of subscriptions A and B. Run 2 has the same of A, another sum of B:
//! A is known, and stated by run 2 from now on; B is replaced. Run 3 has only B: A ends. Run 2
//! once more: B is of an older run and does not count; A neither.
//!
//! # Order
//!
//! All is judged against what counted before the import; pieces of one import never replace each
//! other. So the result does not depend on their order, except for which of two equal ones counts.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use super::value::ticks;
use crate::{OnChange, PieceOutcome, UsageImport, UsageRun};

/// A run, so that of two with the same month the greater is the newer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Run {
    pub month: i64,
    pub submitted: i64,
    pub id: String,
}

impl Run {
    pub fn new(run: &UsageRun) -> Self {
        let (month, submitted, id) = (month(run.month), ticks(run.submitted), run.id.clone());
        Self { month, submitted, id }
    }

    fn is_older_than(&self, other: &Self) -> bool {
        (self.submitted, &self.id) < (other.submitted, &other.id)
    }
}

/// A month as a number: 202605.
pub fn month((year, month): (i16, i8)) -> i64 {
    i64::from(year) * 100 + i64::from(month)
}

/// What is asked of a piece that counts.
#[derive(Debug, Clone)]
pub struct Held {
    pub source: String,
    pub run: Option<Run>,
    pub month: i64,
    pub subject: String,
    pub digest: [u8; 64],
}

/// What an import is judged against.
#[derive(Debug, Default)]
pub struct Ground {
    /// By number: every piece that counts and has the digest, or the month and subject, of a piece
    /// of the import, or is of an export and month that the import has a run of.
    pub held: BTreeMap<i64, Held>,
    /// The newest run of the export and month of each source of the import.
    pub newest: Vec<Option<Run>>,
}

/// The judgement.
#[derive(Debug, Default)]
pub struct Judged {
    pub outcomes: Vec<PieceOutcome>,
    /// Known pieces that others take the place of.
    pub replaced: BTreeSet<i64>,
    /// Known pieces that newer runs no longer have.
    pub ended: BTreeSet<i64>,
    /// Known pieces that a newer run states, too: its source.
    pub moved: BTreeMap<i64, usize>,
    /// Pieces that need a decision: known ones, and ones of the same import.
    pub changed: Vec<(usize, Vec<i64>, Vec<usize>)>,
}

impl Judged {
    /// Whether the piece counts from now on.
    pub fn counts(&self, piece: usize) -> bool {
        use PieceOutcome::{Added, New, Replaced};
        matches!(self.outcomes.get(piece), Some(New | Replaced | Added))
    }
}

/// Judges a whole import.
pub fn judge(import: &UsageImport, ground: &Ground) -> Judged {
    let mut judge = Judge {
        import,
        ground,
        runs: import.sources.iter().map(|source| source.run.as_ref().map(Run::new)).collect(),
        held: BTreeMap::new(),
        stated: BTreeSet::new(),
        taken: BTreeMap::new(),
        done: Judged::default(),
    };
    for (n, held) in &ground.held {
        judge.held.entry((held.month, &held.subject)).or_default().push(*n);
    }
    let equal = judge.equal_and_old();
    for (piece, outcome) in equal.into_iter().enumerate() {
        let outcome = outcome.unwrap_or_else(|| judge.place(piece));
        judge.done.outcomes.push(outcome);
    }
    judge.end();
    judge.done
}

struct Judge<'j> {
    import: &'j UsageImport,
    ground: &'j Ground,
    /// By source.
    runs: Vec<Option<Run>>,
    /// What is known, by month and subject.
    held: BTreeMap<(i64, &'j str), Vec<i64>>,
    /// Known pieces that the import states, too: nothing of it may end them.
    stated: BTreeSet<i64>,
    /// Pieces of the import that count, by month and subject.
    taken: BTreeMap<(i64, &'j str), Vec<usize>>,
    done: Judged,
}

impl<'j> Judge<'j> {
    fn run(&self, source: usize) -> Option<&Run> {
        self.runs.get(source).and_then(Option::as_ref)
    }

    fn key(&self, source: usize) -> &'j str {
        self.import.sources.get(source).map_or("", |source| &source.key)
    }

    fn is_old(&self, source: usize) -> bool {
        let newest = self.ground.newest.get(source).and_then(Option::as_ref);
        self.run(source).zip(newest).is_some_and(|(run, newest)| run.is_older_than(newest))
    }

    /// Rules 1 and 2: what is known with equal rows, and what a newer run has overtaken.
    fn equal_and_old(&mut self) -> Vec<Option<PieceOutcome>> {
        let mut known: HashMap<&[u8; 64], Option<i64>> =
            self.ground.held.iter().map(|(n, held)| (&held.digest, Some(*n))).collect();
        let mut outcomes = Vec::with_capacity(self.import.pieces.len());
        for piece in &self.import.pieces {
            outcomes.push(match known.get(&piece.digest) {
                Some(n) => {
                    if let Some(n) = *n {
                        self.state(n, piece.source);
                    }
                    Some(PieceOutcome::Known)
                }
                None if self.is_old(piece.source) => Some(PieceOutcome::OlderRun),
                None => {
                    known.insert(&piece.digest, None);
                    None
                }
            });
        }
        outcomes
    }

    /// A known piece is stated again: of runs of the same export, the newest one has it.
    fn state(&mut self, n: i64, source: usize) {
        self.stated.insert(n);
        let Some(held) = self.ground.held.get(&n).filter(|held| held.source == self.key(source))
        else {
            return;
        };
        let moved = self.done.moved.get(&n).and_then(|source| self.run(*source));
        let (last, run) = (moved.or(held.run.as_ref()), self.run(source));
        if last.zip(run).is_some_and(|(last, run)| last.is_older_than(run)) {
            self.done.moved.insert(n, source);
        }
    }

    /// Rules 3 to 5: rows that are not known.
    fn place(&mut self, at: usize) -> PieceOutcome {
        let import = self.import;
        let Some(piece) = import.pieces.get(at) else { return PieceOutcome::Known };
        let place = (month(piece.month), piece.subject.as_str());
        let (mut own, mut others) = (Vec::new(), Vec::new());
        for n in self.held.get(&place).into_iter().flatten() {
            let Some(held) = self.ground.held.get(n) else { continue };
            match self.relation(piece.source, &held.source, held.run.as_ref()) {
                Relation::OtherMonth => {}
                Relation::Older if !self.stated.contains(n) => own.push(*n),
                Relation::Older | Relation::Other => others.push(*n),
            }
        }
        let mates: Vec<usize> = self.taken.get(&place).map_or_else(Vec::new, |taken| {
            let relation = |mate: &usize| {
                let source = import.pieces.get(*mate).map_or(usize::MAX, |mate| mate.source);
                self.relation(piece.source, self.key(source), self.run(source))
            };
            taken.iter().copied().filter(|m| relation(m) != Relation::OtherMonth).collect()
        });
        self.taken.entry(place).or_default().push(at);
        // The import itself says two things of this month and subject.
        let contested = !mates.is_empty() || others.iter().any(|n| self.stated.contains(n));
        let same_run = others.iter().any(|n| self.is_same_run(*n, piece.source));
        let adds = import.on_change == OnChange::Add;
        if !own.is_empty() && !same_run && (adds || !contested) {
            self.done.replaced.extend(own);
            return PieceOutcome::Replaced;
        }
        others.extend(own);
        others.sort_unstable();
        match import.on_change {
            _ if others.is_empty() && mates.is_empty() => PieceOutcome::New,
            OnChange::Add => PieceOutcome::Added,
            OnChange::Restate if !contested => {
                self.done.replaced.extend(others);
                PieceOutcome::Replaced
            }
            OnChange::Refuse | OnChange::Restate => {
                self.done.changed.push((at, others, mates));
                PieceOutcome::Known
            }
        }
    }

    /// What something known of the same month and subject is to a source.
    fn relation(&self, source: usize, key: &str, known: Option<&Run>) -> Relation {
        match (self.run(source), known) {
            (Some(run), Some(known)) if self.key(source) == key => {
                if run.month != known.month {
                    Relation::OtherMonth
                } else if known.is_older_than(run) {
                    Relation::Older
                } else {
                    Relation::Other
                }
            }
            _ => Relation::Other,
        }
    }

    fn is_same_run(&self, n: i64, source: usize) -> bool {
        let held = self.ground.held.get(&n);
        held.is_some_and(|held| {
            held.source == self.key(source)
                && held.run.is_some()
                && held.run.as_ref() == self.run(source)
        })
    }

    /// What older runs stated and the import does not.
    fn end(&mut self) {
        for (n, held) in &self.ground.held {
            let gone = (0..self.runs.len()).any(|source| {
                let relation = self.relation(source, &held.source, held.run.as_ref());
                relation == Relation::Older && !self.is_old(source)
            });
            if gone && !self.stated.contains(n) && !self.done.replaced.contains(n) {
                self.done.ended.insert(*n);
            }
        }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Relation {
    /// Stated by an older run of the same export and month: the newer one stands in its place.
    Older,
    /// Stated by a run of the same export for another month: other charges.
    OtherMonth,
    /// By anybody else, or by the same run.
    Other,
}
