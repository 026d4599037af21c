//! Who reads an explanation, and what of it that reader may see.
//!
//! An explanation is prose made of facts, and prose cannot be cut afterwards: who else has access
//! stands in the middle of sentences. So the facts are cut first (`cut.rs`), and what is then
//! explained is a world in which there is nothing that the reader may not see. What is hidden
//! cannot leak, because it is not there. Credit does not change by that: whatever a partner's own
//! credit stands on is kept.
//!
//! What is left for this file are the words: where other people's access decides, the reader is
//! told of its own.

use std::collections::{BTreeMap, BTreeSet};

use pal_model::{Facts, PartnerId, PrivacyLevel, ScopePath, TenantId};

use super::{Explainer, Explanation, Line, cut};

/// Who reads an explanation.
#[derive(Debug, Clone, Default)]
pub enum Audience {
    /// An operator: everything.
    #[default]
    Everything,
    /// A viewer of a partner's reports: its own ways, and of customers what they show (P12).
    Partner {
        /// The partner IDs that are the reader's.
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

    /// A scope of a customer, as far as it may be named.
    pub(super) fn scope(&self, scope: &ScopePath, customer: TenantId) -> String {
        match (self, scope.subscription()) {
            (Self::Partner { privacy, .. }, Some(subscription))
                if !is_subscription(scope) && level(privacy, customer) > PrivacyLevel::Full =>
            {
                format!(
                    "a scope inside subscription {subscription} (the customer does not show it)"
                )
            }
            _ => scope.to_string(),
        }
    }
}

fn level(privacy: &BTreeMap<TenantId, PrivacyLevel>, tenant: TenantId) -> PrivacyLevel {
    privacy.get(&tenant).copied().unwrap_or_default()
}

/// The level that shows least of those that show a scope.
pub(super) fn most(scope: &ScopePath) -> PrivacyLevel {
    if is_subscription(scope) { PrivacyLevel::Subscription } else { PrivacyLevel::Full }
}

/// Whether a path is a subscription, and nothing in one.
fn is_subscription(scope: &ScopePath) -> bool {
    scope.subscription().is_some() && scope.chain().len() == 1
}

impl Explainer<'_> {
    /// A scope of a customer, as far as the reader may see it.
    pub(super) fn scope(&self, scope: &ScopePath, customer: TenantId) -> String {
        self.audience.scope(scope, customer)
    }
}

impl Explanation {
    /// Leaves out where facts are written: a reader has not got the files, and line numbers would
    /// count the facts of others.
    pub(super) fn without_places(&mut self) {
        let paths = self.credited.iter_mut().flat_map(|credited| &mut credited.paths);
        for path in paths {
            path.steps.iter_mut().for_each(|step| Line::hide(&mut step.fact));
            path.notes.iter_mut().for_each(|note| Line::hide(&mut note.fact));
        }
        let checks = self.not_credited.iter_mut().flat_map(|denied| &mut denied.checks);
        checks.for_each(|check| Line::hide(&mut check.fact));
        self.walk.iter_mut().flatten().for_each(|check| Line::hide(&mut check.fact));
    }
}
