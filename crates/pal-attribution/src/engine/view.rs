//! What of a report a reader may see. Columns are hidden before rows are added up, so that what is
//! left is still rounded once and adds up.

use std::collections::{BTreeMap, BTreeSet};

use pal_model::{KeyColumn, PartnerId, PrivacyLevel, TenantId};

/// A part of a report. The default is all of it.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash)]
pub struct View {
    /// Only rows of these partners.
    pub partners: Option<BTreeSet<PartnerId>>,
    /// Only rows of this customer.
    pub customer: Option<TenantId>,
    /// Whether only one location of a global account counts for a charge (R27): for rows that add up
    /// over locations.
    pub without_duplicates: bool,
    /// Whether columns with money are left out.
    pub without_money: bool,
    /// How much of customers is shown; `None` = all of everybody.
    pub privacy: Option<PrivacyLevels>,
}

/// How much of each customer is shown.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash)]
pub struct PrivacyLevels {
    /// Where there is no entry, it is the default level.
    pub levels: BTreeMap<TenantId, PrivacyLevel>,
    /// Names of customers that are masked.
    pub pseudonyms: BTreeMap<TenantId, String>,
}

/// Which rows of what is shown are wanted, by what they show: where a customer is masked, its pseudonym
/// is what names it, and nothing else; what is hidden has no name at all.
#[derive(Debug, Clone, Copy, Default)]
pub struct Only<'o> {
    /// Of the customer of this `customer_tenant_id`.
    pub customer: Option<&'o str>,
    /// Of this `subscription_id`.
    pub subscription: Option<&'o str>,
}

impl<'o> Only<'o> {
    pub fn columns(&self) -> Vec<KeyColumn> {
        self.named().map(|(column, _)| column).collect()
    }

    /// The columns that decide, and what they must show. Case does not count.
    pub(super) fn named(&self) -> impl Iterator<Item = (KeyColumn, &'o str)> + use<'o> {
        let named = [
            (KeyColumn::CustomerTenantId, self.customer),
            (KeyColumn::SubscriptionId, self.subscription),
        ];
        named.into_iter().filter_map(|(column, name)| Some((column, name?)))
    }
}

impl View {
    pub(super) fn shows_partner(&self, partner: PartnerId) -> bool {
        self.partners.as_ref().is_none_or(|partners| partners.contains(&partner))
    }

    pub(super) fn shows_customer(&self, customer: Option<TenantId>) -> bool {
        self.customer.is_none() || self.customer == customer
    }

    /// Whether a column of a customer's rows is left empty.
    pub(super) fn hides(&self, column: KeyColumn, customer: Option<TenantId>) -> bool {
        let level = self.level(customer);
        match column {
            KeyColumn::ResourceId | KeyColumn::ResourceGroup => level > PrivacyLevel::Full,
            KeyColumn::SubscriptionId | KeyColumn::SubscriptionName => {
                level > PrivacyLevel::Subscription
            }
            // All are named, so that whoever adds a column decides from whom it is hidden.
            KeyColumn::Month
            | KeyColumn::PartnerId
            | KeyColumn::PartnerName
            | KeyColumn::PartnerGlobalId
            | KeyColumn::AssociationType
            | KeyColumn::AdminType
            | KeyColumn::PecEligible
            | KeyColumn::DuplicateInGlobal
            | KeyColumn::CustomerTenantId
            | KeyColumn::CustomerTenantName
            | KeyColumn::ServiceCategory
            | KeyColumn::ServiceName
            | KeyColumn::Currency => false,
        }
    }

    /// What stands in the place of a customer's id and name; `None` = they are shown.
    pub(super) fn pseudonym(&self, customer: TenantId) -> Option<String> {
        let privacy = self.privacy.as_ref()?;
        (self.level(Some(customer)) == PrivacyLevel::Masked)
            .then(|| privacy.pseudonyms.get(&customer).cloned().unwrap_or_default())
    }

    fn level(&self, customer: Option<TenantId>) -> PrivacyLevel {
        let Some(privacy) = &self.privacy else { return PrivacyLevel::Full };
        customer.and_then(|id| privacy.levels.get(&id).copied()).unwrap_or_default()
    }
}
