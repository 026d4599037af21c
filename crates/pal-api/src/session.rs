//! The portal's own answers, below `/portal/session`.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::accounts::LinkedTo;
use crate::text::{Guid, How, Moment, PartnerNumber, RoleClass, UserType};

/// Who the browser is signed in as.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(untagged)]
#[schemars(inline)]
pub enum SessionAnswer {
    /// Somebody.
    SignedIn(Box<Session>),
    /// Nobody.
    SignedOut(SignedOut),
}

/// Nobody is signed in.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct SignedOut {
    /// False.
    #[schemars(extend("const" = false))]
    pub signed_in: bool,
}

/// A session.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Session {
    /// True.
    #[schemars(extend("const" = true))]
    pub signed_in: bool,
    /// Of the program.
    pub version: String,
    /// What every change must bring along in `x-openpal-csrf`.
    pub csrf: String,
    /// When it ends if it is not used again.
    pub expires_at: Moment,
    /// Whether the data are a demo's.
    pub demo: bool,
    /// The account.
    pub account: SessionAccount,
    /// All directories of the person, as far as they are known.
    pub directories: Vec<Directory>,
    /// What the account may.
    pub roles: Roles,
}

/// The account of a session.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct SessionAccount {
    /// Its directory.
    pub tenant_id: Guid,
    /// The name of that.
    pub tenant_name: Option<String>,
    /// Its first domain.
    pub domain: Option<String>,
    /// The ID of the account there.
    pub object_id: Guid,
    /// Its name.
    pub name: Option<String>,
    /// When the operator erased the name and the sign-ins of its person.
    pub erased_time: Option<Moment>,
    /// What a user is there.
    pub user_type: Option<UserType>,
}

/// A directory of a person.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Directory {
    /// Its ID.
    pub tenant_id: Guid,
    /// Its name.
    pub tenant_name: Option<String>,
    /// Its first domain.
    pub domain: Option<String>,
    /// The ID of the person's account there.
    pub object_id: Guid,
    /// As what.
    pub how: How,
    /// What the account is linked to.
    pub link: Option<DirectoryLink>,
}

/// What an account is linked to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct DirectoryLink {
    /// The partner.
    pub partner_id: PartnerNumber,
    /// Its name.
    pub partner_name: Option<String>,
}

/// What an account may read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[expect(clippy::struct_excessive_bools, reason = "each is a role of its own")]
pub struct Roles {
    /// Reports of a partner.
    pub viewer: bool,
    /// Links to a partner.
    pub link_administrator: bool,
    /// Everything about its own directory.
    pub auditor: bool,
    /// Everything.
    pub operator: bool,
}

/// The accounts of a person.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[schemars(inline)]
pub struct OwnDirectories {
    /// By directory.
    pub value: Vec<OwnDirectory>,
}

/// An account of a person, with its link.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct OwnDirectory {
    /// The directory.
    pub tenant_id: Guid,
    /// Its name.
    pub tenant_name: Option<String>,
    /// Its first domain.
    pub domain: Option<String>,
    /// The ID of the account there.
    pub object_id: Guid,
    /// The name of the account.
    pub name: Option<String>,
    /// As what.
    pub how: How,
    /// What the account is linked to.
    pub link: Option<LinkedTo>,
    /// What the link can earn on.
    pub access: OwnAccess,
    /// What the account may.
    pub roles: Roles,
}

/// What a link can earn on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct OwnAccess {
    /// How many subscriptions the account has a role on or in.
    pub subscriptions: u64,
    /// The highest class of its roles.
    pub role: Option<RoleClass>,
}

/// Goes to another directory.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(inline)]
pub struct DirectoryChange {
    /// Where to.
    pub tenant_id: Guid,
}

/// Ends a session.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[schemars(inline)]
pub struct SignOut {
    /// All sessions of the person.
    #[serde(default)]
    pub everywhere: bool,
}
