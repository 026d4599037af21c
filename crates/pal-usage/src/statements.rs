//! Statements as the register keeps them, and those of an import.

use std::collections::{BTreeMap, BTreeSet};

use pal_attribution::ingest::DatasetKind;
use pal_store::{CountedRecord, StatementRecord, Store, StoreError, UsageMonth, UsageVersion};
use serde::{Deserialize, Serialize};

use crate::Shelf;
use crate::charges::{Decoded, Source};
use crate::counting::{
    Answers, Dataset, Day, KnownRun, LooseTerms, OnDifference, Origin, RunTerms, Statement,
    Submitted, covered, month_of, relevant,
};
use crate::ledger::{Ledger, LedgerError};

/// What the register keeps of a statement: its JSON.
#[derive(Debug, Serialize, Deserialize)]
struct Terms {
    origin: Origin,
    #[serde(default)]
    answers: Answers,
}

/// A statement as the register keeps it.
pub fn terms(statement: &Statement) -> Result<String, LedgerError> {
    let terms = Terms { origin: statement.origin.clone(), answers: statement.answers.clone() };
    serde_json::to_string(&terms).map_err(|error| LedgerError::Damaged(error.to_string()))
}

/// What the register calls the series of a statement; empty = a loose file.
pub fn series(statement: &Statement) -> String {
    statement.run().map_or_else(String::new, |run| format!("{} {}", run.scope, run.dataset.name()))
}

fn kept(record: &StatementRecord) -> Result<Statement, LedgerError> {
    let terms: Terms = serde_json::from_str(&record.terms)
        .map_err(|error| LedgerError::Damaged(format!("statement {}: {error}", record.number)))?;
    Ok(Statement { import: record.import, origin: terms.origin, answers: terms.answers })
}

/// The statements of what was decoded, given as import number `import`.
pub fn given(decoded: &Decoded, import: i64, answers: &Answers) -> Vec<Statement> {
    let mut days: Vec<BTreeMap<Day, u64>> = vec![BTreeMap::new(); decoded.statements.len()];
    for piece in &decoded.pieces {
        for day in &piece.days {
            *days[piece.statement].entry(day.day).or_default() += day.rows;
        }
    }
    let origin = |(source, days): (&Source, &BTreeMap<Day, u64>)| match source {
        Source::Loose { name, family } => {
            Origin::Loose(LooseTerms { name: name.clone(), family: *family })
        }
        Source::Run(run) => {
            let covered = covered((run.start, run.end), run.end_is_midnight, days);
            Origin::Run(RunTerms {
                export: run.export.clone(),
                scope: run.scope.clone(),
                dataset: dataset(run.dataset),
                id: run.id.clone(),
                submitted: Submitted(run.submitted),
                first: covered.first,
                last: covered.last,
                covered: covered.days,
                by_rows: covered.by_rows,
            })
        }
    };
    let sources = decoded.statements.iter().map(|statement| &statement.source);
    let statement = |origin| Statement { import, origin, answers: answers.clone() };
    sources.zip(&days).map(origin).map(statement).collect()
}

const fn dataset(kind: DatasetKind) -> Dataset {
    match kind {
        DatasetKind::FocusCost => Dataset::Focus,
        DatasetKind::ActualCost => Dataset::Actual,
        DatasetKind::AmortizedCost => Dataset::Amortized,
        DatasetKind::Usage => Dataset::Usage,
    }
}

/// Says of new statements which runs are known with them, where that matters later.
pub fn remember_known(statements: &mut [Statement], fresh: &BTreeSet<usize>) {
    let mut newest: BTreeMap<_, (Submitted, String)> = BTreeMap::new();
    for run in statements.iter().filter_map(Statement::run) {
        let age = (run.submitted, run.id.clone());
        let known = newest.entry(run.series()).or_insert_with(|| age.clone());
        if *known < age {
            *known = age;
        }
    }
    let known =
        newest.into_iter().map(|(series, (submitted, id))| KnownRun { series, submitted, id });
    let known: Vec<KnownRun> = known.collect();
    for at in fresh {
        let answers = &mut statements[*at].answers;
        if answers.on_difference != OnDifference::Refuse {
            answers.known.clone_from(&known);
        }
    }
}

/// What the register has, as far as a change can matter to it.
pub struct Register {
    /// What a change that is decided from this names.
    pub version: UsageVersion,
    pub ledger: Ledger,
    /// What counts now of every month that the change can matter to.
    pub counted: Vec<CountedRecord>,
}

impl Register {
    /// Reads the register for statements that come (`given`, with the months of their rows), or for
    /// an import that goes.
    ///
    /// # Errors
    /// It cannot be read.
    pub async fn read(
        store: &dyn Store,
        shelf: &Shelf,
        given: Vec<Statement>,
        given_months: BTreeSet<UsageMonth>,
        going: Option<i64>,
    ) -> Result<Self, RegisterError> {
        let there = store.usage_statements().await?;
        let statements: Vec<Statement> =
            there.statements.iter().map(kept).collect::<Result<_, _>>()?;
        let goes = |statement: &Statement| Some(statement.import) == going;
        let (mut months, mut changed) = (given_months, Vec::new());
        for (statement, record) in statements.iter().zip(&there.statements) {
            if goes(statement) {
                months.extend(record.months.iter().copied());
                changed.push(statement.clone());
            }
        }
        changed.extend(given.iter().cloned());
        months.extend(months_of_periods(&changed));
        for (statement, record) in statements.iter().zip(&there.statements) {
            if changed.iter().any(|other| is_of_one_period(statement, other)) {
                months.extend(record.months.iter().copied());
            }
        }
        let mut ledger = Ledger::default();
        let mut numbers = BTreeMap::new();
        for (statement, record) in statements.into_iter().zip(&there.statements) {
            if !goes(&statement) {
                numbers.insert(record.number, ledger.add_statement(statement, false));
            }
        }
        for statement in given {
            ledger.add_statement(statement, true);
        }
        let months: Vec<UsageMonth> = months.into_iter().collect();
        let loose = there.statements.iter().any(|record| {
            record.series.is_empty() && record.months.iter().any(|month| months.contains(month))
        });
        let relevant = relevant(&ledger.statements, &ledger.fresh, &months);
        let counted = store.usage_counted(&months).await?;
        // Of equal pieces the first that counted still does, whichever run states them now.
        let counting: BTreeSet<i64> = counted.iter().map(|record| record.statement).collect();
        let wanted = numbers
            .iter()
            .filter(|(number, at)| loose || relevant[**at] || counting.contains(number));
        let wanted: Vec<i64> = wanted.map(|(number, _)| *number).collect();
        let pieces = store.usage_pieces(&wanted, &months).await?;
        shelf.fetch_missing(store, pieces.iter().map(|piece| piece.file.clone()).collect()).await?;
        for piece in pieces {
            let file = shelf.path(&piece.file);
            let Some(statement) = numbers.get(&piece.statement) else { continue };
            ledger.add_kept(*statement, piece, file)?;
        }
        remember_known(&mut ledger.statements, &ledger.fresh);
        Ok(Self { version: there.version, ledger, counted })
    }
}

/// Why the register cannot be read.
#[derive(Debug, thiserror::Error)]
pub enum RegisterError {
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error(transparent)]
    Ledger(#[from] LedgerError),
    #[error(transparent)]
    Home(#[from] crate::HomeError),
}

fn months_of_periods(statements: &[Statement]) -> BTreeSet<UsageMonth> {
    let runs = statements.iter().filter_map(Statement::run);
    runs.flat_map(|run| run.covered.iter().map(month_of).collect::<BTreeSet<_>>()).collect()
}

/// Whether a run is of all days of another one of its series: then it decides about the rows outside
/// the period of that one, too.
fn is_of_one_period(statement: &Statement, other: &Statement) -> bool {
    let (Some(run), Some(other)) = (statement.run(), other.run()) else { return false };
    let within = |one: &RunTerms, two: &RunTerms| two.first <= one.first && one.last <= two.last;
    run.scope == other.scope
        && run.dataset == other.dataset
        && (within(run, other) || within(other, run))
}

/// The months of the rows of what was decoded.
pub fn months(decoded: &Decoded) -> BTreeSet<UsageMonth> {
    decoded.pieces.iter().map(|piece| piece.month).collect()
}
