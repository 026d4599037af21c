//! Texts of a form. They are texts in Rust, too: a client must not fail on a word that a newer service
//! has added. What the schema says is checked where the server makes them.

use std::borrow::Cow;
use std::fmt::Display;
use std::ops::Deref;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Serialize};

macro_rules! texts {
    ($($(#[$doc:meta])* $name:ident $schema:tt)*) => {$(
        $(#[$doc])*
        #[derive(Debug, Default, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $name(pub String);

        impl<T: Display> From<T> for $name {
            fn from(text: T) -> Self {
                Self(text.to_string())
            }
        }

        impl Deref for $name {
            type Target = str;

            fn deref(&self) -> &str {
                &self.0
            }
        }

        impl JsonSchema for $name {
            fn inline_schema() -> bool {
                true
            }

            fn schema_name() -> Cow<'static, str> {
                stringify!($name).into()
            }

            fn json_schema(_: &mut SchemaGenerator) -> Schema {
                json_schema!($schema)
            }
        }
    )*};
}

texts! {
    /// The ID of a directory, an account or a subscription.
    Guid { "type": "string", "format": "uuid" }
    /// RFC 3339, in UTC.
    Moment { "type": "string", "format": "date-time" }
    /// A partner ID.
    PartnerNumber { "type": "string", "pattern": "^[0-9]{1,10}$" }
    /// SHA-256 or a public key, in hexadecimal digits.
    Hash { "type": "string", "pattern": "^[0-9a-f]{64}$" }
    /// Ed25519, in hexadecimal digits.
    Signature { "type": "string", "pattern": "^[0-9a-f]{128}$" }
    /// What an account is.
    AccountKind { "type": "string", "enum": ["User", "ServicePrincipal", "ManagedIdentity", "Group"] }
    /// What a user is in a directory.
    UserType { "type": "string", "enum": ["Guest", "Member"] }
    /// The same, in the portal.
    How { "type": "string", "enum": ["guest", "member"] }
    /// The class of a role, from the highest.
    RoleClass { "type": "string", "enum": ["Owner", "Contributor", "Reader"] }
    /// A step from an account to a grant.
    StepKind { "type": "string", "enum": ["group", "delegation"] }
    /// Why a link earns less than it could.
    LinkWarning { "type": "string", "enum": ["no-access", "disabled", "partner-inactive"] }
    /// What partners see of a directory, from the most to the least.
    PrivacyLevel { "type": "string", "enum": ["full", "subscription", "tenant-total", "masked"] }
    /// Whether a partner ID holds now.
    PartnerStatus { "type": "string", "enum": ["active", "inactive"] }
    /// What a partner ID is of.
    PartnerType { "type": "string", "enum": ["location", "global"] }
    /// Whether a charge counts once for each location of a global account, or once.
    Duplicates { "type": "string", "enum": ["counted", "left-out"] }
    /// A line of the balance.
    BalanceKind { "type": "string", "enum": ["total", "excluded", "consumed", "credited", "uncredited"] }
    /// How much an alert matters.
    Severity { "type": "string", "enum": ["info", "warning", "critical"] }
    /// What an alert is about.
    AlertCode { "type": "string", "enum": [
        "last-linked-leaving", "last-linked-gone", "access-ending", "linked-without-access",
        "partner-inactive", "access-without-link", "credit-dropped"
    ] }
    /// What was done.
    AuditAction { "type": "string", "enum": [
        "link-create", "link-update", "link-delete", "facts-import", "credential-set", "report-read",
        "usage-import", "usage-withdraw", "privacy-set", "store-state", "session-change",
        "person-erase"
    ] }
}
