//! The walk through the causes: who is linked to what, and whether both are active.

use super::attempts::{Case, Failed};
use super::checks::Sheet;
use super::{Cause, Change, Explainer, Finding, Named};

impl Explainer<'_> {
    /// Who is linked, to what, where and when: 4, 5, 6, 19.
    pub(super) fn check_links(&self, sheet: &mut Sheet, case: &Case) {
        use Cause::{LinkOutsidePeriod, LinkedElsewhere};
        self.check_linked(sheet, case);
        self.check_partner_id(sheet, case);
        let Some(link) = case.link else {
            for cause in [LinkedElsewhere, LinkOutsidePeriod] {
                sheet.does_not_apply(cause, Finding::NobodyIsLinked);
            }
            return;
        };
        let stated = &self.access.facts.links[link];
        if let Some(failed) = case.blamed(LinkedElsewhere) {
            sheet.fails(LinkedElsewhere, failed);
        } else if case.blamed(Cause::NoAssignment).is_some() {
            sheet.does_not_apply(LinkedElsewhere, Finding::NoAccessHere);
        } else if case.coverage.is_some() {
            let tenant = stated.fact.tenant.to_string();
            let finding = match case.grant {
                Some(_) => Finding::LinkWhereAccessIs { tenant },
                None => Finding::LinkWhereAccessMustBe { tenant },
            };
            sheet.passes(LinkedElsewhere, finding, self.line(stated.source));
        }
        // Without an attempt any link in force will do.
        let in_force = |link: &usize| self.access.facts.links[*link].during.overlaps(case.window);
        let mut links = [link].into_iter().chain(case.links.iter().copied());
        let other = links.find(in_force).filter(|_| case.grant.is_none());
        let link = other.unwrap_or(link);
        let stated = &self.access.facts.links[link];
        match stated.during.overlaps(case.window) {
            true => {
                let finding = Finding::LinkInForce { during: stated.during.into() };
                sheet.passes(LinkOutsidePeriod, finding, self.line(stated.source));
            }
            false => sheet.fails(LinkOutsidePeriod, &self.link_outside(link, case.window)),
        }
    }

    fn check_linked(&self, sheet: &mut Sheet, case: &Case) {
        let cause = Cause::NotLinked;
        let partner = case.partner.to_string();
        let shown = case.coverage.filter(|_| !self.audience.is_partner());
        let held = shown.and_then(|coverage| {
            let mut grants = coverage.grants.iter();
            let (grant, _) = grants.find(|(_, paths)| paths.held.overlaps(case.window))?;
            Some((self.holders(coverage, case.window), self.grant_line(*grant)))
        });
        let Some(link) = case.link else {
            let (held, line) = held.unzip();
            let finding = Finding::NobodyLinked { partner: partner.clone(), held };
            let (line, change) = (line.unwrap_or_default(), Change::LinkIdentity { partner });
            sheet.fails(cause, &Failed { cause, finding, line, change });
            return;
        };
        // The one who linked and the ones who have access are different accounts.
        match held.filter(|_| sheet.has_failed(Cause::NoRole)) {
            Some((held, line)) => {
                let finding = Finding::NoneOfThemLinked { partner: partner.clone(), held };
                let change = Change::LinkHolder { partner };
                sheet.fails(cause, &Failed { cause, finding, line, change });
            }
            None => {
                let line = self.line(self.access.facts.links[link].source);
                sheet.passes(
                    cause,
                    Finding::Linked { who: self.linked(link, case), partner },
                    line,
                );
            }
        }
    }

    fn check_partner_id(&self, sheet: &mut Sheet, case: &Case) {
        let cause = Cause::WrongPartnerId;
        let partner = case.partner.to_string();
        let wrong = case.coverage.filter(|_| case.grant.is_none());
        if let Some(failed) = wrong.and_then(|coverage| self.wrong_id(case, coverage)) {
            sheet.fails(cause, &failed);
            return;
        }
        let Some(link) = case.link else {
            sheet.does_not_apply(cause, Finding::NobodyLinkedAlike);
            return;
        };
        match self.access.partner(case.partner).first() {
            Some(stated) => {
                let partner = Named { id: partner, name: stated.fact.name.clone() };
                sheet.passes(cause, Finding::LinkNames { partner }, self.line(stated.source));
            }
            None => {
                let who = self.linked(link, case);
                let finding = Finding::LinkNamesUnknown { who, partner: partner.clone() };
                let line = self.line(self.access.facts.links[link].source);
                let change = Change::DescribePartner { partner };
                sheet.fails(cause, &Failed { cause, finding, line, change });
            }
        }
    }

    /// Partner and identity: 7, 8.
    pub(super) fn check_parties(&self, sheet: &mut Sheet, case: &Case) {
        use Cause::{IdentityInactive, PartnerInactive};
        let facts = self.access.partner(case.partner).iter();
        let mut facts = facts.filter(|s| s.during.overlaps(case.window));
        match facts.next() {
            Some(stated) => {
                let (partner, during) = (case.partner.to_string(), stated.during.into());
                let finding = Finding::PartnerActive { partner, during };
                sheet.passes(PartnerInactive, finding, self.line(stated.source));
            }
            None => sheet.fails(PartnerInactive, &self.partner_inactive(case.partner)),
        }
        let Some(link) = case.link else {
            sheet.does_not_apply(IdentityInactive, Finding::NobodyIsLinked);
            return;
        };
        let identity = self.access.facts.links[link].fact.principal();
        if !self.access.active(identity).overlaps(case.window) {
            sheet.fails(IdentityInactive, &self.identity_inactive(link, case.window));
            return;
        }
        let mut principals = self.stated(identity).iter();
        let stated = principals.find(|s| s.fact.enabled && s.during.overlaps(case.window));
        if let Some(stated) = stated {
            let (who, during) = (self.linked(link, case), stated.during.into());
            let finding = Finding::IdentityActive { who, during };
            sheet.passes(IdentityInactive, finding, self.line(stated.source));
        }
    }
}
