//! The sorts of fact and how each is written: one JSON object a line, `kind` first.

use serde_json::{Value, json};

/// When a fact holds, `[from, to)`; an absent side is open.
#[derive(Clone, Copy)]
pub struct Span {
    from: Option<&'static str>,
    to: Option<&'static str>,
}

pub const ALWAYS: Span = Span { from: None, to: None };

pub const fn since(from: &'static str) -> Span {
    Span { from: Some(from), to: None }
}

pub const fn until(to: &'static str) -> Span {
    Span { from: None, to: Some(to) }
}

pub const fn between(from: &'static str, to: &'static str) -> Span {
    Span { from: Some(from), to: Some(to) }
}

/// The fields of one fact in the order in which they are written; those that are null are left out.
pub type Fields = Vec<(&'static str, Value)>;

pub trait Fact {
    const KIND: &'static str;
    fn fields(&self) -> Fields;
    fn span(&self) -> Span;
}

/// Appends one line for each fact.
pub fn write_all<F: Fact>(facts: &[F], out: &mut String) {
    for fact in facts {
        let Span { from, to } = fact.span();
        let mut fields = vec![("kind", json!(F::KIND))];
        fields.extend(fact.fields());
        fields.extend([("from", json!(from)), ("to", json!(to))]);
        // By hand, because a map would sort the keys and `kind` would not come first.
        let text: Vec<String> = (fields.iter().filter(|(_, value)| !value.is_null()))
            .map(|(name, value)| format!("{}:{value}", json!(name)))
            .collect();
        out.extend(["{", &text.join(","), "}\n"]);
    }
}

/// Where a role or a deny is assigned. `Root` is the tenant root group.
#[derive(Clone, Copy)]
pub enum Scope {
    Root(&'static str),
    ManagementGroup(&'static str),
    Subscription(&'static str),
    ResourceGroup(&'static str, &'static str),
    /// Subscription, resource group, and what follows `/providers/`.
    Resource(&'static str, &'static str, &'static str),
}

impl Scope {
    fn path(self) -> String {
        match self {
            Self::Root(name) | Self::ManagementGroup(name) => {
                format!("/providers/Microsoft.Management/managementGroups/{name}")
            }
            Self::Subscription(id) => format!("/subscriptions/{id}"),
            Self::ResourceGroup(id, group) => format!("/subscriptions/{id}/resourceGroups/{group}"),
            Self::Resource(id, group, rest) => {
                format!("/subscriptions/{id}/resourceGroups/{group}/providers/{rest}")
            }
        }
    }
}

/// Gives a table row its fact kind, its interval (field `span`) and its fields.
macro_rules! fact {
    ($type:ident, $kind:literal, |$it:ident| $fields:expr) => {
        impl Fact for $type {
            const KIND: &'static str = $kind;
            fn fields(&self) -> Fields {
                let $it = self;
                $fields
            }
            fn span(&self) -> Span {
                self.span
            }
        }
    };
}

pub struct Partner {
    pub id: &'static str,
    pub name: &'static str,
    /// The global account of a location; a global account has none.
    pub parent: Option<&'static str>,
    pub home: &'static str,
    pub span: Span,
}
fact!(Partner, "partner", |it| vec![
    ("partner", json!(it.id)),
    ("name", json!(it.name)),
    ("type", json!(if it.parent.is_some() { "location" } else { "global" })),
    ("parent", json!(it.parent)),
    ("homeTenant", json!(it.home)),
]);

pub struct Tenant {
    pub id: &'static str,
    pub name: &'static str,
    pub domain: &'static str,
    pub span: Span,
}
fact!(Tenant, "tenant", |it| vec![
    ("tenant", json!(it.id)),
    ("name", json!(it.name)),
    ("domain", json!(it.domain)),
]);

#[derive(Clone, Copy)]
pub enum Sort {
    Member,
    Guest,
    Group,
    ServicePrincipal,
    ManagedIdentity,
}

pub struct Principal {
    pub tenant: &'static str,
    pub object: &'static str,
    pub sort: Sort,
    pub name: &'static str,
    pub enabled: bool,
    pub span: Span,
}
fact!(Principal, "principal", |it| {
    let (sort, user) = match it.sort {
        Sort::Member => ("User", Some("Member")),
        Sort::Guest => ("User", Some("Guest")),
        Sort::Group => ("Group", None),
        Sort::ServicePrincipal => ("ServicePrincipal", None),
        Sort::ManagedIdentity => ("ManagedIdentity", None),
    };
    vec![
        ("tenant", json!(it.tenant)),
        ("object", json!(it.object)),
        ("type", json!(sort)),
        ("userType", json!(user)),
        ("name", json!(it.name)),
        ("enabled", json!((!it.enabled).then_some(false))),
    ]
});

pub struct Membership {
    pub tenant: &'static str,
    pub group: &'static str,
    pub member: &'static str,
    pub span: Span,
}
fact!(Membership, "membership", |it| vec![
    ("tenant", json!(it.tenant)),
    ("group", json!(it.group)),
    ("member", json!(it.member)),
]);

pub struct ManagementGroup {
    pub tenant: &'static str,
    pub name: &'static str,
    pub display: &'static str,
    pub parent: Option<&'static str>,
    pub span: Span,
}
fact!(ManagementGroup, "managementGroup", |it| vec![
    ("tenant", json!(it.tenant)),
    ("name", json!(it.name)),
    ("displayName", json!(it.display)),
    ("parent", json!(it.parent)),
]);

pub struct Subscription {
    pub tenant: &'static str,
    pub id: &'static str,
    pub name: &'static str,
    pub group: Option<&'static str>,
    pub span: Span,
}
fact!(Subscription, "subscription", |it| vec![
    ("tenant", json!(it.tenant)),
    ("subscription", json!(it.id)),
    ("name", json!(it.name)),
    ("managementGroup", json!(it.group)),
]);

pub struct RoleDefinition {
    pub role: &'static str,
    pub name: &'static str,
    pub actions: &'static [&'static str],
    pub span: Span,
}
fact!(RoleDefinition, "roleDefinition", |it| vec![
    ("role", json!(it.role)),
    ("name", json!(it.name)),
    ("type", json!("CustomRole")),
    ("actions", json!(it.actions)),
    ("notActions", json!([])),
    ("dataActions", json!([])),
    ("notDataActions", json!([])),
]);

/// The id of the `n`-th thing of a sort that nobody needs to call by name.
fn numbered(tenant: &str, sort: &str, n: u32) -> String {
    format!("{}-{sort}-4000-8000-{n:012}", &tenant[..8])
}

pub struct RoleAssignment {
    pub tenant: &'static str,
    pub number: u32,
    pub principal: &'static str,
    pub role: &'static str,
    pub scope: Scope,
    pub eligible: bool,
    pub condition: Option<&'static str>,
    pub span: Span,
}
fact!(RoleAssignment, "roleAssignment", |it| vec![
    ("tenant", json!(it.tenant)),
    ("id", json!(numbered(it.tenant, "a551", it.number))),
    ("principal", json!(it.principal)),
    ("role", json!(it.role)),
    ("scope", json!(it.scope.path())),
    ("eligible", json!(it.eligible.then_some(true))),
    ("condition", json!(it.condition)),
]);

pub struct DenyAssignment {
    pub tenant: &'static str,
    pub number: u32,
    pub exclude: &'static [&'static str],
    pub actions: &'static [&'static str],
    pub scope: Scope,
    pub span: Span,
}
fact!(DenyAssignment, "denyAssignment", |it| vec![
    ("tenant", json!(it.tenant)),
    ("id", json!(numbered(it.tenant, "de41", it.number))),
    ("principals", json!([super::ids::EVERYONE])),
    ("excludePrincipals", json!(it.exclude)),
    ("actions", json!(it.actions)),
    ("notActions", json!([])),
    ("scope", json!(it.scope.path())),
    ("doNotApplyToChildScopes", json!(false)),
]);

pub struct Authorization {
    pub principal: &'static str,
    pub role: &'static str,
    pub eligible: bool,
}

pub struct Delegation {
    pub tenant: &'static str,
    pub number: u32,
    pub scope: Scope,
    pub managing: &'static str,
    pub authorizations: &'static [Authorization],
    pub span: Span,
}
fact!(Delegation, "delegation", |it| {
    let list: Vec<Value> = (it.authorizations.iter())
        .map(|a| json!({"eligible": a.eligible, "principal": a.principal, "role": a.role}))
        .collect();
    vec![
        ("tenant", json!(it.tenant)),
        ("id", json!(numbered(it.tenant, "de1e", it.number))),
        ("scope", json!(it.scope.path())),
        ("managingTenant", json!(it.managing)),
        ("authorizations", json!(list)),
    ]
});

pub struct Link {
    pub tenant: &'static str,
    pub object: &'static str,
    pub partner: &'static str,
    pub span: Span,
}
fact!(Link, "link", |it| vec![
    ("tenant", json!(it.tenant)),
    ("object", json!(it.object)),
    ("partner", json!(it.partner)),
]);
