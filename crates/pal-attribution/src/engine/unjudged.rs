//! What a report could not judge: for those who read it.

use std::collections::BTreeSet;
use std::fmt;
use std::sync::Mutex;

use pal_model::TenantId;

use super::lock;
use crate::access::{Access, OpenDeny, Unjudged};

/// A deny assignment that could not be judged for a role by which somebody is credited (R20).
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct UnjudgedDeny {
    pub tenant: TenantId,
    pub id: String,
    pub scope: String,
    /// The role: its name if it is known, else its id.
    pub role: String,
    /// Why it could not be judged.
    pub why: Unjudged,
}

impl fmt::Display for UnjudgedDeny {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { id, scope, role, why, .. } = self;
        write!(
            f,
            "deny assignment '{id}' at '{scope}' cannot be judged for the role {role}, because {}; \
             the role counts as not denied",
            why.reason()
        )
    }
}

impl Unjudged {
    /// In words, after "because".
    pub const fn reason(self) -> &'static str {
        match self {
            Self::NotActions => "it has notActions and leaves what they match",
            Self::RoleActions => "no fact of kind roleDefinition gives the actions of that role",
        }
    }
}

#[derive(Debug, Default)]
pub struct UnjudgedDenies(Mutex<BTreeSet<UnjudgedDeny>>);

impl UnjudgedDenies {
    pub fn add<'r>(&self, denies: impl IntoIterator<Item = &'r UnjudgedDeny>) {
        lock(&self.0).extend(denies.into_iter().cloned());
    }

    /// All of them, in order.
    pub fn take(&self) -> Vec<UnjudgedDeny> {
        std::mem::take(&mut *lock(&self.0)).into_iter().collect()
    }
}

impl Access<'_> {
    /// The denies that an outcome left open, for partners that are `shown`.
    pub(super) fn unjudged(
        &self,
        open: &[OpenDeny],
        shown: impl Fn(&OpenDeny) -> bool,
    ) -> Vec<UnjudgedDeny> {
        let told = |open: &OpenDeny| {
            let stated = self.denies.get(open.deny);
            UnjudgedDeny {
                tenant: stated.fact.tenant,
                id: stated.fact.id.clone(),
                scope: stated.fact.scope.to_string(),
                role: self.role_title(open.role),
                why: open.why,
            }
        };
        open.iter().filter(|open| shown(open)).map(told).collect()
    }
}
