//! The walk through the causes: who may look, and what is shown. It never changes who is credited.
//!
//! Over the API the facts of now decide, also about the past. No clock is read here, so what has no
//! end counts as being in force.

use pal_model::{Instant, PartnerId, PrivacyLevel, Stated, Viewer, ViewerLevel};

use super::attempts::Case;
use super::causes::CauseId;
use super::checks::Sheet;
use super::not_credited::Cause;
use super::{Audience, Explainer};

impl Explainer<'_> {
    /// Readers of the partner's reports, and the name of the customer in them: 20, 21.
    pub(super) fn check_sight(&self, sheet: &mut Sheet, case: &Case) {
        self.check_viewers(sheet, case);
        self.check_privacy(sheet, case);
    }

    fn check_viewers(&self, sheet: &mut Sheet, case: &Case) {
        let (id, partner) = (CauseId::ViewerLimited, case.partner);
        match self.audience {
            Audience::Everything => {}
            Audience::Partner { money: true, .. } => {
                let detail = format!("you may read the reports of {partner}, with money");
                return sheet.passes(id, &detail, None);
            }
            Audience::Partner { money: false, .. } => {
                let cause = Cause {
                    code: id.code(),
                    found: format!("you may read the reports of {partner}, but without money"),
                    fact: None,
                    change: "ask the operator for the level executive".to_owned(),
                };
                return sheet.fails(id, &cause);
            }
            Audience::Customer(_) => {
                return sheet.does_not_apply(id, "who reads a partner's reports is not shown");
            }
        }
        let viewers = &self.access.facts.viewers;
        if viewers.is_empty() {
            sheet.does_not_apply(id, "no fact says who may read reports");
            return;
        }
        let parents = self.access.partner(partner).iter().filter_map(|s| s.fact.parent);
        // A global account stands for its locations.
        let ids: Vec<PartnerId> = parents.chain([partner]).collect();
        let mine = viewers.iter().filter(|s| in_force(s) && ids.contains(&s.fact.partner));
        let Some(best) = mine.max_by_key(|s| s.fact.level) else {
            let cause = Cause {
                code: id.code(),
                found: format!("nobody but operators may read the reports of {partner}"),
                fact: viewers.first().map(|s| self.place(s.source)),
                change: format!("a 'viewer' fact for {partner} or its global account"),
            };
            sheet.fails(id, &cause);
            return;
        };
        let (who, fact) = (self.viewer(best), self.place(best.source));
        match best.fact.level {
            ViewerLevel::Executive => {
                let detail = format!("{who} may read the reports of {partner}, with money");
                sheet.passes(id, &detail, Some(fact));
            }
            ViewerLevel::Viewer => {
                let cause = Cause {
                    code: id.code(),
                    found: format!("{who} may read the reports of {partner}, but without money"),
                    fact: Some(fact),
                    change: "a 'viewer' fact of the level executive".to_owned(),
                };
                sheet.fails(id, &cause);
            }
        }
    }

    fn viewer(&self, stated: &Stated<Viewer>) -> String {
        self.principal(stated.fact.principal(), Instant::MAX)
    }

    fn check_privacy(&self, sheet: &mut Sheet, case: &Case) {
        let id = CauseId::CustomerRenamed;
        let Some(coverage) = case.coverage else {
            sheet.does_not_apply(id, "it is not known whose subscription it is then");
            return;
        };
        let tenant = coverage.customer;
        let mut stated = self.access.facts.privacy.iter();
        let Some(stated) = stated.find(|s| s.fact.tenant == tenant && in_force(s)) else {
            sheet.passes(id, "no fact hides the customer's name", None);
            return;
        };
        let (level, fact) = (stated.fact.level, self.place(stated.source));
        if level < PrivacyLevel::Masked {
            let detail =
                format!("partners see tenant {tenant} by its name (level {})", level.name());
            sheet.passes(id, &detail, Some(fact));
            return;
        }
        let cause = Cause {
            code: id.code(),
            found: format!("partners see a pseudonym in the place of tenant {tenant}"),
            fact: Some(fact),
            change: "look for the pseudonym, or agree on another level with the customer"
                .to_owned(),
        };
        sheet.fails(id, &cause);
    }
}

/// Whether a fact has no end.
fn in_force<T>(stated: &Stated<T>) -> bool {
    stated.during.to() == Instant::MAX
}
