//! The part of the service whose form is Azure Resource Manager's, byte for byte.

mod error;
pub mod metadata;
pub mod partner;
pub mod partners;
pub mod subscriptions;
pub mod tenants;
pub mod version;
