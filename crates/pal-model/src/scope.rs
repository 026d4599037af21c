//! Scope paths: where a role assignment, a delegation or a charge sits in the hierarchy.
//!
//! # Worked example
//!
//! `/subscriptions/S/resourceGroups/Rg/providers/Microsoft.Sql/servers/Sv/databases/Db` has the
//! chain database → server → resource group → subscription. Each element ends after a *name*
//! segment. An extension resource (`…/servers/Sv/providers/Microsoft.Insights/x/Y`) has the
//! resource it extends as its parent. Elements are found by segments, never by string prefix, so
//! `…/resourceGroups/rg` is no ancestor of anything in `…/resourceGroups/rg2` (R16, E5).

use std::fmt;
use std::hash::{Hash, Hasher};
use std::str::FromStr;

use crate::fold;

/// Why a text is not a scope.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("'{0}' is not a scope (expected a path that begins with '/')")]
pub struct ScopeError(String);

/// A scope or resource path. Compares without case ([`fold`]), prints as it came.
///
/// Empty segments and trailing slashes are dropped: ARM treats them as noise.
#[derive(Clone)]
pub struct ScopePath {
    text: String,
    folded: String,
}

impl ScopePath {
    /// The path in lower case: the form used as a key.
    pub fn folded(&self) -> &str {
        &self.folded
    }

    /// The path as it came.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// This element and its ancestors up to the subscription, folded, nearest first. A path outside
    /// a subscription has only itself.
    pub fn chain(&self) -> Vec<&str> {
        chain_of(&self.folded)
    }

    /// The chain as it came. A folded path may be longer or shorter, so elements are told by their
    /// number of segments.
    pub fn chain_as_written(&self) -> Vec<&str> {
        let written = |folded: &str| {
            let next = self.text.match_indices('/').nth(folded.matches('/').count());
            &self.text[..next.map_or(self.text.len(), |(at, _)| at)]
        };
        self.chain().into_iter().map(written).collect()
    }

    /// The subscription segment, folded.
    pub fn subscription(&self) -> Option<&str> {
        subscription_of(&self.folded)
    }

    /// The scope of a management group.
    pub fn management_group(name: &str) -> Self {
        let text = format!("/providers/Microsoft.Management/managementGroups/{name}");
        Self { folded: fold(&text), text }
    }

    /// Whether this is exactly a subscription or a resource group: all that can be delegated (R18).
    pub fn is_subscription_or_group(&self) -> bool {
        let segments: Vec<&str> = self.folded[1..].split('/').collect();
        match segments[..] {
            ["subscriptions", _] => true,
            ["subscriptions", _, kind, _] => kind == "resourcegroups",
            _ => false,
        }
    }
}

/// See [`ScopePath::chain`]; `folded` is a path in lower case without trailing slash.
pub fn chain_of(folded: &str) -> Vec<&str> {
    if subscription_of(folded).is_none() {
        return vec![folded];
    }
    let segments: Vec<&str> = folded[1..].split('/').collect();
    // ends[i] = where the path up to and including segment i ends
    let ends: Vec<usize> = segments
        .iter()
        .scan(0, |end, s| {
            *end += 1 + s.len();
            Some(*end)
        })
        .collect();
    let mut cuts = vec![ends[1]];
    let mut next = 2;
    if segments.get(2) == Some(&"resourcegroups") && segments.len() > 3 {
        cuts.push(ends[3]);
        next = 4;
    }
    while next < segments.len() {
        if segments[next] == "providers" {
            next += 2; // the word and the namespace
        } else {
            next += 2; // type and name
            cuts.extend(ends.get(next - 1));
        }
    }
    if cuts.last() != Some(&folded.len()) {
        cuts.push(folded.len()); // an unfinished tail is an element of its own
    }
    cuts.iter().rev().map(|&end| &folded[..end]).collect()
}

fn subscription_of(folded: &str) -> Option<&str> {
    let rest = folded.strip_prefix("/subscriptions/")?;
    Some(rest.split('/').next().unwrap_or(rest))
}

impl FromStr for ScopePath {
    type Err = ScopeError;

    fn from_str(text: &str) -> Result<Self, ScopeError> {
        let trimmed = text.trim();
        if !trimmed.starts_with('/') {
            return Err(ScopeError(text.chars().take(80).collect()));
        }
        let mut clean = String::with_capacity(trimmed.len());
        for segment in trimmed.split('/').filter(|s| !s.is_empty()) {
            clean.push('/');
            clean.push_str(segment);
        }
        if clean.is_empty() {
            clean.push('/');
        }
        Ok(Self { folded: fold(&clean), text: clean })
    }
}

impl fmt::Display for ScopePath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}
impl fmt::Debug for ScopePath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}
impl PartialEq for ScopePath {
    fn eq(&self, other: &Self) -> bool {
        self.folded == other.folded
    }
}
impl Eq for ScopePath {}
impl Hash for ScopePath {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.folded.hash(state);
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn chain(text: &str) -> Vec<String> {
        text.parse::<ScopePath>().unwrap().chain().into_iter().map(String::from).collect()
    }

    #[test]
    fn children_and_extensions_have_their_parents() {
        let rg = "/subscriptions/s/resourcegroups/g";
        let server = format!("{rg}/providers/n.sql/servers/x");
        assert_eq!(
            chain(&format!("{server}/databases/y")),
            [&format!("{server}/databases/y"), &server, rg, "/subscriptions/s"]
        );
        assert_eq!(
            chain(&format!("{server}/providers/M/c/z")),
            [&format!("{server}/providers/m/c/z"), &server, rg, "/subscriptions/s"]
        );
        assert_eq!(
            chain("/subscriptions/S/providers/N/a/x/"),
            ["/subscriptions/s/providers/n/a/x", "/subscriptions/s"]
        );
    }

    #[test]
    fn outside_a_subscription_there_is_only_itself() {
        let order = "/providers/microsoft.capacity/reservationorders/o/reservations/r";
        assert_eq!(chain(order), [order]);
        assert_eq!(chain("/"), ["/"]);
        assert!("arn:aws:sqs:x".parse::<ScopePath>().is_err());
    }

    #[test]
    fn names_compare_without_case_in_any_language() {
        let group = |name: &str| -> ScopePath {
            format!("/subscriptions/s/resourceGroups/{name}").parse().unwrap()
        };
        assert_eq!(group("RG-MALM\u{d6}"), group("rg-malm\u{f6}"));
        assert_ne!(group("\u{212A}"), group("k"));
        let mixed: ScopePath =
            "/Subscriptions/S/resourceGroups/\u{23A}/providers/N/a/\u{d6}".parse().unwrap();
        assert_eq!(
            mixed.chain(),
            [
                "/subscriptions/s/resourcegroups/\u{2c65}/providers/n/a/\u{f6}",
                "/subscriptions/s/resourcegroups/\u{2c65}",
                "/subscriptions/s"
            ]
        );
        assert_eq!(
            mixed.chain_as_written(),
            [
                "/Subscriptions/S/resourceGroups/\u{23A}/providers/N/a/\u{d6}",
                "/Subscriptions/S/resourceGroups/\u{23A}",
                "/Subscriptions/S"
            ]
        );
        assert_eq!("/".parse::<ScopePath>().unwrap().chain_as_written(), ["/"]);
    }

    #[test]
    fn what_can_be_delegated() {
        let can = |t: &str| t.parse::<ScopePath>().unwrap().is_subscription_or_group();
        assert!(can("/subscriptions/s") && can("/subscriptions/s/ResourceGroups/g"));
        assert!(!can("/") && !can("/subscriptions/s/resourceGroups/g/providers/n/a/x"));
        assert!(!can("/providers/Microsoft.Management/managementGroups/m"));
    }

    proptest! {
        #[test]
        fn each_element_is_a_segment_prefix_of_the_one_before(tail in "(/[a-zA-Z0-9.-]{1,6}){0,9}") {
            let path: ScopePath = format!("/subscriptions/S{tail}").parse().unwrap();
            let chain = path.chain();
            prop_assert_eq!(chain[0], path.folded());
            prop_assert!(chain.last().unwrap().matches('/').count() == 2);
            for pair in chain.windows(2) {
                let child = format!("{}/", pair[1]);
                prop_assert!(pair[0].starts_with(&child));
            }
        }
    }
}
