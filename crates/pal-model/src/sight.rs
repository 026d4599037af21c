//! Facts about who may look at what, beside access: they never make credit.

use serde::{Deserialize, Serialize};

use crate::{ObjectId, PartnerId, TenantId};

/// Somebody may read the reports of a partner (R-2B). A global account stands for its locations.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Viewer {
    /// The directory of the account.
    pub tenant: TenantId,
    /// The account there.
    pub object: ObjectId,
    /// The partner ID.
    pub partner: PartnerId,
    /// With or without money.
    pub level: ViewerLevel,
}

/// What a viewer of reports may read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum ViewerLevel {
    /// Everything but money.
    Viewer,
    /// Everything.
    Executive,
}

/// Somebody may see who is linked to a partner, and who has access and is not. A global account
/// stands for its locations.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct LinkAdministrator {
    /// The directory of the account.
    pub tenant: TenantId,
    /// The account there.
    pub object: ObjectId,
    /// The partner ID.
    pub partner: PartnerId,
}

/// Somebody may see everything about the directory that the account is in.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Auditor {
    /// The directory, of the account and to be looked at.
    pub tenant: TenantId,
    /// The account there.
    pub object: ObjectId,
}

/// How much of a customer's directory partners see in reports.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Privacy {
    /// The customer's directory.
    pub tenant: TenantId,
    /// How much.
    pub level: PrivacyLevel,
}

/// What partners see of a customer. Each level shows less than the one before.
#[derive(
    Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
)]
#[serde(rename_all = "kebab-case")]
pub enum PrivacyLevel {
    /// Resources, too.
    Full,
    /// Subscriptions, and no resources and resource groups.
    #[default]
    Subscription,
    /// The sum of the directory.
    TenantTotal,
    /// The sum, and a lasting pseudonym in the place of the directory's name and id.
    Masked,
}

impl PrivacyLevel {
    /// The word used in facts.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Full => "full",
            Self::Subscription => "subscription",
            Self::TenantTotal => "tenant-total",
            Self::Masked => "masked",
        }
    }
}
