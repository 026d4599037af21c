//! From files to entries: each item, and what several files say about one thing.

use std::collections::{BTreeMap, BTreeSet};

use pal_model::{Fact, Instant, SubscriptionId, Tenant, TenantId, fold};

use super::access::{self, Active};
use super::entry::{self, Entry};
use super::events::LogEvents;
use super::files::{Document, Folder};
use super::form::{self, Form};
use super::hierarchy::Hierarchy;
use super::item::Item;
use super::lists::Lists;
use super::{Snapshot, SnapshotError, directory, members};

/// Everything a folder says.
pub fn gather(
    folder: Folder,
    tenant: TenantId,
    taken_at: Instant,
) -> Result<Snapshot, SnapshotError> {
    let files = folder.documents.len();
    let finished = folder.collection.as_ref().and_then(|collection| collection.finished_at);
    let mut gather = Gather {
        tenant,
        taken_at,
        end: finished.unwrap_or(taken_at),
        entries: vec![Entry::new(
            Tenant { tenant, name: None, domain: None, domains: Vec::new() },
            "",
        )],
        actives: Vec::new(),
        told: LogEvents::default(),
        areas: BTreeSet::new(),
        hierarchy: Hierarchy::default(),
        lists: Lists::default(),
        ignored: folder.ignored,
        no_facts: BTreeMap::new(),
    };
    // What the organization says of itself must win over the bare entry above.
    gather.entries[0].carry = &["name", "domain", "domains"];
    for document in &folder.documents {
        gather.document(document)?;
    }
    for document in &folder.documents {
        gather.lists.check_count(document)?;
    }
    gather.finish(files, folder.gone)
}

struct Gather {
    tenant: TenantId,
    taken_at: Instant,
    /// When the last list was fetched.
    end: Instant,
    entries: Vec<Entry>,
    actives: Vec<Active>,
    told: LogEvents,
    areas: BTreeSet<String>,
    hierarchy: Hierarchy,
    lists: Lists,
    ignored: Vec<String>,
    /// Items that are known and give no fact, by what they are and their file.
    no_facts: BTreeMap<(String, &'static str), usize>,
}

pub fn items(document: &Document) -> impl Iterator<Item = Item<'_>> {
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
            self.areas.extend(members::areas(&group, members::restricted_to(document)));
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
            self.item(form, &item, document)?;
        }
        for form in forms.into_iter().filter(|_| !document.is_query) {
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
        document: &Document,
    ) -> Result<(), SnapshotError> {
        let tenant = self.tenant;
        let group = form::group_of(document);
        let entry = match form {
            Form::RoleAssignment => access::assignment(item, tenant, false)?,
            Form::Eligible => access::assignment(item, tenant, true)?,
            Form::Active => {
                let active = access::active(item, tenant)?;
                self.shows_all(&active.entry, item, document);
                self.actives.push(active);
                return Ok(());
            }
            Form::RoleDefinition => access::role_definition(item)?,
            Form::Deny => {
                let (entry, enforced) = access::deny(item, tenant)?;
                if !enforced {
                    self.shows_all(&entry, item, document);
                    self.told.audit_only.insert(entry.key());
                    self.pass_over(document, "deny assignments that only audit");
                    return Ok(());
                }
                entry
            }
            Form::Delegation => {
                let (entry, works) = access::delegation(item, tenant)?;
                if !works {
                    self.shows_all(&entry, item, document);
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
            Form::Member => {
                let group = group.unwrap_or_default();
                let own = item.text(form::OWN_TYPE).and_then(members::Kind::of_word);
                let kind = own.or_else(|| members::restricted_to(document));
                let fact = directory::member(item, tenant, group)?;
                self.lists.member(&fact, kind);
                Entry::new(fact, item.file)
            }
            Form::Organization => directory::organization(item, tenant),
            Form::Link => directory::link(item, tenant, self.taken_at)?,
            Form::Event => return self.told.event(item, tenant, self.end),
            Form::Audit => return self.told.audit(item, tenant, self.end),
            Form::NoFact(what) => {
                self.pass_over(document, what);
                return Ok(());
            }
        };
        // A recycle bin lists the deleted only: it does not say that the others are gone.
        if item.top("deletedDateTime").is_none() {
            self.shows_all(&entry, item, document);
            if let Fact::Principal(fact) = &entry.fact {
                self.lists.listed(fact);
            }
        }
        self.entries.push(entry);
        Ok(())
    }

    fn pass_over(&mut self, document: &Document, what: &'static str) {
        *self.no_facts.entry((document.name.clone(), what)).or_default() += 1;
    }

    /// An item of a list shows that its list is there. Not if the list shows only what the reader may
    /// see, as a query does, or what somebody chose, as `az role assignment list` may.
    fn shows_all(&mut self, entry: &Entry, item: &Item<'_>, document: &Document) {
        let is_assignment = matches!(entry.fact, Fact::RoleAssignment(_));
        let is_flat = is_assignment && item.top("properties").is_none();
        if !is_flat && !document.is_query {
            self.areas.extend(entry::area(&entry.fact));
        }
    }

    fn finish(
        mut self,
        files: usize,
        not_found: Vec<(SubscriptionId, String)>,
    ) -> Result<Snapshot, SnapshotError> {
        self.told.finish();
        self.entries.append(&mut self.told.past);
        let structure = std::mem::take(&mut self.hierarchy).finish(self.tenant, &mut self.areas);
        self.entries.extend(structure.entries);
        let gone = not_found.into_iter().map(|(id, _)| id).chain(structure.deleted);
        for id in gone {
            self.told.gone.entry(id).or_insert(self.taken_at);
        }
        let mut doubts = self.lists.doubts(&self.entries, self.tenant, &mut self.areas);
        doubts.extend(structure.doubt.map(str::to_owned));
        self.apply_schedules();
        self.apply_log();
        self.notes();
        let entries = unique(self.entries, self.taken_at)?;
        Ok(Snapshot {
            tenant: self.tenant,
            taken_at: self.taken_at,
            entries,
            told: self.told,
            areas: self.areas,
            ignored: self.ignored,
            doubts,
            files,
        })
    }

    fn notes(&mut self) {
        if self.told.other > 0 {
            let count = self.told.other;
            self.ignored.push(format!("{count} events of logs that tell no start and no end"));
        }
        for ((file, what), count) in &self.no_facts {
            self.ignored.push(format!("{file}: {count} {what}, which give no fact"));
        }
    }

    /// While an activation runs it is an ordinary role assignment too, one that does not know its
    /// end. Both are one fact, with the end; an instance without its assignment stands alone.
    fn apply_schedules(&mut self) {
        let listed: BTreeSet<String> = self
            .entries
            .iter()
            .filter(|e| matches!(e.fact, Fact::RoleAssignment(_)) && e.to.is_none())
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

    /// A list that was fetched before the delete still has the assignment; and the log knows starts
    /// that lists do not tell.
    fn apply_log(&mut self) {
        let told = &self.told;
        for entry in &mut self.entries {
            let key = entry.key();
            if entry.from.is_none() && entry.to.is_none() {
                entry.from = told.starts.get(&key).copied();
            }
            if !matches!(entry.fact, Fact::RoleAssignment(_)) {
                continue;
            }
            let first = told.deletes.partition_point(|delete| delete.key < key);
            let own = told.deletes[first..].iter().take_while(|delete| delete.key == key);
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
    let past = |e: &Entry| e.to.filter(|to| *to <= taken_at);
    // Entries that know all their fields come first and are kept.
    entries.sort_by_cached_key(|e| {
        (entry::order(&e.fact), e.key(), past(e), e.carry.len(), e.file.clone())
    });
    let mut out: Vec<Entry> = Vec::with_capacity(entries.len());
    for entry in entries {
        let same = |last: &&mut Entry| last.key() == entry.key() && past(last) == past(&entry);
        let Some(last) = out.last_mut().filter(same) else {
            out.push(entry);
            continue;
        };
        let differs = entry::differences(&last.fact, &entry.fact);
        if let (Some(field), true, None) = (differs.first(), entry.carry.is_empty(), past(&entry)) {
            return Err(SnapshotError::Conflict {
                first: last.file.clone(),
                second: entry.file.clone(),
                what: entry.key(),
                field: (*field).to_owned(),
            });
        }
        last.from = [last.from, entry.from].into_iter().flatten().min();
        last.to = [last.to, entry.to].into_iter().flatten().min();
    }
    Ok(out)
}
