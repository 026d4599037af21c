//! The walk through the known causes for one partner: what each comes to, and by which fact.
//!
//! Nothing is judged anew here. The attempt that is nearest to credit (`attempts.rs`), what almost
//! leads to one (`ways.rs`) and the credits say which causes fail; the rest of the walk says why the
//! others do not. Where a reason of an answer has the code of a cause, that cause fails.

use pal_model::IntervalSet;
use serde::Serialize;

use super::attempts::Case;
use super::causes::{CAUSES, CauseId, Decided};
use super::not_credited::Cause;
use super::{Explainer, Line, in_window};
use crate::access::{Coverage, Credit, Origin};
use crate::policy::Granularity;

/// A known cause, looked at.
#[derive(Debug, Clone, Serialize)]
pub struct CauseCheck {
    /// Its number in the list, from 1.
    pub number: u8,
    /// Its stable code.
    pub code: &'static str,
    /// What came of it.
    pub verdict: Verdict,
    /// What was found, or what would decide.
    pub detail: String,
    /// The line that decided.
    #[serde(flatten, serialize_with = "super::line::or_null")]
    pub fact: Option<Line>,
    /// What would mend it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub change: Option<String>,
}

/// What came of a cause.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Verdict {
    /// It is a cause.
    Fails,
    /// It is none.
    Passes,
    /// There is nothing of its kind to judge.
    DoesNotApply,
    /// Other data would decide.
    Outside,
    /// It could be decided, by something that was not given.
    NotAsked,
}

/// All causes, one verdict each.
pub(super) struct Sheet(Vec<CauseCheck>);

impl Sheet {
    fn new() -> Self {
        let row = |cause: &super::causes::KnownCause| {
            let (verdict, detail) = match cause.decided {
                Decided::By(_) => (Verdict::NotAsked, "no cost files are given"),
                Decided::Outside(needs) => (Verdict::Outside, needs),
            };
            let (number, code, detail) = (cause.number(), cause.code, detail.to_owned());
            CauseCheck { number, code, verdict, detail, fact: None, change: None }
        };
        Self(CAUSES.iter().map(row).collect())
    }

    fn set(&mut self, id: CauseId, verdict: Verdict, detail: &str, fact: Option<Line>) {
        let row = &mut self.0[id as usize];
        (row.verdict, row.fact, row.change) = (verdict, fact, None);
        detail.clone_into(&mut row.detail);
    }

    pub fn fails(&mut self, id: CauseId, cause: &Cause) {
        self.set(id, Verdict::Fails, &cause.found, cause.fact.clone());
        self.0[id as usize].change = Some(cause.change.clone());
    }

    pub fn passes(&mut self, id: CauseId, detail: &str, fact: Option<Line>) {
        self.set(id, Verdict::Passes, detail, fact);
    }

    pub fn does_not_apply(&mut self, id: CauseId, detail: &str) {
        self.set(id, Verdict::DoesNotApply, detail, None);
    }

    pub fn has_failed(&self, id: CauseId) -> bool {
        self.0[id as usize].verdict == Verdict::Fails
    }
}

impl Explainer<'_> {
    /// Every known cause for one partner, in order. Usage comes in later: see `Explanation::checks`.
    pub(super) fn walk(&self, case: &Case, credits: &[Credit]) -> Vec<CauseCheck> {
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
        let never = case.blamed("never-at-once");
        if let (Some(coverage), Some(cause), false) =
            (case.coverage, never, sheet.has_failed(CauseId::PecConditions))
        {
            self.check_parts(&mut sheet, case, coverage, cause);
        }
        sheet.0
    }

    /// Whether there is a role at all: 1, 13, 15, 23.
    fn check_access(&self, sheet: &mut Sheet, case: &Case, coverage: &Coverage) {
        use CauseId::{NoRole, NotDelegated, ScopeTooSmall, SubscriptionMoved};
        let stated = self.access.hierarchy.facts(coverage.subscription);
        if let Some(now) = stated.iter().find(|s| s.during.contains(case.question.period.from())) {
            let detail =
                format!("the subscription is in tenant {} {}", now.fact.tenant, now.during);
            sheet.passes(SubscriptionMoved, &detail, Some(self.place(now.source)));
        }
        if let Some(grant) = case.grant {
            let scope = self.scope(self.access.grant(grant).scope, coverage.customer);
            let fact = self.grant_fact(grant);
            let holder = self.principal(self.access.grant(grant).principal, case.window.from());
            let role = self.role_name(grant);
            let detail = format!("{holder} has the role {role} at {scope}");
            sheet.passes(NoRole, &detail, Some(fact.clone()));
            let detail = format!("the role at {scope} reaches here");
            sheet.passes(ScopeTooSmall, &detail, Some(fact.clone()));
            match self.access.grant(grant).origin {
                Origin::Delegation(index, _) => {
                    let id = &self.access.facts.delegations[index].fact.id;
                    let detail = format!("{holder} is authorised by delegation {id}");
                    sheet.passes(NotDelegated, &detail, Some(fact));
                }
                Origin::Assignment(_) => {
                    sheet.does_not_apply(NotDelegated, "access is by a role assignment");
                }
            }
            return;
        }
        sheet.does_not_apply(ScopeTooSmall, "no linked identity has a role beside this scope");
        sheet.does_not_apply(NotDelegated, "nothing is delegated to the tenant of a link");
        if let Some(cause) = case.blamed("eligible-only") {
            sheet.passes(NoRole, "there is one, to be activated first", cause.fact.clone());
            let mut delegations = self.access.facts.delegations.iter();
            if delegations.any(|s| cause.fact.as_ref() == Some(&self.place(s.source))) {
                sheet.fails(NotDelegated, cause);
            }
            return;
        }
        self.check_beside(sheet, case, coverage);
    }

    /// No link meets a grant: what the linked identities have instead.
    fn check_beside(&self, sheet: &mut Sheet, case: &Case, coverage: &Coverage) {
        use CauseId::{NoRole, NotDelegated, ScopeTooSmall, SubscriptionMoved};
        let moved = self.moved(case, coverage);
        let beside = self.role_elsewhere(case, coverage);
        let gap = self.delegation_gap(case, coverage);
        for (id, cause) in [
            (SubscriptionMoved, moved.as_ref().map(|(cause, _)| cause)),
            (ScopeTooSmall, beside.as_ref()),
            (NotDelegated, gap.as_ref()),
        ] {
            if let Some(cause) = cause {
                sheet.fails(id, cause);
            }
        }
        let with_role = moved.filter(|(_, role)| *role).map(|(cause, _)| cause);
        let Some(cause) = case.causes.first() else { return };
        if case.blamed("not-linked").is_some() {
            sheet.does_not_apply(NoRole, "nobody is linked");
        } else if case.blamed("linked-elsewhere").is_some() {
            sheet.does_not_apply(NoRole, "no identity of a tenant that has access here is linked");
        } else if let Some(role) = with_role.or(beside) {
            sheet.passes(NoRole, &role.found, role.fact);
        } else if gap.is_some() {
            sheet.does_not_apply(NoRole, "access would be by a delegation");
        } else {
            let mut cause = cause.clone();
            if let Some(ended) = self.role_at_another_time(case, coverage) {
                (cause.found, cause.fact) = (ended.found, ended.fact);
            }
            sheet.fails(NoRole, &cause);
        }
    }

    /// Which location of an organisation counts (R27): 22.
    fn check_duplicate(&self, sheet: &mut Sheet, case: &Case, credits: &[Credit]) {
        use CauseId::Duplicate;
        let partner = case.partner;
        let fact = self.access.partner(partner).first().map(|s| self.place(s.source));
        match case.credit {
            None => sheet.does_not_apply(Duplicate, "there is no credit to be counted twice"),
            Some(credit) if credit.duplicate => {
                let counts = credits.iter().find(|c| c.global == credit.global && !c.duplicate);
                // It may be one that the reader does not see.
                let counts = counts.map_or_else(
                    || "another location".to_owned(),
                    |credit| credit.partner.to_string(),
                );
                let cause = Cause {
                    code: Duplicate.code(),
                    found: format!(
                        "{partner} is credited, and marked as a duplicate: {counts} counts for the \
                         organisation (R27)"
                    ),
                    fact,
                    change: format!("look at {counts}, or do not leave out duplicates"),
                };
                sheet.fails(Duplicate, &cause);
            }
            Some(_) => sheet.passes(Duplicate, "the credit is not marked as a duplicate", fact),
        }
    }

    /// Whole days, where the policy wants them (R34): 28.
    fn check_whole_day(&self, sheet: &mut Sheet, case: &Case) {
        use CauseId::PecConditions;
        let whole_day = self.access.policy.granularity == Granularity::WholeDay;
        let paths = case.coverage.and_then(|c| in_window(c, case.window, case.partner).next());
        match (paths, case.credit) {
            _ if !whole_day => {
                let policy = &self.access.policy.name;
                let detail = format!("parts of a day count in this question (policy {policy})");
                sheet.does_not_apply(PecConditions, &detail);
            }
            (Some(_), Some(_)) => {
                let detail = "every instant of the day is covered; whether the partner is of the \
                              organisation that sells is in no fact";
                sheet.passes(PecConditions, detail, case.grant.map(|grant| self.grant_fact(grant)));
            }
            (Some(path), None) => {
                let hours = covered(case) / HOUR;
                let cause = Cause {
                    code: PecConditions.code(),
                    found: format!("covered {hours} h, but not every instant of the day (R34)"),
                    fact: Some(self.grant_fact(path.grant)),
                    change: "access and link must last whole UTC days".to_owned(),
                };
                sheet.fails(PecConditions, &cause);
            }
            (None, _) => sheet.does_not_apply(PecConditions, "no instant of the day is covered"),
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

/// Nanoseconds of an hour.
pub(super) const HOUR: i128 = 3_600_000_000_000;

/// No fact says in which tenant the subscription is, so nothing that is held there can be judged.
fn unplaced(sheet: &mut Sheet, case: &Case) {
    use CauseId::{
        Denied, EligibleOnly, LinkedElsewhere, NoRole, NotAMember, NotDelegated, RoleNotRecognised,
        ScopeTooSmall, SubscriptionMoved,
    };
    for id in [
        NoRole,
        LinkedElsewhere,
        RoleNotRecognised,
        EligibleOnly,
        NotAMember,
        Denied,
        NotDelegated,
        ScopeTooSmall,
    ] {
        sheet.does_not_apply(id, "it is not known in which tenant the subscription is then");
    }
    case.causes.iter().for_each(|cause| sheet.fails(SubscriptionMoved, cause));
}
