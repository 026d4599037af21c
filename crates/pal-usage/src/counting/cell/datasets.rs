//! Rule 4 (a): actual, amortized and FOCUS exports hold the same money.

use std::collections::BTreeSet;

use super::super::Rows;
use super::super::series::Runs;
use super::super::statement::Dataset;
use super::{CellJudge, Conflict, PieceDay, Reason, datasets_differ, may_hold};

/// Rows, and whether they lie after the period of their run.
type Outside = Vec<(PieceDay, bool)>;

impl<R: Rows> CellJudge<'_, R> {
    /// Of several datasets that hold the same money, leaves the chosen one.
    pub(super) fn choose_dataset(
        &mut self,
        stated: &mut Vec<PieceDay>,
        loose: &mut Vec<PieceDay>,
        outside: &mut Outside,
    ) {
        let all: Vec<PieceDay> = stated
            .iter()
            .chain(loose.iter())
            .chain(outside.iter().map(|(n, _)| n))
            .copied()
            .collect();
        let clashes = self.clashes(&all);
        if clashes.is_empty() {
            return;
        }
        let Some(chosen) = self.chosen(&clashes) else {
            self.datasets_conflict(&clashes);
            return;
        };
        let is_out = |node: &PieceDay| {
            !may_hold(self.statement(*node), chosen)
                && (all.iter().any(|other| {
                    may_hold(self.statement(*other), chosen) && self.may_be_same(*node, *other)
                }) || self
                    .covering(*node)
                    .iter()
                    .any(|run| may_hold(&self.ground.statements[*run], chosen)))
        };
        let out: Vec<PieceDay> = all.iter().filter(|node| is_out(node)).copied().collect();
        stated.retain(|node| !out.contains(node));
        loose.retain(|node| !out.contains(node));
        outside.retain(|(node, _)| !out.contains(node));
        let rest: Vec<PieceDay> = all.into_iter().filter(|node| !out.contains(node)).collect();
        for node in out {
            self.leave_out(node, Reason::OtherDataset);
        }
        // The chosen dataset stands for itself; what else is left must not clash.
        let others: Vec<PieceDay> =
            rest.into_iter().filter(|node| !may_hold(self.statement(*node), chosen)).collect();
        let clashes = self.clashes(&others);
        if !clashes.is_empty() {
            self.datasets_conflict(&clashes);
        }
    }

    /// The statements that hold the same money in different datasets.
    fn clashes(&self, nodes: &[PieceDay]) -> BTreeSet<usize> {
        let mut clashes = BTreeSet::new();
        for (at, one) in nodes.iter().enumerate() {
            let mine = self.statement(*one);
            for other in &nodes[at + 1..] {
                if datasets_differ(mine, self.statement(*other)) && self.may_be_same(*one, *other) {
                    clashes.extend([one.statement, other.statement]);
                }
            }
            let covering = self.covering(*one);
            if !covering.is_empty() {
                clashes.extend(covering.into_iter().chain([one.statement]));
            }
        }
        clashes
    }

    /// Runs of other datasets that state the same scope on this day, with or without rows here: a
    /// purchase that only the actual export has is no charge that the amortized one forgot.
    fn covering(&self, node: PieceDay) -> Vec<usize> {
        let (Some(run), Some(series)) = (self.run(node), self.series(node)) else {
            return Vec::new();
        };
        let all = self.ground.series;
        let Runs { rivals, series: own, .. } = &all.all[series];
        // Rows before or after the period of their run are as good as those inside.
        let day =
            if run.covered.has(self.cell.day) { Some(self.cell.day) } else { run.covered.first() };
        let Some(day) = day else { return Vec::new() };
        let account = all.of_account(self.account(node), own.dataset);
        let mut found: Vec<usize> = rivals
            .iter()
            .copied()
            .chain(account)
            .filter_map(|rival| all.newest(rival, day))
            .collect();
        found.sort_unstable();
        found.dedup();
        found
    }

    /// The dataset that the settings choose, or else the newest import of one of these series.
    fn chosen(&self, statements: &BTreeSet<usize>) -> Option<Dataset> {
        let all = self.ground.series;
        let of_series = |at: &usize| match all.of(*at) {
            Some(series) => all.all[series].runs.clone(),
            None => vec![*at],
        };
        let involved = statements.iter().flat_map(of_series).map(|at| &self.ground.statements[at]);
        let chose = involved.filter(|statement| statement.answers.dataset.is_some());
        let newest = chose.max_by_key(|statement| statement.import);
        self.ground.settings.dataset.or(newest.and_then(|statement| statement.answers.dataset))
    }

    fn datasets_conflict(&mut self, clashes: &BTreeSet<usize>) {
        let statements = clashes.iter().copied().collect();
        self.conflicts.push(Conflict::Datasets { cell: self.cell.clone(), statements });
    }
}
