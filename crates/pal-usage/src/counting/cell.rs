//! One cell: the rows of one billed subscription (or of none) on one day, from all statements.

use std::collections::{BTreeMap, BTreeSet, HashSet};
use std::sync::Arc;

use super::rows::{Billed, ComparedRow, are_equal, unmatched};
use super::scope::{Relation, resource_group_of};
use super::series::{AllSeries, Standing};
use super::statement::{Dataset, DayRows, OnDifference, Origin, Piece, RunTerms, Statement};
use super::verdict::{Cell, Conflict, Reason, Settings, Verdict};
use super::{Rows, days::Day};
use crate::charges::{Family, Sum};

mod datasets;
mod loose;
mod outside;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PieceDay {
    /// Index of the piece.
    pub piece: usize,
    /// Index of the day in the piece.
    pub at: usize,
    /// Index of the statement.
    pub statement: usize,
}

/// Nanoseconds after which a narrower export is much newer: 72 hours.
const MUCH_NEWER: i128 = 72 * 3_600 * 1_000_000_000;

/// What the rule looks at.
pub struct CellInputs<'g, R> {
    pub statements: &'g [Statement],
    pub pieces: &'g [Piece],
    pub series: &'g AllSeries<'g>,
    pub settings: &'g Settings,
    pub rows: &'g R,
    /// Statements that are new: only of these is asked whether they share rows with their mates.
    pub fresh: &'g BTreeSet<usize>,
    /// Runs, and days of which they have rows.
    pub stated_days: &'g HashSet<(usize, Day)>,
}

pub struct CellJudge<'g, R> {
    ground: &'g CellInputs<'g, R>,
    cell: Cell,
    /// All rows of the cell, those that no longer count included.
    all: Vec<PieceDay>,
    /// Rows of the runs that state the day, also where those of a wider scope count instead.
    stated: Vec<PieceDay>,
    /// Rows that count: they stand for the cell.
    kept: Vec<PieceDay>,
    verdicts: Vec<(PieceDay, Verdict)>,
    conflicts: Vec<Conflict>,
}

pub type CellJudgement = (Vec<(PieceDay, Verdict)>, Vec<Conflict>);

impl<'g, R: Rows> CellJudge<'g, R> {
    /// Judges the rows of a cell.
    ///
    /// # Errors
    /// Rows cannot be read.
    pub fn judge(
        ground: &'g CellInputs<'g, R>,
        subject: &str,
        day: Day,
        nodes: Vec<PieceDay>,
    ) -> Result<CellJudgement, R::Error> {
        let cell = Cell { subject: subject.to_owned(), day };
        let mut judge = Self {
            ground,
            cell,
            all: nodes,
            stated: Vec::new(),
            kept: Vec::new(),
            verdicts: Vec::new(),
            conflicts: Vec::new(),
        };
        let mut stated = Vec::new();
        let (mut loose, mut outside) = (Vec::new(), Vec::new());
        for node in judge.all.clone() {
            match ground.series.place(node.statement, day) {
                Standing::Stated => stated.push(node),
                Standing::Loose => loose.push(node),
                Standing::Early => outside.push((node, false)),
                Standing::Late => outside.push((node, true)),
                Standing::Overtaken => judge.leave_out(node, Reason::Overtaken),
                Standing::LateCovered => judge.leave_out(node, Reason::Late),
                Standing::Twin => judge.leave_out(node, Reason::Equal),
                Standing::Ignored => judge.leave_out(node, Reason::Ignored),
            }
        }
        judge.choose_dataset(&mut stated, &mut loose, &mut outside);
        judge.stated.clone_from(&stated);
        judge.choose_widest(stated)?;
        judge.place_loose(loose)?;
        judge.place_outside(outside)?;
        Ok((judge.verdicts, judge.conflicts))
    }

    fn leave_out(&mut self, node: PieceDay, reason: Reason) {
        self.verdicts.push((node, Verdict::Not(reason)));
    }

    fn keep(&mut self, node: PieceDay) {
        self.kept.push(node);
        self.verdicts.push((node, Verdict::Counts));
    }

    /// Takes back that rows count.
    fn drop_kept(&mut self, node: PieceDay, reason: Reason) {
        self.kept.retain(|kept| *kept != node);
        self.verdicts.retain(|(other, _)| *other != node);
        self.leave_out(node, reason);
    }

    fn statement(&self, node: PieceDay) -> &'g Statement {
        &self.ground.statements[node.statement]
    }

    fn run(&self, node: PieceDay) -> Option<&'g RunTerms> {
        self.statement(node).run()
    }

    fn series(&self, node: PieceDay) -> Option<usize> {
        self.ground.series.of(node.statement)
    }

    fn rows_of(&self, node: PieceDay) -> &'g DayRows {
        &self.ground.pieces[node.piece].days[node.at]
    }

    /// The billing account of the rows: as they name it, else as the scope does; empty = unknown.
    fn account(&self, node: PieceDay) -> &'g str {
        let named = self.ground.pieces[node.piece].account.as_str();
        if !named.is_empty() {
            return named;
        }
        self.run(node).and_then(RunTerms::account).unwrap_or_default()
    }

    /// Whether rows of two statements may be the same money (rule 4).
    fn may_be_same(&self, one: PieceDay, other: PieceDay) -> bool {
        let (a, b) = (self.account(one), self.account(other));
        if !a.is_empty() && !b.is_empty() && a != b {
            return false;
        }
        match (self.series(one), self.series(other)) {
            (Some(one), Some(other)) => self.ground.series.relation(one, other) != Relation::Apart,
            _ => true,
        }
    }

    /// Those of `nodes` that may be the same money as one of `these`.
    fn rivals_of(&self, these: &[PieceDay], nodes: &[PieceDay]) -> Vec<PieceDay> {
        let same = |node: &&PieceDay| these.iter().any(|one| self.may_be_same(*one, **node));
        nodes.iter().filter(same).copied().collect()
    }

    fn read(&self, nodes: &[PieceDay]) -> Result<Vec<Arc<Vec<ComparedRow>>>, R::Error> {
        nodes.iter().map(|node| self.ground.rows.rows(node.piece, self.cell.day)).collect()
    }

    /// Whether two groups hold equal rows, each as often.
    fn are_equal(&self, these: &[PieceDay], those: &[PieceDay]) -> Result<bool, R::Error> {
        let total = |nodes: &[PieceDay]| {
            let mut total = (0u64, Sum::default(), 0u64);
            for rows in nodes.iter().map(|node| self.rows_of(*node)) {
                total.0 += rows.rows;
                total.1 = total.1.plus(&rows.sum);
                total.2 = total.2.wrapping_add(rows.marks);
            }
            total
        };
        let (these_total, those_total) = (total(these), total(those));
        if (these_total.0, these_total.1) != (those_total.0, those_total.1) {
            return Ok(false);
        }
        let accounts: BTreeSet<&str> =
            these.iter().chain(those).map(|node| self.account(*node)).collect();
        if these_total.2 == those_total.2 && accounts.len() == 1 {
            return Ok(true);
        }
        let (these_rows, those_rows) = (self.read(these)?, self.read(those)?);
        Ok(are_equal(&self.billed(these, &these_rows), &self.billed(those, &those_rows)))
    }

    /// The rows of some nodes, one after the other.
    fn billed<'r>(&self, nodes: &[PieceDay], rows: &'r [Arc<Vec<ComparedRow>>]) -> Vec<Billed<'r>>
    where
        'g: 'r,
    {
        let of_node = |(node, rows): (&PieceDay, &'r Arc<Vec<ComparedRow>>)| {
            let account = self.account(*node);
            rows.iter().map(move |row| Billed { row, account })
        };
        nodes.iter().zip(rows).flat_map(of_node).collect()
    }

    /// The places of rows of each of `these` that no row of `those` equals.
    fn unmatched(&self, these: &[PieceDay], those: &[PieceDay]) -> Result<Vec<Vec<u32>>, R::Error> {
        let (these_rows, those_rows) = (self.read(these)?, self.read(those)?);
        let places = these_rows.iter().enumerate();
        let places: Vec<(usize, u32)> = places
            .flat_map(|(node, rows)| (0..).zip(rows.iter()).map(move |(at, _)| (node, at)))
            .collect();
        let mine = self.billed(these, &these_rows);
        let mut left = vec![Vec::new(); these.len()];
        for at in unmatched(&mine, &self.billed(those, &those_rows)) {
            left[places[at].0].push(places[at].1);
        }
        Ok(left)
    }

    /// Counts those rows of `nodes` that are `left`; the others are told to be stated elsewhere.
    fn keep_partly(&mut self, nodes: &[PieceDay], left: Vec<Vec<u32>>, reason: Reason) {
        for (node, left) in nodes.iter().zip(left) {
            if left.is_empty() {
                self.leave_out(*node, reason);
            } else if left.len() as u64 == self.rows_of(*node).rows {
                self.keep(*node);
            } else {
                self.kept.push(*node);
                self.verdicts.push((*node, Verdict::Partly(left)));
            }
        }
    }

    /// Rule 4 (b): of nested scopes, the wider one's rows count where it has any.
    fn choose_widest(&mut self, mut stated: Vec<PieceDay>) -> Result<(), R::Error> {
        let submitted = |node: &PieceDay| self.run(*node).map(|run| run.submitted);
        stated.sort_by_key(|node| (submitted(node), node.statement, node.piece));
        // A wider one may come later in this order: keep what no other displaces.
        for at in 0..stated.len() {
            let node = stated[at];
            let wider = self.wider_of(node, &stated);
            if wider.is_empty() {
                self.keep(node);
            } else {
                self.check_nested(node, &wider)?;
                self.leave_out(node, Reason::Wider);
            }
        }
        self.choose_of_unclear()
    }

    /// Those of `others` that are of a wider scope and may be the same money.
    fn wider_of(&self, node: PieceDay, others: &[PieceDay]) -> Vec<PieceDay> {
        let is_wider = |other: &&PieceDay| {
            self.lies(**other, node) == Some(Relation::Wider) && self.may_be_same(**other, node)
        };
        others.iter().filter(is_wider).copied().collect()
    }

    fn lies(&self, one: PieceDay, other: PieceDay) -> Option<Relation> {
        let (one, other) = (self.series(one)?, self.series(other)?);
        Some(self.ground.series.relation(one, other))
    }

    /// A narrower run that is much newer must say the same as the wider one.
    fn check_nested(&mut self, node: PieceDay, wider: &[PieceDay]) -> Result<(), R::Error> {
        let Some(run) = self.run(node) else { return Ok(()) };
        let age = |other: &PieceDay| {
            self.run(*other)
                .map_or(0, |wide| run.submitted.0.nanoseconds() - wide.submitted.0.nanoseconds())
        };
        let Some(newest) = wider.iter().min_by_key(|other| age(other)).copied() else {
            return Ok(());
        };
        if age(&newest) <= MUCH_NEWER || self.says_the_same(node, run, wider)? {
            return Ok(());
        }
        let (wider, narrower) = (newest.statement, node.statement);
        self.conflicts.push(Conflict::Nested { cell: self.cell.clone(), wider, narrower });
        Ok(())
    }

    /// Whether the rows of a narrower run are those that the wider one has of its scope.
    fn says_the_same(
        &self,
        node: PieceDay,
        run: &RunTerms,
        wider: &[PieceDay],
    ) -> Result<bool, R::Error> {
        let mine: Vec<PieceDay> =
            self.all.iter().filter(|other| other.statement == node.statement).copied().collect();
        if self.are_equal(&mine, wider)? {
            return Ok(true);
        }
        if self.unmatched(&mine, wider)?.iter().any(|left| !left.is_empty()) {
            return Ok(false);
        }
        // All of the narrower one is in the wider one. Does the wider one have more of that scope?
        // Of a resource group the rows tell; of a profile nothing does.
        let Some(group) = resource_group_of(&run.scope) else { return Ok(false) };
        let (mine, theirs) = (self.read(&mine)?, self.read(wider)?);
        let here = |row: &&ComparedRow| row.resource_group.as_deref() == Some(group);
        let count = |rows: &[Arc<Vec<ComparedRow>>]| {
            rows.iter().flat_map(|rows| rows.iter()).filter(here).count()
        };
        Ok(count(&mine) == count(&theirs))
    }

    /// Of two scopes of which nobody knows which is the wider one, equal rows count once, and rows
    /// that are all among the other's are theirs.
    fn choose_of_unclear(&mut self) -> Result<(), R::Error> {
        let mut runs: Vec<usize> = self.kept.iter().map(|node| node.statement).collect();
        runs.sort_unstable();
        runs.dedup();
        for (at, one) in runs.iter().enumerate() {
            for other in &runs[at + 1..] {
                let of = |statement: usize| -> Vec<PieceDay> {
                    self.kept.iter().filter(|n| n.statement == statement).copied().collect()
                };
                let (mine, theirs) = (of(*one), of(*other));
                let (Some(first), Some(second)) = (mine.first(), theirs.first()) else { continue };
                if self.lies(*first, *second) != Some(Relation::Unclear)
                    || self.rivals_of(&mine, &theirs).is_empty()
                {
                    continue;
                }
                let none_left = |left: Vec<Vec<u32>>| left.iter().all(Vec::is_empty);
                let within = none_left(self.unmatched(&mine, &theirs)?);
                let around = none_left(self.unmatched(&theirs, &mine)?);
                let (dropped, reason) = match (within, around) {
                    (true, true) => (theirs, Reason::Equal),
                    (true, false) => (mine, Reason::Wider),
                    (false, true) => (theirs, Reason::Wider),
                    (false, false) => {
                        let (cell, one, other) = (self.cell.clone(), *one, *other);
                        self.conflicts.push(Conflict::Unclear { cell, one, other });
                        continue;
                    }
                };
                for node in dropped {
                    self.drop_kept(node, reason);
                }
            }
        }
        Ok(())
    }
}

fn may_hold(statement: &Statement, dataset: Dataset) -> bool {
    match &statement.origin {
        Origin::Run(run) => run.dataset == dataset,
        Origin::Loose(loose) => match loose.family {
            Family::Focus => dataset == Dataset::Focus,
            Family::CostManagement => dataset != Dataset::Focus,
        },
    }
}

/// Whether two statements cannot hold the same dataset.
fn datasets_differ(one: &Statement, other: &Statement) -> bool {
    !Dataset::NAMES.iter().any(|(_, dataset)| may_hold(one, *dataset) && may_hold(other, *dataset))
}

/// What an import says of rows that differ.
fn on_difference(statement: &Statement) -> OnDifference {
    statement.answers.on_difference
}

type ByImport<'g> = BTreeMap<i64, BTreeMap<&'g str, Vec<PieceDay>>>;
