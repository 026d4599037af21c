//! A batch of rows as columns of codes: what readers hand to the engine.

use pal_model::ChargeTraits;

/// Columns a report may do without.
#[derive(Debug, Clone, Copy, Default)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "each is a column, or some, asked for on its own"
)]
pub struct Wanted {
    pub category: bool,
    pub service: bool,
    pub place: bool,
    /// Whose statement the rows are: billing account, billing period, invoice.
    pub statement: bool,
}

/// Rows of one file. All columns are equally long, except unwanted ones, which are empty.
#[derive(Debug, Default)]
pub struct Batch {
    /// Codes of resource ids.
    pub resource: Vec<u32>,
    /// Codes of resource groups.
    pub group: Vec<u32>,
    /// Codes of billed subscriptions.
    pub subscription: Vec<u32>,
    /// Codes of charge periods.
    pub period: Vec<u32>,
    /// Effective costs in 10⁻¹⁸ units.
    pub cost: Vec<i128>,
    /// Codes of currencies.
    pub currency: Vec<u32>,
    /// What kind of charge each row is.
    pub traits: Vec<ChargeTraits>,
    /// Codes of service categories, if wanted.
    pub category: Vec<u32>,
    /// Codes of service names, if wanted.
    pub service: Vec<u32>,
    /// Codes of billing accounts, if the statement is wanted.
    pub account: Vec<u32>,
    /// Codes of the days on which billing periods begin, if the statement is wanted.
    pub billing_period: Vec<u32>,
    /// Codes of invoices, if the statement is wanted.
    pub invoice: Vec<u32>,
    /// Lines of a text file, from 1; rows of others, from 1; if wanted.
    pub place: Vec<u64>,
}

impl Batch {
    /// Rows handed over at a time: small enough for the second-level cache.
    pub const ROWS: usize = 8192;

    pub fn len(&self) -> usize {
        self.cost.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.cost.is_empty()
    }

    /// Drops the rows, keeps the memory.
    pub fn clear(&mut self) {
        self.resource.clear();
        self.group.clear();
        self.subscription.clear();
        self.period.clear();
        self.cost.clear();
        self.currency.clear();
        self.traits.clear();
        self.category.clear();
        self.service.clear();
        self.account.clear();
        self.billing_period.clear();
        self.invoice.clear();
        self.place.clear();
    }
}
