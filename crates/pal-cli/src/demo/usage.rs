//! The daily rows of usage, from a line for each meter.

use jiff::civil::{Date, Weekday, date};
use serde::Deserialize;

use super::amount::Amount;

const METERS: &str = include_str!("../../demo/meters.csv");

const RESERVED_FROM: Date = date(2026, 7, 1);
const RESERVATION: &str = "/providers/Microsoft.Capacity/reservationOrders/\
     fab00000-6000-4000-8000-000000000001/reservations/fab00000-6000-4000-8000-000000000002";

/// A meter of a resource. Without `resource_id` its rows name no resource.
#[derive(Deserialize)]
pub struct Meter {
    pub currency: String,
    subscription: String,
    subscription_name: String,
    resource_group: String,
    region: String,
    /// One part for each part of the type after the provider.
    name: String,
    resource_id: String,
    tags: String,
    service_category: String,
    service: String,
    meter: String,
    unit: String,
    price: String,
    per_day: String,
    swing: Variation,
    /// `Dynamic` is spare capacity.
    pricing: String,
    /// What an hour of the reservation costs, where it covers the meter.
    reserved_price: Option<String>,
    publisher: String,
    /// The first and the last day of the resource; empty = it runs on all days.
    first: Option<String>,
    last: Option<String>,
    off_on_sundays_from: Option<String>,
}

/// How the quantity of a meter moves from day to day.
#[derive(Deserialize, Clone, Copy, PartialEq, Eq)]
#[serde(rename_all = "lowercase")]
enum Variation {
    /// The same every day.
    Steady,
    /// A little up and down, more at weekends, growing.
    Shop,
    /// A little up and down, a quarter at weekends.
    Office,
    /// Nothing at all at weekends.
    Weekdays,
    /// Only more, day after day.
    Growing,
}

/// Every meter, in the order of the rows.
pub fn meters() -> anyhow::Result<Vec<Meter>> {
    Ok(csv::Reader::from_reader(METERS.as_bytes()).deserialize().collect::<Result<_, _>>()?)
}

impl Meter {
    /// The row of a day, in the order of an export's columns; `None` = nothing ran. `account` is the
    /// account's id and name, `billed` the billing period.
    pub fn row(
        &self,
        account: [&str; 2],
        billed: [&str; 2],
        day: Date,
    ) -> anyhow::Result<Option<[String; 32]>> {
        let Some(quantity) = self.quantity(day)? else { return Ok(None) };
        let listed = quantity.times(Amount::parse(&self.price)?);
        let reserved = self.reserved_price.as_deref().filter(|_| day >= RESERVED_FROM);
        let vendor = self.publisher != "Microsoft";
        // What is paid for in advance: nothing on the invoice, its share of the purchase as cost.
        let (cost, effective, pricing, commitment, status) = match reserved {
            Some(price) => {
                let share = quantity.times(Amount::parse(price)?);
                (Amount::ZERO, share, "Committed", RESERVATION, "Used")
            }
            None => (listed, listed, self.pricing.as_str(), "", ""),
        };
        let ([id, name], [from, to]) = (account, billed);
        let (start, end) = (midnight(day), midnight(day.tomorrow()?));
        let description = format!("{} - {}", self.service, self.meter);
        let resource = self.name.rsplit('/').next().unwrap_or_default();
        let publisher_kind = if vendor { "Vendor" } else { "Cloud Provider" };
        let [cost, effective, quantity] = [cost, effective, quantity].map(|a| a.to_string());
        let subscription = format!("/subscriptions/{}", self.subscription);
        Ok(Some(
            [
                &cost,
                id,
                name,
                &self.currency,
                to,
                from,
                "Usage",
                "",
                &description,
                &end,
                &start,
                commitment,
                status,
                &quantity,
                &self.unit,
                &effective,
                pricing,
                "Microsoft",
                &self.publisher,
                &self.region,
                &self.resource_id,
                resource,
                &self.service_category,
                &self.service,
                &self.meter,
                &subscription,
                &self.subscription_name,
                "Subscription",
                &self.tags,
                "",
                publisher_kind,
                &self.resource_group,
            ]
            .map(str::to_owned),
        ))
    }

    fn runs(&self, day: Date) -> bool {
        let today = day.to_string();
        let off = day.weekday() == Weekday::Sunday
            && self.off_on_sundays_from.as_ref().is_some_and(|from| *from <= today);
        let begun = self.first.as_ref().is_none_or(|first| *first <= today);
        begun && self.last.as_ref().is_none_or(|last| today <= *last) && !off
    }

    fn quantity(&self, day: Date) -> anyhow::Result<Option<Amount>> {
        if !self.runs(day) {
            return Ok(None);
        }
        let base = Amount::parse(&self.per_day)?;
        let number = (day - date(2026, 5, 1)).get_days();
        // Up to 8 % either way, and 3 % more each month.
        let noise = 920 + i128::from(self.noise(number.unsigned_abs()) % 161);
        let growth = 1000 + 30 * i128::from(day.month() - 5);
        let moved = |at_weekends| {
            let weekend = if is_weekend(day) { at_weekends } else { 1000 };
            Some(base.per_mille(growth).per_mille(noise).per_mille(weekend))
        };
        Ok(match self.swing {
            Variation::Growing => Some(base.per_mille(1000 + 2 * i128::from(number))),
            Variation::Shop => moved(1180),
            Variation::Office => moved(250),
            Variation::Weekdays if is_weekend(day) => None,
            Variation::Steady | Variation::Weekdays => Some(base),
        })
    }

    /// A number that looks like chance and is the same on every machine. It depends on the names and
    /// the day only, so a new resource leaves the figures of the others as they are.
    fn noise(&self, day: u32) -> u64 {
        let names = [&self.subscription, &self.resource_group, &self.name, &self.meter];
        let seed = (names.iter().flat_map(|name| name.bytes()))
            .fold(0xcbf2_9ce4_8422_2325, |hash: u64, byte| {
                (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
            });
        splitmix64(seed.wrapping_add(u64::from(day)))
    }
}

/// Midnight UTC at which a day begins, as an export writes it.
pub fn midnight(day: Date) -> String {
    format!("{day}T00:00:00Z")
}

fn is_weekend(day: Date) -> bool {
    matches!(day.weekday(), Weekday::Saturday | Weekday::Sunday)
}

/// Steele, Lea and Flood's `SplitMix64`, one step.
fn splitmix64(seed: u64) -> u64 {
    let mut z = seed.wrapping_add(0x9e37_79b9_7f4a_7c15);
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}
