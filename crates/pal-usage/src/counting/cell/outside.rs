//! Rule 3: rows outside the period of their run displace nothing.

use std::collections::BTreeSet;
use std::sync::Arc;

use super::super::Rows;
use super::super::statement::{OnDifference, RunTerms};
use super::{CellJudge, Conflict, PieceDay, Reason, Verdict, on_difference};

/// Which rows of a run are left out or kept whatever equals them, by node and place.
#[derive(Default)]
struct RowsDecided {
    out: BTreeSet<(usize, u32)>,
    kept: BTreeSet<(usize, u32)>,
}

impl<R: Rows> CellJudge<'_, R> {
    /// Counts rows outside the period of their run (`true`: after it) beside the others, but for those
    /// that are equal to a row that counts.
    pub(super) fn place_outside(
        &mut self,
        mut outside: Vec<(PieceDay, bool)>,
    ) -> Result<(), R::Error> {
        outside.sort_by_key(|(node, _)| {
            (self.run(*node).map(RunTerms::age), node.statement, node.piece)
        });
        let all: Vec<PieceDay> = outside.iter().map(|(node, _)| *node).collect();
        let stated: Vec<PieceDay> =
            self.kept.iter().filter(|kept| self.run(**kept).is_some()).copied().collect();
        let mut placed = Vec::with_capacity(all.len());
        for (node, late) in outside {
            let wider = self.wider_of(node, &all);
            if !wider.is_empty() {
                self.check_nested(node, &wider)?;
                self.leave_out(node, Reason::Wider);
            } else if late && !self.rivals_of(&[node], &stated).is_empty() {
                self.leave_out(node, Reason::Late);
            } else {
                placed.push(node);
            }
        }
        for nodes in placed.chunk_by(|a, b| a.statement == b.statement) {
            let decided = self.compare_with_files(nodes)?;
            let theirs = self.rivals_of(nodes, &self.kept);
            let mut left = self.unmatched(nodes, &theirs)?;
            for (node, left) in left.iter_mut().enumerate() {
                let kept = decided.kept.iter().filter(|(of, _)| *of == node).map(|(_, at)| *at);
                left.extend(kept);
                left.retain(|at| !decided.out.contains(&(node, *at)));
                left.sort_unstable();
                left.dedup();
            }
            self.keep_partly(nodes, left, Reason::Equal);
        }
        Ok(())
    }

    /// Rows of a run and of loose files that are billed in the same period, outside of the month in
    /// which they were used, are statements of the same corrections: they must be equal.
    fn compare_with_files(&mut self, nodes: &[PieceDay]) -> Result<RowsDecided, R::Error> {
        let mut decided = RowsDecided::default();
        let files: Vec<PieceDay> = self.rivals_of(nodes, &self.kept);
        let files: Vec<PieceDay> =
            files.into_iter().filter(|node| self.run(*node).is_none()).collect();
        let rows = self.read(nodes)?;
        let periods: BTreeSet<&Arc<str>> = rows
            .iter()
            .flat_map(|rows| rows.iter())
            .filter_map(|row| row.billing_period.as_ref())
            .collect();
        for file in files {
            for period in &periods {
                self.compare_period(nodes, file, period, &mut decided)?;
            }
        }
        Ok(decided)
    }

    fn compare_period(
        &mut self,
        nodes: &[PieceDay],
        file: PieceDay,
        period: &Arc<str>,
        decided: &mut RowsDecided,
    ) -> Result<(), R::Error> {
        let (mine, theirs) = (self.of_period(nodes, period)?, self.of_period(&[file], period)?);
        if theirs.is_empty() {
            return Ok(());
        }
        let unmatched = |these: &[PieceDay], those: &[PieceDay]| self.unmatched(these, those);
        let differ = |left: Vec<Vec<u32>>, of: &BTreeSet<(usize, u32)>| {
            let left = left.iter().enumerate().flat_map(|(n, l)| l.iter().map(move |at| (n, *at)));
            left.into_iter().any(|place| of.contains(&place))
        };
        let same = !differ(unmatched(nodes, &[file])?, &mine)
            && !differ(unmatched(&[file], nodes)?, &theirs);
        if same {
            return Ok(());
        }
        let (import, known) = (self.statement(file).import, &self.statement(file).answers.known);
        match (on_difference(self.statement(file)), self.answered(nodes[0], import)) {
            (_, Some(OnDifference::Restate)) => {
                decided.kept.extend(mine);
                self.drop_rows(file, &theirs);
            }
            (OnDifference::Restate, _) if !self.is_newer(nodes[0], known) => {
                decided.out.extend(mine);
            }
            (OnDifference::Restate, _) => {
                decided.kept.extend(mine);
                self.drop_rows(file, &theirs);
            }
            (OnDifference::Add, _) | (_, Some(OnDifference::Add)) => {}
            _ => {
                let (cell, others) = (self.cell.clone(), vec![nodes[0].statement]);
                self.conflicts.push(Conflict::Loose { cell, file: file.statement, others });
            }
        }
        Ok(())
    }

    /// The rows of some nodes that are billed in a period.
    fn of_period(
        &self,
        nodes: &[PieceDay],
        period: &Arc<str>,
    ) -> Result<BTreeSet<(usize, u32)>, R::Error> {
        let rows = self.read(nodes)?;
        let places = rows
            .iter()
            .enumerate()
            .flat_map(|(node, rows)| (0..).zip(rows.iter()).map(move |(at, row)| (node, at, row)));
        let billed = places.filter(|(_, _, row)| row.billing_period.as_ref() == Some(period));
        Ok(billed.map(|(node, at, _)| (node, at)).collect())
    }

    /// Takes back that some rows of a loose file count.
    fn drop_rows(&mut self, file: PieceDay, places: &BTreeSet<(usize, u32)>) {
        let all = u32::try_from(self.rows_of(file).rows).unwrap_or(u32::MAX);
        for (node, verdict) in &mut self.verdicts {
            if *node != file {
                continue;
            }
            let counts: Vec<u32> = match &*verdict {
                Verdict::Counts => (0..all).collect(),
                Verdict::Partly(places) => places.clone(),
                Verdict::Not(_) => Vec::new(),
            };
            let left = counts.into_iter().filter(|at| !places.contains(&(0, *at))).collect();
            *verdict = Verdict::Partly(left);
        }
    }
}
