//! Partners.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::text::{PartnerNumber, PartnerStatus, PartnerType};

/// What a partner ID stands for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Partner {
    /// The partner ID.
    pub partner_id: PartnerNumber,
    /// Its name.
    pub name: Option<String>,
    /// Whether it holds now.
    pub status: PartnerStatus,
    /// What it is of.
    #[serde(rename = "type")]
    pub kind: PartnerType,
    /// The global account of a location.
    pub parent_id: Option<PartnerNumber>,
    /// The active locations of a global account.
    pub locations: Vec<Location>,
}

/// A location of a global account.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Location {
    /// Its partner ID.
    pub partner_id: PartnerNumber,
    /// Its name.
    pub name: Option<String>,
}
