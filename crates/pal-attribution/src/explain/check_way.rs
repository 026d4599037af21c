//! The walk through the causes: the parts of the way from the role to the linked identity.

use pal_model::{Interval, IntervalSet, PrincipalKind};

use super::Explainer;
use super::attempts::{Case, times};
use super::causes::CauseId;
use super::checks::{HOUR, Sheet, covered};
use super::not_credited::Cause;
use crate::access::Coverage;

impl Explainer<'_> {
    /// Role, activation, group, deny: 9 to 12.
    pub(super) fn check_way(&self, sheet: &mut Sheet, case: &Case, coverage: &Coverage) {
        use CauseId::{Denied, EligibleOnly, NotAMember, RoleNotRecognised};
        let (Some(link), Some(grant)) = (case.link, case.grant) else {
            for id in [RoleNotRecognised, EligibleOnly, NotAMember, Denied] {
                sheet.does_not_apply(id, "no linked identity has an active role here");
            }
            if let Some(cause) = case.blamed("eligible-only") {
                sheet.fails(EligibleOnly, cause);
            }
            self.check_group_linked(sheet, case);
            return;
        };
        match case.blamed("role-not-recognised") {
            Some(cause) => sheet.fails(RoleNotRecognised, cause),
            None => {
                let (role, policy) = (self.role_name(grant), &self.access.policy.name);
                let detail = format!("policy {policy} counts {role}");
                sheet.passes(RoleNotRecognised, &detail, Some(self.grant_fact(grant)));
            }
        }
        let held = held(coverage, grant);
        let detail = match case.window.length() {
            1 => format!("the role is active {}", times(&held)),
            all => format!(
                "the role is active for {} h of {} h; the partner is covered for {} h",
                held.clip(case.window).length() / HOUR,
                all / HOUR,
                covered(case) / HOUR
            ),
        };
        sheet.passes(EligibleOnly, &detail, Some(self.grant_fact(grant)));
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
        let id = CauseId::NotAMember;
        let identity = self.access.facts.links[link].fact.principal();
        let holder = self.access.grant(grant).principal;
        if let Some(cause) = case.blamed("not-a-member") {
            sheet.fails(id, cause);
            return;
        }
        if identity == holder {
            sheet.does_not_apply(id, "the linked identity has the role itself");
            return;
        }
        let reached = self.access.reach.when(identity, holder).clip(case.window);
        let both = reached.intersect(held);
        let fact = self.membership(link, grant, if both.is_empty() { &reached } else { &both });
        let at = case.window.from();
        let (who, group) = (self.principal(identity, at), self.principal(holder, at));
        sheet.passes(id, &format!("{who} is in the group {group}"), fact);
    }

    /// A group cannot be linked: its members must be (R17).
    fn check_group_linked(&self, sheet: &mut Sheet, case: &Case) {
        let Some(link) = case.link else { return };
        let stated = &self.access.facts.links[link];
        let identity = stated.fact.principal();
        if self.access.active(identity).overlaps(case.window) {
            return;
        }
        let mut principals = self.access.facts.principals.iter();
        let is_group = principals.any(|s| {
            s.fact.principal() == identity
                && s.fact.kind == PrincipalKind::Group
                && s.during.overlaps(case.window)
        });
        if is_group {
            let who = self.principal(identity, case.window.from());
            let cause = Cause {
                code: CauseId::NotAMember.code(),
                found: format!("{who} is a group: a link of it counts for nobody"),
                fact: Some(self.place(stated.source)),
                change: format!("its members must link to {}", case.partner),
            };
            sheet.fails(CauseId::NotAMember, &cause);
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
        let id = CauseId::Denied;
        if let Some(cause) = case.blamed("denied") {
            sheet.fails(id, cause);
            return;
        }
        let identity = self.access.facts.links[link].fact.principal();
        let reached = self.access.reach.when(identity, self.access.grant(grant).principal);
        let all = held.intersect(&reached).clip(case.window);
        match self.deny(coverage, identity, grant, &all) {
            // It stands in the way of what else is missing, too.
            Some((cause, taken)) if taken == all && case.credit.is_none() => {
                sheet.fails(id, &cause);
            }
            Some((cause, _)) => {
                let detail = format!("{} takes away a part of the time", cause.found);
                sheet.passes(id, &detail, cause.fact);
            }
            None if coverage.denies.is_empty() => {
                sheet.does_not_apply(id, "there is no deny assignment here");
            }
            None => match self.unjudged(coverage, identity, grant, &all).into_iter().next() {
                Some(note) => sheet.passes(id, &note.text, note.fact),
                None => sheet.passes(id, "no deny assignment here takes the role away", None),
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
        never: &Cause,
    ) {
        use CauseId::{
            EligibleOnly, IdentityInactive, LinkOutsidePeriod, NotAMember, PartnerInactive,
            RoleNotRecognised,
        };
        let (Some(link), Some(grant)) = (case.link, case.grant) else { return };
        let stated = &self.access.facts.links[link];
        let identity = stated.fact.principal();
        let holder = self.access.grant(grant).principal;
        let partner = self.access.partner(case.partner);
        let parts = [
            (PartnerInactive, "the partner is active", self.partner_active(case.partner)),
            (IdentityInactive, "the identity is enabled", self.access.active(identity)),
            (EligibleOnly, "the role is active", held(coverage, grant)),
            (NotAMember, "the identity is in the group", self.access.reach.when(identity, holder)),
            (LinkOutsidePeriod, "the link is in force", stated.during.into()),
        ];
        let mut any = false;
        for (id, what, when) in parts {
            if lasts(&when, case.window) {
                continue;
            }
            any = true;
            let cause = Cause {
                code: id.code(),
                found: format!("{what} {}, and never together with the rest", times(&when)),
                fact: match id {
                    PartnerInactive => partner.first().map(|s| self.place(s.source)),
                    IdentityInactive => self.identity_inactive(link, case.window).fact,
                    LinkOutsidePeriod => Some(self.place(stated.source)),
                    _ => Some(self.grant_fact(grant)),
                },
                change: never.change.clone(),
            };
            sheet.fails(id, &cause);
        }
        if !any {
            // What a role means can change with time: it is recognised at another time only.
            let cause =
                Cause { found: "the policy does not count the role then".into(), ..never.clone() };
            sheet.fails(RoleNotRecognised, &cause);
        }
    }
}

/// When a grant is on the chain.
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
