//! Rule 4 (c) and rule 5: loose files beside runs and beside each other.

use std::collections::{BTreeMap, BTreeSet};

use super::super::Rows;
use super::super::scope::{account_of, is_whole_account, resource_group_of};
use super::super::statement::{Age, KnownRun, OnDifference, RunTerms};
use super::{ByImport, CellJudge, Conflict, PieceDay, Reason, datasets_differ, on_difference};

impl<'g, R: Rows> CellJudge<'g, R> {
    /// Places the rows of loose files, import by import.
    pub(super) fn place_loose(&mut self, loose: Vec<PieceDay>) -> Result<(), R::Error> {
        if loose.is_empty() {
            return Ok(());
        }
        self.check_parts(&loose)?;
        let theirs = self.rivals_of(&loose, &self.kept);
        if !theirs.is_empty() && self.are_equal(&loose, &theirs)? {
            for node in loose {
                self.leave_out(node, Reason::Equal);
            }
            return Ok(());
        }
        let mut by_import: ByImport<'g> = ByImport::new();
        for node in loose {
            let accounts = by_import.entry(self.statement(node).import).or_default();
            accounts.entry(self.account(node)).or_default().push(node);
        }
        for nodes in by_import.into_values().flat_map(BTreeMap::into_values) {
            self.place_import(&nodes)?;
        }
        Ok(())
    }

    /// Files of one import must not share rows: one may be a part of the other.
    fn check_parts(&mut self, loose: &[PieceDay]) -> Result<(), R::Error> {
        let asked = |node: &&PieceDay| {
            self.ground.fresh.contains(&node.statement) && !self.statement(**node).answers.parts
        };
        let fresh: Vec<PieceDay> = loose.iter().filter(asked).copied().collect();
        for (at, node) in fresh.iter().enumerate() {
            let before: Vec<PieceDay> = fresh[..at]
                .iter()
                .filter(|other| {
                    other.statement != node.statement && self.may_be_same(**other, *node)
                })
                .copied()
                .collect();
            if before.is_empty() {
                continue;
            }
            let left = self.unmatched(&[*node], &before)?;
            if left.iter().map(|rows| rows.len() as u64).sum::<u64>() < self.rows_of(*node).rows {
                let one = self.sharing(*node, &before)?;
                let (cell, other) = (self.cell.clone(), node.statement);
                self.conflicts.push(Conflict::Parts { cell, one, other });
            }
        }
        Ok(())
    }

    /// Which of `others` shares a row with a node.
    fn sharing(&self, node: PieceDay, others: &[PieceDay]) -> Result<usize, R::Error> {
        for other in others {
            let left = self.unmatched(&[node], &[*other])?;
            if left.iter().map(|rows| rows.len() as u64).sum::<u64>() < self.rows_of(node).rows {
                return Ok(other.statement);
            }
        }
        Ok(others.first().map_or(node.statement, |other| other.statement))
    }

    /// Places the rows of one import and billing account.
    fn place_import(&mut self, nodes: &[PieceDay]) -> Result<(), R::Error> {
        let import = self.statement(nodes[0]).import;
        let rivals = self.rivals_of(nodes, &self.kept);
        let is_mate =
            |node: &PieceDay| self.run(*node).is_none() && self.statement(*node).import == import;
        let mut theirs: Vec<PieceDay> = rivals.into_iter().filter(|node| !is_mate(node)).collect();
        if self.is_stated(nodes, &theirs)? {
            for node in nodes {
                self.leave_out(*node, Reason::Equal);
            }
            return Ok(());
        }
        let stated = self.rivals_of(nodes, &self.stated);
        if stated.iter().any(|node| self.answered(*node, import) == Some(OnDifference::Restate)) {
            for node in nodes {
                self.leave_out(*node, Reason::Restated);
            }
            return Ok(());
        }
        theirs.retain(|node| self.answered(*node, import) != Some(OnDifference::Add));
        match on_difference(self.statement(nodes[0])) {
            OnDifference::Restate => self.restate(nodes, &theirs)?,
            OnDifference::Add => self.add(nodes, &theirs)?,
            OnDifference::Refuse => match self.silent(nodes, import) {
                Some(run) if theirs.is_empty() => self.differ_from(nodes, vec![run]),
                _ if theirs.is_empty() => nodes.iter().for_each(|node| self.keep(*node)),
                _ => self.differ(nodes, &theirs),
            },
        }
        Ok(())
    }

    /// Whether the rows are just those of all, the runs, one import or one account of `theirs`.
    fn is_stated(&self, nodes: &[PieceDay], theirs: &[PieceDay]) -> Result<bool, R::Error> {
        let runs: Vec<PieceDay> =
            theirs.iter().filter(|node| self.run(**node).is_some()).copied().collect();
        let mut groups = vec![theirs.to_vec(), runs];
        let imports: BTreeSet<i64> = theirs.iter().map(|n| self.statement(*n).import).collect();
        let accounts: BTreeSet<&str> = theirs.iter().map(|n| self.account(*n)).collect();
        groups.extend(imports.into_iter().map(|import| {
            let of = |n: &&PieceDay| self.statement(**n).import == import;
            theirs.iter().filter(of).copied().collect()
        }));
        groups.extend(accounts.into_iter().map(|account| {
            theirs.iter().filter(|n| self.account(**n) == account).copied().collect()
        }));
        for group in groups {
            if !group.is_empty() && self.are_equal(nodes, &group)? {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// What was said of a run's series after the loose files of `import` were given.
    pub(super) fn answered(&self, node: PieceDay, import: i64) -> Option<OnDifference> {
        self.series_answered(node.statement, import)
    }

    /// The answer holds for the days that the runs cover that it was given for.
    fn series_answered(&self, run: usize, import: i64) -> Option<OnDifference> {
        let runs = &self.ground.series.all[self.ground.series.of(run)?].runs;
        let answered = runs.iter().map(|at| &self.ground.statements[*at]).filter(|statement| {
            let covers = |run: &RunTerms| run.covered.has(self.cell.day);
            statement.import > import
                && on_difference(statement) != OnDifference::Refuse
                && statement.run().is_some_and(covers)
        });
        answered.max_by_key(|statement| statement.import).map(on_difference)
    }

    /// The rows count instead of what was known when they were given, until a newer run states them.
    fn restate(&mut self, nodes: &[PieceDay], theirs: &[PieceDay]) -> Result<(), R::Error> {
        if let Some(run) = self.is_restated_anew(nodes) {
            if self.is_whole(nodes, run)? {
                for node in nodes {
                    self.leave_out(*node, Reason::Overtaken);
                }
            } else {
                self.differ_from(nodes, vec![run]);
            }
            return Ok(());
        }
        let known = &self.statement(nodes[0]).answers.known;
        let import = self.statement(nodes[0]).import;
        let stated = self.rivals_of(nodes, &self.stated);
        let newer = stated.into_iter().filter(|node| {
            self.is_newer(*node, known) && self.answered(*node, import) != Some(OnDifference::Add)
        });
        let newer: Vec<PieceDay> = newer.collect();
        if !newer.is_empty() {
            self.differ(nodes, &newer);
            return Ok(());
        }
        for node in theirs {
            self.drop_kept(*node, Reason::Restated);
        }
        for node in nodes {
            self.keep(*node);
        }
        Ok(())
    }

    /// The newer run that covers the day of a series whose rows were restated.
    fn is_restated_anew(&self, nodes: &[PieceDay]) -> Option<usize> {
        let all = self.ground.series;
        self.statement(nodes[0]).answers.known.iter().find_map(|known| {
            let series = all.all.iter().position(|runs| runs.series == known.series)?;
            let newest = all.newest(series, self.cell.day)?;
            let age = (known.submitted, known.id.as_str());
            let is_newer = self.ground.statements[newest].run().is_some_and(|run| run.age() > age);
            (is_newer && self.had_rows(nodes, series, age).is_some()).then_some(newest)
        })
    }

    /// Whether a run states all that the rows are of: a run of one resource group says nothing of the
    /// others, nor one of a billing profile of charges without subscription.
    fn is_whole(&self, nodes: &[PieceDay], run: usize) -> Result<bool, R::Error> {
        let Some(run) = self.ground.statements[run].run() else { return Ok(false) };
        if let Some(group) = resource_group_of(&run.scope) {
            let rows = self.read(nodes)?;
            let mut rows = rows.iter().flat_map(|rows| rows.iter());
            return Ok(rows.all(|row| row.resource_group.as_deref() == Some(group)));
        }
        Ok(!self.cell.subject.is_empty() || is_whole_account(&run.scope))
    }

    /// The rows of a series in this cell as they were when its newest run was of `age`.
    fn had_rows(&self, nodes: &[PieceDay], series: usize, age: Age) -> Option<Vec<PieceDay>> {
        let until = self.ground.series.newest_until(series, self.cell.day, age)?;
        let then: Vec<PieceDay> =
            self.all.iter().filter(|node| node.statement == until).copied().collect();
        let then = self.rivals_of(nodes, &then);
        (!then.is_empty()).then_some(then)
    }

    /// Whether a run came after what was known.
    pub(super) fn is_newer(&self, node: PieceDay, known: &[KnownRun]) -> bool {
        let Some(run) = self.run(node) else { return false };
        let known = known
            .iter()
            .find(|known| known.series.dataset == run.dataset && known.series.scope == run.scope);
        known.is_none_or(|known| run.age() > (known.submitted, known.id.as_str()))
    }

    /// The rows count beside the others; those that a newer run states, too, are that run's.
    fn add(&mut self, nodes: &[PieceDay], theirs: &[PieceDay]) -> Result<(), R::Error> {
        let known = &self.statement(nodes[0]).answers.known;
        let newer: Vec<PieceDay> =
            theirs.iter().filter(|node| self.is_newer(**node, known)).copied().collect();
        if newer.is_empty() {
            for node in nodes {
                self.keep(*node);
            }
            return Ok(());
        }
        let count =
            |nodes: &[PieceDay]| nodes.iter().map(|node| self.rows_of(*node).rows).sum::<u64>();
        let left = self.unmatched(nodes, &newer)?;
        let unmatched = left.iter().map(|rows| rows.len() as u64).sum::<u64>();
        let matched = count(nodes) - unmatched;
        let mut before = 0;
        for runs in newer.chunk_by(|a, b| a.statement == b.statement) {
            let (Some(series), Some(run)) = (self.series(runs[0]), self.run(runs[0])) else {
                continue;
            };
            let known = known.iter().find(|known| known.series == run.series());
            let then = known.and_then(|known| {
                self.had_rows(nodes, series, (known.submitted, known.id.as_str()))
            });
            before += then.map_or(0, |then| count(&then));
        }
        if unmatched > 0 && count(&newer) > before + matched {
            let (cell, file) = (self.cell.clone(), nodes[0].statement);
            let run = newer[0].statement;
            self.conflicts.push(Conflict::Outgrown { cell, file, run });
        }
        self.keep_partly(nodes, left, Reason::Equal);
        Ok(())
    }

    /// A run that states this day of all that the rows are of, and has none of them: it says that
    /// there are none. A run without any row on the day may only be from before it.
    fn silent(&self, nodes: &[PieceDay], import: i64) -> Option<usize> {
        let all = self.ground.series;
        let (account, subject) = (self.account(nodes[0]), self.cell.subject.as_str());
        let contains = |scope: &str| {
            let of_account = || account_of(scope) == Some(account) && is_whole_account(scope);
            (!account.is_empty() && of_account())
                || (!subject.is_empty() && scope.strip_prefix("/subscriptions/") == Some(subject))
        };
        let series = (0..all.all.len()).filter(|at| contains(&all.all[*at].series.scope));
        let mut newest = series.filter_map(|at| all.newest(at, self.cell.day));
        newest.find(|run| {
            let statement = &self.ground.statements[*run];
            self.ground.stated_days.contains(&(*run, self.cell.day))
                && !datasets_differ(statement, self.statement(nodes[0]))
                && self.series_answered(*run, import).is_none()
        })
    }

    fn differ(&mut self, nodes: &[PieceDay], theirs: &[PieceDay]) {
        let mut others: Vec<usize> = theirs.iter().map(|node| node.statement).collect();
        others.sort_unstable();
        others.dedup();
        self.differ_from(nodes, others);
    }

    fn differ_from(&mut self, nodes: &[PieceDay], others: Vec<usize>) {
        let (cell, file) = (self.cell.clone(), nodes[0].statement);
        self.conflicts.push(Conflict::Loose { cell, file, others });
        for node in nodes {
            self.keep(*node);
        }
    }
}
