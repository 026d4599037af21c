//! Management groups and subscriptions, put together from trees, entities and lists.

use std::collections::{BTreeMap, BTreeSet};

use pal_model::{Guid, ManagementGroup, Subscription, SubscriptionId, TenantId, fold};
use serde_json::Value;

use super::SnapshotError;
use super::entry::{Entry, MANAGEMENT_GROUPS, SUBSCRIPTIONS};
use super::item::{Item, last_segment};

/// What the files say so far.
#[derive(Default)]
pub struct Hierarchy {
    groups: Vec<Entry>,
    subscriptions: BTreeMap<SubscriptionId, SeenSubscription>,
    /// A tree or entities from the tenant root group down.
    whole: bool,
    listed: bool,
    /// Whether a group below the first of a tree shows what is in it; `None` = there is no such group.
    deep: Option<bool>,
    deleted: Vec<SubscriptionId>,
}

/// What all files together say of the structure.
pub struct Structure {
    pub entries: Vec<Entry>,
    pub deleted: Vec<SubscriptionId>,
    /// Why the tree cannot be the whole one, if something says so.
    pub doubt: Option<&'static str>,
}

/// A subscription, seen in a list, in a tree, or in both.
#[derive(Default)]
struct SeenSubscription {
    file: String,
    name: Option<String>,
    tree_name: Option<String>,
    /// The management group above, the tenant root group included.
    place: Option<String>,
}

impl Hierarchy {
    pub fn listed(&mut self, item: &Item<'_>) -> Result<(), SnapshotError> {
        self.listed = true;
        let id = subscription_id(item)?;
        // `az` lists a directory without subscriptions as one that has the directory's id.
        let placeholder = item.text("tenantId").is_some_and(|t| t.parse::<Guid>() == Ok(id.guid()));
        let deleted = item.text("state").is_some_and(|state| fold(state) == "deleted");
        if deleted {
            self.deleted.push(id);
        }
        if !placeholder && !deleted {
            let name = item.text("displayName").or_else(|| item.text("name"));
            let seen = self.seen(id, item.file);
            seen.name = name.map(str::to_owned);
        }
        Ok(())
    }

    /// A management group: the top of a tree, or one entity of a flat list.
    pub fn group(&mut self, item: &Item<'_>, tenant: TenantId) -> Result<(), SnapshotError> {
        let name = item.need("name")?;
        let children = item.get("children").and_then(Value::as_array);
        let parent = parent_of(item);
        if is_root(name, tenant) {
            // Entities come as a list and name parents; a tree has its children inside.
            let seen = item.text("permissions").is_none_or(|p| fold(p) != "noaccess");
            self.whole |= seen && (children.is_some() || item.get("parent").is_some());
        } else {
            let parent = parent.ok_or_else(|| {
                item.error("nothing says what is above this management group; export the tree from the tenant root group with $expand=children&$recurse=true")
            })?;
            self.groups.push(group_entry(item, tenant, name, Some(parent)));
        }
        self.children(item, tenant, name, children)
    }

    pub fn placed(&mut self, item: &Item<'_>) -> Result<(), SnapshotError> {
        let parent =
            parent_of(item).ok_or_else(|| item.error("'parent' of the subscription is missing"))?;
        self.place(item, parent)
    }

    fn children(
        &mut self,
        item: &Item<'_>,
        tenant: TenantId,
        above: &str,
        children: Option<&Vec<Value>>,
    ) -> Result<(), SnapshotError> {
        for value in children.into_iter().flatten() {
            let child = item.inner(value);
            if child.text("type").is_some_and(|t| fold(t).ends_with("/subscriptions")) {
                self.place(&child, above)?;
                continue;
            }
            let name = child.need("name")?;
            self.groups.push(group_entry(&child, tenant, name, Some(above)));
            let below = child.get("children").and_then(Value::as_array);
            self.deep = Some(self.deep == Some(true) || below.is_some());
            self.children(&child, tenant, name, below)?;
        }
        Ok(())
    }

    fn place(&mut self, item: &Item<'_>, above: &str) -> Result<(), SnapshotError> {
        let id = subscription_id(item)?;
        let name = item.text("displayName").map(str::to_owned);
        let seen = self.seen(id, item.file);
        seen.tree_name = name;
        seen.place = Some(above.to_owned());
        Ok(())
    }

    fn seen(&mut self, id: SubscriptionId, file: &str) -> &mut SeenSubscription {
        let new = || SeenSubscription { file: file.to_owned(), ..SeenSubscription::default() };
        self.subscriptions.entry(id).or_insert_with(new)
    }

    /// Everything as entries, and the lists that were complete.
    pub fn finish(mut self, tenant: TenantId, areas: &mut BTreeSet<String>) -> Structure {
        let shallow = self.deep == Some(false);
        let doubt = (self.whole && shallow).then_some(
            "the management group tree shows the groups below the root and nothing in them, as it does without $recurse=true",
        );
        self.whole &= !shallow;
        if self.whole {
            areas.insert(MANAGEMENT_GROUPS.to_owned());
        }
        if self.whole || self.listed {
            areas.insert(SUBSCRIPTIONS.to_owned());
        }
        let whole = self.whole;
        let subscriptions = self.subscriptions.into_iter().map(|(id, seen)| {
            let known = whole || seen.place.is_some();
            let name = seen.name.or(seen.tree_name);
            let carry: &[&str] = match (name.is_some(), known) {
                (true, true) => &[],
                (true, false) => &["managementGroup"],
                (false, true) => &["name"],
                (false, false) => &["name", "managementGroup"],
            };
            let management_group = seen.place.filter(|place| !is_root(place, tenant));
            let fact = Subscription { tenant, subscription: id, name, management_group };
            let mut entry = Entry::new(fact, &seen.file);
            entry.carry = carry;
            entry
        });
        let entries = self.groups.into_iter().chain(subscriptions).collect();
        Structure { entries, deleted: self.deleted, doubt }
    }
}

fn group_entry(item: &Item<'_>, tenant: TenantId, name: &str, parent: Option<&str>) -> Entry {
    let display_name = item.text("displayName").map(str::to_owned);
    let carry: &[&str] = if display_name.is_none() { &["displayName"] } else { &[] };
    let parent = parent.filter(|parent| !is_root(parent, tenant)).map(str::to_owned);
    let fact = ManagementGroup { tenant, name: name.to_owned(), display_name, parent };
    let mut entry = Entry::new(fact, item.file);
    entry.carry = carry;
    entry
}

/// The tenant root group is left out: facts mean it when they name no group above.
fn is_root(name: &str, tenant: TenantId) -> bool {
    fold(name) == fold(&tenant.to_string())
}

/// The name of the group above: `parent.id` of entities, `details.parent` of trees.
fn parent_of<'a>(item: &Item<'a>) -> Option<&'a str> {
    let details = || item.get("details").and_then(|details| details.get("parent"));
    let parent = item.get("parent").or_else(details)?;
    let text = |field: &str| parent.get(field).and_then(Value::as_str).filter(|t| !t.is_empty());
    text("id").map(last_segment).or_else(|| text("name"))
}

fn subscription_id(item: &Item<'_>) -> Result<SubscriptionId, SnapshotError> {
    let field = if item.text("subscriptionId").is_some() { "subscriptionId" } else { "id" };
    item.last_guid(field).map(Into::into)
}
