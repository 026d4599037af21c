//! The daily rows of the estate.

use super::amount::Amount;
use super::calendar::Day;
use super::estate::{Meter, RESERVED_FROM, Resource, Swing, Terms};
use super::ids;
use super::resources::ESTATE;
use super::row::Row;

/// One row for each meter that ran that day.
pub fn rows(day: Day) -> anyhow::Result<Vec<Row>> {
    let mut rows = Vec::new();
    for resource in ESTATE.iter().filter(|resource| runs(resource, day)) {
        for meter in resource.meters {
            if let Some(quantity) = quantity(resource, meter, day)? {
                rows.push(usage(resource, meter, quantity, day)?);
            }
        }
    }
    Ok(rows)
}

/// The id of a resource as the export writes it; empty for rows that name none.
pub fn resource_id(resource: &Resource) -> String {
    let Some((provider, types)) = resource.kind.split_once('/') else { return String::new() };
    let mut id = format!("/subscriptions/{}", resource.place.subscription);
    if !resource.place.group.is_empty() {
        id.extend(["/resourceGroups/", resource.place.group]);
    }
    id.extend(["/providers/", provider]);
    for (part, name) in types.split('/').zip(resource.name.split('/')) {
        id.extend(["/", part, "/", name]);
    }
    if resource.as_typed { id } else { id.to_ascii_lowercase() }
}

/// A row that says where a resource is, and nothing of its use yet.
pub fn located(resource: &Resource, day: Day) -> Row {
    let place = resource.place;
    Row {
        resource: resource_id(resource),
        resource_name: resource.name.rsplit('/').next().unwrap_or_default().to_owned(),
        region: place.region,
        subscription: place.subscription,
        subscription_name: place.name,
        group: place.group,
        tags: resource.tags,
        ..Row::new(place.account, day)
    }
}

fn runs(resource: &Resource, day: Day) -> bool {
    let off = day.is_sunday() && day >= resource.off_on_sundays_from;
    resource.first <= day && day <= resource.last && !off
}

fn quantity(resource: &Resource, meter: &Meter, day: Day) -> anyhow::Result<Option<Amount>> {
    let base = Amount::parse(meter.per_day)?;
    // Up to 8 % either way, and 3 % more each month.
    let noise = 920 + i128::from(noise(resource, meter, day) % 161);
    let growth = 1000 + 30 * i128::from(day.months_in());
    Ok(match meter.swing {
        Swing::Growing => Some(base.per_mille(1000 + 2 * i128::from(day.number()))),
        Swing::Shop => {
            let weekend = if day.is_weekend() { 1180 } else { 1000 };
            Some(base.per_mille(growth).per_mille(noise).per_mille(weekend))
        }
        Swing::Office => {
            let weekend = if day.is_weekend() { 250 } else { 1000 };
            Some(base.per_mille(growth).per_mille(noise).per_mille(weekend))
        }
        Swing::Weekdays if day.is_weekend() => None,
        Swing::Steady | Swing::Weekdays => Some(base),
    })
}

fn usage(resource: &Resource, meter: &Meter, quantity: Amount, day: Day) -> anyhow::Result<Row> {
    let row = Row {
        quantity: Some(quantity),
        unit: meter.unit,
        service_category: meter.service.category,
        service: meter.service.name,
        meter: meter.name,
        description: format!("{} - {}", meter.service.name, meter.name),
        ..located(resource, day)
    }
    .costing(quantity.times(Amount::parse(meter.price)?));
    Ok(match meter.terms {
        Terms::Spot => Row { pricing: "Dynamic", ..row },
        Terms::Vendor(publisher) => Row { publisher, publisher_category: "Vendor", ..row },
        Terms::Reserved(price) if day >= RESERVED_FROM => Row {
            // Paid for in advance: nothing on the invoice, its share of the purchase as cost.
            billed: Amount::ZERO,
            effective: quantity.times(Amount::parse(price)?),
            pricing: "Committed",
            commitment: ids::RESERVATION,
            commitment_status: "Used",
            ..row
        },
        Terms::OnDemand | Terms::Reserved(_) => row,
    })
}

/// A number that looks like chance and is the same on every machine. It depends on the names and
/// the day only, so a new resource leaves the figures of the others as they are.
fn noise(resource: &Resource, meter: &Meter, day: Day) -> u64 {
    let place = resource.place;
    let names = [place.subscription, place.group, resource.name, meter.name];
    let seed = (names.iter().flat_map(|name| name.bytes()))
        .fold(0xcbf2_9ce4_8422_2325, |hash: u64, byte| {
            (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
        });
    splitmix64(seed.wrapping_add(u64::from(day.number())))
}

/// Steele, Lea and Flood's `SplitMix64`, one step.
fn splitmix64(seed: u64) -> u64 {
    let mut z = seed.wrapping_add(0x9e37_79b9_7f4a_7c15);
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}
