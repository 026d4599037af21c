//! What lists say of each other. A list that lacks what another list of the same snapshot has is not
//! whole, whatever the service says: nothing that is missing from it has ended.

use std::collections::{BTreeMap, BTreeSet};

use pal_model::{TenantId, fold};

use super::SnapshotError;
use super::entry::{self, Entry, MANAGEMENT_GROUPS};
use super::files::Document;
use super::form;
use super::members::Kind;
use super::whole;

/// Accounts and members, as the lists have them.
#[derive(Default)]
pub struct Lists {
    /// Accounts and groups of the lists of accounts and groups.
    listed: BTreeMap<Kind, BTreeSet<String>>,
    /// Members, by kind.
    members: BTreeMap<Kind, BTreeSet<String>>,
    /// Members of each group, from all its lists.
    of_group: BTreeMap<String, BTreeSet<String>>,
}

fn text(entry: &Entry, field: &str) -> String {
    fold(entry.body.get(field).and_then(serde_json::Value::as_str).unwrap_or_default())
}

impl Lists {
    /// An account or a group of a list of them.
    pub fn listed(&mut self, entry: &Entry) {
        if let Some(kind) = Kind::of_principal(entry.body["type"].as_str().unwrap_or_default()) {
            self.listed.entry(kind).or_default().insert(text(entry, "object"));
        }
    }

    /// A member of a group.
    pub fn member(&mut self, entry: &Entry, kind: Option<Kind>) {
        let member = text(entry, "member");
        self.of_group.entry(text(entry, "group")).or_default().insert(member.clone());
        if let Some(kind) = kind {
            self.members.entry(kind).or_default().insert(member);
        }
    }

    /// Refuses a list that does not hold as many as were counted. The count of all members of a group
    /// may fit the lists of all kinds together.
    pub fn check_count(&self, document: &Document) -> Result<(), SnapshotError> {
        let Some(counted) = document.count else { return Ok(()) };
        let together = form::group_of(document).and_then(|group| self.of_group.get(&fold(group)));
        if together.is_some_and(|members| members.len() == counted) {
            return Ok(());
        }
        Err(whole::does_not_fit(&document.name, counted, document.items.len()))
    }

    /// Takes away the areas of lists that another list shows to be incomplete, and says so.
    pub fn doubts(
        &self,
        entries: &[Entry],
        tenant: TenantId,
        areas: &mut BTreeSet<String>,
    ) -> Vec<String> {
        let mut doubts = Vec::new();
        let empty = BTreeSet::new();
        for (kind, word) in
            [(Kind::User, "User"), (Kind::Group, "Group"), (Kind::ServicePrincipal, "")]
        {
            let listed = self.listed.get(&kind).unwrap_or(&empty);
            let seen = self.members.get(&kind).unwrap_or(&empty);
            let lacking = seen.difference(listed).count();
            let list = entry::principals(word);
            if lacking > 0 && areas.remove(list) {
                doubts.push(format!(
                    "the list of {list} lacks {lacking} that are members of groups, so it is not whole"
                ));
            }
        }
        let named = |entry: &&Entry| entry.kind == "managementGroup";
        let known: BTreeSet<String> =
            entries.iter().filter(named).map(|entry| text(entry, "name")).collect();
        let root = fold(&tenant.to_string());
        let beyond = entries.iter().filter(|e| e.kind == "roleAssignment" && e.to.is_none());
        let beyond: BTreeSet<String> = beyond
            .filter_map(|entry| {
                let scope = text(entry, "scope");
                let name =
                    scope.strip_prefix("/providers/microsoft.management/managementgroups/")?;
                let name = name.trim_end_matches('/').to_owned();
                (!name.contains('/') && name != root && !known.contains(&name)).then_some(name)
            })
            .collect();
        if let (Some(first), true) = (beyond.first(), areas.contains(MANAGEMENT_GROUPS)) {
            areas.remove(MANAGEMENT_GROUPS);
            doubts.push(format!(
                "the management group tree lacks '{first}', which has role assignments, so it is not whole"
            ));
        }
        doubts
    }
}
