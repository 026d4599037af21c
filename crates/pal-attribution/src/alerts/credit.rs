//! `credit-dropped`: the credit of a month against the month before.

use std::collections::BTreeMap;
use std::sync::atomic::AtomicU64;

use pal_model::{Exact, Instant, KeyColumn, PartnerId, TenantId};

use super::moment::Moment;
use super::{Alert, Code, Severity};
use crate::answer::Basis;
use crate::engine::{Engine, EngineError, Options, Usage};
use crate::ingest::ReadOptions;

/// Credited cost of two months, in 10⁻¹⁰ units of the currency, as a report prints it.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Amounts {
    /// Of the month before.
    pub before: i128,
    pub after: i128,
}

/// The credit of a month and of the month before it, (year, 1 – 12) in UTC.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TwoMonths {
    /// The month before.
    pub before: (i16, i8),
    pub after: (i16, i8),
    pub credited: BTreeMap<(PartnerId, TenantId, String), Amounts>,
    /// Those of the two of which the usage has no charge at all: then they cannot be compared, and
    /// no alert is made.
    pub missing: Vec<(i16, i8)>,
}

impl TwoMonths {
    /// The last month that has ended at `now`, and the one before; nothing in them yet.
    pub fn ended_at(now: Instant) -> Self {
        let after = before(now.month());
        Self { before: before(after), after, credited: BTreeMap::new(), missing: Vec::new() }
    }
}

/// The month before (year, 1 – 12).
const fn before((year, month): (i16, i8)) -> (i16, i8) {
    if month == 1 { (year - 1, 12) } else { (year, month - 1) }
}

/// A month as reports and options write it: `2026-10`.
fn month_text((year, month): (i16, i8)) -> String {
    format!("{year:04}-{month:02}")
}

/// Adds up the last month that has ended at `now`, and the month before. `rows` counts rows as they
/// are read.
///
/// # Errors
/// As [`Engine::report`].
pub fn two_months(
    basis: Basis,
    usage: Usage,
    read: ReadOptions,
    rows: &AtomicU64,
    now: Instant,
) -> Result<TwoMonths, EngineError> {
    const KEYS: [KeyColumn; 4] =
        [KeyColumn::Month, KeyColumn::PartnerId, KeyColumn::CustomerTenantId, KeyColumn::Currency];
    let mut months = TwoMonths::ended_at(now);
    let (earlier, later) = (month_text(months.before), month_text(months.after));
    let engine = Engine::new(basis.facts, basis.roles, basis.policy);
    let options = Options { read, ..Options::new(rows) };
    let mut found = [false; 2];
    engine.report(usage, &KEYS, &options, &mut |keys, _, _, credited| {
        let &[Some(month), Some(partner), Some(customer), currency] = keys else { return Ok(()) };
        let (is_before, is_after) = (month == earlier, month == later);
        let (Ok(partner), Ok(customer)) = (partner.parse(), customer.parse()) else {
            return Ok(());
        };
        if is_before || is_after {
            let key = (partner, customer, currency.unwrap_or_default().to_owned());
            let amounts = months.credited.entry(key).or_default();
            *(if is_before { &mut amounts.before } else { &mut amounts.after }) += credited;
            found[usize::from(is_after)] = true;
        }
        Ok(())
    })?;
    if found != [true; 2] {
        let unread = AtomicU64::new(0);
        let balance = engine.balance(usage, &Options { read, ..Options::new(&unread) })?;
        let absent = |month: &(i16, i8)| {
            let month = month_text(*month);
            !balance.keys().any(|(of, _, _)| *of == month)
        };
        months.missing = [months.before, months.after].into_iter().filter(absent).collect();
    }
    Ok(months)
}

/// Why two months cannot be compared, if they cannot.
pub(super) fn not_compared(credit: Option<&TwoMonths>) -> Option<String> {
    let Some(months) = credit else { return Some("there is no usage".to_owned()) };
    let missing: Vec<String> = months.missing.iter().map(|month| month_text(*month)).collect();
    (!missing.is_empty()).then(|| format!("the usage has no charge of {}", missing.join(" and ")))
}

/// Credit that fell by more than the share of the month before. Compared as exact fractions; equal
/// to the share is not more.
pub(super) fn dropped(moment: &Moment, months: &TwoMonths, percent: u32) -> Vec<Alert> {
    if !months.missing.is_empty() {
        return Vec::new();
    }
    let kept = i128::from(100u32.saturating_sub(percent));
    let fell = |a: &Amounts| {
        a.before > 0 && Exact::share(a.after, 100, 1) < Exact::share(a.before, kept, 1)
    };
    let (earlier, later) = (month_text(months.before), month_text(months.after));
    let at: Option<Instant> = format!("{later}-01T00:00:00Z").parse().ok();
    let alert = |((partner, customer, currency), amounts): (&(PartnerId, TenantId, String), &_)| {
        let Amounts { before, after } = *amounts;
        Alert {
            code: Code::CreditDropped,
            severity: Severity::Warning,
            partner: Some(*partner),
            tenant: *customer,
            principal: None,
            scope: None,
            at,
            message: format!(
                "Credit for {} in {} fell by more than {percent} %: {} {currency} in {later}, {} \
                 {currency} in {earlier}",
                moment.partner(*partner),
                moment.tenant(*customer),
                Exact::print_rounded(after),
                Exact::print_rounded(before),
            ),
            facts: Vec::new(),
            assumed: Vec::new(),
        }
    };
    months.credited.iter().filter(|(_, amounts)| fell(amounts)).map(alert).collect()
}
