//! What the cells mean: missing values, dates, subscriptions, and what kind of charge a row is.

use std::borrow::Cow;

use jiff::{civil::DateTime, tz::TimeZone};
use pal_model::Instant;

use super::columns::Schema;

mod charge;

pub use charge::{TRAITS, TraitInputs, is_microsoft, is_other_provider, is_support, traits};

/// What the text of a cell stands for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Meaning {
    /// Itself: [`present`].
    Text,
    ResourceGroup,
    Subscription,
    BillingAccount,
    /// The first day of a billing period: [`billing_period`].
    BillingPeriod,
    Invoice,
}

impl Meaning {
    /// Whether a number or a time in a Parquet file is as good as its text.
    pub const fn may_be_number(self) -> bool {
        matches!(self, Self::BillingAccount | Self::BillingPeriod | Self::Invoice)
    }

    /// What a text stands for; `None` = nothing.
    pub fn of(self, text: &str) -> Option<Cow<'_, str>> {
        match self {
            Self::Text | Self::Invoice => present(text).map(Cow::Borrowed),
            Self::ResourceGroup => resource_group(text).map(Cow::Borrowed),
            Self::Subscription => subscription(text).map(Cow::Borrowed),
            Self::BillingAccount => billing_account(text).map(Cow::Borrowed),
            Self::BillingPeriod => billing_period(text),
        }
    }
}

/// The trimmed text, if it says anything. Exports of some tools write `NULL` for nothing.
pub fn present(text: &str) -> Option<&str> {
    let text = text.trim();
    (!text.is_empty() && text != "NULL").then_some(text)
}

/// A resource group. Charges outside any group are billed to one of these words.
pub fn resource_group(text: &str) -> Option<&str> {
    present(text).filter(|group| !same(group, "Others") && !same(group, "Not applicable"))
}

/// The bare id of a subscription, from an id or a `/subscriptions/…` path. Old exports write the
/// all-zero GUID where there is none.
pub fn subscription(text: &str) -> Option<&str> {
    const PATH: &str = "/subscriptions/";
    let text = present(text)?;
    let id = match text.get(..PATH.len()) {
        Some(head) if head.eq_ignore_ascii_case(PATH) => text[PATH.len()..].split('/').next()?,
        _ => text,
    };
    present(id).filter(|id| *id != "00000000-0000-0000-0000-000000000000")
}

/// The bare id of a billing account, from an id or a path of it or of something below it.
pub fn billing_account(text: &str) -> Option<&str> {
    const PATH: &str = "/providers/Microsoft.Billing/billingAccounts/";
    let text = present(text)?;
    let id = match text.get(..PATH.len()) {
        Some(head) if head.eq_ignore_ascii_case(PATH) => text[PATH.len()..].split('/').next()?,
        _ => text,
    };
    present(id)
}

/// The day on which a billing period begins, `2026-10-01`, whatever form the file has for it. What is
/// no date stays as it is: it only tells statements apart.
pub fn billing_period(text: &str) -> Option<Cow<'_, str>> {
    let text = present(text)?;
    // This family has every form of date that there is.
    let day = instant(text, Schema::CostManagement).map(|start| day(start).into());
    Some(day.unwrap_or(Cow::Borrowed(text)))
}

/// The UTC day of an instant: `2026-10-01`.
pub fn day(instant: Instant) -> String {
    instant.day_start().to_string().chars().take_while(|c| *c != 'T').collect()
}

/// The instant of a date or a date with time, UTC where no zone is given.
///
/// ISO forms, with or without time, seconds, fraction, zone. Cost Management files also
/// `9/2/2023` and `9/2/2023 12:00:00 AM`: month first, as Azure writes it. `None`: not a date.
pub fn instant(text: &str, schema: Schema) -> Option<Instant> {
    let text = text.trim();
    let (date, time) = match text.find(['T', 't', ' ']) {
        Some(at) => (&text[..at], Some(text[at + 1..].trim_start())),
        None => (text, None),
    };
    let us = schema == Schema::CostManagement && date.contains('/');
    let (year, month, day) = if us { us_date(date)? } else { iso_date(date)? };
    let clock = time.map_or(Some(Clock::default()), |time| clock(time, us))?;
    let year = i16::try_from(year).ok()?;
    let [month, day, hour, minute, second] =
        [month, day, clock.hour, clock.minute, clock.second].map(i8::try_from);
    let local =
        DateTime::new(year, month.ok()?, day.ok()?, hour.ok()?, minute.ok()?, second.ok()?, 0);
    let utc = local.ok()?.to_zoned(TimeZone::UTC).ok()?.timestamp().as_nanosecond();
    Instant::from_nanoseconds(utc + i128::from(clock.shift))
}

/// `2023-09-02`.
fn iso_date(text: &str) -> Option<(u32, u32, u32)> {
    let mut parts = text.split('-');
    let date =
        (number(parts.next()?, 4, 4)?, number(parts.next()?, 2, 2)?, number(parts.next()?, 2, 2)?);
    parts.next().is_none().then_some(date)
}

/// `9/2/2023` = 2 September. A day above 12 in the first place is refused, not guessed at.
fn us_date(text: &str) -> Option<(u32, u32, u32)> {
    let mut parts = text.split('/');
    let (month, day) = (number(parts.next()?, 1, 2)?, number(parts.next()?, 1, 2)?);
    let year = number(parts.next()?, 4, 4)?;
    parts.next().is_none().then_some((year, month, day))
}

/// ASCII digits, `least` to `most` of them.
fn number(text: &str, least: usize, most: usize) -> Option<u32> {
    let fits = (least..=most).contains(&text.len());
    (fits && text.bytes().all(|b| b.is_ascii_digit())).then(|| text.parse().ok())?
}

/// A time of day; `shift` = nanoseconds of its fraction and of its distance to UTC.
#[derive(Default)]
struct Clock {
    hour: u32,
    minute: u32,
    second: u32,
    shift: i64,
}

/// `00:00`, `00:00:00`, fractions of up to nine digits, then a zone or (`us`) AM or PM.
fn clock(text: &str, us: bool) -> Option<Clock> {
    const SECOND: i64 = 1_000_000_000;
    let (text, offset) = zone(text)?;
    let (text, noon) = if us { half_day(text) } else { (text, None) };
    let (whole, fraction) = match text.split_once('.') {
        Some((whole, fraction)) => (whole, number(fraction, 1, 9)? * scale(fraction.len())),
        None => (text, 0),
    };
    let mut parts = whole.split(':');
    let (hour, minute) = (number(parts.next()?, 1, 2)?, number(parts.next()?, 2, 2)?);
    let second = match parts.next() {
        Some(second) => number(second, 2, 2)?,
        None if fraction == 0 => 0,
        None => return None,
    };
    let hour = match noon {
        Some(_) if !(1..=12).contains(&hour) => return None,
        Some(after) => hour % 12 + if after { 12 } else { 0 },
        None => hour,
    };
    let shift = i64::from(fraction) - offset * 60 * SECOND;
    parts.next().is_none().then_some(Clock { hour, minute, second, shift })
}

/// What `digits` digits after the point must be multiplied with to be nanoseconds.
const fn scale(digits: usize) -> u32 {
    10u32.pow(9 - digits as u32)
}

/// The time without its zone, and the zone's distance to UTC in minutes.
fn zone(text: &str) -> Option<(&str, i64)> {
    if let Some(time) = text.strip_suffix(['Z', 'z']) {
        return Some((time.trim_end(), 0));
    }
    let Some(at) = text.find(['+', '-']) else { return Some((text, 0)) };
    let (hours, minutes) = text[at + 1..].split_once(':')?;
    let (hours, minutes) = (number(hours, 2, 2)?, number(minutes, 2, 2)?);
    let sign = if text[at..].starts_with('-') { -1 } else { 1 };
    let sane = hours <= 14 && minutes < 60;
    sane.then_some((text[..at].trim_end(), sign * i64::from(hours * 60 + minutes)))
}

/// The time without AM or PM, and whether it is after noon.
fn half_day(text: &str) -> (&str, Option<bool>) {
    let at = text.len().saturating_sub(2);
    let noon = text.get(at..).and_then(|half| {
        let after = half.eq_ignore_ascii_case("PM");
        (after || half.eq_ignore_ascii_case("AM")).then_some(after)
    });
    if noon.is_some() { (text[..at].trim_end(), noon) } else { (text, None) }
}

/// Equal without regard to ASCII case and blanks: some files write `On Demand`, some `OnDemand`.
fn same(text: &str, word: &str) -> bool {
    letters(text).eq(letters(word))
}

fn letters(text: &str) -> impl Iterator<Item = u8> {
    text.bytes().filter(|b| !b.is_ascii_whitespace()).map(|b| b.to_ascii_lowercase())
}

#[cfg(test)]
mod tests;
