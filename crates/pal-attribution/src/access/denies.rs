//! Deny assignments: when one takes a path away (R20).

use std::collections::HashMap;

use pal_model::{
    DenyAssignment, DenyEffect, Facts, Guid, IntervalSet, PartnerId, Principal, RoleId, Stated,
    TenantId,
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::groups::Reach;
use crate::policy::DenyMode;

/// Deny assignments by scope; those that only log are left out.
pub struct Denies<'a> {
    facts: &'a [Stated<DenyAssignment>],
    by_scope: HashMap<&'a str, Vec<u32>>,
}

impl<'a> Denies<'a> {
    /// Indexes the facts.
    pub fn new(facts: &'a Facts) -> Self {
        let mut by_scope: HashMap<&str, Vec<u32>> = HashMap::new();
        let all = facts.deny_assignments.iter().enumerate();
        for (index, stated) in all.filter(|(_, s)| s.fact.effect == DenyEffect::Enforced) {
            by_scope.entry(stated.fact.scope.folded()).or_default().push(index as u32);
        }
        Self { facts: &facts.deny_assignments, by_scope }
    }

    /// Whether there are none at all.
    pub fn is_empty(&self) -> bool {
        self.by_scope.is_empty()
    }

    /// Denies at one element of a chain; `first` = it is the chain's first element.
    pub fn at(&self, folded: &str, first: bool) -> impl Iterator<Item = u32> + '_ {
        let list = self.by_scope.get(folded).map_or(&[][..], Vec::as_slice);
        let applies = move |d: &u32| first || !self.get(*d).fact.do_not_apply_to_child_scopes;
        list.iter().copied().filter(applies)
    }

    /// The fact behind an index.
    pub fn get(&self, index: u32) -> &'a Stated<DenyAssignment> {
        &self.facts[index as usize]
    }

    /// When deny `index` names `identity` and does not exclude it, for charges of `customer`.
    pub fn names(
        &self,
        index: u32,
        identity: Principal,
        customer: TenantId,
        reach: &Reach,
    ) -> IntervalSet {
        let stated = self.get(index);
        if stated.fact.tenant != customer {
            return IntervalSet::EMPTY;
        }
        // A GUID of the deny's tenant never matches an identity of another one.
        let matches = |object| reach.when(identity, Principal::new(stated.fact.tenant, object));
        let mut named = IntervalSet::EMPTY;
        for &object in &stated.fact.principals {
            let everyone = object.guid() == Guid::ZERO;
            named = named.union(&if everyone { IntervalSet::all() } else { matches(object) });
        }
        for &object in &stated.fact.exclude_principals {
            named = named.subtract(&matches(object));
        }
        named.clip(stated.during)
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Effect {
    Taken,
    Left,
    /// Nobody can tell; the role counts as left.
    Unjudged(Unjudged),
}

/// Why a deny cannot be judged.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "kebab-case")]
pub enum Unjudged {
    /// It has `notActions`, which leave something that is not looked at.
    NotActions,
    /// The actions of the role are not known.
    RoleActions,
}

/// A deny that could not be judged for a role by which a partner is credited.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct OpenDeny {
    pub partner: PartnerId,
    /// The deny, an index.
    pub deny: u32,
    /// The role, if it could be named.
    pub role: Option<RoleId>,
    /// Why it could not be judged.
    pub why: Unjudged,
}

/// What one deny does to a role with these actions; `None` = actions unknown.
pub fn effect(deny: &DenyAssignment, actions: Option<&[String]>, mode: DenyMode) -> Effect {
    let everything = |pattern: &String| !pattern.is_empty() && pattern.bytes().all(|b| b == b'*');
    let takes_any = deny.not_actions.is_empty() && deny.actions.iter().any(everything);
    match actions {
        _ if mode == DenyMode::Any || takes_any => Effect::Taken,
        _ if deny.actions.is_empty() => Effect::Left,
        _ if !deny.not_actions.is_empty() => Effect::Unjudged(Unjudged::NotActions),
        None | Some([]) => Effect::Unjudged(Unjudged::RoleActions),
        Some(actions) => {
            let taken = |action: &String| deny.actions.iter().any(|p| matches(p, action));
            if actions.iter().all(taken) { Effect::Taken } else { Effect::Left }
        }
    }
}

/// `*` in the pattern matches any run of characters; ASCII case is folded.
pub fn matches(pattern: &str, action: &str) -> bool {
    let (pattern, action) = (pattern.to_ascii_lowercase(), action.to_ascii_lowercase());
    let mut pieces = pattern.split('*');
    let Some(mut rest) = action.strip_prefix(pieces.next().unwrap_or_default()) else {
        return false;
    };
    let pieces: Vec<&str> = pieces.collect();
    let Some((last, middle)) = pieces.split_last() else { return rest.is_empty() };
    for piece in middle {
        match rest.find(piece) {
            Some(at) => rest = &rest[at + piece.len()..],
            None => return false,
        }
    }
    rest.ends_with(last)
}

#[cfg(test)]
mod tests {
    use super::{Effect, Unjudged, effect, matches};
    use crate::policy::DenyMode;

    #[test]
    fn what_a_deny_does_to_a_role() {
        let said = |actions: &str, not: &str, role: Option<&[&str]>| {
            let deny = serde_json::from_str(&format!(
                r#"{{"tenant":"00000000-0000-0000-0000-00000000000a","id":"d","principals":[],
                    "actions":{actions},"notActions":{not},"scope":"/"}}"#
            ));
            let role = role.map(|role| role.iter().map(ToString::to_string).collect::<Vec<_>>());
            effect(&deny.unwrap(), role.as_deref(), DenyMode::Full)
        };
        let known = Some(&["Microsoft.Web/sites/read"][..]);
        let without = Effect::Unjudged(Unjudged::RoleActions);
        for (actions, role, expected) in [
            (r#"["*"]"#, None, Effect::Taken),
            (r#"["*"]"#, Some(&[][..]), Effect::Taken),
            (r#"["a/b", "*"]"#, None, Effect::Taken),
            (r#"["**"]"#, None, Effect::Taken),
            (r#"["*/read"]"#, None, without),
            (r#"["*/*"]"#, None, without),
            (r#"[""]"#, None, without),
            (r#"["*/read"]"#, Some(&[][..]), without),
            (r#"["*/READ"]"#, known, Effect::Taken),
            (r#"["*/write"]"#, known, Effect::Left),
            (r#"["Microsoft.*"]"#, Some(&["*"][..]), Effect::Left),
            ("[]", None, Effect::Left),
        ] {
            assert_eq!(said(actions, "[]", role), expected, "{actions} {role:?}");
            let left = r#"["*/read"]"#;
            let not =
                if actions == "[]" { Effect::Left } else { Effect::Unjudged(Unjudged::NotActions) };
            assert_eq!(said(actions, left, role), not, "{actions} {role:?}");
        }
    }

    #[test]
    fn patterns() {
        assert!(matches("*", "Microsoft.Compute/*/read"));
        assert!(matches("microsoft.compute/*", "Microsoft.Compute/virtualMachines/write"));
        assert!(matches("*/write", "a/b/WRITE"));
        assert!(matches("a/*/c*", "a/b/cde"));
        assert!(!matches("*/write", "a/write/x"));
        assert!(!matches("a/b", "a/b/c"));
        assert!(!matches("ab*ba", "aba"));
        assert!(!matches("*/read", "*"));
    }
}
