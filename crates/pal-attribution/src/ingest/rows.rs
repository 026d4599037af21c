//! One row's cells become values; what cannot, is refused with its column.

use pal_model::{Instant, MoneyError};

use super::columns::{Field, Layout};
use super::values::{self, TraitInputs};

/// Most bytes of an id or name: every report holds each of them in memory.
pub(super) const TEXT: usize = 8 << 10;

/// Why a row is refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum RowError {
    /// An amount.
    #[error("column {column}: {source}; correct the file or export it again")]
    Money {
        /// The column.
        column: String,
        /// What is wrong.
        source: MoneyError,
    },
    /// A date.
    #[error("column {column}: '{text}' is not a date; expected for example 2026-10-01T00:00:00Z")]
    Date {
        /// The column.
        column: String,
        /// The cell.
        text: String,
    },
    /// An empty cell that is needed.
    #[error("column {column} is empty, but every row needs it")]
    Empty {
        /// The column.
        column: String,
    },
    /// A period that ends before it begins, or is absurdly long.
    #[error("the charge period from {from} to {to} is not between an instant and a century long")]
    Period {
        /// Its start.
        from: Instant,
        /// Its end.
        to: Instant,
    },
    /// A kind of charge nobody knows.
    #[error("{0}")]
    Kind(String),
    /// A text that is longer than any id or name.
    #[error("column {column} holds a text of {bytes} bytes; ids and names have at most {TEXT}")]
    Long {
        /// The column.
        column: String,
        /// How long it is.
        bytes: usize,
    },
    /// Bytes that are no text.
    #[error("column {column} is not UTF-8 text")]
    Encoding {
        /// The column.
        column: String,
    },
    /// A row with more or fewer cells than the header.
    #[error("the row has {found} cells, the header has {expected}")]
    Width {
        /// Cells of the header.
        expected: u64,
        /// Cells of the row.
        found: u64,
    },
}

/// The columns that decide what kind of charge a row is.
pub(super) const TRAITS: [Field; 14] = [
    Field::ChargeCategory,
    Field::ChargeClass,
    Field::ChargeType,
    Field::PublisherCategory,
    Field::PublisherName,
    Field::ProviderName,
    Field::PricingCategory,
    Field::CommitmentStatus,
    Field::CommitmentId,
    Field::BenefitId,
    Field::AllocationRule,
    Field::ServiceCategory,
    Field::ServiceName,
    Field::ConsumedService,
];

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
        _ => None,
    }
}

/// The cells of [`TRAITS`] as inputs.
pub(super) fn inputs<'a>(
    layout: &Layout,
    cell: impl Fn(Field) -> Option<&'a str>,
) -> TraitInputs<'a> {
    let cell = |field| cell(field).and_then(values::present);
    TraitInputs {
        schema: layout.schema,
        charge_category: cell(Field::ChargeCategory),
        charge_class: cell(Field::ChargeClass),
        charge_type: cell(Field::ChargeType),
        publisher_category: cell(Field::PublisherCategory),
        publisher_name: cell(Field::PublisherName),
        provider_name: cell(Field::ProviderName),
        pricing_category: cell(Field::PricingCategory),
        commitment_status: cell(Field::CommitmentStatus),
        commitment_id: cell(Field::CommitmentId),
        benefit_id: cell(Field::BenefitId),
        allocation_rule: cell(Field::AllocationRule),
        service_category: cell(Field::ServiceCategory),
        service_name: cell(Field::ServiceName),
        consumed_service: cell(Field::ConsumedService),
    }
}

/// The name of a field's column in the file, for messages.
pub(super) fn column(layout: &Layout, field: Field) -> String {
    layout.name(field).unwrap_or_default().to_owned()
}

/// A shortened cell, for messages.
pub(super) fn shown(text: &str) -> String {
    text.chars().take(80).collect()
}
