//! What a role can do, and what a deny leaves of it.

use pal_model::{DenyAssignment, RoleClass, RoleDefinition, RoleId};

use super::names::matches;
use crate::roles::RoleData;

/// The class of a role: Owner is one role. Of the others the table of partner earned credit decides,
/// if it names the role; else whether the role can do more than read. What a role can do is said by
/// its definition that holds then; of a built-in role without one the shipped list says it.
pub(super) fn class_of(
    data: &RoleData,
    role: RoleId,
    definition: Option<&RoleDefinition>,
) -> RoleClass {
    if role.to_string().eq_ignore_ascii_case("8e3af657-a8ff-443c-a75c-2fe8c4bcb635") {
        return RoleClass::Owner;
    }
    let only_reads = |action: &String| action.to_ascii_lowercase().ends_with("/read");
    let contributes = match (data.pec_eligible(role), definition) {
        (Some(eligible), _) => eligible,
        (None, Some(d)) => {
            !d.actions.iter().all(only_reads) || !d.data_actions.iter().all(only_reads)
        }
        (None, None) => data.writes(role).unwrap_or(false),
    };
    if contributes { RoleClass::Contributor } else { RoleClass::Reader }
}

/// Whether a deny leaves nothing of a role's actions. One that leaves something itself never does;
/// a bare `*` takes whatever a role has, known or not; of a role without known actions nothing else
/// is certain.
pub(super) fn takes_everything(deny: &DenyAssignment, role: Option<&RoleDefinition>) -> bool {
    if !deny.not_actions.is_empty() {
        return false;
    }
    if deny
        .actions
        .iter()
        .any(|pattern| pattern.starts_with('*') && pattern.trim_matches('*').is_empty())
    {
        return true;
    }
    let taken = |action: &String| {
        let text = action.to_ascii_lowercase();
        let mut patterns = deny.actions.iter().map(|pattern| pattern.to_ascii_lowercase());
        patterns.any(|pattern| matches(pattern.as_bytes(), text.as_bytes()))
    };
    role.is_some_and(|role| !role.actions.is_empty() && role.actions.iter().all(taken))
}
