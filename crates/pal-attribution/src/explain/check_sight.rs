//! The walk through the causes: who may look, and what is shown. It never changes who is credited.
//!
//! Over the API the facts of now decide, also about the past. No clock is read here, so what has no
//! end counts as being in force.

use pal_model::{Instant, PartnerId, PrivacyLevel, Stated, ViewerLevel};

use super::attempts::{Case, Failed};
use super::checks::Sheet;
use super::{Audience, Cause, Change, Explainer, Finding, Line};

impl Explainer<'_> {
    /// Readers of the partner's reports, and the name of the customer in them: 20, 21.
    pub(super) fn check_sight(&self, sheet: &mut Sheet, case: &Case) {
        self.check_viewers(sheet, case);
        self.check_privacy(sheet, case);
    }

    fn check_viewers(&self, sheet: &mut Sheet, case: &Case) {
        let (cause, partner) = (Cause::ViewerLimited, case.partner.to_string());
        let mut limited = |finding, line, change| {
            sheet.fails(cause, &Failed { cause, finding, line, change });
        };
        match self.audience {
            Audience::Everything => {}
            Audience::Partner { money: true, .. } => {
                return sheet.passes(cause, Finding::YouMayRead { partner }, Line::default());
            }
            Audience::Partner { money: false, .. } => {
                let finding = Finding::YouMayReadWithoutMoney { partner };
                return limited(finding, Line::default(), Change::AskExecutive);
            }
            Audience::Customer(_) => return sheet.does_not_apply(cause, Finding::ReadersNotShown),
        }
        let viewers = &self.access.facts.viewers;
        let Some(any) = viewers.first() else {
            return sheet.does_not_apply(cause, Finding::ReadersNotKnown);
        };
        let parents = self.access.partner(case.partner).iter().filter_map(|s| s.fact.parent);
        // A global account stands for its locations.
        let ids: Vec<PartnerId> = parents.chain([case.partner]).collect();
        let mine = viewers.iter().filter(|s| in_force(s) && ids.contains(&s.fact.partner));
        let Some(best) = mine.max_by_key(|s| s.fact.level) else {
            let finding = Finding::NobodyMayRead { partner: partner.clone() };
            return limited(finding, self.line(any.source), Change::AddViewer { partner });
        };
        let who = self.principal(best.fact.principal(), Instant::MAX);
        let line = self.line(best.source);
        match best.fact.level {
            ViewerLevel::Executive => sheet.passes(cause, Finding::MayRead { who, partner }, line),
            ViewerLevel::Viewer => {
                limited(Finding::MayReadWithoutMoney { who, partner }, line, Change::RaiseViewer);
            }
        }
    }

    fn check_privacy(&self, sheet: &mut Sheet, case: &Case) {
        let cause = Cause::CustomerRenamed;
        let Some(coverage) = case.coverage else {
            return sheet.does_not_apply(cause, Finding::OwnerNotKnown);
        };
        let mut stated = self.access.facts.privacy.iter();
        let Some(stated) = stated.find(|s| s.fact.tenant == coverage.customer && in_force(s))
        else {
            return sheet.passes(cause, Finding::NameShown, Line::default());
        };
        let (tenant, level) = (coverage.customer.to_string(), stated.fact.level);
        let line = self.line(stated.source);
        if level < PrivacyLevel::Masked {
            let level = level.name().to_owned();
            return sheet.passes(cause, Finding::NameShownAtLevel { tenant, level }, line);
        }
        let (finding, change) = (Finding::Pseudonym { tenant }, Change::LookForPseudonym);
        sheet.fails(cause, &Failed { cause, finding, line, change });
    }
}

/// Whether a fact has no end.
fn in_force<T>(stated: &Stated<T>) -> bool {
    stated.during.to() == Instant::MAX
}
