//! An explanation for people.

use std::fmt;

use super::{Amount, Cause, Check, Decided, Explanation, Subject, Sums, Verdict};

impl fmt::Display for Subject {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}{}", self.named, self.line)
    }
}

impl Check {
    pub fn detail(&self) -> String {
        match (&self.finding, self.code.decided()) {
            (Some(finding), _) => finding.to_string(),
            (None, Decided::Outside(needs)) => needs.to_owned(),
            (None, _) if self.verdict == Verdict::NotAsked => "no cost files are given".to_owned(),
            (None, _) => String::new(),
        }
    }
}

impl fmt::Display for Explanation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{}", self.resource)?;
        match self.from == self.to {
            true => writeln!(f, "  at           {}", self.from)?,
            false => writeln!(f, "  from         {} to {}", self.from, self.to)?,
        }
        writeln!(f, "  subscription {}", self.subscription)?;
        match &self.customer {
            Some(customer) => writeln!(f, "  customer     {customer}")?,
            None => writeln!(f, "  customer     unknown")?,
        }
        writeln!(f, "  policy       {} (revision {})", self.policy[0], self.policy[1])?;
        for amount in self.amounts.iter().flatten() {
            amount.print(f)?;
        }
        self.credits(f)?;
        self.denials(f)?;
        self.walked(f)?;
        if self.credited.is_empty() && self.not_credited.is_empty() {
            writeln!(
                f,
                "\nNobody is linked to a partner here, so nobody is credited (not-linked)."
            )?;
        }
        Ok(())
    }
}

impl Amount {
    fn print(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { partner, month, currency, charges, .. } = self;
        let Some(sums) = &self.sums else {
            return writeln!(
                f,
                "\n{charges} charges in {currency} credited to {partner} in {month}, here and \
                 below; amounts are not shown to you"
            );
        };
        let Sums { cost, credited_cost, recomputed } = sums;
        writeln!(
            f,
            "\n{credited_cost} {currency} credited to {partner} in {month}, here and below: \
             {charges} charges, cost {cost}"
        )?;
        match self.equal {
            true => writeln!(f, "  check: recomputed {recomputed}, equal"),
            false => writeln!(
                f,
                "  check: recomputed {recomputed}, NOT equal: a defect of this program; please \
                 report it"
            ),
        }
    }
}

impl Explanation {
    fn credits(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for credit in &self.credited {
            let share = match credit.weight {
                [1, 1] => "in full".to_owned(),
                [covered, whole] => format!("for {} of the time", percent(covered, whole)),
            };
            let pec = if credit.pec_eligible { "PEC eligible" } else { "not PEC eligible" };
            let duplicate = match credit.duplicate_in_global {
                true => "duplicate: another location of the organisation counts (R27)",
                false => "not a duplicate in the organisation",
            };
            writeln!(
                f,
                "\nCREDITED {} {share}, as {}, {pec}, {duplicate}",
                credit.partner, credit.admin_type
            )?;
            for (number, path) in credit.paths.iter().enumerate() {
                writeln!(f, "  path {}: {}", number + 1, path.when)?;
                for (depth, step) in path.steps.iter().enumerate() {
                    let indent = 4 + 2 * depth;
                    writeln!(f, "{:indent$}└ {}", "", step.step)?;
                    writeln!(f, "{:indent$}  {}{} · {}", "", step.during, step.line, step.rule)?;
                }
                if path.memberships_left_out > 0 {
                    let count = path.memberships_left_out;
                    writeln!(f, "    note  {count} memberships in the middle are left out here")?;
                }
                for note in &path.notes {
                    writeln!(f, "    note  {}{} · R20", note.finding, note.line)?;
                }
            }
            if credit.paths_left_out > 0 {
                writeln!(f, "  and {} other paths, left out here", credit.paths_left_out)?;
            }
        }
        Ok(())
    }

    fn denials(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for denial in &self.not_credited {
            writeln!(f, "\nNOT CREDITED {}: {}", denial.partner, denial.reason)?;
            let below = |amount: &&Amount| amount.partner == denial.partner.id;
            if self.amounts.iter().flatten().any(|amount| below(&amount)) {
                writeln!(
                    f,
                    "  note  what is credited above is earned further below; ask for a resource there"
                )?;
            }
            for check in &denial.checks {
                let (mark, line) = (check.verdict.mark(), &check.line);
                if check.verdict != Verdict::DoesNotApply {
                    let text = format!("  {mark}  {:<20} {}{line}", check.code, check.detail());
                    writeln!(f, "{}", text.trim_end())?;
                }
            }
            writeln!(f, "  next  {}", denial.next())?;
        }
        if !self.not_credited.is_empty() && self.checks.is_none() {
            writeln!(f, "\nCauses that facts and usage cannot show:")?;
            for cause in &self.outside {
                writeln!(f, "  -     {} ({cause})", cause.means())?;
            }
        }
        Ok(())
    }

    /// All known causes, in their order.
    fn walked(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Some(checks) = &self.checks else { return Ok(()) };
        writeln!(f, "\nChecked, all known causes in order:")?;
        for check in checks {
            let (number, mark, code) =
                (check.number.unwrap_or_default(), check.verdict.mark(), check.code);
            let detail = self.with_below(check);
            writeln!(f, "  {number:>2}  {mark}  {code:<24} {detail}{}", check.line)?;
        }
        match checks.iter().find(|check| check.verdict == Verdict::Fails) {
            Some(Check { number: Some(number), code, change: Some(change), .. }) => {
                writeln!(f, "  first: {number}, {code}: {change}")
            }
            _ => writeln!(f, "  none of those that can be decided is one"),
        }
    }

    /// What was found of a cause; where a role is too far below, what it covers there.
    fn with_below(&self, check: &Check) -> String {
        let detail = check.detail();
        let rows = self.amounts.as_deref().unwrap_or_default();
        let is_below = check.code == Cause::ScopeTooSmall && check.verdict == Verdict::Fails;
        if !is_below || rows.is_empty() {
            return detail;
        }
        let parts = rows.iter().map(|row| match &row.sums {
            Some(sums) => {
                format!("{} {} of {} charges", sums.credited_cost, row.currency, row.charges)
            }
            None => format!("{} charges in {}", row.charges, row.currency),
        });
        format!("{detail}; credited further below: {}", parts.collect::<Vec<_>>().join(", "))
    }
}

impl Verdict {
    const fn mark(self) -> &'static str {
        match self {
            Self::Fails => "FAIL",
            Self::Passes => "ok  ",
            Self::DoesNotApply => "-   ",
            Self::Outside => "out ",
            Self::NotAsked => "?   ",
        }
    }
}

/// A share with two digits, rounded down: it is only shown.
fn percent(covered: i64, whole: i64) -> String {
    let hundredths = i128::from(covered) * 10_000 / i128::from(whole.max(1));
    format!("{}.{:02} %", hundredths / 100, hundredths % 100)
}
