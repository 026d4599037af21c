//! Random stories of usage against the rules of `Store::import_usage` in their plainest form.
//!
//! The model keeps every piece that ever counted in one list, and asks all of it each time.

use std::collections::BTreeSet;

use pal_model::Instant;
use pal_store::{
    ImportState, LivePiece, OnChange, PieceOutcome, Store, UsageImport, UsageImportError,
    UsageImported, UsageSource, WithdrawError,
};
use proptest::prelude::*;
use proptest::test_runner::TestCaseError;

use super::usage::{JUNE, MAY, all, import, loose, of, piece, run, with};
use super::usage_kept::wrong;
use super::{actor, backends, may};

type Month = (i16, i8);
/// Submitted (ticks do not matter here), id.
type Age = (Instant, String);

#[derive(Clone, Debug)]
struct Row {
    import: i64,
    key: String,
    run: Option<(Month, Age)>,
    month: Month,
    subject: String,
    digest: [u8; 64],
    /// The change that brought it, and the one that ended it.
    since: u32,
    until: Option<u32>,
}

#[derive(Default)]
struct Model {
    rows: Vec<Row>,
    /// Key, month, age, import.
    runs: Vec<(String, Month, Age, i64)>,
    imports: i64,
    changes: u32,
    /// When each change became known.
    instants: Vec<Instant>,
}

/// Outcomes, what ended, state; or the pieces that need a decision, each with how many are known.
type Told = Result<(Vec<PieceOutcome>, Vec<(Month, String)>, ImportState), Vec<(usize, usize)>>;

fn age(source: &UsageSource) -> Option<(Month, Age)> {
    source.run.as_ref().map(|run| (run.month, (run.submitted, run.id.clone())))
}

impl Model {
    /// Now, or 100 ns after the last change.
    fn change(&mut self, at: Instant) {
        let tick = |last: &Instant| Instant::from_nanoseconds(last.nanoseconds() + 100).unwrap();
        self.instants.push(self.instants.last().map_or(at, |last| at.max(tick(last))));
        self.changes += 1;
    }

    fn live(&self) -> Vec<usize> {
        (0..self.rows.len()).filter(|at| self.rows[*at].until.is_none()).collect()
    }

    /// What of the same month and subject must give way to, or be asked about for, a source.
    fn rivals(key: &str, run: Option<&(Month, Age)>, row: (&str, Option<&(Month, Age)>)) -> bool {
        let part_of_one_export = row.0 == key && run.is_some() && row.1.is_some();
        !part_of_one_export || run.unwrap().0 == row.1.unwrap().0
    }

    fn import(&mut self, given: &UsageImport) -> Told {
        let live = self.live();
        let overtaken = |source: &UsageSource| {
            age(source).is_some_and(|(month, age)| {
                self.runs.iter().any(|r| (&r.0, r.1) == (&source.key, month) && r.2 > age)
            })
        };
        // Rules 1 and 2.
        let mut outcomes: Vec<Option<PieceOutcome>> = Vec::new();
        for (at, new) in given.pieces.iter().enumerate() {
            let is_live = live.iter().any(|row| self.rows[*row].digest == new.digest);
            let earlier =
                (0..at).any(|e| outcomes[e].is_none() && given.pieces[e].digest == new.digest);
            outcomes.push(if is_live || earlier {
                Some(PieceOutcome::Known)
            } else if overtaken(&given.sources[new.source]) {
                Some(PieceOutcome::OlderRun)
            } else {
                None
            });
        }
        let stated: BTreeSet<usize> = live
            .iter()
            .copied()
            .filter(|row| given.pieces.iter().any(|new| new.digest == self.rows[*row].digest))
            .collect();
        let counts: Vec<usize> = (0..outcomes.len()).filter(|at| outcomes[*at].is_none()).collect();
        // Rules 3 to 5.
        let (mut gone, mut ended, mut changed) = (BTreeSet::new(), BTreeSet::new(), Vec::new());
        for at in &counts {
            let (new, source) = (&given.pieces[*at], &given.sources[given.pieces[*at].source]);
            let run = age(source);
            let rivals: Vec<usize> = live
                .iter()
                .copied()
                .filter(|row| {
                    let row = &self.rows[*row];
                    (row.month, &row.subject) == (new.month, &new.subject)
                        && Self::rivals(&source.key, run.as_ref(), (&row.key, row.run.as_ref()))
                })
                .collect();
            let mates = counts.iter().copied().filter(|mate| mate < at).filter(|mate| {
                let mate = &given.pieces[*mate];
                let other = &given.sources[mate.source];
                (mate.month, &mate.subject) == (new.month, &new.subject)
                    && Self::rivals(&source.key, run.as_ref(), (&other.key, age(other).as_ref()))
            });
            let mates: Vec<usize> = mates.collect();
            let own = |row: &usize| {
                run.is_some() && self.rows[*row].key == source.key && self.rows[*row].run.is_some()
            };
            let older: Vec<usize> = rivals
                .iter()
                .copied()
                .filter(|row| own(row) && self.rows[*row].run < run && !stated.contains(row))
                .collect();
            let same_run = rivals.iter().any(|row| own(row) && self.rows[*row].run == run);
            let asks = !mates.is_empty() || rivals.iter().any(|row| stated.contains(row));
            outcomes[*at] = Some(if rivals.is_empty() && mates.is_empty() {
                PieceOutcome::New
            } else if !older.is_empty() && !same_run && (!asks || given.on_change == OnChange::Add)
            {
                gone.extend(older);
                PieceOutcome::Replaced
            } else if given.on_change == OnChange::Add {
                PieceOutcome::Added
            } else if given.on_change == OnChange::Restate && !asks {
                gone.extend(rivals);
                PieceOutcome::Replaced
            } else {
                changed.push((*at, rivals.len() + mates.len()));
                PieceOutcome::Known
            });
        }
        if !changed.is_empty() {
            return Err(changed);
        }
        for source in given.sources.iter().filter(|source| !overtaken(source)) {
            let Some((month, age)) = age(source) else { continue };
            for row in &live {
                let was = &self.rows[*row];
                let older = was.run.as_ref().is_some_and(|run| run.0 == month && run.1 < age);
                if was.key == source.key && older && !stated.contains(row) && !gone.contains(row) {
                    ended.insert(*row);
                }
            }
        }
        let state = match counts.is_empty() && gone.is_empty() && ended.is_empty() {
            true => ImportState::Unchanged,
            false => ImportState::Counted,
        };
        let mut names: Vec<_> = ended
            .iter()
            .map(|row| (self.rows[*row].month, self.rows[*row].subject.clone()))
            .collect();
        names.sort();
        let outcomes: Vec<PieceOutcome> = outcomes.into_iter().flatten().collect();
        if !given.dry_run {
            self.write(given, state, &counts, gone.into_iter().chain(ended).collect());
        }
        Ok((outcomes, names, state))
    }

    fn write(
        &mut self,
        given: &UsageImport,
        state: ImportState,
        counts: &[usize],
        gone: Vec<usize>,
    ) {
        self.imports += 1;
        if state == ImportState::Counted {
            self.change(given.at);
        }
        for row in gone {
            self.rows[row].until = Some(self.changes);
        }
        // What is stated again by a newer run of the same export is of that run.
        for new in &given.pieces {
            let source = &given.sources[new.source];
            let Some(run) = age(source) else { continue };
            for row in &mut self.rows {
                let same = row.until.is_none() && row.digest == new.digest && row.key == source.key;
                if same && row.run.as_ref().is_some_and(|last| last.1 < run.1) {
                    row.run = Some(run.clone());
                }
            }
        }
        for at in counts {
            let (new, source) = (&given.pieces[*at], &given.sources[given.pieces[*at].source]);
            self.rows.push(Row {
                import: self.imports,
                key: source.key.clone(),
                run: age(source),
                month: new.month,
                subject: new.subject.clone(),
                digest: new.digest,
                since: self.changes,
                until: None,
            });
        }
        for source in &given.sources {
            if let Some((month, age)) = age(source) {
                self.runs.push((source.key.clone(), month, age, self.imports));
            }
        }
    }

    fn withdraw(&mut self, number: i64, at: Instant) -> bool {
        let live = self.live();
        let mine: Vec<usize> =
            live.into_iter().filter(|row| self.rows[*row].import == number).collect();
        if mine.is_empty() {
            return false;
        }
        self.change(at);
        for row in mine {
            self.rows[row].until = Some(self.changes);
        }
        self.runs.retain(|run| run.3 != number);
        true
    }

    /// What counted after a change: month, subject, import, key, digest, edition.
    fn counted(&self, change: u32) -> Vec<(Month, String, i64, String, [u8; 64], u32)> {
        let at = |row: &&Row| row.since <= change && row.until.is_none_or(|until| until > change);
        let mut rows: Vec<(usize, &Row)> =
            self.rows.iter().enumerate().filter(|(_, row)| at(row)).collect();
        rows.sort_by_key(|(at, row)| (row.month, row.subject.clone(), *at));
        let edition = |of: &Row| {
            let same =
                self.rows.iter().filter(|row| (row.month, &row.subject) == (of.month, &of.subject));
            let times = same.flat_map(|row| [Some(row.since), row.until]).flatten();
            times.filter(|time| *time <= change).collect::<BTreeSet<u32>>().len() as u32
        };
        rows.into_iter()
            .map(|(_, r)| {
                (r.month, r.subject.clone(), r.import, r.key.clone(), r.digest, edition(r))
            })
            .collect()
    }
}

#[derive(Clone, Debug)]
enum Step {
    Import(Box<UsageImport>),
    Withdraw(i64),
}

fn source() -> impl Strategy<Value = UsageSource> {
    prop_oneof![
        Just(loose()),
        (prop::sample::select(vec!["k", "l"]), prop::bool::weighted(0.7), 1u32..5)
            .prop_map(|(key, is_may, day)| run(key, if is_may { MAY } else { JUNE }, day)),
    ]
}

fn step() -> impl Strategy<Value = Step> {
    let modes = vec![OnChange::Refuse, OnChange::Restate, OnChange::Restate, OnChange::Add];
    let place =
        (0usize..3, prop::bool::weighted(0.8), prop::sample::select(vec!["a", "a", "b"]), 1u64..4);
    let import = (
        1u32..9,
        prop::collection::vec(source(), 1..4),
        prop::collection::vec(place, 0..6),
        prop::sample::select(modes),
        prop::bool::weighted(0.2),
    )
        .prop_map(|(day, mut sources, places, on_change, dry_run)| {
            let mut seen = BTreeSet::new();
            sources.retain(|s| seen.insert((s.key.clone(), s.run.as_ref().map(|run| run.month))));
            let mut seen = BTreeSet::new();
            let mut pieces = Vec::new();
            for (from, is_may, subject, content) in places {
                let (from, month) = (from % sources.len(), if is_may { MAY } else { JUNE });
                if seen.insert((from, month, subject)) {
                    pieces.push(of(from, piece(month, subject, content)));
                }
            }
            let given = with(on_change, import(day, sources, pieces));
            Step::Import(Box::new(UsageImport { dry_run, ..given }))
        });
    prop_oneof![9 => import, 1 => (1i64..6).prop_map(Step::Withdraw)]
}

fn told(done: Result<UsageImported, UsageImportError>) -> Result<Told, TestCaseError> {
    match done {
        Ok(done) => Ok(Ok((done.outcomes, done.ended, done.state))),
        Err(UsageImportError::Changed(changed)) => {
            Ok(Err(changed.into_iter().map(|c| (c.piece, c.known.len())).collect()))
        }
        Err(error) => Err(TestCaseError::fail(error.to_string())),
    }
}

async fn counted(
    store: &dyn Store,
    at: Option<Instant>,
) -> Vec<(Month, String, i64, String, [u8; 64], u32)> {
    let part = |p: LivePiece| (p.month, p.subject, p.import, p.source_key, p.digest, p.edition);
    store.usage(at).await.unwrap().pieces.into_iter().map(part).collect()
}

async fn tell(steps: Vec<Step>) -> Result<(), TestCaseError> {
    for kept in backends() {
        let (store, mut model) = (kept.store.as_ref(), Model::default());
        for step in &steps {
            let before = all(store).await;
            let silent = match step {
                Step::Import(given) => {
                    let expected = model.import(given);
                    let done = store.import_usage(given.as_ref().clone()).await;
                    prop_assert_eq!(told(done)?, expected.clone(), "{:?}", given);
                    expected.is_err() || given.dry_run
                }
                Step::Withdraw(number) => {
                    let done = store.withdraw_usage(*number, may(1), actor()).await;
                    let is_done = model.withdraw(*number, may(1));
                    prop_assert_eq!(done.is_ok(), is_done);
                    let failed = matches!(done, Err(WithdrawError::Store(_)));
                    prop_assert!(!failed);
                    !is_done
                }
            };
            if silent {
                prop_assert_eq!(all(store).await, before);
            }
            prop_assert_eq!(store.revision().await.unwrap(), i64::from(model.changes));
            let now = counted(store, None).await;
            prop_assert_eq!(&now, &model.counted(model.changes));
            let digests: BTreeSet<_> = now.iter().map(|piece| piece.4).collect();
            prop_assert_eq!(digests.len(), now.len(), "equal rows count once");
        }
        for (change, at) in (1..).zip(&model.instants) {
            prop_assert_eq!(counted(store, Some(*at)).await, model.counted(change));
        }
        prop_assert_eq!(wrong(kept.folder.path()), [""; 0]);
    }
    Ok(())
}

/// Stories: `PROPTEST_CASES`, or some seconds' worth.
fn cases() -> u32 {
    std::env::var("PROPTEST_CASES").ok().and_then(|cases| cases.parse().ok()).unwrap_or(150)
}

proptest! {
    #![proptest_config(ProptestConfig {
        failure_persistence: None,
        cases: cases(),
        ..ProptestConfig::default()
    })]

    #[test]
    fn random_stories_go_by_the_rules(steps in prop::collection::vec(step(), 1..14)) {
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        runtime.block_on(tell(steps))?;
    }
}
