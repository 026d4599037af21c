//! `collect.json`: what a collector writes of its own work beside the lists.

use pal_model::{Instant, SubscriptionId, TenantId, fold};
use serde_json::{Map, Value};

use super::SnapshotError;

#[derive(Debug)]
pub struct Collection {
    pub file: String,
    pub tenant: Option<TenantId>,
    /// When the last answer came.
    pub finished_at: Option<Instant>,
    /// Subscriptions of which the service said that they do not exist.
    pub gone: Vec<SubscriptionId>,
}

pub fn is_one(name: &str, object: &Map<String, Value>) -> bool {
    let file = name.rsplit('/').next().unwrap_or(name);
    let has = |field: &str| object.contains_key(field);
    fold(file) == "collect.json" || (has("takenAt") && (has("finishedAt") || has("requests")))
}

/// The code of an answer about a subscription that does not exist.
pub fn says_not_found(code: &str) -> bool {
    fold(code) == "subscriptionnotfound"
}

impl Collection {
    pub fn read(name: &str, object: &Map<String, Value>) -> Result<Self, SnapshotError> {
        let wrong = |field: &str, why: &dyn std::fmt::Display| SnapshotError::Json {
            file: name.to_owned(),
            problem: format!("'{field}': {why}"),
        };
        let text = |field: &str| object.get(field).and_then(Value::as_str);
        let tenant = text("tenant").map(str::parse).transpose().map_err(|e| wrong("tenant", &e))?;
        let finished_at =
            text("finishedAt").map(str::parse).transpose().map_err(|e| wrong("finishedAt", &e))?;
        let requests = object.get("requests").and_then(Value::as_array).into_iter().flatten();
        let gone = requests.filter_map(not_found).collect();
        Ok(Self { file: name.to_owned(), tenant, finished_at, gone })
    }
}

/// The subscription that a request asked for and that does not exist: 404 `SubscriptionNotFound`.
fn not_found(request: &Value) -> Option<SubscriptionId> {
    let status = request.get("status")?;
    let is_404 = status.as_u64() == Some(404) || status.as_str() == Some("404");
    let code = request.pointer("/error/code").and_then(Value::as_str)?;
    if !is_404 || !says_not_found(code) {
        return None;
    }
    let url = request.get("url")?.as_str()?;
    let path = url.split(['?', '#']).next()?;
    let mut segments = path.split('/').skip_while(|segment| fold(segment) != "subscriptions");
    segments.nth(1)?.parse().ok()
}
