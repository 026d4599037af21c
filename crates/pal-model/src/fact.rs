//! The kinds of fact: statements about partners, directories and access that hold during an
//! interval. The wire form (JSON Lines) is described in `docs/reference/facts.md`.

use serde::Deserialize;

use crate::sight::{Auditor, LinkAdministrator, Privacy, Viewer};
use crate::{ObjectId, PartnerId, Principal, RoleId, ScopePath, SubscriptionId, TenantId};

/// A location or a global account of a partner organisation. Active only while a fact says so (R10).
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Partner {
    /// The partner ID.
    pub partner: PartnerId,
    /// Its name.
    pub name: Option<String>,
    /// Location or global account.
    #[serde(rename = "type")]
    pub kind: PartnerKind,
    /// The global account of a location.
    pub parent: Option<PartnerId>,
    /// The partner's own tenant.
    pub home_tenant: Option<TenantId>,
}

/// What a partner ID stands for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum PartnerKind {
    /// What links use.
    Location,
    /// The organisation above its locations.
    Global,
}

/// A directory.
#[derive(Debug, Clone, Deserialize)]
pub struct Tenant {
    /// Its id, also the name of its root management group.
    pub tenant: TenantId,
    /// Its name.
    pub name: Option<String>,
    /// Its domain.
    pub domain: Option<String>,
    /// Its other domains.
    #[serde(default)]
    pub domains: Vec<String>,
}

/// An identity or a group: exists, and is enabled, only inside the interval of a fact that says so.
#[derive(Debug, Clone, Deserialize)]
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
    pub user_type: Option<UserKind>,
    /// Display name.
    pub name: Option<String>,
    /// The name it signs in with; for a guest that of its own directory.
    pub sign_in_name: Option<String>,
    /// Whether it can sign in.
    #[serde(default = "yes")]
    pub enabled: bool,
}

impl PrincipalFact {
    /// The pair.
    pub const fn principal(&self) -> Principal {
        Principal::new(self.tenant, self.object)
    }

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
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
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
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
pub enum UserKind {
    /// An account of the directory.
    Member,
    /// An account invited from another directory.
    Guest,
}

/// A member of a group; the member may be a group itself (R17).
#[derive(Debug, Clone, Deserialize)]
pub struct Membership {
    /// The directory of both.
    pub tenant: TenantId,
    /// The group.
    pub group: ObjectId,
    /// The member.
    pub member: ObjectId,
}

/// A management group.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ManagementGroup {
    /// Its tenant.
    pub tenant: TenantId,
    /// Its name (the id in scopes).
    pub name: String,
    /// What people call it.
    pub display_name: Option<String>,
    /// The management group above; absent = the tenant root group.
    pub parent: Option<String>,
}

/// A subscription: in one tenant and under one management group at a time.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Subscription {
    /// The tenant it belongs to.
    pub tenant: TenantId,
    /// Its id.
    pub subscription: SubscriptionId,
    /// Its name.
    pub name: Option<String>,
    /// The management group it is in; absent = the tenant root group.
    pub management_group: Option<String>,
}

/// A role definition.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct RoleDefinition {
    /// Its GUID.
    pub role: RoleId,
    /// Its name.
    pub name: Option<String>,
    /// Built in or custom.
    #[serde(rename = "type")]
    pub kind: RoleKind,
    /// Management actions.
    #[serde(default)]
    pub actions: Vec<String>,
    /// Management actions taken out again.
    #[serde(default)]
    pub not_actions: Vec<String>,
    /// Data actions.
    #[serde(default)]
    pub data_actions: Vec<String>,
    /// Data actions taken out again.
    #[serde(default)]
    pub not_data_actions: Vec<String>,
}

/// Who wrote a role definition.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
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

/// A role assignment. An eligible one never credits (R19).
#[derive(Debug, Clone, Deserialize)]
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
    /// Only eligible: must be activated first.
    #[serde(default)]
    pub eligible: bool,
    /// An ABAC condition: kept and shown, not evaluated (R24).
    pub condition: Option<String>,
}

/// A deny assignment (R20).
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct DenyAssignment {
    /// The tenant whose resources it is on.
    pub tenant: TenantId,
    /// Its id.
    pub id: String,
    /// Whom it denies; the all-zero GUID = everyone.
    pub principals: Vec<ObjectId>,
    /// Whom it does not deny all the same.
    #[serde(default)]
    pub exclude_principals: Vec<ObjectId>,
    /// What it denies.
    #[serde(default)]
    pub actions: Vec<String>,
    /// What it leaves.
    #[serde(default)]
    pub not_actions: Vec<String>,
    /// Where.
    pub scope: ScopePath,
    /// Only at the scope itself, not below.
    #[serde(default)]
    pub do_not_apply_to_child_scopes: bool,
    /// Whether it blocks anything.
    #[serde(default)]
    pub effect: DenyEffect,
}

/// What a deny assignment does.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum DenyEffect {
    /// It blocks.
    #[default]
    Enforced,
    /// It only logs.
    Audit,
}

/// An Azure Lighthouse delegation (R18): principals live in the managing tenant.
#[derive(Debug, Clone, Deserialize)]
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
#[derive(Debug, Clone, Deserialize)]
pub struct Authorization {
    /// The identity or group, in the managing tenant.
    pub principal: ObjectId,
    /// The role.
    pub role: RoleName,
    /// Only eligible: must be activated first.
    #[serde(default)]
    pub eligible: bool,
}

/// A partner ID linked to an identity: one at a time (R4).
#[derive(Debug, Clone, Deserialize)]
pub struct Link {
    /// The directory of the identity.
    pub tenant: TenantId,
    /// The identity there.
    pub object: ObjectId,
    /// The partner.
    pub partner: PartnerId,
}

impl Link {
    /// The pair.
    pub const fn principal(&self) -> Principal {
        Principal::new(self.tenant, self.object)
    }
}

macro_rules! kinds {
    ($($kind:literal $variant:ident($type:ty): $($field:literal)*;)*) => {
        /// A fact of any kind.
        #[derive(Debug, Clone)]
        pub enum Fact {
            $(
                #[doc = concat!("`", $kind, "`")]
                $variant($type),
            )*
        }

        impl Fact {
            /// Reads the fact of `kind` from a whole line; `None` = there is no such kind.
            pub(crate) fn read(kind: &str, line: &str) -> Option<serde_json::Result<Self>> {
                match kind {
                    $($kind => Some(serde_json::from_str(line).map(Self::$variant)),)*
                    _ => None,
                }
            }

            /// Every kind.
            pub const KINDS: &[&str] = &[$($kind),*];

            /// The fields a kind takes beside those that every line may have.
            pub fn fields(kind: &str) -> &'static [&'static str] {
                match kind {
                    $($kind => &[$($field),*],)*
                    _ => &[],
                }
            }
        }
    };
}

kinds! {
    "partner" Partner(Partner): "partner" "name" "type" "parent" "homeTenant";
    "tenant" Tenant(Tenant): "tenant" "name" "domain" "domains";
    "principal" Principal(PrincipalFact): "tenant" "object" "type" "userType" "name" "signInName" "enabled";
    "membership" Membership(Membership): "tenant" "group" "member";
    "managementGroup" ManagementGroup(ManagementGroup): "tenant" "name" "displayName" "parent";
    "subscription" Subscription(Subscription): "tenant" "subscription" "name" "managementGroup";
    "roleDefinition" RoleDefinition(RoleDefinition): "role" "name" "type" "actions" "notActions" "dataActions" "notDataActions";
    "roleAssignment" RoleAssignment(RoleAssignment): "tenant" "id" "principal" "role" "scope" "eligible" "condition";
    "denyAssignment" DenyAssignment(DenyAssignment): "tenant" "id" "principals" "excludePrincipals" "actions" "notActions" "scope" "doNotApplyToChildScopes" "effect";
    "delegation" Delegation(Delegation): "tenant" "id" "scope" "managingTenant" "authorizations";
    "link" Link(Link): "tenant" "object" "partner";
    "viewer" Viewer(Viewer): "tenant" "object" "partner" "level";
    "linkAdministrator" LinkAdministrator(LinkAdministrator): "tenant" "object" "partner";
    "auditor" Auditor(Auditor): "tenant" "object";
    "privacy" Privacy(Privacy): "tenant" "level";
}
