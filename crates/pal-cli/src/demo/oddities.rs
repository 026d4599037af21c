//! The rows that are not plain daily usage, and that a report has to treat with care.

use super::amount::Amount;
use super::calendar::{Day, day, days_in};
use super::estate::{
    EUR, MONITOR, OPENAI, RESERVED_FROM, RESERVED_HOUR, Resource, SQL, STORAGE, Service, USD, VPN,
};
use super::ids;
use super::resources::named;
use super::row::{Account, Row};
use super::usage::located;

/// All of one month's invoice, tax aside.
pub fn rows(month: u32) -> anyhow::Result<Vec<Row>> {
    let mut rows = reservation(month)?;
    rows.extend(shared_cost(month)?);
    rows.extend(corrections(month)?);
    rows.extend(account_level(month)?);
    Ok(rows)
}

/// Dutch value added tax over what an account pays; the rows must be all others of its month.
pub fn tax(account: &'static Account, month: u32, rows: &[Row]) -> anyhow::Result<Row> {
    let billed = rows.iter().fold(Amount::ZERO, |sum, row| sum.plus(row.billed));
    Ok(Row {
        category: "Tax",
        pricing: "",
        description: "VAT 21 %".to_owned(),
        ..Row::new(account, day(month, days_in(month)))
    }
    .costing(billed.times(Amount::parse("0.21")?).cut(4)))
}

/// The purchase, and what was paid for and not used: the second machine is off on Sundays.
fn reservation(month: u32) -> anyhow::Result<Vec<Row>> {
    let row = |day| Row {
        resource: ids::RESERVATION.to_ascii_lowercase(),
        resource_name: "E16s v5, West Europe".to_owned(),
        region: "westeurope",
        commitment: ids::RESERVATION,
        publisher: "",
        service_category: "Compute",
        meter: "E16s v5",
        unit: "Hours",
        ..Row::new(&EUR, day)
    };
    let hour = Amount::parse(RESERVED_HOUR)?;
    let mut rows = Vec::new();
    if month == 7 {
        let hours = Amount::parse("17520")?;
        rows.push(
            Row {
                category: "Purchase",
                quantity: Some(Amount::parse("2")?),
                unit: "1 Year",
                description: "Reserved VM Instance, E16s v5, West Europe, 1 Year".to_owned(),
                ..row(RESERVED_FROM)
            }
            .costing(hour.times(hours)),
        );
    }
    for sunday in days_of(month).filter(|day| day.is_sunday() && *day >= RESERVED_FROM) {
        let unused = Amount::parse("24")?;
        rows.push(Row {
            quantity: Some(unused),
            effective: hour.times(unused),
            pricing: "Committed",
            commitment_status: "Unused",
            service: "Virtual Machines",
            description: "Unused reservation, E16s v5".to_owned(),
            ..row(sunday)
        });
    }
    Ok(rows)
}

/// A cost allocation rule takes a part of the hub away from shared-01 and puts it on prod-01. The
/// resource stays where it is; the subscription that is billed differs.
fn shared_cost(month: u32) -> anyhow::Result<Vec<Row>> {
    let gateway = named("vpng-hub")?;
    let amount = Amount::parse("212.4310")?;
    let row = Row {
        allocation_rule: "shared-hub",
        description: "Cost allocation, VPN Gateway".to_owned(),
        ..of(VPN, "VpnGw2AZ", located(gateway, day(month, days_in(month))))
    };
    let target = Row {
        subscription: ids::PROD_01,
        subscription_name: "prod-01",
        group: "rg-net",
        ..row.clone()
    };
    Ok(vec![row.costing(amount.negated()), target.costing(amount)])
}

/// Usage that was charged wrongly, and the tiny negative rows that storage has of itself.
fn corrections(month: u32) -> anyhow::Result<Vec<Row>> {
    let database = named("sql-fabrikam/shop")?;
    let tokens = named("oai-toys")?;
    let storage = named("stfabrikamshop")?;
    Ok(match month {
        // On the invoice of September, for two days of August.
        9 => vec![
            correction(database, SQL, "vCore", (day(8, 11), 9), "-9.12000000")?,
            correction(database, SQL, "vCore", (day(8, 12), 9), "-6.08000000")?,
            correction(tokens, OPENAI, "gpt-4o Outp glbl Tokens", (day(9, 24), 9), "-11.4725000")?,
        ],
        8 | 10 => {
            let row = of(STORAGE, "Hot LRS Data Stored", located(storage, day(month, 19)));
            vec![row.costing(Amount::parse("-0.00000000603")?)]
        }
        _ => vec![],
    })
}

/// What belongs to an account and to no subscription, and to a subscription as a whole.
fn account_level(month: u32) -> anyhow::Result<Vec<Row>> {
    Ok(match month {
        8 => vec![
            Row {
                category: "Credit",
                description: "Service credit, incident of 4 August".to_owned(),
                ..Row::new(&USD, day(8, 31))
            }
            .costing(Amount::parse("-150.0000")?),
        ],
        9 => vec![
            Row {
                category: "Adjustment",
                description: "Rounding adjustment".to_owned(),
                ..Row::new(&EUR, day(9, 30))
            }
            .costing(Amount::parse("-0.0031")?),
        ],
        // Booked on a subscription, with neither resource nor group.
        10 => vec![
            Row {
                subscription: ids::NW_WEB,
                subscription_name: "nw-web",
                ..of(MONITOR, "SMS Country Code 1", Row::new(&USD, day(10, 7)))
            }
            .costing(Amount::parse("3.5100")?),
        ],
        _ => vec![],
    })
}

fn correction(
    resource: &'static Resource,
    service: Service,
    meter: &'static str,
    (period, billing_month): (Day, u32),
    cost: &str,
) -> anyhow::Result<Row> {
    let row = of(service, meter, located(resource, period));
    Ok(Row { class: "Correction", billing_month, ..row }.costing(Amount::parse(cost)?))
}

fn of(service: Service, meter: &'static str, row: Row) -> Row {
    let description = if row.description.is_empty() {
        format!("{} - {meter}", service.name)
    } else {
        row.description
    };
    Row { service_category: service.category, service: service.name, meter, description, ..row }
}

fn days_of(month: u32) -> impl Iterator<Item = Day> {
    (1..=days_in(month)).map(move |number| day(month, number))
}
