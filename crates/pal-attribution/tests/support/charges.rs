//! Charges of a world as a usage file, and reports as the bytes they are printed in.

use pal_attribution::output::{Format, Origin, Writer, write_balance};
use pal_model::{Balance, Charge, ChargeTraits, Exclusion, KeyColumn, Row};

use super::table::{Cost, Style, Table, Time, styles};

const HEADER: [&str; 19] = [
    "ChargePeriodStart",
    "ChargePeriodEnd",
    "EffectiveCost",
    "BilledCost",
    "BillingCurrency",
    "ChargeCategory",
    "ChargeClass",
    "ResourceId",
    "x_ResourceGroupName",
    "SubAccountId",
    "CommitmentDiscountStatus",
    "PricingCategory",
    "x_PublisherCategory",
    "x_CostAllocationRuleName",
    "x_SkuMeterCategory",
    "ServiceCategory",
    "ServiceName",
    "ProviderName",
    "Tags",
];

/// Charges as FOCUS rows. Of several kinds of charge a row can have only one; the first in order is
/// taken, which is the one that decides.
pub fn table_of(charges: &[Charge]) -> Table {
    let mut table = Table { header: HEADER.map(str::to_owned).to_vec(), rows: Vec::new() };
    for charge in charges {
        let is = |reason| charge.traits.has(ChargeTraits::of(reason));
        let on = |set: bool, text: &str| set.then(|| text.to_owned());
        let category = match () {
            () if is(Exclusion::Tax) => "Tax",
            () if is(Exclusion::Credit) => "Credit",
            () if is(Exclusion::Adjustment) => "Adjustment",
            () if is(Exclusion::Purchase) => "Purchase",
            () => "Usage",
        };
        let status = match () {
            () if is(Exclusion::UnusedCommitment) => Some("Unused"),
            () if is(Exclusion::Commitment) => Some("Used"),
            () => None,
        };
        let publisher = if is(Exclusion::Marketplace) { "Vendor" } else { "Cloud Provider" };
        let some = |text: &str| Some(text.to_owned());
        table.rows.push(vec![
            some(&charge.period.from().to_string()),
            some(&charge.period.to().to_string()),
            some(&charge.cost.to_string()),
            some("77.7"),
            some(&charge.currency),
            some(category),
            on(charge.traits.has(ChargeTraits::CORRECTION), "Correction"),
            charge.resource.clone(),
            charge.resource_group.clone(),
            charge.subscription.as_ref().map(|id| format!("/subscriptions/{id}")),
            status.map(str::to_owned),
            on(is(Exclusion::Spot), "Dynamic"),
            some(publisher),
            on(is(Exclusion::CostAllocation), "shared-services"),
            on(is(Exclusion::Support), "Support"),
            charge.service_category.clone(),
            charge.service_name.clone(),
            some("Microsoft"),
            some("{\"a\": \"b, \\\"c\\\"\nd\"}"),
        ]);
    }
    table
}

/// The styles of Parquet in which any cost and any instant of a world has room.
pub fn loose_styles() -> Vec<Style> {
    let loose = |style: Style| Style {
        cost: if style.cost == Cost::Text { Cost::Text } else { Cost::Decimal(38, 18) },
        time: match style.time {
            Time::Text => Time::Text,
            Time::Milliseconds(is_utc) => Time::Nanoseconds(is_utc),
            _ => Time::Nanoseconds(false),
        },
        ..style
    };
    styles().into_iter().map(loose).collect()
}

/// Rows and balance as `Setup::run` prints them.
pub fn printed(keys: &[KeyColumn], rows: &[Row], balance: &Balance) -> String {
    let origin = Origin { policy: (String::new(), String::new()) };
    let mut out = Vec::new();
    let mut writer = Writer::report(Format::Csv, keys, true, &origin, Box::new(&mut out)).unwrap();
    for row in rows {
        let keys: Vec<Option<&str>> = row.keys.iter().map(Option::as_deref).collect();
        writer.row(&keys, row.charges, row.cost, row.credited_cost).unwrap();
    }
    writer.finish().unwrap();
    out.push(b'\n');
    write_balance(Format::Csv, balance, &origin, Box::new(&mut out)).unwrap();
    String::from_utf8(out).unwrap()
}
