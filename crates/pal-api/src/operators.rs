//! What operators ask: facts and the audit log.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::text::{AuditAction, Guid, Hash, Moment, PartnerNumber, Signature};

/// What an import of facts did.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct FactsImported {
    /// Facts that were not known.
    pub added: u64,
    /// Facts that others were replaced by.
    pub replaced: u64,
    /// Facts that have ended.
    pub ended: u64,
    /// Facts that were known.
    pub unchanged: u64,
    /// The revision now.
    pub revision: i64,
    /// Partners to whom somebody is linked and of which no fact is known. A service of an earlier version says
    /// nothing of them.
    #[serde(default)]
    #[schemars(required)]
    pub unknown_partners: Vec<UnknownPartner>,
}

/// A partner of which no fact is known.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct UnknownPartner {
    /// The partner ID.
    pub partner_id: PartnerNumber,
    /// The fact to add.
    pub fact: String,
}

/// What is said beside months of usage.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[schemars(inline)]
pub struct UsageRevision {
    /// The revision that they are of.
    pub revision: i64,
}

/// An account.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Who {
    /// Its directory.
    pub tenant_id: Guid,
    /// Its ID there.
    pub object_id: Guid,
}

/// A record of the audit log.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct AuditRecord {
    /// Its number.
    #[schemars(range(min = 0))]
    pub number: i64,
    /// When.
    pub at: Moment,
    /// What was done.
    pub action: AuditAction,
    /// Who did it; `null` = the operator on the machine itself.
    pub actor: Option<Who>,
    /// With which program.
    pub client_id: Option<String>,
    /// SHA-256 of the token or the cookie.
    pub token_hash: Option<String>,
    /// In which request.
    pub request_id: String,
    /// To whose link.
    pub target: Option<Who>,
    /// What is said of it, by action.
    pub detail: AuditDetail,
    /// The version of the link before.
    pub version_before: Option<i64>,
    /// The version of the link after.
    pub version_after: Option<i64>,
    /// The hash of the record.
    pub hash: Hash,
    /// The hash of the record before.
    pub previous: Hash,
    /// Digests of the state that the change left; `null` in records of earlier versions.
    pub evidence: Option<AuditDetail>,
}

/// What a record says besides.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(untagged)]
#[schemars(inline)]
pub enum AuditDetail {
    /// As it was written.
    Fields(Map<String, Value>),
    /// As somebody else has written it, by other means.
    Text(String),
}

/// A signed checkpoint of the audit log.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct AuditCheckpoint {
    /// Of which record.
    #[schemars(range(min = 0))]
    pub number: i64,
    /// Its hash.
    pub hash: Hash,
    /// When it was signed.
    pub at: Moment,
    /// The signature.
    pub signature: Signature,
}

/// What is said beside checkpoints.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(inline)]
pub struct SigningKey {
    /// The key that they are signed with.
    pub public_key: Hash,
}

/// Whether anybody changed the past.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct AuditReport {
    /// Whether nobody did.
    pub whole: bool,
    /// Records that were read.
    pub records: i64,
    /// Checkpoints that were compared.
    pub checkpoints: usize,
    /// Links that were compared.
    pub links: usize,
    /// What does not fit.
    pub findings: Vec<String>,
    /// What is not wrong and should be known: that a backup was restored.
    pub notes: Vec<String>,
}
