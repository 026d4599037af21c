//! Runs in their series: which run states a day, and which rows lie outside their run's period.

use std::cell::RefCell;
use std::collections::{BTreeMap, HashMap};

use super::days::Day;
use super::scope::{Relation, account_of, is_whole_account, relation};
use super::statement::{Dataset, RunTerms, Series, Statement};
use super::verdict::Settings;

/// What a day's rows of a statement are to the statement's series.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Standing {
    Loose,
    /// The newest run that covers the day states them.
    Stated,
    /// A newer run covers the day, or all of the period of the run that they lie outside of.
    Overtaken,
    /// Before the period of their run: corrections, late usage.
    Early,
    /// After the period of their run, on a day that no run of the series covers.
    Late,
    /// After the period of their run, on a day that another run of the series covers.
    LateCovered,
    /// The statement is another copy of a run.
    Twin,
    /// The settings leave the series out.
    Ignored,
}

#[derive(Debug)]
pub struct Runs {
    pub series: Series,
    /// Statements, the oldest run first.
    pub runs: Vec<usize>,
    /// Series of the same or a containing scope with another dataset.
    pub rivals: Vec<usize>,
}

pub struct AllSeries<'s> {
    statements: &'s [Statement],
    /// The series, in order of scope and dataset.
    pub all: Vec<Runs>,
    /// By statement: its series; `None` = a loose file, or ignored.
    of: Vec<Option<usize>>,
    /// By statement: the statement that it is another copy of.
    pub twin_of: Vec<Option<usize>>,
    /// Series of whole billing accounts, by account.
    accounts: BTreeMap<String, Vec<usize>>,
    newest: RefCell<HashMap<(usize, Day), Option<usize>>>,
    relations: RefCell<HashMap<(usize, usize), Relation>>,
}

impl<'s> AllSeries<'s> {
    pub fn new(statements: &'s [Statement], settings: &Settings) -> Self {
        let mut runs: BTreeMap<Series, Vec<usize>> = BTreeMap::new();
        for (at, statement) in statements.iter().enumerate() {
            if let Some(run) = statement.run().filter(|run| !is_ignored(run, settings)) {
                runs.entry(run.series()).or_default().push(at);
            }
        }
        let mut found = Self {
            statements,
            all: Vec::with_capacity(runs.len()),
            of: vec![None; statements.len()],
            twin_of: vec![None; statements.len()],
            accounts: BTreeMap::new(),
            newest: RefCell::default(),
            relations: RefCell::default(),
        };
        for (series, runs) in runs {
            found.add(series, runs);
        }
        found.find_rivals();
        found
    }

    fn add(&mut self, series: Series, mut runs: Vec<usize>) {
        let mut first: HashMap<&str, usize> = HashMap::new();
        runs.retain(|at| {
            let Some(run) = self.statements[*at].run() else { return false };
            self.of[*at] = Some(self.all.len());
            let known = *first.entry(&run.id).or_insert(*at);
            self.twin_of[*at] = (known != *at).then_some(known);
            known == *at
        });
        runs.sort_by_key(|at| self.statements[*at].run().map(RunTerms::age));
        self.all.push(Runs { series, runs, rivals: Vec::new() });
    }

    fn find_rivals(&mut self) {
        for (at, runs) in self.all.iter().enumerate() {
            let scope = &runs.series.scope;
            if let Some(account) = account_of(scope).filter(|_| is_whole_account(scope)) {
                self.accounts.entry(account.to_owned()).or_default().push(at);
            }
        }
        for at in 0..self.all.len() {
            let own = &self.all[at].series;
            let is_rival = |other: &Series| {
                let contains = own.scope == other.scope
                    || own
                        .scope
                        .strip_prefix(other.scope.as_str())
                        .is_some_and(|rest| rest.starts_with('/'));
                other.dataset != own.dataset && contains
            };
            let rivals = (0..self.all.len()).filter(|other| is_rival(&self.all[*other].series));
            self.all[at].rivals = rivals.collect();
        }
    }

    pub fn of(&self, statement: usize) -> Option<usize> {
        self.of[statement]
    }

    fn run(&self, statement: usize) -> Option<&'s RunTerms> {
        self.statements[statement].run()
    }

    /// Series of the whole billing account, other than of `dataset`.
    pub fn of_account(&self, account: &str, dataset: Dataset) -> impl Iterator<Item = usize> {
        let series = self.accounts.get(account).into_iter().flatten().copied();
        series.filter(move |at| self.all[*at].series.dataset != dataset)
    }

    /// The newest run of a series that covers a day.
    pub fn newest(&self, series: usize, day: Day) -> Option<usize> {
        *self.newest.borrow_mut().entry((series, day)).or_insert_with(|| {
            let mut newer = self.all[series].runs.iter().rev().copied();
            newer.find(|at| self.run(*at).is_some_and(|run| run.covered.has(day)))
        })
    }

    /// The newest run covering a day that is no newer than `age`.
    pub fn newest_until(
        &self,
        series: usize,
        day: Day,
        age: super::statement::Age,
    ) -> Option<usize> {
        let mut newer = self.all[series].runs.iter().rev().copied();
        newer.find(|at| self.run(*at).is_some_and(|run| run.age() <= age && run.covered.has(day)))
    }

    /// How the scope of one series lies to that of another.
    pub fn relation(&self, one: usize, other: usize) -> Relation {
        *self
            .relations
            .borrow_mut()
            .entry((one, other))
            .or_insert_with(|| relation(&self.all[one].series.scope, &self.all[other].series.scope))
    }

    pub fn place(&self, statement: usize, day: Day) -> Standing {
        let Some(run) = self.run(statement) else { return Standing::Loose };
        let Some(series) = self.of[statement] else { return Standing::Ignored };
        if self.twin_of[statement].is_some() {
            return Standing::Twin;
        }
        if run.covered.has(day) {
            return match self.newest(series, day) == Some(statement) {
                true => Standing::Stated,
                false => Standing::Overtaken,
            };
        }
        if self.is_overtaken(series, run) {
            return Standing::Overtaken;
        }
        match day < run.first {
            true => Standing::Early,
            false if self.newest(series, day).is_some() => Standing::LateCovered,
            false => Standing::Late,
        }
    }

    /// Whether rows outside the period of a run would count.
    pub fn has_outside(&self, statement: usize) -> bool {
        let (Some(run), Some(series)) = (self.run(statement), self.of[statement]) else {
            return false;
        };
        self.twin_of[statement].is_none() && !self.is_overtaken(series, run)
    }

    /// Whether a newer run is of the whole period of a run. A last day that one of the two has no row
    /// of is in both periods, though not covered by both.
    fn is_overtaken(&self, series: usize, run: &RunTerms) -> bool {
        let newer = self.all[series].runs.iter().rev().filter_map(|at| self.run(*at));
        let mut newer = newer.take_while(|other| other.age() > run.age());
        newer.any(|other| {
            let declares = !other.by_rows && other.first <= run.first && run.last <= other.last;
            declares || other.covered.include(&run.covered)
        })
    }
}

fn is_ignored(run: &RunTerms, settings: &Settings) -> bool {
    settings.ignored.iter().any(|ignored| {
        ignored.scope == run.scope && ignored.dataset.is_none_or(|dataset| dataset == run.dataset)
    })
}
