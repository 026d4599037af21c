//! A small world for tests of the rule: rows, statements made of them, and what counts.

use std::borrow::Borrow;
use std::collections::{BTreeMap, BTreeSet};
use std::convert::Infallible;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::Arc;

use pal_model::Money;

use super::super::*;
use crate::charges::{Family, RowDigest};

/// A row: what a test needs of it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Row {
    pub day: Day,
    pub subject: String,
    pub account: String,
    pub group: String,
    pub cents: i64,
    pub period: String,
    pub invoice: String,
}

pub fn day(text: &str) -> Day {
    day_of_date(text.parse().unwrap())
}

/// `row("2026-10-01", "s0", 10)`.
pub fn row(at: &str, subject: &str, cents: i64) -> Row {
    Row {
        day: day(at),
        subject: subject.to_owned(),
        account: String::new(),
        group: String::new(),
        cents,
        period: String::new(),
        invoice: String::new(),
    }
}

/// Statements with their rows.
#[derive(Debug, Clone, Default)]
pub struct World {
    pub given: Vec<(Statement, Vec<Row>)>,
    pub settings: Settings,
}

/// A run: scope, submitted, first and last day as written.
pub fn run(scope: &str, submitted: &str, first: &str, last: &str, rows: &[Row]) -> Origin {
    let mut days = BTreeMap::new();
    for row in rows {
        *days.entry(row.day).or_insert(0) += 1;
    }
    let covered = covered((first.parse().unwrap(), last.parse().unwrap()), true, &days);
    Origin::Run(RunTerms {
        export: scope.to_owned(),
        scope: scope.to_owned(),
        dataset: Dataset::Focus,
        id: format!("{scope} {submitted}"),
        submitted: Submitted(submitted.parse().unwrap()),
        first: covered.first,
        last: covered.last,
        covered: covered.days,
        by_rows: covered.by_rows,
    })
}

pub fn file(name: &str) -> Origin {
    Origin::Loose(LooseTerms { name: name.to_owned(), family: Family::Focus })
}

/// The newest run of each series.
pub fn known(statements: &[&Statement]) -> Vec<KnownRun> {
    let mut newest: BTreeMap<Series, (Submitted, String)> = BTreeMap::new();
    for run in statements.iter().filter_map(|statement| statement.run()) {
        let age = (run.submitted, run.id.clone());
        let known = newest.entry(run.series()).or_insert_with(|| age.clone());
        *known = age.max(known.clone());
    }
    let known = |(series, (submitted, id))| KnownRun { series, submitted, id };
    newest.into_iter().map(known).collect()
}

impl World {
    /// Imports statements together; what cannot be decided is not imported.
    pub fn import(
        &mut self,
        given: Vec<(Origin, Vec<Row>)>,
        answers: impl Borrow<Answers>,
    ) -> Result<(), Vec<Conflict>> {
        let import = self.given.iter().map(|(s, _)| s.import).max().unwrap_or(0) + 1;
        let before = self.given.len();
        for (origin, rows) in given {
            let answers = answers.borrow().clone();
            self.given.push((Statement { import, origin, answers }, rows));
        }
        let statements: Vec<&Statement> = self.given.iter().map(|(s, _)| s).collect();
        let known = known(&statements);
        for (statement, _) in &mut self.given[before..] {
            statement.answers.known.clone_from(&known);
        }
        let conflicts = self.judge(&(before..self.given.len()).collect()).1;
        if conflicts.is_empty() {
            return Ok(());
        }
        self.given.truncate(before);
        Err(conflicts)
    }

    pub fn withdraw(&mut self, import: i64) {
        self.given.retain(|(statement, _)| statement.import != import);
    }

    /// The rows that count, and the conflicts.
    pub fn judge(&self, fresh: &BTreeSet<usize>) -> (Vec<Row>, Vec<Conflict>) {
        let statements: Vec<Statement> = self.given.iter().map(|(s, _)| s.clone()).collect();
        let (pieces, rows) = pieces(&self.given);
        let memory = Memory(&rows);
        let Ok(judged) = judge(&statements, &pieces, &self.settings, &memory, fresh);
        let mut counted = Vec::new();
        for (piece, verdicts) in judged.verdicts.iter().enumerate() {
            for (at, verdict) in verdicts.iter().enumerate() {
                let here = &rows[piece][&pieces[piece].days[at].day];
                match verdict {
                    Verdict::Counts => counted.extend(here.iter().cloned()),
                    Verdict::Partly(places) => {
                        counted.extend(places.iter().map(|at| here[*at as usize].clone()));
                    }
                    Verdict::Not(_) => {}
                }
            }
        }
        counted.sort();
        (counted, judged.conflicts)
    }

    pub fn total(&self) -> i64 {
        self.judge(&BTreeSet::new()).0.iter().map(|row| row.cents).sum()
    }
}

/// Statement, month, subscription and account of a piece.
type Key<'r> = (usize, (i16, i8), &'r str, &'r str);

/// By piece: rows by day.
type RowsOf = Vec<BTreeMap<Day, Vec<Row>>>;

fn pieces(given: &[(Statement, Vec<Row>)]) -> (Vec<Piece>, RowsOf) {
    let mut found: BTreeMap<Key, BTreeMap<Day, Vec<Row>>> = BTreeMap::new();
    for (statement, (_, rows)) in given.iter().enumerate() {
        for row in rows {
            let key = (statement, month_of(row.day), row.subject.as_str(), row.account.as_str());
            found.entry(key).or_default().entry(row.day).or_default().push(row.clone());
        }
    }
    let piece = |(statement, _, subject, account): &Key, days: &BTreeMap<Day, Vec<Row>>| Piece {
        statement: *statement,
        subject: (*subject).to_owned(),
        account: (*account).to_owned(),
        days: days.iter().map(|(day, rows)| day_rows(*day, rows)).collect(),
    };
    (found.iter().map(|(key, days)| piece(key, days)).collect(), found.into_values().collect())
}

fn day_rows(day: Day, rows: &[Row]) -> DayRows {
    let (mut sum, mut marks) = (Sum::default(), 0u64);
    for row in rows.iter().map(compared) {
        sum.add(&row.digest);
        marks = marks.wrapping_add(hash(&(&row.digest, &row.billing_period, &row.invoice)));
    }
    let cents: i64 = rows.iter().map(|row| row.cents).sum();
    let costs = vec![("EUR".to_owned(), Money::from_units(i128::from(cents)))];
    DayRows { day, rows: rows.len() as u64, sum, marks, costs }
}

fn hash(what: &impl Hash) -> u64 {
    let mut hasher = DefaultHasher::new();
    what.hash(&mut hasher);
    hasher.finish()
}

fn compared(row: &Row) -> ComparedRow {
    let content = format!("{} {} {} {}", row.day, row.subject, row.group, row.cents);
    let digest = RowDigest::of(content.as_bytes());
    let named = |text: &str| (!text.is_empty()).then(|| Arc::from(text));
    ComparedRow {
        digest,
        billing_period: named(&row.period),
        invoice: named(&row.invoice),
        resource_group: named(&row.group),
    }
}

struct Memory<'r>(&'r RowsOf);

impl Rows for Memory<'_> {
    type Error = Infallible;

    fn rows(&self, piece: usize, day: Day) -> Result<Arc<Vec<ComparedRow>>, Infallible> {
        Ok(Arc::new(self.0[piece][&day].iter().map(compared).collect()))
    }
}
