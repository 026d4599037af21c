//! Which rows count: one rule, for files, imports, uploads and watched folders alike.
//!
//! # The idea
//!
//! A cost export is written again and again: a growing month every day, the closed month for some
//! days more, once by an export of the billing account and once by one of a subscription, as actual
//! cost and as FOCUS, and then a person downloads a file of it by hand. Every charge must count once,
//! with the amount that was billed. So nothing is decided by what came first, or by names. All that
//! was given is a set of *statements*, and this module is a function of that set: [`judge`] says of
//! every row whether it counts, or names the conflict that somebody has to decide.
//!
//! A statement is a run of an export or a loose file. Runs of equal scope and dataset are a *series*;
//! of each day, the newest run that covers it counts. Everything else is compared by *cell*: the rows
//! of one billed subscription (or of none) on one day.
//!
//! # Worked example
//!
//! The export `daily` of account A ran on 3 October (1 to 2 October: 10 + 10) and on 4 October (1 to
//! 3 October: 10 + 12 + 10). Its second run covers all days of the first: 32 counts. An export of
//! subscription S, which belongs to A, states 10 for S on 2 October; the account has rows for S on
//! that day, and is the wider scope: the 12 stays. A file that somebody downloaded has 12 for S on
//! 2 October: equal rows, they count once. It has 7 of tax, without subscription, on the 2nd: nobody
//! else has rows without a subscription on that day, so they count. Another file has 11 for S on the
//! 2nd: a conflict, until somebody says that it restates the run, or comes beside it.
//!
//! # Order of the steps
//!
//! In a cell: which rows lie inside the period of the run that states the day (`series`), which
//! dataset counts (`cell::datasets`), which of nested scopes (`cell`), what loose files add
//! (`cell::loose`), and last the rows that lie outside the period of their run, which displace
//! nothing. [`guard`] looks at new runs that would end what counted.

mod cell;
mod days;
mod guard;
mod rows;
mod scope;
mod series;
mod statement;
mod verdict;

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;

use crate::charges::Sum;

pub use days::{Day, Days, date_of, day_of, day_of_date, month_of};
pub use rows::ComparedRow;
pub use scope::{Relation, account_of, relation};
pub use statement::{
    Answers, Covered, Dataset, DayRows, KnownRun, LooseTerms, OnDifference, Origin, Piece,
    RunTerms, Series, Statement, Submitted, covered, period,
};
pub use verdict::{Cell, Conflict, Ignored, Reason, Settings, Verdict};

use cell::{CellInputs, CellJudge, PieceDay};
use series::{AllSeries, Standing};

/// Where the rows behind pieces are. Few are read: those of cells that several statements state.
pub trait Rows {
    /// Why rows cannot be read.
    type Error;

    /// The rows of one day of a piece, in a fixed order.
    ///
    /// # Errors
    /// They cannot be read.
    fn rows(&self, piece: usize, day: Day) -> Result<Arc<Vec<ComparedRow>>, Self::Error>;
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Judgement {
    pub verdicts: Vec<Vec<Verdict>>,
    /// What somebody has to decide. With any of these, nothing of the verdicts is to be used.
    pub conflicts: Vec<Conflict>,
    /// Loose files that are copies of another file of their import: the copy, and the other.
    pub copies: Vec<(usize, usize)>,
}

/// Judges a set of statements, of which `fresh` are being added.
///
/// `pieces` may leave out months that no statement of `fresh` can change.
///
/// # Errors
/// Rows cannot be read.
pub fn judge<R: Rows>(
    statements: &[Statement],
    pieces: &[Piece],
    settings: &Settings,
    rows: &R,
    fresh: &BTreeSet<usize>,
) -> Result<Judgement, R::Error> {
    let series = AllSeries::new(statements, settings);
    let copies = copies(statements, pieces);
    let copied: BTreeSet<usize> = copies.iter().map(|(copy, _)| *copy).collect();
    let mut conflicts = differing_twins(statements, pieces, &series, fresh);
    conflicts.extend(guard::check(statements, pieces, &series, fresh));
    let nothing = |piece: &Piece| vec![Verdict::Not(Reason::Copy); piece.days.len()];
    let mut verdicts: Vec<Vec<Verdict>> = pieces.iter().map(nothing).collect();
    let mut cells: BTreeMap<(&str, Day), Vec<PieceDay>> = BTreeMap::new();
    for (at, piece) in pieces.iter().enumerate() {
        if copied.contains(&piece.statement) {
            continue;
        }
        for (day, rows) in piece.days.iter().enumerate() {
            let node = PieceDay { piece: at, at: day, statement: piece.statement };
            cells.entry((&piece.subject, rows.day)).or_default().push(node);
        }
    }
    let stated = pieces.iter().flat_map(|p| p.days.iter().map(|rows| (p.statement, rows.day)));
    let stated_days = &stated.collect();
    let ground =
        CellInputs { statements, pieces, series: &series, settings, rows, fresh, stated_days };
    for ((subject, day), nodes) in cells {
        let (judged, found) = CellJudge::judge(&ground, subject, day, nodes)?;
        for (node, verdict) in judged {
            verdicts[node.piece][node.at] = verdict;
        }
        conflicts.extend(found);
    }
    Ok(Judgement { verdicts, conflicts, copies })
}

/// Which statements can matter to what `fresh` ones change in some months, where no loose files are:
/// runs that are newest for a day without the new ones, rows outside the period of a run, and other
/// copies of the new runs.
pub fn relevant(
    statements: &[Statement],
    fresh: &BTreeSet<usize>,
    months: &[(i16, i8)],
) -> Vec<bool> {
    let old: Vec<Statement> = (0..statements.len())
        .filter(|at| !fresh.contains(at))
        .map(|at| statements[at].clone())
        .collect();
    let series = AllSeries::new(&old, &Settings::default());
    let new: BTreeSet<&str> =
        fresh.iter().filter_map(|at| statements[*at].run()).map(|run| run.id.as_str()).collect();
    let mut matters = (0..old.len()).map(|at| {
        let Some(run) = old[at].run() else { return true };
        let mut days = run.covered.iter().filter(|day| months.contains(&month_of(*day)));
        new.contains(run.id.as_str())
            || series.has_outside(at)
            || days.any(|day| series.place(at, day) == Standing::Stated)
    });
    let of = |at: usize| if fresh.contains(&at) { true } else { matters.next().unwrap_or(true) };
    (0..statements.len()).map(of).collect()
}

/// All that a statement says: what two copies have in common.
type Content<'p> = BTreeMap<(&'p str, &'p str, Day), (u64, Sum, u64)>;

fn contents<'p>(pieces: &'p [Piece], of: &BTreeSet<usize>) -> BTreeMap<usize, Content<'p>> {
    let mut contents: BTreeMap<usize, Content> = BTreeMap::new();
    for piece in pieces.iter().filter(|piece| of.contains(&piece.statement)) {
        let content = contents.entry(piece.statement).or_default();
        for rows in &piece.days {
            let place = (piece.subject.as_str(), piece.account.as_str(), rows.day);
            content.insert(place, (rows.rows, rows.sum, rows.marks));
        }
    }
    contents
}

/// Rule 5: exact copies among the loose files of one import.
fn copies(statements: &[Statement], pieces: &[Piece]) -> Vec<(usize, usize)> {
    let mut files: HashMap<i64, usize> = HashMap::new();
    for statement in statements.iter().filter(|statement| statement.loose().is_some()) {
        *files.entry(statement.import).or_default() += 1;
    }
    let has_mates = |statement: &Statement| {
        statement.loose().is_some() && files.get(&statement.import).is_some_and(|files| *files > 1)
    };
    let of = (0..statements.len()).filter(|at| has_mates(&statements[*at])).collect();
    let mut first: HashMap<(i64, Vec<(_, _)>), usize> = HashMap::new();
    let mut copies = Vec::new();
    for (at, content) in contents(pieces, &of) {
        let key = (statements[at].import, content.into_iter().collect::<Vec<_>>());
        match first.get(&key) {
            Some(other) => copies.push((at, *other)),
            None => drop(first.insert(key, at)),
        }
    }
    copies
}

/// New copies of a run that is known, with other rows.
fn differing_twins(
    statements: &[Statement],
    pieces: &[Piece],
    series: &AllSeries,
    fresh: &BTreeSet<usize>,
) -> Vec<Conflict> {
    let twins: Vec<(usize, usize)> = (0..statements.len())
        .filter_map(|at| Some((at, series.twin_of[at]?)))
        .filter(|(at, other)| fresh.contains(at) || fresh.contains(other))
        .collect();
    let of: BTreeSet<usize> = twins.iter().flat_map(|(at, other)| [*at, *other]).collect();
    let contents = contents(pieces, &of);
    let differ = |(at, other): &(usize, usize)| contents.get(at) != contents.get(other);
    let conflict = |(one, other)| Conflict::Copies { one, other };
    twins.into_iter().filter(differ).map(conflict).collect()
}

#[cfg(test)]
mod tests;
