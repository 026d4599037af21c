//! One row's cells become values; what cannot, is refused with its column.

use pal_model::{Instant, MoneyError};

use super::batch::{Batch, Wanted};
use super::codes::{Codes, Texts};
use super::columns::{Field, Layout};
pub(super) use super::values::TRAITS;
use super::values::{self, Meaning, TraitInputs};

/// Most bytes of an id or name: every report holds each of them in memory.
pub(super) const TEXT: usize = 8 << 10;

#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum RowError {
    #[error("column {column}: {source}{}", after(source))]
    Money { column: String, source: MoneyError },
    #[error(
        "column {column}: '{text}' is not a date; expected for example 2026-10-01T00:00:00Z{}",
        changed(text)
    )]
    Date { column: String, text: String },
    #[error("column {column} is empty, but every row needs it")]
    Empty { column: String },
    #[error("the charge period from {from} to {to} is not between an instant and a century long")]
    Period { from: Instant, to: Instant },
    #[error("{0}")]
    Kind(String),
    #[error("column {column} holds a text of {bytes} bytes; ids and names have at most {TEXT}")]
    Long { column: String, bytes: usize },
    #[error(
        "column {column} is not UTF-8 text: the file was saved in another encoding, such as \
         Windows-1252, perhaps by a spreadsheet program; give it as the export wrote it"
    )]
    Encoding { column: String },
    #[error(
        "the row has {found} cells, the header has {expected}: are amounts written with a comma, or \
         quotes missing? give the file as the export wrote it"
    )]
    Width { expected: u64, found: u64 },
}

/// A column whose cells become codes.
pub(super) struct Coded {
    pub field: Field,
    pub meaning: Meaning,
    pub texts: fn(&Codes) -> &Texts,
    /// Where the codes of a batch go.
    pub out: fn(&mut Batch) -> &mut Vec<u32>,
    pub wanted: fn(Wanted) -> bool,
}

/// The place of the currency in [`CODED`].
pub(super) const CURRENCY: usize = 3;

pub(super) const CODED: [Coded; 9] = [
    Coded {
        field: Field::ResourceId,
        meaning: Meaning::Text,
        texts: |codes| &codes.resources,
        out: |batch| &mut batch.resource,
        wanted: |_| true,
    },
    Coded {
        field: Field::ResourceGroup,
        meaning: Meaning::ResourceGroup,
        texts: |codes| &codes.groups,
        out: |batch| &mut batch.group,
        wanted: |_| true,
    },
    Coded {
        field: Field::Subscription,
        meaning: Meaning::Subscription,
        texts: |codes| &codes.subscriptions,
        out: |batch| &mut batch.subscription,
        wanted: |_| true,
    },
    Coded {
        field: Field::Currency,
        meaning: Meaning::Text,
        texts: |codes| &codes.currencies,
        out: |batch| &mut batch.currency,
        wanted: |_| true,
    },
    Coded {
        field: Field::ServiceCategory,
        meaning: Meaning::Text,
        texts: |codes| &codes.categories,
        out: |batch| &mut batch.category,
        wanted: |wanted| wanted.category,
    },
    Coded {
        field: Field::ServiceName,
        meaning: Meaning::Text,
        texts: |codes| &codes.services,
        out: |batch| &mut batch.service,
        wanted: |wanted| wanted.service,
    },
    Coded {
        field: Field::BillingAccount,
        meaning: Meaning::BillingAccount,
        texts: |codes| &codes.accounts,
        out: |batch| &mut batch.account,
        wanted: |wanted| wanted.statement,
    },
    Coded {
        field: Field::BillingPeriodStart,
        meaning: Meaning::BillingPeriod,
        texts: |codes| &codes.billing_periods,
        out: |batch| &mut batch.billing_period,
        wanted: |wanted| wanted.statement,
    },
    Coded {
        field: Field::Invoice,
        meaning: Meaning::Invoice,
        texts: |codes| &codes.invoices,
        out: |batch| &mut batch.invoice,
        wanted: |wanted| wanted.statement,
    },
];

/// What to do about a date as people of some languages write it.
fn changed(text: &str) -> &'static str {
    let dotted = text.starts_with(|c: char| c.is_ascii_digit())
        && (text.contains('/') || text.matches('.').count() > 1);
    match dotted {
        true => "; if another program has saved the file anew, give it as the export wrote it",
        false => "",
    }
}

/// What to do about an amount, where its error does not say it.
const fn after(error: &MoneyError) -> &'static str {
    match error {
        MoneyError::Comma(_) => "",
        _ => "; correct the file or export it again",
    }
}

/// What of a cell of [`TRAITS`] matters, where it is less than its text: those columns may hold many
/// different texts. Equal answers = the kind of charge is the same, all else being equal.
pub(super) fn matters(field: Field) -> Option<fn(&str) -> bool> {
    match field {
        Field::CommitmentId | Field::BenefitId | Field::AllocationRule => {
            Some(|text| values::present(text).is_some())
        }
        Field::ServiceCategory | Field::ServiceName | Field::ConsumedService => {
            Some(values::is_support)
        }
        Field::PublisherName => Some(values::is_other_provider),
        Field::InvoiceIssuer => Some(values::is_microsoft),
        _ => None,
    }
}

/// The cells of [`TRAITS`] as inputs.
pub(super) fn inputs<'a>(
    layout: &Layout,
    cell: impl Fn(Field) -> Option<&'a str>,
) -> TraitInputs<'a> {
    TraitInputs::new(layout.schema, |field| match field {
        Field::ChargeType if layout.usage_only => Some("Usage"),
        _ => cell(field).and_then(values::present),
    })
}

/// The name of a field's column in the file, for messages.
pub(super) fn column(layout: &Layout, field: Field) -> String {
    layout.name(field).unwrap_or_default().to_owned()
}

/// A shortened cell, for messages.
pub(super) fn shown(text: &str) -> String {
    text.chars().take(80).collect()
}
