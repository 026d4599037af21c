//! The scan of a run that keeps shares apart: each row goes to the pre-groups of its share.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex};

use hashbrown::HashMap;

use super::kernel::{Grouping, Kernel, month_of};
use super::names::Names;
use super::resolve::Resolver;
use super::table::{AddError, Groups};
use super::{EngineError, Options, Usage};
use crate::ingest::{Batch, Codes, IngestError};

#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ShareKey {
    /// The month in which charges start: year, and 1 – 12.
    pub month: (i16, i8),
    /// The subscription that rows are billed to, folded; `None` = they name none.
    pub subscription: Option<String>,
}

/// Why a scan ends early.
pub(super) enum Stop {
    /// More groups than asked for.
    Full,
    Failed(EngineError),
}

impl From<IngestError> for Stop {
    fn from(error: IngestError) -> Self {
        Self::Failed(error.into())
    }
}

impl From<AddError> for Stop {
    fn from(error: AddError) -> Self {
        Self::Failed(error.into())
    }
}

/// A share while its rows are added up.
pub(super) struct Split {
    pub groups: Groups,
    /// Subscriptions that its rows name or lie in, folded.
    pub subscriptions: BTreeSet<Arc<str>>,
    /// Outcomes of its rows that left a deny open, in a balance.
    pub open: BTreeSet<u32>,
}

pub(super) type Splits = BTreeMap<ShareKey, Split>;

/// Reads all usage, share by share; `None` = more than `limit` pre-groups.
pub(super) fn split<'k, 'a>(
    usage: Usage,
    grouping: &'k Grouping,
    codes: &'k Codes,
    resolver: &'k Resolver<'a>,
    names: &'k Mutex<Names<'a>>,
    options: &Options,
    limit: usize,
) -> Result<Option<Splits>, EngineError> {
    let splitter = || Splitter::new(grouping, codes, resolver, names, limit);
    let add = |splitter: &mut Splitter, batch: &Batch| splitter.add(batch);
    let splitters = match super::read(usage, grouping, codes, options, splitter, add) {
        Ok(splitters) => splitters,
        Err(Stop::Full) => return Ok(None),
        Err(Stop::Failed(error)) => return Err(error),
    };
    let mut splits = Splits::new();
    for splitter in splitters {
        splitter.join(&mut splits)?;
    }
    let groups: usize = splits.values().map(|split| split.groups.len()).sum();
    Ok((groups <= limit).then_some(splits))
}

struct Splitter<'k, 'a> {
    kernel: Kernel<'k, 'a>,
    codes: &'k Codes,
    limit: usize,
    groups: usize,
    shares: Vec<Share>,
    by_key: HashMap<ShareKey, usize>,
    /// By month and code of the billed subscription, of which each spelling has its own.
    by_code: HashMap<(u32, u32), usize>,
    /// Rows of a share often come together.
    last: Option<((u32, u32), usize)>,
}

struct Share {
    key: ShareKey,
    groups: Groups,
    /// Codes of subscriptions that rows lie in.
    located: BTreeSet<u32>,
    open: BTreeSet<u32>,
    last: Option<u32>,
}

impl<'k, 'a> Splitter<'k, 'a> {
    fn new(
        grouping: &'k Grouping,
        codes: &'k Codes,
        resolver: &'k Resolver<'a>,
        names: &'k Mutex<Names<'a>>,
        limit: usize,
    ) -> Self {
        let kernel = Kernel::new(grouping, codes, resolver, names, usize::MAX);
        let (by_key, by_code) = Default::default();
        Self { kernel, codes, limit, groups: 0, shares: Vec::new(), by_key, by_code, last: None }
    }

    fn add(&mut self, batch: &Batch) -> Result<(), Stop> {
        self.kernel.prepare(batch)?;
        let asked = self.kernel.asked_months();
        for row in 0..batch.len() {
            let month = self.kernel.month(batch, row);
            if !asked.contains(&month) {
                continue;
            }
            let at = self.share((month, batch.subscription[row]));
            let share = &mut self.shares[at];
            // What is credited to nobody today may be tomorrow: its place counts, too.
            let located = self.kernel.located(batch, row);
            if located != share.last {
                share.last = located;
                share.located.extend(located);
            }
            let Some(key) = self.kernel.key(batch, row, month) else { continue };
            share.open.extend(self.kernel.open());
            let before = share.groups.len();
            share.groups.add(&key, batch.cost[row])?;
            self.groups += share.groups.len() - before;
            if self.groups > self.limit {
                return Err(Stop::Full);
            }
        }
        Ok(())
    }

    fn share(&mut self, codes: (u32, u32)) -> usize {
        match self.last {
            Some((known, at)) if known == codes => at,
            _ => {
                let at = match self.by_code.get(&codes) {
                    Some(&at) => at,
                    None => self.ask_share(codes),
                };
                self.last = Some((codes, at));
                at
            }
        }
    }

    #[cold]
    fn ask_share(&mut self, codes: (u32, u32)) -> usize {
        let subscription = self.codes.subscriptions.folded(codes.1).map(|text| text.to_string());
        let key = ShareKey { month: month_of(codes.0), subscription };
        let at = *self.by_key.entry(key.clone()).or_insert(self.shares.len());
        if at == self.shares.len() {
            let (groups, located, open) =
                (Groups::new(usize::MAX), BTreeSet::new(), BTreeSet::new());
            self.shares.push(Share { key, groups, located, open, last: None });
        }
        self.by_code.insert(codes, at);
        at
    }

    /// Adds this thread's shares to those of others.
    fn join(self, splits: &mut Splits) -> Result<(), EngineError> {
        for mut share in self.shares {
            let located = share.located.iter().filter_map(|&c| self.codes.subscriptions.folded(c));
            let billed = share.key.subscription.as_deref().map(Arc::from);
            let subscriptions = located.chain(billed).collect();
            match splits.entry(share.key) {
                std::collections::btree_map::Entry::Vacant(free) => {
                    free.insert(Split { groups: share.groups, subscriptions, open: share.open });
                }
                std::collections::btree_map::Entry::Occupied(mut other) => {
                    let other = other.get_mut();
                    other.subscriptions.extend(subscriptions);
                    other.open.extend(share.open);
                    share
                        .groups
                        .for_each(|group| other.groups.absorb(group).map_err(AddError::from))?;
                }
            }
        }
        Ok(())
    }
}
