//! Alerts.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::text::{AlertCode, Guid, Moment, PartnerNumber, Severity};

/// What will cost a partner credit, or already does.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Alert {
    /// What it is about.
    pub code: AlertCode,
    /// How much it matters.
    pub severity: Severity,
    /// When; `null` = it is so now.
    pub at: Option<Moment>,
    /// Which partner loses.
    pub partner_id: Option<PartnerNumber>,
    /// In which customer.
    pub tenant_id: Guid,
    /// The directory of the account.
    pub principal_tenant_id: Option<Guid>,
    /// The account.
    pub principal_id: Option<Guid>,
    /// On what.
    pub scope: Option<String>,
    /// For people.
    pub message: String,
    /// One of the facts behind it has a start that is assumed.
    #[serde(default)]
    #[schemars(required)]
    pub assumed: bool,
}

/// What is said beside alerts.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(inline)]
pub struct AlertsReach {
    /// What could not be decided.
    pub not_looked_at: Vec<NotLookedAt>,
    /// The usage reaches up to here; `null` = there is none.
    pub complete_until: Option<Moment>,
}

/// A kind of alert that could not be decided.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct NotLookedAt {
    /// Which.
    pub code: AlertCode,
    /// Why not.
    pub why: String,
}
