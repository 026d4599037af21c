//! One thing that a snapshot says: a fact, and what is known of its time.

use std::fmt::Display;

use pal_model::{Fact, FactLine, Instant, PrincipalKind, ScopePath, fold, subject_of};
use serde_json::Value;

#[derive(Debug, Clone)]
pub struct Entry {
    pub fact: Fact,
    /// Its own start, if the export tells it.
    pub from: Option<Instant>,
    /// Its own end, if the export tells it.
    pub to: Option<Instant>,
    /// When its values last changed, if the export tells it.
    pub changed: Option<Instant>,
    /// Fields that this snapshot does not know: taken over from the earlier facts.
    pub carry: &'static [&'static str],
    pub partner_name: Option<String>,
    pub file: String,
}

impl Entry {
    pub fn new(fact: impl Into<Fact>, file: &str) -> Self {
        Self {
            fact: fact.into(),
            from: None,
            to: None,
            changed: None,
            carry: &[],
            partner_name: None,
            file: file.to_owned(),
        }
    }

    #[must_use]
    pub const fn since(mut self, from: Option<Instant>) -> Self {
        self.from = from;
        self
    }

    #[must_use]
    pub const fn until(mut self, to: Option<Instant>) -> Self {
        self.to = to;
        self
    }

    pub fn key(&self) -> String {
        key(&self.fact)
    }

    /// Takes over from an earlier fact what this snapshot does not know.
    pub fn carry_over(&mut self, known: &Fact) {
        let (mut object, known) = (self.fact.object(), known.object());
        for name in self.carry {
            object.shift_remove(*name);
            object.extend(known.get(*name).map(|value| ((*name).to_owned(), value.clone())));
        }
        // Fields of one kind fit that kind.
        if let Ok(line) = FactLine::read(&Value::Object(object).to_string()) {
            self.fact = line.fact;
        }
    }
}

/// The identity of a fact: its kind, and what it is about.
pub fn key(fact: &Fact) -> String {
    format!("{} {}", fact.kind(), fact.subject())
}

/// The identity of a fact of which only that is known.
pub fn key_of(kind: &str, parts: &[&dyn Display]) -> String {
    format!("{kind} {}", subject_of(parts))
}

/// The place of a fact among those of other kinds.
pub fn order(fact: &Fact) -> Option<usize> {
    Fact::KINDS.iter().position(|kind| *kind == fact.kind())
}

/// The fields in which two facts of a kind differ. Identifiers, scopes and actions have no case; lists
/// have no order.
pub fn differences(a: &Fact, b: &Fact) -> Vec<&'static str> {
    let (kind, a, b) = (a.kind(), a.object(), b.object());
    let tenant =
        |object: &serde_json::Map<String, Value>| object.get("tenant").map(|id| normal("", id));
    let root = tenant(&a);
    let of = |object: &serde_json::Map<String, Value>, name: &str| {
        let text = normal(name, object.get(name)?);
        // The tenant root group is named by the tenant and is meant when nothing is said.
        let is_root = matches!(name, "parent" | "managementGroup") && Some(&text) == root.as_ref();
        (!is_root).then_some(text)
    };
    let fields = Fact::fields(kind).iter().copied();
    fields.filter(|name| of(&a, name) != of(&b, name)).collect()
}

/// Fields that facts of earlier versions of the program do not have.
const ADDED: [&str; 2] = ["signInName", "domains"];

/// Whether `b` says what `a` says, and more that was not asked for when `a` was written.
pub fn only_adds(a: &Fact, b: &Fact) -> bool {
    let (differences, a) = (differences(a, b), a.object());
    !differences.is_empty()
        && differences.iter().all(|field| ADDED.contains(field) && !a.contains_key(*field))
}

fn normal(name: &str, value: &Value) -> String {
    match value {
        Value::String(text) => match name {
            "name" | "displayName" | "signInName" | "domain" | "condition" => text.clone(),
            _ => fold(text),
        },
        Value::Array(list) => {
            let mut list: Vec<String> = list.iter().map(|v| normal("", v)).collect();
            list.sort();
            format!("[{}]", list.join(","))
        }
        Value::Object(object) => {
            let mut list: Vec<String> =
                object.iter().map(|(k, v)| format!("{k}:{}", normal("", v))).collect();
            list.sort();
            list.join(";")
        }
        other => other.to_string(),
    }
}

/// The list in which a thing must be found as long as it exists; `None` = absence never ends it, or it
/// is a membership, for which there are several lists.
pub fn area(fact: &Fact) -> Option<String> {
    Some(match fact {
        Fact::Principal(fact) => principals(fact.kind).to_owned(),
        Fact::ManagementGroup(_) => MANAGEMENT_GROUPS.to_owned(),
        Fact::Subscription(_) => SUBSCRIPTIONS.to_owned(),
        Fact::RoleAssignment(fact) => {
            let id = fold(&fact.id);
            let list = if id.contains("/roleeligibilityscheduleinstances/") {
                ELIGIBLE
            } else if id.contains("/roleassignmentscheduleinstances/") {
                ACTIVE
            } else {
                ASSIGNMENTS
            };
            at(list, &place(&fact.scope))
        }
        Fact::DenyAssignment(fact) => at(DENIES, &place(&fact.scope)),
        Fact::Delegation(fact) => at(DELEGATIONS, fact.scope.folded()),
        _ => return None,
    })
}

/// Areas, in words that the summary can show.
pub const MANAGEMENT_GROUPS: &str = "the whole management group tree";
/// See above.
pub const SUBSCRIPTIONS: &str = "the subscriptions";
/// See above.
pub const GROUPS: &str = "the groups";
/// See above.
pub const ASSIGNMENTS: &str = "role assignments";
/// See above.
pub const ACTIVE: &str = "role assignment schedule instances";
/// See above.
pub const ELIGIBLE: &str = "role eligibility schedule instances";
/// See above.
pub const DENIES: &str = "deny assignments";
/// See above.
pub const DELEGATIONS: &str = "registration assignments";

/// The area of a directory object's type.
pub const fn principals(kind: PrincipalKind) -> &'static str {
    match kind {
        PrincipalKind::User => "the users",
        PrincipalKind::Group => GROUPS,
        PrincipalKind::ServicePrincipal | PrincipalKind::ManagedIdentity => {
            "the service principals"
        }
    }
}

pub fn members(group: &impl Display) -> String {
    format!("members of group {}", fold(&group.to_string()))
}

pub fn at(list: &str, place: &str) -> String {
    format!("{list} at {place}")
}

/// What lists of assignments are made of: a subscription with everything in it, a management group,
/// the root, another scope.
pub fn place(scope: &ScopePath) -> String {
    let mut segments = scope.folded().split('/').skip(1);
    match (segments.next(), segments.next(), segments.next(), segments.next()) {
        (Some("subscriptions"), Some(id), ..) => id.to_owned(),
        (Some("providers"), Some("microsoft.management"), Some("managementgroups"), Some(name)) => {
            name.to_owned()
        }
        _ => scope.folded().to_owned(),
    }
}
