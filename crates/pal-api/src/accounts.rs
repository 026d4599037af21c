//! Accounts, their links and their access.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::text::{
    AccountKind, Guid, LinkWarning, Moment, PartnerNumber, PrivacyLevel, RoleClass, StepKind,
};

/// Who the caller is here, its link, and the subscriptions that it sees.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Me {
    /// The directory.
    pub tenant_id: Guid,
    /// The account in it.
    pub object_id: Guid,
    /// The name of the account.
    pub name: Option<String>,
    /// When the operator erased the name and the sign-ins of its person.
    pub erased_time: Option<Moment>,
    /// What it is.
    #[serde(rename = "type")]
    pub kind: AccountKind,
    /// Whether it is a guest in the directory.
    pub guest: bool,
    /// The name of the directory.
    pub tenant_name: Option<String>,
    /// Its first domain.
    pub tenant_domain: Option<String>,
    /// Whether the account may read everything.
    pub operator: bool,
    /// What it is linked to.
    pub link: Option<LinkedTo>,
    /// What it has a role on or in.
    pub subscriptions: Vec<Subscription>,
    /// Why the link earns less than it could.
    pub warnings: Vec<LinkWarning>,
}

/// The link of an account.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct LinkedTo {
    /// The partner.
    pub partner_id: PartnerNumber,
    /// Its name.
    pub partner_name: Option<String>,
    /// Rises by one with every change.
    #[schemars(range(min = 1))]
    pub version: i64,
    /// When it was changed last.
    pub updated_time: Moment,
    /// When it was made.
    pub created_time: Moment,
}

/// A subscription.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Subscription {
    /// Its ID.
    pub subscription_id: Guid,
    /// Its name.
    pub display_name: Option<String>,
    /// The directory that it belongs to.
    pub tenant_id: Guid,
}

/// A role that an account holds and that reaches a subscription.
#[expect(clippy::struct_excessive_bools, reason = "each is a field of the answer")]
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Grant {
    /// Where.
    pub scope: String,
    /// What that is called.
    pub scope_name: Option<String>,
    /// Whose it is.
    pub customer_tenant_id: Guid,
    /// The name of that directory.
    pub customer_tenant_name: Option<String>,
    /// The name of the role, else the ID of its definition.
    pub role: String,
    /// Its class.
    pub role_class: RoleClass,
    /// Whether the table of partner earned credit calls it eligible.
    pub pec_eligible: bool,
    /// From the account outwards; empty = assigned to the account itself.
    pub via: Vec<GrantStep>,
    /// Since when; `null` = always.
    pub from: Option<Moment>,
    /// Until when; `null` = for ever.
    pub to: Option<Moment>,
    /// It must be activated first, and earns nothing before that.
    pub eligible_only: bool,
    /// Deny assignments take all of it away.
    pub denied: bool,
    /// It has a condition, which is not judged.
    pub condition: bool,
    /// The start of the grant, or of a membership on the way to it, is assumed.
    pub assumed: bool,
}

/// A step on the way to a grant.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct GrantStep {
    /// Through what.
    pub kind: StepKind,
    /// Its ID.
    pub id: String,
    /// Its name.
    pub name: Option<String>,
}

/// An account.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(inline)]
pub struct Account {
    /// Its directory.
    pub tenant_id: Guid,
    /// The name of that.
    pub tenant_name: Option<String>,
    /// Its ID there.
    pub object_id: Guid,
    /// Its name.
    pub name: Option<String>,
    /// The name that it signs in with.
    pub sign_in_name: Option<String>,
    /// What it is; `null` = no fact says it.
    #[serde(rename = "type")]
    pub kind: Option<AccountKind>,
    /// Whether it is there and enabled.
    pub enabled: bool,
    /// There is no evidence since when it is so.
    pub assumed: bool,
}

/// An account that could be linked and is not.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Gap {
    /// The account.
    #[serde(flatten)]
    pub account: Account,
    /// What it sees of customers.
    pub subscriptions: Vec<Subscription>,
}

/// An account that is linked.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Link {
    /// The account.
    #[serde(flatten)]
    pub account: Account,
    /// The partner.
    pub partner_id: PartnerNumber,
    /// Its name.
    pub partner_name: Option<String>,
    /// Since when it is linked; `null` = always.
    pub since: Option<Moment>,
    /// There is no evidence for that.
    pub since_assumed: bool,
    /// What it sees.
    pub subscriptions: Vec<Subscription>,
    /// Why the link earns less than it could.
    pub warnings: Vec<LinkWarning>,
}

/// What partners see of a directory.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Privacy {
    /// The directory.
    pub tenant_id: Guid,
    /// What partners see of it.
    pub privacy: PrivacyLevel,
}

/// What partners are to see of the caller's directory from now on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct PrivacyChange {
    /// The level.
    #[serde(default)]
    #[schemars(required)]
    pub level: PrivacyLevel,
}
