//! The walk through the causes: the parts of the way from the role to the linked identity.

use pal_model::{Interval, IntervalSet, PrincipalKind};

use super::attempts::{Case, Failed};
use super::checks::{Sheet, covered, hours};
use super::{Cause, Change, Explainer, Finding, Line, Part};
use crate::access::Coverage;

impl Explainer<'_> {
    /// Role, activation, group, deny: 9 to 12.
    pub(super) fn check_way(&self, sheet: &mut Sheet, case: &Case, coverage: &Coverage) {
        use Cause::{Denied, EligibleOnly, NotAMember, RoleNotRecognised};
        let (Some(link), Some(grant)) = (case.link, case.grant) else {
            for cause in [RoleNotRecognised, EligibleOnly, NotAMember, Denied] {
                sheet.does_not_apply(cause, Finding::NoActiveRole);
            }
            if let Some(failed) = case.blamed(EligibleOnly) {
                sheet.fails(EligibleOnly, failed);
            }
            self.check_group_linked(sheet, case);
            return;
        };
        match case.blamed(RoleNotRecognised) {
            Some(failed) => sheet.fails(RoleNotRecognised, failed),
            None => {
                let (role, policy) = (self.role(grant), self.access.policy.name.clone());
                let finding = Finding::RoleCounted { policy, role };
                sheet.passes(RoleNotRecognised, finding, self.grant_line(grant));
            }
        }
        let held = held(coverage, grant);
        let finding = match case.window.length() {
            1 => Finding::RoleActive { during: (&held).into() },
            all => Finding::RoleHours {
                active: hours(held.clip(case.window).length()),
                whole: hours(all),
                covered: hours(covered(case)),
            },
        };
        sheet.passes(EligibleOnly, finding, self.grant_line(grant));
        self.check_member(sheet, case, (link, grant), &held);
        self.check_group_linked(sheet, case);
        self.check_denied(sheet, case, coverage, (link, grant), &held);
    }

    /// The way through groups (R17).
    fn check_member(
        &self,
        sheet: &mut Sheet,
        case: &Case,
        (link, grant): (usize, u32),
        held: &IntervalSet,
    ) {
        let cause = Cause::NotAMember;
        let identity = self.access.facts.links[link].fact.principal();
        let holder = self.access.grant(grant).principal;
        if let Some(failed) = case.blamed(cause) {
            sheet.fails(cause, failed);
            return;
        }
        if identity == holder {
            sheet.does_not_apply(cause, Finding::RoleOfItsOwn);
            return;
        }
        let reached = self.access.reach.when(identity, holder).clip(case.window);
        let both = reached.intersect(held);
        let line = self.membership(link, grant, if both.is_empty() { &reached } else { &both });
        let (who, group) = (self.linked(link, case), self.principal(holder, case.window.from()));
        sheet.passes(cause, Finding::InGroup { who, group }, line);
    }

    /// A group cannot be linked: its members must be (R17).
    fn check_group_linked(&self, sheet: &mut Sheet, case: &Case) {
        let Some(link) = case.link else { return };
        let stated = &self.access.facts.links[link];
        let identity = stated.fact.principal();
        if self.access.active(identity).overlaps(case.window) {
            return;
        }
        let mut principals = self.stated(identity).iter();
        let is_group = principals
            .any(|s| s.fact.kind == PrincipalKind::Group && s.during.overlaps(case.window));
        if is_group {
            let failed = Failed {
                cause: Cause::NotAMember,
                finding: Finding::GroupLinked { who: self.linked(link, case) },
                line: self.line(stated.source),
                change: Change::LinkMembers { partner: case.partner.to_string() },
            };
            sheet.fails(Cause::NotAMember, &failed);
        }
    }

    /// Deny assignments (R20).
    fn check_denied(
        &self,
        sheet: &mut Sheet,
        case: &Case,
        coverage: &Coverage,
        (link, grant): (usize, u32),
        held: &IntervalSet,
    ) {
        let cause = Cause::Denied;
        if let Some(failed) = case.blamed(cause) {
            sheet.fails(cause, failed);
            return;
        }
        let identity = self.access.facts.links[link].fact.principal();
        let reached = self.access.reach.when(identity, self.access.grant(grant).principal);
        let all = held.intersect(&reached).clip(case.window);
        let concerned = self.denied(coverage, identity, grant, &all);
        match concerned {
            // It stands in the way of what else is missing, too.
            Some((deny, taken)) if taken == all && case.credit.is_none() => {
                sheet.fails(cause, &self.deny_failed(deny));
            }
            Some((deny, _)) => {
                let (deny, scope, line) = self.deny_named(deny);
                sheet.passes(cause, Finding::DeniedForAPart { deny, scope }, line);
            }
            None if coverage.denies.is_empty() => sheet.does_not_apply(cause, Finding::NoDeny),
            None => match self.unjudged(coverage, identity, grant, &all).into_iter().next() {
                Some(note) => sheet.passes(cause, note.finding, note.line),
                None => sheet.passes(cause, Finding::NotDenied, Line::default()),
            },
        }
    }

    /// All parts of the way hold at some time, but never together: those that do not last are the
    /// causes.
    pub(super) fn check_parts(
        &self,
        sheet: &mut Sheet,
        case: &Case,
        coverage: &Coverage,
        never: &Failed,
    ) {
        use Cause::{
            EligibleOnly, IdentityInactive, LinkOutsidePeriod, NotAMember, PartnerInactive,
        };
        let (Some(link), Some(grant)) = (case.link, case.grant) else { return };
        let stated = &self.access.facts.links[link];
        let identity = stated.fact.principal();
        let holder = self.access.grant(grant).principal;
        let reach = self.access.reach.when(identity, holder);
        let partner = || self.partner_inactive(case.partner).line;
        let account = || self.identity_inactive(link, case.window).line;
        let linked = || self.line(stated.source);
        let granted = || self.grant_line(grant);
        let parts: [(_, _, IntervalSet, &dyn Fn() -> Line); 5] = [
            (PartnerInactive, Part::Partner, self.partner_active(case.partner), &partner),
            (IdentityInactive, Part::Identity, self.access.active(identity), &account),
            (EligibleOnly, Part::Role, held(coverage, grant), &granted),
            (NotAMember, Part::Group, reach, &granted),
            (LinkOutsidePeriod, Part::Link, stated.during.into(), &linked),
        ];
        let mut any = false;
        for (cause, part, when, line) in parts {
            if !lasts(&when, case.window) {
                any = true;
                let finding = Finding::PartApart { part, during: (&when).into() };
                sheet.fails(cause, &Failed { finding, line: line(), ..never.clone() });
            }
        }
        if !any {
            // What a role means can change with time: it is recognised at another time only.
            let finding = Finding::RoleNotCountedThen;
            sheet.fails(Cause::RoleNotRecognised, &Failed { finding, ..never.clone() });
        }
    }
}

fn held(coverage: &Coverage, grant: u32) -> IntervalSet {
    let mut grants = coverage.grants.iter();
    grants
        .find(|(index, _)| *index == grant)
        .map(|(_, paths)| paths.held.clone())
        .unwrap_or_default()
}

/// Whether a part holds in all of the window.
fn lasts(when: &IntervalSet, window: Interval) -> bool {
    when.clip(window).length() == window.length()
}
