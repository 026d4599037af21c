//! What kind of charge a row is.

use pal_model::{ChargeTraits, Exclusion};

use super::{Schema, present, same};
use crate::ingest::Field;

const CATEGORIES: [&str; 5] = ["Usage", "Purchase", "Credit", "Adjustment", "Tax"];

const CHARGE_TYPES: [&str; 8] = [
    "Usage",
    "Purchase",
    "Refund",
    "UnusedReservation",
    "UnusedSavingsPlan",
    "RoundingAdjustment",
    "Tax",
    "Credit",
];

/// Names under which a support plan is billed, as service name, service category (family), meter
/// category or resource provider.
///
/// Azure's plans are Developer, Standard and Professional Direct, older and larger contracts
/// Premier and Unified; their resource provider is `Microsoft.Support`. Only the whole cell
/// counts: a service that has "support" in its name is no support plan.
const SUPPORT: [&str; 17] = [
    "Support",
    "Support Plan",
    "Support Plans",
    "Azure Support",
    "Azure Support Plan",
    "Azure Support Plans",
    "Microsoft Support",
    "Microsoft.Support",
    "Developer Support",
    "Standard Support",
    "Professional Direct Support",
    "Azure Developer Support",
    "Azure Standard Support",
    "Azure Professional Direct Support",
    "Premier Support",
    "Unified Support",
    "Microsoft Unified Support",
];

/// Prices of reservations and savings plans, in both families of files.
const COMMITTED: [&str; 3] = ["Committed", "Reservation", "SavingsPlan"];

/// The columns that decide what kind of charge a row is.
pub const TRAITS: [Field; 17] = [
    Field::ChargeCategory,
    Field::ChargeClass,
    Field::ChargeType,
    Field::PublisherCategory,
    Field::PublisherName,
    Field::ProviderName,
    Field::ServiceProvider,
    Field::HostProvider,
    Field::InvoiceIssuer,
    Field::PricingCategory,
    Field::CommitmentStatus,
    Field::CommitmentId,
    Field::BenefitId,
    Field::AllocationRule,
    Field::ServiceCategory,
    Field::ServiceName,
    Field::ConsumedService,
];

/// The cells of [`TRAITS`] of a row.
#[derive(Debug, Clone, Copy)]
pub struct TraitInputs<'a> {
    schema: Schema,
    cells: [Option<&'a str>; TRAITS.len()],
}

impl<'a> TraitInputs<'a> {
    pub fn new(schema: Schema, cell: impl Fn(Field) -> Option<&'a str>) -> Self {
        Self { schema, cells: TRAITS.map(cell) }
    }

    fn get(&self, field: Field) -> Option<&'a str> {
        self.cells[TRAITS.iter().position(|known| *known == field)?]
    }

    /// Whether the row has the id of a reservation or savings plan.
    fn has_commitment_id(&self) -> bool {
        given(self.get(Field::CommitmentId)) || given(self.get(Field::BenefitId))
    }

    /// Whether the price is that of a reservation or savings plan.
    fn committed_price(&self) -> bool {
        any(self.get(Field::PricingCategory), &COMMITTED)
    }
}

/// What kind of charge a row is.
///
/// # Errors
/// A kind of charge that is not known, or none: guessing would count money that is no revenue.
pub fn traits(inputs: &TraitInputs<'_>) -> Result<ChargeTraits, String> {
    let kind = match inputs.schema {
        Schema::Focus => focus_kind(inputs)?,
        Schema::CostManagement => native_kind(inputs)?,
        // Our own files have a column that says it.
        Schema::Own => return Err("the file says nothing about kinds of charges".to_owned()),
    };
    let usage = kind == ChargeTraits::USAGE || kind == ChargeTraits::CORRECTION;
    let used = any(inputs.get(Field::CommitmentStatus), &["Used", "Used Commitment"]);
    let covered = used || inputs.committed_price() || inputs.has_commitment_id();
    let services = [
        inputs.get(Field::ServiceName),
        inputs.get(Field::ServiceCategory),
        inputs.get(Field::ConsumedService),
    ];
    let marks = [
        (given(inputs.get(Field::AllocationRule)), Exclusion::CostAllocation),
        (services.into_iter().flatten().any(is_support), Exclusion::Support),
        (is_marketplace(inputs), Exclusion::Marketplace),
        (any(inputs.get(Field::PricingCategory), &["Dynamic", "Spot"]), Exclusion::Spot),
        // Only usage: on a purchase the same columns name what was bought.
        (usage && covered, Exclusion::Commitment),
    ];
    let add = |traits, (holds, reason)| when(traits, holds, ChargeTraits::of(reason));
    Ok(marks.into_iter().fold(kind, add))
}

/// Whether a service name, a service category or a resource provider is that of a support plan.
pub fn is_support(service: &str) -> bool {
    any(Some(service), &SUPPORT)
}

fn when(traits: ChargeTraits, holds: bool, more: ChargeTraits) -> ChargeTraits {
    if holds { traits.with(more) } else { traits }
}

/// The kind of a FOCUS row: category, unused commitment, correction.
fn focus_kind(inputs: &TraitInputs<'_>) -> Result<ChargeTraits, String> {
    let status = inputs.get(Field::CommitmentStatus);
    let kind = match known(inputs.get(Field::ChargeCategory), &CATEGORIES) {
        Some("Usage") => ChargeTraits::USAGE,
        Some("Purchase") => ChargeTraits::of(Exclusion::Purchase),
        Some("Credit") => ChargeTraits::of(Exclusion::Credit),
        Some("Tax") => ChargeTraits::of(Exclusion::Tax),
        // FOCUS 1.0-preview: credits and refunds are subcategories of adjustments. It does not say
        // what a refund gives back; later versions of the export call every refund a purchase.
        Some("Adjustment") if any(status, &["Credit"]) => ChargeTraits::of(Exclusion::Credit),
        Some("Adjustment") if any(status, &["Refund"]) => refund_of_purchase(),
        Some("Adjustment") => ChargeTraits::of(Exclusion::Adjustment),
        _ => return Err(unknown("ChargeCategory", inputs.get(Field::ChargeCategory), &CATEGORIES)),
    };
    let unused = any(status, &["Unused", "Unused Commitment"]);
    let correction = any(inputs.get(Field::ChargeClass), &["Correction"]);
    let kind = when(kind, unused, ChargeTraits::of(Exclusion::UnusedCommitment));
    Ok(when(kind, correction, ChargeTraits::CORRECTION))
}

fn native_kind(inputs: &TraitInputs<'_>) -> Result<ChargeTraits, String> {
    let commitment = inputs.has_commitment_id() || inputs.committed_price();
    Ok(match known(inputs.get(Field::ChargeType), &CHARGE_TYPES) {
        Some("Usage") => ChargeTraits::USAGE,
        Some("Purchase") => ChargeTraits::of(Exclusion::Purchase),
        // What comes back for a commitment was a purchase, so it was not counted when bought.
        Some("Refund") if commitment => refund_of_purchase(),
        Some("Refund") => ChargeTraits::CORRECTION,
        Some("UnusedReservation" | "UnusedSavingsPlan") => {
            ChargeTraits::of(Exclusion::UnusedCommitment)
        }
        Some("RoundingAdjustment") => ChargeTraits::of(Exclusion::Adjustment),
        Some("Tax") => ChargeTraits::of(Exclusion::Tax),
        Some("Credit") => ChargeTraits::of(Exclusion::Credit),
        _ => return Err(unknown("ChargeType", inputs.get(Field::ChargeType), &CHARGE_TYPES)),
    })
}

fn refund_of_purchase() -> ChargeTraits {
    ChargeTraits::of(Exclusion::Purchase).with(ChargeTraits::CORRECTION)
}

/// Whether somebody else than the cloud provider publishes the product.
///
/// Without a publisher category the names decide, but only of what is Microsoft's: other providers
/// are their own publishers. From FOCUS 1.3 on, the service provider is named, whose cloud it runs
/// on, and who writes the invoice; a provider on its own cloud is no marketplace of Microsoft's.
fn is_marketplace(inputs: &TraitInputs<'_>) -> bool {
    if given(inputs.get(Field::PublisherCategory)) {
        return any(inputs.get(Field::PublisherCategory), &["Vendor", "Marketplace", "AWS"]);
    }
    let native = inputs.schema == Schema::CostManagement;
    let provider = inputs.get(Field::ProviderName).and_then(present);
    let sold =
        [inputs.get(Field::HostProvider), inputs.get(Field::InvoiceIssuer)].into_iter().flatten();
    let is_other = |name: Option<&str>| name.is_some_and(is_other_provider);
    let names = inputs.get(Field::ServiceProvider).zip(inputs.get(Field::HostProvider));
    let own = names.is_some_and(|(service, host)| same(service, host));
    (provider.map_or(native, is_microsoft) && is_other(inputs.get(Field::PublisherName)))
        || ({ sold }.any(is_microsoft) && is_other(inputs.get(Field::ServiceProvider)) && !own)
}

/// Somebody else than Microsoft.
pub fn is_other_provider(name: &str) -> bool {
    present(name).is_some_and(|name| !is_microsoft(name))
}

/// `Microsoft`, `Microsoft Corporation`, `Azure`.
pub fn is_microsoft(name: &str) -> bool {
    let name = name.trim();
    let word = name.split(|c: char| !c.is_ascii_alphanumeric()).next().unwrap_or(name);
    same(word, "Microsoft") || same(name, "Azure")
}

fn given(cell: Option<&str>) -> bool {
    cell.and_then(present).is_some()
}

fn any(cell: Option<&str>, words: &[&str]) -> bool {
    cell.is_some_and(|cell| words.iter().any(|word| same(cell, word)))
}

fn known(cell: Option<&str>, words: &'static [&'static str]) -> Option<&'static str> {
    let cell = cell?;
    words.iter().find(|word| same(cell, word)).copied()
}

fn unknown(column: &str, cell: Option<&str>, words: &[&str]) -> String {
    let words = words.join(", ");
    match cell.and_then(present) {
        Some(cell) => {
            let cell: String = cell.chars().take(80).collect();
            format!("{column} '{cell}' is not known (known: {words})")
        }
        None => format!("{column} is empty (known: {words})"),
    }
}

#[cfg(test)]
mod tests;
