//! Lists of members of a group. Graph's list of all members leaves service principals out without a
//! word, so each kind is asked for by itself too; what one of the lists has is a member.

use std::fmt::Display;

use pal_model::{PrincipalKind, fold};

use super::entry;
use super::files::Document;

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Kind {
    User,
    Group,
    ServicePrincipal,
}

impl Kind {
    pub const ALL: [Self; 3] = [Self::User, Self::Group, Self::ServicePrincipal];

    /// By a word such as `user`, `users`, `#microsoft.graph.servicePrincipal`, `agentIdentity`.
    pub fn of_word(word: &str) -> Option<Self> {
        let word = fold(word.rsplit(['.', '#']).next().unwrap_or(word));
        Some(match word.as_str() {
            "user" | "users" | "agentuser" => Self::User,
            "group" | "groups" => Self::Group,
            "serviceprincipal"
            | "serviceprincipals"
            | "agentidentity"
            | "agentidentityblueprintprincipal" => Self::ServicePrincipal,
            _ => return None,
        })
    }

    pub const fn of_principal(kind: PrincipalKind) -> Self {
        match kind {
            PrincipalKind::User => Self::User,
            PrincipalKind::Group => Self::Group,
            PrincipalKind::ServicePrincipal | PrincipalKind::ManagedIdentity => {
                Self::ServicePrincipal
            }
        }
    }

    const fn plural(self) -> &'static str {
        match self {
            Self::User => "users",
            Self::Group => "groups",
            Self::ServicePrincipal => "service principals",
        }
    }
}

/// The kind that a list of members is restricted to; `None` = the list of all.
pub fn restricted_to(document: &Document) -> Option<Kind> {
    let context = document.context.as_deref().unwrap_or_default();
    // `users(id)`, `groups('…')/members/microsoft.graph.user`, `Collection(microsoft.graph.user)`
    let said = match context.rsplit_once("microsoft.graph.") {
        Some((_, word)) => word.split(['(', ')', '/']).next(),
        None if context.starts_with("groups('") => None,
        None => context.split(['(', '/']).next(),
    };
    let named = || document.name_parts().get(2..).and_then(|rest| Kind::of_word(rest.last()?));
    said.and_then(Kind::of_word).or_else(named)
}

/// The areas in which such a list of a group is complete.
pub fn areas(group: &impl Display, restricted: Option<Kind>) -> Vec<String> {
    match restricted {
        Some(kind) => vec![area(group, kind)],
        None => vec![area(group, Kind::User), area(group, Kind::Group)],
    }
}

pub fn area(group: &impl Display, kind: Kind) -> String {
    format!("{} ({})", entry::members(group), kind.plural())
}

/// Every area in which a member has to be missing before it is gone: the kind of a member of which
/// nothing is known may be any.
pub fn needed(group: &impl Display, kind: Option<Kind>) -> Vec<String> {
    let kinds = Kind::ALL.into_iter().filter(|one| kind.is_none_or(|kind| kind == *one));
    kinds.map(|kind| area(group, kind)).collect()
}
