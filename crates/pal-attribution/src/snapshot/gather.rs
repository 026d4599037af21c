//! From files to entries: the directory, each item, and what several files say about one thing.

use std::collections::{BTreeMap, BTreeSet};

use pal_model::{Fact, Instant, TenantId, fold};

use super::access::{self, Active};
use super::entry::{self, Entry};
use super::events::{self, Delete};
use super::files::{Document, Folder};
use super::form::{self, Form};
use super::hierarchy::Hierarchy;
use super::item::Item;
use super::{Snapshot, SnapshotError, directory};

/// The directory of a snapshot: what the caller says, what the files say. All must agree.
pub fn tenant_of(
    documents: &[Document],
    given: Option<TenantId>,
) -> Result<TenantId, SnapshotError> {
    let mut first = given.map(|tenant| (tenant, "--tenant".to_owned()));
    let mut customers = BTreeSet::new();
    for document in documents {
        for item in items(document) {
            let claim = match form::recognise(item.value, document) {
                Some(Form::Subscription) if item.text("homeTenantId").is_some() => "homeTenantId",
                Some(
                    Form::Subscription
                    | Form::PlacedSubscription
                    | Form::ManagementGroup
                    | Form::Link,
                ) => "tenantId",
                Some(Form::Organization) => "id",
                Some(Form::Delegation) => {
                    let field = "/properties/registrationDefinition/properties/manageeTenantId";
                    let said = item.value.pointer(field).and_then(serde_json::Value::as_str);
                    customers.extend(said.and_then(|id| id.parse::<TenantId>().ok()));
                    continue;
                }
                _ => continue,
            };
            if item.text(claim).is_none() {
                continue;
            }
            let tenant: TenantId = item.guid(claim)?.into();
            let from = format!("item {} of {}", item.index, item.file);
            match &first {
                Some((known, by)) if *known != tenant => {
                    return Err(SnapshotError::Tenants {
                        first: *known,
                        first_from: by.clone(),
                        second: tenant,
                        second_from: from,
                    });
                }
                Some(_) => {}
                None => first = Some((tenant, from)),
            }
        }
    }
    // Delegations name two directories; they decide only where nothing else does.
    let only = || if customers.len() == 1 { customers.first().copied() } else { None };
    first.map(|(tenant, _)| tenant).or_else(only).ok_or(SnapshotError::NoTenant)
}

/// Everything a folder says.
pub fn gather(
    folder: Folder,
    tenant: TenantId,
    taken_at: Instant,
) -> Result<Snapshot, SnapshotError> {
    let files = folder.documents.len();
    let mut gather = Gather {
        tenant,
        taken_at,
        entries: vec![Entry::new("tenant", "").with("tenant", &tenant)],
        actives: Vec::new(),
        deletes: Vec::new(),
        areas: BTreeSet::new(),
        hierarchy: Hierarchy::default(),
        ignored: folder.ignored,
        other_events: 0,
    };
    // What the organization says of itself must win over the bare entry above.
    gather.entries[0].carry = &["name", "domain"];
    for document in &folder.documents {
        gather.document(document)?;
    }
    gather.finish(files)
}

struct Gather {
    tenant: TenantId,
    taken_at: Instant,
    entries: Vec<Entry>,
    actives: Vec<Active>,
    deletes: Vec<Delete>,
    areas: BTreeSet<String>,
    hierarchy: Hierarchy,
    ignored: Vec<String>,
    other_events: usize,
}

fn items(document: &Document) -> impl Iterator<Item = Item<'_>> {
    let values = document.items.iter().enumerate();
    values.map(|(at, value)| Item { file: &document.name, index: at + 1, value })
}

impl Gather {
    fn document(&mut self, document: &Document) -> Result<(), SnapshotError> {
        let group = form::group_of(document);
        if let Some(group) = group {
            let item = Item { file: &document.name, index: 1, value: &serde_json::Value::Null };
            let wrapper = document.group.as_ref();
            self.entries.push(directory::listed_group(&item, self.tenant, group, wrapper)?);
            self.areas.insert(entry::members(group));
        }
        if document.items.is_empty() && group.is_none() && !self.empty(document) {
            let name = &document.name;
            self.ignored.push(format!("{name}: an empty list, and its name does not say of what"));
        }
        let mut forms = BTreeSet::new();
        for item in items(document) {
            let form = form::recognise(item.value, document)
                .ok_or_else(|| unrecognised(document, &item))?;
            forms.insert(form);
            self.item(form, &item, group)?;
        }
        for form in forms {
            self.named_area(form, document);
        }
        Ok(())
    }

    /// An empty list means "none" where its name says none of what, and where.
    fn empty(&mut self, document: &Document) -> bool {
        match form::named(document) {
            Some(Form::Group) => {
                self.areas.insert(entry::GROUPS.to_owned());
                true
            }
            Some(form) => self.named_area(form, document),
            None => form::may_be_empty(document),
        }
    }

    /// The place in a file name: `role-assignments.<subscription or management group>.json`.
    fn named_area(&mut self, form: Form, document: &Document) -> bool {
        let list = match form {
            Form::RoleAssignment => entry::ASSIGNMENTS,
            Form::Active => entry::ACTIVE,
            Form::Eligible => entry::ELIGIBLE,
            Form::Deny => entry::DENIES,
            Form::Delegation => entry::DELEGATIONS,
            _ => return false,
        };
        let parts = document.name_parts();
        let Some((place, rest)) = parts.get(1..).and_then(<[_]>::split_first) else { return false };
        if form == Form::Delegation {
            let mut scope = format!("/subscriptions/{}", fold(place));
            if !rest.is_empty() {
                scope.push_str("/resourcegroups/");
                scope.push_str(&fold(&rest.join(".")));
            }
            self.areas.insert(entry::at(list, &scope));
            return true;
        }
        let place = fold(&parts[1..].join("."));
        if place == fold(&self.tenant.to_string()) {
            self.areas.insert(entry::at(list, "/"));
        }
        self.areas.insert(entry::at(list, &place));
        true
    }

    fn item(
        &mut self,
        form: Form,
        item: &Item<'_>,
        group: Option<&str>,
    ) -> Result<(), SnapshotError> {
        let tenant = self.tenant;
        let entry = match form {
            Form::RoleAssignment => access::assignment(item, tenant, false)?,
            Form::Eligible => access::assignment(item, tenant, true)?,
            Form::Active => {
                let active = access::active(item, tenant)?;
                self.areas.extend(entry::area("roleAssignment", &active.entry.body));
                self.actives.push(active);
                return Ok(());
            }
            Form::RoleDefinition => access::role_definition(item)?,
            Form::Deny => access::deny(item, tenant)?,
            Form::Delegation => {
                let (entry, works) = access::delegation(item, tenant)?;
                if !works {
                    self.areas.extend(entry::area(entry.kind, &entry.body));
                    return Ok(());
                }
                entry
            }
            Form::ManagementGroup => return self.hierarchy.group(item, tenant),
            Form::PlacedSubscription => return self.hierarchy.placed(item),
            Form::Subscription => return self.hierarchy.listed(item),
            Form::User => directory::user(item, tenant)?,
            Form::ServicePrincipal => directory::service_principal(item, tenant)?,
            Form::Group => directory::group(item, tenant)?,
            Form::Member => directory::member(item, tenant, group.unwrap_or_default())?,
            Form::Organization => directory::organization(item, tenant),
            Form::Link => directory::link(item, tenant, self.taken_at)?,
            Form::Event => return self.event(item),
        };
        // A recycle bin lists the deleted only: it does not say that the others are gone.
        if entry.to.is_none_or(|to| to > self.taken_at) {
            self.areas.extend(entry::area(entry.kind, &entry.body));
        }
        self.entries.push(entry);
        Ok(())
    }

    fn event(&mut self, item: &Item<'_>) -> Result<(), SnapshotError> {
        match events::delete(item, self.tenant)? {
            Some((delete, body)) => {
                self.deletes.push(delete);
                self.entries.extend(body);
            }
            None => self.other_events += 1,
        }
        Ok(())
    }

    fn finish(mut self, files: usize) -> Result<Snapshot, SnapshotError> {
        if self.other_events > 0 {
            let count = self.other_events;
            self.ignored.push(format!(
                "{count} activity log events that are no successful delete of a role assignment"
            ));
        }
        self.deletes.sort();
        self.deletes.dedup();
        let hierarchy = std::mem::take(&mut self.hierarchy);
        self.entries.extend(hierarchy.finish(self.tenant, &mut self.areas));
        self.apply_schedules();
        self.apply_deletes();
        let entries = unique(self.entries, self.taken_at)?;
        Ok(Snapshot {
            tenant: self.tenant,
            taken_at: self.taken_at,
            entries,
            deletes: self.deletes,
            areas: self.areas,
            ignored: self.ignored,
            files,
        })
    }

    /// While an activation runs it is an ordinary role assignment too, one that does not know its
    /// end. Both are one fact, with the end; an instance without its assignment stands alone.
    fn apply_schedules(&mut self) {
        let listed: BTreeSet<String> = self
            .entries
            .iter()
            .filter(|e| e.kind == "roleAssignment" && e.to.is_none())
            .map(Entry::key)
            .collect();
        let mut ends: BTreeMap<String, Instant> = BTreeMap::new();
        for active in std::mem::take(&mut self.actives) {
            match active.origin {
                Some(key) if listed.contains(&key) => {
                    ends.extend(active.entry.to.map(|to| (key, to)));
                }
                _ => self.entries.push(active.entry),
            }
        }
        for entry in self.entries.iter_mut().filter(|e| e.to.is_none()) {
            entry.to = ends.get(&entry.key()).copied();
        }
    }

    /// A list that was fetched before the delete still has the assignment.
    fn apply_deletes(&mut self) {
        for entry in self.entries.iter_mut().filter(|e| e.kind == "roleAssignment") {
            let key = entry.key();
            let first = self.deletes.partition_point(|delete| delete.key < key);
            let own = self.deletes[first..].iter().take_while(|delete| delete.key == key);
            let mut own = own.map(|delete| delete.at);
            if let Some(end) = own.find(|at| entry.from.is_none_or(|from| *at > from)) {
                entry.to = Some(entry.to.map_or(end, |to| to.min(end)));
            }
        }
    }
}

fn unrecognised(document: &Document, item: &Item<'_>) -> SnapshotError {
    let what = if item.value.get(form::OWN_TYPE).is_some() {
        "lists directory objects without saying of which group: name the file <group id>.members.json"
            .to_owned()
    } else {
        match item.text("type") {
            Some(kind) => format!("item {} is of the unknown type '{kind}'", item.index),
            None => format!("item {} is of no known kind", item.index),
        }
    };
    SnapshotError::Unrecognised { file: document.name.clone(), what }
}

/// One entry for each thing: several files may list it (inherited assignments are in the list of
/// every subscription), but they must agree.
fn unique(mut entries: Vec<Entry>, taken_at: Instant) -> Result<Vec<Entry>, SnapshotError> {
    let order = |e: &Entry| Fact::KINDS.iter().position(|kind| *kind == e.kind);
    let past = |e: &Entry| e.to.filter(|to| *to <= taken_at);
    // Entries that know all their fields come first and are kept.
    entries.sort_by_cached_key(|e| (order(e), e.key(), past(e), e.carry.len(), e.file.clone()));
    let mut out: Vec<Entry> = Vec::with_capacity(entries.len());
    for entry in entries {
        let same = |last: &&mut Entry| last.key() == entry.key() && past(last) == past(&entry);
        let Some(last) = out.last_mut().filter(same) else {
            out.push(entry);
            continue;
        };
        let differs = entry::difference(entry.kind, &last.body, &entry.body);
        if let (Some(field), true, None) = (differs, entry.carry.is_empty(), past(&entry)) {
            return Err(SnapshotError::Conflict {
                first: last.file.clone(),
                second: entry.file.clone(),
                what: entry.key(),
                field: field.to_owned(),
            });
        }
        last.from = [last.from, entry.from].into_iter().flatten().min();
        last.to = [last.to, entry.to].into_iter().flatten().min();
    }
    Ok(out)
}
