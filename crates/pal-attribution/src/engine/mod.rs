//! The engine: cost exports in, credited rows or a balance out, in one streaming pass.
//!
//! ```text
//! readers ──batches of codes──► kernel (one a thread) ──► pre-groups ──► fan-out ──► rows in order
//!                                  │ head, period → outcome                ▲
//!                                  └──────────► resolver (access) ─────────┘ credits of outcomes
//! ```
//!
//! [`shares`] makes the same results in parts that can be kept.
//!
//! Cost grows with rows, plus distinct resources times the depth of their scopes: a row is looked
//! up, never compared with partners. Rows become groups before they become partners'.

mod cell;
mod compose;
mod kernel;
mod names;
mod report;
mod resolve;
mod rollup;
mod runs;
pub mod shares;
mod split;
mod table;
mod unjudged;
mod view;

use std::io;
use std::sync::atomic::AtomicU64;
use std::sync::{Mutex, MutexGuard, PoisonError};

use pal_model::{
    Balance, BalanceLine, Charge, ChargeTraits, Exclusion, Facts, KeyColumn, Money, MoneyError,
    Months, Row, Uncredited,
};

use crate::access::Access;
use crate::ingest::{Batch, Codes, IngestError, Part, ReadOptions, Remarked, Wanted};
use crate::policy::Policy;
use crate::roles::RoleData;
use crate::threads::on_threads;
pub use compose::{merge, merge_balances};
use kernel::{CREDITED, CURRENCY_BITS, Grouping, Kernel, UNCREDITED, month_text};
use names::Names;
pub use report::TakeRow;
use report::{Plan, Sources, dim};
use resolve::Resolver;
use runs::{RunsError, Stream};
use table::{AddError, Dim, Group, Groups};
pub use unjudged::{UnjudgedDenies, UnjudgedDeny};
pub use view::{Only, PrivacyLevels, View};

/// Why a report could not be made.
#[derive(Debug, thiserror::Error)]
pub enum EngineError {
    #[error(transparent)]
    Ingest(#[from] IngestError),
    #[error(transparent)]
    Money(#[from] MoneyError),
    #[error(transparent)]
    Io(#[from] io::Error),
    #[error("the shares of this report were made without the column '{0}'; make them anew with it")]
    Column(KeyColumn),
}

impl From<AddError> for EngineError {
    fn from(error: AddError) -> Self {
        match error {
            AddError::Money(error) => Self::Money(error),
            AddError::Spill(error) => Self::Io(error),
            AddError::Currencies => Self::Io(io::Error::other(AddError::Currencies.to_string())),
        }
    }
}

impl From<RunsError> for EngineError {
    fn from(error: RunsError) -> Self {
        match error {
            RunsError::Money(error) => Self::Money(error),
            RunsError::File(error) => Self::Io(error),
        }
    }
}

/// Usage: files, or charges already read.
#[derive(Clone, Copy)]
pub enum Usage<'u> {
    /// Files found by [`crate::ingest::discover`].
    Parts(&'u [Part]),
    Charges(&'u [Charge]),
}

pub struct Options<'o> {
    /// Only charges that start in these months.
    pub months: Option<Months>,
    /// Reading options.
    pub read: ReadOptions<'o>,
    /// What of the report is shown; a balance is always whole.
    pub view: View,
    /// Which of the rows shown are wanted; a balance is always whole, and so are shares.
    pub only: Only<'o>,
    /// Threads, at least 1.
    pub threads: usize,
    /// Most groups a thread keeps in memory before it uses temporary files.
    pub groups_in_memory: usize,
    /// Counts rows as they are read.
    pub rows: &'o AtomicU64,
    /// Takes what there is to say of the rows, if anybody wants to know.
    pub remarked: Option<&'o Remarked>,
    /// Where a report or balance says what it could not judge.
    pub unjudged: Option<&'o UnjudgedDenies>,
}

impl<'o> Options<'o> {
    /// All months, as many threads as the machine has processors.
    pub fn new(rows: &'o AtomicU64) -> Self {
        Self {
            months: None,
            only: Only::default(),
            read: ReadOptions::default(),
            view: View::default(),
            threads: std::thread::available_parallelism().map_or(1, usize::from),
            groups_in_memory: 4_000_000,
            rows,
            remarked: None,
            unjudged: None,
        }
    }

    /// Adds what could not be judged, where that is asked for.
    pub fn tell<'r>(&self, denies: impl IntoIterator<Item = &'r UnjudgedDeny>) {
        if let Some(unjudged) = self.unjudged {
            unjudged.add(denies);
        }
    }
}

/// Facts and policy, indexed: makes reports and balances.
pub struct Engine<'a> {
    access: Access<'a>,
}

impl<'a> Engine<'a> {
    /// Indexes facts that have passed [`Facts::check`] and [`RoleData::resolve_names`].
    pub fn new(facts: &'a Facts, roles: &'a RoleData, policy: &'a Policy) -> Self {
        Self { access: Access::new(facts, roles, policy) }
    }

    /// Hands out the rows of the report, sorted by their keys.
    ///
    /// # Errors
    /// Usage that cannot be read, a sum that is too large, a temporary file that cannot be written,
    /// or what `take` returns.
    pub fn report(
        &self,
        usage: Usage,
        keys: &[KeyColumn],
        options: &Options,
        take: &mut TakeRow,
    ) -> Result<(), EngineError> {
        let codes = Codes::apart();
        let resolver = Resolver::new(&self.access, &codes);
        let names = Mutex::new(Names::new(&self.access.hierarchy, &codes));
        let mut dims = [false; Dim::COUNT];
        let only = options.only.columns();
        keys.iter().chain(&only).filter_map(|key| dim(*key)).for_each(|d| dims[d as usize] = true);
        let grouping = self.grouping(dims, false, options);
        let mut groups = scan(usage, &grouping, &codes, &resolver, &names, options)?;
        let mut plan = Plan::new(
            keys,
            &Sources {
                outcomes: &resolver.outcomes(0),
                access: &self.access,
                codes: &codes,
                names: &lock(&names),
                view: &options.view,
                only: options.only,
            },
        );
        plan.unify(&codes, &mut groups)?;
        // What was only needed to read goes before the fan-out needs the memory.
        drop((names, resolver));
        drop(codes);
        // Reports have up to 8 key columns, or all of them: two sizes keep the common case small.
        match keys.len() {
            0..=8 => fan_out::<8>(&plan, groups, options, take),
            _ => fan_out::<{ KeyColumn::ALL.len() }>(&plan, groups, options, take),
        }
    }

    /// The balance: what becomes of every charge.
    ///
    /// # Errors
    /// As [`Engine::report`].
    pub fn balance(&self, usage: Usage, options: &Options) -> Result<Balance, EngineError> {
        let codes = Codes::default();
        let resolver = Resolver::new(&self.access, &codes);
        let names = Mutex::new(Names::new(&self.access.hierarchy, &codes));
        let grouping = self.grouping([false; Dim::COUNT], true, options);
        let groups = scan(usage, &grouping, &codes, &resolver, &names, options)?;
        // Outcomes are of rows that were asked for, each of at least one.
        let outcomes = resolver.outcomes(0);
        for outcome in &outcomes {
            options.tell(&self.access.unjudged(&outcome.open, |_| true));
        }
        let currencies = codes.currencies.spelled();
        let mut balance = Balance::new();
        for mut groups in groups {
            groups.for_each(|group| add_to_balance(&mut balance, group, &currencies))?;
        }
        Ok(balance)
    }

    fn grouping(&self, dims: [bool; Dim::COUNT], balance: bool, options: &Options) -> Grouping {
        let excluded = |bits: u16| {
            let reason =
                ChargeTraits::from_exclusion_bits(bits).exclusion(&self.access.policy.exclude);
            reason.map_or(0, |reason| reason as u8 + 1)
        };
        let exclusions = (0..1 << Exclusion::ALL.len()).map(excluded).collect();
        Grouping { dims, balance, months: options.months, exclusions }
    }
}

/// Reads all usage; the pre-groups of each thread.
fn scan<'k, 'a>(
    usage: Usage,
    grouping: &'k Grouping,
    codes: &'k Codes,
    resolver: &'k Resolver<'a>,
    names: &'k Mutex<Names<'a>>,
    options: &Options,
) -> Result<Vec<Groups>, EngineError> {
    let kernel = || Kernel::new(grouping, codes, resolver, names, options.groups_in_memory);
    let add = |kernel: &mut Kernel, batch: &Batch| kernel.add(batch).map_err(EngineError::from);
    let kernels = read(usage, grouping, codes, options, kernel, add)?;
    Ok(kernels.into_iter().map(|kernel| kernel.groups).collect())
}

/// Hands all usage to consumers, one for each thread; all are returned.
fn read<C: Send, E: From<IngestError> + Send>(
    usage: Usage,
    grouping: &Grouping,
    codes: &Codes,
    options: &Options,
    consumer: impl Fn() -> C + Sync,
    consume: impl Fn(&mut C, &Batch) -> Result<(), E> + Sync,
) -> Result<Vec<C>, E> {
    let wanted = Wanted {
        category: grouping.dims[Dim::Category as usize],
        service: grouping.dims[Dim::Service as usize],
        ..Wanted::default()
    };
    match usage {
        Usage::Charges(charges) => {
            let mut only = consumer();
            let give = |batch: &Batch| consume(&mut only, batch);
            crate::ingest::batches_of(charges, codes, wanted, give)?;
            Ok(vec![only])
        }
        Usage::Parts(parts) => {
            let (read, threads) = (&options.read, options.threads);
            let rows = options.rows;
            let done =
                crate::ingest::read(parts, read, codes, wanted, threads, rows, consumer, consume)?;
            if let Some(remarked) = options.remarked {
                remarked.add(codes.remarked.so_far());
            }
            Ok(done)
        }
    }
}

fn fan_out<const K: usize>(
    plan: &Plan,
    groups: Vec<Groups>,
    options: &Options,
    take: &mut TakeRow,
) -> Result<(), EngineError> {
    let (limit, threads) = (options.groups_in_memory, groups.len());
    let left = Mutex::new(groups.into_iter());
    let next = || left.lock().unwrap_or_else(PoisonError::into_inner).next();
    let work = || std::iter::from_fn(next).map(|groups| plan.fan_out::<K>(groups, limit));
    let finished = on_threads(threads, || work().collect::<Result<Vec<_>, EngineError>>());
    let finished: Vec<Vec<_>> = finished.into_iter().collect::<Result<_, _>>()?;
    let mut streams: Vec<Stream<K>> = Vec::new();
    for (cells, runs, unjudged) in finished.into_iter().flatten() {
        options.tell(&unjudged);
        streams.extend(runs.into_streams());
        streams.push(Box::new(cells.into_iter().map(Ok)));
    }
    plan.rows(streams, take)
}

fn add_to_balance(
    balance: &mut Balance,
    group: &Group,
    currencies: &[std::sync::Arc<str>],
) -> Result<(), EngineError> {
    let packed = group.key[Dim::MonthCurrency as usize];
    let month = month_text(packed >> CURRENCY_BITS);
    let currency = (packed & ((1 << CURRENCY_BITS) - 1)) as usize;
    let currency = currency.checked_sub(1).and_then(|at| currencies.get(at));
    let line = group.key[Dim::Outcome as usize];
    let mut add = |line: BalanceLine| -> Result<(), MoneyError> {
        let key = (month.clone(), currency.map_or_else(String::new, ToString::to_string), line);
        let entry = balance.entry(key).or_default();
        entry.0 += group.rows;
        entry.1 = entry.1.plus(Money::from_units(group.cost))?;
        Ok(())
    };
    add(BalanceLine::Total)?;
    if line < CREDITED {
        add(BalanceLine::Excluded(Exclusion::ALL[line as usize - 1]))?;
        return Ok(());
    }
    add(BalanceLine::Consumed)?;
    let rest = match line {
        CREDITED => BalanceLine::Credited,
        reason => BalanceLine::Uncredited(Uncredited::ALL[(reason - UNCREDITED) as usize]),
    };
    Ok(add(rest)?)
}

/// Report and balance of charges already read: for tests and small inputs.
///
/// # Errors
/// As [`Engine::report`].
pub fn evaluate_charges(
    facts: &Facts,
    roles: &RoleData,
    policy: &Policy,
    charges: &[Charge],
    keys: &[KeyColumn],
) -> Result<(Vec<Row>, Balance), EngineError> {
    let rows = AtomicU64::new(0);
    let options = Options { threads: 1, ..Options::new(&rows) };
    let engine = Engine::new(facts, roles, policy);
    let mut out = Vec::new();
    engine.report(
        Usage::Charges(charges),
        keys,
        &options,
        &mut |keys, charges, cost, credited| {
            let keys = keys.iter().map(|key| key.map(str::to_owned)).collect();
            out.push(Row { keys, charges, cost, credited_cost: credited });
            Ok(())
        },
    )?;
    Ok((out, engine.balance(Usage::Charges(charges), &options)?))
}

/// What a thread that panicked left is whole: each change under a lock is one step.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
