//! Shares: results in parts that can be kept, and put together again with the same bytes.
//!
//! # The idea
//!
//! A report of a year is asked for again and again, and between two askings little changes: the
//! usage of some days, the link of somebody. So a result is made in parts, one for each month and
//! billed subscription. [`Engine::shares`] makes those of all usage it is given in one pass; a
//! caller keeps them, makes only those anew whose usage or facts changed, and [`merge`] puts all
//! together. What comes out does not depend on which parts came from where:
//!
//! - **A share is not rounded.** [`Cells`] hold exact sums: what is credited in full as an integer,
//!   what is credited in part as one numerator for each denominator. `merge` adds them up and
//!   rounds once, as [`Engine::report`] does.
//! - **A share knows nothing of others.** Of the spellings of an id in its rows a report shows the
//!   one that is first as bytes. A share keeps spellings apart, and `merge` chooses.
//! - **A share says what it depends on**: the subscriptions it is billed to, and those that its
//!   resources are in, because a role is found on the way up from the resource. Of these,
//!   [`Fingerprints`](crate::fingerprint::Fingerprints) says whether the facts are still the same.
//!
//! Kept shares are good for the same usage, key columns, month, view, policy, role data and program,
//! and the same fingerprint of [`Cells::subscriptions`].
//!
//! # Worked example
//!
//! July, keys `partner_id` and `resource_group`. Subscription A has a day of 1.00 in `RG`, of which
//! 8 of 24 hours are covered for 111111; B has a day of 1.00 in `rg`, 8 hours covered; C has nothing
//! credited. A's share is one row, `111111, RG`: charges 1, cost 1, credit 1 · 1/3. B's is `111111,
//! rg`, likewise. C's has no row, but is kept, too: its key says that it is known to be empty.
//! Merged they are one row, `111111, RG`, charges 2, credited 0.6666666667; each share rounded by
//! itself would make 0.6666666666. When somebody gets access to C, the fingerprints of A and B stay
//! as they were: C's share is made anew from C's usage alone, and the three are merged again.

use std::collections::{BTreeMap, BTreeSet};
use std::mem::size_of;
use std::sync::{Arc, Mutex};

use pal_model::{Balance, KeyColumn};

use super::cell::Cell;
use super::names::Names;
use super::report::{Plan, Sources, dim};
use super::resolve::Resolver;
use super::split::{Split, Splits, split};
use super::table::{Dim, Groups};
use super::unjudged::UnjudgedDeny;
use super::{Engine, EngineError, Only, Options, Usage, add_to_balance, lock};
use crate::ingest::Codes;

pub use super::split::ShareKey;

/// A text that is shared by the cells of a run; `None` prints empty.
pub(super) type Shown = Option<Arc<str>>;

/// The rows of one share, not rounded.
#[derive(Debug, Clone)]
pub struct Cells {
    pub(super) month: (i16, i8),
    subscriptions: BTreeSet<Arc<str>>,
    pub(super) keys: Arc<[KeyColumn]>,
    /// For each key column the texts in use. None for the month, which is one.
    pub(super) values: Vec<Vec<Shown>>,
    /// For each row and key column, the place of its text.
    pub(super) places: Vec<u32>,
    /// For each row, what it sums up to.
    pub(super) sums: Vec<Cell<0>>,
    unjudged: BTreeSet<UnjudgedDeny>,
}

impl Cells {
    /// How many rows there are.
    pub fn len(&self) -> usize {
        self.sums.len()
    }

    /// Whether nothing is credited.
    pub fn is_empty(&self) -> bool {
        self.sums.is_empty()
    }

    /// The subscriptions whose facts these cells depend on, folded: the one billed, and those that
    /// the resources of its consumed charges are in, credited or not.
    pub fn subscriptions(&self) -> impl Iterator<Item = &str> {
        self.subscriptions.iter().map(AsRef::as_ref)
    }

    /// What its rows could not judge.
    pub fn unjudged(&self) -> impl Iterator<Item = &UnjudgedDeny> {
        self.unjudged.iter()
    }

    /// About how many bytes these cells keep in memory. Texts shared with other cells count in full.
    pub fn weight(&self) -> usize {
        // Map nodes are roomy: a numerator of a few words costs about this.
        const PART: usize = 96;
        let text = |text: &Arc<str>| size_of::<Shown>() + 2 * size_of::<usize>() + text.len();
        let shown = |value: &Shown| value.as_ref().map_or(size_of::<Shown>(), text);
        let parts = |sum: &Cell<0>| sum.parts.as_ref().map_or(0, |parts| PART * (1 + parts.len()));
        size_of::<Self>()
            + self.subscriptions.iter().map(text).sum::<usize>()
            + self.values.iter().flatten().map(shown).sum::<usize>()
            + self.places.len() * size_of::<u32>()
            + self.sums.len() * size_of::<Cell<0>>()
            + self.sums.iter().map(parts).sum::<usize>()
    }
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BalanceShare {
    pub balance: Balance,
    /// As [`Cells::subscriptions`].
    pub subscriptions: BTreeSet<Arc<str>>,
    /// As [`Cells::unjudged`].
    pub unjudged: BTreeSet<UnjudgedDeny>,
}

impl Engine<'_> {
    /// The report in shares, whatever rows are wanted of it: every month and billed subscription of
    /// the usage has its cells, also where nothing is credited. `None` = they are more than
    /// `options.groups_in_memory`, before or after their multiplication by partners;
    /// [`Engine::report`] has no such limit.
    ///
    /// # Errors
    /// As [`Engine::report`].
    pub fn shares(
        &self,
        usage: Usage,
        keys: &[KeyColumn],
        options: &Options,
    ) -> Result<Option<BTreeMap<ShareKey, Cells>>, EngineError> {
        let codes = Codes::apart();
        let resolver = Resolver::new(&self.access, &codes);
        let names = Mutex::new(Names::new(&self.access.hierarchy, &codes));
        let mut dims = [false; Dim::COUNT];
        keys.iter().filter_map(|key| dim(*key)).for_each(|d| dims[d as usize] = true);
        let grouping = self.grouping(dims, false, options);
        let limit = options.groups_in_memory;
        let Some(splits) = split(usage, &grouping, &codes, &resolver, &names, options, limit)?
        else {
            return Ok(None);
        };
        let plan = Plan::new(
            keys,
            &Sources {
                outcomes: &resolver.outcomes(0),
                access: &self.access,
                codes: &codes,
                names: &lock(&names),
                view: &options.view,
                only: Only::default(),
            },
        );
        drop((names, resolver));
        drop(codes);
        match keys.len() {
            0..=8 => cells::<8>(&plan, keys, splits, limit),
            _ => cells::<{ KeyColumn::ALL.len() }>(&plan, keys, splits, limit),
        }
    }

    /// The balance in shares; [`merge_balances`] adds them up to [`Engine::balance`].
    ///
    /// # Errors
    /// As [`Engine::report`].
    pub fn balance_shares(
        &self,
        usage: Usage,
        options: &Options,
    ) -> Result<BTreeMap<ShareKey, BalanceShare>, EngineError> {
        let codes = Codes::apart();
        let resolver = Resolver::new(&self.access, &codes);
        let names = Mutex::new(Names::new(&self.access.hierarchy, &codes));
        let grouping = self.grouping([false; Dim::COUNT], true, options);
        // A share has a group for each currency and line: a few.
        let splits = split(usage, &grouping, &codes, &resolver, &names, options, usize::MAX)?;
        let currencies = codes.currencies.spelled();
        let outcomes = resolver.outcomes(0);
        let unjudged = |split: &Split| -> BTreeSet<UnjudgedDeny> {
            let open = split.open.iter().map(|outcome| &outcomes[*outcome as usize].open);
            open.flat_map(|open| self.access.unjudged(open, |_| true)).collect()
        };
        let balance = |mut split: Split| {
            let mut balance = Balance::new();
            split.groups.for_each(|group| add_to_balance(&mut balance, group, &currencies))?;
            let unjudged = unjudged(&split);
            let subscriptions = split.subscriptions;
            Ok::<_, EngineError>(BalanceShare { balance, subscriptions, unjudged })
        };
        let splits = splits.unwrap_or_default().into_iter();
        splits.map(|(key, split)| Ok((key, balance(split)?))).collect()
    }
}

/// Multiplies the pre-groups of each share by partners.
fn cells<const K: usize>(
    plan: &Plan,
    keys: &[KeyColumn],
    splits: Splits,
    limit: usize,
) -> Result<Option<BTreeMap<ShareKey, Cells>>, EngineError> {
    let keys: Arc<[KeyColumn]> = keys.into();
    let texts = plan.texts();
    let mut room = limit;
    let mut shares = BTreeMap::new();
    for (key, Split { groups, subscriptions, .. }) in splits {
        let Some((rows, unjudged)) = rows::<K>(plan, groups, room)? else { return Ok(None) };
        room -= rows.len();
        let (values, places) = used(&texts, &rows);
        let sums = rows.into_iter().map(Cell::without_key).collect();
        let (month, keys) = (key.month, keys.clone());
        let cells = Cells { month, subscriptions, keys, values, places, sums, unjudged };
        shares.insert(key, cells);
    }
    Ok(Some(shares))
}

/// The rows of a share, and what they could not judge.
type Rows<const K: usize> = (Vec<Cell<K>>, BTreeSet<UnjudgedDeny>);

fn rows<const K: usize>(
    plan: &Plan,
    groups: Groups,
    room: usize,
) -> Result<Option<Rows<K>>, EngineError> {
    let (rows, beyond, unjudged) = plan.fan_out::<K>(groups, room)?;
    Ok(beyond.is_empty().then_some((rows, unjudged)))
}

/// The texts in use, and where each row finds its own.
fn used<const K: usize>(texts: &[Vec<Shown>], rows: &[Cell<K>]) -> (Vec<Vec<Shown>>, Vec<u32>) {
    let width = texts.len();
    let mut places = vec![0; width * rows.len()];
    let used = |(column, texts): (usize, &Vec<Shown>)| {
        let mut ranks: Vec<u32> = rows.iter().map(|row| row.key[column]).collect();
        ranks.sort_unstable();
        ranks.dedup();
        for (row, cell) in rows.iter().enumerate() {
            // It is there: the list is made of these.
            let place = ranks.partition_point(|rank| *rank < cell.key[column]);
            places[row * width + column] = place as u32;
        }
        ranks.iter().map(|rank| texts.get(*rank as usize).cloned().flatten()).collect()
    };
    let values = texts.iter().enumerate().map(used).collect();
    (values, places)
}
