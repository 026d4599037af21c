//! One thing that a snapshot says: the body of a fact, its identity and what is known of its time.

use pal_model::{Fact, Instant, fold};
use serde_json::{Map, Value};

/// A fact's fields without kind and times.
pub type Body = Map<String, Value>;

/// One thing that a snapshot says.
#[derive(Debug, Clone)]
pub struct Entry {
    /// The kind of fact.
    pub kind: &'static str,
    /// Its fields.
    pub body: Body,
    /// Its own start, if the export tells it.
    pub from: Option<Instant>,
    /// Its own end, if the export tells it.
    pub to: Option<Instant>,
    /// When its values last changed, if the export tells it.
    pub changed: Option<Instant>,
    /// Fields that this snapshot does not know: taken over from the earlier facts.
    pub carry: &'static [&'static str],
    /// What a link calls its partner.
    pub partner_name: Option<String>,
    /// The file it is from.
    pub file: String,
}

impl Entry {
    /// An entry without fields.
    pub fn new(kind: &'static str, file: &str) -> Self {
        Self {
            kind,
            body: Body::new(),
            from: None,
            to: None,
            changed: None,
            carry: &[],
            partner_name: None,
            file: file.to_owned(),
        }
    }

    /// Adds a field.
    #[must_use]
    pub fn with(mut self, field: &str, value: &(impl ToString + ?Sized)) -> Self {
        self.body.insert(field.to_owned(), Value::String(value.to_string()));
        self
    }

    /// Adds a field that may be absent.
    #[must_use]
    pub fn with_some(self, field: &str, value: Option<&(impl ToString + ?Sized)>) -> Self {
        match value {
            Some(value) => self.with(field, value),
            None => self,
        }
    }

    /// Adds a field of another type than text.
    #[must_use]
    pub fn with_value(mut self, field: &str, value: impl Into<Value>) -> Self {
        self.body.insert(field.to_owned(), value.into());
        self
    }

    /// Adds a list, unless it is empty.
    #[must_use]
    pub fn with_list(self, field: &str, list: Vec<String>) -> Self {
        if list.is_empty() { self } else { self.with_value(field, list) }
    }

    /// Sets the start.
    #[must_use]
    pub const fn since(mut self, from: Option<Instant>) -> Self {
        self.from = from;
        self
    }

    /// Sets the end.
    #[must_use]
    pub const fn until(mut self, to: Option<Instant>) -> Self {
        self.to = to;
        self
    }

    /// Its identity.
    pub fn key(&self) -> String {
        key(self.kind, &self.body)
    }
}

fn field<'a>(body: &'a Body, name: &str) -> &'a str {
    body.get(name).and_then(Value::as_str).unwrap_or_default()
}

/// What a fact is about: two facts of one key state values of one thing.
pub fn key(kind: &str, body: &Body) -> String {
    let names: &[&str] = match kind {
        "partner" => &["partner"],
        "principal" | "link" => &["tenant", "object"],
        "membership" => &["tenant", "group", "member"],
        "managementGroup" => &["tenant", "name"],
        // Not of a tenant: a subscription can move to another, and then the old fact must end.
        "subscription" => &["subscription"],
        "roleDefinition" => &["role"],
        "roleAssignment" | "denyAssignment" | "delegation" => &["tenant", "id"],
        _ => &["tenant"],
    };
    let parts: Vec<String> = names.iter().map(|name| fold(field(body, name))).collect();
    format!("{kind} {}", parts.join(" "))
}

/// The fields in which two facts of a kind differ. Identifiers, scopes and actions have no case; lists
/// have no order; a default equals absence.
pub fn differences(kind: &str, a: &Body, b: &Body) -> impl Iterator<Item = &'static str> {
    let tenant = fold(field(a, "tenant"));
    let of = |body: &Body, name: &str| {
        let text = normal(name, body.get(name)?);
        let default = match name {
            "enabled" => text == "true",
            "effect" => text == "enforced",
            "eligible" | "doNotApplyToChildScopes" => text == "false",
            // The tenant root group is named by the tenant and is meant when nothing is said.
            "parent" | "managementGroup" => fold(&text) == tenant,
            _ => text == "[]" || text == "null",
        };
        (!default).then_some(text)
    };
    let differs = move |name: &&'static str| of(a, name) != of(b, name);
    Fact::fields(kind).iter().copied().filter(differs).collect::<Vec<_>>().into_iter()
}

/// Fields that facts of earlier versions of the program do not have.
const ADDED: [&str; 2] = ["signInName", "domains"];

/// Whether `b` says what `a` says, and more that was not asked for when `a` was written.
pub fn only_adds(kind: &str, a: &Body, b: &Body) -> bool {
    let mut differences = differences(kind, a, b).peekable();
    differences.peek().is_some()
        && differences.all(|field| ADDED.contains(&field) && !a.contains_key(field))
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
pub fn area(kind: &str, body: &Body) -> Option<String> {
    Some(match kind {
        "principal" => principals(field(body, "type")).to_owned(),
        "managementGroup" => MANAGEMENT_GROUPS.to_owned(),
        "subscription" => SUBSCRIPTIONS.to_owned(),
        "roleAssignment" => {
            let id = fold(field(body, "id"));
            let list = if id.contains("/roleeligibilityscheduleinstances/") {
                ELIGIBLE
            } else if id.contains("/roleassignmentscheduleinstances/") {
                ACTIVE
            } else {
                ASSIGNMENTS
            };
            at(list, &place(field(body, "scope")))
        }
        "denyAssignment" => at(DENIES, &place(field(body, "scope"))),
        "delegation" => at(DELEGATIONS, &fold(field(body, "scope"))),
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
pub fn principals(kind: &str) -> &'static str {
    match kind {
        "User" => "the users",
        "Group" => GROUPS,
        _ => "the service principals",
    }
}

/// The members of a group.
pub fn members(group: &str) -> String {
    format!("members of group {}", fold(group))
}

/// A list at a place.
pub fn at(list: &str, place: &str) -> String {
    format!("{list} at {place}")
}

/// What lists of assignments are made of: a subscription with everything in it, a management group,
/// the root, another scope.
pub fn place(scope: &str) -> String {
    let scope = fold(scope.trim_end_matches('/'));
    let mut segments = scope.split('/').skip(1);
    match (segments.next(), segments.next(), segments.next(), segments.next()) {
        (Some("subscriptions"), Some(id), ..) => id.to_owned(),
        (Some("providers"), Some("microsoft.management"), Some("managementgroups"), Some(name)) => {
            name.to_owned()
        }
        (None, ..) => "/".to_owned(),
        _ => scope,
    }
}
