//! Activity log events: only successful deletes of role assignments say something that lists do not.

use pal_model::{Instant, TenantId, fold};
use serde_json::Value;

use super::SnapshotError;
use super::entry::Entry;
use super::item::{Item, last_segment};

/// The delete of a role assignment.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Delete {
    /// The key of the assignment.
    pub key: String,
    /// When it was deleted.
    pub at: Instant,
}

/// The delete that an event tells, with the assignment as it was if the event carries it.
pub fn delete(
    item: &Item<'_>,
    tenant: TenantId,
) -> Result<Option<(Delete, Option<Entry>)>, SnapshotError> {
    let word = |field: &str| {
        let value = item.get(field)?;
        value.get("value").unwrap_or(value).as_str().map(fold)
    };
    let is_delete = word("operationName").as_deref()
        == Some("microsoft.authorization/roleassignments/delete")
        && word("status").as_deref() == Some("succeeded");
    if !is_delete {
        return Ok(None);
    }
    let at = item.time("eventTimestamp")?;
    let at = at.ok_or_else(|| item.error("'eventTimestamp' is missing"))?;
    let id = item.need("resourceId")?;
    let named = Entry::new("roleAssignment", item.file).with("tenant", &tenant).with("id", id);
    let key = named.key();
    let body = old_body(item).and_then(|old| complete(named, &old, item, at));
    Ok(Some((Delete { key, at }, body)))
}

/// The assignment as it was: JSON as text, in the event's properties.
fn old_body(item: &Item<'_>) -> Option<Value> {
    serde_json::from_str(item.text("responseBody")?).ok()
}

/// Unusable parts are no error: the log does not promise the old body, and the delete stands
/// without it.
fn complete(named: Entry, old: &Value, item: &Item<'_>, at: Instant) -> Option<Entry> {
    let old = item.inner(old);
    let role = old.text("roleDefinitionId").map(last_segment)?;
    let role: pal_model::Guid = role.parse().ok()?;
    let principal = old.guid("principalId").ok()?;
    let scope = old.text("scope").filter(|scope| scope.starts_with('/'))?;
    // Without its start the assignment has no interval that could be claimed.
    let from = old.time("createdOn").ok().flatten()?;
    Some(
        named
            .with("principal", &principal)
            .with("role", &role)
            .with("scope", scope)
            .with_some("condition", old.text("condition"))
            .since(Some(from))
            .until(Some(at)),
    )
}
