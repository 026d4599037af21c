//! The kinds of fact: statements about partners, directories and access that hold during an
//! interval. The wire form (JSON Lines) is described in `docs/reference/facts.md`.
//!
//! A new kind is a type, here or in [`sight`](crate::sight), and a line of the table at the end. The
//! order of a type's fields is the order in which they are written; what says no more than absence
//! does is left out.

use std::collections::BTreeMap;
use std::ops::Not;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::kinds::{accounts, kinds};
use crate::shared::Shared;
use crate::sight::{Auditor, LinkAdministrator, Privacy, Viewer};
use crate::stated::{Mark, Source, Stated};
use crate::{
    FactError, Instant, Interval, ObjectId, PartnerId, Principal, RoleId, ScopePath,
    SubscriptionId, TenantId,
};

/// A location or a global account of a partner organisation. Active only while a fact says so (R10).
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Partner {
    /// The partner ID.
    pub partner: PartnerId,
    /// Its name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// Location or global account.
    #[serde(rename = "type")]
    pub kind: PartnerKind,
    /// The global account of a location.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub parent: Option<PartnerId>,
    /// The partner's own tenant.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub home_tenant: Option<TenantId>,
}

/// What a partner ID stands for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum PartnerKind {
    /// What links use.
    Location,
    /// The organisation above its locations.
    Global,
}

/// A directory.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Tenant {
    /// Its id, also the name of its root management group.
    pub tenant: TenantId,
    /// Its name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// Its domain.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub domain: Option<String>,
    /// Its other domains.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub domains: Vec<String>,
}

/// An identity or a group: exists, and is enabled, only inside the interval of a fact that says so.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct PrincipalFact {
    /// The directory.
    pub tenant: TenantId,
    /// The object there.
    pub object: ObjectId,
    /// What it is.
    #[serde(rename = "type")]
    pub kind: PrincipalKind,
    /// Member or guest, for users.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub user_type: Option<UserKind>,
    /// Display name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// The name it signs in with; for a guest that of its own directory.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sign_in_name: Option<String>,
    /// Whether it can sign in.
    #[serde(default = "yes", skip_serializing_if = "Clone::clone")]
    pub enabled: bool,
}

impl PrincipalFact {
    /// The domain by which a person is known to belong somewhere: that of the sign-in name, else
    /// of a name that is an address.
    pub fn domain(&self) -> Option<&str> {
        let names = [&self.sign_in_name, &self.name].into_iter();
        let mut domains = names.filter_map(|name| Some(name.as_deref()?.rsplit_once('@')?.1));
        domains.find(|domain| !domain.is_empty())
    }
}

const fn yes() -> bool {
    true
}

/// The type of a directory object.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum PrincipalKind {
    /// A person.
    User,
    /// An application.
    ServicePrincipal,
    /// An application whose credential the platform keeps.
    ManagedIdentity,
    /// A security group: has members, never a link of its own.
    Group,
}

impl PrincipalKind {
    /// The word used in facts.
    pub const fn name(self) -> &'static str {
        match self {
            Self::User => "User",
            Self::ServicePrincipal => "ServicePrincipal",
            Self::ManagedIdentity => "ManagedIdentity",
            Self::Group => "Group",
        }
    }
}

/// How a user belongs to the directory.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum UserKind {
    /// An account of the directory.
    Member,
    /// An account invited from another directory.
    Guest,
}

/// A member of a group; the member may be a group itself (R17).
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Membership {
    /// The directory of both.
    pub tenant: TenantId,
    /// The group.
    pub group: ObjectId,
    /// The member.
    pub member: ObjectId,
}

/// A management group.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ManagementGroup {
    /// Its tenant.
    pub tenant: TenantId,
    /// Its name (the id in scopes).
    pub name: String,
    /// What people call it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub display_name: Option<String>,
    /// The management group above; absent = the tenant root group.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub parent: Option<String>,
}

/// A subscription: in one tenant and under one management group at a time.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Subscription {
    /// The tenant it belongs to.
    pub tenant: TenantId,
    /// Its id.
    pub subscription: SubscriptionId,
    /// Its name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// The management group it is in; absent = the tenant root group.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub management_group: Option<String>,
}

/// A role definition.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct RoleDefinition {
    /// Its GUID.
    pub role: RoleId,
    /// Its name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// Built in or custom.
    #[serde(rename = "type")]
    pub kind: RoleKind,
    /// Management actions.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub actions: Vec<String>,
    /// Management actions taken out again.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub not_actions: Vec<String>,
    /// Data actions.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub data_actions: Vec<String>,
    /// Data actions taken out again.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub not_data_actions: Vec<String>,
}

/// Who wrote a role definition.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum RoleKind {
    /// The platform.
    #[serde(rename = "BuiltInRole")]
    BuiltIn,
    /// A customer.
    #[serde(rename = "CustomRole")]
    Custom,
}

/// A role as an assignment names it: by GUID, or by a built-in role's name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RoleName {
    /// The GUID of the definition.
    Id(RoleId),
    /// The name of a built-in role, still to be looked up.
    Name(String),
}

impl<'de> Deserialize<'de> for RoleName {
    fn deserialize<D: serde::Deserializer<'de>>(input: D) -> Result<Self, D::Error> {
        let text = String::deserialize(input)?;
        Ok(text.parse().map_or(Self::Name(text), Self::Id))
    }
}

impl Serialize for RoleName {
    fn serialize<S: serde::Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Id(id) => id.serialize(to),
            Self::Name(name) => name.serialize(to),
        }
    }
}

/// A role assignment. An eligible one never credits (R19).
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct RoleAssignment {
    /// The tenant whose resources the role is on.
    pub tenant: TenantId,
    /// Its id.
    pub id: String,
    /// The identity or group that holds the role, in `tenant`.
    pub principal: ObjectId,
    /// The role.
    pub role: RoleName,
    /// Where.
    pub scope: ScopePath,
    /// An ABAC condition: kept and shown, not evaluated (R24).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub condition: Option<String>,
    /// Only eligible: must be activated first.
    #[serde(default, skip_serializing_if = "Not::not")]
    pub eligible: bool,
}

/// A deny assignment (R20).
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct DenyAssignment {
    /// The tenant whose resources it is on.
    pub tenant: TenantId,
    /// Its id.
    pub id: String,
    /// Whom it denies; the all-zero GUID = everyone.
    pub principals: Vec<ObjectId>,
    /// Whom it does not deny all the same.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub exclude_principals: Vec<ObjectId>,
    /// What it denies.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub actions: Vec<String>,
    /// What it leaves.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub not_actions: Vec<String>,
    /// Where.
    pub scope: ScopePath,
    /// Only at the scope itself, not below.
    #[serde(default, skip_serializing_if = "Not::not")]
    pub do_not_apply_to_child_scopes: bool,
    /// Whether it blocks anything.
    #[serde(default, skip_serializing_if = "DenyEffect::is_enforced")]
    pub effect: DenyEffect,
}

/// What a deny assignment does.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum DenyEffect {
    /// It blocks.
    #[default]
    Enforced,
    /// It only logs.
    Audit,
}

impl DenyEffect {
    fn is_enforced(&self) -> bool {
        *self == Self::Enforced
    }
}

/// An Azure Lighthouse delegation (R18): principals live in the managing tenant.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Delegation {
    /// The customer's tenant.
    pub tenant: TenantId,
    /// Its id.
    pub id: String,
    /// A subscription or a resource group.
    pub scope: ScopePath,
    /// The partner's tenant.
    pub managing_tenant: TenantId,
    /// Who gets what.
    pub authorizations: Vec<Authorization>,
}

/// One line of a delegation.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Authorization {
    /// The identity or group, in the managing tenant.
    pub principal: ObjectId,
    /// The role.
    pub role: RoleName,
    /// Only eligible: must be activated first.
    #[serde(default, skip_serializing_if = "Not::not")]
    pub eligible: bool,
}

/// A partner ID linked to an identity: one at a time (R4).
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Link {
    /// The directory of the identity.
    pub tenant: TenantId,
    /// The identity there.
    pub object: ObjectId,
    /// The partner.
    pub partner: PartnerId,
}

accounts!(PrincipalFact Link Viewer LinkAdministrator Auditor);

// The kind, the list in `Facts`, the type, and the fields that say what a fact is about: facts that
// agree in them are about one thing. Of kinds with `once` only one may hold at a time; the closure says
// what is stated twice.
kinds! {
    "partner" partners Partner(Partner): partner, once |p| format!("partner {}", p.partner);
    "tenant" tenants Tenant(Tenant): tenant, once |t| format!("tenant {}", t.tenant);
    "principal" principals Principal(PrincipalFact): tenant object,
        once |p| format!("principal {}", p.principal());
    "membership" memberships Membership(Membership): tenant group member;
    "managementGroup" management_groups ManagementGroup(ManagementGroup): tenant name,
        once |m| format!("management group '{}' of tenant {}", m.name, m.tenant);
    // Not of a tenant: a subscription can move to another, and then the old fact must end.
    "subscription" subscriptions Subscription(Subscription): subscription,
        once |s| format!("subscription {}", s.subscription);
    "roleDefinition" role_definitions RoleDefinition(RoleDefinition): role,
        once |r| format!("role definition {}", r.role);
    "roleAssignment" role_assignments RoleAssignment(RoleAssignment): tenant id;
    "denyAssignment" deny_assignments DenyAssignment(DenyAssignment): tenant id;
    "delegation" delegations Delegation(Delegation): tenant id;
    "link" links Link(Link): tenant object, once |l| format!("the link of {}", l.principal());
    "viewer" viewers Viewer(Viewer): tenant object partner,
        once |v| format!("viewer {} of partner {}", v.principal(), v.partner);
    "linkAdministrator" link_administrators LinkAdministrator(LinkAdministrator): tenant object partner;
    "auditor" auditors Auditor(Auditor): tenant object;
    "privacy" privacy Privacy(Privacy): tenant, once |p| format!("the privacy of tenant {}", p.tenant);
}
