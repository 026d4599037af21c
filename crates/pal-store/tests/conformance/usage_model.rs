//! Random stories of usage against a register in its plainest form: one list of counts, all of which
//! is asked each time.

use std::collections::BTreeSet;

use pal_model::Instant;
use pal_store::{CountChange, PieceRef, Store, UsageImport, UsageMonth};
use proptest::prelude::*;
use proptest::test_runner::TestCaseError;

use super::usage::{JUNE, MAY, counting, import, piece, same, whole};
use super::wrong;
use super::{actor, backends, may};

/// What a story does; picks are taken modulo what is there.
#[derive(Clone, Debug)]
enum Step {
    Import { day: u32, pieces: Vec<(usize, bool, u64)>, copies: Vec<usize>, end: Vec<usize> },
    Withdraw { day: u32, import: usize },
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let few = || prop::collection::vec(0..99usize, 0..3);
    let pieces = prop::collection::vec((0..3usize, any::<bool>(), 1..9u64), 0..4);
    let import = (1..28u32, pieces, few(), few())
        .prop_map(|(day, pieces, copies, end)| Step::Import { day, pieces, copies, end });
    let withdraw = (1..28u32, 0..99usize).prop_map(|(day, import)| Step::Withdraw { day, import });
    prop::collection::vec(prop_oneof![3 => import, 1 => withdraw], 1..9)
}

const SUBJECTS: [&str; 3] = ["", "a", "b"];

#[derive(Clone)]
struct Piece {
    import: i64,
    month: UsageMonth,
    subject: &'static str,
    rows: u64,
}

/// A count of a piece: the change that began it, and the one that ended it.
struct Count {
    piece: usize,
    since: usize,
    until: Option<usize>,
}

/// The number of what has this place in a list.
fn number(place: usize) -> i64 {
    i64::try_from(place).unwrap() + 1
}

#[derive(Default)]
struct Model {
    pieces: Vec<Piece>,
    counts: Vec<Count>,
    /// By number; whether it is withdrawn.
    imports: Vec<bool>,
    /// When each change became known.
    instants: Vec<Instant>,
}

/// Number of the count, import, month, subject, rows, edition.
type Told = (i64, i64, UsageMonth, String, u64, u32);

impl Model {
    /// Now, or 100 ns after the last change.
    fn change(&mut self, at: Instant) {
        let tick = |last: &Instant| Instant::from_nanoseconds(last.nanoseconds() + 100).unwrap();
        self.instants.push(self.instants.last().map_or(at, |last| at.max(tick(last))));
    }

    fn live(&self) -> Vec<usize> {
        (0..self.counts.len()).filter(|n| self.counts[*n].until.is_none()).collect()
    }

    /// What counted after a change.
    fn after(&self, change: usize) -> Vec<Told> {
        let place = |count: &Count| {
            let piece = &self.pieces[count.piece];
            (piece.month, piece.subject)
        };
        let mut told = Vec::new();
        for (n, count) in self.counts.iter().enumerate() {
            if count.since > change || count.until.is_some_and(|until| until <= change) {
                continue;
            }
            let of_place = self.counts.iter().filter(|other| place(other) == place(count));
            let ticks = of_place.flat_map(|other| [Some(other.since), other.until]).flatten();
            let edition = ticks.filter(|at| *at <= change).collect::<BTreeSet<_>>().len();
            let Piece { import, month, subject, rows } = self.pieces[count.piece].clone();
            told.push((number(n), import, month, subject.to_owned(), rows, edition as u32));
        }
        told.sort_by(|a, b| (a.2, &a.3, a.0).cmp(&(b.2, &b.3, b.0)));
        told
    }

    /// The counts that the picks end, by number from 1.
    fn end(&mut self, picks: &[usize], change: usize) -> Vec<i64> {
        let mut ended = Vec::new();
        for pick in picks {
            let live = self.live();
            if let Some(n) = (!live.is_empty()).then(|| live[pick % live.len()]) {
                self.counts[n].until = Some(change);
                ended.push(number(n));
            }
        }
        ended
    }

    fn begin(&mut self, piece: usize, change: usize) {
        self.counts.push(Count { piece, since: change, until: None });
    }

    /// New pieces count; copies of kept ones are stated.
    async fn import(
        &mut self,
        store: &dyn Store,
        day: u32,
        pieces: &[(usize, bool, u64)],
        (copies, end): (&[usize], &[usize]),
    ) -> UsageImport {
        let (own, change) = (number(self.imports.len()), self.instants.len());
        self.imports.push(false);
        let (kept, mut given) = (self.pieces.len(), Vec::new());
        let ended = self.end(end, change);
        for (statement, (subject, june, rows)) in pieces.iter().enumerate() {
            let (month, subject) = (if *june { JUNE } else { MAY }, SUBJECTS[*subject]);
            given.push(piece(statement, month, subject, *rows));
            self.begin(self.pieces.len(), change);
            self.pieces.push(Piece { import: own, month, subject, rows: *rows });
        }
        for (statement, pick) in (pieces.len()..).zip(copies.iter().filter(|_| kept > 0)) {
            given.push(same(statement, number(pick % kept)));
            self.pieces.push(Piece { import: own, ..self.pieces[pick % kept].clone() });
        }
        let statements = vec!["k"; given.len().max(1)];
        let mut import = counting(import(store, day, &statements, given).await, &ended);
        import.charges[0].name = format!("{own}.parquet");
        if !ended.is_empty() || !pieces.is_empty() {
            self.change(may(day));
        }
        import
    }

    /// What counts of the import ends; a piece of each subject that is left counts instead.
    fn withdraw(&mut self, import: i64, day: u32) -> CountChange {
        let change = self.instants.len();
        self.imports[import as usize - 1] = true;
        let mut counts = CountChange::default();
        for n in self.live() {
            if self.pieces[self.counts[n].piece].import == import {
                self.counts[n].until = Some(change);
                counts.end.push(number(n));
            }
        }
        let live: BTreeSet<usize> = self.live().into_iter().map(|n| self.counts[n].piece).collect();
        let left =
            |at: &usize| !live.contains(at) && !self.imports[self.pieces[*at].import as usize - 1];
        if let Some(at) = (0..self.pieces.len()).find(left) {
            counts.begin.push(whole(PieceRef::Kept(number(at)), self.pieces[at].rows));
            self.begin(at, change);
        }
        self.change(may(day));
        counts
    }
}

async fn play(steps: Vec<Step>) -> Result<(), TestCaseError> {
    for kept in backends() {
        let (store, mut model) = (kept.store.as_ref(), Model::default());
        for step in &steps {
            match step {
                Step::Import { day, pieces, copies, end } => {
                    let changes = model.instants.len();
                    let given = model.import(store, *day, pieces, (copies, end)).await;
                    let done = store.import_usage(given).await.unwrap();
                    prop_assert_eq!(done.number, number(model.imports.len()) - 1);
                    prop_assert_eq!(done.known, model.instants.get(changes).copied());
                }
                Step::Withdraw { day, import } => {
                    let there: Vec<i64> = (1..)
                        .zip(&model.imports)
                        .filter(|(_, gone)| !**gone)
                        .map(|(n, _)| n)
                        .collect();
                    if there.is_empty() {
                        continue;
                    }
                    let import = there[import % there.len()];
                    let counts = model.withdraw(import, *day);
                    let version = store.usage_statements().await.unwrap().version;
                    let done =
                        store.withdraw_usage(import, may(*day), actor(), version, counts).await;
                    prop_assert_eq!(done.unwrap().known, *model.instants.last().unwrap());
                }
            }
            for (change, at) in model.instants.iter().enumerate() {
                let asked = if change + 1 == model.instants.len() { None } else { Some(*at) };
                for asked in [Some(*at), asked] {
                    let usage = store.usage(asked).await.unwrap();
                    let told: Vec<Told> = usage
                        .pieces
                        .into_iter()
                        .map(|p| (p.number, p.import, p.month, p.subject, p.rows, p.edition))
                        .collect();
                    prop_assert_eq!(told, model.after(change), "at {:?}", asked);
                }
            }
            prop_assert_eq!(store.revision().await.unwrap(), number(model.instants.len()) - 1);
        }
        prop_assert_eq!(wrong(kept.folder.path()), vec![]);
    }
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, ..ProptestConfig::default() })]

    #[test]
    fn p10_random_stories_are_kept(steps in steps()) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(play(steps))?;
    }
}
