//! Reports put together from shares: what changed is computed, the rest is kept.
//!
//! A share is a month and a billed subscription. It is kept with the numbers of the pieces that it was
//! made from and the fingerprint of the facts that it depends on; both are compared with those of the
//! snapshot a report is made of, every time, so a kept share is never stale: it is the same, or it is
//! made anew (P7). And a report does not depend on which of its shares were kept (P10).

use std::cell::LazyCell;
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::io::Write;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};

use pal_attribution::answer::Basis;
use pal_attribution::engine::shares::{BalanceShare, Cells, ShareKey};
use pal_attribution::engine::{
    Engine, EngineError, Options, TakeRow, UnjudgedDeny, Usage, View, merge, merge_balances,
};
use pal_attribution::fingerprint::Fingerprints;
use pal_attribution::output::{Format, Origin, Writer, write_balance};
use pal_attribution::policy::Policy;
use pal_model::{Balance, Instant, KeyColumn, Months, is_same_name};
use pal_store::LivePiece;
use quick_cache::Weighter;
use quick_cache::unsync::Cache;

use crate::{Counted, Shelf};

#[derive(Clone, Copy)]
pub struct ReportBasis<'a> {
    pub basis: Basis<'a>,
    pub fingerprints: &'a Fingerprints,
    pub counted: &'a Counted,
    pub shelf: &'a Shelf,
}

impl<'a> ReportBasis<'a> {
    fn fingerprint(&self, key: &ShareKey, made: &ShareResult) -> [u8; 32] {
        let billed = key.subscription.as_deref();
        self.fingerprints.of(made.subscriptions().into_iter().chain(billed))
    }

    /// Indexes the facts: nothing to do for whom all shares are kept.
    fn engine(&self) -> Engine<'a> {
        Engine::new(self.basis.facts, self.basis.roles, self.basis.policy)
    }

    /// Writes a report with these key columns, or (`None`) the balance. How many rows a report has;
    /// `None` for a balance.
    ///
    /// # Errors
    /// As [`Composer::report`]; or the output cannot be written.
    pub fn write(
        self,
        composer: &Composer,
        keys: Option<&[KeyColumn]>,
        options: &Options,
        format: Format,
        out: Box<dyn Write + Send + '_>,
    ) -> Result<Option<u64>, EngineError> {
        let policy = self.basis.policy;
        let origin = Origin { policy: (policy.name.clone(), policy.revision.clone()) };
        let Some(keys) = keys else {
            let balance = composer.balance(self, options)?;
            write_balance(format, &balance, &origin, out)?;
            return Ok(None);
        };
        let mut writer = Writer::report(format, keys, !options.view.without_money, &origin, out)?;
        let mut count = 0u64;
        composer.report(self, keys, options, &mut |keys, charges, cost, credit| {
            count += 1;
            Ok(writer.row(keys, charges, cost, credit)?)
        })?;
        writer.finish()?;
        Ok(Some(count))
    }
}

pub struct Composer {
    kept: Mutex<ShareCache>,
    /// The questions that somebody makes shares for at this moment.
    making: Mutex<HashMap<Arc<Question>, Weak<Mutex<()>>>>,
    /// How many shares were taken from those kept, and how many were made.
    counts: [AtomicU64; 2],
}

type ShareCache = Cache<(Arc<Question>, ShareKey), Share, Weight>;

/// What shares are made for: those of another question are others.
#[derive(PartialEq, Eq, Hash)]
enum Question {
    Report { policy: Policy, keys: Vec<KeyColumn>, view: View },
    Balance { policy: Policy },
}

#[derive(Clone)]
struct Share {
    pieces: Vec<i64>,
    fingerprint: [u8; 32],
    made: ShareResult,
    /// About how many bytes it takes.
    weight: u64,
}

#[derive(Clone)]
struct Weight;

impl<Key> Weighter<Key, Share> for Weight {
    fn weight(&self, _: &Key, share: &Share) -> u64 {
        share.weight
    }
}

/// A result of a share; `None` = its usage has no charge in that month.
#[derive(Clone)]
enum ShareResult {
    Cells(Option<Arc<Cells>>),
    Balance(Option<Arc<BalanceShare>>),
}

impl ShareResult {
    fn subscriptions(&self) -> Vec<&str> {
        match self {
            Self::Cells(Some(cells)) => cells.subscriptions().collect(),
            Self::Balance(Some(share)) => share.subscriptions.iter().map(AsRef::as_ref).collect(),
            Self::Cells(None) | Self::Balance(None) => Vec::new(),
        }
    }

    fn weight(&self) -> u64 {
        const LINE: usize = 200;
        let inner = match self {
            Self::Cells(Some(cells)) => cells.weight(),
            Self::Balance(Some(share)) => share.balance.len() * LINE,
            Self::Cells(None) | Self::Balance(None) => 0,
        };
        256 + inner as u64
    }
}

type SharePieces = BTreeMap<ShareKey, Vec<i64>>;

/// About how many shares there are: months times subscriptions times kinds of reports.
const SHARES: usize = 4_096;

impl Composer {
    /// Keeps about so many bytes.
    pub fn new(most: u64) -> Self {
        let kept = Mutex::new(Cache::with_weighter(SHARES, most, Weight));
        Self { kept, making: Mutex::default(), counts: [AtomicU64::new(0), AtomicU64::new(0)] }
    }

    /// How many shares were taken from those kept, and how many were made, since the start.
    pub fn counts(&self) -> (u64, u64) {
        let [kept, made] = &self.counts;
        (kept.load(Ordering::Relaxed), made.load(Ordering::Relaxed))
    }

    fn count(&self, kept: usize, made: usize) {
        self.counts[0].fetch_add(kept as u64, Ordering::Relaxed);
        self.counts[1].fetch_add(made as u64, Ordering::Relaxed);
    }

    /// Hands out the rows of a report, as [`Engine::report`] does. Reports of more rows than
    /// `options.groups_in_memory` are made at once and not kept.
    ///
    /// # Errors
    /// As [`Engine::report`].
    pub fn report(
        &self,
        asked: ReportBasis,
        keys: &[KeyColumn],
        options: &Options,
        take: &mut TakeRow,
    ) -> Result<(), EngineError> {
        // Shares are of all rows: which are wanted is chosen when they are put together.
        let mut made_by = keys.to_vec();
        made_by.extend(options.only.columns().into_iter().filter(|key| !keys.contains(key)));
        let (policy, view) = (asked.basis.policy.clone(), options.view.clone());
        let question = Arc::new(Question::Report { policy, keys: made_by.clone(), view });
        let engine = LazyCell::new(|| asked.engine());
        let mut wanted = wanted(asked.counted, options.months);
        if let Some(only) = options.only.subscription.map(pal_model::fold) {
            // Rows show the subscription that they are billed to, if they name one.
            wanted.retain(|key, _| key.subscription.as_ref().is_none_or(|billed| *billed == only));
        }
        let all_months = Options { months: None, view: options.view.clone(), ..*options };
        let make = |pieces: &BTreeSet<i64>| {
            let parts = asked.shelf.parts(of_numbers(asked.counted, pieces))?;
            let made = engine.shares(Usage::Parts(&parts), &made_by, &all_months)?;
            Ok(made.map(|shares| {
                let made = |cells: Cells| ShareResult::Cells(Some(cells.into()));
                shares.into_iter().map(|(key, cells)| (key, made(cells))).collect()
            }))
        };
        let Some(shares) =
            self.shares(&question, asked, &wanted, &ShareResult::Cells(None), make)?
        else {
            let parts = asked.counted.parts(asked.shelf, options.months)?;
            return engine.report(Usage::Parts(&parts), keys, options, take);
        };
        let cells = shares.iter().filter_map(|made| match made {
            ShareResult::Cells(cells) => cells.as_deref(),
            ShareResult::Balance(_) => None,
        });
        let wants = |deny: &&UnjudgedDeny| {
            let named = |customer| is_same_name(&deny.tenant.to_string(), customer);
            options.only.customer.is_none_or(named)
        };
        options.tell(cells.clone().flat_map(Cells::unjudged).filter(wants));
        merge(cells, keys, options.only, take)
    }

    /// The balance.
    ///
    /// # Errors
    /// As [`Engine::balance`].
    pub fn balance(&self, asked: ReportBasis, options: &Options) -> Result<Balance, EngineError> {
        let question = Arc::new(Question::Balance { policy: asked.basis.policy.clone() });
        let engine = LazyCell::new(|| asked.engine());
        let wanted = wanted(asked.counted, options.months);
        let all_months = Options { months: None, view: options.view.clone(), ..*options };
        let make = |pieces: &BTreeSet<i64>| {
            let parts = asked.shelf.parts(of_numbers(asked.counted, pieces))?;
            let made = engine.balance_shares(Usage::Parts(&parts), &all_months)?;
            let share = |share: BalanceShare| ShareResult::Balance(Some(share.into()));
            Ok(Some(made.into_iter().map(|(key, made)| (key, share(made))).collect()))
        };
        let shares = self.shares(&question, asked, &wanted, &ShareResult::Balance(None), make)?;
        let shares = shares.unwrap_or_default();
        let balances = shares.iter().filter_map(|made| match made {
            ShareResult::Balance(share) => share.as_deref(),
            ShareResult::Cells(_) => None,
        });
        options.tell(balances.clone().flat_map(|share| &share.unjudged));
        merge_balances(balances.map(|share| &share.balance)).map_err(EngineError::from)
    }

    /// The shares wanted: kept ones that are still the same, and others made anew, all in one pass. Who
    /// asks the same while they are made waits for them.
    fn shares(
        &self,
        question: &Arc<Question>,
        asked: ReportBasis,
        wanted: &SharePieces,
        none: &ShareResult,
        make: impl Fn(&BTreeSet<i64>) -> Result<Option<BTreeMap<ShareKey, ShareResult>>, EngineError>,
    ) -> Result<Option<Vec<ShareResult>>, EngineError> {
        let (shares, missing) = self.still_same(question, asked, wanted);
        if missing.is_empty() {
            self.count(shares.len(), 0);
            return Ok(Some(shares.into_values().collect()));
        }
        let turn = self.turn(question);
        let _held = lock(&turn);
        // Somebody may have made them while this one waited.
        let (mut shares, missing) = self.still_same(question, asked, wanted);
        self.count(shares.len(), wanted.len() - shares.len());
        if missing.is_empty() {
            return Ok(Some(shares.into_values().collect()));
        }
        let Some(mut made) = make(&missing)? else { return Ok(None) };
        let mut kept = lock(&self.kept);
        for (key, pieces) in wanted {
            if shares.contains_key(key) {
                continue;
            }
            let made = made.remove(key).unwrap_or_else(|| none.clone());
            let (pieces, fingerprint) = (pieces.clone(), asked.fingerprint(key, &made));
            let share = Share { pieces, fingerprint, made: made.clone(), weight: made.weight() };
            kept.insert((question.clone(), key.clone()), share);
            shares.insert(key, made);
        }
        Ok(Some(shares.into_values().collect()))
    }

    /// The kept shares that are still the same, and the pieces of the others.
    fn still_same<'w>(
        &self,
        question: &Arc<Question>,
        asked: ReportBasis,
        wanted: &'w SharePieces,
    ) -> (BTreeMap<&'w ShareKey, ShareResult>, BTreeSet<i64>) {
        let mut shares = BTreeMap::new();
        let mut missing: BTreeSet<i64> = BTreeSet::new();
        let kept = lock(&self.kept);
        for (key, pieces) in wanted {
            let same = kept.get(&(question.clone(), key.clone())).filter(|share| {
                share.pieces == *pieces && share.fingerprint == asked.fingerprint(key, &share.made)
            });
            match same {
                Some(share) => drop(shares.insert(key, share.made.clone())),
                None => missing.extend(pieces),
            }
        }
        (shares, missing)
    }

    /// What is held by the one who makes shares for a question.
    fn turn(&self, question: &Arc<Question>) -> Arc<Mutex<()>> {
        let mut making = lock(&self.making);
        if let Some(turn) = making.get(question).and_then(Weak::upgrade) {
            return turn;
        }
        making.retain(|_, turn| turn.strong_count() > 0);
        let turn = Arc::default();
        making.insert(question.clone(), Arc::downgrade(&turn));
        turn
    }
}

/// What a thread that panicked left is whole: each change under a lock is one step.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// The shares of some months (`None` = of all), with their pieces.
fn wanted(counted: &Counted, asked: Option<Months>) -> SharePieces {
    let mut wanted = SharePieces::new();
    for piece in counted.of_months(asked) {
        let named = !piece.subject.is_empty();
        for in_month in
            months(piece).filter(|found| asked.is_none_or(|asked| asked.contains(*found)))
        {
            let subscription = named.then(|| piece.subject.clone());
            let key = ShareKey { month: in_month, subscription };
            wanted.entry(key).or_default().push(piece.number);
        }
    }
    wanted
}

/// The months in which a piece may have charges.
fn months(piece: &LivePiece) -> impl Iterator<Item = (i16, i8)> {
    // A charge belongs to the month of its start, which is before its end.
    let before = Instant::from_nanoseconds(piece.last.nanoseconds() - 1).unwrap_or(Instant::MIN);
    let (first, last) = (piece.first.month(), before.month());
    let next = |(year, month): &(i16, i8)| match month {
        12 => (year + 1, 1),
        _ => (*year, month + 1),
    };
    std::iter::successors(Some(first), move |at| (*at < last).then(|| next(at)))
}

fn of_numbers<'c>(
    counted: &'c Counted,
    numbers: &BTreeSet<i64>,
) -> impl Iterator<Item = &'c LivePiece> {
    counted.pieces.iter().filter(|piece| numbers.contains(&piece.number))
}
