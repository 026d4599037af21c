//! What lists say of each other. A list that lacks what another list of the same snapshot has is not
//! whole, whatever the service says: nothing that is missing from it has ended.

use std::collections::{BTreeMap, BTreeSet};

use pal_model::{
    Fact, Membership, ObjectId, PrincipalFact, PrincipalKind, ScopePath, TenantId, fold,
};

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
    listed: BTreeMap<Kind, BTreeSet<ObjectId>>,
    members: BTreeMap<Kind, BTreeSet<ObjectId>>,
    /// Members of each group, from all its lists.
    of_group: BTreeMap<ObjectId, BTreeSet<ObjectId>>,
}

impl Lists {
    pub fn listed(&mut self, fact: &PrincipalFact) {
        self.listed.entry(Kind::of_principal(fact.kind)).or_default().insert(fact.object);
    }

    pub fn member(&mut self, fact: &Membership, kind: Option<Kind>) {
        self.of_group.entry(fact.group).or_default().insert(fact.member);
        if let Some(kind) = kind {
            self.members.entry(kind).or_default().insert(fact.member);
        }
    }

    /// Refuses a list that does not hold as many as were counted. The count of all members of a group
    /// may fit the lists of all kinds together.
    pub fn check_count(&self, document: &Document) -> Result<(), SnapshotError> {
        let Some(counted) = document.count else { return Ok(()) };
        let together =
            form::group_of(document).and_then(|group| self.of_group.get(&group.parse().ok()?));
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
        for (kind, list) in [
            (Kind::User, PrincipalKind::User),
            (Kind::Group, PrincipalKind::Group),
            (Kind::ServicePrincipal, PrincipalKind::ServicePrincipal),
        ] {
            let listed = self.listed.get(&kind).unwrap_or(&empty);
            let seen = self.members.get(&kind).unwrap_or(&empty);
            let lacking = seen.difference(listed).count();
            let list = entry::principals(list);
            if lacking > 0 && areas.remove(list) {
                doubts.push(format!(
                    "the list of {list} lacks {lacking} that are members of groups, so it is not whole"
                ));
            }
        }
        let known = entries.iter().filter_map(|entry| match &entry.fact {
            Fact::ManagementGroup(group) => Some(fold(&group.name)),
            _ => None,
        });
        let known: BTreeSet<String> = known.chain([fold(&tenant.to_string())]).collect();
        let scopes = entries.iter().filter(|entry| entry.to.is_none()).filter_map(|entry| {
            let Fact::RoleAssignment(fact) = &entry.fact else { return None };
            management_group(&fact.scope)
        });
        let beyond: BTreeSet<&str> = scopes.filter(|name| !known.contains(*name)).collect();
        if let (Some(first), true) = (beyond.first(), areas.contains(MANAGEMENT_GROUPS)) {
            areas.remove(MANAGEMENT_GROUPS);
            doubts.push(format!(
                "the management group tree lacks '{first}', which has role assignments, so it is not whole"
            ));
        }
        doubts
    }
}

fn management_group(scope: &ScopePath) -> Option<&str> {
    let name = scope.folded().strip_prefix("/providers/microsoft.management/managementgroups/")?;
    (!name.contains('/')).then_some(name)
}
