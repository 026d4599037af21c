//! The walk through the causes: what cost files decide.

use pal_model::Exact;

use super::{
    Amounts, Audience, Cause, Change, Check, Excluded, Explanation, Finding, Line, ScopeCharges,
    Verdict,
};

impl Explanation {
    /// Adds what the charges come to, and what they decide of the causes.
    pub fn add_usage(&mut self, amounts: Amounts, audience: &Audience) {
        let looked = match audience {
            Audience::Partner { .. } => self.own_usage(&amounts),
            Audience::Everything | Audience::Customer(_) => {
                [no_usage(&amounts.seen), excluded(&amounts.seen)]
            }
        };
        let causes = [
            (Cause::NoUsage, Change::CheckExport),
            (Cause::ChargesExcluded, Change::NothingConsumed),
        ];
        for ((cause, change), (verdict, finding)) in causes.into_iter().zip(looked) {
            let mut checks = self.checks.iter_mut().flatten();
            let Some(check) = checks.find(|check| check.code == cause) else { continue };
            *check = Check::found(cause, verdict, finding, Line::default());
            check.change = (verdict == Verdict::Fails).then_some(change);
        }
        self.amounts = Some(amounts.rows);
    }

    /// For a partner: of charges that it is not credited with, there is no number (P12), and a word
    /// only where a way of its own leads to them.
    fn own_usage(&self, amounts: &Amounts) -> [(Verdict, Finding); 2] {
        let (seen, month) = (&amounts.seen, amounts.seen.month.clone());
        let charges: u64 = amounts.rows.iter().map(|row| row.charges).sum();
        let both = |verdict, finding: Finding| [(verdict, finding.clone()), (verdict, finding)];
        if charges > 0 {
            return both(Verdict::Passes, Finding::ChargesCredited { charges, month });
        }
        if self.credited.is_empty() {
            return both(Verdict::DoesNotApply, Finding::ChargesNotShown);
        }
        if seen.charges == 0 {
            return [
                (Verdict::Fails, Finding::NoCharge { month }),
                (Verdict::DoesNotApply, Finding::NoCharges),
            ];
        }
        let consumed = match seen.consumed() {
            0 => (Verdict::Fails, Finding::NoneConsumed),
            _ => (Verdict::Passes, Finding::SomeConsumed),
        };
        [(Verdict::Passes, Finding::ChargesThere { month }), consumed]
    }
}

fn no_usage(seen: &ScopeCharges) -> (Verdict, Finding) {
    let (charges, month) = (seen.charges, seen.month.clone());
    match charges {
        0 => (Verdict::Fails, Finding::NoChargeInFiles { month }),
        _ => (Verdict::Passes, Finding::ChargesStart { charges, month }),
    }
}

/// Only consumed cost is credited (R38).
fn excluded(seen: &ScopeCharges) -> (Verdict, Finding) {
    let (charges, consumed) = (seen.charges, seen.consumed());
    if charges == 0 {
        return (Verdict::DoesNotApply, Finding::NoCharges);
    }
    if seen.excluded.is_empty() {
        return (Verdict::Passes, Finding::AllConsumed { charges });
    }
    let excluded = seen.excluded.iter().map(|((reason, currency), (charges, cost))| Excluded {
        reason: reason.to_string(),
        charges: *charges,
        cost: Exact::print_rounded(cost.rounded()),
        currency: currency.clone(),
    });
    let finding = Finding::PartConsumed { consumed, charges, excluded: excluded.collect() };
    (if consumed == 0 { Verdict::Fails } else { Verdict::Passes }, finding)
}
