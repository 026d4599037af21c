//! Logs: what says when an assignment or a membership began or ended, which no list does.

use std::collections::{BTreeMap, BTreeSet};

use pal_model::{
    Guid, Instant, Membership, RoleAssignment, RoleName, SubscriptionId, TenantId, fold,
};
use serde_json::Value;

use super::SnapshotError;
use super::access::assignment_key;
use super::entry::Entry;
use super::item::Item;

/// The end of a role assignment or a membership.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Delete {
    pub key: String,
    pub at: Instant,
}

#[derive(Debug, Default)]
pub struct LogEvents {
    pub deletes: Vec<Delete>,
    /// The last start of each key.
    pub starts: BTreeMap<String, Instant>,
    pub gone: BTreeMap<SubscriptionId, Instant>,
    /// Deny assignments that only audit: what they denied before has ended.
    pub audit_only: BTreeSet<String>,
    /// What came and went, as far as the log says it whole.
    pub past: Vec<Entry>,
    /// Events that tell nothing of this.
    pub other: usize,
    /// Members that were added and removed, in the order of the files.
    members: Vec<(Entry, Instant, bool)>,
}

impl LogEvents {
    /// Reads an event of the activity log: of a subscription, of a management group or of the tenant.
    pub fn event(
        &mut self,
        item: &Item<'_>,
        tenant: TenantId,
        end: Instant,
    ) -> Result<(), SnapshotError> {
        let at = time(item, "eventTimestamp", end)?;
        let word = |field: &str| {
            let value = item.get(field)?;
            value.get("value").unwrap_or(value).as_str().map(fold)
        };
        let operation = word("operationName").unwrap_or_default();
        let succeeded = word("status").as_deref() == Some("succeeded");
        let need_time = || at.ok_or_else(|| item.error("'eventTimestamp' is missing"));
        match operation.as_str() {
            "microsoft.authorization/roleassignments/delete" if succeeded => {
                let at = need_time()?;
                let id = item.need("resourceId")?;
                self.past.extend(body(item).and_then(|old| complete(id, tenant, &old, item, at)));
                self.deletes.push(Delete { key: assignment_key(tenant, id), at });
            }
            "microsoft.authorization/roleassignments/write" if succeeded => {
                let key = assignment_key(tenant, item.need("resourceId")?);
                let at = need_time()?;
                self.starts.entry(key).and_modify(|last| *last = at.max(*last)).or_insert(at);
            }
            _ => match deleted_subscription(item, &operation) {
                Some(id) if succeeded => {
                    self.gone.insert(id, need_time()?);
                }
                _ => self.other += 1,
            },
        }
        Ok(())
    }

    /// Reads an entry of the directory's audit log: members that were added to groups or removed.
    pub fn audit(
        &mut self,
        item: &Item<'_>,
        tenant: TenantId,
        end: Instant,
    ) -> Result<(), SnapshotError> {
        let at = time(item, "activityDateTime", end)?;
        let added = match item.text("activityDisplayName").map(fold).as_deref() {
            Some("add member to group") => true,
            Some("remove member from group") => false,
            _ => {
                self.other += 1;
                return Ok(());
            }
        };
        let succeeded = item.text("result").is_some_and(|result| fold(result) == "success");
        match (membership(item, tenant, added), at) {
            (Some(entry), Some(at)) if succeeded => self.members.push((entry, at, added)),
            _ => self.other += 1,
        }
        Ok(())
    }

    /// Puts additions and removals of members together.
    pub fn finish(&mut self) {
        self.members.sort_by_cached_key(|(entry, at, _)| (entry.key(), *at));
        let mut began: Option<(String, Instant)> = None;
        for (entry, at, added) in std::mem::take(&mut self.members) {
            let key = entry.key();
            if added {
                self.starts.insert(key.clone(), at);
                began = Some((key, at));
                continue;
            }
            let own = began.take().filter(|(of, from)| *of == key && *from < at);
            if let Some((_, from)) = own {
                self.past.push(entry.since(Some(from)).until(Some(at)));
            }
            self.starts.remove(&key);
            self.deletes.push(Delete { key, at });
        }
        self.deletes.sort();
        self.deletes.dedup();
    }
}

/// When an event happened. One after the end of the collection shows that the instant of the snapshot
/// is wrong, and with it every end.
fn time(item: &Item<'_>, field: &str, end: Instant) -> Result<Option<Instant>, SnapshotError> {
    let at = item.time(field)?;
    match at.filter(|at| *at > end) {
        None => Ok(at),
        Some(at) => Err(item.error(format!(
            "an event of {at}, later than the end of the collection ({end}); give --taken-at as it \
             was, or a collect.json whose 'finishedAt' says when the last list was fetched"
        ))),
    }
}

/// The subscription that an event says was deleted: an operation on the subscription itself. To cancel
/// one is no deletion: it lives on, disabled.
fn deleted_subscription(item: &Item<'_>, operation: &str) -> Option<SubscriptionId> {
    let operation = operation.strip_suffix("/action").unwrap_or(operation);
    let id = item.text("resourceId")?.trim_matches('/').split_once('/')?;
    let is_deletion = operation.ends_with("/delete") && fold(id.0) == "subscriptions";
    is_deletion.then(|| id.1.parse().ok()).flatten()
}

/// The assignment as it was: JSON as text, in the event's properties.
fn body(item: &Item<'_>) -> Option<Value> {
    serde_json::from_str(item.text("responseBody")?).ok()
}

/// Unusable parts are no error: the log does not promise the old body, and the delete stands
/// without it.
fn complete(
    id: &str,
    tenant: TenantId,
    old: &Value,
    item: &Item<'_>,
    at: Instant,
) -> Option<Entry> {
    let old = item.inner(old);
    let fact = RoleAssignment {
        tenant,
        id: id.to_owned(),
        principal: old.guid("principalId").ok()?.into(),
        role: RoleName::Id(old.last_guid("roleDefinitionId").ok()?.into()),
        scope: old.text("scope")?.parse().ok()?,
        condition: old.text("condition").map(str::to_owned),
        eligible: false,
    };
    // Without its start the assignment has no interval that could be claimed.
    let from = old.time("createdOn").ok().flatten()?;
    Some(Entry::new(fact, item.file).since(Some(from)).until(Some(at)))
}

/// Who was added to which group: the first target, and the group in its changed properties, as JSON
/// inside a text.
fn membership(item: &Item<'_>, tenant: TenantId, added: bool) -> Option<Entry> {
    let targets = item.get("targetResources")?.as_array()?;
    let is_group = |target: &&Value| target["type"].as_str().is_some_and(|t| fold(t) == "group");
    let member = targets.iter().find(|t| !is_group(t)).or(targets.first())?;
    let value = if added { "newValue" } else { "oldValue" };
    let mut changed = member["modifiedProperties"].as_array().into_iter().flatten();
    let group = changed
        .find(|change| change["displayName"] == "Group.ObjectID")
        .and_then(|change| change[value].as_str())?;
    let group: Guid = group.trim_matches('"').parse().ok()?;
    let member: Guid = member["id"].as_str()?.parse().ok()?;
    let fact = Membership { tenant, group: group.into(), member: member.into() };
    Some(Entry::new(fact, item.file))
}
