//! Which kind of thing an item is, by what is in it.

use pal_model::{Guid, fold};
use serde_json::Value;

use super::files::Document;
use super::members::Kind;

/// What an unrecognised file was compared with.
pub const LOOKED_FOR: &str = "role assignments, role assignment and role eligibility schedule \
instances, role definitions, deny assignments, management groups, subscriptions, Lighthouse \
registration assignments, users, service principals, groups, members of a group, the \
organization, partner links, activity log events, directory audits";

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Form {
    RoleAssignment,
    /// An active assignment of Privileged Identity Management, with start and end.
    Active,
    /// An eligible assignment of Privileged Identity Management.
    Eligible,
    RoleDefinition,
    Deny,
    /// A Lighthouse registration assignment.
    Delegation,
    /// A management group: the top of a tree, or one entity.
    ManagementGroup,
    /// A subscription as an entity of the management group tree.
    PlacedSubscription,
    Subscription,
    User,
    ServicePrincipal,
    Group,
    Member,
    Organization,
    Link,
    Event,
    /// An entry of the directory's audit log.
    Audit,
    /// Something known that gives no fact.
    NoFact(&'static str),
}

pub fn recognise(item: &Value, document: &Document) -> Option<Form> {
    if group_of(document).is_some() {
        return item.get("id").is_some().then_some(Form::Member);
    }
    let kind = item.get("type").and_then(Value::as_str).map(fold);
    let graph = || by_context(document).or_else(|| by_own_type(item));
    if let Some(kind) = kind.filter(|kind| kind.contains('/')) {
        return by_type(&kind); // a resource: its fields could look like those of anything
    }
    match graph() {
        // A list of mixed directory objects is the members of something, and nothing says of what.
        // A list of one kind says the type of derived items only.
        None if item.get(OWN_TYPE).is_some() && !is_derived(item, document) => None,
        None => by_fields(item),
        form => form,
    }
}

/// Whether an item says its type because it is derived from the kind that the list has.
fn is_derived(item: &Value, document: &Document) -> bool {
    let own = item.get(OWN_TYPE).and_then(Value::as_str).unwrap_or_default();
    let is_base = matches!(
        own,
        "#microsoft.graph.user" | "#microsoft.graph.group" | "#microsoft.graph.servicePrincipal"
    );
    !is_base && document.items.iter().any(|other| other.get(OWN_TYPE).is_none())
}

/// What Graph calls an item of a list that may hold several kinds.
pub const OWN_TYPE: &str = "@odata.type";

fn by_type(kind: &str) -> Option<Form> {
    Some(match kind.trim_start_matches("/providers/") {
        "microsoft.authorization/roleassignments" => Form::RoleAssignment,
        "microsoft.authorization/roleassignmentscheduleinstances" => Form::Active,
        "microsoft.authorization/roleeligibilityscheduleinstances" => Form::Eligible,
        "microsoft.authorization/roledefinitions" => Form::RoleDefinition,
        "microsoft.authorization/denyassignments" => Form::Deny,
        "microsoft.managedservices/registrationassignments" => Form::Delegation,
        "microsoft.management/managementgroups" => Form::ManagementGroup,
        "/subscriptions" => Form::PlacedSubscription,
        "microsoft.resources/subscriptions" => Form::Subscription,
        "microsoft.managementpartner/partners" => Form::Link,
        "microsoft.managedservices/registrationdefinitions" => {
            Form::NoFact("registration definitions")
        }
        "microsoft.authorization/roleassignmentschedules" => {
            Form::NoFact("role assignment schedules")
        }
        "microsoft.authorization/roleeligibilityschedules" => {
            Form::NoFact("role eligibility schedules")
        }
        "microsoft.authorization/roleassignmentschedulerequests"
        | "microsoft.authorization/roleeligibilityschedulerequests" => {
            Form::NoFact("schedule requests")
        }
        "microsoft.authorization/classicadministrators" => Form::NoFact("classic administrators"),
        "microsoft.resources/tenants" => Form::NoFact(TENANTS),
        _ => return None,
    })
}

fn by_context(document: &Document) -> Option<Form> {
    // `users(id,accountEnabled)`, `users/$entity`
    let context = document.context.as_deref()?;
    if context.starts_with("auditLogs/directoryAudits") {
        return Some(Form::Audit);
    }
    Some(match context.split(['(', '/']).next()? {
        "users" => Form::User,
        "servicePrincipals" => Form::ServicePrincipal,
        "groups" => Form::Group,
        "organization" => Form::Organization,
        _ => return None,
    })
}

/// The recycle bin lists all kinds together, and each item there says when it was deleted.
fn by_own_type(item: &Value) -> Option<Form> {
    item.get("deletedDateTime").filter(|time| time.is_string())?;
    Some(match Kind::of_word(item.get(OWN_TYPE)?.as_str()?)? {
        Kind::User => Form::User,
        Kind::ServicePrincipal => Form::ServicePrincipal,
        Kind::Group => Form::Group,
    })
}

/// The directories that somebody can sign in to.
const TENANTS: &str = "tenants";

fn by_fields(item: &Value) -> Option<Form> {
    let has = |field: &str| item.get(field).is_some();
    let derived = item.get(OWN_TYPE).and_then(Value::as_str).and_then(Kind::of_word);
    let deep = |field: &str| has(field) || item.pointer(&format!("/properties/{field}")).is_some();
    if has("eventTimestamp") && has("operationName") {
        Some(Form::Event)
    } else if has("activityDateTime") && has("activityDisplayName") {
        Some(Form::Audit)
    } else if has("tenantId") && (has("tenantCategory") || is_tenant(item)) {
        Some(Form::NoFact(TENANTS))
    } else if has("tenantId") && (has("subscriptionId") || has("isDefault")) {
        Some(Form::Subscription)
    } else if deep("partnerId") && deep("objectId") {
        Some(Form::Link)
    } else if has("verifiedDomains") {
        Some(Form::Organization)
    } else if has("servicePrincipalType") || derived == Some(Kind::ServicePrincipal) {
        Some(Form::ServicePrincipal)
    } else if has("securityEnabled") || has("groupTypes") {
        Some(Form::Group)
    } else if has("userPrincipalName") || has("userType") || derived == Some(Kind::User) {
        Some(Form::User)
    } else {
        None
    }
}

fn is_tenant(item: &Value) -> bool {
    item.get("id").and_then(Value::as_str).is_some_and(|id| fold(id).starts_with("/tenants/"))
}

/// The group whose members a document lists: by its wrapper, its Graph context, or its name
/// `<group>.members.json`, `<group>.members.servicePrincipal.json`.
pub fn group_of(document: &Document) -> Option<&str> {
    let wrapped = document.group.as_ref().and_then(|group| group.get("id")?.as_str());
    let context = || {
        let rest = document.context.as_deref()?.strip_prefix("groups('")?;
        let (id, tail) = rest.split_once("')")?;
        tail.starts_with("/members").then_some(id)
    };
    let named = || match document.name_parts()[..] {
        [id, word, ..] if is_guid(id) && word.eq_ignore_ascii_case("members") => Some(id),
        _ => None,
    };
    wrapped.or_else(context).or_else(named)
}

/// What an empty list would list, if the first part of its name says so.
pub fn named(document: &Document) -> Option<Form> {
    let first = *document.name_parts().first()?;
    let word: String = fold(first).chars().filter(|c| !matches!(c, '-' | '_')).collect();
    Some(match word.as_str() {
        "roleassignments" => Form::RoleAssignment,
        "roleassignmentscheduleinstances" => Form::Active,
        "roleeligibilityscheduleinstances" => Form::Eligible,
        "denyassignments" => Form::Deny,
        "registrationassignments" => Form::Delegation,
        "groups" => Form::Group,
        _ => return None,
    })
}

/// Whether a list may be empty without anything to say: nothing happened, or there are none.
pub fn may_be_empty(document: &Document) -> bool {
    let parts = document.name_parts();
    let first = parts.first().map(|first| fold(first));
    matches!(
        first.as_deref(),
        Some(
            "activity-log"
                | "directory-audits"
                | "role-definitions"
                | "registration-definitions"
                | "tenants"
                | "deleted-users"
                | "deleted-groups"
                | "deleted-service-principals"
        )
    )
}

pub fn is_guid(text: &str) -> bool {
    text.parse::<Guid>().is_ok()
}
