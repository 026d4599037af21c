//! The walk through the causes: what cost files decide.

use super::causes::CauseId;
use super::{Amount, CauseCheck, Explanation, Seen, Verdict};

impl Explanation {
    /// Every known cause in order, with what usage decides, if it is given; `None` unless one
    /// partner is asked about.
    pub fn checks(&self) -> Option<Vec<CauseCheck>> {
        let mut checks = self.walk.clone()?;
        if let Some(amounts) = &self.amounts {
            no_usage(&mut checks[CauseId::NoUsage as usize], &amounts.seen);
            excluded(&mut checks[CauseId::ChargesExcluded as usize], &amounts.seen);
            further_below(&mut checks[CauseId::ScopeTooSmall as usize], &amounts.rows);
        }
        Some(checks)
    }

    /// The amounts, if usage is given.
    pub(super) fn rows(&self) -> &[Amount] {
        self.amounts.as_ref().map_or(&[], |amounts| &amounts.rows)
    }
}

fn no_usage(check: &mut CauseCheck, seen: &Seen) {
    let month = &seen.month;
    if seen.charges > 0 {
        check.verdict = Verdict::Passes;
        check.detail = format!("{} charges here and below start in {month}", seen.charges);
    } else {
        check.verdict = Verdict::Fails;
        check.detail =
            format!("the cost files have no charge here or below that starts in {month}");
        check.change = Some("nothing to credit; is the export of that month whole?".to_owned());
    }
}

/// Only consumed cost is credited (R38).
fn excluded(check: &mut CauseCheck, seen: &Seen) {
    let reasons = seen.excluded.iter().map(|((reason, currency), (count, cost))| {
        let cost = pal_model::Exact::print_rounded(cost.rounded());
        format!("{reason} {count} charges, {cost} {currency}")
    });
    let reasons = reasons.collect::<Vec<_>>().join("; ");
    let consumed = seen.consumed();
    check.detail = match (consumed, reasons.is_empty()) {
        (_, true) => format!("{consumed} charges, all of them consumed cost"),
        _ => {
            format!("{consumed} of {} charges are consumed cost; left out: {reasons}", seen.charges)
        }
    };
    check.verdict = match (seen.charges, consumed) {
        (0, _) => Verdict::DoesNotApply,
        (_, 0) => Verdict::Fails,
        _ => Verdict::Passes,
    };
    if seen.charges == 0 {
        "there are no charges".clone_into(&mut check.detail);
    } else if consumed == 0 {
        check.change = Some("nothing: only consumed cost counts (R38)".to_owned());
    }
}

/// What a role below the scope covers.
fn further_below(check: &mut CauseCheck, rows: &[Amount]) {
    if check.verdict != Verdict::Fails || rows.is_empty() {
        return;
    }
    let parts = rows
        .iter()
        .map(|row| format!("{} {} of {} charges", row.credited_cost, row.currency, row.charges));
    let parts = parts.collect::<Vec<_>>().join(", ");
    check.detail = format!("{}; credited further below: {parts}", check.detail);
}
