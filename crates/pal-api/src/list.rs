//! What lists and errors have in common.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// A page of a list, with what else there is to say of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(inline)]
pub struct List<T, R = Nothing> {
    /// What is said beside the list.
    #[serde(flatten)]
    pub rest: R,
    /// The entries of this page.
    pub value: Vec<T>,
    /// The address of the next page; absent on the last.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(with = "String", extend("format" = "uri"))]
    pub next_link: Option<String>,
}

/// A list of which nothing else is said.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[schemars(inline)]
pub struct Nothing {}

/// The body of every error.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[schemars(rename = "Error")]
pub struct Refused {
    /// What is wrong.
    pub error: Refusal,
}

/// What is wrong with a request.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[schemars(inline)]
pub struct Refusal {
    /// For programs.
    pub code: String,
    /// For people: what happened, why, what to do.
    pub message: String,
    /// A finer code, where Azure's clients look for one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Vec<RefusalDetail>")]
    pub details: Option<Vec<RefusalDetail>>,
}

/// A finer code of an error.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[schemars(inline)]
pub struct RefusalDetail {
    /// For programs.
    pub code: String,
    /// For people.
    pub message: String,
}
