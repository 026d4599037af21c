//! An explanation for people.

use std::fmt;

use super::{Amount, Explanation, Line, Named, State, Subject, Sums, Verdict};

impl fmt::Display for Named {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.name {
            Some(name) => write!(f, "{name} ({})", self.id),
            None => f.write_str(&self.id),
        }
    }
}

impl fmt::Display for Subject {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.mark.is_plain() {
            true => self.named.fmt(f),
            false => write!(f, "{} · {}", self.named, self.mark),
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
        for amount in self.rows() {
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
                writeln!(f, "  path {}: {}", number + 1, path.when.join(", "))?;
                for (depth, step) in path.steps.iter().enumerate() {
                    let indent = 4 + 2 * depth;
                    writeln!(f, "{:indent$}└ {}", "", step.text)?;
                    let fact = Line::tail(step.fact.as_ref());
                    writeln!(f, "{:indent$}  {}{fact} · {}", "", step.during, step.rule)?;
                }
                for note in &path.notes {
                    let fact = Line::tail(note.fact.as_ref());
                    writeln!(f, "    note  {}{fact} · R20", note.text)?;
                }
            }
        }
        Ok(())
    }

    fn denials(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for denial in &self.not_credited {
            writeln!(f, "\nNOT CREDITED {}: {}", denial.partner, denial.reason)?;
            let below = |amount: &&Amount| amount.partner == denial.partner.id;
            if self.rows().iter().any(|amount| below(&amount)) {
                writeln!(
                    f,
                    "  note  what is credited above is earned further below; ask for a resource there"
                )?;
            }
            for check in &denial.checks {
                let mark = match check.state {
                    State::Ok => "ok  ",
                    State::Fail => "FAIL",
                    State::Skipped => continue,
                };
                let fact = Line::tail(check.fact.as_ref());
                writeln!(
                    f,
                    "{}",
                    format!("  {mark}  {:<20} {}{fact}", check.code, check.found).trim_end()
                )?;
            }
            writeln!(f, "  next  {}", denial.nearest_change)?;
        }
        if !self.not_credited.is_empty() && self.walk.is_none() {
            writeln!(f, "\nCauses that facts and usage cannot show:")?;
            for cause in &self.outside {
                writeln!(f, "  -     {cause}")?;
            }
        }
        Ok(())
    }

    /// All known causes, in their order.
    fn walked(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Some(checks) = self.checks() else { return Ok(()) };
        writeln!(f, "\nChecked, all known causes in order:")?;
        for check in &checks {
            let fact = Line::tail(check.fact.as_ref());
            let (number, mark, code) = (check.number, check.verdict.mark(), check.code);
            writeln!(f, "  {number:>2}  {mark}  {code:<24} {}{fact}", check.detail)?;
        }
        match checks.iter().find(|check| check.verdict == Verdict::Fails) {
            Some(check) => {
                let change = check.change.as_deref().unwrap_or_default();
                writeln!(f, "  first: {}, {}: {change}", check.number, check.code)
            }
            None => writeln!(f, "  none of those that can be decided is one"),
        }
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
