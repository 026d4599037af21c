//! The walk through the causes: what cost files decide.

use super::causes::CauseId;
use super::{Amount, Amounts, CauseCheck, Explanation, Seen, Verdict};

const NO_USAGE: &str = "nothing to credit; is the export of that month whole?";
const NOT_CONSUMED: &str = "nothing: only consumed cost counts (R38)";

impl Explanation {
    /// Every known cause in order, with what usage decides, if it is given; `None` unless one
    /// partner is asked about.
    pub fn checks(&self) -> Option<Vec<CauseCheck>> {
        let mut checks = self.walk.clone()?;
        if let Some(amounts) = &self.amounts {
            let asked = [CauseId::NoUsage as usize, CauseId::ChargesExcluded as usize];
            if self.of_partner {
                for at in asked {
                    self.own_usage(&mut checks[at], amounts);
                }
            } else {
                no_usage(&mut checks[asked[0]], &amounts.seen);
                excluded(&mut checks[asked[1]], &amounts.seen);
            }
            further_below(&mut checks[CauseId::ScopeTooSmall as usize], &amounts.rows);
        }
        Some(checks)
    }

    /// The same for a partner: of charges that it is not credited with, there is no number (P12),
    /// and a word only where a way of its own leads to them.
    fn own_usage(&self, check: &mut CauseCheck, amounts: &Amounts) {
        let (month, seen) = (&amounts.seen.month, &amounts.seen);
        let credited: u64 = amounts.rows.iter().map(|row| row.charges).sum();
        let first = check.code == CauseId::NoUsage.code();
        let (verdict, detail) = match (credited > 0, self.credited.is_empty(), first) {
            (true, ..) => (Verdict::Passes, format!("{credited} charges of {month} are credited")),
            (false, true, _) => {
                let detail = "charges are not shown where there is no credit".to_owned();
                (Verdict::DoesNotApply, detail)
            }
            (false, false, true) if seen.charges == 0 => {
                (Verdict::Fails, format!("there is no charge here or below that starts in {month}"))
            }
            (false, false, true) => (Verdict::Passes, format!("there are charges in {month}")),
            (false, false, false) if seen.charges == 0 => {
                (Verdict::DoesNotApply, "there are no charges".to_owned())
            }
            (false, false, false) if seen.consumed() == 0 => {
                (Verdict::Fails, "none of the charges here is consumed cost".to_owned())
            }
            _ => (Verdict::Passes, "there are charges that are consumed cost".to_owned()),
        };
        check.change = match (verdict, first) {
            (Verdict::Fails, true) => Some(NO_USAGE.to_owned()),
            (Verdict::Fails, false) => Some(NOT_CONSUMED.to_owned()),
            _ => None,
        };
        (check.verdict, check.detail) = (verdict, detail);
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
        check.change = Some(NO_USAGE.to_owned());
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
        check.change = Some(NOT_CONSUMED.to_owned());
    }
}

/// What a role below the scope covers.
fn further_below(check: &mut CauseCheck, rows: &[Amount]) {
    if check.verdict != Verdict::Fails || rows.is_empty() {
        return;
    }
    let parts = rows.iter().map(|row| match &row.sums {
        Some(sums) => format!("{} {} of {} charges", sums.credited_cost, row.currency, row.charges),
        None => format!("{} charges in {}", row.charges, row.currency),
    });
    let parts = parts.collect::<Vec<_>>().join(", ");
    check.detail = format!("{}; credited further below: {parts}", check.detail);
}
