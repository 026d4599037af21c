//! Who reads an explanation, and what of it that reader may see.
//!
//! An explanation is made of facts, and cannot be cut afterwards: who else has access is a part of
//! what was found. So the facts are cut first (`cut.rs`), and what is then explained is a world in
//! which there is nothing that the reader may not see. What is hidden cannot leak, because it is not
//! there. Credit does not change by that: whatever a partner's own credit stands on is kept.

use std::collections::{BTreeMap, BTreeSet};

use pal_model::{Facts, PartnerId, PrivacyLevel, ScopePath, TenantId};

use super::cut::{self, is_subscription, most};
use super::{Explainer, Explanation, Scope};

#[derive(Debug, Clone, Default)]
pub enum Audience {
    #[default]
    Everything,
    /// A viewer of a partner's reports: its own ways, and of customers what they show (P12).
    Partner {
        partners: BTreeSet<PartnerId>,
        /// Whether amounts are shown (R-2B).
        money: bool,
        /// What customers show; where there is no entry, it is the default level.
        privacy: BTreeMap<TenantId, PrivacyLevel>,
    },
    /// An auditor of a customer: everything in this directory, and how others work in it.
    Customer(TenantId),
}

impl Audience {
    /// The facts that may be seen when a scope is asked about; `None` = as if it were not there: it
    /// is not, the reader has nothing to do with it, or its customer does not show it.
    pub fn cut(&self, facts: &Facts, resource: &ScopePath) -> Option<Facts> {
        match self {
            Self::Everything => Some(facts.clone()),
            Self::Partner { partners, privacy, .. } => {
                cut::of_partner(facts, partners, &|tenant| level(privacy, tenant), resource)
            }
            Self::Customer(tenant) => cut::of_customer(facts, *tenant, resource),
        }
    }

    /// Whether sums may be read.
    pub const fn sees_money(&self) -> bool {
        !matches!(self, Self::Partner { money: false, .. })
    }

    /// Whether a report for the reader has a cell of this scope for charges of a customer.
    pub(super) fn sees_charges(&self, customer: Option<TenantId>, scope: &ScopePath) -> bool {
        match (self, customer) {
            (Self::Everything, _) => true,
            (Self::Customer(own), _) => customer == Some(*own),
            (Self::Partner { privacy, .. }, Some(tenant)) => level(privacy, tenant) <= most(scope),
            (Self::Partner { .. }, None) => false,
        }
    }

    /// Whether the reader is told what a partner is credited with.
    pub(super) fn sees_partner(&self, id: PartnerId) -> bool {
        match self {
            Self::Partner { partners, .. } => partners.contains(&id),
            Self::Everything | Self::Customer(_) => true,
        }
    }

    /// Whether the reader is a partner's: of others it is told nothing.
    pub(super) const fn is_partner(&self) -> bool {
        matches!(self, Self::Partner { .. })
    }

    /// Whether a directory is another's whose groups and accounts the reader does not see.
    pub(super) fn is_foreign(&self, tenant: TenantId) -> bool {
        matches!(self, Self::Customer(own) if *own != tenant)
    }
}

fn level(privacy: &BTreeMap<TenantId, PrivacyLevel>, tenant: TenantId) -> PrivacyLevel {
    privacy.get(&tenant).copied().unwrap_or_default()
}

impl Explainer<'_> {
    /// A scope of a customer, as far as it may be named to the reader.
    pub(super) fn scope(&self, scope: &ScopePath, customer: TenantId) -> Scope {
        match (&self.audience, scope.subscription()) {
            (Audience::Partner { privacy, .. }, Some(subscription))
                if !is_subscription(scope) && level(privacy, customer) > PrivacyLevel::Full =>
            {
                Scope::Inside(subscription.to_owned())
            }
            _ => Scope::Path(scope.to_string()),
        }
    }
}

impl Explanation {
    /// Leaves out where facts are written: a reader has not got the files, and line numbers would
    /// count the facts of others.
    pub(super) fn without_places(&mut self) {
        for path in self.credited.iter_mut().flat_map(|credited| &mut credited.paths) {
            path.steps.iter_mut().for_each(|step| step.line.fact = None);
            path.notes.iter_mut().for_each(|note| note.line.fact = None);
        }
        let checks = self.not_credited.iter_mut().flat_map(|denied| &mut denied.checks);
        let walk = self.checks.iter_mut().flatten();
        checks.chain(walk).for_each(|check| check.line.fact = None);
    }
}
