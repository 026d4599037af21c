//! The walk through the causes: who is linked to what, and whether both are active.

use super::Explainer;
use super::attempts::Case;
use super::causes::CauseId;
use super::checks::Sheet;
use super::not_credited::Cause;

impl Explainer<'_> {
    /// Who is linked, to what, where and when: 4, 5, 6, 19.
    pub(super) fn check_links(&self, sheet: &mut Sheet, case: &Case) {
        use CauseId::{LinkOutsidePeriod, LinkedElsewhere};
        self.check_linked(sheet, case);
        self.check_partner_id(sheet, case);
        let Some(link) = case.link else {
            for id in [LinkedElsewhere, LinkOutsidePeriod] {
                sheet.does_not_apply(id, "nobody is linked");
            }
            return;
        };
        let stated = &self.access.facts.links[link];
        if let Some(cause) = case.blamed("linked-elsewhere") {
            sheet.fails(LinkedElsewhere, cause);
        } else if case.blamed("no-assignment").is_some() {
            sheet.does_not_apply(LinkedElsewhere, "nobody has access here");
        } else if case.coverage.is_some() {
            let detail = match case.grant {
                Some(_) => format!("the link is in tenant {}, as access is", stated.fact.tenant),
                None => format!("the link is in tenant {}, as access must be", stated.fact.tenant),
            };
            sheet.passes(LinkedElsewhere, &detail, Some(self.place(stated.source)));
        }
        // Without an attempt any link in force will do.
        let in_force = |link: &usize| self.access.facts.links[*link].during.overlaps(case.window);
        let mut links = [link].into_iter().chain(case.links.iter().copied());
        let other = links.find(in_force).filter(|_| case.grant.is_none());
        let link = other.unwrap_or(link);
        let stated = &self.access.facts.links[link];
        match stated.during.overlaps(case.window) {
            true => {
                let detail = format!("linked {}", stated.during);
                sheet.passes(LinkOutsidePeriod, &detail, Some(self.place(stated.source)));
            }
            false => sheet.fails(LinkOutsidePeriod, &self.link_outside(link, case.window)),
        }
    }

    fn check_linked(&self, sheet: &mut Sheet, case: &Case) {
        let partner = case.partner;
        let shown = case.coverage.filter(|_| !self.audience.is_partner());
        let held = shown.and_then(|coverage| {
            let mut grants = coverage.grants.iter();
            let (grant, _) = grants.find(|(_, paths)| paths.held.overlaps(case.window))?;
            Some((self.holders(coverage, case.window), self.grant_fact(*grant)))
        });
        let Some(link) = case.link else {
            let mut cause = Cause {
                code: CauseId::NotLinked.code(),
                found: format!("nobody is linked to {partner}"),
                fact: None,
                change: format!("an identity that has access must link to {partner}"),
            };
            if let Some((holders, fact)) = held {
                cause.found = format!("{}; access here is held by {holders}", cause.found);
                cause.fact = Some(fact);
            }
            sheet.fails(CauseId::NotLinked, &cause);
            return;
        };
        // The one who linked and the ones who have access are different accounts.
        match held.filter(|_| sheet.has_failed(CauseId::NoRole)) {
            Some((holders, fact)) => {
                let cause = Cause {
                    code: CauseId::NotLinked.code(),
                    found: format!(
                        "access here is held by {holders}, and none of it is linked to {partner}"
                    ),
                    fact: Some(fact),
                    change: format!("one who has access must link to {partner}"),
                };
                sheet.fails(CauseId::NotLinked, &cause);
            }
            None => {
                let stated = &self.access.facts.links[link];
                let who = self.principal(stated.fact.principal(), case.window.from());
                let detail = format!("{who} is linked to {partner}");
                sheet.passes(CauseId::NotLinked, &detail, Some(self.place(stated.source)));
            }
        }
    }

    fn check_partner_id(&self, sheet: &mut Sheet, case: &Case) {
        let id = CauseId::WrongPartnerId;
        let partner = case.partner;
        let wrong = case.coverage.filter(|_| case.grant.is_none());
        if let Some(cause) = wrong.and_then(|coverage| self.wrong_id(case, coverage)) {
            sheet.fails(id, &cause);
            return;
        }
        let Some(link) = case.link else {
            sheet.does_not_apply(id, "nobody who has access is linked to an ID alike");
            return;
        };
        match self.access.partner(partner).first() {
            Some(stated) => {
                let name = stated.fact.name.as_deref().unwrap_or("without a name");
                let detail = format!("the link names {name} ({partner})");
                sheet.passes(id, &detail, Some(self.place(stated.source)));
            }
            None => {
                let link = &self.access.facts.links[link];
                let who = self.principal(link.fact.principal(), case.window.from());
                let cause = Cause {
                    code: id.code(),
                    found: format!("{who} is linked to {partner}, which no fact describes"),
                    fact: Some(self.place(link.source)),
                    change: format!(
                        "link the ID that is meant, or import a 'partner' fact for {partner}"
                    ),
                };
                sheet.fails(id, &cause);
            }
        }
    }

    /// Partner and identity: 7, 8.
    pub(super) fn check_parties(&self, sheet: &mut Sheet, case: &Case) {
        use CauseId::{IdentityInactive, PartnerInactive};
        let facts = self.access.partner(case.partner).iter();
        let mut facts = facts.filter(|s| s.during.overlaps(case.window));
        match facts.next() {
            Some(stated) => {
                let detail = format!("partner {} is active {}", case.partner, stated.during);
                sheet.passes(PartnerInactive, &detail, Some(self.place(stated.source)));
            }
            None => sheet.fails(PartnerInactive, &self.partner_inactive(case.partner)),
        }
        let Some(link) = case.link else {
            sheet.does_not_apply(IdentityInactive, "nobody is linked");
            return;
        };
        let identity = self.access.facts.links[link].fact.principal();
        if !self.access.active(identity).overlaps(case.window) {
            sheet.fails(IdentityInactive, &self.identity_inactive(link, case.window));
            return;
        }
        let principals = self.access.facts.principals.iter().filter(|s| {
            s.fact.principal() == identity && s.fact.enabled && s.during.overlaps(case.window)
        });
        for stated in principals.take(1) {
            let who = self.principal(identity, case.window.from());
            let detail = format!("{who} exists and is enabled {}", stated.during);
            sheet.passes(IdentityInactive, &detail, Some(self.place(stated.source)));
        }
    }
}
