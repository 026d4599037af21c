//! Reading cost exports: files in, batches of coded rows out.

mod batch;
mod codes;
pub mod columns;
mod csv;
mod guard;
mod inspect;
mod parquet;
mod part;
mod queue;
mod remarks;
mod rows;
mod text;
pub mod values;

#[cfg(test)]
mod tests;

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use pal_model::{Charge, Interval};

pub use batch::{Batch, Wanted};
pub use codes::{Codes, NONE, PassedOver, Periods, Spelling, Texts};
pub use columns::{Field, Layout, LayoutError, Schema};
pub use inspect::{InspectedFile, Inspection, Total, inspect};
pub use part::{Container, Dataset, DatasetKind, GroupRows, Part};
pub use remarks::{Remarked, Remarks};
pub use rows::RowError;

pub use guard::is_decoding;
pub use parquet::started_between;
use queue::Queue;

use crate::threads::on_threads;

/// Why usage cannot be read. Nothing of it is counted then.
#[derive(Debug, thiserror::Error)]
pub enum IngestError {
    #[error("{file}: {source}")]
    Layout { file: String, source: LayoutError },
    #[error("{file}{place}: {source}")]
    Row {
        file: String,
        /// `:LINE` of a text file, `, row N` of others.
        place: String,
        source: RowError,
    },
    #[error("{file} cannot be read: {reason}; is the file complete?")]
    File { file: String, reason: String },
    #[error("{file} is {what}")]
    NotCsv { file: String, what: &'static str },
    #[error(
        "{file} has {found} rows, but its manifest.json says {expected}: the run is not complete; \
         wait for the export to finish or download it again"
    )]
    RowCount { file: String, expected: u64, found: u64 },
    /// Nobody wants the result any more.
    #[error("reading was stopped")]
    Stopped,
}

/// How to read.
#[derive(Debug, Clone, Copy, Default)]
pub struct ReadOptions<'s> {
    /// The family of columns, if it is not to be found out.
    pub schema: Option<Schema>,
    /// Set by whoever does not want the result any more: reading ends soon, as [`IngestError::Stopped`].
    pub stop: Option<&'s AtomicBool>,
}

impl ReadOptions<'_> {
    /// Columns of this family, to the end.
    pub const fn of(schema: Option<Schema>) -> Self {
        Self { schema, stop: None }
    }

    fn check_stop(&self) -> Result<(), IngestError> {
        let stopped = self.stop.is_some_and(|stop| stop.load(Ordering::Relaxed));
        if stopped { Err(IngestError::Stopped) } else { Ok(()) }
    }
}

/// The columns of a file, as they are understood.
///
/// # Errors
/// It cannot be read, or has not the columns of any family.
pub fn layout(part: &Part, options: &ReadOptions) -> Result<Layout, IngestError> {
    match part.container {
        Container::Csv | Container::CsvGzip => csv::layout(part, options),
        Container::Parquet => {
            guard::guarded(part, || Ok(parquet::OpenParquet::open(part, options)?.into_layout()))
        }
    }
}

/// Reads all parts with some threads. Each thread has its own consumer; all are returned.
///
/// # Errors
/// The error that comes first in the order of the parts, or what a consumer returns.
#[expect(
    clippy::too_many_arguments,
    reason = "few calls, each of one place; a struct would be read once"
)]
pub fn read<C: Send, E: From<IngestError> + Send>(
    parts: &[Part],
    options: &ReadOptions,
    codes: &Codes,
    wanted: Wanted,
    threads: usize,
    rows: &AtomicU64,
    consumer: impl Fn() -> C + Sync,
    consume: impl Fn(&mut C, &Batch) -> Result<(), E> + Sync,
) -> Result<Vec<C>, E> {
    let queue = Queue::open(parts, options)?;
    let work = || {
        let mut mine = consumer();
        let (mut last, mut memory) = (None, Vec::new());
        while let Some(task) = queue.next(last) {
            last = Some(task.file);
            let mut give = |batch: &Batch| {
                options.check_stop()?;
                rows.fetch_add(batch.len() as u64, Ordering::Relaxed);
                consume(&mut mine, batch)
            };
            if let Err(error) = queue.run(&task, codes, wanted, &mut memory, &mut give) {
                queue.fail(&task, error);
            }
        }
        mine
    };
    let consumers = on_threads(threads.min(queue.all_pieces()), work);
    queue.finish().map(|()| consumers)
}

/// The charges that `keep` wants, in the order of the files.
///
/// # Errors
/// As [`read`].
pub(crate) fn collect(
    parts: &[Part],
    options: &ReadOptions,
    keep: impl Fn(&Charge) -> bool + Sync,
) -> Result<Vec<Charge>, IngestError> {
    let codes = Codes::default();
    let wanted = Wanted { category: true, service: true, ..Wanted::default() };
    let rows = AtomicU64::new(0);
    let kept = read(parts, options, &codes, wanted, 1, &rows, Vec::new, |kept, batch| {
        let charges = (0..batch.len()).map(|row| charge(batch, row, &codes));
        kept.extend(charges.filter(|charge| keep(charge)));
        Ok::<(), IngestError>(())
    })?;
    Ok(kept.into_iter().flatten().collect())
}

fn charge(batch: &Batch, row: usize, codes: &Codes) -> Charge {
    let text = |texts: &Texts, code: u32| texts.folded(code).map(|text| text.to_string());
    Charge {
        period: codes.periods.since(batch.period[row] as usize)[0],
        resource: text(&codes.resources, batch.resource[row]),
        resource_group: text(&codes.groups, batch.group[row]),
        subscription: text(&codes.subscriptions, batch.subscription[row]),
        cost: pal_model::Money::from_units(batch.cost[row]),
        currency: text(&codes.currencies, batch.currency[row]).unwrap_or_default(),
        traits: batch.traits[row],
        service_category: text(&codes.categories, batch.category[row]),
        service_name: text(&codes.services, batch.service[row]),
        billing_period: None,
        meter: None,
        quantity: None,
        unit: None,
    }
}

/// Batches of charges already read.
pub(crate) fn batches_of<E>(
    charges: &[Charge],
    codes: &Codes,
    wanted: Wanted,
    mut give: impl FnMut(&Batch) -> Result<(), E>,
) -> Result<(), E> {
    let mut batch = Batch::default();
    for charge in charges {
        let code = |texts: &Texts, text: &Option<String>| {
            text.as_deref().map_or(NONE, |text| texts.code(text))
        };
        batch.resource.push(code(&codes.resources, &charge.resource));
        batch.group.push(code(&codes.groups, &charge.resource_group));
        batch.subscription.push(code(&codes.subscriptions, &charge.subscription));
        batch.period.push(codes.periods.code(charge.period));
        batch.cost.push(charge.cost.units());
        batch.currency.push(codes.currencies.code(&charge.currency));
        batch.traits.push(charge.traits);
        if wanted.category {
            batch.category.push(code(&codes.categories, &charge.service_category));
        }
        if wanted.service {
            batch.service.push(code(&codes.services, &charge.service_name));
        }
        if wanted.statement {
            // A charge does not say whose statement it is of.
            batch.account.push(NONE);
            batch.billing_period.push(NONE);
            batch.invoice.push(NONE);
        }
        if batch.len() == Batch::ROWS {
            give(&batch)?;
            batch.clear();
        }
    }
    if batch.is_empty() { Ok(()) } else { give(&batch) }
}

/// A charge period: not empty, and no longer than a century, so that shares fit 64 bits.
pub(crate) fn period(
    from: pal_model::Instant,
    to: pal_model::Instant,
) -> Result<Interval, RowError> {
    const CENTURY: i128 = 100 * 366 * 86_400_000_000_000;
    let order = RowError::Period { from, to };
    match Interval::new(from, to) {
        Ok(period) if period.length() <= CENTURY => Ok(period),
        _ => Err(order),
    }
}
