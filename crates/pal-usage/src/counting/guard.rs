//! What a new run may not do without being asked: end what counted.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use pal_model::Money;

use super::days::{Day, month_of};
use super::series::AllSeries;
use super::statement::{Piece, Statement};
use super::verdict::Conflict;

/// Rows and cost of a day of a statement.
#[derive(Default)]
struct Total {
    rows: u64,
    costs: BTreeMap<String, i128>,
}

/// Rule 2: new runs that have no row for days that counted, or take away more than half of a month.
///
/// Each run is held against the older runs of its series alone, so the answer does not depend on the
/// order in which runs are imported.
pub fn check(
    statements: &[Statement],
    pieces: &[Piece],
    series: &AllSeries,
    fresh: &BTreeSet<usize>,
) -> Vec<Conflict> {
    let mut totals: HashMap<(usize, Day), Total> = HashMap::new();
    for piece in pieces {
        for rows in &piece.days {
            let total = totals.entry((piece.statement, rows.day)).or_default();
            total.rows += rows.rows;
            for (currency, cost) in &rows.costs {
                let sum = total.costs.entry(currency.clone()).or_default();
                *sum = sum.saturating_add(cost.units());
            }
        }
    }
    let mut conflicts = Vec::new();
    for (at, runs) in series.all.iter().enumerate() {
        for (place, run) in runs.runs.iter().enumerate() {
            if fresh.contains(run) && !statements[*run].answers.accept_empty {
                let older = &runs.runs[..place];
                conflicts.extend(of_run(statements, series, &totals, at, *run, older));
            }
        }
    }
    conflicts
}

fn of_run(
    statements: &[Statement],
    series: &AllSeries,
    totals: &HashMap<(usize, Day), Total>,
    of: usize,
    at: usize,
    older: &[usize],
) -> Vec<Conflict> {
    let Some(run) = statements[at].run() else { return Vec::new() };
    let covers =
        |at: &usize, day: Day| statements[*at].run().is_some_and(|run| run.covered.has(day));
    let before = |day: Day| older.iter().rev().copied().find(|at| covers(at, day));
    let newest: Vec<Day> =
        run.covered.iter().filter(|day| series.newest(of, *day) == Some(at)).collect();
    let mut ended = Vec::new();
    let mut months: BTreeSet<(i16, i8)> = BTreeSet::new();
    for day in newest {
        let had = before(day).and_then(|older| totals.get(&(older, day)));
        if had.is_some_and(|had| had.rows > 0) {
            months.insert(month_of(day));
            if !totals.contains_key(&(at, day)) {
                ended.push(day);
            }
        }
    }
    let mut conflicts = Vec::new();
    if let Some(day) = ended.first() {
        conflicts.push(Conflict::Empty { run: at, day: *day, days: ended.len() });
    }
    for month in months {
        let mut sums: BTreeMap<&str, (i128, i128)> = BTreeMap::new();
        for day in days_of(month) {
            let then = before(day);
            let now = if covers(&at, day) { Some(at) } else { then };
            for (statement, is_now) in [(then, false), (now, true)] {
                let Some(total) = statement.and_then(|s| totals.get(&(s, day))) else { continue };
                for (currency, cost) in &total.costs {
                    let sum = sums.entry(currency).or_default();
                    let side = if is_now { &mut sum.1 } else { &mut sum.0 };
                    *side = side.saturating_add(*cost);
                }
            }
        }
        for (currency, (before, after)) in sums {
            if before > 0 && after < before / 2 && ended.is_empty() {
                conflicts.push(Conflict::Halved {
                    run: at,
                    month,
                    currency: currency.to_owned(),
                    before: Money::from_units(before),
                    after: Money::from_units(after),
                });
            }
        }
    }
    conflicts
}

fn days_of((year, month): (i16, i8)) -> impl Iterator<Item = Day> {
    let first = jiff::civil::Date::new(year, month, 1).map_or(0, super::days::day_of_date);
    (first..first + 31).filter(move |day| month_of(*day) == (year, month))
}
