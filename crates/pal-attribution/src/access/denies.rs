//! Deny assignments: when one takes a path away (R20).

use std::collections::HashMap;

use pal_model::{DenyAssignment, Facts, Guid, IntervalSet, Principal, Stated, TenantId};

use super::groups::Reach;
use crate::policy::DenyMode;

/// Deny assignments by scope.
pub struct Denies<'a> {
    facts: &'a [Stated<DenyAssignment>],
    by_scope: HashMap<&'a str, Vec<u32>>,
}

impl<'a> Denies<'a> {
    /// Indexes the facts.
    pub fn new(facts: &'a Facts) -> Self {
        let mut by_scope: HashMap<&str, Vec<u32>> = HashMap::new();
        for (index, stated) in facts.deny_assignments.iter().enumerate() {
            by_scope.entry(stated.fact.scope.folded()).or_default().push(index as u32);
        }
        Self { facts: &facts.deny_assignments, by_scope }
    }

    /// Whether there are none at all.
    pub fn is_empty(&self) -> bool {
        self.facts.is_empty()
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

/// Whether one deny takes a role with these actions away; `None` = actions unknown.
pub fn takes_away(deny: &DenyAssignment, actions: Option<&[String]>, mode: DenyMode) -> bool {
    match (mode, actions) {
        (DenyMode::Any, _) => true,
        (DenyMode::Full, None | Some([])) => false,
        (DenyMode::Full, Some(actions)) => {
            let taken = |action: &String| deny.actions.iter().any(|p| matches(p, action));
            deny.not_actions.is_empty() && actions.iter().all(taken)
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
    use super::matches;

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
