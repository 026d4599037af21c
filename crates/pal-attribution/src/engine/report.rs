//! The second half of a report: columns, fan-out to partners, rows in order.

use std::collections::{BTreeSet, HashMap, HashSet};
use std::sync::Arc;

use pal_model::{KeyColumn, TenantId, is_same_name};

use super::EngineError;
use super::cell::Cell;
use super::kernel::{CURRENCY_BITS, month_text};
use super::names::Names;
use super::rollup::{Cells, Column, hash};
use super::runs::{Runs, Stream, merge};
use super::table::{Dim, Group, Groups};
use super::unjudged::UnjudgedDeny;
use super::view::{Only, View};
use crate::access::{Access, Casing, Credit, Outcome};
use crate::ingest::Codes;

/// Where the code of a key column comes from.
#[derive(Clone, Copy)]
enum From {
    Month,
    Currency,
    Group(Dim),
    Outcome,
    Credit,
    Constant,
}

/// The dimension a key column needs in the pre-groups, beyond outcome, month and currency.
pub(super) const fn dim(column: KeyColumn) -> Option<Dim> {
    match column {
        KeyColumn::SubscriptionId => Some(Dim::Subscription),
        KeyColumn::SubscriptionName => Some(Dim::SubscriptionName),
        KeyColumn::ResourceGroup => Some(Dim::Group),
        KeyColumn::ResourceId => Some(Dim::Resource),
        KeyColumn::ServiceCategory => Some(Dim::Category),
        KeyColumn::ServiceName => Some(Dim::Service),
        _ => None,
    }
}

/// One printed row: keys, charges, cost and credited cost in 10⁻¹⁰ units.
pub type TakeRow<'t> = dyn FnMut(&[Option<&str>], u64, i128, i128) -> Result<(), EngineError> + 't;

pub(super) struct Sources<'s, 'a> {
    pub outcomes: &'s [Arc<Outcome>],
    pub access: &'s Access<'a>,
    pub codes: &'s Codes,
    pub names: &'s Names<'a>,
    pub view: &'s View,
    pub only: Only<'s>,
}

/// Everything the fan-out needs, computed once the scan is done.
pub(super) struct Plan {
    columns: Vec<(From, Column)>,
    /// For each column, whether it is left empty, by outcome.
    hidden: Vec<Vec<bool>>,
    shown: Vec<bool>,
    /// Where an outcome's credits begin in credit columns; one more entry at the end.
    offsets: Vec<u32>,
    weights: Vec<(i64, i64)>,
    /// Whether rows of a subscription are wanted, by its code; empty = of all.
    subscriptions: Vec<bool>,
    /// What an outcome could not judge for what is shown of it.
    unjudged: Vec<Vec<UnjudgedDeny>>,
}

/// Cells in order, runs of others, and what their rows could not judge.
pub(super) type FannedOut<const K: usize> = (Vec<Cell<K>>, Runs<K>, BTreeSet<UnjudgedDeny>);

impl Plan {
    pub fn new(keys: &[KeyColumn], from: &Sources) -> Self {
        let casing = Casing::new(from.access.facts);
        let mut plan = Self {
            columns: Vec::new(),
            hidden: Vec::new(),
            shown: Vec::new(),
            offsets: vec![0],
            weights: Vec::new(),
            subscriptions: wanted_subscriptions(from, &casing),
            unjudged: Vec::new(),
        };
        for outcome in from.outcomes {
            let customer = outcome.customer.as_ref().map(|(id, _)| *id);
            let whole =
                from.view.shows_customer(customer) && wants_customer(from, customer, &casing);
            let shown = |partner| whole && from.view.shows_partner(partner);
            let once = |duplicate| !(duplicate && from.view.without_duplicates);
            plan.shown
                .extend(outcome.credits.iter().map(|c| shown(c.partner) && once(c.duplicate)));
            plan.weights.extend(outcome.credits.iter().map(|c| c.weight));
            plan.offsets.push(plan.weights.len() as u32);
            plan.unjudged.push(from.access.unjudged(&outcome.open, |open| shown(open.partner)));
        }
        for key in keys {
            plan.columns.push(column(*key, from, &casing));
            let hides = |outcome: &Arc<Outcome>| {
                from.view.hides(*key, outcome.customer.as_ref().map(|(id, _)| *id))
            };
            plan.hidden.push(from.outcomes.iter().map(hides).collect());
        }
        plan
    }

    /// Gives the spellings of one id one rank: of those in rows that are shown, the first as bytes
    /// is shown for all. So what is printed depends on the rows alone, not on who reads them first.
    pub fn unify(&mut self, codes: &Codes, groups: &mut [Groups]) -> Result<(), EngineError> {
        for at in 0..self.columns.len() {
            let (dim, texts) = match self.columns[at].0 {
                From::Group(dim @ Dim::Group) => (dim, &codes.groups),
                From::Group(dim @ Dim::Resource) => (dim, &codes.resources),
                _ => continue,
            };
            let folded: Vec<Arc<str>> = texts.since(0).into_iter().map(|(name, _)| name).collect();
            let names: HashSet<&Arc<str>> = folded.iter().collect();
            if names.len() == folded.len() {
                continue;
            }
            let mut used = vec![false; folded.len() + 1];
            for groups in &mut *groups {
                groups.for_each(|group| {
                    let code = group.key[dim as usize] as usize;
                    used[code] = used[code] || self.shows(group, at);
                    Ok::<(), EngineError>(())
                })?;
            }
            let column = &self.columns[at].1;
            let spelling = |code: usize| column.values[column.rank[code] as usize].clone();
            let mut first: HashMap<&str, Option<String>> = HashMap::new();
            for (code, name) in (1..).zip(&folded).filter(|(code, _)| used[*code]) {
                let shown = first.entry(name).or_insert_with(|| spelling(code));
                *shown = shown.take().min(spelling(code));
            }
            let shown = (1..)
                .zip(&folded)
                .map(|(code, name)| first.get(&**name).cloned().unwrap_or_else(|| spelling(code)));
            self.columns[at].1 = Column::new(std::iter::once(spelling(0)).chain(shown).collect());
        }
        Ok(())
    }

    /// Whether a column of these rows is shown to somebody.
    fn shows(&self, group: &Group, column: usize) -> bool {
        let outcome = group.key[Dim::Outcome as usize] as usize;
        let credits = self.offsets[outcome] as usize..self.offsets[outcome + 1] as usize;
        self.wants(group) && !self.hidden[column][outcome] && self.shown[credits].contains(&true)
    }

    /// Whether rows of a subscription are wanted.
    fn wants(&self, group: &Group) -> bool {
        let subscription = group.key[Dim::Subscription as usize] as usize;
        self.subscriptions.is_empty() || self.subscriptions[subscription]
    }

    /// The texts of each column by rank; none for months, which are numbers.
    pub fn texts(&self) -> Vec<Vec<Option<Arc<str>>>> {
        let shared = |value: &Option<String>| value.as_deref().map(Arc::from);
        self.columns.iter().map(|(_, c)| c.values.iter().map(shared).collect()).collect()
    }

    /// Multiplies a thread's pre-groups by their credits.
    pub fn fan_out<const K: usize>(
        &self,
        mut groups: Groups,
        limit: usize,
    ) -> Result<FannedOut<K>, EngineError> {
        let mut cells = Cells::<K>::new(limit);
        let mut unjudged: BTreeSet<u32> = BTreeSet::new();
        groups.for_each(|group| {
            if !self.wants(group) {
                return Ok(());
            }
            let mut key = [0; K];
            let outcome = group.key[Dim::Outcome as usize] as usize;
            if !self.unjudged[outcome].is_empty() {
                unjudged.insert(outcome as u32);
            }
            for (at, (from, column)) in self.columns.iter().enumerate() {
                // Code 0 is the empty one.
                let hidden = self.hidden[at][outcome];
                key[at] =
                    if hidden { column.rank[0] } else { Self::shared_rank(*from, column, group) };
            }
            let credits = self.offsets[outcome]..self.offsets[outcome + 1];
            for credit in credits.filter(|credit| self.shown[*credit as usize]) {
                for (at, (from, column)) in self.columns.iter().enumerate() {
                    if matches!(from, From::Credit) {
                        key[at] = column.rank[credit as usize];
                    }
                }
                let weight = self.weights[credit as usize];
                cells.add(hash(&key), &key, (group.rows, group.cost), weight)?;
            }
            Ok::<(), EngineError>(())
        })?;
        let (cells, runs) = cells.finish();
        let told = unjudged.iter().flat_map(|outcome| &self.unjudged[*outcome as usize]);
        Ok((cells, runs, told.cloned().collect()))
    }

    fn shared_rank(from: From, column: &Column, group: &Group) -> u32 {
        let month_currency = group.key[Dim::MonthCurrency as usize];
        match from {
            From::Month => month_currency >> CURRENCY_BITS,
            From::Currency => column.rank[(month_currency & ((1 << CURRENCY_BITS) - 1)) as usize],
            From::Group(dim) => column.rank[group.key[dim as usize] as usize],
            From::Outcome => column.rank[group.key[Dim::Outcome as usize] as usize],
            From::Credit | From::Constant => 0,
        }
    }

    /// Merges the threads' cells and hands out the rows in order.
    pub fn rows<const K: usize>(
        &self,
        streams: Vec<Stream<K>>,
        take: &mut TakeRow,
    ) -> Result<(), EngineError> {
        let mut failed = None;
        let mut months: std::collections::HashMap<u32, String> = std::collections::HashMap::new();
        let merged = merge(streams, |cell| {
            for (at, (from, _)) in self.columns.iter().enumerate() {
                if matches!(from, From::Month) {
                    months.entry(cell.key[at]).or_insert_with(|| month_text(cell.key[at]));
                }
            }
            let value = |at: usize| match &self.columns[at] {
                (From::Month, _) => months.get(&cell.key[at]).map(String::as_str),
                (_, column) => column.values[cell.key[at] as usize].as_deref(),
            };
            let mut keys: [Option<&str>; K] = [None; K];
            for (at, key) in keys.iter_mut().enumerate().take(self.columns.len()) {
                *key = value(at);
            }
            let (cost, credited) = cell.rounded()?;
            if failed.is_none() {
                failed = take(&keys[..self.columns.len()], cell.charges, cost, credited).err();
            }
            Ok(())
        });
        merged?;
        failed.map_or(Ok(()), Err)
    }
}

/// Whether rows of a customer are wanted, by the ID that they show.
fn wants_customer(from: &Sources, customer: Option<TenantId>, casing: &Casing) -> bool {
    let Only { customer: wanted, subscription } = from.only;
    let named = wanted.is_none_or(|wanted| {
        let shown = customer.map(|id| shown_customer(from.view, id, casing));
        shown.is_some_and(|shown| is_same_name(&shown, wanted))
    });
    // Subscriptions that are not shown have no name.
    named && (subscription.is_none() || !from.view.hides(KeyColumn::SubscriptionId, customer))
}

fn wanted_subscriptions(from: &Sources, casing: &Casing) -> Vec<bool> {
    let Some(wanted) = from.only.subscription else { return Vec::new() };
    let shown = from.codes.subscriptions.spelled();
    let wants = |text: &Arc<str>| is_same_name(&casing.subscription(text), wanted);
    // Code 0 is of rows that name none.
    std::iter::once(false).chain(shown.iter().map(wants)).collect()
}

/// What stands in a customer's place.
fn shown_customer(view: &View, id: TenantId, casing: &Casing) -> String {
    view.pseudonym(id).unwrap_or_else(|| casing.tenant(id))
}

/// A column: where the value of a row comes from, and the values there are.
fn column(key: KeyColumn, from: &Sources, casing: &Casing) -> (From, Column) {
    let Sources { outcomes, access, codes, names, view, .. } = *from;
    let by_code = |shown: Vec<Arc<str>>| {
        let texts = shown.iter().map(|text| Some(text.to_string()));
        Column::new(std::iter::once(None).chain(texts).collect())
    };
    let by_outcome = |value: &dyn Fn(&Outcome) -> Option<String>| {
        Column::new(outcomes.iter().map(|o| value(o)).collect())
    };
    let by_credit = |value: &dyn Fn(&Credit) -> Option<String>| {
        let credits = outcomes.iter().flat_map(|o| &o.credits);
        (From::Credit, Column::new(credits.map(value).collect()))
    };
    let flag = |set: bool| Some(if set { "1" } else { "0" }.to_owned());
    match key {
        // Months are in order as they are: no ranks needed.
        KeyColumn::Month => (From::Month, Column { rank: Vec::new(), values: Vec::new() }),
        KeyColumn::Currency => (From::Currency, by_code(codes.currencies.spelled())),
        KeyColumn::CustomerTenantId => {
            let id = |o: &Outcome| {
                let id = o.customer.as_ref().map(|(id, _)| *id)?;
                Some(shown_customer(view, id, casing))
            };
            (From::Outcome, by_outcome(&id))
        }
        KeyColumn::CustomerTenantName => {
            let name = |o: &Outcome| {
                let hidden = o.customer.as_ref().and_then(|(id, _)| view.pseudonym(*id));
                hidden.or_else(|| access.customer_name(o).map(str::to_owned))
            };
            (From::Outcome, by_outcome(&name))
        }
        KeyColumn::SubscriptionId => {
            let shown = codes.subscriptions.spelled();
            let shown = shown.iter().map(|text| casing.subscription(text).into()).collect();
            (From::Group(Dim::Subscription), by_code(shown))
        }
        KeyColumn::SubscriptionName => {
            let shown = names.all().iter().map(|name| (*name).into()).collect();
            (From::Group(Dim::SubscriptionName), by_code(shown))
        }
        KeyColumn::ResourceGroup => (From::Group(Dim::Group), by_code(codes.groups.spelled())),
        KeyColumn::ResourceId => (From::Group(Dim::Resource), by_code(codes.resources.spelled())),
        KeyColumn::ServiceCategory => {
            (From::Group(Dim::Category), by_code(codes.categories.spelled()))
        }
        KeyColumn::ServiceName => (From::Group(Dim::Service), by_code(codes.services.spelled())),
        KeyColumn::AssociationType => {
            (From::Constant, Column::new(vec![Some("Partner Admin Link".to_owned())]))
        }
        KeyColumn::PartnerId => by_credit(&|c| Some(c.partner.to_string())),
        KeyColumn::PartnerName => by_credit(&|c| access.partner_name(c).map(str::to_owned)),
        KeyColumn::PartnerGlobalId => by_credit(&|c| c.global.map(|g| g.to_string())),
        KeyColumn::AdminType => by_credit(&|c| Some(c.class.code().to_owned())),
        KeyColumn::PecEligible => by_credit(&|c| flag(c.pec_eligible)),
        KeyColumn::DuplicateInGlobal => by_credit(&|c| flag(c.duplicate)),
    }
}
