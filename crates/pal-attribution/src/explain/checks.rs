//! The walk through the known causes for one partner: what each comes to, and by which fact.
//!
//! Nothing is judged anew here. The attempt that is nearest to credit (`attempts.rs`), what almost
//! leads to one (`ways.rs`) and the credits say which causes fail; the rest of the walk says why the
//! others do not.

use pal_model::IntervalSet;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::attempts::{Case, Failed};
use super::{Cause, Change, Decided, Explainer, Finding, Line, in_window};
use crate::access::{Coverage, Credit, Origin};
use crate::policy::Granularity;

/// A cause, looked at.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
pub struct Check {
    /// Its number in the list of 28; wider ones have none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub number: Option<u8>,
    /// Its stable code.
    pub code: Cause,
    /// What came of it.
    pub verdict: Verdict,
    /// What was found, where something was.
    pub finding: Option<Finding>,
    /// The line that decided.
    #[serde(flatten)]
    pub line: Line,
    /// What would mend it, if it fails.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub change: Option<Change>,
}

/// What came of a cause.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Verdict {
    /// It is a cause.
    Fails,
    /// It is none.
    Passes,
    /// There is nothing of its kind to judge, or another cause leaves nothing to judge.
    DoesNotApply,
    /// Other data would decide.
    Outside,
    /// It could be decided, by something that was not given.
    NotAsked,
}

impl Check {
    pub(super) fn new(code: Cause, verdict: Verdict) -> Self {
        let line = Line::default();
        Self { number: code.number(), code, verdict, finding: None, line, change: None }
    }

    pub(super) fn failed(failed: &Failed) -> Self {
        Self {
            finding: Some(failed.finding.clone()),
            line: failed.line.clone(),
            change: Some(failed.change.clone()),
            ..Self::new(failed.cause, Verdict::Fails)
        }
    }

    pub(super) fn found(code: Cause, verdict: Verdict, finding: Finding, line: Line) -> Self {
        Self { finding: Some(finding), line, ..Self::new(code, verdict) }
    }
}

/// The numbered causes, one verdict each.
pub(super) struct Sheet(Vec<Check>);

impl Sheet {
    fn new() -> Self {
        let row = |cause: Cause| match cause.decided() {
            Decided::Outside(_) => Check::new(cause, Verdict::Outside),
            Decided::Tried | Decided::Seen => Check::new(cause, Verdict::NotAsked),
        };
        Self(Cause::numbered().map(row).collect())
    }

    fn set(&mut self, check: Check) {
        if let Some(row) = self.0.iter_mut().find(|row| row.code == check.code) {
            *row = check;
        }
    }

    /// A cause fails; it may be a wider one that stands for it.
    pub fn fails(&mut self, cause: Cause, failed: &Failed) {
        self.set(Check::failed(&Failed { cause, ..failed.clone() }));
    }

    pub fn passes(&mut self, cause: Cause, finding: Finding, line: Line) {
        self.set(Check::found(cause, Verdict::Passes, finding, line));
    }

    pub fn does_not_apply(&mut self, cause: Cause, finding: Finding) {
        self.set(Check::found(cause, Verdict::DoesNotApply, finding, Line::default()));
    }

    pub fn has_failed(&self, cause: Cause) -> bool {
        self.0.iter().any(|row| row.code == cause && row.verdict == Verdict::Fails)
    }
}

impl Explainer<'_> {
    /// Every known cause for one partner, in order. Usage comes in later: see `Explanation::add_usage`.
    pub(super) fn walk(&self, case: &Case, credits: &[Credit]) -> Vec<Check> {
        let mut sheet = Sheet::new();
        match case.coverage {
            Some(coverage) => {
                self.check_access(&mut sheet, case, coverage);
                self.check_way(&mut sheet, case, coverage);
            }
            None => unplaced(&mut sheet, case),
        }
        self.check_links(&mut sheet, case);
        self.check_parties(&mut sheet, case);
        self.check_duplicate(&mut sheet, case, credits);
        self.check_whole_day(&mut sheet, case);
        self.check_sight(&mut sheet, case);
        let never = case.blamed(Cause::NeverAtOnce);
        if let (Some(coverage), Some(cause), false) =
            (case.coverage, never, sheet.has_failed(Cause::PecConditions))
        {
            self.check_parts(&mut sheet, case, coverage, cause);
        }
        sheet.0
    }

    /// Whether there is a role at all: 1, 13, 15, 23.
    fn check_access(&self, sheet: &mut Sheet, case: &Case, coverage: &Coverage) {
        use Cause::{NoRole, NotDelegated, ScopeTooSmall, SubscriptionMoved};
        let stated = self.access.hierarchy.facts(coverage.subscription);
        if let Some(now) = stated.iter().find(|s| s.during.contains(case.question.period.from())) {
            let (tenant, during) = (now.fact.tenant.to_string(), now.during.into());
            let finding = Finding::InTenant { tenant, during };
            sheet.passes(SubscriptionMoved, finding, self.line(now.source));
        }
        if let Some(grant) = case.grant {
            let scope = self.scope(self.access.grant(grant).scope, coverage.customer);
            let line = self.grant_line(grant);
            let who = self.principal(self.access.grant(grant).principal, case.window.from());
            match self.access.grant(grant).origin {
                Origin::Delegation(index, _) => {
                    let delegation = self.access.facts.delegations[index].fact.id.clone();
                    let finding = Finding::Authorised { who: who.clone(), delegation };
                    sheet.passes(NotDelegated, finding, line.clone());
                }
                Origin::Assignment(_) => sheet.does_not_apply(NotDelegated, Finding::ByAssignment),
            }
            let finding = Finding::RoleReaches { scope: scope.clone() };
            sheet.passes(ScopeTooSmall, finding, line.clone());
            let role = self.role(grant);
            sheet.passes(NoRole, Finding::HasRole { who, role, scope }, line);
            return;
        }
        sheet.does_not_apply(ScopeTooSmall, Finding::NoRoleBeside);
        sheet.does_not_apply(NotDelegated, Finding::NothingDelegated);
        if let Some(failed) = case.blamed(Cause::EligibleOnly) {
            sheet.passes(NoRole, Finding::ToBeActivated, failed.line.clone());
            let mut delegations = self.access.facts.delegations.iter();
            if delegations.any(|s| failed.line == self.line(s.source)) {
                sheet.fails(NotDelegated, failed);
            }
            return;
        }
        self.check_beside(sheet, case, coverage);
    }

    /// No link meets a grant: what the linked identities have instead.
    fn check_beside(&self, sheet: &mut Sheet, case: &Case, coverage: &Coverage) {
        use Cause::{NoRole, NotDelegated, ScopeTooSmall, SubscriptionMoved};
        let moved = self.moved(case, coverage);
        let beside = self.role_elsewhere(case, coverage);
        let gap = self.delegation_gap(case, coverage);
        for (cause, failed) in [
            (SubscriptionMoved, moved.as_ref().map(|(failed, _)| failed)),
            (ScopeTooSmall, beside.as_ref()),
            (NotDelegated, gap.as_ref()),
        ] {
            if let Some(failed) = failed {
                sheet.fails(cause, failed);
            }
        }
        let with_role = moved.filter(|(_, role)| *role).map(|(failed, _)| failed);
        let Some(failed) = case.causes.first() else { return };
        if failed.cause == Cause::NotLinked {
            sheet.does_not_apply(NoRole, Finding::NobodyIsLinked);
        } else if failed.cause == Cause::LinkedElsewhere {
            sheet.does_not_apply(NoRole, Finding::NobodyLinkedFromTenants);
        } else if let Some(role) = with_role.or(beside) {
            sheet.passes(NoRole, role.finding, role.line);
        } else if gap.is_some() {
            sheet.does_not_apply(NoRole, Finding::ByDelegation);
        } else if let Some((finding, line)) = self.role_at_another_time(case, coverage) {
            sheet.fails(NoRole, &Failed { finding, line, ..failed.clone() });
        } else {
            sheet.fails(NoRole, failed);
        }
    }

    /// Which location of an organisation counts (R27): 22.
    fn check_duplicate(&self, sheet: &mut Sheet, case: &Case, credits: &[Credit]) {
        let line = self.access.partner(case.partner).first();
        let line = line.map_or_else(Line::default, |s| self.line(s.source));
        match case.credit {
            None => sheet.does_not_apply(Cause::Duplicate, Finding::NoCredit),
            Some(credit) if credit.duplicate => {
                // It may be one that the reader does not see.
                let counts = credits.iter().find(|c| c.global == credit.global && !c.duplicate);
                let counts = counts.map(|credit| credit.partner.to_string());
                let change = Change::LookAtDuplicate { counts: counts.clone() };
                let finding = Finding::Duplicate { partner: case.partner.to_string(), counts };
                let cause = Cause::Duplicate;
                sheet.fails(cause, &Failed { cause, finding, line, change });
            }
            Some(_) => sheet.passes(Cause::Duplicate, Finding::NotADuplicate, line),
        }
    }

    /// Whole days, where the policy wants them (R34): 28.
    fn check_whole_day(&self, sheet: &mut Sheet, case: &Case) {
        use Cause::PecConditions;
        let whole_day = self.access.policy.granularity == Granularity::WholeDay;
        let paths = case.coverage.and_then(|c| in_window(c, case.window, case.partner).next());
        match (paths, case.credit) {
            _ if !whole_day => {
                let policy = self.access.policy.name.clone();
                sheet.does_not_apply(PecConditions, Finding::PartsOfDaysCount { policy });
            }
            (Some(path), Some(_)) => {
                let line = self.grant_line(case.grant.unwrap_or(path.grant));
                sheet.passes(PecConditions, Finding::WholeDay, line);
            }
            (Some(path), None) => {
                sheet.fails(PecConditions, &self.not_whole_day(covered(case), path.grant));
            }
            (None, _) => sheet.does_not_apply(PecConditions, Finding::NothingCovered),
        }
    }

    /// A part of the day is covered, and only whole days count (R34).
    pub(super) fn not_whole_day(&self, covered: i128, grant: u32) -> Failed {
        Failed {
            cause: Cause::NeverAtOnce,
            finding: Finding::NotWholeDay { hours: hours(covered) },
            line: self.grant_line(grant),
            change: Change::WholeDays,
        }
    }
}

/// How long a partner is covered inside the window, in nanoseconds.
pub(super) fn covered(case: &Case) -> i128 {
    let paths = case.coverage.into_iter().flat_map(|coverage| {
        in_window(coverage, case.window, case.partner).map(|path| path.when.clip(case.window))
    });
    paths.fold(IntervalSet::EMPTY, |all, when| all.union(&when)).length()
}

/// Whole hours of a length in nanoseconds.
pub(super) const fn hours(length: i128) -> i64 {
    (length / 3_600_000_000_000) as i64
}

/// No fact says in which tenant the subscription is, so nothing that is held there can be judged.
fn unplaced(sheet: &mut Sheet, case: &Case) {
    use Cause::{
        Denied, EligibleOnly, LinkedElsewhere, NoRole, NotAMember, NotDelegated, RoleNotRecognised,
        ScopeTooSmall, SubscriptionMoved,
    };
    for cause in [
        NoRole,
        LinkedElsewhere,
        RoleNotRecognised,
        EligibleOnly,
        NotAMember,
        Denied,
        NotDelegated,
        ScopeTooSmall,
    ] {
        sheet.does_not_apply(cause, Finding::TenantNotKnown);
    }
    case.causes.iter().for_each(|failed| sheet.fails(SubscriptionMoved, failed));
}
